"""What the Models page shows, asked of the services; knows components, but no callback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from inference.client import available_weights
from records.evaluations import EvaluationSummary
from viewer.figures.confusion import Cell
from viewer.figures.instances import Bin
from viewer.pages.models import choice, drawings, instance_drawings, instance_parts, parts
from viewer.pages.models.card import card
from viewer.palette import Theme
from viewer.services import Services


class Chosen(NamedTuple):
    """Values of the choosers, in the order of the callback's outputs."""

    evaluation: str | None
    weights: list[choice.Option]
    weights_value: str | None
    planes: list[choice.Option]
    plane: str | None
    samples: list[choice.Option]
    sample: str | None
    problems: Sequence[Component]
    hide_empty: bool
    hide_content: bool
    hide_instances: bool
    hide_choosers: bool


class Models:
    """The page on the evaluations that exist at the moment of each question."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def opened(self, wanted: str | None) -> Chosen:
        """What to show at an address that asks for an evaluation by id, or for none."""
        found = self._services.evaluations.list()
        summaries, problems = found.evaluations, list(found.damaged)
        shown = next((s for s in summaries if s.id == wanted), None)
        if shown is None:
            if wanted is not None and summaries:
                problems.insert(0, f"There is no evaluation {wanted} here; this is another one.")
            shown = choice.first(summaries, {card.sha256 for card in available_weights()})
        return _chosen(summaries, shown, problems)

    def changed(self, shown: str, **wanted: str) -> Chosen:
        """What to show after a choice: weights (a family), plane, or the id of a sample's evaluation."""
        found = self._services.evaluations.list()
        summaries = found.evaluations
        before = next((s for s in summaries if s.id == shown), None)
        if before is None or "id" in wanted:
            return self.opened(wanted.get("id"))
        return _chosen(summaries, choice.nearest(summaries, before, **wanted), list(found.damaged))

    def report(self, evaluation: str) -> drawings.Report | None:
        """A report by id; None where it is gone, or damaged since it was listed."""
        try:
            return self._services.evaluations.get(evaluation)
        except ValueError:
            return None

    def report_of(self, evaluation: str | None, detector: bool) -> drawings.Report | None:
        """A report by id if it is of a detector, or if it is of none; else None."""
        report = self.report(evaluation) if evaluation else None
        return None if report is None or (report["network"] == choice.DETECTOR) != detector else report

    def figures(self, report: drawings.Report, evaluation: str, theme: Theme) -> tuple[go.Figure, ...]:
        """The figures but for our confusion matrix, in the order of layout.FIGURES."""
        planes = self._planes(report, evaluation)
        return (
            drawings.published_figure(report, theme),
            drawings.icpf_figure(report, theme),
            drawings.accuracy_figure(planes, theme),
            drawings.recall_figure(planes, theme),
            drawings.edge_figure(report, theme),
            drawings.dead_wire_figure(report, theme),
            drawings.reliability_figure(report, theme),
        )

    def tables(self, report: drawings.Report) -> tuple[list[Component], list[Component], list[Component]]:
        """The head, the ICPF table, and the weights' card."""
        return parts.head(report), parts.icpf_table(report), card(report, available_weights())

    def events(self, report: drawings.Report, cell: Cell | None) -> tuple[str, Component, bool]:
        """Title and list of events, and whether it is the list of all."""
        self._services.library.refresh()
        return parts.events_title(cell), parts.events(report, cell, self._services.library), cell is None

    def instance_figures(
        self, report: drawings.Report, evaluation: str, theme: Theme
    ) -> tuple[go.Figure, ...]:
        """The figures of a detector but for the histogram, in the order of layout.INSTANCE_FIGURES."""
        return (
            instance_drawings.efficiency_figure(report, theme),
            instance_drawings.covered_figure(report, theme),
            instance_drawings.shares_figure(self._planes(report, evaluation), theme),
            instance_drawings.identification_figure(report, theme),
        )

    def instance_tables(self, report: drawings.Report) -> tuple[list[Component], ...]:
        """Of a detector: the head, what was found, what was missed, and the weights' card."""
        return (
            instance_parts.head(report),
            instance_parts.interactions_table(report),
            instance_parts.missed_table(report),
            card(report, available_weights()),
        )

    def instance_events(self, report: drawings.Report, chosen: Bin | None) -> tuple[str, Component, bool]:
        """Of a detector: title and list of events, and whether it is the list of all."""
        self._services.library.refresh()
        listed = instance_parts.events(report, chosen, self._services.library)
        return instance_parts.events_title(chosen), listed, chosen is None

    def _planes(self, report: drawings.Report, evaluation: str) -> dict[str, drawings.Report]:
        """Plane -> report, of the same weights and sample on every plane that has one."""
        summaries = self._services.evaluations.list().evaluations
        shown = next((s for s in summaries if s.id == evaluation), None)
        others = choice.siblings(summaries, shown) if shown else {}
        found = {plane: self.report(name) for plane, name in others.items() if name != evaluation}
        return {plane: r for plane, r in found.items() if r is not None} | {report["plane"]: report}


def _chosen(
    summaries: Sequence[EvaluationSummary], shown: EvaluationSummary | None, problems: Sequence[str]
) -> Chosen:
    said = [html.P(words) for words in problems]
    if shown is None:
        return Chosen(None, [], None, choice.no_planes(), "Y", [], None, said, False, True, True, True)
    return Chosen(
        evaluation=shown.id,
        weights=choice.weights_options(summaries),
        weights_value=choice.family(shown),
        planes=choice.plane_options(summaries, shown),
        plane=shown.plane,
        samples=choice.sample_options(summaries, shown),
        sample=shown.id,
        problems=said,
        hide_empty=True,
        hide_content=shown.network == choice.DETECTOR,
        hide_instances=shown.network != choice.DETECTOR,
        hide_choosers=False,
    )
