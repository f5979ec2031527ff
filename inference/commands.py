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


def add_worker(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope worker`."""
    parser = subparsers.add_parser("worker", help="run one more worker, here or elsewhere")
    worker.add_options(parser)
    parser.set_defaults(run=worker.run)


def add_train(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope train`."""
    parser = subparsers.add_parser("train", help="train a network on simulated or other events; resumable")
    parser.add_argument("network", choices=_NETWORKS)
    parser.add_argument(
        "--plane",
        required=True,
        choices=(*PLANES, "all"),
        help="all: one set of weights for all planes, a common start for each",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="checkpoint, log and weights go here"
    )
    parser.add_argument(
        "--init", type=Path, metavar="FILE", help="checkpoint or weights to start from, if DIR has none"
    )
    parser.add_argument("--filters", type=int, default=16, help="width of the first level (16 or 32)")
    parser.add_argument("--minutes", type=float, default=30.0, help="budget; the learning rate falls over it")
    parser.add_argument("--steps", type=int, help="budget in steps instead of minutes")
    parser.add_argument(
        "--samples",
        type=_shares,
        metavar="SAMPLE:SHARE,...",
        help=f"of {', '.join(SAMPLES)}; shares of the crops, for example bomb:0.3,michel:0.25,bnb:0.45",
    )
    parser.add_argument("--files", nargs="+", default=[], metavar="FILE", help="events with pixel classes")
    parser.add_argument("--pixels", type=int, default=14000, help="lit pixels in a batch of crops")
    parser.add_argument("--lr", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--weighting", choices=("balanced", "clusters", "none"), default="balanced")
    parser.add_argument(
        "--truth",
        choices=("primary", "all"),
        default="primary",
        help="what has the class of a Michel or delta electron: its primary ionisation, or its photons too",
    )
    parser.add_argument(
        "--published-range", action="store_true", help="leave charge above 300 ADC out instead of clipping it"
    )
    parser.add_argument("--precision", choices=("fp32", "bf16"), help="default: bf16 where it is fast")
    parser.add_argument("--seed", type=int, default=0, help="added to the first training seed")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare events")
    parser.add_argument("--validation-events", type=int, default=40)
    parser.add_argument(
        "--recall-weight", type=float, default=0.4, help="of mean recall beside accuracy in the decision rule"
    )
    parser.set_defaults(run=_train)


def add_evaluate(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope evaluate`."""
    parser = subparsers.add_parser("evaluate", help="accuracy with intervals, on held-out events")
    parser.add_argument("network", choices=_NETWORKS)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: simulate them")
    parser.add_argument("--plane", required=True, choices=(*PLANES, "all"))
    parser.add_argument("--weights", type=Path, help="a file, or a folder of them; default: the shipped ones")
    parser.add_argument("--sample", choices=SAMPLES, default="bnb")
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
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
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
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


def _shares(text: str) -> tuple[tuple[str, float], ...]:
    pairs = []
    for part in text.split(","):
        name, _, share = part.partition(":")
        if name not in SAMPLES:
            raise argparse.ArgumentTypeError(f"unknown sample {name!r}; known: {', '.join(SAMPLES)}")
        try:
            pairs.append((name, float(share or 1.0)))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{share!r} in {part!r} is not a share") from None
    return tuple(pairs)


def _train(given: argparse.Namespace) -> int:
    prepare_process()
    from inference.training import run

    return run.train_uresnet(given)


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
