"""The `argonscope` command as its user meets it."""

import json

import h5py
import numpy as np
import pytest

from argonscope import main
from inference.predictor import Segmenter
from lartpc.classes import InstanceClass
from lartpc.instances import Instance
from lartpc.readers import open_events
from records.detections import Detections


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


class ToyDetector:
    """One neutrino of every second pixel on U; nothing is found on the other planes."""

    weights_hash = "f" * 64

    def __call__(self, image, progress=None, settings=None):
        pixels = np.arange(0, len(image), 2, dtype=np.int32)
        one = Instance(InstanceClass.NEUTRINO, 0.75, (1.5, 2, 30, 40), pixels)
        found = (one,) if image.plane == "U" else ()
        return Detections(image.plane, found, len(image), "smask-rcnn", "toy", "f" * 64, "cpu", 0.1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--entries", "5:9"), "none of 5:9; expected at least one event to predict"),
        (("--weights", "nowhere"), "no such weights"),
    ],
)
def test_predict_that_cannot_begin_leaves_no_file(bombs, tmp_path, capsys, options, said):
    out = tmp_path / "scores.h5"
    assert main(["predict", str(bombs), "--out", str(out), *options]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_predict_into_a_file_of_events_is_refused_and_leaves_it_alone(bombs, tmp_path, capsys):
    other = tmp_path / "events.h5"
    other.write_bytes(bombs.read_bytes())
    assert main(["predict", str(bombs), "--out", str(other)]) == 2
    assert "is HDF5 of something else; expected a new file" in capsys.readouterr().err
    with h5py.File(other) as file:
        assert "network" not in file.attrs


def test_predict_writes_instances(bombs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("inference.batch_prediction.load_network", lambda *_: ToyDetector())
    out = tmp_path / "instances.h5"
    arguments = ["predict", str(bombs), "--out", str(out), "--network", "smask-rcnn", "--threads", "1"]
    assert main([*arguments, "--entries", "0:1"]) == 0
    with h5py.File(out, "a") as file:
        file["entry/000000"].attrs["kept"] = True
    assert main([*arguments, "--entries", "0:2"]) == 0
    with h5py.File(out) as file, open_events(bombs) as events:
        assert file.attrs["network"] == "smask-rcnn"
        assert file["entry/000000"].attrs["kept"]
        image, found = events[1].images["U"], file["entry/000001/U"]
        assert (found.attrs["image"], found.attrs["image_pixels"]) == (image.content_hash, len(image))
        assert found["classes"][()].tolist() == [InstanceClass.NEUTRINO]
        assert found["boxes"][()].tolist() == [[1.5, 2, 30, 40]]
        assert found["offsets"][()].tolist() == [0, -(-len(image) // 2)]
        np.testing.assert_array_equal(found["pixels"], np.arange(0, len(image), 2))
        assert file["entry/000001/Y/boxes"].shape == (0, 4)
    assert main(["predict", str(bombs), "--out", str(out), "--network", "uresnet"]) == 2
    assert "holds answers of smask-rcnn; expected answers of uresnet" in capsys.readouterr().err


def test_predict_without_weights_is_one_sentence(bombs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("inference.cards.available_weights", lambda: [])
    out = tmp_path / "instances.h5"
    assert main(["predict", str(bombs), "--out", str(out), "--network", "smask-rcnn"]) == 2
    assert "no weights of smask-rcnn for plane U are shipped" in capsys.readouterr().err


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
