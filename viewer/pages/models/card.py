"""The weights' card in words: what the network is, how it decides, how it was trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from inference.client import WeightsCard
from lartpc.classes import PIXEL_CLASSES
from viewer.figures.words import count
from viewer.pages.models.choice import gain_words
from viewer.pages.models.drawings import Report

_WEIGHTINGS = {
    "balanced": "balanced by class",
    "mild": "the root of balanced by class",
    "clusters": "1/N a cluster (published scheme)",
    "none": "none",
}


def card(report: Report, installed: Sequence[WeightsCard]) -> list[Component]:
    """The card of the evaluated weights; without a training record where they are not installed."""
    own = next((c for c in installed if c.sha256 == report["weights_hash"]), None)
    title = html.H2(f"Weights {report['weights']}")
    if own is None:
        return [title, _facts(_evaluated(report)), html.P(_missing(report, installed), className="note")]
    training = own.card.get("training", {})
    return [
        title,
        _facts({**_network(own), **_evaluated(report), **_decision(own.card.get("decision", {}))}),
        *_training(training),
    ]


def _missing(report: Report, installed: Sequence[WeightsCard]) -> str:
    same_name = next((c for c in installed if c.name == report["weights"]), None)
    if same_name is None:
        return "These weights are not installed here, so there is no record of their training."
    return (
        f"The weights {report['weights']} that are installed are others ({same_name.sha256[:7]}), "
        "so the record of the training is not that of these."
    )


def _evaluated(report: Report) -> dict[str, str]:
    settings = report["settings"]
    if "adc_max" in settings:
        saturated = "; larger charge clipped and read" if settings["saturate"] else ""
        reads = f"{settings['adc_min']:g} < ADC × gain < {settings['adc_max']:g}{saturated}"
    else:
        reads = f"ADC × gain ≥ {settings['adc_min']:g}, {gain_words(settings['gain'])}"
    return {
        "reads": reads,
        "SHA-256": report["weights_hash"],
        "decision": report["decision_rule"],
    }


def _network(own: WeightsCard) -> dict[str, str]:
    shape = own.card.get("architecture", {})
    words = _detector(shape) if own.network == "smask-rcnn" else _segmenter(own.network, shape)
    found = {"network": words, "plane": own.plane}
    if own.path.is_file():
        found["size"] = f"{own.path.stat().st_size / 1e6:.1f} MB on disk"
    return found


def _segmenter(network: str, shape: Mapping[str, Any]) -> str:
    words = [{"uresnet": "sparse U-ResNet"}.get(network, network)]
    if "depth" in shape:
        words.append(f"depth {shape['depth']}")
    if "filters" in shape:
        words.append(f"{shape['filters']} filters at the top")
    if "blocks" in shape:
        words.append(f"{shape['blocks']} residual blocks a level")
    return ", ".join(words)


def _detector(shape: Mapping[str, Any]) -> str:
    words = ["sMask-RCNN"]
    if "depth" in shape:
        words.append(f"sparse ResNet-{shape['depth']}")
    if "width" in shape:
        words.append(f"{shape['width']} channels at the top")
    if "anchor_sizes" in shape and "anchor_ratios" in shape:
        words.append(f"{len(shape['anchor_sizes']) * len(shape['anchor_ratios'])} anchors a cell")
    return ", ".join(words)


def _decision(decision: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    offsets = decision.get("offset")
    if isinstance(offsets, list) and len(offsets) == len(PIXEL_CLASSES):
        pairs = zip(PIXEL_CLASSES, offsets, strict=True)
        found["offsets"] = ", ".join(f"{c.label} {offset:+.2f}".replace("-", "−") for c, offset in pairs)
    if decision.get("chosen_on"):
        found["chosen on"] = str(decision["chosen_on"])
    return found


def _training(training: Mapping[str, Any]) -> list[Component]:
    """Every run that the weights went through, the first one first."""
    runs = [*training.get("earlier", []), training]
    if not training or not any(runs):
        return [html.P("The card has no record of the training.", className="note")]
    minutes = sum(run.get("seconds", 0) / 60 for run in runs)
    unit = "images" if "images" in training else "crops"
    seen = sum(run.get(unit, 0) for run in runs)
    plural = "" if len(runs) == 1 else "s"
    lines = [_run(run, unit) for run in runs]
    rows = [
        html.Tr([html.Th(str(i), scope="row"), *map(html.Td, line.values())])
        for i, line in enumerate(lines, 1)
    ]
    return [
        html.H3(f"Training: {len(runs)} run{plural}, {minutes:.0f} minutes, {count(seen)} {unit}"),
        html.Table(
            [
                html.Thead(html.Tr([html.Th(name, scope="col") for name in ("run", *lines[0])])),
                html.Tbody(rows),
            ],
            className="figures-table training",
        ),
    ]


def _run(run: Mapping[str, Any], unit: str) -> dict[str, str]:
    """What a table says of a run, by the head of its columns."""
    source = run.get("source", {})
    samples = ", ".join(f"{name} {100 * part:.0f} %" for name, part in source.get("samples", []))
    files = f"{len(source['files'])} files" if source.get("files") else ""
    weighting = run.get("weighting")
    found = {
        "planes": ", ".join(source.get("planes", [])) or "–",
        "samples": ", ".join(filter(None, [samples, source.get("sample", ""), files])) or "–",
        "minutes": f"{run['seconds'] / 60:.0f}" if "seconds" in run else "–",
        "steps": count(run["step"]) if "step" in run else "–",
        unit: count(run[unit]) if unit in run else "–",
        "rate": f"{run['learning_rate']:g}" if "learning_rate" in run else "–",
    }
    if unit == "crops":
        found["pixel weights"] = _WEIGHTINGS.get(str(weighting), str(weighting or "–"))
    return {**found, "seeds from": str(source.get("seed", "–"))}


def _facts(facts: Mapping[str, str]) -> Component:
    return html.Dl(
        [part for name, words in facts.items() for part in (html.Dt(name), html.Dd(words, title=words))]
    )
