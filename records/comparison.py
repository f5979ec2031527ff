"""Physicist against network against truth: the figures of a study, in data and in simulation apart.

Pure: `records.study_answers` collects what is compared, `comparison_report` makes JSON of it
(docs/labels.md has the schema). All intervals are over events: the pixels of one event err together.
"""

from __future__ import annotations

from collections.abc import Sequence

from lartpc.metrics.published import PUBLISHED_PHYSICISTS
from records.adjudicated import adjudication
from records.compared import ComparedImage, StudyFacts
from records.comparison_events import Pairing, michel_counts, network_pairs, rater_pairs, truth_pairs
from records.comparison_figures import (
    Json,
    double_scans,
    krippendorff,
    section,
    self_agreement,
    spectra,
    tost,
)
from records.comparison_schema import VERSION


def comparison_report(study: StudyFacts, images: Sequence[ComparedImage]) -> Json:
    """The report of a study: JSON values, of version `VERSION`; undefined numbers are None."""
    sources = sorted({image.source for image in images})
    by_source = {source: [i for i in images if i.source == source] for source in sources}
    return {
        "version": VERSION,
        "study": study.name,
        "title": study.title,
        "definition_hash": study.definition_hash,
        "question": study.question.name,
        "classes": list(study.question.classes),
        "margin": study.margin,
        "weights": list(study.weights),
        "raters": list(study.raters),
        "images": len(images),
        "tasks": study.tasks,
        "submitted": study.submitted,
        "complete": study.submitted == study.tasks > 0,
        "notes": list(study.notes),
        "sources": {source: _of_source(study, found) for source, found in by_source.items()},
        "self_agreement": self_agreement(images, study.question),
        "gold": _gold(study, images),
        "adjudication": adjudication(images, study.verdicts),
        "published": PUBLISHED_PHYSICISTS,
    }


def _of_source(study: StudyFacts, images: Sequence[ComparedImage]) -> Json:
    pairings = _pairings(study, images)
    return {
        "images": len(images),
        "comparisons": [
            {
                "pair": pairing.pair,
                "weights": pairing.weights,
                **section(pairing, study.question, _possible(pairing, images)),
            }
            for pairing in pairings
        ],
        "krippendorff_alpha": krippendorff(images, study.question),
        "double_scan": double_scans([michel_counts(p) for p in _scans(images, study)]),
        "spectra": spectra(images),
        "human_level": [_human_level(study, images, weights) for weights in study.weights]
        + [_human_level_against_truth(study, images, weights) for weights in study.weights],
    }


def _possible(pairing: Pairing, images: Sequence[ComparedImage]) -> int:
    """How many images a comparison could have: with a network, those of the planes that it answers."""
    planes = {pair.image.place["plane"] for pair in pairing.pairs}
    return sum(pairing.weights is None or image.place["plane"] in planes for image in images)


def _pairings(study: StudyFacts, images: Sequence[ComparedImage]) -> list[Pairing]:
    """Every comparison that has something to compare."""
    found = [
        *(network_pairs(images, weights) for weights in study.weights),
        rater_pairs(images),
        truth_pairs(images),
        *(truth_pairs(images, weights) for weights in study.weights),
    ]
    return [pairing for pairing in found if pairing.pairs]


def _scans(images: Sequence[ComparedImage], study: StudyFacts) -> list[Pairing]:
    """Two scanners at a time: every two raters, and every rater with every network."""
    names = sorted({name for image in images for name in image.raters})
    two = [rater_pairs(images, (a, b)) for i, a in enumerate(names) for b in names[i + 1 :]]
    return two + [network_pairs(images, w, name) for name in names for w in study.weights]


def _gold(study: StudyFacts, images: Sequence[ComparedImage]) -> list[Json]:
    """Every rater against the truth of gold images."""
    gold = [image for image in images if image.gold]
    names = sorted({name for image in gold for name in image.raters})
    return [
        {"rater": name, **section(truth_pairs(gold, rater=name), study.question, len(gold))} for name in names
    ]


def _human_level(study: StudyFacts, images: Sequence[ComparedImage], weights: str) -> Json:
    """Does the network agree with a physicist as well as another physicist does, on the same images?"""
    same = [image for image in images if weights in image.networks]
    return tost("against physicists", study, weights, network_pairs(same, weights), rater_pairs(same))


def _human_level_against_truth(study: StudyFacts, images: Sequence[ComparedImage], weights: str) -> Json:
    """Does the network agree with truth as well as a physicist does, on the same images?"""
    same = [image for image in images if weights in image.networks]
    return tost("against truth", study, weights, truth_pairs(same, weights), truth_pairs(same))
