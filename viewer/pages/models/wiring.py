"""Callbacks of the Models page: each reads the address or a control, calls one function, and returns."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from viewer.pages.models import ids
from viewer.pages.models.choice import bin_of, cell_of, read_address
from viewer.pages.models.drawings import Report, confusion_figure
from viewer.pages.models.instance_drawings import efficiency_purity_figure
from viewer.pages.models.layout import FIGURES, INSTANCE_FIGURES, config
from viewer.pages.models.models import Models
from viewer.pages.models.parts import confusion_csv
from viewer.palette import Theme
from viewer.services import Services


def register(app: Dash, services: Services) -> None:
    """Wire the page to the services' evaluations."""
    models = Models(services)
    _choice(app, models)
    _numbers(app, models)
    _confusion(app, models)
    _events(app, models)
    _instances(app, models)
    _in_the_browser(app)


def _choice(app: Dash, models: Models) -> None:
    """Address and choosers → the id of the evaluation shown, and what the choosers offer."""

    @app.callback(
        Output(ids.EVALUATION, "data"),
        Output(ids.WEIGHTS, "data"),
        Output(ids.WEIGHTS, "value"),
        Output(ids.PLANE, "data"),
        Output(ids.PLANE, "value"),
        Output(ids.SAMPLE, "data"),
        Output(ids.SAMPLE, "value"),
        Output(ids.PROBLEMS, "children"),
        Output(ids.EMPTY, "hidden"),
        Output(ids.CONTENT, "hidden"),
        Output(ids.INSTANCE_CONTENT, "hidden"),
        Output(ids.CHOOSERS, "hidden"),
        Input(ids.ADDRESS, "search"),
        Input(ids.WEIGHTS, "value"),
        Input(ids.PLANE, "value"),
        Input(ids.SAMPLE, "value"),
        State(ids.EVALUATION, "data"),
    )
    def choose(search: str, weights: str, plane: str, sample: str, shown: str | None) -> tuple[Any, ...]:
        changed = {ids.WEIGHTS: {"weights": weights}, ids.PLANE: {"plane": plane}, ids.SAMPLE: {"id": sample}}
        if shown is None or ctx.triggered_id not in changed:
            return models.opened(read_address(search).evaluation)
        return models.changed(shown, **changed[ctx.triggered_id])

    @app.callback(
        Output(ids.SHARES, "value"),
        Output(ids.CELL, "data"),
        Input(ids.ADDRESS, "search"),
    )
    def look(search: str) -> tuple[str, str | None]:
        address = read_address(search)
        return address.shares, address.cell


def _numbers(app: Dash, models: Models) -> None:
    """The evaluation and the theme → all that does not depend on a cell."""

    @app.callback(
        *(Output(figure, "figure") for figure in FIGURES),
        *(Output(figure, "config") for figure in FIGURES),
        Output(ids.HEAD, "children"),
        Output(ids.ICPF_TABLE, "children"),
        Output(ids.CARD, "children"),
        Input(ids.EVALUATION, "data"),
        Input(ids.THEME, "data"),
        Input(ids.PICTURES, "value"),
    )
    def show(evaluation: str | None, theme: Theme | None, pictures: str) -> tuple[Any, ...]:
        report = _report(models, evaluation)
        if theme is None:
            raise PreventUpdate
        figures = models.figures(report, str(evaluation), theme)
        configs = (config(figure, str(evaluation), pictures) for figure in FIGURES)
        return (*figures, *configs, *models.tables(report))


def _confusion(app: Dash, models: Models) -> None:
    @app.callback(
        Output(ids.CONFUSION, "figure"),
        Output(ids.CONFUSION, "config"),
        Input(ids.EVALUATION, "data"),
        Input(ids.THEME, "data"),
        Input(ids.PICTURES, "value"),
        Input(ids.SHARES, "value"),
        Input(ids.CELL, "data"),
    )
    def show(
        evaluation: str | None, theme: Theme | None, pictures: str, shares: str, cell: str | None
    ) -> tuple[Any, ...]:
        if theme is None:
            raise PreventUpdate
        figure = confusion_figure(_report(models, evaluation), shares, theme, cell_of(cell))
        return figure, config(ids.CONFUSION, str(evaluation), pictures)

    @app.callback(
        Output(ids.DOWNLOAD, "data"),
        Input(ids.CSV, "n_clicks"),
        State(ids.EVALUATION, "data"),
        prevent_initial_call=True,
    )
    def save(clicks: int, evaluation: str | None) -> dict[str, str]:
        report = _report(models, evaluation)
        return {"content": confusion_csv(report), "filename": f"confusion-{evaluation}.csv"}


