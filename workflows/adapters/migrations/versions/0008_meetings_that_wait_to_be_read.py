"""Of a meeting that is over it is known whether it was read as a whole; of those of before nothing is said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("meeting", sa.Column("reading", sa.String(length=16)))
    op.add_column("meeting", sa.Column("reading_note", sa.String(length=300)))
