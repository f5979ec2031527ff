"""Michel candidates against truth, with the definitions of arXiv:1903.05663.

A true Michel is what one decay electron's primary ionisation left on one plane: the pixels that truth
labels Michel under one particle and that the network read. A candidate matches the true Michel it shares
most pixels with; each is matched once, the pair with the largest overlap first.

Shape shorthand: N lit pixels of one plane, E events, K matched pairs, R resamples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from lartpc.calibration import charge_adc, electron_energy_mev, true_electron_energy_mev
from lartpc.classes import PixelClass
from lartpc.clustering import checked_classes, positions
from lartpc.event import Truth, WireImage
from lartpc.metrics.bootstrap import bootstrap, of_sums
from lartpc.metrics.proportions import wilson
from lartpc.michel import MichelCandidate

CUT_PIXELS = 10
"""The published second row asks for this many pixels."""
PUBLISHED = {
    "source": "arXiv:1903.05663, 2-D, their simulation",
    "all": {
        "id_efficiency": 0.939,
        "id_purity": 0.967,
        "cluster_efficiency": 0.954,
        "cluster_purity": 0.955,
    },
    "cut": {"id_efficiency": 0.934, "id_purity": 0.973},
}
_REACH_PX = 20.0
"""Charge of Michel electrons further than this from every labelled Michel pixel belongs to none."""


@dataclass(frozen=True)
class TrueMichel:
    """One decay electron on one plane.

    pixels: int32, indices of its pixels that the network read, ascending. energy_mev: its primary
    ionisation in view, pixels that a track claims included. kinetic_energy_mev: at birth, radiation
    included; NaN where the file does not tell.
    """

    particle: int
    pixels: NDArray[np.int32]
    energy_mev: float
    kinetic_energy_mev: float


@dataclass(frozen=True)
class MichelMatch:
    """Positions of a candidate and of its true Michel, and the number of pixels they share."""

    candidate: int
    true: int
    shared: int


@dataclass(frozen=True)
class MichelEvent:
    """Candidates of one plane of one event, and the true Michels there; None where truth says nothing."""

    candidates: tuple[MichelCandidate, ...]
    truths: tuple[TrueMichel, ...] | None


@dataclass(frozen=True)
class Spectrum:
    """Numbers of Michels by energy in MeV: edges (B + 1,), all others int64 (B,).

    true: primary ionisation of the true Michels; found: of those that a candidate matches. candidates:
    reconstructed energy of all candidates; matched: of those that match.
    """

    edges_mev: NDArray[np.float64]
    true: NDArray[np.int64]
    found: NDArray[np.int64]
    candidates: NDArray[np.int64]
    matched: NDArray[np.int64]


def has_michel_truth(truth: Truth | None, plane: str) -> bool:
    """Whether truth says of this plane which pixels are Michel, and whose."""
    return truth is not None and plane in truth.classes and plane in truth.particle_ids


def true_michels(image: WireImage, truth: Truth, read: NDArray[np.bool_]) -> tuple[TrueMichel, ...]:
    """The true Michels with at least one pixel that was read, by particle.

    read: bool (N,), pixels that the network read. Raises ValueError for unknown true classes.
    """
    plane = image.plane
    classes = checked_classes(image, truth.classes[plane])
    owner = np.where(classes == PixelClass.MICHEL, truth.particle_ids[plane], -1)
    particles = np.unique(owner[(owner >= 0) & read])
    energies = _energies(image, truth, owner)
    kinetic = {particle.id: particle.kinetic_energy_mev for particle in truth.particles}
    return tuple(
        TrueMichel(
            particle=int(number),
            pixels=np.flatnonzero((owner == number) & read).astype(np.int32),
            energy_mev=energies[int(number)],
            kinetic_energy_mev=kinetic.get(int(number), float("nan")),
        )
        for number in particles
    )


def _energies(image: WireImage, truth: Truth, owner: NDArray[np.integer]) -> dict[int, float]:
    """Primary ionisation in MeV by particle: of the true charge, else of the charge in its pixels."""
    labelled = np.flatnonzero(owner >= 0)
    if image.plane not in truth.class_charge:
        return {
            int(number): electron_energy_mev(
                charge_adc(image, np.flatnonzero(owner == number).astype(np.int32)), image.plane
            )
            for number in np.unique(owner[labelled])
        }
    charge = truth.class_charge[image.plane][:, PixelClass.MICHEL].astype(np.float64)
    charged = np.flatnonzero(charge > 0.0)
    if not len(labelled):
        return {}
    # Under a track's pixels truth tells how much Michel charge there is, not whose: the nearest's.
    points = positions(image)
    distance, nearest = KDTree(points[labelled]).query(points[charged])
    near = distance <= _REACH_PX
    numbers, slot = np.unique(owner[labelled], return_inverse=True)
    summed = np.bincount(slot[nearest[near]], charge[charged[near]], len(numbers))
    return {
        int(number): true_electron_energy_mev(float(total), image.plane)
        for number, total in zip(numbers, summed, strict=True)
    }


def match(candidates: Sequence[MichelCandidate], truths: Sequence[TrueMichel]) -> tuple[MichelMatch, ...]:
    """Pairs that share most pixels, each candidate and each true Michel in one pair at most."""
    pairs = [
        MichelMatch(c, t, len(np.intersect1d(candidate.pixels, true.pixels, assume_unique=True)))
        for c, candidate in enumerate(candidates)
        for t, true in enumerate(truths)
    ]
    taken: list[MichelMatch] = []
    for pair in sorted(pairs, key=lambda p: (-p.shared, p.candidate, p.true)):
        free = all(pair.candidate != other.candidate and pair.true != other.true for other in taken)
        if pair.shared > 0 and free:
            taken.append(pair)
    return tuple(taken)


def michel_figures(events: Sequence[MichelEvent]) -> dict[str, Any]:
    """The figures of one plane, ready for JSON (undefined numbers are null), in three selections.

    all: every candidate, every true Michel with a pixel that was read. cut: candidates of at least 10
    pixels against the same true Michels. cut_both: true Michels of at least 10 pixels, too.
    Intervals are 95 %: Wilson for the shares of Michels, events resampled for the means over pairs.
    """
    known = _with_truth(events)
    return {
        "events": len(events),
        "events_with_truth": len(known),
        "all": _selection(known, 0, 0),
        "cut": _selection(known, CUT_PIXELS, 0),
        "cut_both": _selection(known, CUT_PIXELS, CUT_PIXELS),
        "published": PUBLISHED,
    }


def spectrum(events: Sequence[MichelEvent], top_mev: float = 60.0, bin_mev: float = 2.5) -> Spectrum:
    """Spectra of the events with truth, or of all candidates where no event has any.

    Energies above the top are counted in the last bin.
    """
    edges = np.arange(0.0, top_mev + 0.5 * bin_mev, bin_mev)
    true, found, candidates, matched = [], [], [], []
    for event in _with_truth(events) or events:
        truths = event.truths or ()
        pairs = match(event.candidates, truths)
        true += [michel.energy_mev for michel in truths]
        found += [truths[pair.true].energy_mev for pair in pairs]
        candidates += [candidate.energy_mev for candidate in event.candidates]
        matched += [event.candidates[pair.candidate].energy_mev for pair in pairs]
    counts = [_counts(values, edges) for values in (true, found, candidates, matched)]
    return Spectrum(edges, *counts)


def _with_truth(events: Sequence[MichelEvent]) -> list[MichelEvent]:
    return [event for event in events if event.truths is not None]


def _counts(values: list[float], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    last = np.nextafter(edges[-1], 0.0)
    return np.histogram(np.clip(values, edges[0], last), edges)[0].astype(np.int64)


def _selection(events: Sequence[MichelEvent], candidate_pixels: int, true_pixels: int) -> dict[str, Any]:
    pairs: list[NDArray[np.float64]] = []
    candidates = good = true = found = 0
    for event in events:
        truths = event.truths or ()
        chosen = [c for c in event.candidates if len(c.pixels) >= candidate_pixels]
        matches = match(chosen, truths)
        counts = [len(michel.pixels) >= true_pixels for michel in truths]
        candidates += len(chosen)
        good += len(matches)
        true += sum(counts)
        found += sum(counts[m.true] for m in matches)
        rows = [_pair(chosen[m.candidate], truths[m.true], m.shared) for m in matches]
        pairs.append(np.array(rows).reshape(-1, 3))
    return {
        "candidates": candidates,
        "matched_candidates": good,
        "true": true,
        "matched_true": found,
        "id_efficiency": _share(found, true),
        "id_purity": _share(good, candidates),
        "cluster_efficiency": _mean(pairs, 0),
        "cluster_purity": _mean(pairs, 1),
        "energy_ratio": _ratio(np.concatenate([*pairs, np.empty((0, 3))])[:, 2]),
    }


def _pair(candidate: MichelCandidate, true: TrueMichel, shared: int) -> tuple[float, float, float]:
    """Cluster efficiency and purity of a pair, and reconstructed over true energy."""
    ratio = candidate.energy_mev / true.energy_mev if true.energy_mev > 0.0 else float("nan")
    return shared / len(true.pixels), shared / len(candidate.pixels), ratio


def _share(part: int, whole: int) -> dict[str, Any]:
    share = wilson(part, whole)
    return {"value": _number(share.value), "interval_95": [_number(share.low), _number(share.high)]}


def _mean(pairs: list[NDArray[np.float64]], column: int) -> dict[str, Any]:
    """Mean over pairs with its interval over events; pairs: one (K, 3) an event."""
    sums = np.array([(rows[:, column].sum(), len(rows)) for rows in pairs]).reshape(-1, 2)
    estimate = bootstrap(of_sums(sums, _quotient), len(sums))
    return {
        "value": _number(estimate.value),
        "interval_95": [_number(estimate.low), _number(estimate.high)],
    }


def _quotient(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over number: (R, 2) → (R,)."""
    mean = np.full(len(sums), np.nan)
    return np.divide(sums[:, 0], sums[:, 1], out=mean, where=sums[:, 1] > 0)


def _ratio(values: NDArray[np.float64]) -> dict[str, Any]:
    """Median of reconstructed over true energy, and half of its central 68 %."""
    known = values[~np.isnan(values)]
    if not len(known):
        return {"median": None, "spread": None}
    low, middle, high = np.quantile(known, (0.16, 0.5, 0.84))
    return {"median": float(middle), "spread": float(0.5 * (high - low))}


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
