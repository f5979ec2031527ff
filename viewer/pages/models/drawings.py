"""From an evaluation's report to the figures of the page (docs/evaluation.md has the report)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lartpc.classes import PIXEL_CLASSES, PLANES
from viewer.figures.confusion import Cell, confusion, published_confusion
from viewer.figures.curves import Shares, recall_by_plane, reliability, wrong_by_distance
from viewer.figures.distributions import accuracy_per_event, icpf_distribution
from viewer.figures.words import events_words, percent
from viewer.pages.models.choice import family_label
from viewer.palette import Theme

Report = Mapping[str, Any]


def about(report: Report) -> str:
    """What was evaluated, on one line: below the title of every figure."""
    return f"{_family(report)} · plane {report['plane']} · {sample_words(report)}"


def sample_words(report: Report) -> str:
    """The sample of a report: "bnb, 100 events, seed 4242"."""
    sample, events = report["sample"], events_words(report["events"])
    if sample["files"]:
        return f"{events} of {', '.join(sample['files'])}"
    seed = "" if sample["seed"] is None else f", seed {sample['seed']}"
    return f"{sample['name']}, {events}{seed}"


def confusion_figure(report: Report, shares: str, theme: Theme, chosen: Cell | None) -> go.Figure:
    """Our confusion matrix."""
    return confusion(report["confusion_rows_true"], shares, theme, "Confusion matrix", about(report), chosen)


def published_figure(report: Report, theme: Theme) -> go.Figure:
    """The published matrix, which exists for plane Y and as shares of the true class."""
    found = report["published"]["sparse_ssnet"]
    return published_confusion(
        found["confusion_share_of_true"],
        theme,
        "Published: shares of the true class",
        f"{found['source']} · {found['title']}",
    )


def icpf_figure(report: Report, theme: Theme) -> go.Figure:
    """Events by misclassified fraction, with mean, median and 90 % quantile."""
    figures = report["icpf"]["five_class"]["all"]
    names = {"mean": "mean", "median": "median", "90 % below": "quantile_90"}
    marks = {words: figures[name]["value"] for words, name in names.items()}
    return icpf_distribution(
        [row["icpf"] for row in report["per_event"] if row["icpf"] is not None],
        {words: value for words, value in marks.items() if value is not None},
        theme,
        "Incorrectly classified pixel fraction (ICPF)",
        about(report),
    )


def accuracy_figure(reports: Mapping[str, Report], theme: Theme) -> go.Figure:
    """Events by accuracy; reports: plane -> report."""
    accuracies = {
        plane: [row["accuracy"] for row in report["per_event"] if row["accuracy"] is not None]
        for plane, report in reports.items()
    }
    return accuracy_per_event(accuracies, theme, "Accuracy per event", about_planes(reports))


def recall_figure(reports: Mapping[str, Report], theme: Theme) -> go.Figure:
    """Recall by class; reports: plane -> report."""
    recalls = {}
    for plane, report in reports.items():
        each = [report["recall"][c.label] for c in PIXEL_CLASSES]
        recalls[plane] = _shares(
            [e["value"] for e in each], [e["interval_95"] for e in each], [e["pixels"] for e in each]
        )
    published = next(iter(reports.values()))["published"]["sparse_ssnet"]["recall"]
    return recall_by_plane(recalls, published, theme, "Recall by true class", about_planes(reports))


def edge_figure(report: Report, theme: Theme) -> go.Figure:
    """Errors against the distance to the image edge."""
    return _distance(report, "edge_distance", "distance to the image edge (pixels)", "edge", theme)


def dead_wire_figure(report: Report, theme: Theme) -> go.Figure:
    """Errors against the distance to the nearest dead wire."""
    return _distance(
        report, "dead_wire_distance", "distance to the nearest dead wire (wires)", "dead wires", theme
    )


def reliability_figure(report: Report, theme: Theme) -> go.Figure:
    """How often the network is right, against how sure it is."""
    found = report["calibration"]
    off = percent(found["expected_error"]["value"])
    return reliability(
        _floats(found["confidence"]),
        _shares(found["accuracy"], found["interval_95"], found["pixels"]),
        f"network, off by {off} on average",
        theme,
        "Reliability of the scores",
        about(report),
    )


def about_planes(reports: Mapping[str, Report]) -> str:
    """What was evaluated, of figures that show several planes."""
    report = next(iter(reports.values()))
    planes = [plane for plane in PLANES if plane in reports]
    words = f"plane {planes[0]}" if len(planes) == 1 else f"planes {', '.join(planes)}"
    return f"{_family(report)} · {words} · {sample_words(report)}"


def _distance(report: Report, entry: str, axis: str, of: str, theme: Theme) -> go.Figure:
    found = report[entry]
    accuracy = report["nonzero_accuracy"]["value"]
    return wrong_by_distance(
        found["edges"],
        _shares(found["fraction"], found["interval_95"], found["pixels"]),
        None if accuracy is None else 1 - accuracy,
        axis,
        theme,
        f"Misclassified near {'the ' if of == 'edge' else ''}{of}",
        about(report),
    )


def _shares(value: Sequence[Any], intervals: Sequence[Sequence[Any]], pixels: Sequence[int]) -> Shares:
    ends = _floats([end for interval in intervals for end in interval]).reshape(-1, 2)
    return Shares(_floats(value), ends[:, 0], ends[:, 1], _floats(pixels))


def _floats(values: Sequence[Any]) -> np.ndarray:
    """None becomes NaN."""
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _family(report: Report) -> str:
    return family_label(report["weights"].removesuffix(f"-{report['plane']}"))
