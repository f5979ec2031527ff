"""What the page shows before anybody has chosen; charges are ADC after gain."""

from __future__ import annotations

CHARGE_RANGE = (0, 150)
CHARGE_MOST = 400
CHARGE_THRESHOLD = 10
OPACITY = 0.9
GAIN_MOST = 1000
INSTANCE_SCORE = 0.7
INSTANCE_SCORE_OF_METRICS = 0.4
"""Least score of an instance on display, and the one that efficiency and purity are given for
(MICROBOONE-NOTE-1081-PUB)."""
