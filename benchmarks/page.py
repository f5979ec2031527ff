"""The event page in a headless Chromium, beside go.Heatmap of the same planes in a plain Dash app.

Opening an event until its three planes are drawn, changing its look, and what it costs in bytes and
requests.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

from selenium.webdriver.common.keys import Keys

from benchmarks.browser import Browser, browser
from benchmarks.serving import DEMO_FILE, Served, app, served
from benchmarks.table import ABSENT, goal, print_machine, print_table, ratio, spread

OPEN_GOAL_S, LOOK_GOAL_MS, BYTES_GOAL_MB = 0.5, 100.0, 1.0
NEUTRINO_ENTRIES = 8
"""The demo begins with so many events of the sample bnb, the fullest ones."""

# The first visit of each round, and the events that are opened after it; the page fetches the
# event behind the one it shows, so that stepping down finds each one new to browser and server.
_FIRST, _OTHERS, _FOUND = 7, (5, 3, 1), 0

_ARGONSCOPE_DRAWN = (
    "window.argonscope && argonscope.timing && argonscope.event && argonscope.event.planes"
    " && Object.keys(argonscope.event.planes).length === 3 && argonscope.panes.length === 3"
)
_HEATMAP_DRAWN = (
    "(images => images.length === 3 && images.every(image => image.getAttribute('href')"
    " || image.getAttributeNS('http://www.w3.org/1999/xlink', 'href')))"
    "([...document.querySelectorAll('.heatmaplayer image')])"
)

Samples = defaultdict[str, list[float]]


def measure(rounds: int) -> tuple[Samples, Samples]:
    """Samples of ArgonScope and of the heat maps, by what was measured; the two take turns."""
    ours: Samples = defaultdict(list)
    theirs: Samples = defaultdict(list)
    command = ["-m", "benchmarks.heatmap", str(DEMO_FILE), str(NEUTRINO_ENTRIES)]
    with browser() as window, served(command) as heatmap:
        for turn in range(rounds):
            window.forget()
            with app("--no-worker") as server:
                _measure_page(window, server, ours)
            window.forget()
            _measure_heatmap(window, heatmap, _OTHERS[turn % len(_OTHERS)], theirs)
    return ours, theirs


def _measure_page(window: Browser, server: Served, samples: Samples) -> None:
    """One round on an app that was just started, with an empty browser cache."""
    events = f"{server.address}/event/{DEMO_FILE.name}"
    window.pages_are_drawn_when(_ARGONSCOPE_DRAWN)
    samples["first"].append(window.open(f"{events}/{_FIRST}"))
    _wait_until_idle(window)
    for entry in _OTHERS:
        samples["open"].append(window.open(f"{events}/{entry}"))
        samples["asked"].append(window.js("argonscope.timing.opened") / 1000)
        planes, header = window.bytes_of(f"/events/{entry}/planes"), window.bytes_of(f"/events/{entry}")
        samples["bytes"].append((planes + header) / 1e6)
        _wait_until_idle(window)
    samples["again"].append(window.open(f"{events}/{_OTHERS[-1]}"))
    _wait_until_idle(window)
    samples["next"].append(window.press("n", _shown(_OTHERS[-1] + 1)))
    _wait_until_idle(window)
    window.js("document.getElementById('find').focus()")
    samples["find"].append(window.press([str(_FOUND + 1), Keys.ENTER], _shown(_FOUND)))
    _wait_until_idle(window)
    _measure_look(window, samples)


def _shown(entry: int) -> str:
    return f"argonscope.event.entry === {entry} && argonscope.timing.drawn > stopwatch.begun"


def _measure_look(window: Browser, samples: Samples) -> None:
    """Changes of look by key; the range through the control of the page."""
    window.js("argonscope.on('drawn', function () { window.lookDrawn = JSON.stringify(argonscope.look); })")
    before = window.settle()
    for overlay, key in (("truth", "t"), ("instances", "i"), ("none", "x")):
        samples["overlay"].append(_look_ms(window, key, f"overlay === '{overlay}'"))
    for name in ("jet", "grey", "viridis"):
        samples["map"].append(_look_ms(window, "m", f"map === '{name}'"))
    window.js("document.querySelectorAll('#charge-range [role=slider]')[1].focus()")
    most = window.js("argonscope.look.high")
    for step in (5, 10, 15):
        samples["contrast"].append(_look_ms(window, Keys.ARROW_RIGHT, f"high === {most + step}"))
    samples["requests"].append(window.settle() - before)


def _look_ms(window: Browser, key: str, condition: str) -> float:
    """From a key to the frame in which the look it asks for has been painted."""
    return 1000 * window.press([key], f"window.lookDrawn && JSON.parse(lookDrawn).{condition}")


def _wait_until_idle(window: Browser) -> None:
    window.wait("argonscope.mounted && argonscope.weights.length && document.readyState === 'complete'")
    window.settle()


def _measure_heatmap(window: Browser, server: Served, entry: int, samples: Samples) -> None:
    """One round on the heat maps, beginning with an empty browser cache."""
    window.pages_are_drawn_when(_HEATMAP_DRAWN)
    samples["first"].append(window.open(f"{server.address}/{_FIRST}"))
    samples["open"].append(window.open(f"{server.address}/{entry}"))
    samples["bytes"].append(window.bytes_of("/_dash-update-component") / 1e6)
    before = window.settle()
    for most in (105, 110):
        restyle = (
            "window.restyled = false;"
            f"Plotly.restyle(document.querySelector('.js-plotly-plot'), {{zmax: {most}}})"
            ".then(function () { window.restyled = true; })"
        )
        samples["contrast"].append(1000 * window.call(restyle, "window.restyled"))
    samples["requests"].append(window.settle() - before)


def report(ours: Samples, theirs: Samples) -> None:
    """Print the table."""
    rows = [
        ("first visit, all caches empty", "first", "s", ""),
        ("another event by its address, warm", "open", "s", goal(ours["open"], OPEN_GOAL_S, "≤ 0.5 s")),
        ("of this, until the page asks for the event", "asked", "s", ""),
        ("the same event once more", "again", "s", goal(ours["again"], OPEN_GOAL_S, "≤ 0.5 s")),
        ("another event through the find box", "find", "s", goal(ours["find"], OPEN_GOAL_S, "≤ 0.5 s")),
        ("the next event by key", "next", "s", goal(ours["next"], OPEN_GOAL_S, "≤ 0.5 s")),
        ("bytes an event", "bytes", "MB", goal(ours["bytes"], BYTES_GOAL_MB, "≤ 1 MB")),
        ("contrast", "contrast", "ms", goal(ours["contrast"], LOOK_GOAL_MS, "≤ 100 ms")),
        ("colour map by key", "map", "ms", goal(ours["map"], LOOK_GOAL_MS, "≤ 100 ms")),
        ("overlay by key", "overlay", "ms", goal(ours["overlay"], LOOK_GOAL_MS, "≤ 100 ms")),
        ("requests of these changes", "requests", "", goal(ours["requests"], 0, "none")),
    ]
    print_table(
        f"Event page, three planes of bnb events, {len(ours['first'])} rounds: median (smallest–largest)",
        ["measured", "ArgonScope", "go.Heatmap", "go.Heatmap / ArgonScope", "goal"],
        [
            [
                words,
                _cell(ours[key], unit),
                _cell(theirs[key], unit),
                ratio(theirs[key], ours[key]),
                aim or ABSENT,
            ]
            for words, key, unit, aim in rows
        ],
    )


def _cell(values: list[float], unit: str) -> str:
    return spread(values, unit, 2 if unit in ("s", "MB") else 0).replace("  ", " ")


def main() -> None:
    """``python -m benchmarks page``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="repetitions (default: %(default)s)")
    rounds = parser.parse_args().rounds
    print_machine()
    report(*measure(rounds))


if __name__ == "__main__":
    main()
