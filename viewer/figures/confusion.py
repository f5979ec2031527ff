"""The confusion matrix: who was taken for whom, as shares of truth, shares of prediction, or pixels."""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from lartpc.classes import PIXEL_CLASSES
from lartpc.metrics.segmentation import normalised
from viewer import palette
from viewer.figures.style import axis, colour, figure
from viewer.figures.words import count
from viewer.palette import Theme

SHARES: Final = {
    "true": "share of the true class",
    "predicted": "share of the predicted class",
    "counts": "pixels",
}
"""What the cells can tell, and its words."""

Cell = tuple[int, int]
"""True class and predicted class."""

_HEIGHT = 400
_LABELS = [c.label for c in PIXEL_CLASSES]


def confusion(
    counts: ArrayLike, shares: str, theme: Theme, title: str, about: str, chosen: Cell | None = None
) -> go.Figure:
    """Our matrix. counts: (5, 5) pixels, rows true. shares: a key of SHARES. chosen: the cell to frame.

    A cell's customdata are the labels of its true and its predicted class. Right cells are shaded in
    one colour and wrong ones in another, which is at its full strength from a half on and falls
    with the root of the share, so that small shares are seen.
    """
    pixels = np.asarray(counts, np.float64)
    by_true, by_predicted = normalised(pixels, "true"), normalised(pixels, "predicted")
    shaded = by_predicted if shares == "predicted" else by_true
    text = [[count(n) for n in row] for row in pixels] if shares == "counts" else _three_digits(shaded)
    tips = [
        [
            f"<b>true {_LABELS[t]}, predicted {_LABELS[p]}</b><br>{count(pixels[t, p])} pixels"
            f"<br>{_share(by_true[t, p])} of all true {_LABELS[t]}"
            f"<br>{_share(by_predicted[t, p])} of all predicted {_LABELS[p]}"
            for p in range(len(_LABELS))
        ]
        for t in range(len(_LABELS))
    ]
    made = _matrix(shaded, text, tips, theme, title, about)
    made.update_yaxes(ticktext=_with_pixels(pixels.sum(axis=1), theme))
    made.update_xaxes(ticktext=_with_pixels(pixels.sum(axis=0), theme))
    if chosen is not None:
        _frame(made, chosen, theme)
    return made


def published_confusion(shares: ArrayLike, theme: Theme, title: str, about: str) -> go.Figure:
    """A published matrix. shares: (5, 5), rows true, each row sums to about 1."""
    by_true = np.asarray(shares, np.float64)
    tips = [
        [f"<b>true {t}, predicted {p}</b><br>{_share(value)} of all true {t}" for p, value in row]
        for t, row in ((t, zip(_LABELS, row, strict=True)) for t, row in zip(_LABELS, by_true, strict=True))
    ]
    return _matrix(by_true, _three_digits(by_true), tips, theme, title, about)


def _matrix(
    shaded: NDArray[np.float64],
    text: list[list[str]],
    tips: list[list[str]],
    theme: Theme,
    title: str,
    about: str,
) -> go.Figure:
    size = len(_LABELS)
    places = list(range(size))
    wrong = -np.sqrt(np.clip(shaded / 0.5, 0, 1))
    made = figure(theme, title, about, height=_HEIGHT)
    made.add_heatmap(
        z=np.where(np.eye(size, dtype=bool), shaded, wrong),
        x=places,
        y=places,
        zmin=-1,
        zmax=1,
        colorscale=_scale(theme),
        showscale=False,
        xgap=2,
        ygap=2,
        text=text,
        texttemplate="%{text}",
        textfont={"size": 13},
        customdata=[[[_LABELS[t], _LABELS[p]] for p in places] for t in places],
        hovertext=tips,
        hoverinfo="text",
    )
    ticks = {"tickvals": places, "ticktext": _LABELS, "showline": False, "ticks": "", "showgrid": False}
    made.update_xaxes(**axis(theme, "predicted class", **ticks), constrain="domain")
    made.update_yaxes(**axis(theme, "true class", **ticks), autorange="reversed")
    made.update_layout(margin={"l": 86, "r": 14, "t": 58, "b": 66})
    return made


def _scale(theme: Theme) -> list[tuple[float, str]]:
    """From all wrong over nothing to all right."""
    return list(zip((0.0, 0.5, 1.0), palette.right_and_wrong(theme), strict=True))


def _frame(made: go.Figure, chosen: Cell, theme: Theme) -> None:
    true, predicted = chosen
    made.add_shape(
        type="rect",
        x0=predicted - 0.49,
        x1=predicted + 0.49,
        y0=true - 0.49,
        y1=true + 0.49,
        line={"color": colour(theme, "ink"), "width": 2.5},
    )


def _with_pixels(totals: NDArray[np.float64], theme: Theme) -> list[str]:
    dim = colour(theme, "dim")
    return [
        f"{label}<br><span style='font-size:10.5px;color:{dim}'>{count(total)}</span>"
        for label, total in zip(_LABELS, totals, strict=True)
    ]


def _three_digits(shares: NDArray[np.float64]) -> list[list[str]]:
    return [["–" if np.isnan(share) else f"{share:.3f}" for share in row] for row in shares]


def _share(value: float) -> str:
    return "none" if np.isnan(value) else f"{100 * value:.1f} %"
