"""The Models page before its numbers come: every part in its place and size, so that nothing jumps."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from viewer.components.controls import aria, icon_button
from viewer.components.header import brand
from viewer.figures.confusion import SHARES
from viewer.pages.models import ids
from viewer.pages.models.choice import no_planes

COMMANDS = "argonscope evaluate uresnet --plane all\nargonscope evaluate smask-rcnn --plane all"
FIGURES = (
    ids.PUBLISHED_CONFUSION,
    ids.ICPF,
    ids.ACCURACY,
    ids.RECALL,
    ids.EDGE,
    ids.DEAD_WIRES,
    ids.RELIABILITY,
)
INSTANCE_FIGURES = (ids.EFFICIENCY, ids.COVERED, ids.INSTANCE_SHARES, ids.IDENTIFICATION)
_BLANK: dict[str, Any] = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
    },
}


def layout() -> Component:
    """The whole page."""
    return dmc.MantineProvider(
        [
            html.Div(
                [_header(), html.Main([_problems(), _empty(), _content(), _instance_content()])],
                className="shell models",
            ),
            dcc.Location(id=ids.ADDRESS, refresh=False),
            dcc.Store(id=ids.THEME),
            dcc.Store(id=ids.EVALUATION),
            dcc.Store(id=ids.CELL),
            dcc.Download(id=ids.DOWNLOAD),
        ],
        theme={
            "fontFamily": "var(--as-font)",
            "primaryColor": "blue",
            "primaryShade": {"light": 7, "dark": 8},
            "defaultRadius": "sm",
            "focusRing": "auto",
        },
    )


def _header() -> Component:
    return html.Header(
        [
            brand(),
            html.Nav(
                [
                    html.A("Events", id=ids.EVENTS_LINK, href="/", title="Back to the display"),
                    html.H1("Models"),
                    html.A("Studies", href="/studies/", title="Physicists and networks compared"),
                ],
                className="pages",
            ),
            _choosers(),
            html.Span(className="grow"),
            html.Span(
                "pictures as", className="label", title="Format in which the camera of a figure saves it"
            ),
            dmc.SegmentedControl(
                id=ids.PICTURES,
                data=[{"value": "png", "label": "PNG"}, {"value": "svg", "label": "SVG"}],
                value="png",
                size="xs",
                persistence=True,
                attributes={"root": aria(label="Format of saved pictures")},
            ),
            html.Div(
                [
                    html.Span(className="divider"),
                    icon_button(ids.THEME_TOGGLE, "theme", "Light or dark"),
                ],
                className="tools",
            ),
        ],
        className="header",
    )


def _choosers() -> Component:
    return html.Div(
        [
            _select(ids.WEIGHTS, "Network and weights", 170),
            dmc.SegmentedControl(
                id=ids.PLANE,
                data=no_planes(),
                value="Y",
                size="xs",
                attributes={"root": aria(label="Plane")},
            ),
            _select(ids.SAMPLE, "Sample", 320),
        ],
        id=ids.CHOOSERS,
        className="choosers",
    )


def _select(id: str, says: str, width: int) -> Component:
    return dmc.Select(
        id=id,
        data=[],
        size="xs",
        allowDeselect=False,
        withCheckIcon=False,
        inputProps=aria(label=says),
        comboboxProps={"width": "max-content", "position": "bottom-start"},
        w=width,
    )


def _problems() -> Component:
    return html.Div(id=ids.PROBLEMS, className="models-problems", role="alert")


def _empty() -> Component:
    return html.Section(
        [
            html.H2("No evaluation yet"),
            html.P("This page shows how accurate a network is on events with truth. Make an evaluation with"),
            html.Pre(COMMANDS),
            html.P("and load the page again. It takes some minutes and needs no browser."),
        ],
        id=ids.EMPTY,
        className="models-empty",
        hidden=True,
    )


def _content() -> Component:
    return html.Div(
        [
            html.Section(id=ids.HEAD, className="card models-head", **aria(label="Accuracy")),
            _confusion(),
            _published(),
            _events(ids.EVENTS_TITLE, ids.ALL_EVENTS, ids.EVENTS),
            _figure(ids.ICPF, "Distribution of ICPF", "third"),
            _figure(ids.ACCURACY, "Accuracy per event", "third"),
            _figure(ids.RECALL, "Recall of every class and plane", "third"),
            _figure(ids.EDGE, "Misclassified pixels against distance to the edge", "third"),
            _figure(ids.DEAD_WIRES, "Misclassified pixels against distance to dead wires", "third"),
            _figure(ids.RELIABILITY, "Reliability of the scores", "third"),
            html.Section(id=ids.ICPF_TABLE, className="card half", **aria(label="ICPF")),
            html.Section(id=ids.CARD, className="card half", **aria(label="Weights")),
        ],
        id=ids.CONTENT,
        className="models-grid",
    )


def _instance_content() -> Component:
    """The same of a detector; one of the two is hidden."""
    return html.Div(
        [
            html.Section(id=ids.INSTANCE_HEAD, className="card models-head", **aria(label="Accuracy")),
            _figure(ids.EFFICIENCY_PURITY, "Efficiency and purity of every event", "third tall"),
            _figure(ids.EFFICIENCY, "Efficiency of every interaction", "third tall"),
            _events(ids.INSTANCE_EVENTS_TITLE, ids.ALL_INSTANCE_EVENTS, ids.INSTANCE_EVENTS),
            _figure(ids.COVERED, "Interactions covered against their true number", "third"),
            _figure(ids.INSTANCE_SHARES, "Efficiency, purity and coverage of every plane", "third"),
            _figure(ids.IDENTIFICATION, "Neutrinos identified", "third"),
            html.Section(id=ids.INSTANCE_TABLE, className="card half", **aria(label="Interactions found")),
            html.Section(id=ids.MISSED_TABLE, className="card half", **aria(label="Interactions missed")),
            html.Section(id=ids.INSTANCE_CARD, className="card whole", **aria(label="Weights")),
        ],
        id=ids.INSTANCE_CONTENT,
        className="models-grid",
        hidden=True,
    )


def _confusion() -> Component:
    shares = dmc.SegmentedControl(
        id=ids.SHARES,
        data=[
            {"value": value, "label": label}
            for value, label in zip(SHARES, ("of true", "of predicted", "pixels"), strict=True)
        ],
        value=next(iter(SHARES)),
        size="xs",
        attributes={"root": aria(label="What the cells tell")},
    )
    save = dmc.Button(
        "CSV",
        id=ids.CSV,
        n_clicks=0,
        size="compact-xs",
        variant="default",
        attributes={"root": {"title": "Save the matrix as CSV: pixels and both shares"}},
    )
    return html.Section(
        [
            _graph(ids.CONFUSION),
            html.Div(
                [html.Span("shares", className="label"), shares, html.Span(className="grow"), save],
                className="figure-tools",
            ),
        ],
        className="card third tall with-tools",
        **aria(label="Confusion matrix"),
    )


def _published() -> Component:
    """With an empty row below, so that both matrices are of one size."""
    return html.Section(
        [_graph(ids.PUBLISHED_CONFUSION), html.Div(className="figure-tools")],
        className="card third tall with-tools",
        **aria(label="Published confusion matrix"),
    )


def _events(title: str, all_events: str, events: str) -> Component:
    back = dmc.Button("all", id=all_events, n_clicks=0, size="compact-xs", variant="default")
    return html.Section(
        [
            html.Div([html.H2("Worst events", id=title), back], className="card-title"),
            html.Div(id=events, className="events-box"),
        ],
        className="card third tall events-card",
        **aria(label="Worst events"),
    )


def _figure(id: str, says: str, size: str) -> Component:
    return html.Section(_graph(id), className=f"card {size}", **aria(label=says))


def _graph(id: str) -> Component:
    return dcc.Graph(
        id=id, figure=_BLANK, config={"displayModeBar": False}, responsive=True, className="graph"
    )


def config(figure: str, evaluation: str, format: str) -> dict[str, Any]:
    """Plotly's options of a figure: one button, which saves it in a format ("png" or "svg")."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {
            "format": format,
            "filename": f"{figure.removeprefix('models-')}-{evaluation}",
            "scale": 3 if format == "png" else 1,
        },
    }
