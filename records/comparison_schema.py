"""The JSON of a study's report, checked when it is written or read (docs/labels.md explains it)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from records.adjudicated import WRONG
from records.folder import write_json
from records.json_schema import (
    FIGURE,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    Check,
    Json,
    finite,
    icpf_of,
    is_a,
    list_of,
    object_of,
    or_null,
    square_of,
)

VERSION = 2

PAIRS = ("physicist-network", "physicist-physicist", "physicist-truth", "network-truth")
FIGURES = ("agreement", "agreement_of_charge", "cohen_kappa", "gwet_ac1")
MICHEL_FIGURES = ("agreement", "cohen_kappa", "gwet_ac1", "efficiency", "purity")

_INTERVAL = list_of(NUMBER, 2)
_PLACE: dict[str, Check] = {
    "file": TEXT,
    **dict.fromkeys(("entry", "run", "subrun", "event"), WHOLE),
    "planes": list_of(TEXT),
    "images": list_of(WHOLE),
}
_COUNTS = ("compared", "both", "first_alone", "second_alone", "neither")


def check_study_report(value: Any) -> Json:
    """The report, if it is one. Raises ValueError that names the first entry which is not as expected."""
    is_a(dict, "a report of a study")(value, "")
    if value.get("version") != VERSION:
        raise ValueError(f"version {value.get('version')!r} of a study's report; expected {VERSION}")
    list_of(TEXT)(value.get("classes"), "classes")
    _report(tuple(value["classes"]))(value, "")
    found: Json = value
    return found


def write_study_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report, all or nothing. Raises OSError, or ValueError if it is none."""
    write_json(path, check_study_report(dict(report)))


def _section(classes: tuple[str, ...]) -> dict[str, Check]:
    pixels = {
        **dict.fromkeys(("compared", "left_out_by_first", "left_out_by_second"), WHOLE),
        **dict.fromkeys(FIGURES, FIGURE),
        "icpf": icpf_of(classes),
        "confusion_rows_first": square_of(len(classes)),
    }
    return {
        **dict.fromkeys(("first", "second"), TEXT),
        **dict.fromkeys(("events", "images", "images_without", "labellings"), WHOLE),
        "pixels": or_null(object_of(pixels)),
        "michel": object_of({**dict.fromkeys(_COUNTS, WHOLE), **dict.fromkeys(MICHEL_FIGURES, FIGURE)}),
        "per_event": list_of(object_of({**_PLACE, "michel": list_of(WHOLE, 4)})),
    }


_DOUBLE_SCAN = object_of(
    {
        **dict.fromkeys(("first", "second"), TEXT),
        **dict.fromkeys(("found_by_first", "found_by_second", "found_by_both"), WHOLE),
        **dict.fromkeys(("efficiency_of_first", "efficiency_of_second", "efficiency_of_either"), FIGURE),
        "estimated_number": FIGURE,
        "per_event": list_of(object_of({**_PLACE, "found": list_of(WHOLE, 3)})),
    }
)
_SPECTRUM = object_of(
    {**dict.fromkeys(("labellings", "with_michel"), WHOLE), "mean_mev": NUMBER, "counts": list_of(WHOLE)}
)
_HUMAN_LEVEL = object_of(
    {
        **dict.fromkeys(("test", "weights"), TEXT),
        **dict.fromkeys(("margin", "level"), finite),
        "events": WHOLE,
        **dict.fromkeys(("mean_difference", "p"), NUMBER),
        "interval_90": _INTERVAL,
        "human_level": FLAG,
        "per_event": list_of(object_of({**_PLACE, **dict.fromkeys(("network", "physicists"), finite)})),
    }
)
_ALPHA = object_of(
    {"value": NUMBER, "interval_95": _INTERVAL, "events": WHOLE, "raters": WHOLE, "images": list_of(WHOLE)}
)


_VERDICT = object_of(
    {**_PLACE, "between": list_of(TEXT, 2), "wrong": list_of(TEXT), **dict.fromkeys(("by", "comment"), TEXT)}
)
_ADJUDICATION = object_of(
    {
        "verdicts": WHOLE,
        "wrong": object_of(dict.fromkeys(WRONG, WHOLE)),
        "per_verdict": list_of(_VERDICT),
    }
)


def _report(classes: tuple[str, ...]) -> Check:
    section = _section(classes)
    of_rater = list_of(object_of({"rater": TEXT, **section}))
    source = {
        "images": WHOLE,
        "comparisons": list_of(object_of({"pair": _one_of(PAIRS), "weights": or_null(TEXT), **section})),
        "krippendorff_alpha": _ALPHA,
        "double_scan": list_of(_DOUBLE_SCAN),
        "spectra": object_of({"edges_mev": list_of(finite), "labellings": object_of({}, each=_SPECTRUM)}),
        "human_level": list_of(_HUMAN_LEVEL),
    }
    return object_of(
        {
            **dict.fromkeys(("study", "title", "definition_hash", "question"), TEXT),
            **dict.fromkeys(("classes", "weights", "raters", "notes"), list_of(TEXT)),
            **dict.fromkeys(("images", "tasks", "submitted"), WHOLE),
            "margin": finite,
            "complete": FLAG,
            "sources": object_of({}, each=object_of(source)),
            "self_agreement": of_rater,
            "gold": of_rater,
            "adjudication": object_of({}, each=_ADJUDICATION),
            "published": object_of({"source": TEXT, "title": TEXT, "agreement_above": finite}),
        }
    )


def _one_of(names: tuple[str, ...]) -> Check:
    def check(value: Any, where: str) -> None:
        if value not in names:
            raise ValueError(f"{where} is {value!r:.40}; expected {', '.join(names)}")

    return check
