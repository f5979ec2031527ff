"""Running a network with a real worker process: answers, waiting, cancelling, failing, dying."""

from __future__ import annotations

import os
import signal

from page import ScanPage, Serving

ALL_DONE = "argonscope.state().predicted.length === 3"


def _words(page: ScanPage) -> str:
    return " | ".join(page.text(f"job-words-{plane}") for plane in "UVY")


def test_run_paints_the_prediction_on_all_planes(page: ScanPage) -> None:
    page.open("/event/demo.h5/8")
    page.choose_weights("quick")
    charge = {plane: page.js(f"argonscope.paneSums('{plane}')") for plane in "UVY"}
    page.click("run")
    page.wait(ALL_DONE)
    assert page.state()["look"]["overlay"] == "class"
    for plane in "UVY":
        page.until(
            lambda plane=plane: page.js(f"argonscope.paneSums('{plane}')") != charge[plane],
            f"plane {plane} changes",
        )
    page.until(lambda: "cpu" in page.text("job-words-Y"), "device and time are told")
    assert "0.13 s" in page.text("job-words-Y")
    counts = page.js(
        "[...document.querySelectorAll('#legend tr')].slice(1, 3)"
        ".map(row => [...row.cells].map(cell => cell.textContent))"
    )
    assert [row[0] for row in counts] == ["HIP", "MIP"]
    expected = page.js("argonscope.event.planes.Y.adc.filter(adc => adc > 120 && adc < 300).length")
    assert counts[0][3] == str(expected)
    page.keys("d")
    page.wait("argonscope.look.overlay === 'disagreement'")
    page.until(lambda: "differ" in page.text("legend"), "the counts of the disagreement")


def test_a_stored_answer_comes_with_the_event(page: ScanPage) -> None:
    page.open("/event/demo.h5/9")
    page.choose_weights("quick")
    page.click("run")
    page.wait(ALL_DONE)
    page.open("/event/demo.h5/9?overlay=class")
    page.wait(ALL_DONE)
    rows = page.driver.execute_async_script("argonscope.eventRows('demo.h5').then(arguments[0]);")
    assert rows[9]["predicted"] is True


def test_one_plane_runs_alone(page: ScanPage) -> None:
    page.open("/event/demo.h5/10")
    page.choose_weights("quick")
    page.wait("!document.querySelector('[aria-label=\"Run on plane V\"]').disabled")
    page.driver.find_element("css selector", "[aria-label='Run on plane V']").click()
    page.wait("argonscope.state().predicted.join() === 'V'")


def test_automatic_run_follows_the_events(page: ScanPage) -> None:
    page.open("/event/demo.h5/11")
    page.choose_weights("quick")
    page.keys("a")
    page.wait(ALL_DONE)
    page.keys("n")
    page.wait("argonscope.event.entry === 12")
    page.wait(ALL_DONE)
    page.keys("a")


def test_another_gain_asks_anew(page: ScanPage) -> None:
    page.open("/event/demo.h5/13")
    page.choose_weights("quick")
    page.click("run")
    page.wait(ALL_DONE)
    page.js("argonscope.setOption('gain', {U: 2, V: 2, Y: 2})")
    page.wait("argonscope.state().predicted.length === 0")
    page.keys("r")
    page.wait(ALL_DONE)
    hips = "argonscope.event.planes.Y.prediction.classes([0, 0, 0, 0, 0]).filter(c => c === 0).length"
    expected = page.js("argonscope.event.planes.Y.adc.filter(a => a * 2 > 120 && a * 2 < 300).length")
    assert page.js(hips) == expected


def test_waiting_jobs_say_so_and_can_be_cancelled(page: ScanPage) -> None:
    page.open("/event/demo.h5/14")
    page.choose_weights("slow")
    page.click("run")
    page.until(lambda: "running" in _words(page), "one plane runs")
    page.until(lambda: "ahead" in _words(page) or "next" in _words(page), "the others wait")
    page.click("cancel")
    page.until(lambda: _words(page) == "cancelled | cancelled | cancelled", "all are cancelled")
    page.choose_weights("quick")
    page.click("run")
    page.wait(ALL_DONE)


