"""What a set of weights was trained on: the run in hand, and the runs whose weights it began from."""

from __future__ import annotations

from typing import Any


def training_record(checkpoint: dict[str, Any]) -> dict[str, Any]:
    """Samples, seeds, settings and length of a checkpoint's own run, ready for JSON.

    `earlier` lists the runs before it, oldest first: a plane's weights that began from a common
    training owe most of what they know to that one.
    """
    config = checkpoint["config"]
    return {
        **{name: config[name] for name in ("weighting", "learning_rate", "precision", "minutes")},
        "source": config["source"],
        "seeds": f"simulation seeds from {config['source']['seed']} on",
        **checkpoint["counters"],
        "earlier": list(checkpoint.get("earlier", [])),
    }


def chain(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A record as a list of runs, oldest first, the last its own."""
    own = {name: value for name, value in record.items() if name != "earlier"}
    return [*record.get("earlier", []), own]
