"""The Models page: how accurate the networks are, where they fail, and what they are."""

from viewer.pages.models.layout import layout
from viewer.pages.models.wiring import register

__all__ = ["layout", "register"]
