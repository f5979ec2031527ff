"""The spectrum of Michel electrons, true beside reconstructed, as a plotly figure and as a page."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lartpc.classes import PixelClass
from lartpc.metrics.michel import Spectrum
from viewer import palette
from viewer.palette import Theme

_COLUMN_PX = 460
_HEIGHT_PX = 460


def spectra_figure(spectra: Mapping[str, Spectrum], about: str, theme: Theme = "light") -> go.Figure:
    """One panel a plane, side by side, one plane at least; about: a line on where the events come from."""
    figure = make_subplots(
        cols=len(spectra), shared_yaxes=True, subplot_titles=[f"plane {plane}" for plane in spectra]
    )
    for column, spectrum in enumerate(spectra.values(), start=1):
        for trace in _traces(spectrum, theme, with_legend=column == 1):
            figure.add_trace(trace, row=1, col=column)
    surface = palette.surfaces(theme)
    figure.update_layout(
        template="none",
        title={
            "text": "Michel electrons: energy of primary ionisation",
            "subtitle": {"text": about},
            "x": 0.02,
            "xanchor": "left",
        },
        width=max(_COLUMN_PX * len(spectra), 620),
        height=_HEIGHT_PX,
        margin={"l": 70, "r": 20, "t": 120, "b": 120},
        paper_bgcolor=surface["panel"],
        plot_bgcolor=surface["panel"],
        font={"color": surface["ink"], "size": 13},
        legend={"orientation": "h", "y": -0.32, "yanchor": "top", "x": 0.5, "xanchor": "center"},
        hovermode="x unified",
        hoverlabel={"bgcolor": surface["panel"], "font": {"color": surface["ink"]}},
    )
    axis = {"gridcolor": surface["border"], "linecolor": surface["line"], "zeroline": False}
    figure.update_xaxes(title={"text": "energy of primary ionisation (MeV)", "standoff": 8}, dtick=10, **axis)
    figure.update_yaxes(rangemode="tozero", **axis)
    figure.update_yaxes(title_text=f"Michel electrons per {_bin_mev(spectra):g} MeV", col=1)
    return figure


def spectra_page(spectra: Mapping[str, Spectrum], about: str) -> str:
    """A whole HTML page that needs no network."""
    page: str = spectra_figure(spectra, about).to_html(include_plotlyjs=True, full_html=True)
    return page


def _bin_mev(spectra: Mapping[str, Spectrum]) -> float:
    """Width of the bins, the same on all planes."""
    edges = next(iter(spectra.values())).edges_mev
    return float(edges[1] - edges[0])


def _traces(spectrum: Spectrum, theme: Theme, with_legend: bool) -> list[go.Scatter]:
    """True as a filled outline, what was found of it, all candidates and the matched ones as lines."""
    surface = palette.surfaces(theme)
    michel = palette.class_colour(PixelClass.MICHEL, theme)
    looks = (
        ("true", spectrum.true, {"color": surface["dim"], "width": 1}, "tozeroy"),
        ("true, of those found", spectrum.found, {"color": surface["dim"], "width": 2, "dash": "dot"}, None),
        ("reconstructed", spectrum.candidates, {"color": michel, "width": 2.5}, None),
        (
            "reconstructed, matched to a true one",
            spectrum.matched,
            {"color": michel, "width": 2, "dash": "dot"},
            None,
        ),
    )
    edges = spectrum.edges_mev
    return [
        go.Scatter(
            x=edges,
            y=[*counts, counts[-1]],
            name=name,
            legendgroup=name,
            showlegend=with_legend,
            mode="lines",
            line={"shape": "hv", **line},
            fill=fill,
            fillcolor=surface["border"] if fill else None,
            hovertemplate="%{y}",
        )
        for name, counts, line, fill in looks
    ]
