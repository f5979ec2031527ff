"""The Studies page before its numbers come: the list, the results, the judge's table and the Turing test."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from viewer.components.controls import aria, icon_button
from viewer.components.header import brand
from viewer.pages.studies import ids

BETWEEN = {
    "human-network": "physicist and network",
    "human-human": "two physicists",
    "human-truth": "physicist and truth",
    "network-truth": "network and truth",
}
FIGURES = (ids.AGREEMENT, ids.EQUIVALENCE, ids.SPECTRA)
VERDICTS = {
    "a_wrong": "A is wrong",
    "b_wrong": "B is wrong",
    "both_wrong": "Both are wrong",
    "undecided": "Cannot be decided",
}
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
    """The whole page; the address decides which of its four parts is seen."""
    return dmc.MantineProvider(
        [
            html.Div(
                [
                    _header(),
                    html.Main(
                        [
                            html.Div(id=ids.PROBLEM, className="models-problems", role="alert"),
                            html.Div(id=ids.LIST, className="studies-list", hidden=True),
                            _results(),
                            _judge(),
                            _turing(),
                        ]
                    ),
                ],
                className="shell models studies",
            ),
            dcc.Location(id=ids.ADDRESS, refresh=False),
            dcc.Store(id=ids.THEME),
            dcc.Store(id=ids.NUMBER),
            dcc.Store(id=ids.WHO),
            dcc.Store(id=ids.PAIR),
            dcc.Store(id=ids.PAIR_KEY),
            dcc.Store(id=ids.VERDICT, data=0),
            dcc.Store(id=ids.TURN),
            dcc.Store(id=ids.TURN_KEY),
            dcc.Store(id=ids.ANSWERED),
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
                    html.A("Models", href="/models/", title="How accurate the networks are"),
                    html.H1(html.A("Studies", href="/studies/", title="All studies")),
                ],
                className="pages",
            ),
            html.Span(id=ids.TITLE, className="study-title"),
            html.Nav(id=ids.PARTS, className="pages study-parts", **aria(label="Parts of the study")),
            html.Span(className="grow"),
            html.Span("your name", className="label"),
            dmc.TextInput(
                id=ids.NAME,
                value="",
                size="xs",
                w=150,
                debounce=True,
                placeholder="for your judgements",
                autoComplete="off",
                inputProps=aria(label="Your name, under which your judgements are stored"),
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


def _results() -> Component:
    save = html.Div(
        [
            _button(ids.SAVE_HTML, "HTML", "Save the report as one page with its figures"),
            _button(ids.SAVE_CSV, "CSV", "Save every number, one a row"),
        ],
        className="study-save",
    )
    left = html.Div(
        [
            html.Div(
                [
                    _figure(ids.AGREEMENT, "Agreement of all comparisons"),
                    _figure(ids.EQUIVALENCE, "Equivalence test"),
                ],
                className="figure-pair",
            ),
            html.Div(id=ids.TABLES, className="study-tables"),
        ],
        className="study-left",
    )
    right = html.Aside(
        [
            _figure(ids.DISAGREEMENT, "Disagreement event by event"),
            html.Div(id=ids.DETAIL, className="card study-detail", tabIndex=0, **aria(label="Events")),
            _figure(ids.SPECTRA, "Energies of Michel electrons"),
        ],
        className="study-right",
    )
    return html.Div(
        [
            html.Section([html.Div(id=ids.HEAD), save], className="card study-head", **aria(label="Summary")),
            left,
            right,
        ],
        id=ids.RESULTS,
        className="study-grid",
        hidden=True,
    )


def _judge() -> Component:
    return html.Div(
        [
            html.Section(
                [
                    html.Div(
                        [
                            html.Span("between", className="label"),
                            dmc.SegmentedControl(
                                id=ids.BETWEEN,
                                data=[{"value": value, "label": words} for value, words in BETWEEN.items()],
                                value=next(iter(BETWEEN)),
                                size="xs",
                                attributes={"root": aria(label="Whose labellings are compared")},
                            ),
                            dmc.Switch(
                                id=ids.ONLY_DIFFERENT,
                                label="show only where they differ",
                                size="xs",
                                checked=False,
                            ),
                        ],
                        className="judge-tools",
                    ),
                    html.Div(id=ids.VERDICT_SAID, className="verdict-said", role="status"),
                    html.P(id=ids.PAIR_WORDS, className="pair-words"),
                    html.Div(
                        [
                            _pictures(ids.PICTURES, (ids.PICTURE_A, "A"), (ids.PICTURE_B, "B")),
                            html.Div(id=ids.LEGEND, className="picture-legend"),
                            dmc.TextInput(
                                id=ids.COMMENT,
                                value="",
                                size="xs",
                                placeholder="why (optional)",
                                inputProps={**aria(label="Comment"), "maxLength": 4000},
                            ),
                            html.Div(
                                [
                                    _button(id, VERDICTS[verdict], "", size="sm")
                                    for verdict, id in ids.VERDICT_BUTTONS.items()
                                ],
                                className="verdict-buttons",
                            ),
                        ],
                        id=ids.PAIR_BOX,
                        className="judge-pair",
                    ),
                ],
                className="card judge-card",
                **aria(label="Adjudication"),
            ),
            html.Section(id=ids.VERDICTS, className="card judge-card", **aria(label="Verdicts so far")),
        ],
        id=ids.JUDGE,
        className="study-judge",
        hidden=True,
    )


def _turing() -> Component:
    number = {
        "min": 0,
        "max": 100000,
        "step": 1,
        "size": "lg",
        "w": 110,
        "value": 0,
        "allowDecimal": False,
        "hideControls": True,
    }
    hands = html.Div(
        [
            html.Span("hands for the left", className="label"),
            dmc.NumberInput(id=ids.HANDS_LEFT, inputProps=aria(label="Hands for the left one"), **number),
            html.Span("for the right", className="label"),
            dmc.NumberInput(id=ids.HANDS_RIGHT, inputProps=aria(label="Hands for the right one"), **number),
            _button(ids.HANDS_NEXT, "Next pair", "Store the hands and show the next pair", size="md"),
        ],
        id=ids.HANDS,
        className="hands",
        hidden=True,
    )
    asking = html.Section(
        [
            html.P(id=ids.TURN_WORDS, className="turn-words"),
            _pictures(ids.TURN_PICTURES, (ids.TURN_LEFT, "left"), (ids.TURN_RIGHT, "right")),
            html.Div(id=ids.TURN_LEGEND, className="picture-legend"),
            html.Div(
                [
                    _button(ids.CHOOSE_LEFT, "The left one is the network’s", "Key: ←", size="md"),
                    _button(ids.CHOOSE_RIGHT, "The right one is the network’s", "Key: →", size="md"),
                ],
                id=ids.CHOICES,
                className="verdict-buttons",
            ),
            hands,
        ],
        id=ids.ASKING,
        className="card turing-card",
        **aria(label="Which is the network’s?"),
    )
    return html.Div(
        [
            html.Div(
                [
                    dmc.SegmentedControl(
                        id=ids.AUDIENCE,
                        data=[
                            {"value": "alone", "label": "one person"},
                            {"value": "audience", "label": "audience of a talk"},
                        ],
                        value="alone",
                        size="xs",
                        attributes={"root": aria(label="Who answers")},
                    )
                ],
                className="judge-tools",
            ),
            asking,
            html.Section(id=ids.SCORE, className="card turing-score", hidden=True, **aria(label="Result")),
        ],
        id=ids.TURING,
        className="study-turing",
        hidden=True,
    )


def _pictures(id: str, *pictures: tuple[str, str]) -> Component:
    return html.Div(
        [
            html.Figure(
                [
                    html.Figcaption(name),
                    html.Div(
                        html.Canvas(id=own, role="img", **aria(label=f"Labelling {name}")),
                        className="canvas-box",
                    ),
                ]
            )
            for own, name in pictures
        ],
        id=id,
        className="pictures",
    )


def _button(id: str, words: str, title: str, size: str = "compact-xs") -> Component:
    extra = {"attributes": {"root": {"title": title}}} if title else {}
    return dmc.Button(words, id=id, n_clicks=0, size=size, variant="default", **extra)


def _figure(id: str, says: str) -> Component:
    graph = dcc.Graph(
        id=id, figure=_BLANK, config={"displayModeBar": False}, responsive=True, className="graph"
    )
    return html.Section(graph, className="card study-figure", **aria(label=says))


def config(figure: str, study: str) -> dict[str, Any]:
    """Plotly's options of a figure: one button, which saves it."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {
            "format": "png",
            "filename": f"{figure.removeprefix('studies-')}-{study}",
            "scale": 3,
        },
    }
