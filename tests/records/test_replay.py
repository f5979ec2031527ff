"""What the labels of a plane are after its actions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from records.pixel_runs import encode_pixels
from records.questions import LabelClass
from records.replay import HISTORY_STEPS, classes_with_objects, replay_event, replay_plane, same_plane


class Log:
    """Actions with short names, as they stand in the database."""

    def __init__(self) -> None:
        self.actions: list[Any] = []

    def add(self, tool: str, **payload: Any) -> str:
        name = f"a{len(self.actions)}"
        self.actions.append(SimpleNamespace(id=name, tool=tool, payload=payload))
        return name

    def paint(self, pixels: Any, label: int, tool: str = "brush") -> str:
        return self.add(tool, **{"class": label, "pixels": encode_pixels(pixels)})

    def classes(self, pixels: int = 6) -> list[int]:
        return replay_plane(self.actions, pixels).classes.tolist()


def test_later_strokes_win_and_fill_spares_what_is_labelled() -> None:
    log = Log()
    log.paint([0, 1, 2], LabelClass.MIP)
    log.paint([2, 3], LabelClass.MICHEL, "lasso")
    log.paint(range(6), LabelClass.SHOWER, "fill")
    log.add("erase", pixels=encode_pixels([0]))
    log.paint([5], LabelClass.IMPOSSIBLE)
    assert log.classes() == [-1, 1, 4, 4, 2, 9]


def test_undo_and_redo_are_actions_of_their_own() -> None:
    log = Log()
    first = log.paint([0, 1], LabelClass.MIP)
    second = log.paint([1], LabelClass.DELTA)
    log.add("undo", action=second)
    assert log.classes(2) == [1, 1]
    log.add("undo", action=second)  # from another tab: nothing more to undo
    log.add("undo", action=first)
    labels = replay_plane(log.actions, 2)
    assert (labels.classes.tolist(), labels.undo, labels.redo) == ([-1, -1], (), (second, first))
    log.add("redo", action=first)
    log.add("redo", action=first)
    assert (log.classes(2), replay_plane(log.actions, 2).redo) == ([1, 1], (second,))
    third = log.paint([0], LabelClass.HIP)
    labels = replay_plane(log.actions, 2)
    assert (labels.classes.tolist(), labels.undo, labels.redo) == ([0, 1], (first, third), ())
    log.add("undo", action="unknown")
    log.add("redo", action=third)
    assert log.classes(2) == [0, 1]


def test_what_another_tab_did_in_between_stays_when_a_stroke_is_undone() -> None:
    log = Log()
    mine = log.paint([0, 1, 2], LabelClass.MIP)
    log.paint([2, 3], LabelClass.MICHEL)
    log.add("undo", action=mine)
    assert log.classes(4) == [-1, -1, 4, 4]
    log.add("redo", action=mine)  # back in its place, below the other tab's stroke
    assert log.classes(4) == [1, 1, 4, 4]


def test_a_hundred_steps_can_be_undone() -> None:
    log = Log()
    names = [log.paint([i], LabelClass.MIP) for i in range(HISTORY_STEPS + 20)]
    assert replay_plane(log.actions, 200).undo == tuple(names[20:])
    for name in reversed(names[20:]):
        log.add("undo", action=name)
    labels = replay_plane(log.actions, 200)
    assert np.count_nonzero(labels.classes == LabelClass.MIP) == 20
    assert labels.redo == tuple(reversed(names[20:]))


def test_objects_are_replaced_by_their_id_and_removed() -> None:
    log = Log()
    michel = {"object": "m", "state": "unsure", "end": None, "core": "", "photons": ""}
    log.add("michel", **michel)
    log.add("michel", **{**michel, "state": "present", "end": [4, 7.5], "core": encode_pixels([1, 2])})
    gone = log.add("shower", object="s", start=[1, 2], direction=[0, -1.5], pixels=encode_pixels([3]))
    labels = replay_plane(log.actions, 6)
    (found,), (shower,) = labels.michels, labels.showers
    assert (found.state, found.end, found.core.tolist()) == ("present", (4.0, 7.5), [1, 2])
    assert (shower.start, shower.direction, shower.pixels.tolist()) == ((1.0, 2.0), (0.0, -1.5), [3])
    log.add("remove", object="s")
    assert not replay_plane(log.actions, 6).showers
    log.add("undo", action=gone)
    log.add("remove", object="m")
    assert same_plane(replay_plane(log.actions, 6), replay_plane([], 6))


def test_verdict_and_comment_of_the_event() -> None:
    log = Log()
    log.add("comment", text="a bright one")
    log.add("verdict", verdict="complete", michel="present")
    last = log.add("verdict", verdict="unsure", michel=None)
    said = replay_event(log.actions)
    assert (said.verdict, said.michel, said.comment) == ("unsure", None, "a bright one")
    log.add("undo", action=last)
    assert replay_event(log.actions).michel == "present"
    assert replay_event([]) == replay_event(log.actions[:0])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["brush", "fill", "erase", "undo", "redo"]), st.integers(0, 7))))
def test_undoing_everything_leaves_nothing_and_redoing_it_brings_all_back(
    steps: list[tuple[str, int]],
) -> None:
    log = Log()
    for tool, number in steps:
        if tool in ("undo", "redo"):
            log.add(tool, action=f"a{number}")
        elif tool == "erase":
            log.add(tool, pixels=encode_pixels([number]))
        else:
            log.paint([number, (number + 1) % 8], number % 5, tool)
    before = replay_plane(log.actions, 8)
    for name in reversed(before.undo):
        log.add("undo", action=name)
    assert (replay_plane(log.actions, 8).classes == -1).all()
    for name in before.undo:
        log.add("redo", action=name)
    assert same_plane(before, replay_plane(log.actions, 8))


def test_pixels_of_objects_that_were_left_alone_are_of_the_object() -> None:
    log = Log()
    core, photons = encode_pixels([1, 2]), encode_pixels([4])
    log.add("michel", object="m", state="present", end=None, core=core, photons=photons)
    log.add("michel", object="n", state="absent", end=None, core=encode_pixels([7]), photons="")
    log.add("shower", object="s", start=[0, 0], direction=None, pixels=encode_pixels([5, 6]))
    log.paint([2, 5], LabelClass.MIP)
    labels = replay_plane(log.actions, 8)
    assert classes_with_objects(labels).tolist() == [-1, 4, 1, -1, 2, 1, 2, -1]
    assert labels.classes.tolist() == [-1, -1, 1, -1, -1, 1, -1, -1]
