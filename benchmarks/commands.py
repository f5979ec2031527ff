"""`argonscope benchmark`; torch, plotly and the measuring itself are imported when it runs."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from benchmarks.dense_sparse.plan import AXES, MODES, Plan, Setting
from inference.process import prepare_process

_VALUES = {
    "size": (128, 192, 256, 384, 512),
    "batch": (1, 2, 4, 8, 88),
    "filters": (8, 16, 32),
    "depth": (4, 5, 6),
    "plane": (1,),
}
_QUICK_VALUES = {"size": (128, 256), "batch": (1, 2), "filters": (8, 16), "depth": (4, 5)}
_BASE, _QUICK_BASE = (512, 2, 16, 5), (256, 2, 16, 5)
_TRAIN_SIZE, _TRAIN_BATCH = 256, 4


def add_benchmark(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope benchmark`."""
    parser = subparsers.add_parser(
        "benchmark", help="time and memory of the dense network over the sparse one, on this machine"
    )
    parser.add_argument("network", choices=("uresnet",))
    parser.add_argument("--quick", action="store_true", help="few and small points: one minute, not ten")
    parser.add_argument(
        "--axes", nargs="+", choices=AXES, metavar="AXIS", help=f"of {', '.join(AXES)}; default: all"
    )
    for axis, option in (("size", "--sizes"), ("batch", "--batches"), ("filters", "--filters")):
        parser.add_argument(option, dest=axis, nargs="+", type=int, metavar="N", help=AXES[axis])
    parser.add_argument("--depths", dest="depth", nargs="+", type=int, metavar="N", help=AXES["depth"])
    parser.add_argument(
        "--base",
        nargs=4,
        type=int,
        metavar=("SIZE", "BATCH", "FILTERS", "DEPTH"),
        help="what the axes do not vary; default: " + " ".join(map(str, _BASE)),
    )
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES), metavar="MODE")
    parser.add_argument("--sample", choices=("bomb", "bnb"), default="bomb", help="events the crops are of")
    parser.add_argument("--train-minutes", type=float, help="of training, each network; 0 leaves it out")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--timeout", type=float, default=180.0, help="seconds after which a point is given up"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the simulated events")
    parser.add_argument("--html", type=Path, metavar="OUT", help="plots, one file that needs nothing else")
    parser.add_argument("--json", type=Path, metavar="OUT", help="all numbers")
    parser.set_defaults(run=_run)


def plan_of(given: argparse.Namespace) -> Plan:
    """The plan that the command line asks for. Raises ValueError where it is impossible."""
    size, batch, filters, depth = given.base or (_QUICK_BASE if given.quick else _BASE)
    usual: dict[str, tuple[int, ...]] = dict(_QUICK_VALUES if given.quick else _VALUES)
    axes = given.axes or list(usual)
    values = {axis: tuple(getattr(given, axis, None) or usual.get(axis) or _VALUES[axis]) for axis in axes}
    minutes = given.train_minutes
    return Plan(
        base=Setting((size, size), batch, filters, depth),
        values=values,
        modes=tuple(mode for mode in MODES if mode in given.modes),
        sample=given.sample,
        seed=given.seed,
        threads=given.threads,
        seconds=0.3 if given.quick else 1.5,
        timeout_s=given.timeout,
        train_minutes=(0.1 if given.quick else 1.5) if minutes is None else minutes,
    )


def _run(given: argparse.Namespace) -> int:
    plan = plan_of(given)
    for path in filter(None, (given.html, given.json)):
        # Better now than after ten minutes.
        if not path.absolute().parent.is_dir():
            raise ValueError(f"{path}: there is no folder {path.parent} to write it to")
    prepare_process()
    from benchmarks.dense_sparse import measure, tables

    result = measure.measure(plan, _TRAIN_SIZE, _TRAIN_BATCH)
    if given.json is not None:
        _write(given.json, result)
    tables.print_report(result)
    if given.html is not None:
        from benchmarks.dense_sparse import plots

        plots.write_page(given.html, result)
    return 0


def _write(path: Path, result: dict[str, Any]) -> None:
    temporary = path.with_suffix(".partial")
    temporary.write_text(json.dumps(result, indent=1) + "\n")
    os.replace(temporary, path)
