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
    check = _REPORTS.get(str(value.get("network")))
    if check is None:
        raise ValueError(f"network {value.get('network')!r} of evaluation; expected {' or '.join(_REPORTS)}")
    check(value, "")
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

_EVERY_REPORT: dict[str, Check] = {
    **dict.fromkeys(("network", "weights", "weights_hash", "plane", "decision_rule"), TEXT),
    "sample": object_of({"name": TEXT, "seed": or_null(WHOLE), "files": list_of(TEXT), "events": WHOLE}),
    "events": WHOLE,
    "pixels": WHOLE,
    "kept_file": or_null(TEXT),
    "median_seconds": NUMBER,
    "published": object_of({}, each=object_of({"source": TEXT, "title": TEXT})),
}

_SEGMENTATION = object_of(
    {
        **_EVERY_REPORT,
        "settings": object_of({"adc_min": finite, "adc_max": finite, "saturate": FLAG}),
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
    }
)

_GROUPS = ("all", "cosmic", "neutrino")
_CAUSES = ("dead_wires", "tiny", "truly_missed")
_SHARES = ("efficiency", "charge_efficiency", "purity", "coverage")
_NUMBERS = ("true", "covered", "predicted")
_INTERACTIONS = object_of(
    {
        **dict.fromkeys(_SHARES, FIGURE),
        **dict.fromkeys(_NUMBERS, WHOLE),
        "per_event": object_of(dict.fromkeys((*_SHARES[:3], "fractional_coverage", *_NUMBERS), FIGURE)),
    }
)
_MISSED = object_of(
    dict.fromkeys(
        ("missed", "wrong_class", *_CAUSES),
        object_of({"value": NUMBER, "interval_95": INTERVAL, "interactions": WHOLE}),
    )
)
_PRECISION = object_of({**dict.fromkeys(("ap", "ap_50", "ap_75"), FIGURE), "true": WHOLE})
_IDENTIFIED = object_of(dict.fromkeys(("neutrino_kept", "cosmic_removed", "neutrino_share_of_kept"), FIGURE))


def _gain(value: Any, where: str) -> None:
    if value not in ("own", "estimated"):
        finite(value, where)


_INSTANCES = object_of(
    {
        **_EVERY_REPORT,
        "settings": object_of({"adc_min": finite, "gain": _gain}),
        "thresholds": object_of(
            dict.fromkeys(
                ("adc_min", "score_min", "covered_from", "missed_below", "tiny_pixels", "dead_share",
                 "dead_margin_wires"),
                finite,
            )
        ),
        "interactions": object_of(dict.fromkeys(_GROUPS, _INTERACTIONS)),
        "efficiency_histogram": object_of(
            {
                "edges": list_of(finite),
                **dict.fromkeys(_GROUPS, list_of(WHOLE)),
                "missed": object_of(dict.fromkeys(_CAUSES, list_of(WHOLE))),
            }
        ),
        "missed": object_of(dict.fromkeys(_GROUPS, _MISSED)),
        "average_precision": object_of(
            dict.fromkeys(
                ("masks", "boxes"), object_of({"all": _PRECISION, "by_class": object_of({}, each=_PRECISION)})
            )
        ),
        "identification": object_of(dict.fromkeys(("positive", "negative"), _IDENTIFIED)),
        "per_event": list_of(
            object_of(
                {
                    **_PLACE,
                    **dict.fromkeys(_NUMBERS, WHOLE),
                    **dict.fromkeys((*_SHARES[:3], "neutrino_efficiency"), NUMBER),
                    "missed": object_of(dict.fromkeys(_CAUSES, WHOLE)),
                }
            )
        ),
        "worst": list_of(
            object_of(
                {
                    **_PLACE,
                    **dict.fromkeys(("rank", "row", "true", "covered"), WHOLE),
                    **dict.fromkeys(("efficiency", "purity"), NUMBER),
                    "marked": FLAG,
                }
            )
        ),
    }
)  # fmt: skip

_REPORTS = {"uresnet": _SEGMENTATION, "smask-rcnn": _INSTANCES}
