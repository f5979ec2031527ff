"""An action remembers every answer that its author had seen, of all networks.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records.migrations.append_only import unprotected

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """The one answer of each action becomes a list of one."""
    one = "'key', prediction_key, 'weights', prediction_weights"
    as_list = (
        f"json_array(json_object({one}))"
        if op.get_bind().dialect.name == "sqlite"
        else f"json_build_array(json_build_object({one}))"
    )
    column = sa.Column("predictions", sa.JSON(none_as_null=True), nullable=False, server_default="[]")
    with unprotected("label_actions"):
        op.add_column("label_actions", column)
        op.execute(f"UPDATE label_actions SET predictions = {as_list} WHERE prediction_key IS NOT NULL")
        op.drop_column("label_actions", "prediction_key")
        op.drop_column("label_actions", "prediction_weights")


def downgrade() -> None:
    """Labels are never thrown away."""
    raise NotImplementedError("the label database goes forward only; open an older copy instead")
