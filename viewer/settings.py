"""What the web side is told at its start: files, address, data folder, broker."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
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
class Authentication:
    """How people are told apart. kind: "local" (they pick a name; this machine alone), "accounts" (they log
    in), or "proxy": header names who is logged in, if the request comes from one of the proxies."""

    kind: str = "local"
    header: str = ""
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """files: event files, or folders of them. broker: None for files in the data folder."""

    files: tuple[Path, ...]
    data_folder: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    broker: str | None = None
    worker: bool = True
    authentication: Authentication = Authentication()

    @classmethod
    def from_arguments(cls, arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
        """From the command line, with the environment for what it leaves out.

        Raises SettingsError; a wrong option ends the program as argparse does.
        """
        given = _parser().parse_args(arguments)
        authentication = _authentication(given.auth or environment.get("ARGONSCOPE_AUTH"))
        if authentication.kind == "local" and not is_loopback(given.host):
            raise SettingsError(
                f"Others can reach {given.host}, so people must log in: add --auth accounts, or "
                "--auth proxy:HEADER behind a proxy that logs them in (docs/labelling.md)."
            )
        return cls(
            files=_files(given.files, environment),
            data_folder=given.data_dir or data_folder_of(environment),
            host=given.host,
            port=given.port,
            broker=_broker(environment),
            worker=not given.no_worker,
            authentication=authentication,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """For gunicorn, which has no command line to give: ARGONSCOPE_FILES (separated as in PATH),
        ARGONSCOPE_DATA, ARGONSCOPE_BROKER, ARGONSCOPE_AUTH. Starts no worker; without ARGONSCOPE_AUTH only
        this machine is answered, whatever gunicorn listens on. Raises SettingsError."""
        return cls(
            files=_files((), environment),
            data_folder=data_folder_of(environment),
            broker=_broker(environment),
            worker=False,
            authentication=_authentication(environment.get("ARGONSCOPE_AUTH")),
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
    parser.add_argument(
        "--auth", metavar="HOW",
        help="accounts: people log in with a password; proxy:HEADER[@ADDRESS,...]: a proxy at one of these "
        "addresses (127.0.0.1 if none is given) names them in that header",
    )  # fmt: skip
    return parser


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from its own machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _authentication(given: str | None) -> Authentication:
    kind, _, rest = (given or "local").partition(":")
    header, _, proxies = rest.partition("@")
    if kind == "proxy" and header:
        return Authentication(kind, header, tuple(proxies.split(",")) if proxies else ("127.0.0.1",))
    if kind in ("local", "accounts") and not rest:
        return Authentication(kind)
    raise SettingsError(f"--auth is {given!r}; expected accounts, or proxy:HEADER.")


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
