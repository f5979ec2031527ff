"""The tables of the label database (docs/labels.md says what each is for).

Times are seconds since 1970, UTC. Tables named in `APPEND_ONLY` are only ever added to: triggers in the
database itself refuse every change of a row that stands there.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import Double, Integer, Text

APPEND_ONLY = ("images", "label_actions", "submissions", "adjudications", "turing_answers")

Json = dict[str, Any]

_HASH = String(64)
_UUID = String(36)
_NAME = String(80)
# SQLite counts only a column of type INTEGER by itself.
_COUNTED = BigInteger().with_variant(Integer, "sqlite")
_JSON = JSON(none_as_null=True)


class Base(DeclarativeBase):
    """Every constraint has a name, so that a migration can speak of it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Account(Base):
    """A person. password_hash: none for a name that was only picked, on a machine of one's own."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("role in ('rater', 'owner', 'admin')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, unique=True)
    role: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[float] = mapped_column(Double)
    disabled_at: Mapped[float | None] = mapped_column(Double)


class LoginSession(Base):
    """A log-in that lasts until expires_at. Only the SHA-256 of its token is kept."""

    __tablename__ = "login_sessions"

    token_hash: Mapped[str] = mapped_column(_HASH, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[float] = mapped_column(Double)
    expires_at: Mapped[float] = mapped_column(Double, index=True)


class LoginFailure(Base):
    """A log-in that failed, for the rate limit; forgotten once it no longer counts."""

    __tablename__ = "login_failures"

    id: Mapped[int] = mapped_column(_COUNTED, primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, index=True)
    address: Mapped[str] = mapped_column(String(80), index=True)
    failed_at: Mapped[float] = mapped_column(Double, index=True)


class Image(Base):
    """One plane of one event that is, or can be, labelled; its pixels lie in `records.images`.

    pixels: lit pixels. rows, wires: sides of the full plane. file: a name, never a path.
    """

    __tablename__ = "images"

    content_hash: Mapped[str] = mapped_column(_HASH, primary_key=True)
    plane: Mapped[str] = mapped_column(String(1))
    pixels: Mapped[int]
    rows: Mapped[int]
    wires: Mapped[int]
    file: Mapped[str] = mapped_column(Text)
    entry: Mapped[int]
    run: Mapped[int] = mapped_column(BigInteger)
    subrun: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(10))


class Study(Base):
    """A study. definition: `records.study_definition.StudyDefinition` as JSON, fixed once it is frozen."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    definition: Mapped[Json] = mapped_column(_JSON)
    definition_hash: Mapped[str | None] = mapped_column(_HASH)
    created_at: Mapped[float] = mapped_column(Double)
    frozen_at: Mapped[float | None] = mapped_column(Double)
    closed_at: Mapped[float | None] = mapped_column(Double)


class StudyImage(Base):
    """An image of a frozen study. predictions: weights hash -> job key of the stored answer."""

    __tablename__ = "study_images"
    __table_args__ = (UniqueConstraint("study_id", "position", name="uq_study_images_position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    position: Mapped[int]
    image_hash: Mapped[str] = mapped_column(ForeignKey("images.content_hash"))
    window: Mapped[list[int] | None] = mapped_column(_JSON)
    stratum: Mapped[str] = mapped_column(_NAME)
    gold: Mapped[bool]
    predictions: Mapped[dict[str, str]] = mapped_column(_JSON)


class Task(Base):
    """What one rater labels in one go: an image of a study, or freely (study_id null) an event.

    token: how the browser names it; says nothing of the image. images: plane -> content hash;
    images_key: SHA-256 of these, to find the task of an event.
    origin: of imported labels, the study and whether they were submitted where they were made. left_at:
    when the rater left the study without handing it in; nobody can from then on.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'started', 'skipped', 'submitted')", name="state"),
        UniqueConstraint("study_id", "rater_id", "position", name="uq_tasks_position"),
        Index("ix_tasks_rater_id_images_key", "rater_id", "images_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    rater_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id"))
    study_image_id: Mapped[int | None] = mapped_column(ForeignKey("study_images.id"))
    position: Mapped[int | None]
    repeat: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    images: Mapped[dict[str, str]] = mapped_column(_JSON)
    images_key: Mapped[str] = mapped_column(_HASH)
    created_at: Mapped[float] = mapped_column(Double)
    changed_at: Mapped[float] = mapped_column(Double)
    origin: Mapped[Json | None] = mapped_column(_JSON)
    left_at: Mapped[float | None] = mapped_column(Double)


class LabelAction(Base):
    """One thing a rater did. seq: server order. id: given by the client. plane: U, V, Y or 'event'.

    predictions: the stored answers that the author had seen, of all networks: [{"key", "weights"}].
    """

    __tablename__ = "label_actions"
    __table_args__ = (Index("ix_label_actions_task_id_seq", "task_id", "seq"),)

    # Numbered by `records.labels` under the writers' lock: a sequence of PostgreSQL would leave gaps.
    seq: Mapped[int] = mapped_column(_COUNTED, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(_UUID, unique=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    plane: Mapped[str] = mapped_column(String(5))
    image_hash: Mapped[str] = mapped_column(ForeignKey("images.content_hash"))
    tool: Mapped[str] = mapped_column(String(20))
    payload: Mapped[Json] = mapped_column(_JSON)
    client_time: Mapped[float] = mapped_column(Double)
    server_time: Mapped[float] = mapped_column(Double)
    predictions: Mapped[list[dict[str, str]]] = mapped_column(_JSON)
    app_version: Mapped[str] = mapped_column(String(40))


class Submission(Base):
    """A task handed in: the labels up to last_seq count. verdict: the event's answer at that moment."""

    __tablename__ = "submissions"

    id: Mapped[str] = mapped_column(_UUID, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    last_seq: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[Json] = mapped_column(_JSON)
    seconds: Mapped[float | None] = mapped_column(Double)
    client_time: Mapped[float] = mapped_column(Double)
    server_time: Mapped[float] = mapped_column(Double)
    app_version: Mapped[str] = mapped_column(String(40))


class Adjudication(Base):
    """Who is wrong where two labellings of a study's image differ. sides: A and B, as they were shown."""

    __tablename__ = "adjudications"

    id: Mapped[str] = mapped_column(_UUID, primary_key=True)
    study_image_id: Mapped[int] = mapped_column(ForeignKey("study_images.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    sides: Mapped[Json] = mapped_column(_JSON)
    verdict: Mapped[str] = mapped_column(String(20))
    comment: Mapped[str] = mapped_column(Text)
    client_time: Mapped[float] = mapped_column(Double)
    server_time: Mapped[float] = mapped_column(Double)
    app_version: Mapped[str] = mapped_column(String(40))


class TuringAnswer(Base):
    """One pair of labellings shown with the question which is the network's.

    left_votes, right_votes: 1 and 0, or raised hands of an audience. sides: left and right, as they were
    shown. author_id: who answered, or who counted the hands.
    """

    __tablename__ = "turing_answers"

    id: Mapped[str] = mapped_column(_UUID, primary_key=True)
    study_image_id: Mapped[int] = mapped_column(ForeignKey("study_images.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    audience: Mapped[bool]
    sides: Mapped[Json] = mapped_column(_JSON)
    left_votes: Mapped[int]
    right_votes: Mapped[int]
    client_time: Mapped[float] = mapped_column(Double)
    server_time: Mapped[float] = mapped_column(Double)
    app_version: Mapped[str] = mapped_column(String(40))
