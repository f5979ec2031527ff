"""Job keys and job files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from inference.jobs import JobFolder, JobRequest, JobRun, job_key, new_ticket
from lartpc.event import WireImage
from records.folder import DataFolder

MakeImage = Callable[..., WireImage]
SETTINGS = {"adc_min": 10.0, "adc_max": 300.0, "saturate": False}


def request_for(image: WireImage) -> JobRequest:
    key = job_key(image, "toy", "f" * 64, SETTINGS)
    how = ("toy", "quick", "f" * 64, SETTINGS)
    return JobRequest(key, new_ticket(), image.plane, *how, time.time(), image.content_hash)


@pytest.fixture
def jobs(folder: DataFolder) -> JobFolder:
    return JobFolder(folder.jobs)


def test_equal_questions_have_one_key(make_image: MakeImage) -> None:
    first = job_key(make_image(), "toy", "f" * 64, SETTINGS)
    again = job_key(make_image(), "toy", "f" * 64, dict(reversed(SETTINGS.items())))
    assert first == again


@pytest.mark.parametrize(
    ("image", "network", "weights", "settings"),
    [
        ({"seed": 1}, "toy", "f" * 64, SETTINGS),
        ({"plane": "U"}, "toy", "f" * 64, SETTINGS),
        ({"gain": 0.25}, "toy", "f" * 64, SETTINGS),
        ({}, "other", "f" * 64, SETTINGS),
        ({}, "toy", "e" * 64, SETTINGS),
        ({}, "toy", "f" * 64, {**SETTINGS, "saturate": True}),
    ],
)
def test_whatever_decides_the_answer_changes_the_key(
    make_image: MakeImage, image: dict, network: str, weights: str, settings: dict
) -> None:
    assert job_key(make_image(**image), network, weights, settings) != job_key(
        make_image(), "toy", "f" * 64, SETTINGS
    )


def test_the_worker_reads_the_image_that_was_put_down(jobs: JobFolder, make_image: MakeImage) -> None:
    image = replace(
        make_image(gain=0.25),
        tick_order=-1,
        first_tick=2400,
        first_wire=5,
        dead_wires=np.array([3], np.int32),
    )
    request = request_for(image)
    jobs.add(request, image)
    found = jobs.image(request)
    assert found.content_hash == image.content_hash
    assert (found.gain, found.shape, found.tick_order) == (0.25, (100, 100), -1)
    assert (found.first_tick, found.first_wire) == (2400, 5)
    np.testing.assert_array_equal(found.dead_wires, [3])


def test_a_newer_ticket_replaces_the_older(jobs: JobFolder, make_image: MakeImage) -> None:
    old = request_for(make_image())
    new = replace(old, ticket=new_ticket())
    jobs.add(old, make_image())
    jobs.add(new, make_image())
    assert not jobs.wanted(old)
    assert jobs.wanted(new)
    jobs.remove(old)
    assert jobs.wanted(new)


def test_a_job_that_ended_just_now_can_be_cancelled_in_vain(jobs: JobFolder, make_image: MakeImage) -> None:
    request = request_for(make_image())
    jobs.add(request, make_image())
    jobs.remove(request)
    jobs.cancel(request)
    assert not jobs.cancelled(request)


def test_a_cancelled_job_is_not_wanted_and_keeps_no_pixels(jobs: JobFolder, make_image: MakeImage) -> None:
    request = request_for(make_image())
    jobs.add(request, make_image())
    jobs.cancel(request)
    assert not jobs.wanted(request)
    with pytest.raises(FileNotFoundError):
        jobs.image(request)


def test_only_one_second_try_can_be_claimed(jobs: JobFolder, make_image: MakeImage) -> None:
    request = request_for(make_image())
    jobs.add(request, make_image())
    assert jobs.resent(request) is None
    assert jobs.mark_resent(request)
    assert not jobs.mark_resent(request)
    assert jobs.resent(request) == pytest.approx(time.time(), abs=60)


def test_a_damaged_request_is_no_request(jobs: JobFolder, folder: DataFolder, make_image: MakeImage) -> None:
    request = request_for(make_image())
    path = folder.jobs / f"{request.key}.json"
    for text in ("", "{}", '{"ticket": "../../x"}', '{"ticket": "' + "a" * 32 + '"}'):
        path.write_text(text)
        assert jobs.request(request.key) is None


def test_yesterdays_failures_are_swept_and_waiting_jobs_stay(jobs: JobFolder, make_image: MakeImage) -> None:
    waiting, failed, fresh = (request_for(make_image(seed)) for seed in range(3))
    for seed, request in enumerate((waiting, failed, fresh)):
        jobs.add(request, make_image(seed))
    for request in (failed, fresh):
        jobs.write_run(request, JobRun("w", 1, 0.0, state="failed", error="broken"))
    later = time.time() + 25 * 3600
    jobs.sweep(now=time.time())
    assert len(jobs.requests()) == 3
    jobs.sweep(now=later)
    assert [request.key for request in jobs.requests()] == [waiting.key]
    assert jobs.image(waiting).content_hash == make_image(0).content_hash
