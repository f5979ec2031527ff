"""The Studies page: physicists, networks and truth compared; adjudication; the Turing test."""

from viewer.pages.studies.layout import layout
from viewer.pages.studies.wiring import register

__all__ = ["layout", "register"]
