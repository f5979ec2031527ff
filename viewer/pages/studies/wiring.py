"""Callbacks of the Studies page: each reads the address or a control, calls one function, and returns."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from records.comparison_table import table
from viewer.figures.studies import (
    agreement_figure,
    disagreement_figure,
    equivalence_figure,
    spectra_figure,
)
from viewer.figures.study_page import study_page
from viewer.figures.study_tables import SOURCES, comparison_name
from viewer.pages.studies import ids
from viewer.pages.studies.address import VIEWS, Address, path_of, query_value, read_path
from viewer.pages.studies.judging import Judging
from viewer.pages.studies.layout import config
from viewer.pages.studies.numbers import chosen_comparison
from viewer.pages.studies.parts import detail, head, listing, tables
from viewer.pages.studies.studies import CannotShowError, Studies, name_of
from viewer.pages.studies.turing import Turing
from viewer.palette import Theme
from viewer.services import Services
from viewer.study_access import StudyAccess

_VIEW_NAMES = {"results": "Results", "judge": "Adjudicate", "turing": "Turing test"}


def register(app: Dash, services: Services, access: StudyAccess) -> None:
    """Wire the page to the services' database."""
    studies = Studies(services, access)
    _frame(app, studies)
    _results(app, studies)
    _detail(app, studies)
    _downloads(app, studies)
    _judge(app, Judging(studies))
    _turing(app, Turing(studies))
    _in_the_browser(app)


def _frame(app: Dash, studies: Studies) -> None:
    """The address → which part of the page is seen, and the list of studies."""

    @app.callback(
        Output(ids.LIST, "hidden"),
        *(Output(id, "hidden") for id in (ids.RESULTS, ids.JUDGE, ids.TURING)),
        Output(ids.TITLE, "children"),
        Output(ids.PARTS, "children"),
        Output(ids.LIST, "children"),
        Input(ids.ADDRESS, "pathname"),
    )
    def show(path: str) -> tuple[Any, ...]:
        address = read_path(path)
        try:
            found = studies.listed()
        except CannotShowError as problem:
            _say(problem)
            return True, True, True, True, "", [], []
        if address.study is None:
            return False, True, True, True, "", [], listing(found)
        own = next((study for study in found if study.name == address.study), None)
        if own is None:
            _say(
                CannotShowError(
                    f"There is no study of the name {address.study} here; these are all there are."
                )
            )
            return False, True, True, True, "", [], listing(found)
        hidden = (address.view != view for view in VIEWS)
        return True, *hidden, own.definition.title, _parts(address), []


def _parts(address: Address) -> list[Component]:
    return [
        html.A(
            words,
            href=path_of(str(address.study), view),
            className="current" if view == address.view else "",
        )
        for view, words in _VIEW_NAMES.items()
    ]


def _results(app: Dash, studies: Studies) -> None:
    @app.callback(
        Output(ids.HEAD, "children"),
        Output(ids.TABLES, "children"),
        Output(ids.AGREEMENT, "figure"),
        Output(ids.EQUIVALENCE, "figure"),
        Output(ids.AGREEMENT, "config"),
        Output(ids.EQUIVALENCE, "config"),
        Input(ids.ADDRESS, "pathname"),
        Input(ids.WHO, "data"),
        Input(ids.THEME, "data"),
    )
    def show(path: str, who: str | None, theme: Theme | None) -> tuple[Any, ...]:
        name = _study_of(path, "results", who, theme)
        try:
            result = studies.result(name, who)
        except CannotShowError as problem:
            _say(problem)
            set_props(ids.RESULTS, {"hidden": True})
            raise PreventUpdate from problem
        report = result.report
        assert theme is not None
        return (
            head(result),
            tables(report),
            agreement_figure(report, name_of, theme),
            equivalence_figure(report, name_of, theme),
            config(ids.AGREEMENT, name),
            config(ids.EQUIVALENCE, name),
        )


