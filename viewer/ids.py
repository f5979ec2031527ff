"""Ids of the page's elements, in one place. The files in assets/ use the same words."""

from __future__ import annotations

from typing import Final

STAGE: Final = "stage"
MESSAGE: Final = "message"
MESSAGE_TEXT: Final = "message-text"
READY: Final = "ready"

FILE_SELECT: Final = "file-select"
PREVIOUS: Final = "previous"
NEXT: Final = "next"
EVENT_ID: Final = "event-id"
EVENT_ENTRY: Final = "event-entry"
EVENT_SOURCE: Final = "event-source"
EVENT_DETECTOR: Final = "event-detector"
EVENT_NOTES: Final = "event-notes"
FIND: Final = "find"
FIND_PROBLEM: Final = "find-problem"
TABLE_OPEN: Final = "table-open"
HELP_OPEN: Final = "help-open"
THEME_TOGGLE: Final = "theme-toggle"
PRESENTATION_TOGGLE: Final = "presentation-toggle"
PANEL_TOGGLE: Final = "panel-toggle"
ZOOM_RESET: Final = "zoom-reset"
BOX_TOOL: Final = "box-tool"
SAVE_MENU: Final = "save-menu"
SAVE_PNG: Final = "save-png"
SAVE_SVG: Final = "save-svg"

WEIGHTS_SELECT: Final = "weights-select"
RUN: Final = "run"
CANCEL: Final = "cancel"
AUTO: Final = "auto"
JOBS: Final = "jobs"
RUN_PROBLEM: Final = "run-problem"
NETWORK_SETTINGS: Final = "network-settings"
ADC_MIN: Final = "adc-min"
ADC_MAX: Final = "adc-max"
SATURATE: Final = "saturate"

OVERLAY: Final = "overlay"
OVERLAY_MISSING: Final = "overlay-missing"
SCORE_THRESHOLDS: Final = "score-thresholds"
SCORE_CLASS: Final = "score-class"
MEASURE: Final = "measure"
OPACITY: Final = "opacity"
LEGEND: Final = "legend"
VERTEX: Final = "vertex"

COLOUR_MAP: Final = "colour-map"
CHARGE_RANGE: Final = "charge-range"
THRESHOLD: Final = "threshold"
GAIN_RESET: Final = "gain-reset"
UNITS: Final = "units"
KEEP_ZOOM: Final = "keep-zoom"

INSPECTOR: Final = "inspector"
WAVEFORM: Final = "waveform"
WAVEFORM_TITLE: Final = "waveform-title"
LINE_PLACE: Final = "line-place"
LINE_TIME: Final = "line-time"
LINE_CHARGE: Final = "line-charge"
LINE_CROSSING: Final = "line-crossing"

TABLE_DRAWER: Final = "table-drawer"
TABLE_PROBLEM: Final = "table-problem"
EVENT_TABLE: Final = "event-table"
HELP: Final = "help"
KEY_LIST: Final = "key-list"


def gain(plane: str) -> str:
    """Input of one plane's gain."""
    return f"gain-{plane}"


def score_threshold(pixel_class: int) -> str:
    """Input of one class's least score."""
    return f"threshold-{pixel_class}"
