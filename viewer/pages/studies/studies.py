"""Studies and their reports, asked of the services; knows no component."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from inference.client import available_weights
from records.accounts import AccessError, find_account
from records.adjudicated import adjudication
from records.compared import ComparedImage
from records.comparison import comparison_report
from records.database import LabelStoreError
from records.labellings import Labellings, labellings
from records.models import Study
from records.studies import Progress, definition_of, find_study, progress_of_all, studies
from records.study_answers import collect, verdicts_of
from records.study_definition import StudyDefinition, StudyError
from viewer.services import Services
from viewer.study_access import StudyAccess

_KEPT = 4
"""Reports kept in memory; one takes some seconds of bootstrap to make."""


class CannotShowError(Exception):
    """Why a study cannot be shown; the text is one sentence for people."""


@dataclass(frozen=True)
class Listed:
    """One line of the list of studies."""

    name: str
    definition: StudyDefinition
    state: str
    progress: dict[str, Progress]

    @property
    def submitted(self) -> int:
        return sum(p.submitted for p in self.progress.values())

    @property
    def tasks(self) -> int:
        return sum(p.total for p in self.progress.values())


@dataclass(frozen=True)
class StudyResult:
    """What a study found as it stands now, and what it was made of."""

    definition: StudyDefinition
    report: dict[str, Any]
    images: list[ComparedImage]
    labellings: list[Labellings]


class Studies:
    """Studies at the moment of each question; a report is made once for the labels that it is of."""

    def __init__(self, services: Services, access: StudyAccess) -> None:
        self._services = services
        self.access = access
        self._made: OrderedDict[tuple[int, int, int], StudyResult] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def services(self) -> Services:
        return self._services

    def listed(self) -> list[Listed]:
        """All studies by name. Raises CannotShowError."""
        try:
            with self._services.database.reading() as session:
                return [_listed(session, study) for study in studies(session)]
        except (AccessError, LabelStoreError) as error:
            raise CannotShowError(sentence(error)) from error

    def result(self, name: str, who: str | None) -> StudyResult:
        """What a study found. who: the name of whoever asks. Raises CannotShowError."""
        try:
            with self._services.database.reading() as session:
                study = self.study(session, name)
                self.access.check_results(session, study, who)
                made = self._result(session, study)
                # A verdict changes nothing that takes time to make, so it does not wait for a new report.
                verdicts = adjudication(made.images, verdicts_of(session, study))
                return replace(made, report={**made.report, "adjudication": verdicts})
        except (AccessError, StudyError, LabelStoreError) as error:
            raise CannotShowError(sentence(error)) from error

    def person(self, session: Session, who: str | None) -> int | None:
        """The id of the account of a name; None where nobody goes by it yet."""
        found = find_account(session, " ".join((who or "").split()))
        return None if found is None else found.id

    def study(self, session: Session, name: str) -> Study:
        """A study by name. Raises StudyError."""
        found = find_study(session, name)
        if found is None:
            raise StudyError(f"there is no study of the name {name}")
        return found

    def _result(self, session: Session, study: Study) -> StudyResult:
        progress = progress_of_all(session, study).values()
        key = (study.id, sum(p.total for p in progress), sum(p.submitted for p in progress))
        # One at a time: the callbacks of a page ask for the same report at once.
        with self._lock:
            if key not in self._made:
                made = self._make(session, study)
                if len(made.report["notes"]) > int(not made.report["complete"]):
                    return made  # something is missing that may come back
                self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return self._made[key]

    def _make(self, session: Session, study: Study) -> StudyResult:
        facts, images = collect(session, study, self._services.images, self._services.stored)
        found = labellings(session, study, images)
        return StudyResult(definition_of(study), comparison_report(facts, images), images, found)


def name_of(weights: str) -> str:
    """The name of installed weights by their hash; of others, the first digits of the hash."""
    return next((card.name for card in available_weights() if card.sha256 == weights), weights[:8])


def sentence(error: Exception) -> str:
    """A reason as a sentence of its own."""
    text = str(error)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _listed(session: Session, study: Study) -> Listed:
    state = "draft" if study.frozen_at is None else "closed" if study.closed_at else "running"
    found = progress_of_all(session, study)
    if state == "running" and found and all(p.submitted == p.total for p in found.values()):
        state = "complete" if definition_of(study).raters else "running"
    return Listed(study.name, definition_of(study), state, found)
