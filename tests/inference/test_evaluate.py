"""`argonscope evaluate` as its user meets it: reports, kept events, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from argonscope import main
from inference.cards import SHIPPED, default_weights
from inference.evaluated_networks import EvaluatedSegmenter
from inference.evaluation_events import evaluate_batches, events_at, of_files, process_map, simulated
from lartpc.errors import EventFileError
from lartpc.event import Event
from lartpc.readers import open_events
from lartpc.simulation import BATCH, simulate_batch
from lartpc.writer import EventWriter
from records.evaluations import EvaluationStore, read_report

EVALUATE = ["evaluate", "uresnet", "--processes", "1"]


@pytest.fixture(scope="module")
def bombs() -> list[Event]:
    return simulate_batch("bomb", 9, range(5))


@pytest.fixture(scope="module")
def file(bombs: list[Event], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("events") / "bombs.h5", bombs)


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
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(BATCH, "bomb", 2)
    worst = tmp_path / "worst.h5"
    given = ["--plane", "all", "--sample", "bomb", "--events", "5", "--seed", "3", "--worst", str(worst)]
    assert main([*EVALUATE, *given, "--keep", "3"]) == 0
    text = capsys.readouterr().out
    for words in ("plane U", "plane Y", "0.928", "ICPF track/shower, mean", "worst.h5: ", "report: "):
        assert words in text
    store = EvaluationStore(data / "evaluations")
    found = store.list()
    assert [(s.plane, s.sample, s.seed, s.events) for s in found.evaluations] == [
        (plane, "bomb", 3, 5) for plane in "UVY"
    ]
    assert found.damaged == ()
    report = store.get(found.evaluations[2].id)
    assert report is not None
    assert report["weights_hash"] == default_weights("uresnet", "Y").sha256
    kept = {row["entry"]: row["event"] for row in report["per_event"] if row["file"] == "worst.h5"}
    with open_events(worst) as events:
        assert len(events) == 3
        assert {event.id.entry: event.id.event for event in events} == kept
        # Simulated again, an event is the one that was evaluated.
        (row,) = [row for row in report["per_event"] if row["file"] and row["entry"] == 0]
        truth, image = events[0].truth, events[0].images["Y"]
        assert truth is not None
        in_range = (image.adc * image.gain > 10) & (image.adc * image.gain < 300)
        assert row["pixels"] == np.sum(in_range & (truth.classes["Y"] >= 0))
    assert report["worst"][0]["marked"]
    assert [row["event"] for row in report["per_event"]] == [0, 1, 2, 3, 4]
    assert [row["entry"] for row in report["per_event"] if row["file"] is None] == sorted(
        {*range(5)} - {*kept.values()}
    )


def test_a_file_is_reported_by_its_name_and_entries_into_one_json(
    file: Path, tmp_path: Path, data: Path
) -> None:
    out = tmp_path / "figures.json"
    assert main([*EVALUATE, "--plane", "V", str(file), "--json", str(out)]) == 0
    report = read_report(out)
    assert report["sample"] == {"name": "files", "seed": None, "files": ["bombs.h5"], "events": 5}
    assert [(row["file"], row["entry"]) for row in report["per_event"]] == [("bombs.h5", i) for i in range(5)]
    assert report["kept_file"] is None
    assert not data.exists()


def test_several_processes_and_several_planes_give_what_one_gives(file: Path) -> None:
    weights = {plane: default_weights("uresnet", plane).path for plane in "UY"}
    batches, network = of_files([file]), EvaluatedSegmenter()
    assert len(batches) == 2
    with process_map(2) as mapped:
        several = list(evaluate_batches(batches, network, weights, mapped))
        with pytest.raises(EventFileError, match=r"gone\.h5: there is no such file"):
            list(evaluate_batches([replace(batches[0], file=Path("gone.h5"))], network, weights, mapped))
    alone = list(evaluate_batches(batches, network, {"Y": weights["Y"]}, map))
    assert [list(event) for event in several] == [["U", "Y"]] * 5
    for ours, theirs in zip(several, alone, strict=True):
        assert ours["Y"].id == theirs["Y"].id
        np.testing.assert_array_equal(ours["Y"].confusion, theirs["Y"].confusion)


def test_events_are_simulated_again_in_the_order_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BATCH, "bomb", 2)
    batches = simulated("bomb", 3, 3)
    assert [(batch.first, batch.number) for batch in batches] == [(0, 2), (2, 1)]
    assert [event.id.entry for event in events_at(batches, [2, 0], map)] == [2, 0]


def test_the_card_gets_the_short_figures(file: Path, tmp_path: Path, data: Path) -> None:
    for suffix in (".json", ".safetensors"):
        (tmp_path / f"uresnet-5-32-Y{suffix}").write_bytes(
            default_weights("uresnet", "Y").path.with_suffix(suffix).read_bytes()
        )
    assert main([*EVALUATE, "--plane", "Y", str(file), "--weights", str(tmp_path), "--card"]) == 0
    metrics = json.loads((tmp_path / "uresnet-5-32-Y.json").read_text())["metrics"]
    assert metrics["sample"] == ["bombs.h5"]
    assert metrics["networks"][0]["weights"] == "uresnet-5-32-Y"
    assert "per_event" not in metrics
    assert len(list((data / "evaluations").iterdir())) == 1


def without_plane(event: Event) -> Event:
    return replace(event, images={p: i for p, i in event.images.items() if p != "Y"})


def below_range(event: Event) -> Event:
    return replace(event, images={p: i.with_gain(1e-4) for p, i in event.images.items()})


def of_unknown_class(event: Event) -> Event:
    assert event.truth is not None
    classes = {p: c.copy() for p, c in event.truth.classes.items()}
    classes["Y"][0] = 7
    return replace(event, truth=replace(event.truth, classes=classes))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda event: replace(event, truth=None), "entry 1 of odd.h5 has no pixel classes on plane Y"),
        (without_plane, "entry 1 of odd.h5 has no plane Y; it has U, V"),
        (of_unknown_class, "entry 1 of odd.h5 has the true class 7 on plane Y; expected -1"),
    ],
)
def test_an_event_that_cannot_be_compared_is_one_sentence_and_nothing_is_written(
    change, words: str, bombs: list[Event], tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = write(tmp_path / "odd.h5", [bombs[0], change(bombs[1])])
    assert main([*EVALUATE, "--plane", "Y", str(odd)]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith(f"argonscope: {words}")
    assert not data.exists()


def test_a_plane_without_a_pixel_in_range_is_refused(
    bombs: list[Event], tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dim = write(tmp_path / "dim.h5", [below_range(bombs[0])])
    assert main([*EVALUATE, "--plane", "Y", str(dim)]) == 2
    assert (
        "plane Y: no event has a pixel of known truth with 10 < ADC × gain < 300" in capsys.readouterr().err
    )
    # One such event among others counts no pixel, and has no accuracy.
    mixed = write(tmp_path / "mixed.h5", [bombs[0], below_range(bombs[1])])
    assert main([*EVALUATE, "--plane", "Y", str(mixed)]) == 0
    (path,) = (data / "evaluations").iterdir()
    last = read_report(path)["per_event"][1]
    assert (last["pixels"], last["accuracy"]) == (0, None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--plane", "Y", "--seed", "1000001"], "seed 1000001 is not held out"),
        (["--plane", "Y", "--events", "0"], "--events 0: nothing to evaluate"),
        (["--plane", "Y", "--keep", "0"], "--keep 0: no event to write"),
        (["--plane", "all", "--json", "x.json"], "x.json: 3 planes make 3 reports; expected a folder"),
        (["--plane", "Y", "--gain", "1"], "--gain 1.0: is for smask-rcnn"),
        (["--plane", "Y", "--worst", "nowhere/x.h5"], "nowhere/x.h5: there is no folder nowhere"),
        (["--plane", "Y", "--worst", "."], "is a folder; expected the name of a file"),
        (["--plane", "Y", "--worst", "x.h5", "{file}"], "--worst is for simulated events"),
        (["--plane", "Y", "--weights", "nothing.safetensors"], "nothing.safetensors: no such weights"),
        (
            ["--plane", "Y", "--weights", str(SHIPPED / "uresnet-5-32-U.safetensors")],
            "weights of uresnet for plane U; expected uresnet for plane Y",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_said_before_it_begins(
    given: list[str], words: str, file: Path, tmp_path: Path, data: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main([*EVALUATE, *(part.format(file=file) for part in given)]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_events_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = write(tmp_path / "empty.h5", [])
    assert main([*EVALUATE, "--plane", "Y", str(empty)]) == 2
    assert "empty.h5: no events; expected at least one" in capsys.readouterr().err
