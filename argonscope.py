"""The `argonscope` command: simulate, train, translate, evaluate, predict, michel, labels, study, account,
worker, benchmark."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import commands as benchmarks
from inference import commands, study_commands
from inference.training import commands as training
from lartpc.errors import EventFileError
from lartpc.simulation import command as simulation
from records import commands as records

if TYPE_CHECKING:
    from lartpc.metrics.michel import Spectrum


def build_parser() -> argparse.ArgumentParser:
    """The command line; every subcommand sets ``run``, a function of the parsed arguments."""
    parser = argparse.ArgumentParser(prog="argonscope", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    simulation.add_simulate(subparsers)
    training.add_train(subparsers)
    training.add_translate(subparsers)
    commands.add_evaluate(subparsers)
    commands.add_predict(subparsers)
    commands.add_michel(subparsers, _spectra_page)
    records.add_labels(subparsers)
    study_commands.add_study_making(records.add_study(subparsers, _study_page))
    records.add_account(subparsers)
    commands.add_worker(subparsers)
    benchmarks.add_benchmark(subparsers)
    return parser


def _spectra_page(spectra: Mapping[str, Spectrum], about: str) -> str:
    from viewer.figures.michel import spectra_page  # plotly takes a second to load

    return spectra_page(spectra, about)


def _study_page(report: Mapping[str, Any]) -> str:
    from inference.cards import available_weights
    from viewer.figures.study_page import study_page

    names = {card.sha256: card.name for card in available_weights()}
    return study_page(report, lambda weights: names.get(weights, weights[:8]))


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The parsed command line; files may stand before, between and behind the options."""
    parser = build_parser()
    parsed, rest = parser.parse_known_args(arguments)
    # argparse ends an optional list of files at the first option; what follows comes back as the rest.
    if rest and (not hasattr(parsed, "files") or any(part.startswith("-") for part in rest)):
        parser.error(f"unrecognised: {' '.join(rest)}")
    if rest:
        parsed.files = [*parsed.files, *map(Path, rest)]
    return parsed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Errors in input are one sentence on stderr."""
    parsed = parse(arguments)
    try:
        return int(parsed.run(parsed) or 0)
    except (EventFileError, ValueError, OSError) as error:
        print(f"argonscope: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
