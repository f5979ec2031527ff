"""Errors whose text is shown to people as it stands."""

from __future__ import annotations


class EventFileError(Exception):
    """A file cannot be read as events: says which file, what is wrong, what was expected."""

    def __init__(self, file: str, what: str, expected: str) -> None:
        super().__init__(f"{file}: {what}; expected {expected}.")
        self.file = file
        self.what = what
        self.expected = expected

    def __reduce__(self) -> tuple[type[EventFileError], tuple[str, str, str]]:
        """So that it comes whole out of another process."""
        return type(self), (self.file, self.what, self.expected)
