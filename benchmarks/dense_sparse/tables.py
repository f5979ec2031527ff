"""The comparison as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.table import ABSENT, print_table

PUBLISHED = {"memory": 93.0, "time": 3.1}
"""Dense over sparse in 2-D, arXiv:1903.05663."""

PUBLISHED_CONDITIONS = (
    "published (arXiv:1903.05663, other software and machine): 2-D, 512 px, [5-16], batch 88: memory 93 ×, "
    "time 3.1 ×; its abstract gives them for inference. 3-D, 192 px: memory 364 ×, time 33 ×"
)

_HEADER = [
    "varied",
    "lit",
    "dense s",
    "sparse s",
    "time ×",
    "CPU time ×",
    "dense MB",
    "sparse MB",
    "memory ×",
]


def print_report(result: Mapping[str, Any]) -> None:
    """Print everything that was measured."""
    print(conditions(result))
    if result["stopped"]:
        print("Stopped before the end: what follows is what was measured until then.")
    for mode in result["plan"]["modes"]:
        entries = [entry for entry in result["points"] if entry["mode"] == mode]
        print_table(f"{mode.capitalize()}: {_base(result)}; × is dense over sparse", _HEADER, rows(entries))
        for note in notes(entries):
            print(note)
    print(PUBLISHED_CONDITIONS)
    print(ours(result))
    if result["learning"] is not None:
        _print_learning(result["learning"])


def conditions(result: Mapping[str, Any]) -> str:
    """On what, and how."""
    machine, plan = result["machine"], result["plan"]
    ways = {
        f"{mode}, {kind}: {entry[kind]['way']}"
        for mode in plan["modes"]
        for kind in ("dense", "sparse")
        for entry in result["points"]
        if entry["mode"] == mode and "way" in entry[kind]
    }
    return (
        f"{machine['processor']}, {machine['cores']} cores, {plan['threads']} threads, "
        f"{machine['memory_gb']:.0f} GB of memory ({machine['free_gb']:.0f} free); "
        f"{machine['load']:.1f} processes wanted the cores in the minute before\n"
        f"crops of simulated {plan['sample']!r} events, seed {plan['seed']}, whole planes of 'bnb'; float32; "
        "each point in a fresh process; memory beyond the idle process with its network\n"
        + "\n".join(sorted(ways))
    )


def _base(result: Mapping[str, Any]) -> str:
    base = result["plan"]["base"]
    return (
        f"{base['shape'][0]} px, batch {base['batch']}, [{base['depth']}-{base['filters']}] "
        "unless the row says another"
    )


def rows(entries: list[dict[str, Any]]) -> list[list[str]]:
    """The lines of one mode's table."""
    return [
        [
            label(entry),
            lit(entry),
            *(number(entry, kind, "seconds", 3) for kind in ("dense", "sparse")),
            *(factor(entry, name) for name in ("seconds", "processor_seconds")),
            *(number(entry, kind, "peak_mb", 0) for kind in ("dense", "sparse")),
            factor(entry, "peak_mb"),
        ]
        for entry in entries
    ]


def label(entry: Mapping[str, Any]) -> str:
    """What is special about a point."""
    value = entry["value"]
    return {
        "size": f"{value} px",
        "batch": f"batch {value}",
        "filters": f"{value} filters",
        "depth": f"depth {value}",
        "plane": f"{value} whole plane{'s' if value > 1 else ''}, sparse alone",
    }[str(entry["axis"])]


def lit(entry: Mapping[str, Any]) -> str:
    """Lit share of the batch's pixels."""
    pixels = entry["sparse"].get("pixels")
    area = entry["shape"][0] * entry["shape"][1] * entry["batch"]
    return ABSENT if pixels is None else f"{100.0 * pixels / area:.2f} %"


def number(entry: Mapping[str, Any], kind: str, name: str, digits: int) -> str:
    """A measured number, an extrapolated one after ≈, or none."""
    value, guessed = value_of(entry[kind], name)
    return ABSENT if value is None else f"{'≈ ' if guessed else ''}{value:.{digits}f}"


def factor(entry: Mapping[str, Any], name: str) -> str:
    """Dense over sparse, after ≈ where the dense number is extrapolated."""
    value, guessed = ratio(entry, name)
    return ABSENT if value is None else f"{'≈ ' if guessed else ''}{short(value)}"


def ratio(entry: Mapping[str, Any], name: str) -> tuple[float | None, bool]:
    """Dense over sparse, None where either is missing; and whether the dense number is extrapolated."""
    dense, guessed = value_of(entry["dense"], name)
    sparse, _ = value_of(entry["sparse"], name)
    return (dense / sparse if dense is not None and sparse else None), guessed


def short(value: float) -> str:
    """Two digits: 3.1, 93."""
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def value_of(outcome: Mapping[str, Any], name: str) -> tuple[float | None, bool]:
    """A measured number and False, or an extrapolated one and True; None where there is neither."""
    if name in outcome:
        return outcome[name], False
    return outcome.get("extrapolated", {}).get(name), True


def notes(entries: list[dict[str, Any]]) -> list[str]:
    """Why a number is missing."""
    found = [
        f"{label(entry)}, {kind}: not run: {entry[kind]['not_run']}"
        for entry in entries
        for kind in ("dense", "sparse")
        if "not_run" in entry[kind] and not (kind == "dense" and entry["axis"] == "plane")
    ]
    if any("extrapolated" in entry["dense"] for entry in entries):
        found.append("≈ a straight line through the dense network's smaller batches")
    return found


def ours(result: Mapping[str, Any]) -> str:
    """The largest batches of this run, measured and extrapolated, in the words of the published point."""
    lines = []
    for mode in result["plan"]["modes"]:
        for wanted in (False, True):
            entries = [
                entry
                for entry in result["points"]
                if (entry["axis"], entry["mode"]) == ("batch", mode)
                and (value := ratio(entry, "peak_mb"))[0] is not None
                and value[1] is wanted
            ]
            if entries:
                lines.append(_in_words(max(entries, key=lambda entry: int(entry["batch"]))))
    return "\n".join(lines)


def _in_words(entry: Mapping[str, Any]) -> str:
    return (
        f"ours, {entry['mode']}: 2-D, {entry['shape'][0]} px, [{entry['depth']}-{entry['filters']}], "
        f"batch {entry['batch']}: memory {factor(entry, 'peak_mb')} ×, time {factor(entry, 'seconds')} ×"
    )


def _print_learning(learned: Mapping[str, Any]) -> None:
    title = (
        f"Non-zero accuracy against wall time: {learned['network']}, batches of {learned['batch']} "
        f"bomb crops of {learned['size']} px from {learned['crops']}, {learned['held_out']} held out, "
        f"{learned['minutes']:g} minutes each, same first weights"
    )
    lines = []
    for kind in ("dense", "sparse"):
        looks = learned[kind]
        if isinstance(looks, dict):
            print(f"training, {kind}: not run: {looks['not_run']}")
            continue
        lines += [
            [
                kind,
                f"{look['seconds']:.0f}",
                f"{look['step']}",
                f"{look['accuracy']:.3f}",
                f"{look['loss']:.3f}",
            ]
            for look in looks
        ]
    print_table(title, ["network", "seconds", "steps", "accuracy", "loss of the last step"], lines)
