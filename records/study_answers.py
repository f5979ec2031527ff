"""Collects what a study compares: labels that were handed in, stored answers of its networks, and truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from lartpc.calibration import charge_adc, electron_energy_mev
from lartpc.classes import PixelClass
from lartpc.event import WireImage
from lartpc.michel import find_michels
from records.answers import AnswerStore
from records.compared import Answer, ComparedImage, StudyFacts, Verdict
from records.comparison import comparison_report
from records.images import ImageStore, LabelledImage, in_window
from records.judgements import adjudications, wrong_kinds
from records.labels import TaskLabels, read_labels
from records.models import Account, Study, StudyImage, Submission, Task
from records.predictions import Prediction
from records.questions import QUESTIONS, Question
from records.replay import classes_with_objects
from records.studies import definition_of
from records.study_definition import StudyError

_MICHEL = PixelClass.MICHEL.label


def study_report(
    session: Session,
    study: Study,
    images: ImageStore,
    predictions: AnswerStore,
    anonymous: bool = False,
) -> dict[str, Any]:
    """The report of a study as it stands now (`records.comparison`). anonymous: raters are numbered.

    Raises StudyError for a study that was never started.
    """
    facts, compared = collect(session, study, images, predictions, anonymous)
    return comparison_report(facts, compared)


def collect(
    session: Session,
    study: Study,
    images: ImageStore,
    predictions: AnswerStore,
    anonymous: bool = False,
) -> tuple[StudyFacts, list[ComparedImage]]:
    """What a study compares. What is missing (an image, an answer) is left out and said in the notes."""
    if study.frozen_at is None or study.definition_hash is None:
        raise StudyError(f"the study {study.name} was never started; there is nothing to report")
    definition = definition_of(study)
    question = QUESTIONS[definition.question]
    query = select(Task, Account.name).join(Account, Task.rater_id == Account.id)
    counted = (Task.study_id == study.id, Task.left_at.is_(None))
    tasks = session.execute(query.where(*counted).order_by(Task.id)).all()
    names = sorted({name for _, name in tasks})
    shown = {name: f"rater {i}" if anonymous else name for i, name in enumerate(names, start=1)}
    notes: list[str] = []
    compared = []
    rows = session.scalars(
        select(StudyImage).where(StudyImage.study_id == study.id).order_by(StudyImage.position)
    )
    for row in rows:
        try:
            stored = images.get(row.image_hash)
        except ValueError as error:
            notes.append(f"Image {row.position} is left out: {error}.")
            continue
        own = [(task, shown[name]) for task, name in tasks if task.study_image_id == row.id]
        compared.append(_compared(session, row, stored, own, question, predictions, notes))
    verdicts = verdicts_of(session, study, anonymous)
    submitted = sum(task.state == "submitted" for task, _ in tasks)
    if submitted < len(tasks):
        notes.append(f"The study is under way: {submitted} of {len(tasks)} tasks are handed in.")
    facts = StudyFacts(
        name=study.name,
        title=definition.title,
        definition_hash=study.definition_hash,
        question=question,
        margin=definition.margin,
        weights=definition.weights,
        raters=tuple(shown.values()),
        tasks=len(tasks),
        submitted=submitted,
        notes=tuple(notes),
        verdicts=verdicts,
    )
    return facts, compared


def verdicts_of(session: Session, study: Study, anonymous: bool = False) -> tuple[Verdict, ...]:
    """The verdicts of a study's adjudication, oldest first. anonymous: without who said it and why."""
    rows = adjudications(session, study)
    positions = {
        row.id: row.position
        for row in session.scalars(select(StudyImage).where(StudyImage.study_id == study.id))
    }
    names = {row.author_id: session.get_one(Account, row.author_id).name for row in rows}
    return tuple(
        Verdict(
            position=positions[row.study_image_id],
            between=(row.sides["a"]["kind"], row.sides["b"]["kind"]),
            wrong=tuple(dict.fromkeys(wrong_kinds(row))),
            by="" if anonymous else names[row.author_id],
            comment="" if anonymous else row.comment,
        )
        for row in rows
    )


