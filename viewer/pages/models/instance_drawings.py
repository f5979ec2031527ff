"""From the report of a detector to the figures of the page (docs/evaluation.md has the report)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viewer.figures import instance_shares
from viewer.figures.curves import Shares
from viewer.figures.instances import Bin, covered_against_true, efficiency_purity
from viewer.pages.models.drawings import Report, about, about_planes
from viewer.palette import Theme


def efficiency_purity_figure(report: Report, theme: Theme, chosen: Bin | None) -> go.Figure:
    """Events by mean efficiency and mean purity; those without a prediction have no purity."""
    means = _per_event(report)
    return efficiency_purity(
        [
            (row["efficiency"], row["purity"])
            for row in report["per_event"]
            if row["efficiency"] is not None and row["purity"] is not None
        ],
        {side: means[side]["value"] for side in ("efficiency", "purity")},
        report["published"],
        theme,
        "Efficiency and purity of every event",
        about(report),
        chosen,
    )


def efficiency_figure(report: Report, theme: Theme) -> go.Figure:
    """Interactions by efficiency, the missed ones by cause."""
    thresholds = report["thresholds"]
    return instance_shares.efficiency_histogram(
        report["efficiency_histogram"],
        thresholds["covered_from"],
        thresholds["missed_below"],
        theme,
        "Efficiency of every interaction",
        about(report),
    )


def covered_figure(report: Report, theme: Theme) -> go.Figure:
    """Interactions covered against their true number."""
    means = _per_event(report)
    return covered_against_true(
        [(row["true"], row["covered"]) for row in report["per_event"]],
        (means["true"]["value"], means["covered"]["value"]),
        report["published"],
        theme,
        "Interactions covered",
        about(report),
    )


def shares_figure(reports: Mapping[str, Report], theme: Theme) -> go.Figure:
    """Efficiency, purity and coverage of all planes; reports: plane -> report."""
    return instance_shares.shares_by_plane(
        {
            plane: _shares([report["interactions"]["all"][name] for name in instance_shares.SHARES])
            for plane, report in reports.items()
        },
        next(iter(reports.values()))["published"],
        theme,
        "Every plane",
        about_planes(reports),
    )


def identification_figure(report: Report, theme: Theme) -> go.Figure:
    """Neutrinos identified by positive and by negative."""
    found = report["identification"]
    return instance_shares.identification(
        {
            use: _shares([found[use][name] for name in instance_shares.IDENTIFICATION])
            for use in ("positive", "negative")
        },
        theme,
        "Neutrinos identified, by charge",
        about(report),
    )


def _per_event(report: Report) -> Mapping[str, Any]:
    means: Mapping[str, Any] = report["interactions"]["all"]["per_event"]
    return means


def _shares(figures: Sequence[Mapping[str, Any]]) -> Shares:
    ends = np.array(
        [[np.nan if x is None else x for x in (f["value"], *f["interval_95"])] for f in figures], np.float64
    )
    return Shares(ends[:, 0], ends[:, 1], ends[:, 2], np.full(len(figures), 0.0))
