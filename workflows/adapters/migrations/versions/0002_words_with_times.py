"""Words of an utterance with their times, its language and confidence; the name of who corrected it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; corrections that were made before get the name by which their author is known now."""
    op.add_column("utterance", sa.Column("edited_by_name", sa.String(length=80), nullable=True))
    op.add_column("utterance", sa.Column("words", sa.JSON(), nullable=True))
    op.add_column("utterance", sa.Column("language", sa.String(length=20), nullable=True))
    op.add_column("utterance", sa.Column("confidence", sa.Float(), nullable=True))
    op.execute(
        "UPDATE utterance SET edited_by_name = (SELECT name FROM person WHERE person.id = utterance.edited_by) "
        "WHERE edited_by IS NOT NULL"
    )
