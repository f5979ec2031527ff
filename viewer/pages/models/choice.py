"""Which evaluation the page shows: chosen by its id in the address, or by weights, plane and sample."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from lartpc.classes import PIXEL_CLASSES, PLANES
from records.evaluations import EvaluationSummary
from viewer.figures.confusion import SHARES, Cell
from viewer.figures.instances import EFFICIENCY_PURITY_BINS, Bin
from viewer.figures.words import events_words

_LABELS = [c.label for c in PIXEL_CLASSES]
_NETWORKS = {
    "uresnet-": "U-ResNet",
    "smask-rcnn-resnet": "sMask-RCNN",
    "smask-rcnn-": "sMask-RCNN",
}
"""How names of weights begin, and the network in words."""
Option = dict[str, Any]
DETECTOR = "smask-rcnn"
"""The network whose reports are of instances; all others are of pixel classes."""


@dataclass(frozen=True)
class Address:
    """What the address asks for. evaluation: an id.

    cell: of the confusion matrix, "delta-shower", or of efficiency and purity, "19-18".
    """

    evaluation: str | None
    shares: str
    cell: str | None


def read_address(search: str | None) -> Address:
    """From the query of an address, "?evaluation=…&shares=…&cell=delta-shower"; nonsense is left out."""
    query = {name: values[0] for name, values in parse_qs((search or "").removeprefix("?")).items()}
    shares, cell = query.get("shares", ""), query.get("cell")
    return Address(
        evaluation=query.get("evaluation"),
        shares=shares if shares in SHARES else next(iter(SHARES)),
        cell=cell if cell_of(cell) or bin_of(cell) else None,
    )


def cell_of(words: str | None) -> Cell | None:
    """A cell from "true-predicted" in class labels, or None."""
    true, _, predicted = (words or "").partition("-")
    if true in _LABELS and predicted in _LABELS:
        return _LABELS.index(true), _LABELS.index(predicted)
    return None


def bin_of(words: str | None) -> Bin | None:
    """A bin of efficiency and purity from "19-18", or None."""
    efficiency, _, purity = (words or "").partition("-")
    if not all(part.isascii() and part.isdigit() for part in (efficiency, purity)):
        return None
    found = int(efficiency), int(purity)
    return found if max(found) < EFFICIENCY_PURITY_BINS else None


def family(summary: EvaluationSummary) -> str:
    """Weights of one kind for several planes: uresnet-5-16-Y is of uresnet-5-16."""
    return summary.weights.removesuffix(f"-{summary.plane}")


def family_label(name: str) -> str:
    """The words for a family: uresnet-5-16 is U-ResNet 5-16, smask-rcnn-resnet18-32 is sMask-RCNN 18-32."""
    for prefix, words in _NETWORKS.items():
        if name.startswith(prefix):
            return f"{words} {name.removeprefix(prefix)}"
    return name


def sample_label(summary: EvaluationSummary) -> str:
    """The words for a sample: "bnb, seed 4242, 100 events"."""
    what = ", ".join(summary.files) or summary.sample
    seed = [] if summary.seed is None else [f"seed {summary.seed}"]
    gain = [] if summary.gain == "own" else [gain_words(summary.gain)]
    return ", ".join([what, *seed, events_words(summary.events), *gain])


def gain_words(gain: str | float) -> str:
    """The words for the gain that images were read with: "gain as they come", "gain 1"."""
    if isinstance(gain, str):
        return {"own": "gain as they come", "estimated": "gain estimated"}[gain]
    return f"gain {gain:g}"


def first(summaries: Sequence[EvaluationSummary], installed: Collection[str]) -> EvaluationSummary | None:
    """What to show when nothing is asked for: installed weights (by hash) before others, U-ResNet before
    the detector, plane Y before the other planes, and the largest sample."""
    return max(
        summaries,
        key=lambda s: (
            s.weights_hash in installed,
            s.network == "uresnet",
            PLANES.index(s.plane) if s.plane in PLANES else -1,
            s.events,
        ),
        default=None,
    )


def nearest(
    summaries: Sequence[EvaluationSummary], shown: EvaluationSummary, **wanted: str
) -> EvaluationSummary:
    """The evaluation that has what was just chosen (weights: a family, or plane) and else differs least
    from the one shown; the shown one where none has it."""
    family_wanted, plane_wanted = wanted.get("weights"), wanted.get("plane")
    fitting = [
        s
        for s in summaries
        if (family_wanted is None or family(s) == family_wanted)
        and (plane_wanted is None or s.plane == plane_wanted)
    ]
    return max(
        fitting,
        key=lambda s: (family(s) == family(shown), s.plane == shown.plane, _same_sample(s, shown), s.events),
        default=shown,
    )


def siblings(summaries: Sequence[EvaluationSummary], shown: EvaluationSummary) -> dict[str, str]:
    """Plane -> id of the evaluation of the same family on the same sample, the shown one for its own."""
    found = {s.plane: s.id for s in summaries if family(s) == family(shown) and _same_sample(s, shown)}
    return {plane: found[plane] for plane in PLANES if plane in found} | {shown.plane: shown.id}


def weights_options(summaries: Sequence[EvaluationSummary]) -> list[Option]:
    """One option a family."""
    names = sorted({family(s) for s in summaries})
    return [{"value": name, "label": family_label(name)} for name in names]


def plane_options(summaries: Sequence[EvaluationSummary], shown: EvaluationSummary) -> list[Option]:
    """The three planes; one that the shown family was not evaluated on cannot be chosen."""
    there = {s.plane for s in summaries if family(s) == family(shown)}
    return [{"value": plane, "label": plane, "disabled": plane not in there} for plane in PLANES]


def no_planes() -> list[Option]:
    """The three planes where none can be chosen."""
    return [{"value": plane, "label": plane, "disabled": True} for plane in PLANES]


def sample_options(summaries: Sequence[EvaluationSummary], shown: EvaluationSummary) -> list[Option]:
    """Evaluations of the shown family and plane; two of one sample are told apart by digits of their id."""
    own = [s for s in summaries if family(s) == family(shown) and s.plane == shown.plane]
    labels = [sample_label(s) for s in own]
    return [
        {"value": s.id, "label": label if labels.count(label) == 1 else f"{label} · {s.id[-8:]}"}
        for s, label in zip(own, labels, strict=True)
    ]


def _same_sample(one: EvaluationSummary, other: EvaluationSummary) -> bool:
    def sample(s: EvaluationSummary) -> tuple[Any, ...]:
        return s.sample, s.seed, s.files, s.events, s.gain

    return sample(one) == sample(other)
