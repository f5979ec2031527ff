"""Adjudication: two labellings that differ, side by side and without names, and who is wrong."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from dash import html
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from records.accounts import AccessError, AccountError
from records.actions import LabelError
from records.database import LabelStoreError
from records.judgements import adjudicate, adjudications, wrong_kinds
from records.labellings import Disagreement, disagreements
from records.models import Account, Adjudication, StudyImage
from records.questions import QUESTIONS
from records.study_definition import StudyError
from viewer.figures.words import count
from viewer.pages.studies.layout import BETWEEN
from viewer.pages.studies.pictures import legend, picture
from viewer.pages.studies.studies import CannotShowError, Studies, StudyResult, sentence

WHO = {"human": "a physicist", "network": "the network", "truth": "truth"}
_SUBJECTS = {"human": "the physicist is wrong", "network": "the network is wrong", "truth": "truth is wrong"}


@dataclass(frozen=True)
class Shown:
    """The pair on the table. key: None where there is none; words say why, or what is shown."""

    key: str | None
    words: str
    picture: dict[str, Any] | None
    legend: list[Component]
    verdicts: list[Component]


class Judging:
    """Pairs to judge, and the verdicts; the order of A and B says nothing of who they are."""

    def __init__(self, studies: Studies) -> None:
        self._studies = studies

    def shown(self, name: str, who: str | None, between: str, position: int | None = None) -> Shown:
        """The next pair that this judge has not judged, most different first. position: of the image wanted.

        Raises CannotShowError.
        """
        result = self._studies.result(name, who)
        question = QUESTIONS[result.definition.question]
        services = self._studies.services
        try:
            with services.database.reading() as session:
                study = self._studies.study(session, name)
                rows = adjudications(session, study)
                names = _authors(session, rows)
                own = self._studies.person(session, who)
                done = {_row_key(row) for row in rows if row.author_id == own}
                found = _pairs(result, between)
                left = [d for d in found if _pair_key(d) not in done]
                verdicts = _verdicts(session, rows, names)
                if not left:
                    return Shown(None, _nothing(found, between), None, [], verdicts)
                wanted = [d for d in left if d.labellings.image.position == position]
                pair = (wanted or left)[0]
                drawn = picture(session, services.images, question, pair.labellings, pair.a, pair.b)
        except (StudyError, LabelStoreError, ValueError) as error:
            raise CannotShowError(sentence(error)) from error
        return Shown(
            pair.key,
            _about(pair, len(left), len(found), question.asks_pixels),
            drawn,
            legend(question),
            verdicts,
        )

    def judge(self, name: str, who: str | None, between: str, key: str, verdict: str, comment: str) -> str:
        """Store a verdict on the pair of a key; what it says, in words. A second click stores nothing.

        Raises CannotShowError.
        """
        result = self._studies.result(name, who)
        pair = next((d for d in _pairs(result, between) if d.key == key), None)
        if pair is None:
            raise CannotShowError("This pair is no longer there; the next one is shown.")
        value = {
            "id": str(uuid.uuid4()),
            "sides": _sides(pair),
            "verdict": verdict,
            "comment": comment,
            "time": time.time(),
            "app_version": version("argonscope"),
        }
        try:
            with self._studies.services.database.writing() as session:
                study = self._studies.study(session, name)
                author = self._studies.access.judge(session, study, who)
                own = [r for r in adjudications(session, study) if r.author_id == author.id]
                row = next((r for r in own if _row_key(r) == _pair_key(pair)), None)
                row = row or adjudicate(session, author, pair.labellings.study_image_id, value)
                wrong = wrong_kinds(row)
        except (AccessError, AccountError, LabelError, StudyError, LabelStoreError) as error:
            raise CannotShowError(_why(error, who)) from error
        return f"Stored: {_said(wrong)}. A was {WHO[pair.a.kind]}, B {WHO[pair.b.kind]}."


def _why(error: Exception, who: str | None) -> str:
    if isinstance(error, AccountError) and not who:
        return "Give your name first, at the top right: a verdict is stored under it."
    return sentence(error)


def _pairs(result: StudyResult, between: str) -> list[Disagreement]:
    one, _, other = (between if between in BETWEEN else next(iter(BETWEEN))).partition("-")
    return disagreements(result.labellings, (one, other))


def _sides(pair: Disagreement) -> dict[str, Any]:
    return {"a": pair.a.named, "b": pair.b.named}


def _pair_key(pair: Disagreement) -> tuple[int, frozenset[str]]:
    return pair.labellings.study_image_id, _sides_key(_sides(pair))


def _row_key(row: Adjudication) -> tuple[int, frozenset[str]]:
    return row.study_image_id, _sides_key(row.sides)


def _sides_key(sides: dict[str, Any]) -> frozenset[str]:
    return frozenset(str(sorted(side.items())) for side in sides.values())


def _about(pair: Disagreement, left: int, total: int, asks_pixels: bool) -> str:
    if asks_pixels and pair.compared > 1:
        share = f"{count(pair.pixels)} of {count(pair.compared)} pixels differ"
    else:
        share = _michels(pair)
    return f"{share}. {left} of {total} disagreements are left; those with most pixels come first."


def _michels(pair: Disagreement) -> str:
    says = {True: "there is a Michel electron", False: "there is none", None: "nothing"}
    return f"A says that {says[pair.a.answer.michel]}, B that {says[pair.b.answer.michel]}"


def _nothing(found: Sequence[Disagreement], between: str) -> str:
    words = BETWEEN.get(between, next(iter(BETWEEN.values())))
    if found:
        return f"All {len(found)} disagreements between {words} are judged."
    return f"There is no disagreement between {words}: they agree everywhere, or one of them has no labels."


def _said(wrong: tuple[str, ...]) -> str:
    return " and ".join(_SUBJECTS[kind] for kind in wrong) or "it cannot be decided"


def _authors(session: Session, rows: Sequence[Adjudication]) -> dict[int, str]:
    return {row.author_id: session.get_one(Account, row.author_id).name for row in rows}


def _verdicts(session: Session, rows: Sequence[Adjudication], names: dict[int, str]) -> list[Component]:
    """Every verdict, newest first, and how often who was wrong."""
    if not rows:
        return [html.H3("Verdicts"), html.P("Nothing has been judged yet.", className="note")]
    totals = Counter(_said(wrong_kinds(row)) for row in rows)
    lines = []
    for row in reversed(rows):
        position = session.get_one(StudyImage, row.study_image_id).position
        kinds = " and ".join(WHO[row.sides[side]["kind"]] for side in ("a", "b"))
        cells = (f"image {position}", kinds, _said(wrong_kinds(row)), names[row.author_id], row.comment)
        lines.append(html.Tr([html.Td(cell) for cell in cells]))
    summary = ", ".join(f"{words}: {number}" for words, number in totals.most_common())
    columns = ("image", "between", "verdict", "by", "why")
    table = html.Table(
        [html.Thead(html.Tr([html.Th(name, scope="col") for name in columns])), html.Tbody(lines)],
        className="figures-table verdict-table",
    )
    return [
        html.H3("Verdicts"),
        html.P(f"{summary[:1].upper()}{summary[1:]}."),
        html.Div(table, className="table-box"),
    ]
