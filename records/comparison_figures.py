"""The figures of a comparison as JSON, each with its interval over events and the events behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.metrics.agreement import cohen_kappa, coincidences, gwet_ac1, krippendorff_alpha
from lartpc.metrics.bootstrap import bootstrap, of_sums
from lartpc.metrics.double_scan import double_scan
from lartpc.metrics.equivalence import paired_tost
from lartpc.metrics.proportions import wilson
from lartpc.metrics.report import figure, icpf_figures, number
from lartpc.metrics.segmentation import nonzero_accuracy, ratio
from records.compared import ComparedImage, StudyFacts
from records.comparison_events import (
    EventSums,
    Json,
    Pair,
    Pairing,
    event_key,
    event_sums,
)
from records.questions import Question

SPECTRUM_TOP_MEV = 60.0
SPECTRUM_BIN_MEV = 5.0
"""Wider than in `lartpc.metrics.michel`: a study has tens of Michel electrons, not thousands."""


def section(pairing: Pairing, question: Question, images: int) -> Json:
    """All figures of one comparison. images: how many it could have had."""
    sums = event_sums(pairing, question)
    return {
        "first": pairing.names[0],
        "second": pairing.names[1],
        "events": len(sums.places),
        "images": len({pair.image.position for pair in pairing.pairs}),
        "images_without": images - len({pair.image.position for pair in pairing.pairs}),
        "labellings": len(pairing.pairs),
        "pixels": pixel_figures(sums, question) if question.asks_pixels else None,
        "michel": michel_figures(sums.michel),
        "per_event": _per_event(sums, question),
    }


def pixel_figures(sums: EventSums, question: Question) -> Json:
    """Agreement of lit pixels and what follows from the confusions (E, C, C)."""
    return {
        "compared": int(sums.confusions.sum()),
        "left_out_by_first": int(sums.left_out[:, 0].sum()),
        "left_out_by_second": int(sums.left_out[:, 1].sum()),
        "agreement": _over_events(sums.confusions, nonzero_accuracy),
        "agreement_of_charge": _over_events(sums.charge, nonzero_accuracy),
        "cohen_kappa": _over_events(sums.confusions, cohen_kappa),
        "gwet_ac1": _over_events(sums.confusions, gwet_ac1),
        "icpf": icpf_figures(sums.confusions, sums.charge, question.classes),
        "confusion_rows_first": sums.confusions.sum(axis=0).tolist(),
    }


def michel_figures(tables: NDArray[np.int64]) -> Json:
    """Michel electron present or absent: tables (E, 2, 2), rows absent and present by the first.

    efficiency: share of those of the first that the second finds; purity: share of those of the second
    that the first has. These and the agreement have Wilson's interval where each event has one pair,
    which is what it is made for; else, and for the others, events are drawn again.
    """
    total = tables.sum(axis=0)
    both = int(total[1, 1])
    if (tables.sum(axis=(1, 2)) <= 1).all():
        shares = {
            "agreement": wilson(int(np.trace(total)), int(total.sum())),
            "efficiency": wilson(both, int(total[1].sum())),
            "purity": wilson(both, int(total[:, 1].sum())),
        }
    else:
        statistics = {"agreement": nonzero_accuracy, "efficiency": _efficiency, "purity": _purity}
        shares = {name: bootstrap(of_sums(tables, s), len(tables)) for name, s in statistics.items()}
    return {
        "compared": int(total.sum()),
        "both": both,
        "first_alone": int(total[1, 0]),
        "second_alone": int(total[0, 1]),
        "neither": int(total[0, 0]),
        "cohen_kappa": _over_events(tables, cohen_kappa),
        "gwet_ac1": _over_events(tables, gwet_ac1),
        **{name: figure(share) for name, share in shares.items()},
    }


def krippendorff(images: Sequence[ComparedImage], question: Question) -> Json:
    """Krippendorff's α over all raters, who need not all have labelled everything."""
    shared = [image for image in images if len(image.raters) >= 2]
    size = len(question.classes) if question.asks_pixels else 2
    groups: dict[str, NDArray[np.float64]] = {}
    for image in shared:
        answers = image.raters.values()
        ratings = (
            np.stack([answer.classes for answer in answers])
            if question.asks_pixels
            else np.array([[-1 if a.michel is None else int(a.michel)] for a in answers])
        )
        key = event_key(image.place)
        groups[key] = groups.get(key, np.zeros((size, size))) + coincidences(ratings, size)
    sums = np.stack(list(groups.values())) if groups else np.zeros((0, size, size))
    return {
        **_over_events(sums, krippendorff_alpha),
        "events": len(sums),
        "raters": len({name for image in shared for name in image.raters}),
        "images": sorted(image.position for image in shared),
    }


