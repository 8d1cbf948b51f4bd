"""A mail address is confirmed by a code that was sent there; those of before wait to be confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("person", sa.Column("mail_confirmed_at", sa.DateTime()))
    op.add_column("person", sa.Column("mail_code", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("person", sa.Column("mail_code_until", sa.DateTime()))
    op.add_column("person", sa.Column("mail_code_tries", sa.Integer(), nullable=False, server_default="0"))