def _detail(app: Dash, studies: Studies) -> None:
    @app.callback(
        Output(ids.DETAIL, "children"),
        Output(ids.DISAGREEMENT, "figure"),
        Output(ids.SPECTRA, "figure"),
        Output(ids.DISAGREEMENT, "config"),
        Output(ids.SPECTRA, "config"),
        Input(ids.ADDRESS, "pathname"),
        Input(ids.WHO, "data"),
        Input(ids.THEME, "data"),
        Input(ids.NUMBER, "data"),
        State(ids.ADDRESS, "search"),
    )
    def show(
        path: str, who: str | None, theme: Theme | None, number: str | None, search: str
    ) -> tuple[Any, ...]:
        name = _study_of(path, "results", who, theme)
        assert theme is not None
        number = number or query_value(search, "of")
        try:
            result = studies.result(name, who)
        except CannotShowError as problem:
            raise PreventUpdate from problem  # said by the results
        report = result.report
        chosen = chosen_comparison(report, number)
        studies.services.library.refresh()
        shown = detail(result, number, chosen, studies.services.library)
        if chosen is None:
            return shown, no_update, no_update, no_update, no_update
        words = f"{comparison_name(chosen.comparison, report, name_of)}, {SOURCES[chosen.source]}"
        return (
            shown,
            disagreement_figure(chosen.comparison, words, report, theme),
            spectra_figure(report, chosen.source, name_of, theme),
            config(ids.DISAGREEMENT, name),
            config(ids.SPECTRA, name),
        )


def _downloads(app: Dash, studies: Studies) -> None:
    @app.callback(
        Output(ids.DOWNLOAD, "data"),
        Input(ids.SAVE_HTML, "n_clicks"),
        Input(ids.SAVE_CSV, "n_clicks"),
        State(ids.ADDRESS, "pathname"),
        State(ids.WHO, "data"),
        prevent_initial_call=True,
    )
    def save(_html: int, _csv: int, path: str, who: str | None) -> dict[str, str]:
        name = _study_of(path, "results", who, "light")
        try:
            report = studies.result(name, who).report
        except CannotShowError as problem:
            _say(problem)
            raise PreventUpdate from problem
        if ctx.triggered_id == ids.SAVE_CSV:
            return {"content": table(report), "filename": f"study-{name}.csv", "type": "text/csv"}
        page = study_page(report, name_of)
        return {"content": page, "filename": f"study-{name}.html", "type": "text/html"}


def _judge(app: Dash, judging: Judging) -> None:
    @app.callback(
        Output(ids.PAIR, "data"),
        Output(ids.PAIR_KEY, "data"),
        Output(ids.PAIR_WORDS, "children"),
        Output(ids.LEGEND, "children"),
        Output(ids.PAIR_BOX, "hidden"),
        Output(ids.VERDICTS, "children"),
        Input(ids.ADDRESS, "pathname"),
        Input(ids.WHO, "data"),
        Input(ids.BETWEEN, "value"),
        Input(ids.VERDICT, "data"),
        State(ids.ADDRESS, "search"),
    )
    def show(path: str, who: str | None, between: str, _stored: int, search: str) -> tuple[Any, ...]:
        name = _study_of(path, "judge", who, "light")
        wanted = query_value(search, "image") or ""
        try:
            shown = judging.shown(name, who, between, int(wanted) if wanted.isdecimal() else None)
        except CannotShowError as problem:
            _say(problem)
            return None, None, "", [], True, []
        return shown.picture, shown.key, shown.words, shown.legend, shown.picture is None, shown.verdicts

    @app.callback(
        Output(ids.VERDICT, "data"),
        Output(ids.VERDICT_SAID, "children"),
        Output(ids.COMMENT, "value"),
        *(Input(id, "n_clicks") for id in ids.VERDICT_BUTTONS.values()),
        State(ids.ADDRESS, "pathname"),
        State(ids.WHO, "data"),
        State(ids.BETWEEN, "value"),
        State(ids.PAIR_KEY, "data"),
        State(ids.COMMENT, "value"),
        State(ids.VERDICT, "data"),
        prevent_initial_call=True,
    )
    def judge(*given: Any) -> tuple[Any, ...]:
        path, who, between, key, comment, stored = given[len(ids.VERDICT_BUTTONS) :]
        verdict = next(v for v, id in ids.VERDICT_BUTTONS.items() if id == ctx.triggered_id)
        name = _study_of(path, "judge", who, "light")
        try:
            said = judging.judge(name, who, between, str(key), verdict, comment or "")
        except CannotShowError as problem:
            _say(problem)
            return no_update, no_update, no_update
        _say(None)
        return stored + 1, said, ""


