"""`argonscope michel` as its user meets it."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from argonscope import main
from inference.cards import default_weights
from inference.michel import Found, collect
from lartpc.readers import open_events
from lartpc.writer import EventWriter

OF_Y = default_weights("uresnet", "Y").path


@pytest.fixture(scope="module")
def muons(tmp_path_factory):
    """Two events of stopping muons, and the second again without its truth."""
    path = tmp_path_factory.mktemp("events") / "muons.h5"
    assert main(["simulate", "--sample", "michel:2", "--seed", "9", "--processes", "1", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def untrue(muons):
    path = muons.with_name("untrue.h5")
    with open_events(muons) as events, EventWriter(path, "microboone", "data", {}) as writer:
        event = events[1]
        writer.append(type(event)(event.id, event.detector, event.images))
    return path


def _rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_tables_figures_and_spectrum_of_a_file(muons, tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert main(["michel", str(muons), "--plane", "Y", "--tracks", "hip+mip", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {
        "candidates.csv", "showers.csv", "metrics.json", "spectrum.csv", "spectrum.html",
    }  # fmt: skip
    figures = json.loads((out / "metrics.json").read_text())
    plane = figures["planes"]["Y"]
    assert figures["parameters"]["michel"]["track_classes"] == ["HIP", "MIP"]
    assert plane["events_with_truth"] == 2
    candidates = _rows(out / "candidates.csv")
    assert len(candidates) == plane["all"]["candidates"] > 0
    matched = [row for row in candidates if row["true_particle"]]
    assert len(matched) == plane["all"]["matched_candidates"] > 0
    for row in candidates:
        assert row["file"] == "muons.h5"
        assert 0 <= int(row["attachment_tick"]) < 6400
        assert 0 <= int(row["attachment_wire"]) < 3456
        assert float(row["energy_mev"]) == pytest.approx(float(row["charge_adc"]) * 0.01016, rel=0.01)
    for row in matched:
        assert 0 < int(row["shared_pixels"]) <= int(row["true_pixels"])
        assert float(row["true_energy_mev"]) < float(row["true_kinetic_mev"]) * 1.3 + 1.0
    bins = _rows(out / "spectrum.csv")
    assert sum(int(row["candidates"]) for row in bins) == len(candidates)
    assert sum(int(row["true"]) for row in bins) == plane["all"]["true"]
    page = (out / "spectrum.html").read_text()
    assert "energy of primary ionisation (MeV)" in page
    assert "muons.h5" in page
    told = capsys.readouterr().out
    assert "93.9 %" in told
    assert "97.3 %" in told


def test_a_file_without_truth_has_candidates_alone(untrue, tmp_path, capsys):
    assert main(["michel", str(untrue), "--plane", "Y", "--out", str(tmp_path)]) == 0
    figures = json.loads((tmp_path / "metrics.json").read_text())["planes"]["Y"]
    assert (figures["events"], figures["events_with_truth"]) == (1, 0)
    assert figures["all"]["id_purity"]["value"] is None
    rows = _rows(tmp_path / "candidates.csv")
    assert all(row["true_particle"] == row["true_energy_mev"] == "" for row in rows)
    assert sum(int(row["candidates"]) for row in _rows(tmp_path / "spectrum.csv")) == len(rows)
    assert "no truth, so candidates alone" in capsys.readouterr().out


def test_wires_and_ticks_are_those_of_the_plane_also_in_a_crop(muons):
    with open_events(muons) as events:
        event = events[0]
    image, classes = event.images["Y"], event.truth.classes["Y"]
    whole, cropped = Found(), Found()
    collect(whole, event, "Y", classes)
    moved = dataclasses.replace(image, first_wire=5, first_tick=60)
    collect(cropped, type(event)(event.id, event.detector, {"Y": moved}), "Y", classes)
    for row, other in zip(whole.candidates, cropped.candidates, strict=True):
        assert other.attachment_wire == row.attachment_wire + 5
        assert other.attachment_tick == row.attachment_tick + 60
    assert whole.candidates


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "{out}", "--seed", "1000001"], "not held out"),
        ([], "say where the tables go: --out DIR"),
        (["--out", "{out}", "--events", "0"], "expected 1 or more"),
        (["{text}", "--out", "{out}"], "notes.h5"),
        (["--out", "{text}"], "notes.h5"),
        (["--out", "{out}", "--weights", "{text}"], "no such weights"),
        (
            ["--out", "{out}", "--plane", "U", "--weights", str(OF_Y)],
            "weights of uresnet for plane Y; expected uresnet for plane U",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(arguments, words, tmp_path, capsys):
    text, out = tmp_path / "notes.h5", tmp_path / "out"
    text.write_text("no events here")
    assert main(["michel", *(part.format(text=text, out=out) for part in arguments)]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists() or not list(out.iterdir())


def test_calibrate_prints_the_constants(capsys):
    assert main(["michel", "--calibrate", "--events", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ['"U"', '"V"', '"Y"']
    assert np.isclose(float(lines[2].split("(")[1].split(",")[0]), 0.0102, rtol=0.15)
