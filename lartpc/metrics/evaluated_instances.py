"""One event's part of an evaluation of instances: a few numbers an interaction, and nothing a pixel.

Shape shorthand: N lit pixels of one plane, T true interactions, P predicted instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import InstanceClass
from lartpc.event import EventId, WireImage
from lartpc.instances import Instance
from lartpc.metrics.average_precision import KINDS, Kind, Matches, match
from lartpc.metrics.instances import (
    Floats,
    InstanceThresholds,
    causes,
    dead_shares,
    efficiencies,
    overlaps,
    purities,
    true_instances,
)

IDENTIFICATION = ("neutrino_kept", "neutrino", "cosmic_removed", "cosmic", "kept")
"""Charges (ADC × gain) behind the identification of neutrinos, in the order of its columns."""


@dataclass(frozen=True, eq=False)
class Compared:
    """True interactions beside predictions, with the class required or not.

    efficiency, charge_efficiency: (T,); causes: int8 (T,) of `Cause`; purity: (P,), NaN for a
    prediction that lies on no true interaction.
    """

    efficiency: Floats
    charge_efficiency: Floats
    causes: NDArray[np.int8]
    purity: Floats


@dataclass(frozen=True, eq=False)
class EvaluatedInstances:
    """What one plane of one event adds to an evaluation of instances.

    true_classes, pixels: of the true interactions, int (T,). found_classes: of the predictions that
    count, int (P,). any_class, own_class: compared without and with the class required.
    identification: (2, 5), by positive and by negative, columns as IDENTIFICATION. matches: of masks
    and boxes, by class, for the average precision. seconds: of the network.
    """

    id: EventId
    true_classes: NDArray[np.int8]
    pixels: NDArray[np.int64]
    found_classes: NDArray[np.int8]
    any_class: Compared
    own_class: Compared
    identification: Floats
    matches: Mapping[Kind, Mapping[InstanceClass, Matches]]
    seconds: float


def evaluate_instances(
    event_id: EventId,
    image: WireImage,
    interaction: NDArray[np.integer],
    classes: Mapping[int, InstanceClass],
    found: Sequence[Instance],
    thresholds: InstanceThresholds,
    seconds: float = 0.0,
) -> EvaluatedInstances:
    """Compare what was found on one plane with the true interaction of each pixel, int (N,), -1 for none.

    classes: id → class of the interactions. found: all that the detector found, whatever its score.
    """
    truth = true_instances(image, interaction, classes, thresholds.adc_min)
    counted = image.charge >= thresholds.adc_min
    kept = [_counted(one, counted) for one in found if one.score >= thresholds.score_min]
    pixels = np.array([len(one.pixels) for one in truth], np.int64)
    charge = image.charge.astype(np.float64)
    shared = overlaps(kept, truth, np.ones(len(image)))
    shared_charge = overlaps(kept, truth, charge)
    true_charge = np.array([charge[one.pixels].sum() for one in truth])
    true_classes, found_classes = _classes(truth), _classes(kept)
    same = found_classes[:, None] == true_classes[None, :]
    dead = dead_shares(image, truth, thresholds.dead_margin_wires)
    any_efficiency = efficiencies(shared, pixels)

    def compared(counts: NDArray[np.bool_]) -> Compared:
        efficiency = efficiencies(np.where(counts, shared, 0.0), pixels)
        return Compared(
            efficiency=efficiency,
            charge_efficiency=efficiencies(np.where(counts, shared_charge, 0.0), true_charge),
            causes=causes(efficiency, any_efficiency, pixels, dead, thresholds),
            purity=purities(shared, counts),
        )

    return EvaluatedInstances(
        id=event_id,
        true_classes=true_classes,
        pixels=pixels,
        found_classes=found_classes,
        any_class=compared(np.ones_like(same)),
        own_class=compared(same),
        identification=identify(truth, kept, np.where(counted, charge, 0.0)),
        matches={kind: match(found, truth, len(image), kind) for kind in KINDS},
        seconds=seconds,
    )


def identify(truth: Sequence[Instance], found: Sequence[Instance], charge: Floats) -> Floats:
    """Charge of neutrinos kept and of cosmics removed, (2, 5) with columns as IDENTIFICATION.

    By positive: what lies in a mask called neutrino is kept. By negative: what lies in a mask called
    cosmic is removed and the rest is kept, charge without a true interaction included. charge: (N,).
    """
    neutrino, cosmic = (
        _union(truth, of, len(charge)) for of in (InstanceClass.NEUTRINO, InstanceClass.COSMIC)
    )
    positive = _union(found, InstanceClass.NEUTRINO, len(charge))
    negative = ~_union(found, InstanceClass.COSMIC, len(charge))
    return np.array(
        [
            [
                charge[kept & neutrino].sum(),
                charge[neutrino].sum(),
                charge[~kept & cosmic].sum(),
                charge[cosmic].sum(),
                charge[kept].sum(),
            ]
            for kept in (positive, negative)
        ]
    )


def _counted(one: Instance, counted: NDArray[np.bool_]) -> Instance:
    """The same instance without pixels that do not count."""
    return Instance(one.instance_class, one.score, one.box, one.pixels[counted[one.pixels]])


def _classes(instances: Sequence[Instance]) -> NDArray[np.int8]:
    return np.array([one.instance_class for one in instances], np.int8)


def _union(instances: Sequence[Instance], of: InstanceClass, pixels: int) -> NDArray[np.bool_]:
    """The pixels of all instances of a class: bool (N,)."""
    inside = np.zeros(pixels, bool)
    for one in instances:
        if one.instance_class is of:
            inside[one.pixels] = True
    return inside