def _events(app: Dash, models: Models) -> None:
    @app.callback(
        Output(ids.EVENTS_TITLE, "children"),
        Output(ids.EVENTS, "children"),
        Output(ids.ALL_EVENTS, "hidden"),
        Input(ids.EVALUATION, "data"),
        Input(ids.CELL, "data"),
    )
    def show(evaluation: str | None, cell: str | None) -> tuple[str, Component, bool]:
        return models.events(_report(models, evaluation), cell_of(cell))


def _instances(app: Dash, models: Models) -> None:
    """All of a detector."""

    @app.callback(
        *(Output(figure, "figure") for figure in INSTANCE_FIGURES),
        *(Output(figure, "config") for figure in INSTANCE_FIGURES),
        Output(ids.INSTANCE_HEAD, "children"),
        Output(ids.INSTANCE_TABLE, "children"),
        Output(ids.MISSED_TABLE, "children"),
        Output(ids.INSTANCE_CARD, "children"),
        Input(ids.EVALUATION, "data"),
        Input(ids.THEME, "data"),
        Input(ids.PICTURES, "value"),
    )
    def show(evaluation: str | None, theme: Theme | None, pictures: str) -> tuple[Any, ...]:
        report = _report(models, evaluation, detector=True)
        if theme is None:
            raise PreventUpdate
        figures = models.instance_figures(report, str(evaluation), theme)
        configs = (config(figure, str(evaluation), pictures) for figure in INSTANCE_FIGURES)
        return (*figures, *configs, *models.instance_tables(report))

    @app.callback(
        Output(ids.EFFICIENCY_PURITY, "figure"),
        Output(ids.EFFICIENCY_PURITY, "config"),
        Input(ids.EVALUATION, "data"),
        Input(ids.THEME, "data"),
        Input(ids.PICTURES, "value"),
        Input(ids.CELL, "data"),
    )
    def show_histogram(
        evaluation: str | None, theme: Theme | None, pictures: str, cell: str | None
    ) -> tuple[Any, ...]:
        report = _report(models, evaluation, detector=True)
        if theme is None:
            raise PreventUpdate
        figure = efficiency_purity_figure(report, theme, bin_of(cell))
        return figure, config(ids.EFFICIENCY_PURITY, str(evaluation), pictures)

    @app.callback(
        Output(ids.INSTANCE_EVENTS_TITLE, "children"),
        Output(ids.INSTANCE_EVENTS, "children"),
        Output(ids.ALL_INSTANCE_EVENTS, "hidden"),
        Input(ids.EVALUATION, "data"),
        Input(ids.CELL, "data"),
    )
    def show_events(evaluation: str | None, cell: str | None) -> tuple[str, Component, bool]:
        return models.instance_events(_report(models, evaluation, detector=True), bin_of(cell))


def _report(models: Models, evaluation: str | None, detector: bool = False) -> Report:
    """The report of an id; nothing is shown where there is none, or where it is of the other kind."""
    report = models.report_of(evaluation, detector)
    if report is None:
        raise PreventUpdate
    return report


def _in_the_browser(app: Dash) -> None:
    """What needs no server: theme, picked cell, the address."""

    def call(function: str, *arguments: Any, at_start: bool = False) -> None:
        app.clientside_callback(
            ClientsideFunction("models", function), *arguments, prevent_initial_call=not at_start
        )

    call("theme", Output(ids.THEME, "data"), Input(ids.THEME_TOGGLE, "n_clicks"), at_start=True)
    call("back", Output(ids.EVENTS_LINK, "href"), Input(ids.ADDRESS, "pathname"), at_start=True)
    call("pick", Input(ids.CONFUSION, "clickData"))
    call("allEvents", Input(ids.ALL_EVENTS, "n_clicks"))
    call("pick", Input(ids.EFFICIENCY_PURITY, "clickData"))
    call("allEvents", Input(ids.ALL_INSTANCE_EVENTS, "n_clicks"))
    call("address", Input(ids.EVALUATION, "data"), Input(ids.SHARES, "value"), Input(ids.CELL, "data"))
