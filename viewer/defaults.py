"""What the page shows before anybody has chosen; charges are ADC after gain."""

from __future__ import annotations

CHARGE_RANGE = (0, 150)
CHARGE_MOST = 400
CHARGE_THRESHOLD = 10
OPACITY = 0.9
GAIN_MOST = 1000
