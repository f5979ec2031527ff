"""What the web side is told at its start: files, address, data folder, broker."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.client import broker_of
from records.folder import data_folder_of

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8050
DEMO_FILE = Path(__file__).resolve().parent.parent / "demo" / "demo.h5"
WORST_FILE = DEMO_FILE.with_name("worst.h5")
"""Events on which the shipped networks fail most, which the Models page leads to."""


class SettingsError(Exception):
    """A setting makes no sense; the text is one sentence for the user."""


@dataclass(frozen=True)
class Settings:
    """files: event files, or folders of them. broker: None for files in the data folder."""

    files: tuple[Path, ...]
    data_folder: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    broker: str | None = None
    worker: bool = True

    @classmethod
    def from_arguments(cls, arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
        """From the command line, with the environment for what it leaves out.

        Raises SettingsError; a wrong option ends the program as argparse does.
        """
        given = _parser().parse_args(arguments)
        return cls(
            files=_files(given.files, environment),
            data_folder=given.data_dir or data_folder_of(environment),
            host=given.host,
            port=given.port,
            broker=_broker(environment),
            worker=not given.no_worker,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """For gunicorn, which has no command line to give: ARGONSCOPE_FILES (separated as in PATH),
        ARGONSCOPE_DATA, ARGONSCOPE_BROKER. Starts no worker. Raises SettingsError."""
        return cls(
            files=_files((), environment),
            data_folder=data_folder_of(environment),
            broker=_broker(environment),
            worker=False,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="app.py", description="ArgonScope: an event display for liquid-argon detectors in the browser."
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE",
        help="event file, or folder of .h5 and .hdf5 files; the demo events if none is given",
    )  # fmt: skip
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="port (default: %(default)s)")
    parser.add_argument(
        "--data-dir", type=Path, metavar="D", help="folder for predictions and jobs (default: in your home)"
    )
    parser.add_argument(
        "--no-worker", action="store_true", help="start no worker; one runs elsewhere, or none is wanted"
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected a number from 0 to 65535")
    return int(text)


def _files(given: Sequence[Path], environment: Mapping[str, str]) -> tuple[Path, ...]:
    named = environment.get("ARGONSCOPE_FILES", "")
    files = tuple(given) or tuple(Path(part) for part in named.split(os.pathsep) if part)
    for path in files:
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            raise SettingsError(f"The folder {path} cannot be read; you lack the permission.")
    return files or (DEMO_FILE, WORST_FILE)


def _broker(environment: Mapping[str, str]) -> str | None:
    try:
        return broker_of(environment)
    except ValueError as error:
        raise SettingsError(str(error)) from error
