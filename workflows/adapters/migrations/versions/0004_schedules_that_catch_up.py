"""Schedules say what becomes of starts that were missed, and why the last one did not come about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("schedule", sa.Column("catch_up", sa.String(length=10), nullable=False, server_default="once"))
    op.add_column("schedule", sa.Column("trouble", sa.Text(), nullable=False, server_default=""))
