"""The one place that decides colours: classes, charge, overlays and surfaces, for both themes.

Class colours are those of Okabe and Ito, told apart by colour-blind eyes; viridis and jet are the
published tables, sampled. The browser gets all of this as JSON and as CSS variables.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from lartpc.classes import PIXEL_CLASSES, PixelClass

Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
MAPS: Final = ("viridis", "jet", "grey")

UNKNOWN: Final = "#9AA0A6"

_CLASSES: Final[dict[PixelClass, str]] = {
    PixelClass.HIP: "#D55E00",
    PixelClass.MIP: "#0072B2",
    PixelClass.SHOWER: "#009E73",
    PixelClass.DELTA: "#E69F00",
    PixelClass.MICHEL: "#CC79A7",
    PixelClass.UNKNOWN: UNKNOWN,
}
_MIP_ON_DARK: Final = "#56B4E9"

_VIRIDIS: Final = (
    "#440154", "#481A6C", "#472F7D", "#414487", "#39568C", "#31688E", "#2A788E", "#23888E",
    "#1F988B", "#22A884", "#35B779", "#54C568", "#7AD151", "#A5DB36", "#D2E21B", "#FDE725",
)  # fmt: skip
_JET: Final = (
    "#000080", "#0000FF", "#0080FF", "#00FFFF", "#80FF80", "#FFFF00", "#FF8000", "#FF0000", "#800000",
)  # fmt: skip

_SURFACES: Final[dict[Theme, dict[str, str]]] = {
    "light": {
        "page": "#F4F5F7", "panel": "#FFFFFF", "plane": "#FFFFFF", "dead": "#E3E5E9",
        "ink": "#1A1D21", "dim": "#565D67", "line": "#C3C8D0", "border": "#DFE2E7",
        "hair": "rgba(40,46,56,0.55)", "pin": "#101317", "accent": "#1B6EC2",
        "warn": "#9A3412", "disagree": "#D1003F", "agree": "#A9BACD", "neutrino": "#D55E00",
    },
    "dark": {
        "page": "#14171B", "panel": "#1A1E23", "plane": "#0B0D10", "dead": "#1D2126",
        "ink": "#E8EAED", "dim": "#A1A9B3", "line": "#444B55", "border": "#2B3037",
        "hair": "rgba(226,232,240,0.55)", "pin": "#FFFFFF", "accent": "#6CB2F5",
        "warn": "#FDA172", "disagree": "#FF4D6D", "agree": "#46586C", "neutrino": "#F07F2F",
    },
}  # fmt: skip

_RAMPS: Final[dict[Theme, dict[str, tuple[str, ...]]]] = {
    "light": {
        "grey": ("#C9CCD1", "#0E1114"),
        "charge_under_overlay": ("#DADDE2", "#70767F"),
        "uncertainty": ("#D3D7DD", "#F2B279", "#DF5F5E", "#982D80", "#3A0F70"),
    },
    "dark": {
        "grey": ("#3A3F46", "#FFFFFF"),
        "charge_under_overlay": ("#30353C", "#9AA1AA"),
        "uncertainty": ("#4A5058", "#6B3A97", "#B5367A", "#F1605D", "#FECF92"),
    },
}

_INSTANCES: Final = (
    "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#8C6BB1", "#999933", "#44AA99", "#AA4466", "#6699CC",
)  # fmt: skip

_FOUND: Final[dict[Theme, tuple[str, ...]]] = {
    "light": (
        "#0072B2", "#782D5D", "#BE84FF", "#0B39BD", "#7F61F3", "#564F00", "#A582BA", "#42428C",
        "#94B072", "#C0304A", "#E790E4", "#83B81D", "#55A488", "#744C7D", "#256D4C", "#B449CC",
        "#2B9667", "#3057B1", "#9B7CE3", "#8D559A", "#76363C", "#28B7D4", "#735A13", "#3B46D1",
    ),
    "dark": (
        "#56B4E9", "#60FCDA", "#8E5DE7", "#F1E344", "#C21628", "#C444AC", "#E6C58F", "#A1D0FD",
        "#8688FE", "#4B9077", "#9832AE", "#60AC76", "#DE3B40", "#FA81CB", "#8DDCD0", "#6949D2",
        "#D7E6AB", "#F8C20D", "#AAB97F", "#E05EC6", "#924791", "#2D7B48", "#61C8A4", "#A25CC8",
    ),
}  # fmt: skip
"""Instances of a detector in turn. Each is the one farthest in OKLab from those before it, from the grey of
charge and from the neutrino's orange, as seen by normal, deuteranopic and protanopic eyes alike."""

