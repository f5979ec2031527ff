"""What is said of two labellings of one image side by side: who is wrong, and which is the network's.

Both are records of their own, added and never changed, as the labels they are about.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lartpc.metrics.forced_choice import ForcedChoice, two_alternatives
from lartpc.metrics.report import figure, number
from records.actions import LabelError, check_text, check_time, check_uuid
from records.models import Account, Adjudication, Study, StudyImage, Submission, Task, TuringAnswer

VERDICTS = ("a_wrong", "b_wrong", "both_wrong", "undecided")
KINDS = ("human", "network", "truth")

Json = dict[str, Any]


def adjudicate(session: Session, author: Account, study_image_id: int, value: Any) -> Adjudication:
    """Record a verdict on sides A and B of an image; sent again, it is stored once.

    value: JSON with id (UUID), sides {"a": side, "b": side}, verdict (one of `VERDICTS`), comment, time,
    app_version. A side: {"kind": "human", "task": token}, {"kind": "network", "weights": hash} or
    {"kind": "truth"}; who it is, the adjudicator was not shown. Raises LabelError for what is none.
    """
    given = _checked(value, {"sides", "verdict", "comment"})
    found = session.get(Adjudication, given["id"])
    if found is not None:
        return _same(found, author, study_image_id)
    sides = _sides(session, study_image_id, value["sides"], ("a", "b"), given["id"])
    if value["verdict"] not in VERDICTS:
        raise _refused(given["id"], f"verdict is {value['verdict']!r:.20}; expected {', '.join(VERDICTS)}")
    row = Adjudication(
        **given,
        study_image_id=study_image_id,
        author_id=author.id,
        sides=sides,
        verdict=value["verdict"],
        comment=_text(value["comment"], given["id"]),
        server_time=time.time(),
    )
    session.add(row)
    session.flush()
    return row


def wrong_kinds(adjudication: Adjudication) -> tuple[str, ...]:
    """Who is wrong by a verdict: human, network, truth; none where it cannot be decided."""
    wrong = {"a_wrong": "a", "b_wrong": "b", "both_wrong": "ab"}.get(adjudication.verdict, "")
    return tuple(adjudication.sides[side]["kind"] for side in wrong)


def adjudications(session: Session, study: Study) -> list[Adjudication]:
    """All verdicts of a study, in the order in which they were stored."""
    query = select(Adjudication).join(StudyImage, Adjudication.study_image_id == StudyImage.id)
    return list(
        session.scalars(query.where(StudyImage.study_id == study.id).order_by(Adjudication.server_time))
    )


def answer_turing(session: Session, author: Account, study_image_id: int, value: Any) -> TuringAnswer:
    """Record which of two labellings was taken for the network's; sent again, it is stored once.

    value: JSON with id (UUID), sides {"left": side, "right": side} of kinds human and network, left_votes
    and right_votes (1 and 0, or raised hands), audience (whether they are), time, app_version. Raises
    LabelError for what is none.
    """
    given = _checked(value, {"sides", "left_votes", "right_votes", "audience"})
    found = session.get(TuringAnswer, given["id"])
    if found is not None:
        return _same(found, author, study_image_id)
    sides = _sides(session, study_image_id, value["sides"], ("left", "right"), given["id"])
    if "truth" in {side["kind"] for side in sides.values()}:
        raise _refused(given["id"], "truth is nobody's labelling; expected sides of kinds human and network")
    votes = {name: value[name] for name in ("left_votes", "right_votes")}
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in votes.values()):
        raise _refused(given["id"], f"votes are {list(votes.values())!r:.40}; expected two whole numbers")
    if not isinstance(value["audience"], bool):
        raise _refused(given["id"], "audience is neither true nor false")
    if sum(votes.values()) == 0 or (not value["audience"] and sum(votes.values()) != 1):
        raise _refused(given["id"], "expected one vote of one person, or the raised hands of an audience")
    row = TuringAnswer(
        **given,
        **votes,
        study_image_id=study_image_id,
        author_id=author.id,
        audience=value["audience"],
        sides=sides,
        server_time=time.time(),
    )
    session.add(row)
    session.flush()
    return row


def turing_answers(session: Session, study: Study) -> list[TuringAnswer]:
    """All answers of a study, in the order in which they were stored."""
    query = select(TuringAnswer).join(StudyImage, TuringAnswer.study_image_id == StudyImage.id)
    return list(
        session.scalars(query.where(StudyImage.study_id == study.id).order_by(TuringAnswer.server_time))
    )


def turing_figures(answers: Sequence[TuringAnswer]) -> Json:
    """How well the network is told from people: score and d′ with intervals, and the preference for a side.

    Only pairs of a person and a network can be right or wrong. controls: of the other pairs, how often
    the left one was taken for the network's, which shows a preference.
    """
    mixed = [a for a in answers if _kinds(a) in (("human", "network"), ("network", "human"))]
    left = [a for a in mixed if _kinds(a)[0] == "network"]
    right = [a for a in mixed if _kinds(a)[1] == "network"]
    choice = two_alternatives(
        sum(a.left_votes for a in left),
        sum(a.left_votes + a.right_votes for a in left),
        sum(a.right_votes for a in right),
        sum(a.left_votes + a.right_votes for a in right),
    )
    return {**_choice(choice), "pairs": len(mixed), "controls": _controls(answers)}


def _choice(choice: ForcedChoice) -> Json:
    return {
        "votes": choice.trials,
        "right": figure(choice.right),
        "d_prime": figure(choice.d_prime),
        "bias": number(choice.bias),
    }


def _controls(answers: Sequence[TuringAnswer]) -> Json:
    found = {}
    for kind in ("human", "network"):
        same = [a for a in answers if _kinds(a) == (kind, kind)]
        left, right = sum(a.left_votes for a in same), sum(a.right_votes for a in same)
        found[f"{kind}-{kind}"] = {"pairs": len(same), "left": left, "right": right}
    return found


def _kinds(answer: TuringAnswer) -> tuple[str, str]:
    return answer.sides["left"]["kind"], answer.sides["right"]["kind"]


def _checked(value: Any, names: set[str]) -> Json:
    """The fields that every judgement has. Raises LabelError."""
    expected = names | {"id", "time", "app_version"}
    if not isinstance(value, dict) or value.keys() != expected:
        raise LabelError(f"a judgement is a JSON object of {', '.join(sorted(expected))}")
    identity = check_uuid(value["id"])
    try:
        client_time = check_time(value["time"])
        version = check_text(value["app_version"], "app_version", 40)
    except ValueError as error:
        raise _refused(identity, str(error)) from error
    return {"id": identity, "client_time": client_time, "app_version": version}


def _sides(session: Session, study_image_id: int, value: Any, names: tuple[str, str], identity: str) -> Json:
    """Two sides that exist: a task of this image that is handed in, or a network of the study."""
    image = session.get(StudyImage, study_image_id)
    if image is None:
        raise _refused(identity, f"there is no image {study_image_id} in any study")
    if not isinstance(value, dict) or set(value) != set(names):
        raise _refused(identity, f"sides are {value!r:.40}; expected {' and '.join(names)}")
    for side in value.values():
        if not isinstance(side, dict) or not _exists(session, image, side):
            raise _refused(identity, f"the side {side!r:.80} is none of this image")
    return dict(value)


def _exists(session: Session, image: StudyImage, side: Json) -> bool:
    if side == {"kind": "truth"}:
        return True
    if side.keys() == {"kind", "weights"} and side["kind"] == "network":
        return isinstance(side["weights"], str) and side["weights"] in image.predictions
    if side.keys() == {"kind", "task"} and side["kind"] == "human":
        query = select(Submission.id).join(Task, Submission.task_id == Task.id)
        of_image = (Task.token == side["task"], Task.study_image_id == image.id)
        return session.scalars(query.where(*of_image)).first() is not None
    return False


def _same(row: Any, author: Account, study_image_id: int) -> Any:
    if (row.author_id, row.study_image_id) != (author.id, study_image_id):
        raise _refused(row.id, "it is stored already, with other content")
    return row


def _text(value: Any, identity: str) -> str:
    try:
        return check_text(value, "the comment", 4000)
    except ValueError as error:
        raise _refused(identity, str(error)) from error


def _refused(identity: str, sentence: str) -> LabelError:
    return LabelError(f"Judgement {identity}: {sentence}.", identity)
