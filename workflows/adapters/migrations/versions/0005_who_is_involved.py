"""Finds the runs of a person; people may give an address at which they hear of what waits for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add indexes and columns."""
    op.create_index(op.f("ix_run_started_by"), "run", ["started_by"])
    decided = sa.text("name = '$decide'")
    op.create_index("ix_event_decided", "event", ["actor", "run"], sqlite_where=decided, postgresql_where=decided)
    op.add_column("person", sa.Column("mail", sa.String(length=254), nullable=False, server_default=""))
    op.add_column("person", sa.Column("mailed", sa.Boolean(), nullable=False, server_default=sa.true()))
