"""Work that waits for people and connectors; schedules; what the audit needs beside its chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WIDER = (
    ("run", "state", 2000),
    ("event", "name", 120),
    ("event", "from_state", 2000),
    ("event", "to_state", 2000),
    ("timer", "name", 160),
    ("timer", "event", 120),
    ("audit", "action", 210),
)


def upgrade() -> None:
    """Add what is missing; announcements that waited are gone with their table, a start shows everything anew."""
    _widen()
    _extend_runs()
    _make_requests()
    _make_human_tasks()
    _make_schedules()
    _make_audit_tables()
    op.drop_table("effect")


def _widen() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # which keeps to no length
    for table, column, length in _WIDER:
        op.alter_column(table, column, type_=sa.String(length=length), existing_nullable=False)


def _extend_runs() -> None:
    for column, kind, default in (
        ("tenant", sa.String(length=80), ""),
        ("started_by", sa.String(length=80), ""),
        ("status", sa.String(length=20), "active"),
        ("trouble", sa.Text(), ""),
        ("steward", sa.String(length=80), ""),
        ("parent", sa.String(length=64), ""),
        ("more", sa.JSON(), "{}"),
        ("words", sa.Text(), ""),
    ):
        op.add_column("run", sa.Column(column, kind, nullable=False, server_default=default))
    op.create_index(op.f("ix_run_status_updated_at"), "run", ["status", "updated_at"])
    op.create_index(op.f("ix_run_updated_at"), "run", ["updated_at"])
    op.create_index(op.f("ix_run_parent"), "run", ["parent"])
    op.add_column("event", sa.Column("outcome", sa.String(length=10), nullable=False, server_default="taken"))


def _make_requests() -> None:
    op.create_table(
        "request",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=120), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("retry", sa.JSON(), nullable=False),
        sa.Column("timeout", sa.Float(), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_request_run")),
        sa.PrimaryKeyConstraint("run", "number", "name", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_status_tenant_due"), "request", ["status", "tenant", "due"])
    op.create_index(op.f("ix_request_status_lease_until"), "request", ["status", "lease_until"])


def _make_human_tasks() -> None:
    op.create_table(
        "human_task",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("definition", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("barred", sa.JSON(), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("form", sa.JSON(), nullable=True),
        sa.Column("due", sa.DateTime(), nullable=True),
        sa.Column("votes", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=80), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_human_task_run")),
        sa.PrimaryKeyConstraint("run", "number", "name", name=op.f("pk_human_task")),
    )
    op.create_index(op.f("ix_human_task_status_opened_at"), "human_task", ["status", "opened_at"])
    op.create_table(
        "asked",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("who", sa.String(length=90), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_asked_run")),
        sa.PrimaryKeyConstraint("run", "number", "name", "who", name=op.f("pk_asked")),
    )
    op.create_index(op.f("ix_asked_who"), "asked", ["who"])


def _make_schedules() -> None:
    op.create_table(
        "schedule",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("definition", sa.String(length=80), nullable=False),
        sa.Column("every", sa.String(length=80), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("paused", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=True),
        sa.Column("last_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )


def _make_audit_tables() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '" + "0" * 64 + "')")
    op.execute(
        "UPDATE audit_head SET seq = (SELECT max(seq) FROM audit), "
        "hash = (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1) WHERE EXISTS (SELECT 1 FROM audit)"
    )
    op.create_table(
        "person_key",
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_key")),
    )
    op.create_table(
        "commit_mark",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_commit_mark")),
    )
