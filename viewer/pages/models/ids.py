"""Ids of the Models page's elements, in one place. assets/models/models.js uses the same words."""

from __future__ import annotations

from typing import Final

ADDRESS: Final = "models-address"
THEME: Final = "models-theme"
THEME_TOGGLE: Final = "models-theme-toggle"
EVENTS_LINK: Final = "models-events-link"
EVALUATION: Final = "models-evaluation"
CELL: Final = "models-cell"

CHOOSERS: Final = "models-choosers"
WEIGHTS: Final = "models-weights"
PLANE: Final = "models-plane"
SAMPLE: Final = "models-sample"
SHARES: Final = "models-shares"
PICTURES: Final = "models-pictures"

PROBLEMS: Final = "models-problems"
EMPTY: Final = "models-empty"
CONTENT: Final = "models-content"
HEAD: Final = "models-head"
ICPF_TABLE: Final = "models-icpf-table"
CARD: Final = "models-card"

EVENTS_TITLE: Final = "models-events-title"
EVENTS: Final = "models-events"
ALL_EVENTS: Final = "models-all-events"

CSV: Final = "models-csv"
DOWNLOAD: Final = "models-download"

CONFUSION: Final = "models-confusion"
PUBLISHED_CONFUSION: Final = "models-published-confusion"
ICPF: Final = "models-icpf"
ACCURACY: Final = "models-accuracy"
RECALL: Final = "models-recall"
EDGE: Final = "models-edge"
DEAD_WIRES: Final = "models-dead-wires"
RELIABILITY: Final = "models-reliability"

INSTANCE_CONTENT: Final = "models-instance-content"
INSTANCE_HEAD: Final = "models-instance-head"
INSTANCE_TABLE: Final = "models-instance-table"
MISSED_TABLE: Final = "models-missed-table"
INSTANCE_CARD: Final = "models-instance-card"

INSTANCE_EVENTS_TITLE: Final = "models-instance-events-title"
INSTANCE_EVENTS: Final = "models-instance-events"
ALL_INSTANCE_EVENTS: Final = "models-all-instance-events"

EFFICIENCY_PURITY: Final = "models-efficiency-purity"
EFFICIENCY: Final = "models-efficiency"
COVERED: Final = "models-covered"
INSTANCE_SHARES: Final = "models-instance-shares"
IDENTIFICATION: Final = "models-identification"
