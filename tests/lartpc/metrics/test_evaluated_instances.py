"""One event compared by hand, and the figures of a sample of such events."""

from __future__ import annotations

import json

import numpy as np
import pytest
from instance_images import COSMIC, NEUTRINO, found, strip

from lartpc.event import EventId
from lartpc.instances import Instance
from lartpc.metrics.evaluated_instances import EvaluatedInstances, evaluate_instances
from lartpc.metrics.instance_report import instance_figures, worst_events
from lartpc.metrics.instances import Cause, InstanceThresholds

THRESHOLDS = InstanceThresholds(tiny_pixels=3)
CLASSES = {0: COSMIC, 1: NEUTRINO, 2: COSMIC}
# A cosmic of 10 pixels, a neutrino of 4, a cosmic of 2, and two pixels of none.
IDS = np.array([0] * 10 + [1] * 4 + [2] * 2 + [-1] * 2, np.int32)
IMAGE = strip([20] * 10 + [10, 30, 30, 30] + [50] * 2 + [100] * 2)
GOOD = (found(COSMIC, 0.9, *range(9)), found(NEUTRINO, 0.8, 11, 12, 13, 15))


def event(*said: Instance, entry: int = 0, seconds: float = 0.0) -> EvaluatedInstances:
    identity = EventId(1, 2, 3, "strip.h5", entry)
    return evaluate_instances(identity, IMAGE, IDS, CLASSES, said, THRESHOLDS, seconds)


def test_an_event_by_hand() -> None:
    found_ = event(*GOOD, found(COSMIC, 0.39, 14, 15))
    assert found_.pixels.tolist() == [10, 4, 2]
    assert found_.any_class.efficiency.tolist() == [0.9, 0.75, 0.5]
    assert found_.any_class.charge_efficiency.tolist() == [0.9, 0.9, 0.5]
    assert found_.any_class.purity.tolist() == [1, 0.75]
    # The last cosmic is half covered, but by a mask called neutrino.
    assert found_.own_class.efficiency.tolist() == [0.9, 0.75, 0]
    assert found_.own_class.causes.tolist() == [Cause.NOT_MISSED, Cause.NOT_MISSED, Cause.WRONG_CLASS]
    assert found_.found_classes.tolist() == [COSMIC, NEUTRINO]
    # Average precision takes the weak prediction, too.
    assert len(found_.matches["masks"][COSMIC].scores) == 2


def test_a_neutrino_called_cosmic_is_no_neutrino_though_it_is_found() -> None:
    found_ = event(found(COSMIC, 0.9, 10, 11, 12, 13))
    assert found_.any_class.efficiency.tolist() == [0, 1, 0]
    assert found_.own_class.efficiency.tolist() == [0, 0, 0]
    assert (found_.any_class.purity.tolist(), found_.own_class.purity.tolist()) == ([1], [0])
    figures = instance_figures([found_], THRESHOLDS)
    assert figures["interactions"]["neutrino"]["efficiency"]["value"] == 0
    assert figures["missed"]["neutrino"]["wrong_class"]["interactions"] == 1
    assert figures["missed"]["all"]["missed"]["interactions"] == 2
    assert figures["missed"]["all"]["tiny"]["interactions"] == 1
    assert figures["missed"]["all"]["truly_missed"]["value"] == pytest.approx(1 / 3)


def test_neutrinos_by_positive_and_by_negative() -> None:
    said = (*GOOD, found(COSMIC, 0.7, 13, 14, 16))
    identification = event(*said).identification
    # Positive keeps pixels 11, 12, 13 (90 of the neutrino's 100) and 15 (50 of a cosmic's 300).
    assert identification[0].tolist() == [90, 100, 250, 300, 140]
    # Negative removes pixels 0 to 8, 13, 14 and 16: 70 of the neutrino stay, and 230 of the cosmics go.
    assert identification[1].tolist() == [70, 100, 230, 300, 70 + 70 + 100]
    shares = instance_figures([event(*said)], THRESHOLDS)["identification"]
    assert shares["positive"]["neutrino_kept"]["value"] == 0.9
    assert shares["positive"]["neutrino_share_of_kept"]["value"] == pytest.approx(90 / 140)
    assert shares["negative"]["cosmic_removed"]["value"] == pytest.approx(230 / 300)


def test_means_over_interactions_and_over_events() -> None:
    # Three interactions in each event; the second event has no prediction, and so no purity.
    figures = instance_figures([event(*GOOD, seconds=1), event(seconds=2, entry=1)], THRESHOLDS)
    everything = figures["interactions"]["all"]
    assert everything["efficiency"]["value"] == pytest.approx((0.9 + 0.75 + 0.5) / 6)
    assert everything["purity"]["value"] == pytest.approx(0.875)
    assert everything["coverage"]["value"] == pytest.approx(1 / 6)
    assert (everything["true"], everything["covered"], everything["predicted"]) == (6, 1, 2)
    assert everything["per_event"]["purity"]["value"] == pytest.approx(0.875)
    assert everything["per_event"]["fractional_coverage"]["value"] == pytest.approx(1 / 6)
    assert everything["per_event"]["covered"] == {"value": 0.5, "interval_95": [0, 1]}
    assert figures["median_seconds"] == 1.5
    low, high = everything["efficiency"]["interval_95"]
    assert low == 0
    assert high == pytest.approx(2.15 / 3)
    first, second = figures["per_event"]
    assert (first["efficiency"], second["efficiency"]) == (pytest.approx(2.15 / 3), 0)
    assert (first["neutrino_efficiency"], second["purity"]) == (0.75, None)
    assert second["missed"] == {"dead_wires": 0, "tiny": 1, "truly_missed": 2}
    assert [row["row"] for row in figures["worst"]] == [1, 0]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_efficiencies_are_binned_at_their_edges() -> None:
    heights = instance_figures([event(*GOOD)], THRESHOLDS)["efficiency_histogram"]
    bins = {edge: count for edge, count in zip(heights["edges"], heights["all"], strict=False) if count}
    assert bins == {0.5: 1, 0.75: 1, 0.9: 1}
    assert sum(heights["neutrino"]) == 1
    missed = instance_figures([event(found(COSMIC, 0.9, *range(16)))], THRESHOLDS)["efficiency_histogram"]
    assert missed["all"][-1] == 3
    assert not any(sum(counts) for counts in missed["missed"].values())


def test_without_events_or_truth_figures_are_undefined() -> None:
    nothing = instance_figures([], THRESHOLDS)
    assert nothing["interactions"]["all"]["efficiency"]["value"] is None
    assert nothing["average_precision"]["masks"]["all"]["ap"]["value"] is None
    bare = evaluate_instances(
        EventId(1, 2, 3, "", 0), strip([]), np.zeros(0, np.int32), {}, [], InstanceThresholds()
    )
    figures = instance_figures([bare], InstanceThresholds())
    assert figures["interactions"]["neutrino"]["coverage"]["value"] is None
    assert figures["identification"]["negative"]["neutrino_kept"]["value"] is None
    assert figures["worst"] == []


def test_events_to_look_at_first_take_turns_by_plane() -> None:
    good, bad, worse = event(*GOOD), event(GOOD[0]), event()
    assert worst_events([[good, bad, worse], [bad, good, good]], THRESHOLDS) == [2, 0, 1]
