"""`argonscope train` and `translate`; torch is imported when it runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from inference.process import prepare_process
from lartpc.classes import PLANES, InstanceClass
from lartpc.simulation import SAMPLES


def add_train(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope train`."""
    parser = subparsers.add_parser("train", help="train a network on simulated or other events; resumable")
    networks = parser.add_subparsers(required=True, metavar="NETWORK", dest="network")
    _add_uresnet(networks)
    _add_smask_rcnn(networks)


def _add_common(parser: argparse.ArgumentParser, learning_rate: float | None) -> None:
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
    parser.add_argument("--minutes", type=float, default=30.0, help="budget; the learning rate falls over it")
    parser.add_argument("--steps", type=int, help="budget in steps instead of minutes")
    parser.add_argument("--lr", type=float, default=learning_rate, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0, help="added to the first training seed")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare events")


def _add_uresnet(networks: argparse._SubParsersAction) -> None:
    parser = networks.add_parser("uresnet", help="the class of every pixel")
    _add_common(parser, learning_rate=None)
    parser.add_argument(
        "--filters", type=int, help="width of the first level (16 or 32); default: that of its start, else 16"
    )
    parser.add_argument(
        "--samples",
        type=_shares,
        metavar="SAMPLE:SHARE,...",
        help=f"of {', '.join(SAMPLES)}; shares of the crops, for example bomb:0.3,michel:0.25,bnb:0.45",
    )
    parser.add_argument("--files", nargs="+", default=[], metavar="FILE", help="events with pixel classes")
    parser.add_argument(
        "--labels",
        nargs="+",
        default=[],
        metavar="FILE.h5",
        help="human labels (`argonscope labels export --format hdf5`), half of the crops, to fine-tune on: "
        "from the shipped weights and with --lr 3e-4 unless others are named",
    )
    parser.add_argument("--pixels", type=int, default=14000, help="lit pixels in a batch of crops")
    parser.add_argument("--weighting", choices=("balanced", "mild", "clusters", "none"), default="balanced")
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
    parser.add_argument(
        "--validation-events",
        type=int,
        default=40,
        help="bnb events, and three times as many bomb events, on which the decision rule is chosen",
    )
    parser.add_argument(
        "--recall-weight", type=float, default=0.4, help="of mean recall beside accuracy in the decision rule"
    )
    parser.set_defaults(run=_train_uresnet)


def _add_smask_rcnn(networks: argparse._SubParsersAction) -> None:
    parser = networks.add_parser("smask-rcnn", help="interactions, as boxes and masks")
    _add_common(parser, learning_rate=1e-3)
    parser.add_argument("--depth", type=int, choices=(18, 50), default=18, help="of the ResNet trunk")
    parser.add_argument("--width", type=int, default=32, help="of its first stage; 64 as published")
    parser.add_argument(
        "--classes",
        type=int,
        choices=range(2, len(InstanceClass)),
        default=2,
        metavar="2..6",
        help="cosmic and neutrino; also neutron, proton, electron, other where the truth has them",
    )
    parser.add_argument(
        "--neutrino-weight", type=float, default=20.0, help="of a neutrino's class loss: the class ratio"
    )
    parser.add_argument("--uses", type=int, default=2, help="times that a simulated image is shown")
    parser.add_argument(
        "--progress-minutes", type=float, default=10.0, help="between two looks at validation events"
    )
    parser.add_argument("--progress-events", type=int, default=4, help="of them; 0: none")
    parser.add_argument(
        "--validation-events", type=int, default=40, help="on which the decision rule is chosen; 0: none"
    )
    parser.set_defaults(run=_train_smask_rcnn)


def add_translate(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope translate`."""
    parser = subparsers.add_parser(
        "translate", help="a dense ResNet checkpoint becomes the start of the sparse trunk"
    )
    parser.add_argument(
        "checkpoint",
        type=Path,
        metavar="FILE",
        help="safetensors, or what torch.save wrote, of a ResNet-18 or 50 in torchvision's names",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="OUT.safetensors",
        help="for `argonscope train smask-rcnn --init`",
    )
    parser.set_defaults(run=_translate)


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


def _train_uresnet(given: argparse.Namespace) -> int:
    prepare_process()
    from inference.training import run

    return run.train_uresnet(given)


def _translate(given: argparse.Namespace) -> int:
    from inference.training.translate import translate

    return translate(given)


def _train_smask_rcnn(given: argparse.Namespace) -> int:
    prepare_process()
    from inference.training import detector_run

    return detector_run.train_detector(given)