def self_agreement(images: Sequence[ComparedImage], question: Question) -> list[Json]:
    """How well each rater repeats what they said."""
    names = sorted({name for image in images for name in image.again})
    found = []
    for name in names:
        twice = [i for i in images if name in i.again and name in i.raters]
        pairs = tuple(Pair(image, image.raters[name], image.again[name]) for image in twice)
        pairing = Pairing("physicist-again", (name, f"{name}, again"), None, pairs)
        found.append({"rater": name, **section(pairing, question, len(twice))})
    return found


def double_scans(scans: Sequence[tuple[Pairing, NDArray[np.int64], tuple[Json, ...]]]) -> list[Json]:
    """What two scanners miss, without truth; of those who have anything in common."""
    found = []
    for pairing, counts, places in scans:
        if not len(counts) or not counts.sum():
            continue
        scan = double_scan(counts)
        found.append(
            {
                "first": pairing.names[0],
                "second": pairing.names[1],
                "found_by_first": scan.found[0],
                "found_by_second": scan.found[1],
                "found_by_both": scan.found[2],
                "efficiency_of_first": figure(scan.first),
                "efficiency_of_second": figure(scan.second),
                "efficiency_of_either": figure(scan.either),
                "estimated_number": figure(scan.true),
                "per_event": [
                    {**place, "found": row.tolist()} for place, row in zip(places, counts, strict=True)
                ],
            }
        )
    return found


def spectra(images: Sequence[ComparedImage]) -> Json:
    """Michel energies in MeV under each labelling: numbers by bin; above the top, in the last one."""
    edges = np.arange(0.0, SPECTRUM_TOP_MEV + 0.5 * SPECTRUM_BIN_MEV, SPECTRUM_BIN_MEV)
    labellings: dict[str, list[Any]] = {"physicists": [a for i in images for a in i.raters.values()]}
    for image in images:
        for weights, answer in image.networks.items():
            labellings.setdefault(weights, []).append(answer)
        if image.truth is not None:
            labellings.setdefault("truth", []).append(image.truth)
    return {
        "edges_mev": edges.tolist(),
        "labellings": {
            name: _spectrum([a.energy_mev for a in answers], edges) for name, answers in labellings.items()
        },
    }


def tost(test: str, study: StudyFacts, weights: str, network: Pairing, people: Pairing) -> Json:
    """Equivalence of network and physicist by event, within the margin frozen in the study."""
    sides = [_agreement_by_event(p, study.question) for p in (network, people)]
    shared = [key for key in sides[0] if key in sides[1]]
    rows = [
        {**sides[0][key][1], "network": sides[0][key][0], "physicists": sides[1][key][0]} for key in shared
    ]
    result = paired_tost([row["network"] - row["physicists"] for row in rows], study.margin)
    numbers = {name: number(value) for name, value in asdict(result).items() if isinstance(value, float)}
    return {
        "test": test,
        "weights": weights,
        "margin": result.margin,
        "level": result.level,
        "events": result.events,
        "mean_difference": numbers["mean"],
        "interval_90": [numbers["low"], numbers["high"]],
        "p": number(result.p),
        "human_level": result.equivalent,
        "per_event": rows,
    }


def _agreement_by_event(pairing: Pairing, question: Question) -> dict[str, tuple[float, Json]]:
    """Agreement of every event that has one, and its place, by its key."""
    sums = event_sums(pairing, question)
    shares = nonzero_accuracy(sums.confusions if question.asks_pixels else sums.michel)
    return {
        event_key(place): (float(share), place)
        for place, share in zip(sums.places, shares, strict=True)
        if not np.isnan(share)
    }


def _per_event(sums: EventSums, question: Question) -> list[Json]:
    pixels, charge = nonzero_accuracy(sums.confusions), nonzero_accuracy(sums.charge)
    rows = []
    for i, place in enumerate(sums.places):
        row: Json = {**place, "michel": sums.michel[i].ravel().tolist()}
        if question.asks_pixels:
            row |= {
                "pixels": int(sums.confusions[i].sum()),
                "agreement": number(pixels[i]),
                "agreement_of_charge": number(charge[i]),
                "confusion": sums.confusions[i].ravel().tolist(),
            }
        rows.append(row)
    return rows


def _over_events(sums: NDArray[Any], statistic: Any) -> Json:
    return figure(bootstrap(of_sums(sums, statistic), len(sums)))


def _efficiency(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    return ratio(tables[..., 1, 1], tables[..., 1, :].sum(axis=-1))


def _purity(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    return ratio(tables[..., 1, 1], tables[..., :, 1].sum(axis=-1))


def _spectrum(energies: Sequence[float | None], edges: NDArray[np.float64]) -> Json:
    known = [energy for energy in energies if energy is not None and energy > 0.0]
    last = np.nextafter(edges[-1], 0.0)
    counts = np.histogram(np.minimum(known, last), edges)[0] if known else np.zeros(len(edges) - 1, int)
    mean = float(np.mean(known)) if known else None
    return {
        "labellings": len(energies),
        "with_michel": len(known),
        "mean_mev": mean,
        "counts": counts.tolist(),
    }
