"""The HTML around the pages: theme before the first paint, the stage, what the renderer has to know.

The stage stands here and not in Dash's layout so that the planes are drawn while Dash still mounts
the controls around them.
"""

from __future__ import annotations

import json
from importlib.metadata import version

from inference.client import DETECTOR, SEGMENTER, DetectorSettings, SegmenterSettings
from lartpc.classes import PIXEL_CLASSES, InstanceClass, PixelClass
from viewer import ids, palette
from viewer.dedx import dedx_tables
from viewer.defaults import CHARGE_RANGE, CHARGE_THRESHOLD, GAIN_MOST, INSTANCE_SCORE, OPACITY


def setup() -> dict[str, object]:
    """What the renderer reads once: classes, colours, defaults."""
    settings = SegmenterSettings()
    return {
        "classes": [pixel_class.label for pixel_class in PIXEL_CLASSES],
        "instance_classes": {int(c): c.name.lower() for c in InstanceClass},
        "segmenter": SEGMENTER,
        "detector": DETECTOR,
        "maps": palette.MAPS,
        "dedx": dedx_tables(),
        "version": version("argonscope"),
        "themes": {theme: palette.theme_table(theme) for theme in palette.THEMES},
        "defaults": {
            "adc_min": settings.adc_min,
            "adc_max": settings.adc_max,
            "saturate": settings.saturate,
            "range": CHARGE_RANGE,
            "threshold": CHARGE_THRESHOLD,
            "opacity": OPACITY,
            "gain_most": GAIN_MOST,
            "score_class": int(PixelClass.MICHEL),
            "instance_score": INSTANCE_SCORE,
            "detector_adc_min": DetectorSettings().adc_min,
        },
    }


def index_string() -> str:
    """Dash's index page of the display. Braces with % are Dash's own places; all else is final."""
    setup_json = json.dumps(setup(), separators=(",", ":")).replace("<", "\\u003c")
    return _head() + (
        _STAGE.replace("@setup@", setup_json)
        .replace("@stage_id@", ids.STAGE)
        .replace("@message_id@", ids.MESSAGE)
        .replace("@message_text_id@", ids.MESSAGE_TEXT)
    )


def plain_index_string() -> str:
    """Dash's index page of a page that Dash draws alone, under the same head."""
    return _head() + _PLAIN


def _head() -> str:
    return _HEAD.replace("@light@", palette.css_variables("light")).replace(
        "@dark@", palette.css_variables("dark")
    )


_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='6' fill='%2314171b'/%3E"
    "%3Cpath d='M5 24 17 15 27 6M17 15l9 8' stroke='%2356b4e9' stroke-width='2.6' fill='none' "
    "stroke-linecap='round'/%3E%3Ccircle cx='17' cy='15' r='3.2' fill='%23e69f00'/%3E%3C/svg%3E"
)

_HEAD = (
    """<!DOCTYPE html>
<html lang="en" data-mantine-color-scheme="light">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" href=\""""
    + _ICON
    + """\">
<script>
(function () {
  var theme = null;
  try { theme = window.localStorage.getItem("mantine-color-scheme-value"); } catch (error) { theme = null; }
  if (theme !== "light" && theme !== "dark") {
    theme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    try { window.localStorage.setItem("mantine-color-scheme-value", theme); } catch (error) { theme = theme; }
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", theme);
  document.documentElement.setAttribute("data-ag-theme-mode", theme);
})();
</script>
<style>
:root { @light@ }
:root[data-mantine-color-scheme="dark"] { @dark@ }
html, body { margin: 0; height: 100%; background: var(--as-page); color: var(--as-ink); }
._dash-loading { display: none; }
</style>
{%css%}
</head>
"""
)

_STAGE = """<body>
{%app_entry%}
<main class="stage-box" aria-label="Wire planes">
<div id="@stage_id@" class="stage"></div>
<div id="@message_id@" class="message" hidden><p id="@message_text_id@" role="alert"></p></div>
</main>
<script type="application/json" id="argonscope-setup">@setup@</script>
<footer>
{%config%}
{%scripts%}
{%renderer%}
</footer>
</body>
</html>
"""

_PLAIN = """<body>
{%app_entry%}
<footer>
{%config%}
{%scripts%}
{%renderer%}
</footer>
</body>
</html>
"""
