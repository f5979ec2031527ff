"""The subcommands of `argonscope` that need networks; torch is imported when one of them runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from inference import worker
from inference.process import prepare_process
from inference.settings import SEGMENTER, SETTINGS
from lartpc.classes import PLANES
from lartpc.simulation import SAMPLES

if TYPE_CHECKING:
    from inference.michel import DrawSpectra

_NETWORKS = ("uresnet",)
_EVALUATED = ("uresnet", "smask-rcnn")


def add_worker(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope worker`."""
    parser = subparsers.add_parser("worker", help="run one more worker, here or elsewhere")
    worker.add_options(parser)
    parser.set_defaults(run=worker.run)


def add_evaluate(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope evaluate`."""
    parser = subparsers.add_parser("evaluate", help="accuracy with intervals, on held-out events")
    parser.add_argument("network", choices=_EVALUATED)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: simulate them")
    parser.add_argument("--plane", required=True, choices=(*PLANES, "all"))
    parser.add_argument(
        "--weights", type=Path, help="a file, a folder of them, or a shipped name; default: the shipped ones"
    )
    parser.add_argument("--sample", choices=SAMPLES, default="bnb")
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--gain",
        type=_gain,
        default="own",
        metavar="own|estimated|NUMBER",
        help="of smask-rcnn: as the events come, estimated from each image, or this one (1: no correction)",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="OUT",
        help="a file, or a folder (for all planes), that takes the report instead of the data folder",
    )
    parser.add_argument(
        "--worst", type=Path, metavar="OUT.h5", help="write the events to look at first there"
    )
    parser.add_argument("--keep", type=int, default=12, metavar="N", help="how many events --worst keeps")
    parser.add_argument("--card", action="store_true", help="write the figures to the weights' card as well")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one a core")
    parser.add_argument("--threads", type=int, default=1, help="of the network, with a single process")
    parser.set_defaults(run=_evaluate)


def add_predict(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope predict`."""
    parser = subparsers.add_parser("predict", help="a whole file through a network; resumable")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--network", choices=tuple(SETTINGS), default=SEGMENTER)
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.h5")
    parser.add_argument("--entries", type=parse_entries, metavar="A:B", help="default: all")
    parser.add_argument("--weights", type=Path, metavar="DIR", help="default: the shipped ones")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.set_defaults(run=_predict)


def add_michel(subparsers: argparse._SubParsersAction, draw: DrawSpectra) -> None:
    """Add `argonscope michel`; draw makes a page of spectra, since networks know no plotly."""
    parser = subparsers.add_parser(
        "michel", help="Michel electrons and showers found, their energy and quality"
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="default: simulate held-out events"
    )
    parser.add_argument("--plane", choices=(*PLANES, "all"), default="all")
    parser.add_argument("--weights", type=Path, help="a file or a shipped name; default: the shipped ones")
    parser.add_argument("--sample", choices=SAMPLES, default="michel")
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--tracks",
        choices=("mip", "hip+mip"),
        default="mip",
        help="what a Michel hangs on: MIP as published, or also HIP, as which a Bragg peak may be taken",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="tables, figures and spectrum go here")
    parser.add_argument(
        "--calibrate", action="store_true", help="derive the constants of the energy again and print them"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.set_defaults(run=lambda given: _michel(given, draw))


def parse_entries(text: str) -> tuple[int | None, int | None]:
    """`A:B`, either of which may be left out. Raises argparse.ArgumentTypeError."""
    first, colon, last = text.partition(":")
    if not colon or not all(part == "" or part.isdigit() for part in (first, last)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a range of entries; expected A:B, as 0:10 or 5:")
    return (int(first) if first else None, int(last) if last else None)


def _evaluate(given: argparse.Namespace) -> int:
    prepare_process()
    from inference import evaluate

    return evaluate.run(given)


def _michel(given: argparse.Namespace, draw: DrawSpectra) -> int:
    prepare_process()
    from inference import michel

    return michel.run(given, draw)


def _predict(given: argparse.Namespace) -> int:
    prepare_process()
    from inference import batch_prediction

    return batch_prediction.run(given)


def _gain(text: str) -> str | float:
    if text in ("own", "estimated"):
        return text
    try:
        gain = float(text)
    except ValueError:
        gain = -1.0
    if not 0 < gain < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no gain; expected own, estimated or a number above 0")
    return gain