def test_a_failure_tells_its_reason_and_the_page_lives_on(page: ScanPage) -> None:
    page.open("/event/demo.h5/15")
    page.choose_weights("broken")
    page.click("run")
    page.until(lambda: "broken on purpose" in page.text("run-problem"), "the reason")
    page.choose_weights("quick")
    assert page.text("run-problem") == ""
    page.click("run")
    page.wait(ALL_DONE)


def test_a_network_that_kills_its_process_is_run_again(page: ScanPage) -> None:
    page.open("/event/demo.h5/16")
    page.choose_weights("deadly")
    page.click("run")
    page.wait(ALL_DONE)


def test_a_killed_worker_comes_back_and_finishes(page: ScanPage, serving: Serving) -> None:
    page.open("/event/demo.h5/17")
    page.until(lambda: serving.worker.pid, "a worker")
    before = serving.worker.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    page.until(lambda: serving.worker.pid not in (None, before), "another worker")
    page.choose_weights("quick")
    page.click("run")
    page.wait(ALL_DONE)


def test_a_file_that_is_no_hdf5_gives_a_sentence_and_the_next_opens(page: ScanPage) -> None:
    page.open("/event/demo.h5/0")
    page.wait("argonscope.files.length === 3")
    page.js("argonscope.open('broken.h5', 0, {push: true})")
    page.wait("argonscope.event.error")
    assert page.text("message-text").startswith("broken.h5: ")
    assert "not an HDF5 file" in page.text("message-text")
    assert page.element("run").get_attribute("disabled") is not None
    page.js("argonscope.open('demo.h5', 0, {push: true})")
    page.wait("argonscope.event.file === 'demo.h5' && argonscope.panes.length === 3")
    assert page.element("message").is_displayed() is False


def test_addresses_that_lead_nowhere_give_a_sentence(page: ScanPage) -> None:
    page.open("/event/absent.h5/0")
    assert "no file named 'absent.h5'" in page.text("message-text")
    page.open("/event/demo.h5/99")
    assert "demo.h5 has no entry 99" in page.text("message-text")
    page.open("/elsewhere")
    assert page.text("message-text") == "There is no page at /elsewhere; choose a file above."
    expected = ("404", "absent.h5", "events/99")
    assert all(any(part in line for part in expected) for line in page.console())


def test_automatic_runs_of_events_left_behind_do_not_stand_in_the_way(page: ScanPage) -> None:
    page.open("/event/demo.h5/14")
    page.choose_weights("slow")
    page.keys("a")
    page.wait("argonscope.busy() && Object.values(argonscope.jobs).every(job => job.key)")
    left = page.js("Object.values(argonscope.jobs).map(job => job.key)")
    page.keys("n")
    page.wait("argonscope.event.entry === 15 && argonscope.busy()")
    page.until(
        lambda: page.driver.execute_async_script(
            "const done = arguments[1];"
            "argonscope.requestJson('api/jobs?keys=' + arguments[0].join(','))"
            ".then(jobs => done(Object.values(jobs).every(job => job.state !== 'queued')));",
            left,
        ),
        "no job of the event before waits",
    )
    page.keys("a")
    page.click("cancel")
    page.wait("!argonscope.busy()")
    page.driver.execute_script(
        "arguments[0].forEach(key => argonscope.post('api/jobs/' + key + '/cancel', {}));", left
    )


def test_a_job_that_another_page_withdrew_is_asked_for_again(page: ScanPage) -> None:
    page.open("/event/demo.h5/16")
    page.choose_weights("slow")
    page.click("run")
    page.wait("argonscope.jobs.Y && argonscope.jobs.Y.state === 'queued'")
    page.driver.execute_async_script(
        "argonscope.post('api/jobs/' + argonscope.jobs.Y.key + '/cancel', {}).then(() => arguments[0]());"
    )
    page.driver.execute_async_script("setTimeout(arguments[0], 600);")
    page.wait("['queued', 'running'].includes(argonscope.jobs.Y.state)")
    page.click("cancel")
    page.wait("!argonscope.busy()")
    assert page.text("job-words-Y") == "cancelled"
