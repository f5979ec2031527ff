"""`argonscope evaluate smask-rcnn` as its user meets it, with a detector that needs no weights.

Its instances are the connected parts of an image, all cosmic, so that it answers from the pixels alone.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.ndimage import label

from argonscope import main
from inference import evaluated_networks
from inference.instance_evaluation import compare_instances, evaluate_instances_of, with_gain
from inference.settings import DetectorSettings
from lartpc.classes import InstanceClass
from lartpc.event import Event, WireImage
from lartpc.instances import Instance
from lartpc.metrics.instances import InstanceThresholds
from lartpc.readers import open_events
from lartpc.simulation import BATCH, simulate_batch
from lartpc.writer import EventWriter
from records.detections import Detections
from records.evaluations import EvaluationStore, read_report

EVALUATE = ["evaluate", "smask-rcnn", "--processes", "1"]


class Components:
    """A detector of connected parts."""

    @classmethod
    def load(cls, plane: str, weights: Path, device: str = "cpu") -> Components:
        if f"-{plane}." not in weights.name:
            raise ValueError(f"{weights.name}: weights of another plane; expected plane {plane}")
        return cls()

    def __call__(self, image: WireImage, *, settings: DetectorSettings) -> Detections:
        dense = np.zeros(image.shape, bool)
        read = image.charge >= settings.adc_min
        dense[image.rows[read], image.wires[read]] = True
        parts, number = label(dense, np.ones((3, 3)))
        part = np.where(read, parts[image.rows, image.wires], 0)
        found = []
        for i in range(1, number + 1):
            pixels = np.flatnonzero(part == i).astype(np.int32)
            rows, wires = image.rows[pixels], image.wires[pixels]
            box = tuple(map(float, (rows.min(), wires.min(), rows.max() + 1, wires.max() + 1)))
            found.append(Instance(InstanceClass.COSMIC, min(0.2 + len(pixels) / 100, 0.99), box, pixels))
        return Detections(image.plane, tuple(found), len(image), "smask-rcnn", "parts", "ef" * 32, "cpu", 0.1)


@pytest.fixture(scope="module")
def bombs() -> list[Event]:
    return simulate_batch("bomb", 9, range(3))


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights for all planes, which load as connected parts."""
    module = ModuleType("inference.detector")
    module.__dict__["Detector"] = Components
    monkeypatch.setitem(sys.modules, "inference.detector", module)
    evaluated_networks._detector.cache_clear()
    folder = tmp_path / "weights"
    folder.mkdir()
    for plane in "UVY":
        (folder / f"smask-rcnn-parts-{plane}.safetensors").write_bytes(plane.encode())
        card = {"plane": plane, "network": "smask-rcnn", "decision": {"rule": "connected parts"}}
        (folder / f"smask-rcnn-parts-{plane}.json").write_text(json.dumps(card))
    yield folder
    evaluated_networks._detector.cache_clear()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARGONSCOPE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def write(path: Path, events: list[Event]) -> Path:
    with EventWriter(path, "microboone", "simulation") as writer:
        for event in events:
            writer.append(event)
    return path


