"""Which weights there are: safetensors files, each with a JSON card beside it. Knows no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "weights"
"""The weights that come with ArgonScope."""
SHIPPED_EVALUATIONS = SHIPPED / "evaluations"
"""The evaluations of these weights (`records.evaluations`)."""


@dataclass(frozen=True)
class WeightsCard:
    """One set of weights. sha256: of the safetensors file. card: the JSON beside it."""

    name: str
    path: Path
    plane: str
    network: str
    sha256: str
    card: Mapping[str, Any] = field(default_factory=dict)


def read_card(path: Path) -> WeightsCard:
    """The card of a safetensors file. Raises ValueError if it has none, or one that lacks an entry."""
    beside = path.with_suffix(".json")
    try:
        card = json.loads(beside.read_text())
        return WeightsCard(path.stem, path, card["plane"], card["network"], _sha256(path), card)
    except FileNotFoundError as error:
        raise ValueError(f"{path.name}: no such weights, or no card {beside.name} beside them") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{beside.name}: not a card of weights ({_brief(error)}); expected JSON with plane and network"
        ) from error


def _brief(error: Exception) -> str:
    return f"no entry {error}" if isinstance(error, KeyError) else str(error)


def available_weights(folder: Path = SHIPPED) -> list[WeightsCard]:
    """All weights of a folder, by name."""
    return [read_card(path) for path in sorted(folder.glob("*.safetensors"))]


def default_weights(network: str, plane: str) -> WeightsCard:
    """The shipped weights to take unless others are named. Raises LookupError where there are none."""
    for card in available_weights():
        if card.network == network and card.plane == plane:
            return card
    raise LookupError(f"no weights of {network} for plane {plane} are shipped; name some, or train them")


def named_weights(network: str, plane: str, given: str | Path | None = None) -> WeightsCard:
    """The shipped weights, all or those of a name, or those of a safetensors file, or of a folder that holds
    `<network>-*-<plane>`.

    Raises LookupError where none are shipped; ValueError where there are none, or those of another plane
    or network.
    """
    if given is None:
        return default_weights(network, plane)
    card = read_card(_weights_path(Path(given), network, plane))
    if (card.network, card.plane) != (network, plane):
        raise ValueError(
            f"{card.path.name}: weights of {card.network} for plane {card.plane}; "
            f"expected {network} for plane {plane}"
        )
    return card


def _weights_path(given: Path, network: str, plane: str) -> Path:
    if not given.is_dir():
        shipped = SHIPPED / f"{given}.safetensors"
        return shipped if given.name == str(given) and shipped.is_file() and not given.exists() else given
    found = sorted(given.glob(f"{network}-*-{plane}.safetensors"))
    if not found:
        raise ValueError(
            f"{given}: no weights of plane {plane}; expected a file {network}-*-{plane}.safetensors"
        )
    return found[0]


def _sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: Path, _size: int, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
