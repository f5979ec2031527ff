"""The `argonscope` command as its user meets it."""

import json

import h5py
import numpy as np
import pytest

from argonscope import main
from inference.predictor import Segmenter
from lartpc.readers import open_events


@pytest.fixture(scope="module")
def bombs(tmp_path_factory):
    path = tmp_path_factory.mktemp("events") / "bombs.h5"
    assert main(["simulate", "--sample", "bomb:3", "--seed", "9", "--processes", "1", str(path)]) == 0
    return path


def test_simulate_writes_the_number_of_events_asked_for(bombs):
    with open_events(bombs) as events:
        assert len(events) == 3
        assert events[2].truth is not None


def test_simulate_without_a_number_says_what_to_add(tmp_path, capsys):
    assert main(["simulate", "--sample", "bnb", str(tmp_path / "x.h5")]) == 2
    assert "say how many events" in capsys.readouterr().err


def test_simulate_into_a_missing_folder_is_one_sentence(tmp_path, capsys):
    target = tmp_path / "nowhere" / "x.h5"
    assert main(["simulate", "--sample", "bomb:1", "--processes", "1", str(target)]) == 2
    assert "x.h5" in capsys.readouterr().err
    assert not target.exists()


def test_predict_writes_scores_and_goes_on_where_it_stopped(bombs, tmp_path):
    out = tmp_path / "scores.h5"
    arguments = ["predict", str(bombs), "--out", str(out), "--threads", "1"]
    assert main([*arguments, "--entries", "0:1"]) == 0
    with h5py.File(out) as file:
        assert list(file["entry"]) == ["000000"]
    with h5py.File(out, "a") as file:
        file["entry/000000/Y"].attrs["kept"] = True
    assert main(arguments) == 0
    with h5py.File(out) as file, open_events(bombs) as events:
        assert list(file["entry"]) == ["000000", "000001", "000002"]
        assert file["entry/000000/Y"].attrs["kept"]
        stored = file["entry/000001/Y"][()]
        expected = Segmenter.load("Y")(events[1].images["Y"]).scores
        np.testing.assert_allclose(stored, expected, atol=2e-3)
        assert file["entry/000001/Y"].attrs["image"] == events[1].images["Y"].content_hash


def test_predict_answers_again_what_other_weights_answered(bombs, tmp_path):
    out = tmp_path / "scores.h5"
    arguments = ["predict", str(bombs), "--out", str(out), "--threads", "1", "--entries", "0:1"]
    assert main(arguments) == 0
    with h5py.File(out, "a") as file:
        file["entry/000000/Y"].attrs["weights_sha256"] = "of older weights"
    assert main(arguments) == 0
    with h5py.File(out) as file:
        assert file["entry/000000/Y"].attrs["weights_sha256"] == Segmenter.load("Y").weights_hash


def test_predict_into_another_files_predictions_is_refused(bombs, tmp_path, capsys):
    out = tmp_path / "other.h5"
    with h5py.File(out, "w") as file:
        file.attrs["events"] = "other-events.h5"
    assert main(["predict", str(bombs), "--out", str(out)]) == 2
    assert "holds predictions for other-events.h5" in capsys.readouterr().err


def test_evaluate_writes_json_and_a_table(bombs, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert main(["evaluate", "uresnet", "--plane", "Y", str(bombs), "--json", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert figures["events"] == 3
    assert 0.0 <= figures["nonzero_accuracy"]["value"] <= 1.0
    assert set(figures["recall"]) == {"HIP", "MIP", "shower", "delta", "Michel"}
    assert "published" in capsys.readouterr().out


def test_evaluate_refuses_seeds_that_training_may_have_seen(capsys):
    assert main(["evaluate", "uresnet", "--plane", "Y", "--seed", "1000001"]) == 2
    assert "not held out" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["predict", "{file}", "--out", "x.h5"], ["evaluate", "uresnet", "--plane", "U", "{file}"]]
)
def test_a_file_that_is_none_is_one_sentence(command, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = tmp_path / "notes.h5"
    text.write_text("no events here")
    assert main([part.format(file=text) for part in command]) == 2
    error = capsys.readouterr().err
    assert "notes.h5" in error
    assert "expected" in error