_FOUND_NEUTRINOS: Final[dict[Theme, tuple[str, ...]]] = {
    "light": ("#D55E00", "#F08A24", "#A63603"),
    "dark": ("#F07F2F", "#FFB26B", "#D9541E"),
}

_PLANES: Final = {"U": "#8C6BB1", "V": "#A08A00", "Y": "#2FA095"}
"""Planes where they are compared in one figure; told apart from the classes, too."""

_RIGHT_AND_WRONG: Final[dict[Theme, tuple[str, str, str]]] = {
    "light": ("#B42318", "#FFFFFF", "#0B5CA8"),
    "dark": ("#D9534A", "#14171B", "#3D8FDB"),
}
"""Ramp of a confusion matrix: all wrong, nothing, all right."""


def class_colour(pixel_class: PixelClass, theme: Theme = "light") -> str:
    """Colour of a pixel class as #RRGGBB."""
    if theme == "dark" and pixel_class is PixelClass.MIP:
        return _MIP_ON_DARK
    return _CLASSES[pixel_class]


def colour_maps(theme: Theme) -> dict[str, tuple[str, ...]]:
    """Evenly spaced stops of each ADC colour map, from little charge to much.

    More charge always lies further from the background: on a light one viridis runs from green to
    violet. The end that would not be seen on the background is left out.
    """
    viridis = _VIRIDIS[2:] if theme == "dark" else _VIRIDIS[13::-1]
    return {"viridis": viridis, "jet": _JET, "grey": _RAMPS[theme]["grey"]}


def plane_colour(plane: str) -> str:
    """Colour of a wire plane where planes are compared."""
    return _PLANES[plane]


def right_and_wrong(theme: Theme) -> tuple[str, str, str]:
    """Colours of all wrong, nothing and all right."""
    return _RIGHT_AND_WRONG[theme]


_NOT_MICHEL: Final = "#7F8C8D"
_UNSURE: Final = "#F0E442"
_IMPOSSIBLE: Final = "#8C564B"
_PHOTONS: Final = "#8C6BB1"


def label_colours(theme: Theme) -> list[str]:
    """Colours of `records.questions.LabelClass` from 0 on: the coarse classes look like the fine ones."""
    fine = [class_colour(pixel_class, theme) for pixel_class in PIXEL_CLASSES]
    track, shower = fine[PixelClass.MIP], fine[PixelClass.SHOWER]
    return [*fine, track, shower, _NOT_MICHEL, _UNSURE, _IMPOSSIBLE]


def part_colours(theme: Theme) -> list[str]:
    """Colours of the pixels of labelled objects: core of a Michel, its detached photons, shower."""
    michel, shower = class_colour(PixelClass.MICHEL, theme), class_colour(PixelClass.SHOWER, theme)
    return [michel, _PHOTONS, shower]


def surfaces(theme: Theme) -> dict[str, str]:
    """CSS colours of page, panels, text, lines and marks."""
    return dict(_SURFACES[theme])


def theme_table(theme: Theme) -> dict[str, Any]:
    """Everything the renderer needs of one theme, as JSON values."""
    return {
        **surfaces(theme),
        "labels": label_colours(theme),
        "parts": part_colours(theme),
        "maps": colour_maps(theme),
        "charge_under_overlay": _RAMPS[theme]["charge_under_overlay"],
        "uncertainty": _RAMPS[theme]["uncertainty"],
        "classes": [class_colour(pixel_class, theme) for pixel_class in PIXEL_CLASSES],
        "instances": _INSTANCES,
        "found": _FOUND[theme],
        "found_neutrinos": _FOUND_NEUTRINOS[theme],
        "unknown": UNKNOWN,
    }


def css_variables(theme: Theme) -> str:
    """Declarations ``--name: colour;`` of the surfaces and classes of a theme."""
    colours = {f"as-{name}": colour for name, colour in _SURFACES[theme].items()}
    colours |= {f"as-class-{c.name.lower()}": class_colour(c, theme) for c in PIXEL_CLASSES}
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
