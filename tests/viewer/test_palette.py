"""Colours: those that were decided, and contrast that can be read."""

from __future__ import annotations

import re

import pytest

from lartpc.classes import PIXEL_CLASSES, PixelClass
from viewer import palette


def _luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert _contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize(
    ("pixel_class", "light", "dark"),
    [
        (PixelClass.HIP, "#D55E00", "#D55E00"),
        (PixelClass.MIP, "#0072B2", "#56B4E9"),
        (PixelClass.SHOWER, "#009E73", "#009E73"),
        (PixelClass.DELTA, "#E69F00", "#E69F00"),
        (PixelClass.MICHEL, "#CC79A7", "#CC79A7"),
        (PixelClass.UNKNOWN, "#9AA0A6", "#9AA0A6"),
    ],
)
def test_class_colours(pixel_class: PixelClass, light: str, dark: str) -> None:
    assert palette.class_colour(pixel_class, "light") == light
    assert palette.class_colour(pixel_class, "dark") == dark


@pytest.mark.parametrize("theme", palette.THEMES)
@pytest.mark.parametrize("text", ["ink", "dim", "warn"])
@pytest.mark.parametrize("ground", ["page", "panel"])
def test_text_can_be_read(theme: palette.Theme, text: str, ground: str) -> None:
    surfaces = palette.surfaces(theme)
    assert _contrast(surfaces[text], surfaces[ground]) >= 4.5


@pytest.mark.parametrize("theme", palette.THEMES)
def test_classes_stand_out_from_the_plane(theme: palette.Theme) -> None:
    plane = palette.surfaces(theme)["plane"]
    for pixel_class in PIXEL_CLASSES:
        assert _contrast(palette.class_colour(pixel_class, theme), plane) >= 2


@pytest.mark.parametrize("theme", palette.THEMES)
def test_instances_have_many_colours_that_stand_out_and_none_of_a_neutrino(theme: palette.Theme) -> None:
    table = palette.theme_table(theme)
    found, neutrinos = table["found"], table["found_neutrinos"]
    assert len({*found, *neutrinos}) == len(found) + len(neutrinos)
    assert len(found) >= 24
    for colour in (*found, *neutrinos):
        assert _contrast(colour, table["plane"]) >= 2


@pytest.mark.parametrize("theme", palette.THEMES)
@pytest.mark.parametrize("name", ["viridis", "grey"])
def test_more_charge_stands_out_more(theme: palette.Theme, name: str) -> None:
    plane = palette.surfaces(theme)["plane"]
    contrasts = [_contrast(colour, plane) for colour in palette.colour_maps(theme)[name]]
    assert contrasts == sorted(contrasts)


@pytest.mark.parametrize("theme", palette.THEMES)
def test_the_renderer_gets_five_classes_and_three_maps(theme: palette.Theme) -> None:
    table = palette.theme_table(theme)
    assert table["classes"] == [palette.class_colour(c, theme) for c in PIXEL_CLASSES]
    assert set(table["maps"]) == set(palette.MAPS)


def test_css_variables_are_declarations() -> None:
    declarations = palette.css_variables("dark").split("; ")
    assert all(re.fullmatch(r"--as-[\w-]+: [#\w(),.]+;?", line) for line in declarations)
    assert "--as-class-mip: #56B4E9" in declarations
