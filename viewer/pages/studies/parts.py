"""From studies and reports to the words and tables of the page; knows components, but no callback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from inference.client import available_weights
from records.questions import QUESTIONS
from viewer.components.controls import aria
from viewer.figures.study_tables import Cell, Table, all_tables, class_table, confusion_table
from viewer.figures.study_words import human_level_sentences, missing_words
from viewer.library import Library
from viewer.pages.models.links import event_link
from viewer.pages.studies.address import path_of
from viewer.pages.studies.numbers import Behind, Chosen, events_behind
from viewer.pages.studies.studies import Listed, StudyResult, name_of


def listing(studies: Sequence[Listed]) -> list[Component]:
    """The list of studies with their progress, or how to make one."""
    if not studies:
        return [
            html.Section(
                [
                    html.H2("No study yet"),
                    html.P("A study asks physicists and networks the same question about the same images."),
                    html.P(
                        "The file docs/labels.md says how one is made; with the demo events, one comes along."
                    ),
                ],
                className="models-empty",
            )
        ]
    return [html.Section([_study(study) for study in studies], className="study-cards")]


def _study(study: Listed) -> Component:
    definition = study.definition
    frozen = study.state != "draft"
    links = [
        html.A("Results", href=path_of(study.name), className="strong-link"),
        html.A("Adjudicate", href=path_of(study.name, "judge")),
        html.A("Turing test", href=path_of(study.name, "turing")),
    ]
    if study.state == "running":
        words = "Label its images" if definition.raters else "Start labelling"
        links.insert(0, html.A(words, href=f"/study/{_quoted(study.name)}", className="strong-link"))
    return html.Article(
        [
            html.Div(
                [html.H2(definition.title), html.Span(study.state, className="badge")], className="card-title"
            ),
            html.P(QUESTIONS[definition.question].text),
            html.P(_images(definition), className="note"),
            _progress(study),
            html.Nav(links, className="study-links")
            if frozen
            else html.P("Not started yet.", className="note"),
        ],
        className="card study-card",
    )


def _images(definition: Any) -> str:
    gold = sum(image.gold for image in definition.images)
    raters = f"{len(definition.raters)} raters" if definition.raters else "open to everyone"
    networks = ", ".join(name_of(weights) for weights in definition.weights) or "no network"
    said = [f"{len(definition.images)} images", raters, networks]
    if gold:
        said.insert(1, f"{gold} of them gold")
    if definition.repeats:
        said.insert(1, f"{definition.repeats} repeats a rater")
    return ", ".join(said)


def _progress(study: Listed) -> Component:
    if not study.progress:
        return html.P("Nobody has a queue yet.", className="note")
    lines = []
    for name, own in study.progress.items():
        words = f"{own.submitted} of {own.total}" + (f", {own.skipped} skipped" if own.skipped else "")
        bar = html.Progress(value=str(own.submitted), max=str(max(own.total, 1)), **aria(label=name))
        lines.append(html.Tr([html.Th(name, scope="row"), html.Td(bar), html.Td(words)]))
    return html.Table(html.Tbody(lines), className="progress-table")


def _quoted(name: str) -> str:
    return path_of(name).rsplit("/", 1)[-1]


def head(result: StudyResult) -> list[Component]:
    """What the study is of, what is missing, and the equivalence tests in plain sentences."""
    report, definition = result.report, result.definition
    state = "complete" if report["complete"] else "under way"
    facts = (
        f"{report['images']} images, {len(report['raters'])} raters "
        f"({', '.join(report['raters']) or 'none yet'}), "
        f"{report['submitted']} of {report['tasks']} tasks handed in: {state}. "
        f"Margin ±{100 * report['margin']:g} %. Frozen as {report['definition_hash'][:12]}."
    )
    tests = [
        html.P(
            _link(Cell(words, key), report["study"]),
            className="human-level" if shown else "human-level not-shown",
        )
        for key, words, shown in human_level_sentences(report, name_of)
    ]
    missing = [html.Li(words) for words in missing_words(report)]
    instructions = [html.P(definition.instructions, className="study-instructions")]
    return [
        html.H2(QUESTIONS[report["question"]].text),
        html.P(facts, className="note"),
        *(instructions if definition.instructions else []),
        html.Div(tests, className="human-levels"),
        html.Ul(missing, className="study-missing") if missing else html.Span(),
    ]


def tables(report: Mapping[str, Any]) -> list[Component]:
    """Every table that does not depend on a choice."""
    made = all_tables(report, name_of)
    if not made:
        return [html.Section(html.P("There is nothing to compare yet."), className="card table-card")]
    return [
        html.Section(
            shown_table(table, report["study"]), className="card table-card", **aria(label=table.title)
        )
        for table in made
    ]


def shown_table(table: Table, study: str) -> list[Component]:
    """A table; a cell with a key is a link that lists the events behind it."""
    names = html.Tr([html.Th(name, scope="col") for name in table.columns])
    rows = [
        html.Tr(
            [
                html.Th(row.name, scope="row"),
                *(html.Td(_link(cell, study), title=cell.tip) for cell in row.cells),
            ],
            className=row.kind,
        )
        for row in table.rows
    ]
    shown = html.Table([html.Thead(names), html.Tbody(rows)], className="figures-table")
    note = [html.P(table.note, className="note")] if table.note else []
    return [html.H3(table.title), html.Div(shown, className="table-box"), *note]


def _link(cell: Cell, study: str) -> Component | str:
    if not cell.key:
        return cell.text
    href = path_of(study, of=cell.key)
    data: dict[str, Any] = {"data-number": cell.key}
    return html.A(
        cell.text, href=href, className="number", title=cell.tip or "List the events behind it", **data
    )


def detail(result: StudyResult, key: str | None, chosen: Chosen | None, library: Library) -> list[Component]:
    """The events behind a number, and what the comparison that it belongs to confuses."""
    if chosen is None:
        return [html.H3("Events"), html.P("There is nothing to compare yet.", className="note")]
    report = result.report
    key = key or f"{chosen.key}.{'agreement' if chosen.comparison['pixels'] else 'michel.agreement'}"
    behind = events_behind(report, key, result.images, name_of)
    if behind is None:
        return [html.H3("Events"), html.P(f"There is no number {key} in this report.", className="note")]
    by_class = class_table(chosen.comparison, chosen.key)
    return [
        *_events(behind, report, chosen, library),
        *shown_table(confusion_table(chosen.comparison, chosen.key, report, name_of), report["study"]),
        *(shown_table(by_class, report["study"]) if by_class is not None else []),
    ]


def _events(behind: Behind, report: Mapping[str, Any], chosen: Chosen, library: Library) -> list[Component]:
    if not behind.rows:
        return [html.H3(behind.title), html.P("No event is behind this number.", className="note")]
    installed = {card.sha256: card.name for card in available_weights()}
    hash = chosen.comparison["weights"] or next(iter(report["weights"]), "")
    lines = []
    for place, cells in behind.rows:
        lines.append(
            html.Tr(
                [
                    html.Td(f"{place['run']} / {place['subrun']} / {place['event']}"),
                    *(html.Td(cell) for cell in cells),
                    _see(place, installed.get(hash), library),
                    html.Td(
                        html.A(
                            "A and B",
                            href=path_of(report["study"], "judge", image=str(place["images"][0])),
                            title="Two labellings of it side by side",
                        )
                    ),
                ]
            )
        )
    names = ("run / subrun / event", *behind.columns, "", "")
    shown = html.Table(
        [html.Thead(html.Tr([html.Th(name, scope="col") for name in names])), html.Tbody(lines)],
        className="figures-table",
    )
    return [html.H3(behind.title), html.Div(shown, className="events-list table-box")]


def _see(place: Mapping[str, Any], weights: str | None, library: Library) -> Component:
    look = {"overlay": "class"} if weights else {}
    link = event_link(place, place["planes"][-1], weights, library, look)
    if link.address is None:
        return html.Td(link.words, className="dim")
    said = f"See {place['run']} / {place['subrun']} / {place['event']} in the display"
    return html.Td(html.A(link.words, href=link.address, title=said))
