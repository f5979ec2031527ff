"""The Turing test: which of two labellings is the network's? Alone, or with an audience that raises hands."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from dash import html
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from records.accounts import AccessError, AccountError
from records.actions import LabelError
from records.database import LabelStoreError
from records.judgements import answer_turing, turing_answers, turing_figures
from records.models import Account, TuringAnswer
from records.questions import QUESTIONS
from records.study_definition import StudyError
from records.turing_pairs import TuringPair, TuringTest, turing_test
from viewer.figures.words import NONE, interval, percent
from viewer.pages.studies.judging import WHO
from viewer.pages.studies.pictures import legend, picture
from viewer.pages.studies.studies import CannotShowError, Studies, StudyResult, sentence

Json = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """The pair that is asked about. turn: what the browser draws and sends back; None at the end.

    score: what is shown then.
    """

    turn: Json | None
    words: str
    legend: list[Component]
    score: list[Component]


class Turing:
    """Pairs in the order of the study's seed. One person goes on where they stopped; a show begins anew."""

    def __init__(self, studies: Studies) -> None:
        self._studies = studies

    def next_alone(self, name: str, who: str | None) -> Turn:
        """The first pair that this person has not answered, or all scores. Raises CannotShowError."""
        result = self._studies.result(name, who)
        test = _test(result)
        if not test.pairs:
            return Turn(None, "", [], _empty(result, test))
        with self._read(name) as (session, answers):
            names = _authors(session, answers)
            person = self._studies.person(session, who)
            own = [a for a in answers if not a.audience and a.author_id == person]
            answered = {_stored_key(a) for a in own}
            left = [pair for pair in test.pairs if _key(pair) not in answered]
            if not left:
                return Turn(None, "", [], _alone_score(own, answers, names, test))
            number = len(test.pairs) - len(left) + 1
            return self._turn(session, result, left[0], number, len(test.pairs), [])

    def next_in_show(self, name: str, who: str | None, ids: Sequence[str]) -> Turn:
        """The pair after those that this show has answered (their records' ids). Raises CannotShowError."""
        result = self._studies.result(name, who)
        test = _test(result)
        if not test.pairs:
            return Turn(None, "", [], _empty(result, test))
        with self._read(name) as (session, answers):
            shown = [a for a in answers if a.id in set(ids)]
            done = {_stored_key(a) for a in shown}
            left = [pair for pair in test.pairs if _key(pair) not in done]
            if not left:
                return Turn(None, "", [], _show_score(shown, test))
            number = len(test.pairs) - len(left) + 1
            return self._turn(session, result, left[0], number, len(test.pairs), list(ids))

    def answer(
        self,
        name: str,
        who: str | None,
        key: str,
        left: int,
        right: int,
        audience: bool,
        record: str | None = None,
    ) -> str:
        """Store which was taken for the network's; the id of the record. record: that of the turn.

        A second click stores nothing: one person answers a pair once, and an audience a turn. Raises
        CannotShowError.
        """
        result = self._studies.result(name, who)
        pair = next((p for p in _test(result).pairs if _key(p) == key), None)
        if pair is None:
            raise CannotShowError("This pair is no longer there; the next one is shown.")
        value = {
            "id": record or str(uuid.uuid4()),
            "sides": {"left": pair.left.named, "right": pair.right.named},
            "left_votes": left,
            "right_votes": right,
            "audience": audience,
            "time": time.time(),
            "app_version": version("argonscope"),
        }
        try:
            with self._studies.services.database.writing() as session:
                study = self._studies.study(session, name)
                author = self._studies.access.judge(session, study, who)
                own = [a for a in turing_answers(session, study) if a.author_id == author.id]
                before = [a.id for a in own if not a.audience and _stored_key(a) == key]
                if before and not audience:
                    return before[0]
                return answer_turing(session, author, pair.labellings.study_image_id, value).id
        except (AccessError, AccountError, LabelError, StudyError, LabelStoreError) as error:
            if isinstance(error, AccountError) and not who:
                raise CannotShowError(
                    "Give your name first, at the top right: answers are stored under it."
                ) from error
            raise CannotShowError(sentence(error)) from error

    def _read(self, name: str) -> _Reading:
        return _Reading(self._studies, name)

    def _turn(
        self, session: Session, result: StudyResult, pair: TuringPair, number: int, total: int, ids: list[str]
    ) -> Turn:
        question = QUESTIONS[result.definition.question]
        drawn = picture(
            session, self._studies.services.images, question, pair.labellings, pair.left, pair.right
        )
        words = f"Which is the network’s? Pair {number} of {total}."
        turn = {"key": _key(pair), "record": str(uuid.uuid4()), "ids": ids, "picture": drawn}
        return Turn(turn, words, legend(question), [])


class _Reading:
    """The answers of a study, with the session that they were read in. Failures become a CannotShowError."""

    def __init__(self, studies: Studies, name: str) -> None:
        self._studies, self._name = studies, name

    def __enter__(self) -> tuple[Session, list[TuringAnswer]]:
        self._context = self._studies.services.database.reading()
        session = self._context.__enter__()
        return session, turing_answers(session, self._studies.study(session, self._name))

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._context.__exit__(kind, error, trace)
        if isinstance(error, StudyError | LabelStoreError | ValueError):
            raise CannotShowError(sentence(error)) from error


def _test(result: StudyResult) -> TuringTest:
    if not QUESTIONS[result.definition.question].asks_pixels:
        return TuringTest((), 0)
    return turing_test(result.labellings, result.definition.seed)


