"""`argonscope labels`, `study` and `account`: what is done with the label database from a shell."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from records.folder import DataFolder, data_folder_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.database import Database
    from records.models import Account

_FORMATS = ("parquet", "csv", "coco", "hdf5")
_ROLES = ("rater", "owner", "admin")

DrawReport = Callable[[Mapping[str, Any]], str]
"""The report of a study → a whole HTML page."""


def add_labels(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope labels export` and `argonscope labels import`."""
    parser = subparsers.add_parser("labels", help="labels out of the database and in again, without loss")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    out = actions.add_parser("export", help="all labels, or those of a study, to a file")
    out.add_argument("--format", required=True, choices=_FORMATS)
    out.add_argument("--study", metavar="NAME", help="default: everything that was ever labelled")
    out.add_argument("out", type=Path, metavar="OUT")
    out.set_defaults(run=_export)
    into = actions.add_parser("import", help="a file of labels (.parquet, .csv, .json or .h5)")
    into.add_argument("file", type=Path, metavar="FILE")
    into.set_defaults(run=_import)
    for each in (out, into):
        _add_folder(each)


def add_study(subparsers: argparse._SubParsersAction, draw: DrawReport) -> argparse._SubParsersAction:
    """Add `argonscope study report` and `argonscope study list`; returns where others add their actions.

    draw makes a page, since records know no plotly.
    """
    parser = subparsers.add_parser("study", help="make a study, and see what it found")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    report = actions.add_parser("report", help="physicists, networks and truth compared, with intervals")
    report.add_argument("name", metavar="NAME")
    report.add_argument("--json", type=Path, metavar="OUT", help="the whole report (docs/labels.md)")
    report.add_argument("--csv", type=Path, metavar="OUT", help="one row a number")
    report.add_argument("--html", type=Path, metavar="OUT", help="one page with figures, tables and events")
    report.add_argument("--anonymous", action="store_true", help="raters are numbered, not named")
    report.set_defaults(run=lambda given: _report(given, draw))
    listing = actions.add_parser("list", help="all studies and how far they are")
    listing.set_defaults(run=_list)
    for each in (report, listing):
        _add_folder(each)
    return actions


def add_account(subparsers: argparse._SubParsersAction) -> None:
    """Add `argonscope account add`, `password`, `role`, `disable` and `list`."""
    parser = subparsers.add_parser("account", help="who may log in, and as what")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, about in (
        ("add", "a new account; asks for its password"),
        ("password", "another password; asks for it"),
        ("role", "another role"),
        ("disable", "no more log-ins; labels stay"),
        ("list", "all accounts"),
    ):
        each = actions.add_parser(name, help=about)
        if name != "list":
            each.add_argument("name", metavar="NAME")
        if name == "add":
            each.add_argument("--role", choices=_ROLES, default="rater")
        if name == "role":
            each.add_argument("role", choices=_ROLES, metavar="ROLE", help=", ".join(_ROLES))
        _add_folder(each)
        each.set_defaults(run=_ACCOUNT[name])


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", type=Path, metavar="D", help="default: that of the app")


# SQLAlchemy and pyarrow take a second to load, so only a command that needs them does it.


@contextmanager
def _store(given: argparse.Namespace) -> Iterator[tuple[Database, DataFolder]]:
    """The database and the data folder. Raises ValueError with a sentence where they cannot be used."""
    from records.database import LabelStoreError, database_url, open_database

    folder = DataFolder(given.data_dir or data_folder_of(os.environ))
    try:
        database = open_database(database_url(os.environ, folder.root))
        try:
            yield database, folder
        finally:
            database.close()
    except LabelStoreError as error:
        raise ValueError(str(error)) from error


def _export(given: argparse.Namespace) -> None:
    from records.exchange.transfer import export_labels
    from records.images import ImageStore

    with _store(given) as (database, folder):
        tasks = export_labels(database, ImageStore(folder.images), given.out, given.format, given.study)
    print(f"{tasks} labelled {'task' if tasks == 1 else 'tasks'} in {given.out}")


def _import(given: argparse.Namespace) -> None:
    from records.exchange.transfer import import_labels, read_file
    from records.images import ImageStore

    file = read_file(given.file)
    with _store(given) as (database, folder):
        done = import_labels(database, ImageStore(folder.images), file)
    print(f"{done.added} labelled tasks added, {done.present} were there already")


def _report(given: argparse.Namespace, draw: DrawReport) -> None:
    from records.answers import AnswerStore
    from records.comparison_schema import write_study_report
    from records.comparison_table import summary, table
    from records.folder import write_text
    from records.images import ImageStore
    from records.studies import find_study
    from records.study_answers import study_report

    with _store(given) as (database, folder), database.reading() as session:
        study = find_study(session, given.name)
        if study is None:
            raise ValueError(f"there is no study of the name {given.name}; see `argonscope study list`")
        stores = ImageStore(folder.images), AnswerStore(folder.predictions)
        report = study_report(session, study, *stores, anonymous=given.anonymous)
    if given.json:
        write_study_report(given.json, report)
    if given.csv:
        write_text(given.csv, table(report))
    if given.html:
        write_text(given.html, draw(report))
    print(summary(report))


def _list(given: argparse.Namespace) -> None:
    from records.studies import progress_of_all, studies

    with _store(given) as (database, _), database.reading() as session:
        for study in studies(session):
            state = "draft" if study.frozen_at is None else "closed" if study.closed_at else "running"
            parts = progress_of_all(session, study).values()
            done, total = sum(p.submitted for p in parts), sum(p.total for p in parts)
            print(f"{study.name}: {state}, {study.definition['title']}, {done} of {total} tasks handed in")


def _account_add(given: argparse.Namespace) -> None:
    from records.accounts import create_account

    with _store(given) as (database, _), database.writing() as session:
        create_account(session, given.name, given.role, _ask_password())


def _account_password(given: argparse.Namespace) -> None:
    from records.accounts import set_password

    with _store(given) as (database, _), database.writing() as session:
        set_password(session, _find(session, given.name), _ask_password())


def _account_role(given: argparse.Namespace) -> None:
    from records.accounts import set_role

    with _store(given) as (database, _), database.writing() as session:
        set_role(session, _find(session, given.name), given.role)


def _account_disable(given: argparse.Namespace) -> None:
    from records.accounts import disable

    with _store(given) as (database, _), database.writing() as session:
        disable(session, _find(session, given.name))


def _account_list(given: argparse.Namespace) -> None:
    from records.accounts import accounts

    with _store(given) as (database, _), database.reading() as session:
        for account in accounts(session):
            how = (
                "disabled" if account.disabled_at else "password" if account.password_hash else "no password"
            )
            print(f"{account.name}: {account.role}, {how}")


def _find(session: Session, name: str) -> Account:
    """The account of a name. Raises ValueError."""
    from records.accounts import find_account

    found = find_account(session, name)
    if found is None:
        raise ValueError(f"there is no account of the name {name}")
    return found


def _ask_password() -> str:
    """A password, typed twice without being shown; or the first line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    if first != second:
        raise ValueError("the two passwords differ")
    return first


_ACCOUNT = {
    "add": _account_add,
    "password": _account_password,
    "role": _account_role,
    "disable": _account_disable,
    "list": _account_list,
}