def _compared(
    session: Session,
    row: StudyImage,
    stored: LabelledImage,
    tasks: list[tuple[Task, str]],
    question: Question,
    predictions: AnswerStore,
    notes: list[str],
) -> ComparedImage:
    window = None if row.window is None else (row.window[0], row.window[1], row.window[2], row.window[3])
    inside = np.flatnonzero(in_window(stored.image, window)).astype(np.int32)
    first: dict[str, Answer] = {}
    again: dict[str, Answer] = {}
    for task, name in tasks:
        submission = session.scalars(select(Submission).where(Submission.task_id == task.id)).first()
        if submission is not None:
            labels = read_labels(session, task, submission.last_seq)
            (again if task.repeat else first)[name] = _of_rater(labels, stored.image, inside, question)
    event = stored.event
    return ComparedImage(
        position=row.position,
        place={
            **{name: getattr(event, name) for name in ("file", "entry", "run", "subrun", "event")},
            "plane": stored.image.plane,
        },
        source=stored.source,
        stratum=row.stratum,
        gold=row.gold,
        charge=stored.image.charge[inside].astype(np.float64),
        raters=first,
        again=again,
        networks=_of_networks(row, stored.image, inside, question, predictions, notes),
        truth=_of_truth(stored, inside, question),
    )


def _of_rater(labels: TaskLabels, image: WireImage, inside: NDArray[np.int32], question: Question) -> Answer:
    said, plane = labels.event, labels.planes[image.plane]
    classes = question.answers_of_labels(classes_with_objects(plane)[inside])
    if said.verdict == "impossible":
        classes = np.full(len(inside), -1, np.int8)
    present = [michel for michel in plane.michels if michel.state == "present"]
    energy = _energy(image, inside, classes, question)
    if energy is None and present:
        cores = np.unique(np.concatenate([michel.core for michel in present]))
        energy = electron_energy_mev(charge_adc(image, cores.astype(np.int32)), image.plane)
    michel: bool | None
    if said.michel is not None:
        michel = {"present": True, "absent": False}.get(said.michel)
    elif said.verdict in ("unsure", "impossible"):
        michel = None
    elif present:
        michel = True
    else:  # no electron was drawn: whoever was asked for its pixels says that there is none
        michel = energy > 0.0 if energy is not None else None
    return Answer(classes, michel, energy)


def _of_networks(
    row: StudyImage,
    image: WireImage,
    inside: NDArray[np.int32],
    question: Question,
    predictions: AnswerStore,
    notes: list[str],
) -> Mapping[str, Answer]:
    """The answer of every network that is stored. A Michel electron: a candidate (docs/michel.md) in view."""
    found = {}
    for weights, key in row.predictions.items():
        prediction = predictions.get(key)
        if not isinstance(prediction, Prediction) or len(prediction.scores) != len(image):
            notes.append(f"The answer of weights {weights[:12]} to image {row.position} is not stored.")
            continue
        classes = question.answers_of_classes(prediction.classes[inside])
        visible = [c for c in find_michels(image, prediction.classes) if np.isin(c.pixels, inside).any()]
        energy = _energy(image, inside, classes, question)
        if energy is None and visible:
            energy = sum(candidate.energy_mev for candidate in visible)
        found[weights] = Answer(classes, bool(visible), energy)
    return found


def _of_truth(stored: LabelledImage, inside: NDArray[np.int32], question: Question) -> Answer | None:
    if stored.truth_classes is None or (stored.truth_classes[inside] == PixelClass.UNKNOWN).all():
        return None
    truth = stored.truth_classes[inside]
    classes = question.answers_of_classes(truth)
    electron = inside[truth == PixelClass.MICHEL]
    energy = electron_energy_mev(charge_adc(stored.image, electron), stored.image.plane)
    return Answer(classes, bool(len(electron)), energy)


def _energy(
    image: WireImage, inside: NDArray[np.int32], classes: NDArray[np.int8], question: Question
) -> float | None:
    """Energy in MeV of the pixels that are called Michel; None where the question has no such pixels."""
    if not question.asks_pixels or _MICHEL not in question.classes:
        return None
    pixels = inside[classes == question.classes.index(_MICHEL)]
    return electron_energy_mev(charge_adc(image, pixels), image.plane)
