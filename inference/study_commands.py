"""`argonscope study create`, `freeze` and `close`: what the owner of a study does in a shell."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from records.folder import DataFolder, data_folder_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inference.study_plan import Network
    from records.models import Study


def add_study_making(actions: argparse._SubParsersAction) -> None:
    """Add the actions to those of `argonscope study`."""
    create = actions.add_parser("create", help="a draft of a study from a plan (docs/labelling.md)")
    create.add_argument("plan", type=Path, metavar="PLAN.json")
    create.add_argument("--name", required=True, help="raters open it at /study/NAME")
    create.add_argument("--owner", required=True, metavar="NAME", help="account that sees its results")
    create.set_defaults(run=_create)
    freeze = actions.add_parser("freeze", help="start a study: from here on it never changes")
    freeze.set_defaults(run=_freeze)
    close = actions.add_parser("close", help="end a study: nobody new may join")
    close.set_defaults(run=_close)
    for each in (create, freeze, close):
        if each is not create:
            each.add_argument("name", metavar="NAME")
        each.add_argument("--data-dir", type=Path, metavar="D", help="default: that of the app")


def _create(given: argparse.Namespace) -> None:
    from inference.study_plan import define_study, read_plan
    from records.accounts import create_account, find_account
    from records.studies import define

    plan = read_plan(given.plan)
    folder = _folder(given)
    folder.prepare()
    definition = define_study(plan, folder, _load)

    def work(session: Session) -> None:
        owner = find_account(session, given.owner) or create_account(session, given.owner, "owner")
        define(session, owner, given.name, definition)

    _in_database(given, work)
    print(f"{given.name} has {len(definition.images)} images; start it with `argonscope study freeze`")


def _freeze(given: argparse.Namespace) -> None:
    from records.answers import AnswerStore
    from records.images import ImageStore
    from records.studies import freeze

    folder = _folder(given)
    images, predictions = ImageStore(folder.images), AnswerStore(folder.predictions)
    _in_database(given, lambda session: freeze(session, _study(session, given.name), images, predictions))
    print(f"{given.name} has started; its raters open /study/{given.name}")


def _close(given: argparse.Namespace) -> None:
    from records.studies import close

    _in_database(given, lambda session: close(session, _study(session, given.name)))


def _load(plane: str) -> Network:
    from inference.process import prepare_process

    prepare_process()
    from inference.predictor import Segmenter

    return Segmenter.load(plane)


def _folder(given: argparse.Namespace) -> DataFolder:
    return DataFolder(given.data_dir or data_folder_of(os.environ))


def _in_database(given: argparse.Namespace, work: Callable[[Session], None]) -> None:
    """Work in one transaction. Raises ValueError with a sentence where the database cannot be used."""
    from records.database import LabelStoreError, database_url, open_database

    try:
        database = open_database(database_url(os.environ, _folder(given).root))
        try:
            with database.writing() as session:
                work(session)
        finally:
            database.close()
    except LabelStoreError as error:
        raise ValueError(str(error)) from error


def _study(session: Session, name: str) -> Study:
    from records.studies import find_study

    found = find_study(session, name)
    if found is None:
        raise ValueError(f"there is no study of the name {name}; see `argonscope study list`")
    return found
