"""The confusion matrix: who was taken for whom, as shares of truth, shares of prediction, or pixels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from lartpc.classes import PIXEL_CLASSES
from lartpc.metrics.segmentation import normalised
from viewer import palette
from viewer.figures.style import axis, class_names, colour, figure
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

    A cell's customdata are its true and its predicted class, "delta-shower". Right cells are shaded in
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
    names = (_with_pixels(pixels.sum(axis=0), theme), _with_pixels(pixels.sum(axis=1), theme))
    frame = [] if chosen is None else [_frame(chosen, colour(theme, "ink"))]
    return _matrix(shaded, text, tips, names, theme, title, about, shapes=frame)


def published_confusion(shares: ArrayLike, theme: Theme, title: str, about: str) -> go.Figure:
    """A published matrix. shares: (5, 5), rows true, each row sums to about 1."""
    by_true = np.asarray(shares, np.float64)
    tips = [
        [f"<b>true {t}, predicted {p}</b><br>{_share(value)} of all true {t}" for p, value in row]
        for t, row in ((t, zip(_LABELS, row, strict=True)) for t, row in zip(_LABELS, by_true, strict=True))
    ]
    names = (class_names(theme), class_names(theme))
    # A long source fits a narrow card in smaller letters.
    return _matrix(by_true, _three_digits(by_true), tips, names, theme, title, about, about_size=10.5)


def _matrix(
    shaded: NDArray[np.float64],
    text: list[list[str]],
    tips: list[list[str]],
    names: tuple[list[str], list[str]],
    theme: Theme,
    title: str,
    about: str,
    **layout: Any,
) -> go.Figure:
    """shaded: shares, rows true. names: of the columns, and of the rows."""
    places = list(range(len(_LABELS)))
    wrong = -np.sqrt(np.clip(shaded / 0.5, 0, 1))
    heatmap = {
        "type": "heatmap",
        "z": np.nan_to_num(np.where(np.eye(len(places), dtype=bool), shaded, wrong)),
        "x": places,
        "y": places,
        "zmin": -1,
        "zmax": 1,
        "colorscale": _scale(theme),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"size": 13},
        "customdata": [[f"{t}-{p}" for p in _LABELS] for t in _LABELS],
        "hovertext": tips,
        "hoverinfo": "text",
    }
    bare = {"tickvals": places, "showline": False, "ticks": "", "showgrid": False}
    return figure(
        theme,
        title,
        about,
        [heatmap],
        axis(theme, "predicted class", ticktext=names[0], constrain="domain", **bare),
        axis(theme, "true class", ticktext=names[1], autorange="reversed", **bare),
        height=_HEIGHT,
        margin={"l": 86, "r": 14, "t": 58, "b": 66},
        **layout,
    )


def _scale(theme: Theme) -> list[tuple[float, str]]:
    """From all wrong over nothing to all right."""
    return list(zip((0.0, 0.5, 1.0), palette.right_and_wrong(theme), strict=True))


def _frame(chosen: Cell, colour: str) -> dict[str, Any]:
    true, predicted = chosen
    return {
        "type": "rect",
        "x0": predicted - 0.49,
        "x1": predicted + 0.49,
        "y0": true - 0.49,
        "y1": true + 0.49,
        "line": {"color": colour, "width": 2.5},
    }


def _with_pixels(totals: NDArray[np.float64], theme: Theme) -> list[str]:
    dim = colour(theme, "dim")
    return [
        f"{label}<br><span style='font-size:10.5px;color:{dim}'>{count(total)}</span>"
        for label, total in zip(class_names(theme), totals, strict=True)
    ]


def _three_digits(shares: NDArray[np.float64]) -> list[list[str]]:
    return [["–" if np.isnan(share) else f"{share:.3f}" for share in row] for row in shares]


def _share(value: float) -> str:
    return "none" if np.isnan(value) else f"{100 * value:.1f} %"
