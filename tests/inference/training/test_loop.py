"""The training loop: it learns, it resumes where it stopped, and it stops when told."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from inference.networks.uresnet import UResNetConfig
from inference.training import loop
from inference.training.crops import Crop
from inference.training.loop import TrainingConfig, collate, train
from inference.training.session import Start, load_checkpoint
from inference.training.source import FIRST_TRAINING_SEED, SourceConfig, batches

CONFIG = TrainingConfig(
    network=UResNetConfig(depth=2, filters=4, blocks=1),
    source=SourceConfig(planes=("Y",), samples=(("bomb", 1.0),), pixels=200),
    steps=6,
    learning_rate=1e-2,
    warmup_steps=4,
    precision="fp32",
    threads=1,
)


def toy_crop(rng: np.random.Generator) -> Crop:
    """300 pixels whose class can be read off their charge."""
    rows, wires = np.nonzero(rng.random((60, 60)) < 0.08)
    classes = rng.integers(0, 5, len(rows))
    return Crop(
        rows.astype(np.int32),
        wires.astype(np.int32),
        (20.0 + 50.0 * classes).astype(np.float32),
        classes.astype(np.int8),
        np.full(len(rows), 0.01, np.float32),
    )


class ToySource:
    """In place of the simulation; can raise a signal before the batch of one step."""

    def __init__(self, signal_at: int | None = None) -> None:
        self.signal_at, self.first_batches = signal_at, []

    def __call__(self, config: SourceConfig, workers: int, first_batch: int) -> Iterator[list[Crop]]:
        self.first_batches.append(first_batch)
        return self._crops(config, first_batch)

    def _crops(self, config: SourceConfig, first_batch: int) -> Iterator[list[Crop]]:
        rng = np.random.default_rng([config.seed, first_batch])
        number = first_batch
        while True:
            if number == self.signal_at:
                os.kill(os.getpid(), signal.SIGTERM)
            number += 1
            yield [toy_crop(rng), toy_crop(rng)]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> ToySource:
    toy = ToySource()
    monkeypatch.setattr(loop, "batches", toy)
    return toy


def test_batch_of_crops_becomes_one_tensor() -> None:
    rng = np.random.default_rng(0)
    crops = [toy_crop(rng), toy_crop(rng)]
    x, classes, weights = collate(crops, "cpu", torch.bfloat16)
    first, number = len(crops[0].rows), sum(len(crop.rows) for crop in crops)
    assert x.features.shape == (number + 1, 1)
    assert x.features.dtype == torch.bfloat16
    assert x.features[-1].item() == 0.0
    assert x.level.coordinates[0].tolist() == [0] * first + [1] * (number - first)
    assert x.level.coordinates[2][first:].tolist() == crops[1].wires.tolist()
    torch.testing.assert_close(x.features[0].item(), crops[0].adc[0] / 100.0, rtol=1e-2, atol=0)
    assert classes.tolist() == [*crops[0].classes.tolist(), *crops[1].classes.tolist()]
    assert weights.shape == (number,)


def test_it_learns(source: ToySource, tmp_path: Path) -> None:
    train(replace(CONFIG, steps=100), tmp_path)
    with (tmp_path / "log.csv").open() as file:
        first, second = csv.DictReader(file)
    assert (first["step"], second["step"], second["crops"]) == ("50", "100", "200")
    assert float(second["loss"]) < 0.8 * float(first["loss"])
    assert float(second["accuracy"]) > 0.3  # chance is 0.2
    assert 0.0 <= float(second["michel"]) <= 1.0


def test_a_run_resumes_where_it_stopped(source: ToySource, tmp_path: Path) -> None:
    first = train(CONFIG, tmp_path)
    assert (first.step, first.crops) == (6, 12)
    again = train(replace(CONFIG, steps=9), tmp_path)
    assert (again.step, again.crops) == (9, 18)
    assert again.seconds > first.seconds
    # The source moves on too: a resumed run sees other crops.
    assert source.first_batches == [0, 6]
    assert load_checkpoint(tmp_path / "checkpoint.pt")["counters"]["step"] == 9


def test_resuming_changes_nothing_by_itself(source: ToySource, tmp_path: Path) -> None:
    first = train(CONFIG, tmp_path)
    again = train(CONFIG, tmp_path)
    assert again.step == 6
    for name, value in first.network.state_dict().items():
        torch.testing.assert_close(again.network.state_dict()[name], value, rtol=0, atol=0)
        torch.testing.assert_close(again.average[name], first.average[name], rtol=0, atol=0)
    for old, new in zip(
        first.optimizer.state_dict()["state"].values(),
        again.optimizer.state_dict()["state"].values(),
        strict=True,
    ):
        torch.testing.assert_close(new["exp_avg_sq"], old["exp_avg_sq"], rtol=0, atol=0)


def test_sigterm_ends_the_step_in_hand_and_leaves_a_checkpoint(source: ToySource, tmp_path: Path) -> None:
    source.signal_at = 2
    before = signal.getsignal(signal.SIGTERM)
    state = train(replace(CONFIG, steps=1000), tmp_path)
    assert state.step == 3
    assert load_checkpoint(tmp_path / "checkpoint.pt")["counters"] == {
        "step": 3,
        "seconds": state.seconds,
        "crops": 6,
    }
    assert signal.getsignal(signal.SIGTERM) is before
    assert [p.name for p in tmp_path.glob("*.partial")] == []


def test_rate_warms_up_and_falls(source: ToySource, tmp_path: Path) -> None:
    one = train(replace(CONFIG, steps=1), tmp_path / "one")
    # First step: a quarter of the rate, as warm-up takes four steps, and the cosine is at its top.
    assert one.optimizer.param_groups[0]["lr"] == pytest.approx(0.25e-2)
    six = train(CONFIG, tmp_path / "six")
    # Last step, 5/6 of the way: 0.01 + 0.99 · (1 + cos 150°) / 2 = 0.0763 of it.
    assert six.optimizer.param_groups[0]["lr"] == pytest.approx(0.0763e-2, rel=1e-3)


def test_weights_to_start_from(source: ToySource, tmp_path: Path) -> None:
    first = train(CONFIG, tmp_path / "first")
    still = replace(CONFIG, steps=1, learning_rate=0.0)
    again = train(still, tmp_path / "again", initial=Start(first.average))
    for name, value in again.network.named_parameters():
        torch.testing.assert_close(value.detach(), first.average[name])


def test_another_networks_checkpoint_is_refused(source: ToySource, tmp_path: Path) -> None:
    train(replace(CONFIG, steps=1), tmp_path)
    other = replace(CONFIG, network=UResNetConfig(depth=2, filters=3, blocks=1))
    with pytest.raises(ValueError, match="a checkpoint of another network"):
        train(other, tmp_path)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="not a checkpoint of `argonscope train`"):
        load_checkpoint(path)


def test_six_steps_on_simulated_crops_then_three_more(tmp_path: Path) -> None:
    assert train(CONFIG, tmp_path).step == 6
    assert train(replace(CONFIG, steps=9), tmp_path).step == 9


def test_simulated_crops_are_ready_to_train_on() -> None:
    assert CONFIG.source.seed == FIRST_TRAINING_SEED
    source = batches(CONFIG.source, workers=1, first_batch=0)
    try:
        batch = next(source)
    finally:
        source.close()
    assert sum(len(crop.rows) for crop in batch) >= CONFIG.source.pixels
    for crop in batch:
        assert (np.diff(crop.rows.astype(int) * 512 + crop.wires) > 0).all()
        assert crop.adc.min() > 10.0
        assert crop.adc.max() <= 300.0
        assert set(np.unique(crop.classes)) <= {-1, 0, 1, 2, 3, 4}


def test_a_trainer_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    program = (
        "import multiprocessing, sys, time\n"
        "from inference.training.source import SourceConfig, batches\n"
        "if __name__ == '__main__':\n"
        "    config = SourceConfig(planes=('Y',), samples=(('bomb', 1.0),), pixels=200)\n"
        "    source = batches(config, 1, 0)\n"
        "    next(source)\n"
        "    print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    script = tmp_path / "trainer.py"
    script.write_text(program)
    root = str(Path(loop.__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as trainer:
        assert trainer.stdout is not None
        child = psutil.Process(int(trainer.stdout.readline()))
        trainer.kill()
    gone, alive = psutil.wait_procs([child], timeout=30)
    assert alive == []
    assert [p.pid for p in gone] == [child.pid]
