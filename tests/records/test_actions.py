"""What a browser may send as an action, and the sentence that refuses the rest."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from label_cases import KEY, WEIGHTS, action, paint

from records.actions import LabelError, TargetImage, check_action
from records.pixel_runs import encode_pixels
from records.questions import FREE_CHOICES, LabelClass, choices_of

IMAGE = TargetImage("b" * 64, "a" * 64, 40, 100, 120)
MICHEL = {"object": "m", "state": "present", "end": [3, 4], "core": encode_pixels([1]), "photons": ""}
SHOWER = {"object": "s", "start": [3, 4], "direction": None, "pixels": ""}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "1"}, "the id of an action is '1'; expected a UUID"),
        ({"id": str(uuid.uuid4()).upper()}, "expected a UUID in lower case"),
        ({"tool": "spray"}, "unknown tool 'spray'; expected one of brush"),
        ({"plane": "X"}, "plane 'X' is not asked here; expected event, Y"),
        ({"plane": ["Y"]}, "is not asked here"),
        ({"plane": "event"}, "brush does not go with plane event"),
        ({"image_hash": "0" * 64}, "made on another image"),
        ({"image_hash": None}, "made on another image"),
        ({"payload": {"class": 7, "pixels": "AQE="}}, r"unknown class 7; expected 0 \(HIP\)"),
        ({"payload": {"class": True, "pixels": "AQE="}}, "unknown class True"),
        ({"payload": {"class": 1.0, "pixels": "AQE="}}, "unknown class 1.0"),
        ({"payload": {"class": 1}}, "the payload has class; expected class, pixels"),
        ({"payload": {"class": 1, "pixels": ""}}, "it has no pixels"),
        ({"payload": {"class": 1, "pixels": 3}}, "a set of pixels is 3; expected a text"),
        ({"payload": {"class": 1, "pixels": "ZZ8BZZ8B"}}, "out of range"),
        ({"payload": {"class": 1, "pixels": "A" * 500_000}}, "at most 400000 characters"),
        ({"payload": None}, "no JSON object"),
        ({"time": "now"}, "time is 'now'; expected seconds since 1970"),
        ({"time": float("nan")}, "time is nan"),
        ({"app_version": None}, "app_version is None"),
        (
            {"prediction": {"key": "x", "weights": WEIGHTS}},
            "50 job keys, each with the hash",
        ),
        ({"prediction": [{"key": KEY}]}, "expected at most 50 job keys"),
        ({"prediction": "seen"}, "expected at most 50 job keys"),
        ({"prediction": [{"key": KEY, "weights": WEIGHTS}] * 51}, "expected at most 50 job keys"),
        ({"tool": "erase"}, "the payload has class, pixels; expected pixels"),
        ({"tool": "undo", "payload": {"action": "last"}}, "expected a UUID"),
        ({"tool": "michel", "payload": {**MICHEL, "state": "maybe"}}, "state is 'maybe'; expected present"),
        (
            {"tool": "michel", "payload": {**MICHEL, "end": [100, 0]}},
            r"end is \[100, 0\]; expected a row below 100",
        ),
        (
            {"tool": "michel", "payload": {**MICHEL, "photons": encode_pixels([1])}},
            "in the core .* and in a detached",
        ),
        ({"tool": "michel", "payload": {**MICHEL, "object": "a b"}}, "expected 1 to 36 letters"),
        ({"tool": "shower", "payload": {**SHOWER, "start": [0]}}, r"start is \[0\]"),
        ({"tool": "shower", "payload": {**SHOWER, "direction": [0, 0]}}, "not both 0"),
        ({"tool": "shower", "payload": {**SHOWER, "direction": [float("inf"), 0]}}, "direction is"),
        ({"tool": "remove", "payload": {}}, "the payload has nothing; expected object"),
        (
            {"tool": "verdict", "plane": "event", "payload": {"verdict": "good", "michel": None}},
            "verdict is 'good'; expected null or complete, unsure, impossible",
        ),
        ({"tool": "comment", "plane": "event", "payload": {"text": "a\0b"}}, "the comment is"),
        ({"tool": "comment", "plane": "event", "payload": {"text": "a" * 4001}}, "at most 4000 characters"),
        ({"tool": "comment", "payload": {"text": "a"}}, "comment does not go with plane Y"),
    ],
)
def test_what_is_no_action_is_refused_in_one_sentence(change: dict[str, Any], sentence: str) -> None:
    sent = {**paint([0], LabelClass.MIP, IMAGE.name), **change}
    with pytest.raises(LabelError, match=sentence) as error:
        check_action(sent, {"Y": IMAGE}, FREE_CHOICES)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("tool", "payload"),
    [
        ("michel", MICHEL),
        ("michel", {**MICHEL, "end": None, "state": "absent", "core": ""}),
        ("shower", SHOWER),
        ("shower", {**SHOWER, "direction": [0.0, -1], "pixels": encode_pixels([0, 39])}),
        ("remove", {"object": "s"}),
        ("erase", {"pixels": encode_pixels([39])}),
    ],
)
def test_what_is_an_action_names_the_image_by_its_content(tool: str, payload: dict[str, Any]) -> None:
    seen = [{"key": KEY, "weights": WEIGHTS}, {"key": WEIGHTS, "weights": KEY}]
    checked = check_action(action(tool, payload, IMAGE.name, prediction=seen), {"Y": IMAGE}, FREE_CHOICES)
    assert (checked.tool, checked.payload, checked.image_hash) == (tool, payload, IMAGE.content_hash)
    assert checked.predictions == seen


@pytest.mark.parametrize(
    "prediction", [None, {"key": KEY, "weights": WEIGHTS}, [], [{"key": KEY, "weights": WEIGHTS}] * 2]
)
def test_what_an_older_page_says_of_one_answer_is_understood(prediction: Any) -> None:
    sent = paint([0], LabelClass.MIP, IMAGE.name, prediction=prediction)
    expected = [{"key": KEY, "weights": WEIGHTS}] if prediction else []
    assert check_action(sent, {"Y": IMAGE}, FREE_CHOICES).predictions == expected


def test_only_what_the_question_asks_can_be_painted() -> None:
    sent = paint([0], LabelClass.MIP, IMAGE.name)
    with pytest.raises(LabelError, match=r"expected 4 \(Michel\), 7 \(not Michel\), 8 \(unsure\), 9"):
        check_action(sent, {"Y": IMAGE}, choices_of("michel_pixels"))
    with pytest.raises(LabelError, match="expected none: pixels are not asked"):
        check_action(sent, {"Y": IMAGE}, choices_of("michel_present"))
