"""`argonscope benchmark uresnet`, on tiny images."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from argonscope import main, parse
from benchmarks.commands import plan_of
from benchmarks.dense_sparse import learning, measure, networks, plots, point, sample, tables
from benchmarks.dense_sparse.networks import Contender
from benchmarks.dense_sparse.plan import KINDS, MODES, Plan, Setting
from inference.networks.dense_uresnet import sparse_state
from inference.training.crops import Crop

TINY = Setting((32, 32), 2, 2, 3)
COMMAND = ["benchmark", "uresnet", "--train-minutes", "0"]


def dots(number: int, size: int = 32) -> list[Crop]:
    """Crops with 50 random pixels each, of class 0 or, with more charge, 1."""
    rng = np.random.default_rng(1)
    made = []
    for _ in range(number):
        rows, wires = np.divmod(np.sort(rng.choice(size * size, 50, replace=False)), size)
        adc = rng.uniform(20, 250, 50).astype(np.float32)
        classes = (adc > 130).astype(np.int8)
        made.append(Crop(rows.astype(np.int32), wires.astype(np.int32), adc, classes, adc * 0 + 0.01))
    return made


@pytest.fixture
def crops_file(tmp_path: Path) -> Path:
    path = tmp_path / "crops.npz"
    sample.save(path, dots(6))
    return path


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--sizes", "0"], "image size in pixels: 0 is impossible"),
        (["--batches", "-3"], "batch size in crops: -3 is impossible"),
        (["--filters", "0"], "filters of the first level: 0 is impossible"),
        (["--base", "64", "1", "0", "5"], "filters of the first level: 0 is impossible"),
        (["--depths", "0"], "depth in levels: 0 is impossible"),
        (["--base", "64", "1", "4", "5", "--depths", "8"], "images of 64 px vanish at depth 8, which halves"),
        (["--base", "32", "1", "4", "7"], "images of 32 px vanish at depth 7"),
        (["--threads", "0"], "threads: 0 is impossible"),
        (["--timeout", "-1"], "the timeout: -1 is impossible"),
        (["--train-minutes", "-1"], "minutes of training: -1 is impossible"),
        (["--html", "nowhere/out.html"], "there is no folder nowhere"),
        (["--axes", "size", "--sizes", "600"], "crops of 600 px; 'bomb' images have 512 px at the most"),
    ],
)
def test_the_impossible_is_refused_in_one_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMAND, *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_the_start_stays_light() -> None:
    look = "import argonscope, sys; argonscope.build_parser(); print({'torch', 'plotly'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_plan_varies_one_number_at_a_time() -> None:
    plan = plan_of(parse(["benchmark", "uresnet", "--base", "64", "2", "4", "3", "--filters", "4", "8"]))
    assert set(plan.values) == {"size", "batch", "filters", "depth", "plane"}
    filters = [entry.setting for entry in plan.points() if entry.axis == "filters"]
    assert filters == [Setting((64, 64), 2, 4, 3), Setting((64, 64), 2, 8, 3)]
    [plane] = [entry.setting for entry in plan.points() if entry.axis == "plane"]
    assert plane == Setting((1008, 3456), 1, 4, 3)
    quick = plan_of(parse(["benchmark", "uresnet", "--quick", "--axes", "batch", "plane"]))
    assert quick.values == {"batch": (1, 2), "plane": (1,)}
    assert quick.base == Setting((256, 256), 2, 16, 5)


def test_the_dense_network_is_expected_to_hold_all_pixels_of_all_levels() -> None:
    # 4 bytes × 27 × 3 crops × (8·6·2 + 4·3·4 + 2·2·6 values)
    assert Setting((8, 6), 3, 2, 3).dense_bytes("training") == 4 * 27 * 3 * (96 + 48 + 24)
    assert Setting((512, 512), 88, 16, 5).dense_bytes("training") > 5e10


def test_crops_have_the_size_asked_for_and_come_back_from_their_file(tmp_path: Path) -> None:
    chosen = sample.crops("bomb", 64, 5, seed=3)
    assert len(chosen) == 5
    for crop in chosen:
        assert min(crop.rows.min(), crop.wires.min()) >= 0
        assert max(crop.rows.max(), crop.wires.max()) < 64
        assert sample.LEAST_PIXELS <= len(crop.rows) < 64 * 64
    sample.save(tmp_path / "crops.npz", chosen)
    for number, expected in ((None, chosen), (2, chosen[:2])):
        back = sample.load(tmp_path / "crops.npz", number)
        assert len(back) == len(expected)
        for crop, original in zip(back, expected, strict=True):
            for name in ("rows", "wires", "adc", "classes", "cluster_weight"):
                assert np.array_equal(getattr(crop, name), getattr(original, name))


def test_both_kinds_begin_from_the_same_weights_and_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "LEARNING_RATE", 1e-2)
    crops = dots(4)
    contenders = [Contender(kind, 3, 4, (32, 32), seed=7) for kind in KINDS]
    dense, sparse = (contender.network.state_dict() for contender in contenders)
    for name, value in sparse_state(dense).items():
        assert torch.equal(value, sparse[name])
    for contender in contenders:
        learning.settle_quickly(contender.network)
        losses = [contender.step(crops) for _ in range(8)]
        assert losses[-1] < 0.8 * losses[0]
        right, known = contender.right(crops)
        assert known == 200
        assert 0 < right <= known


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_point_has_time_memory_and_pixels(kind: Any, mode: Any, crops_file: Path) -> None:
    found = point.answer(point.Request(kind, mode, TINY, str(crops_file), torch.get_num_threads(), 0.05))
    assert found["pixels"] == 100
    assert found["seconds"] > 0
    assert found["runs"] >= 1
    assert found["peak_mb"] >= 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [29, 32])
def test_inference_on_a_batch_gives_what_each_crop_gives_alone(kind: Any, size: int) -> None:
    crops, contender = dots(3, size), Contender(kind, 3, 4, (size, size))
    contender.step(crops)
    right, _ = contender.right(crops)
    _, run = contender.inference()
    logits = run(crops)
    torch.testing.assert_close(logits, torch.cat([run([crop]) for crop in crops]), atol=1e-4, rtol=0)
    classes = np.concatenate([crop.classes for crop in crops])
    assert int((logits.argmax(1).numpy() == classes).sum()) == right


def test_the_first_run_warms_up_unless_it_takes_all_the_time() -> None:
    waits = iter([0.0] * 100)
    assert point.timed(lambda: next(waits), 10.0).runs == 20
    calls: list[int] = []
    assert point.timed(lambda: calls.append(1), 0.0).runs == 1
    assert len(calls) == 1


def test_the_same_batches_come_in_the_same_order() -> None:
    crops = dots(5)
    first, second = (learning.stream(crops, 2, seed=4) for _ in range(2))
    epoch = [next(first) for _ in range(2)]
    assert [[id(c) for c in batch] for batch in epoch] == [
        [id(c) for c in next(second)] for _ in range(len(epoch))
    ]
    assert len({id(crop) for batch in epoch for crop in batch}) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_learning_is_looked_at_several_times(
    kind: Any, crops_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A clock on which every step takes an eighth of a second, of a budget of 0.6 s.
    clock = itertools.count(0.0, 0.125)
    monkeypatch.setattr(learning, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    threads, file = torch.get_num_threads(), str(crops_file)
    looks = list(learning.learn(learning.Request(kind, file, file, 32, 2, 4, 3, 0.01, threads, 0)))
    assert [(look.step, look.seconds) for look in looks] == [(step, step / 8) for step in range(1, 6)]
    assert all(0 <= look.accuracy <= 1 for look in looks)


def test_a_process_that_fails_leaves_one_sentence() -> None:
    def run(code: str, timeout: float = 60.0) -> Any:
        return measure.in_a_process([sys.executable, "-c", code], timeout)

    assert run("print('noise'); print('{\"a\": 1}')") == {"a": 1}
    assert run("raise MemoryError('no room')") == {"not_run": "MemoryError: no room"}
    assert run("import os; os.kill(os.getpid(), 9)") == {
        "not_run": "ended by signal 9, most likely for want of memory"
    }
    assert run("import time; time.sleep(60)", 0.2) == {"not_run": "not done after 0 s"}


def test_what_does_not_fit_into_memory_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "available_bytes", lambda: 1e9)
    asked: list[str] = []

    def process(command: list[str], _: float) -> dict[str, float]:
        request = json.loads(command[-1])
        asked.append(request["kind"])
        return {"seconds": 1.0, "processor_seconds": 1.0, "peak_mb": 10.0 * request["setting"]["batch"]}

    monkeypatch.setattr(measure, "in_a_process", process)
    monkeypatch.setattr(sample, "crops", lambda sample, size, number, seed: dots(1))
    plan = Plan(Setting((512, 512), 1, 16, 5), {"batch": (1, 2, 88)}, ("inference",))
    points = list(measure.Measurement(plan, tmp_path).points())
    measure.extrapolate(points)
    first, second, last = points
    assert asked == ["dense", "sparse", "dense", "sparse", "sparse"]
    assert first["dense"]["peak_mb"] == 10.0
    assert second["sparse"]["peak_mb"] == 20.0
    assert "needs about" in last["dense"]["not_run"]
    # 10 MB a crop, on the line through batches 1 and 2.
    assert last["dense"]["extrapolated"]["peak_mb"] == pytest.approx(880.0)


def test_what_is_done_is_kept_when_the_run_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([outcome(2.0, 20.0), outcome(1.0, 10.0)])

    def process(command: list[str], _: float) -> dict[str, Any]:
        for answer in answers:
            return answer
        raise KeyboardInterrupt

    monkeypatch.setattr(measure, "in_a_process", process)
    monkeypatch.setattr(sample, "crops", lambda sample, size, number, seed: dots(1))
    result = measure.measure(Plan(TINY, {"size": (16, 32)}), 64, 2)
    assert result["stopped"]
    assert result["learning"] is None
    [point_done] = result["points"]
    assert (point_done["value"], point_done["mode"]) == (16, "inference")


def entry(
    axis: str, value: int, dense: dict[str, Any], sparse: dict[str, Any], **more: Any
) -> dict[str, Any]:
    numbers = {"shape": [100, 100], "batch": 1, "filters": 16, "depth": 5, "mode": "training", **more}
    return {"axis": axis, "value": value, **numbers, "dense": dense, "sparse": sparse}


def outcome(seconds: float, peak: float) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "processor_seconds": 2 * seconds,
        "peak_mb": peak,
        "runs": 3,
        "pixels": 50,
        "way": "so",
    }


@pytest.fixture
def result() -> dict[str, Any]:
    """What a run gives, by hand: 3 times the time and 20 times the memory, and a batch that did not fit."""
    unfit = {"not_run": "needs about 90 GB of memory, 5 GB are free", "extrapolated": outcome(40.0, 9000.0)}
    look = {"seconds": 3.0, "step": 7, "accuracy": 0.5, "loss": 1.0}
    learned = {"network": "[5-16]", "minutes": 1.0, "size": 256, "batch": 4, "crops": 9, "held_out": 2}
    return {
        "machine": {"processor": "a CPU", "cores": 2, "memory_gb": 24.0, "free_gb": 20.0, "load": 0.5},
        "plan": {
            "base": {"shape": [100, 100], "batch": 1, "filters": 16, "depth": 5},
            "values": {"batch": [1, 88], "plane": [1]},
            "modes": ["training"],
            "sample": "bomb",
            "seed": 0,
            "threads": 2,
        },
        "stopped": False,
        "points": [
            entry("batch", 1, outcome(3.0, 200.0), outcome(1.0, 10.0)),
            entry("batch", 88, unfit, outcome(4.0, 100.0), batch=88),
            entry("plane", 1, {"not_run": "sparse alone"}, outcome(2.0, 60.0), shape=[1008, 3456]),
        ],
        "learning": {**learned, "dense": [look], "sparse": [look, {**look, "step": 9, "accuracy": 0.75}]},
    }


def test_the_table_says_what_was_measured_extrapolated_and_left_out(
    result: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    tables.print_report(result)
    printed = capsys.readouterr().out
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if "|" in line]
    assert ["batch 1", "0.50 %", "3.000", "1.000", "3.0", "3.0", "200", "10", "20"] in cells
    assert ["batch 88", "0.01 %", "≈ 40.000", "4.000", "≈ 10", "≈ 10", "≈ 9000", "100", "≈ 90"] in cells
    assert ["1 whole plane, sparse alone", "0.00 %", "–", "2.000", "–", "–", "–", "60", "–"] in cells
    assert "batch 88, dense: not run: needs about 90 GB of memory, 5 GB are free" in printed
    assert "memory 93 ×, time 3.1 ×" in printed
    assert "batch 1: memory 20 ×, time 3.0 ×" in printed
    assert ["sparse", "3", "9", "0.750", "1.000"] in cells


def test_the_page_of_plots_needs_no_network(result: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "plots.html"
    plots.write_page(out, result)
    assert [path.name for path in tmp_path.iterdir()] == ["plots.html"]
    page = out.read_text()
    assert page.count("<!DOCTYPE html>") == 1
    assert "plotly.js v" in page
    assert '<script src="http' not in page
    figure = plots.comparison(result)
    by_name = {trace.name: trace for trace in figure.data if trace.showlegend}
    assert tuple(by_name["memory ×, training"].y) == (20.0, 90.0)
    assert tuple(by_name["memory ×, training"].marker.symbol) == ("circle", "circle-open")
    assert tuple(by_name["memory ×, published"].y) == (93.0, 93.0)
    assert [tuple(trace.y) for trace in plots.learning(result["learning"]).data[:2]] == [(0.5,), (0.5, 0.75)]
    assert len(plots.comparison({**result, "points": []}).data) == 0


def test_the_whole_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sample, "crops", lambda sample, size, number, seed: dots(number, size))
    monkeypatch.setattr(measure, "TRAIN_CROPS", 4)
    monkeypatch.setattr(measure, "HELD_OUT_CROPS", 2)
    page, numbers = tmp_path / "out.html", tmp_path / "out.json"
    options = ["--quick", "--axes", "size", "--sizes", "64", "--base", "64", "1", "2", "2", "--threads", "1"]
    options += [
        "--modes",
        "inference",
        "--train-minutes",
        "0.001",
        "--timeout",
        "900",
        "--html",
        str(page),
        "--json",
        str(numbers),
    ]
    assert main(["benchmark", "uresnet", *options]) == 0
    found = json.loads(numbers.read_text())
    [measured] = found["points"]
    assert measured["dense"]["pixels"] == measured["sparse"]["pixels"] > 0
    assert measured["dense"]["peak_mb"] > 0
    assert all(found["learning"][kind][0]["step"] >= 1 for kind in KINDS)
    assert page.stat().st_size > 1_000_000
    printed = capsys.readouterr().out
    assert "64 px" in printed
    assert "Non-zero accuracy against wall time: [2-2]" in printed
