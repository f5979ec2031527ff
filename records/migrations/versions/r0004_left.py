"""A rater can leave a study that anyone may join.

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """When a rater left, with what was not handed in."""
    op.add_column("tasks", sa.Column("left_at", sa.Double(), nullable=True))


def downgrade() -> None:
    """Labels are never thrown away."""
    raise NotImplementedError("the label database goes forward only; open an older copy instead")
