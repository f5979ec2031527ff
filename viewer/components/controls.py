"""Small controls in the house's size, and icons drawn by the style sheet."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component


def aria(**words: str) -> dict[str, Any]:
    """ARIA attributes by their short names: aria(label="File") is {"aria-label": "File"}."""
    return {f"aria-{name}": word for name, word in words.items()}


def icon(name: str) -> Component:
    """An icon of assets/style.css."""
    return html.Span(className=f"icon icon-{name}", **aria(hidden="true"))


def icon_button(id: str, name: str, says: str, **props: Any) -> Component:
    """A button of one icon; says is its name for screen readers and its tip."""
    return dmc.ActionIcon(
        icon(name),
        id=id,
        variant="subtle",
        color="gray",
        size=30,
        n_clicks=0,
        attributes={"root": {**aria(label=says), "title": says}},
        **props,
    )


def link_button(href: str, name: str, says: str) -> Component:
    """A link to another page that looks like the icon buttons beside it."""
    return html.A(icon(name), href=href, title=says, className="link-button", **aria(label=says))


def section(title: str, children: list[Component], title_id: str | None = None) -> Component:
    """A titled part of the panel."""
    heading = html.H2(title, id=title_id) if title_id else html.H2(title)
    return html.Section([heading, *children], className="section")


def folding_section(id: str, title: str, children: list[Component]) -> Component:
    """A titled part of the panel that a click on its title opens; closed at first."""
    return html.Details([html.Summary(html.H2(title)), *children], id=id, className="section folding")


def labelled(label: str, control: Component) -> Component:
    """A control with its name at the left."""
    return html.Div([html.Span(label, className="label"), control], className="labelled")


def number_input(id: str, says: str, value: float, **props: Any) -> Component:
    """A narrow box for a number, without spin buttons; reports when it is left or Enter is pressed."""
    return dmc.NumberInput(
        id=id,
        value=value,
        size="xs",
        hideControls=True,
        debounce=True,
        inputProps=aria(label=says),
        **props,
    )


def slider_input(id: str, says: str, **props: Any) -> Component:
    """A thin slider that reports while it is dragged."""
    return dmc.Slider(
        id=id,
        size="xs",
        updatemode="drag",
        thumbSize=12,
        styles={"root": {"flex": 1}},
        attributes={"thumb": aria(label=says)},
        **props,
    )
