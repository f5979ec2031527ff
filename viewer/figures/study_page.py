"""The report of a study as one HTML page with its figures, which needs no network and no server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from viewer import palette
from viewer.figures.studies import (
    agreement_figure,
    disagreement_figure,
    equivalence_figure,
    spectra_figure,
)
from viewer.figures.study_tables import (
    SOURCES,
    NameOf,
    Report,
    Table,
    all_tables,
    class_table,
    comparison_name,
    confusion_table,
    each_comparison,
    sources,
    verdict_words,
)
from viewer.figures.study_words import human_level_sentences, missing_words
from viewer.figures.words import percent

_STYLE = """
body { margin: 0 auto; max-width: 1080px; padding: 24px; color: @ink@; background: @panel@;
  font: 14px/1.45 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0; }
h2 { font-size: 17px; margin: 30px 0 6px; }
h3 { font-size: 14px; margin: 18px 0 4px; }
p.note, .about { color: @dim@; font-size: 12.5px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: 3px 8px; text-align: right; border-bottom: 1px solid @border@; }
th:first-child, td:first-child { padding-left: 0; text-align: left; font-weight: 500; }
tr.strong th, tr.strong td { font-weight: 600; }
thead th { color: @dim@; font-weight: 500; }
details { margin: 8px 0; } summary { cursor: pointer; color: @accent@; }
"""


_CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


def study_page(report: Report, name_of: NameOf = lambda weights: weights[:8]) -> str:
    """A whole HTML page: figures, tables, the equivalence test in words, and every event behind them."""
    style = _STYLE
    for name, value in palette.surfaces("light").items():
        style = style.replace(f"@{name}@", value)
    body = [
        f"<h1>{escape(report['title'])}</h1>",
        f"<p class='about'>{report['images']} images, {len(report['raters'])} raters, "
        f"{report['submitted']} of {report['tasks']} tasks handed in. Study {escape(report['study'])}, "
        f"frozen as {report['definition_hash'][:12]}. Networks: {escape(_networks(report, name_of))}.</p>",
        *(f"<p>{escape(words)}</p>" for words in missing_words(report)),
        "<h2>Human level?</h2>",
        *(f"<p>{escape(words)}</p>" for _, words, _ in human_level_sentences(report, name_of)),
    ]
    body += [_figure(drawn) for drawn in _figures(report, name_of)]
    body += [_table(table) for table in all_tables(report, name_of)]
    body += _verdicts(report)
    body += _comparisons(report, name_of)
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{escape(report['title'])}</title>"
        f"<style>{style}</style><script>{get_plotlyjs()}</script></head><body>{''.join(body)}</body></html>\n"
    )


def _networks(report: Report, name_of: NameOf) -> str:
    return ", ".join(f"{name_of(w)} (SHA-256 {w[:12]}…)" for w in report["weights"]) or "none"


def _figures(report: Report, name_of: NameOf) -> list[go.Figure]:
    if not each_comparison(report):
        return []
    spectra = [spectra_figure(report, source, name_of, "light") for source in sources(report)]
    return [
        agreement_figure(report, name_of, "light"),
        equivalence_figure(report, name_of, "light"),
        *spectra,
    ]


def _comparisons(report: Report, name_of: NameOf) -> list[str]:
    """Every comparison: what is confused with what, and the events behind it."""
    parts = []
    for key, source, comparison in each_comparison(report):
        name = f"{comparison_name(comparison, report, name_of)}, {SOURCES[source]}"
        parts.append(f"<h2>{escape(name)}</h2>")
        parts.append(_table(confusion_table(comparison, key, report, name_of)))
        by_class = class_table(comparison, key)
        if by_class is not None:
            parts.append(_table(by_class))
            parts.append(_figure(disagreement_figure(comparison, name, report, "light")))
        parts.append(_events(comparison))
    return parts


def _verdicts(report: Report) -> list[str]:
    """Every verdict of adjudication with its event; the table above counts them."""
    rows = [
        row for source in SOURCES for row in report["adjudication"].get(source, {}).get("per_verdict", ())
    ]
    lines = [(*_place(row), *verdict_words(row)) for row in rows]
    names = ("run / subrun / event", "file", "planes", "between", "wrong", "by", "why")
    return [_listed(f"{len(lines)} verdicts of adjudication", names, lines)] if lines else []


def _figure(drawn: go.Figure) -> str:
    html: str = drawn.to_html(include_plotlyjs=False, full_html=False, config=_CONFIG)
    return html


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = []
    for row in table.rows:
        cells = "".join(f"<td title='{escape(c.tip, quote=True)}'>{escape(c.text)}</td>" for c in row.cells)
        rows.append(f"<tr class='{row.kind}'><th>{escape(row.name)}</th>{cells}</tr>")
    note = f"<p class='note'>{escape(table.note)}</p>" if table.note else ""
    return (
        f"<h3>{escape(table.title)}</h3><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>{note}"
    )


def _events(comparison: Mapping[str, Any]) -> str:
    lines = []
    for row in comparison["per_event"]:
        michel = row["michel"]
        cells = (
            *_place(row),
            str(row.get("pixels", "")),
            percent(row["agreement"], 2) if "agreement" in row else "",
            f"{michel[3]} both, {michel[2]} first alone, {michel[1]} second alone, {michel[0]} neither",
        )
        lines.append(cells)
    names = ("run / subrun / event", "file", "planes", "pixels", "agreement", "Michel electrons")
    return _listed(f"{len(lines)} events behind these numbers", names, lines)


def _place(row: Mapping[str, Any]) -> tuple[str, str, str]:
    event = f"{row['run']} / {row['subrun']} / {row['event']}"
    return event, f"{row['file']}, entry {row['entry']}", ", ".join(row["planes"])


def _listed(title: str, names: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A list that opens on a click."""
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for cells in lines)
    return (
        f"<details><summary>{title}</summary><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )
