"""All points of a plan, one fresh process after another, and the two short trainings."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.dense_sparse import learning, point, sample
from benchmarks.dense_sparse.plan import KINDS, Kind, Mode, Plan, Point, Setting

ROOT = Path(__file__).resolve().parents[2]
MEMORY_SHARE = 0.8
"""Of the memory that is free, the most that a point may be expected to need."""

TRAIN_CROPS, HELD_OUT_CROPS = 480, 24
_HELD_OUT_SEED = 1000

Outcome = dict[str, Any]
"""seconds, processor_seconds, runs, peak_mb, pixels, way; or why there is none: not_run, one sentence."""


class Measurement:
    """A run of a plan; crops for the processes lie in a folder."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan, self._folder = plan, folder
        self._done: dict[tuple[Setting, Mode, Kind], Outcome] = {}
        self._files: dict[str, Path] = {}

    def points(self) -> Iterator[dict[str, Any]]:
        """Every point in every mode, with its outcomes of both kinds."""
        tasks = [(each, mode) for each in self._plan.points() for mode in self._plan.modes]
        with tqdm(tasks, unit="point", disable=None) as bar:
            for each, mode in bar:
                bar.set_postfix_str(f"{mode}, {each.axis} {each.value}")
                yield self._point(each, mode)

    def _point(self, each: Point, mode: Mode) -> dict[str, Any]:
        outcomes: dict[str, Outcome] = {kind: self._outcome(each, mode, kind) for kind in KINDS}
        return {"axis": each.axis, "value": each.value, "mode": mode, **asdict(each.setting), **outcomes}

    def _outcome(self, each: Point, mode: Mode, kind: Kind) -> Outcome:
        if kind == "dense" and each.axis == "plane":
            return {"not_run": "whole planes are for the sparse network alone"}
        key = (each.setting, mode, kind)
        if key not in self._done:
            self._done[key] = self._measure(each, mode, kind)
        return self._done[key]

    def _measure(self, each: Point, mode: Mode, kind: Kind) -> Outcome:
        needed, free = each.setting.dense_bytes(mode), available_bytes()
        if kind == "dense" and needed > MEMORY_SHARE * free:
            return {"not_run": f"needs about {needed / 1e9:.0f} GB of memory, {free / 1e9:.0f} GB are free"}
        crops = self._crops(each)
        plan = self._plan
        request = point.Request(kind, mode, each.setting, str(crops), plan.threads, plan.seconds)
        answer: Outcome = in_a_process(request.command(), plan.timeout_s)
        return answer

    def _crops(self, each: Point) -> Path:
        """One file a size, with crops for the largest batch, so that batches share their first crops."""
        side = each.setting.shape[0]
        name = "planes" if each.axis == "plane" else f"crops-{side}"
        if name not in self._files:
            axis = each.axis == "plane"
            number = max(p.setting.batch for p in self._plan.points() if (p.axis == "plane") is axis)
            chosen = (
                sample.whole_planes(number, self._plan.seed)
                if axis
                else sample.crops(self._plan.sample, side, number, self._plan.seed)
            )
            self._files[name] = self._folder / f"{name}.npz"
            sample.save(self._files[name], chosen)
        return self._files[name]

    def learning(self, size: int, batch: int) -> dict[str, Any]:
        """The two short trainings, and under which conditions."""
        plan = self._plan
        pool = sample.crops("bomb", size, TRAIN_CROPS, plan.seed)
        held_out = sample.crops("bomb", size, HELD_OUT_CROPS, plan.seed + _HELD_OUT_SEED)
        files = self._folder / "pool.npz", self._folder / "held-out.npz"
        for file, chosen in zip(files, (pool, held_out), strict=True):
            sample.save(file, chosen)
        curves: dict[str, Any] = {}
        for kind in KINDS:
            request = learning.Request(
                kind,
                str(files[0]),
                str(files[1]),
                size,
                batch,
                plan.base.filters,
                plan.base.depth,
                plan.train_minutes,
                plan.threads,
                plan.seed,
            )
            # Beyond the budget: steps begun in time, and the looks in between.
            curves[kind] = in_a_process(request.command(), 4.0 * plan.train_minutes * 60.0 + plan.timeout_s)
        conditions = {"network": plan.base.network, "minutes": plan.train_minutes, "size": size}
        return {**conditions, "batch": batch, "crops": len(pool), "held_out": len(held_out), **curves}


def measure(plan: Plan, train_size: int, train_batch: int) -> dict[str, Any]:
    """Everything of a plan, ready for JSON; after Ctrl-C what is done, and "stopped" says so."""
    # What the machine was doing before: measuring alone would say that it is busy.
    before = machine()
    points: list[dict[str, Any]] = []
    learned, stopped = None, False
    with tempfile.TemporaryDirectory(prefix="argonscope-benchmark-") as folder:
        run = Measurement(plan, Path(folder))
        try:
            for entry in run.points():
                points.append(entry)
            if plan.train_minutes > 0:
                learned = run.learning(train_size, train_batch)
        except KeyboardInterrupt:
            stopped = True
    extrapolate(points)
    return {
        "machine": before,
        "plan": asdict(plan),
        "points": points,
        "learning": learned,
        "stopped": stopped,
    }


def in_a_process(command: list[str], timeout_s: float) -> Any:
    """What a fresh process answers, from JSON; or {"not_run": one sentence} where it did not."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, env=environment)
    except subprocess.TimeoutExpired:
        return {"not_run": f"not done after {timeout_s:.0f} s"}
    if done.returncode < 0:
        return {"not_run": f"ended by signal {-done.returncode}, most likely for want of memory"}
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"not_run": lines[-1] if lines else f"its process ended with status {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def extrapolate(found: list[dict[str, Any]]) -> None:
    """Where a batch was too large for the dense network, a straight line through the smaller ones."""
    for mode in {entry["mode"] for entry in found}:
        line = [entry for entry in found if entry["axis"] == "batch" and entry["mode"] == mode]
        run = [entry for entry in line if "peak_mb" in entry["dense"]]
        if len(run) < 2:
            continue
        batches = [entry["batch"] for entry in run]
        for name in ("seconds", "processor_seconds", "peak_mb"):
            slope, start = np.polyfit(batches, [entry["dense"][name] for entry in run], 1)
            for entry in line:
                if "peak_mb" not in entry["dense"]:
                    guess = float(slope * entry["batch"] + start)
                    entry["dense"].setdefault("extrapolated", {})[name] = guess


def machine() -> dict[str, Any]:
    """On what it is measured."""
    return {
        "processor": _line("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": _kilobytes("MemTotal") * 1024 / 1e9,
        "free_gb": available_bytes() / 1e9,
        "load": os.getloadavg()[0],
    }


def available_bytes() -> float:
    """Memory that a new process may take. Raises ValueError where Linux does not say."""
    return _kilobytes("MemAvailable") * 1024.0


def _kilobytes(name: str) -> int:
    words = _line("/proc/meminfo", name).split()
    if not words:
        raise ValueError(f"/proc/meminfo names no {name}; expected Linux")
    return int(words[0])


def _line(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines() if Path(path).is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
