"""Adjudications and Turing answers; where imported labels come from.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records.migrations.append_only import protect

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add what a finished study is judged by."""
    op.add_column("tasks", sa.Column("origin", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "adjudications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("study_image_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("sides", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("client_time", sa.Double(), nullable=False),
        sa.Column("server_time", sa.Double(), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_adjudications_author_id")),
        sa.ForeignKeyConstraint(
            ["study_image_id"], ["study_images.id"], name=op.f("fk_adjudications_study_image_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudications")),
    )
    op.create_index(
        op.f("ix_adjudications_study_image_id"), "adjudications", ["study_image_id"], unique=False
    )
    op.create_table(
        "turing_answers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("study_image_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Boolean(), nullable=False),
        sa.Column("sides", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("left_votes", sa.Integer(), nullable=False),
        sa.Column("right_votes", sa.Integer(), nullable=False),
        sa.Column("client_time", sa.Double(), nullable=False),
        sa.Column("server_time", sa.Double(), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_turing_answers_author_id")),
        sa.ForeignKeyConstraint(
            ["study_image_id"], ["study_images.id"], name=op.f("fk_turing_answers_study_image_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turing_answers")),
    )
    op.create_index(
        op.f("ix_turing_answers_study_image_id"), "turing_answers", ["study_image_id"], unique=False
    )
    protect("adjudications", "id")
    protect("turing_answers", "id")


def downgrade() -> None:
    """Labels are never thrown away."""
    raise NotImplementedError("the label database goes forward only; open an older copy instead")
