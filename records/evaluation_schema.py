"""The JSON of an evaluation, checked when it is read or written (docs/evaluation.md explains it)."""

from __future__ import annotations

from typing import Any

from records.json_schema import (
    FIGURE,
    FLAG,
    INTERVAL,
    NUMBER,
    TEXT,
    WHOLE,
    Check,
    Json,
    finite,
    icpf_of,
    list_of,
    object_of,
    or_null,
    square_of,
)

VERSION = 1


def check_report(value: Any) -> Json:
    """The report, if it is one. Raises ValueError that names the first entry which is not as expected."""
    if not isinstance(value, dict):
        raise ValueError(f"{type(value).__name__} in place of an evaluation; expected a JSON object")
    if value.get("version") != VERSION:
        raise ValueError(f"version {value.get('version')!r} of evaluation; expected {VERSION}")
    _REPORT(value, "")
    return value


_COUNTED = object_of({"value": NUMBER, "interval_95": INTERVAL, "pixels": WHOLE})
_LABELS = ("HIP", "MIP", "shower", "delta", "Michel")
_PLACE: dict[str, Check] = {
    "file": or_null(TEXT),
    **dict.fromkeys(("entry", "run", "subrun", "event", "pixels"), WHOLE),
}


def _of_classes(check: Check, labels: tuple[str, ...] = _LABELS) -> Check:
    return object_of(dict.fromkeys(labels, check))


_DISTANCE = object_of(
    {
        "edges": list_of(NUMBER),
        "fraction": list_of(NUMBER),
        "interval_95": list_of(INTERVAL),
        "pixels": list_of(WHOLE),
    }
)
_RELIABILITY: dict[str, Check] = {
    "confidence": list_of(NUMBER),
    "accuracy": list_of(NUMBER),
    "interval_95": list_of(INTERVAL),
    "pixels": list_of(WHOLE),
    "expected_error": FIGURE,
}
_SIDES = ("track", "shower")

_REPORT = object_of(
    {
        **dict.fromkeys(("network", "weights", "weights_hash", "plane", "decision_rule"), TEXT),
        "sample": object_of({"name": TEXT, "seed": or_null(WHOLE), "files": list_of(TEXT), "events": WHOLE}),
        "settings": object_of({"adc_min": finite, "adc_max": finite, "saturate": FLAG}),
        "events": WHOLE,
        "pixels": WHOLE,
        "nonzero_accuracy": FIGURE,
        "accuracy_all_read": _COUNTED,
        "mean_recall": FIGURE,
        "recall": _of_classes(_COUNTED),
        "purity": _of_classes(_COUNTED),
        "classes": list_of(TEXT, len(_LABELS)),
        "confusion_rows_true": square_of(len(_LABELS)),
        "track_shower": object_of(
            {
                "accuracy": FIGURE,
                **dict.fromkeys(_SIDES, object_of({"purity": FIGURE, "efficiency": FIGURE})),
                "confusion_rows_true": square_of(2),
            }
        ),
        "icpf": object_of({"five_class": icpf_of(_LABELS), "track_shower": icpf_of(_SIDES)}),
        "edge_distance": _DISTANCE,
        "dead_wire_distance": _DISTANCE,
        "calibration": object_of(
            {
                "edges": list_of(finite),
                **_RELIABILITY,
                "by_class": _of_classes(object_of(_RELIABILITY)),
            }
        ),
        "per_event": list_of(
            object_of(
                {
                    **_PLACE,
                    **dict.fromkeys(("accuracy", "icpf", "icpf_track_shower"), NUMBER),
                    "confusion": list_of(WHOLE, len(_LABELS) ** 2),
                }
            )
        ),
        "worst": list_of(object_of({**_PLACE, "rank": WHOLE, "row": WHOLE, "wrong": finite, "marked": FLAG})),
        "worst_by_cell": object_of({}, each=list_of(object_of({**_PLACE, "row": WHOLE}))),
        "kept_file": or_null(TEXT),
        "median_seconds": NUMBER,
        "published": object_of({}, each=object_of({"source": TEXT, "title": TEXT})),
    }
)