def _empty(result: StudyResult, test: TuringTest) -> list[Component]:
    if not QUESTIONS[result.definition.question].asks_pixels:
        words = "This study asks for no pixels, so there are no two pictures to tell apart."
    elif not result.report["weights"]:
        words = "This study has no network, so there is nothing to tell people from."
    elif not result.report["submitted"]:
        words = "Nobody has handed in labels yet, so there is nothing to tell the network from."
    else:
        words = (
            f"In all {test.alike} images that both a person and the network labelled, the two are the same "
            "to the pixel, so nobody could tell them apart."
        )
    return [html.H2("No pairs"), html.P(words)]


def _key(pair: TuringPair) -> str:
    sides = {"left": pair.left.named, "right": pair.right.named}
    return _digest(pair.labellings.study_image_id, sides)


def _stored_key(answer: TuringAnswer) -> str:
    return _digest(answer.study_image_id, answer.sides)


def _digest(image: int, sides: Mapping[str, Any]) -> str:
    text = f"{image} {sorted(sides['left'].items())} {sorted(sides['right'].items())}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _authors(session: Session, answers: Sequence[TuringAnswer]) -> dict[int, str]:
    return {a.author_id: session.get_one(Account, a.author_id).name for a in answers}


def _alone_score(
    own: Sequence[TuringAnswer], answers: Sequence[TuringAnswer], names: Mapping[int, str], test: TuringTest
) -> list[Component]:
    """A person's score, beside everyone's."""
    people: dict[str, list[TuringAnswer]] = {}
    for answer in answers:
        label = "audiences" if answer.audience else names[answer.author_id]
        people.setdefault(label, []).append(answer)
    rows = {name: turing_figures(own_answers) for name, own_answers in sorted(people.items())}
    return [
        html.H2(_verdict(turing_figures(own), "You")),
        _score_table(rows),
        html.P(_controls(turing_figures(own), test), className="note"),
        _pairs_table(own),
    ]


def _show_score(shown: Sequence[TuringAnswer], test: TuringTest) -> list[Component]:
    figures = turing_figures(shown)
    return [
        html.H2(_verdict(figures, "The audience")),
        _score_table({"this audience": figures}),
        html.P(_controls(figures, test), className="note"),
        _pairs_table(shown),
    ]


def _verdict(figures: Mapping[str, Any], who: str) -> str:
    value = figures["right"]["value"]
    if value is None:
        return f"{who} answered no pair of a person and the network."
    low, high = figures["right"]["interval_95"]
    ends = f" ({interval(figures['right'], as_percent=True)})" if low is not None else ""
    said = f"{who} picked the network in {percent(value)} of the votes{ends}"
    if low is not None and low > 0.5:
        return f"{said}: the network can be told apart."
    if high is not None and high < 0.5:
        return f"{said}: the network was taken for the person."
    return f"{said}: no better than a coin, which gives 50 %."


def _score_table(rows: Mapping[str, Mapping[str, Any]]) -> Component:
    lines = []
    for name, own in rows.items():
        right, d_prime = own["right"], own["d_prime"]
        value = d_prime["value"]
        low, high = d_prime["interval_95"]
        cells = (
            percent(right["value"]),
            interval(right, as_percent=True) or NONE,
            NONE if value is None else f"{value:.2f}".replace("-", "−"),
            NONE if low is None else f"{low:.2f} to {high:.2f}".replace("-", "−"),
            str(own["votes"]),
            str(own["pairs"]),
        )
        lines.append(html.Tr([html.Th(name, scope="row"), *map(html.Td, cells)]))
    names = ("", "right", "95 %", "d′", "95 %", "votes", "pairs")
    return html.Table(
        [html.Thead(html.Tr([html.Th(name, scope="col") for name in names])), html.Tbody(lines)],
        className="figures-table score-table",
    )


def _controls(figures: Mapping[str, Any], test: TuringTest) -> str:
    parts = []
    for kind, words in (("human", "two people"), ("network", "two networks")):
        own = figures["controls"][f"{kind}-{kind}"]
        if own["pairs"]:
            parts.append(
                f"of {own['pairs']} pairs of {words}, where nothing can be right, the left one got "
                f"{own['left']} votes and the right one {own['right']}"
            )
        elif not test.count(kind, kind):
            why = (
                "the study has one network"
                if kind == "network"
                else "no image has labels by two people that differ"
            )
            parts.append(f"there are no control pairs of {words} ({why})")
    bias = figures["bias"]
    said = f"Controls: {'; '.join(parts)}." if parts else ""
    if bias is not None:
        said += f" Preference for a side (bias): {bias:.2f}, 0 is none.".replace("-", "−")
    if test.alike:
        said += (
            f" {test.alike} images on which person and network are the same to the pixel were left out, so "
            "the score is of those that differ."
        )
    return said.strip()


def _pairs_table(answers: Sequence[TuringAnswer]) -> Component:
    lines = []
    for i, answer in enumerate(answers, start=1):
        kinds = [answer.sides[side]["kind"] for side in ("left", "right")]
        lines.append(
            html.Tr(
                [
                    html.Td(str(i)),
                    *(html.Td(WHO[kind]) for kind in kinds),
                    html.Td(str(answer.left_votes)),
                    html.Td(str(answer.right_votes)),
                    html.Td(_outcome(answer, kinds)),
                ]
            )
        )
    names = ("pair", "left was", "right was", "votes left", "votes right", "")
    table = html.Table(
        [html.Thead(html.Tr([html.Th(name, scope="col") for name in names])), html.Tbody(lines)],
        className="figures-table",
    )
    return html.Details([html.Summary("Every pair"), table], className="every-pair")


def _outcome(answer: TuringAnswer, kinds: Sequence[str]) -> str:
    if kinds[0] == kinds[1]:
        return "control"
    right, wrong = (
        (answer.left_votes, answer.right_votes)
        if kinds[0] == "network"
        else (answer.right_votes, answer.left_votes)
    )
    return "right" if right > wrong else "wrong" if wrong > right else "undecided"