def _turing(app: Dash, turing: Turing) -> None:
    @app.callback(
        Output(ids.TURN, "data"),
        Output(ids.TURN_KEY, "data"),
        Output(ids.TURN_WORDS, "children"),
        Output(ids.TURN_LEGEND, "children"),
        Output(ids.ASKING, "hidden"),
        Output(ids.SCORE, "children"),
        Output(ids.SCORE, "hidden"),
        Output(ids.CHOICES, "hidden"),
        Output(ids.HANDS, "hidden"),
        Output(ids.TURING, "className"),
        Input(ids.ADDRESS, "pathname"),
        Input(ids.WHO, "data"),
        Input(ids.AUDIENCE, "value"),
        Input(ids.ANSWERED, "data"),
    )
    def show(path: str, who: str | None, how: str, answered: list[str] | None) -> tuple[Any, ...]:
        name = _study_of(path, "turing", who, "light")
        audience = how == "audience"
        given = answered if ctx.triggered_id == ids.ANSWERED and answered else []
        try:
            turn = turing.next_in_show(name, who, given) if audience else turing.next_alone(name, who)
        except CannotShowError as problem:
            _say(problem)
            return None, None, "", [], True, [], True, True, True, "study-turing"
        asks = turn.turn is not None
        key = {name: turn.turn[name] for name in ("key", "record", "ids")} if turn.turn else None
        drawn = turn.turn["picture"] if turn.turn else None
        look = "study-turing large" if audience else "study-turing"
        return drawn, key, turn.words, turn.legend, not asks, turn.score, asks, audience, not audience, look

    @app.callback(
        Output(ids.ANSWERED, "data"),
        Output(ids.HANDS_LEFT, "value"),
        Output(ids.HANDS_RIGHT, "value"),
        Input(ids.CHOOSE_LEFT, "n_clicks"),
        Input(ids.CHOOSE_RIGHT, "n_clicks"),
        Input(ids.HANDS_NEXT, "n_clicks"),
        State(ids.ADDRESS, "pathname"),
        State(ids.WHO, "data"),
        State(ids.TURN_KEY, "data"),
        State(ids.HANDS_LEFT, "value"),
        State(ids.HANDS_RIGHT, "value"),
        prevent_initial_call=True,
    )
    def answer(*given: Any) -> tuple[Any, ...]:
        path, who, turn, left, right = given[3:]
        name = _study_of(path, "turing", who, "light")
        if not turn:
            raise PreventUpdate
        audience = ctx.triggered_id == ids.HANDS_NEXT
        if not audience:
            left, right = int(ctx.triggered_id == ids.CHOOSE_LEFT), int(ctx.triggered_id == ids.CHOOSE_RIGHT)
        elif not (_is_count(left) and _is_count(right) and left + right):
            _say(CannotShowError("Enter how many hands were raised for the left and for the right one."))
            return no_update, no_update, no_update
        try:
            stored = turing.answer(name, who, turn["key"], left, right, audience, turn["record"])
        except CannotShowError as problem:
            _say(problem)
            return no_update, no_update, no_update
        _say(None)
        return [*turn["ids"], stored], 0, 0


def _study_of(path: str, view: str, who: str | None, theme: Theme | None) -> str:
    """The study of the address, if it is in this view and the browser has told name and theme."""
    address = read_path(path)
    if address.study is None or address.view != view or who is None or theme is None:
        raise PreventUpdate
    return address.study


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _say(problem: CannotShowError | None) -> None:
    set_props(ids.PROBLEM, {"children": [] if problem is None else [html.P(str(problem))]})


def _in_the_browser(app: Dash) -> None:
    """What needs no server: theme, name, the number whose events are listed, and drawing."""

    def call(function: str, *arguments: Any, at_start: bool = False, of: str = "studies") -> None:
        app.clientside_callback(
            ClientsideFunction(of, function), *arguments, prevent_initial_call=not at_start
        )

    call("theme", Output(ids.THEME, "data"), Input(ids.THEME_TOGGLE, "n_clicks"), at_start=True, of="models")
    call("back", Output(ids.EVENTS_LINK, "href"), Input(ids.ADDRESS, "pathname"), at_start=True, of="models")
    call("who", Output(ids.WHO, "data"), Input(ids.NAME, "value"), at_start=True)
    call("audience", Output(ids.AUDIENCE, "value"), Input(ids.ADDRESS, "search"), at_start=True)
    call("number", Input(ids.NUMBER, "data"))
    call(
        "drawPair",
        Input(ids.PAIR, "data"),
        Input(ids.THEME, "data"),
        Input(ids.ONLY_DIFFERENT, "checked"),
    )
    call("drawTurn", Input(ids.TURN, "data"), Input(ids.THEME, "data"))
