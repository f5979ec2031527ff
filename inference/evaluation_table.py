"""An evaluation as text: our figures with their intervals beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lartpc.metrics.segmentation import normalised

Json = dict[str, Any]
_WORST_SHOWN = 5


def table(report: Json) -> str:
    """One plane's report for the terminal."""
    parts = (_head, _figures, _confusion, _distances, _worst)
    return "\n".join(line for part in parts for line in part(report))


def _head(report: Json) -> Iterator[str]:
    sample = report["sample"]
    source = ", ".join(sample["files"]) or f"{sample['name']} with seed {sample['seed']}"
    yield f"plane {report['plane']}, {report['weights']}, {source}: {report['events']} events,"
    settings = report["settings"]
    yield (
        f"{report['pixels']} pixels with {settings['adc_min']:g} < ADC × gain < {settings['adc_max']:g}"
        f"; {report['decision_rule']}"
    )


def _figures(report: Json) -> Iterator[str]:
    published, sides = report["published"], report["track_shower"]
    ssnet, dense = published["sparse_ssnet"], published["ssnet"]["icpf_track_shower"]["test"]
    yield f"{'':32} {'ours':>7}  {'95 % interval':^15}  published, of other simulations"
    yield _row("accuracy", report["nonzero_accuracy"], f"{ssnet['nonzero_accuracy']:.2f}  SparseSSNet, Y")
    yield _row("accuracy, all pixels read", report["accuracy_all_read"])
    yield _row("mean recall", report["mean_recall"], f"{np.mean(list(ssnet['recall'].values())):.3f}")
    for label, entry in report["recall"].items():
        yield _row(f"recall {label}", entry, f"{ssnet['recall'][label]:.3f}" + _uresnet(published, label))
    for label, entry in report["purity"].items():
        yield _row(f"purity {label}", entry)
    yield _row("track/shower accuracy", sides["accuracy"], f"{ssnet['track_shower']['accuracy']:.2f}")
    for side in ("track", "shower"):
        yield _row(f"{side} purity", sides[side]["purity"], f"{ssnet['track_shower']['purity']:.2f}")
        yield _row(f"{side} efficiency", sides[side]["efficiency"])
    icpf = report["icpf"]
    for name, words in (("track_shower", "ICPF track/shower"), ("five_class", "ICPF five classes")):
        compared = dense if name == "track_shower" else {}
        for figure, entry in icpf[name]["all"].items():
            if figure != "events":
                beside = f"{compared[figure]:.3f}  SSNet, test" if figure in compared else ""
                yield _row(f"{words}, {figure.replace('_', ' ')}", entry, beside)
    for side in ("track", "shower"):
        entry = icpf["track_shower"]["by_class"][side]["mean"]
        yield _row(f"ICPF of {side} pixels, mean", entry, f"{dense[side]:.3f}  SSNet, test")
    entry = icpf["track_shower"]["charge_weighted"]["all"]["mean"]
    yield _row("ICPF track/shower by charge", entry)
    yield _row("calibration error", report["calibration"]["expected_error"])


def _uresnet(published: Json, label: str) -> str:
    """Michel and delta of arXiv:1903.05663, with and without its better truth and weights."""
    uresnet = published["uresnet"]
    after, before = uresnet["recall_primary_ionisation_weighted"], uresnet["recall_plain"]
    return f"  U-ResNet {after[label]:.3f}, plain {before[label]:.3f}" if label in after else ""


def _confusion(report: Json) -> Iterator[str]:
    shares = normalised(np.array(report["confusion_rows_true"]), "true")
    published = report["published"]["sparse_ssnet"]["confusion_share_of_true"]
    labels = report["classes"]
    yield "share of each true class (row) by predicted class, in brackets as published for Y"
    yield f"{'':10}" + "".join(f"{label:>15}" for label in labels)
    for i, label in enumerate(labels):
        cells = (
            f"{'–' if np.isnan(share) else f'{share:.3f}'} ({beside:.3f})"
            for share, beside in zip(shares[i], published[i], strict=True)
        )
        yield f"{label:10}" + "".join(f"{cell:>15}" for cell in cells)


def _distances(report: Json) -> Iterator[str]:
    for name, words in (
        ("edge_distance", "pixels to the edge"),
        ("dead_wire_distance", "wires to a dead wire"),
    ):
        curve = report[name]
        bins = [
            f"{first:g}+ {fraction:.3f}"
            for first, fraction in zip(curve["edges"][:-1], curve["fraction"], strict=True)
            if fraction is not None
        ]
        yield f"wrong by {words}: {'  '.join(bins) or '–'}"


def _worst(report: Json) -> Iterator[str]:
    yield "worst events:"
    for entry in report["worst"][:_WORST_SHOWN]:
        where = f"entry {entry['entry']} of {entry['file'] or report['sample']['name']}"
        mark = ", of the worst 0.05 %" if entry["marked"] else ""
        yield f"  {entry['rank']}. {where}: {entry['wrong']:.1%} of {entry['pixels']} pixels wrong{mark}"


def _row(name: str, entry: Json, beside: str = "") -> str:
    return f"{name:32} {_number(entry['value'])}  {_interval(entry['interval_95']):^15}  {beside}".rstrip()


def _number(value: float | None) -> str:
    return f"{'–':>7}" if value is None else f"{value:7.3f}"


def _interval(bounds: list[float | None]) -> str:
    low, high = bounds
    return "–" if low is None or high is None else f"{low:.3f} – {high:.3f}"
