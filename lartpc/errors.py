"""Errors whose text is shown to people as it stands."""


class EventFileError(Exception):
    """A file cannot be read as events: says which file, what is wrong, what was expected."""

    def __init__(self, file: str, what: str, expected: str) -> None:
        super().__init__(f"{file}: {what}; expected {expected}.")
        self.file = file
        self.what = what
        self.expected = expected