def test_three_planes_of_simulated_events_and_the_worst_of_them(
    data: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setitem(BATCH, "bomb", 2)
    worst = tmp_path / "worst.h5"
    given = ["--plane", "all", "--sample", "bomb", "--events", "3", "--seed", "3", "--weights", str(weights)]
    assert main([*EVALUATE, *given, "--worst", str(worst), "--keep", "2", "--card"]) == 0
    text = capsys.readouterr().out
    for words in ("plane U", "plane Y", "85.9 %", "89.1 %", "by negative", "worst.h5", "report: "):
        assert words in text
    store = EvaluationStore(data / "evaluations")
    found = store.list()
    assert [(s.network, s.plane, s.sample, s.events) for s in found.evaluations] == [
        ("smask-rcnn", plane, "bomb", 3) for plane in "UVY"
    ]
    assert found.damaged == ()
    assert found.evaluations[2].id.startswith("smask-rcnn-parts-Y-bomb-3-")
    report = store.get(found.evaluations[2].id)
    assert report is not None
    assert report["decision_rule"] == "connected parts"
    kept = {row["entry"]: row["event"] for row in report["per_event"] if row["file"] == "worst.h5"}
    with open_events(worst) as events:
        assert {event.id.entry: event.id.event for event in events} == kept
        assert len(kept) == 2
    metrics = json.loads((weights / "smask-rcnn-parts-Y.json").read_text())["metrics"]
    assert metrics["interactions"] == report["interactions"]
    assert "per_event" not in metrics


def test_a_file_is_reported_with_the_gain_that_was_asked(
    bombs: list[Event], data: Path, weights: Path, tmp_path: Path
) -> None:
    # Half the charge of the simulation: with the gain of 2 that the file has, it is read as usual.
    halved = [
        replace(e, images={p: replace(i, adc=i.adc / 2).with_gain(2) for p, i in e.images.items()})
        for e in bombs
    ]
    file = write(tmp_path / "halved.h5", halved)
    out = tmp_path / "figures.json"
    true = {}
    for gain in ("own", "1", "estimated"):
        given = ["--plane", "Y", str(file), "--weights", str(weights), "--json", str(out), "--gain", gain]
        assert main([*EVALUATE, *given]) == 0
        report = read_report(out)
        assert report["settings"] == {"adc_min": 10.0, "gain": gain if gain != "1" else 1.0}
        assert report["sample"]["files"] == ["halved.h5"]
        true[gain] = report["pixels"]
    image, truth = bombs[0].images["Y"], bombs[0].truth
    assert truth is not None
    assert true["own"] == sum(
        int(((e.images["Y"].charge >= 10) & (e.truth.instances["Y"] >= 0)).sum()) for e in bombs if e.truth
    )
    assert true["1"] < true["own"]
    assert not data.exists()
    halved_image = halved[0].images["Y"]
    assert with_gain(halved_image, "own") is halved_image
    assert with_gain(halved_image, "estimated").gain == pytest.approx(2 * with_gain(image, "estimated").gain)


def test_an_event_that_cannot_be_compared_is_refused(bombs: list[Event]) -> None:
    event, settings = bombs[0], DetectorSettings()
    with pytest.raises(ValueError, match="has no true instances on plane Y; an evaluation needs"):
        evaluate_instances_of(replace(event, truth=None), "Y", Components(), settings)
    with pytest.raises(ValueError, match=r"has no plane Y; it has none"):
        evaluate_instances_of(replace(event, images={}), "Y", Components(), settings)
    image = event.images["Y"]
    other = Components()(image.masked(image.wires > image.wires.min()), settings=settings)
    with pytest.raises(ValueError, match=rf"detections of an image of \d+ pixels .* expected {len(image)}"):
        compare_instances(event, image, other, InstanceThresholds())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--gain", "0"], "'0' is no gain; expected own, estimated or a number above 0"),
        (["--gain", "much"], "'much' is no gain"),
        (["--gain", "nan"], "'nan' is no gain"),
    ],
)
def test_what_is_no_gain_is_refused(given: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*EVALUATE, "--plane", "Y", *given])
    assert words in capsys.readouterr().err


def test_files_and_weights_that_do_not_serve_are_one_sentence(
    bombs: list[Event], data: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dim = [replace(bombs[0], images={p: i.with_gain(1e-4) for p, i in bombs[0].images.items()})]
    file = write(tmp_path / "dim.h5", dim)
    cases = [
        (
            [str(file), "--weights", str(weights)],
            "no event has a pixel of a true interaction with ADC × gain",
        ),
        (["--weights", str(tmp_path)], "expected a file smask-rcnn-*-Y.safetensors"),
        (["--weights", str(weights / "smask-rcnn-parts-U.safetensors")], "expected smask-rcnn for plane Y"),
    ]
    for given, words in cases:
        assert main([*EVALUATE, "--plane", "Y", *given]) == 2
        assert words in capsys.readouterr().err
    assert not data.exists()
