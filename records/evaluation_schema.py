"""The JSON of an evaluation, checked when it is read or written (docs/evaluation.md explains it)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

VERSION = 1

Json = dict[str, Any]
_Check = Callable[[Any, str], None]


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


def _is(kind: type | tuple[type, ...], name: str) -> _Check:
    def check(value: Any, where: str) -> None:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{where or 'the report'} is {value!r:.40}; expected {name}")

    return check


def _finite(value: Any, where: str) -> None:
    """A number that is finite; NaN is no JSON, though Python reads it."""
    _is((int, float), "a number")(value, where)
    if not math.isfinite(value):
        raise ValueError(f"{where} is {value}; expected a finite number")


def _or_null(check: _Check) -> _Check:
    return lambda value, where: None if value is None else check(value, where)


def _list(check: _Check, length: int | None = None) -> _Check:
    def checked(value: Any, where: str) -> None:
        _is(list, "a list")(value, where)
        if length is not None and len(value) != length:
            raise ValueError(f"{where} has {len(value)} entries; expected {length}")
        for i, item in enumerate(value):
            check(item, f"{where}[{i}]")

    return checked


def _object(entries: Mapping[str, _Check], each: _Check | None = None) -> _Check:
    """An object with these entries at least; each: what every other entry must be."""

    def checked(value: Any, where: str) -> None:
        _is(dict, "an object")(value, where)
        for name, check in entries.items():
            if name not in value:
                raise ValueError(f"{where or 'the report'} has no entry {name}")
            check(value[name], f"{where}.{name}".lstrip("."))
        for name in value.keys() - entries.keys() if each else ():
            assert each is not None
            each(value[name], f"{where}.{name}".lstrip("."))

    return checked


_TEXT, _WHOLE, _FLAG = _is(str, "a text"), _is(int, "a whole number"), _is(bool, "true or false")
_NUMBER = _or_null(_finite)
_INTERVAL = _list(_NUMBER, 2)
_FIGURE = _object({"value": _NUMBER, "interval_95": _INTERVAL})
_COUNTED = _object({"value": _NUMBER, "interval_95": _INTERVAL, "pixels": _WHOLE})
_LABELS = ("HIP", "MIP", "shower", "delta", "Michel")
_PLACE: dict[str, _Check] = {
    "file": _or_null(_TEXT),
    **dict.fromkeys(("entry", "run", "subrun", "event", "pixels"), _WHOLE),
}


def _of_classes(check: _Check, labels: tuple[str, ...] = _LABELS) -> _Check:
    return _object(dict.fromkeys(labels, check))


def _square(size: int) -> _Check:
    return _list(_list(_WHOLE, size), size)


def _icpf(labels: tuple[str, ...]) -> _Check:
    figures = _object({**dict.fromkeys(("mean", "median", "quantile_90"), _FIGURE), "events": _WHOLE})
    entries: dict[str, _Check] = {"all": figures, "by_class": _of_classes(figures, labels)}
    return _object({**entries, "charge_weighted": _object(entries)})


_DISTANCE = _object(
    {
        "edges": _list(_NUMBER),
        "fraction": _list(_NUMBER),
        "interval_95": _list(_INTERVAL),
        "pixels": _list(_WHOLE),
    }
)
_RELIABILITY: dict[str, _Check] = {
    "confidence": _list(_NUMBER),
    "accuracy": _list(_NUMBER),
    "interval_95": _list(_INTERVAL),
    "pixels": _list(_WHOLE),
    "expected_error": _FIGURE,
}
_SIDES = ("track", "shower")

_EVERY_REPORT: dict[str, _Check] = {
    **dict.fromkeys(("network", "weights", "weights_hash", "plane", "decision_rule"), _TEXT),
    "sample": _object({"name": _TEXT, "seed": _or_null(_WHOLE), "files": _list(_TEXT), "events": _WHOLE}),
    "events": _WHOLE,
    "pixels": _WHOLE,
    "kept_file": _or_null(_TEXT),
    "median_seconds": _NUMBER,
    "published": _object({}, each=_object({"source": _TEXT, "title": _TEXT})),
}

_SEGMENTATION = _object(
    {
        **_EVERY_REPORT,
        "settings": _object({"adc_min": _finite, "adc_max": _finite, "saturate": _FLAG}),
        "nonzero_accuracy": _FIGURE,
        "accuracy_all_read": _COUNTED,
        "mean_recall": _FIGURE,
        "recall": _of_classes(_COUNTED),
        "purity": _of_classes(_COUNTED),
        "classes": _list(_TEXT, len(_LABELS)),
        "confusion_rows_true": _square(len(_LABELS)),
        "track_shower": _object(
            {
                "accuracy": _FIGURE,
                **dict.fromkeys(_SIDES, _object({"purity": _FIGURE, "efficiency": _FIGURE})),
                "confusion_rows_true": _square(2),
            }
        ),
        "icpf": _object({"five_class": _icpf(_LABELS), "track_shower": _icpf(_SIDES)}),
        "edge_distance": _DISTANCE,
        "dead_wire_distance": _DISTANCE,
        "calibration": _object(
            {
                "edges": _list(_finite),
                **_RELIABILITY,
                "by_class": _of_classes(_object(_RELIABILITY)),
            }
        ),
        "per_event": _list(
            _object(
                {
                    **_PLACE,
                    **dict.fromkeys(("accuracy", "icpf", "icpf_track_shower"), _NUMBER),
                    "confusion": _list(_WHOLE, len(_LABELS) ** 2),
                }
            )
        ),
        "worst": _list(_object({**_PLACE, "rank": _WHOLE, "row": _WHOLE, "wrong": _finite, "marked": _FLAG})),
        "worst_by_cell": _object({}, each=_list(_object({**_PLACE, "row": _WHOLE}))),
    }
)

_GROUPS = ("all", "cosmic", "neutrino")
_CAUSES = ("dead_wires", "tiny", "truly_missed")
_SHARES = ("efficiency", "charge_efficiency", "purity", "coverage")
_NUMBERS = ("true", "covered", "predicted")
_INTERACTIONS = _object(
    {
        **dict.fromkeys(_SHARES, _FIGURE),
        **dict.fromkeys(_NUMBERS, _WHOLE),
        "per_event": _object(dict.fromkeys((*_SHARES[:3], "fractional_coverage", *_NUMBERS), _FIGURE)),
    }
)
_MISSED = _object(
    dict.fromkeys(
        ("missed", "wrong_class", *_CAUSES),
        _object({"value": _NUMBER, "interval_95": _INTERVAL, "interactions": _WHOLE}),
    )
)
_PRECISION = _object({**dict.fromkeys(("ap", "ap_50", "ap_75"), _FIGURE), "true": _WHOLE})
_IDENTIFIED = _object(dict.fromkeys(("neutrino_kept", "cosmic_removed", "neutrino_share_of_kept"), _FIGURE))


def _gain(value: Any, where: str) -> None:
    if value not in ("own", "estimated"):
        _finite(value, where)


_INSTANCES = _object(
    {
        **_EVERY_REPORT,
        "settings": _object({"adc_min": _finite, "gain": _gain}),
        "thresholds": _object(
            dict.fromkeys(
                ("adc_min", "score_min", "covered_from", "missed_below", "tiny_pixels", "dead_share",
                 "dead_margin_wires"),
                _finite,
            )
        ),
        "interactions": _object(dict.fromkeys(_GROUPS, _INTERACTIONS)),
        "efficiency_histogram": _object(
            {
                "edges": _list(_finite),
                **dict.fromkeys(_GROUPS, _list(_WHOLE)),
                "missed": _object(dict.fromkeys(_CAUSES, _list(_WHOLE))),
            }
        ),
        "missed": _object(dict.fromkeys(_GROUPS, _MISSED)),
        "average_precision": _object(
            dict.fromkeys(
                ("masks", "boxes"), _object({"all": _PRECISION, "by_class": _object({}, each=_PRECISION)})
            )
        ),
        "identification": _object(dict.fromkeys(("positive", "negative"), _IDENTIFIED)),
        "per_event": _list(
            _object(
                {
                    **_PLACE,
                    **dict.fromkeys(_NUMBERS, _WHOLE),
                    **dict.fromkeys((*_SHARES[:3], "neutrino_efficiency"), _NUMBER),
                    "missed": _object(dict.fromkeys(_CAUSES, _WHOLE)),
                }
            )
        ),
        "worst": _list(
            _object(
                {
                    **_PLACE,
                    **dict.fromkeys(("rank", "row", "true", "covered"), _WHOLE),
                    **dict.fromkeys(("efficiency", "purity"), _NUMBER),
                    "marked": _FLAG,
                }
            )
        ),
    }
)  # fmt: skip

_REPORTS = {"uresnet": _SEGMENTATION, "smask-rcnn": _INSTANCES}
