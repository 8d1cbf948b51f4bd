"""Every table of the office, in one place, as SQLAlchemy Core metadata."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal,
    true,
)

from workflows.gates import DECIDE


class Utc(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC without a zone in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring an aware instant to UTC; a naive one is a fault of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant its zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

definition = Table(
    "definition",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("document", JSON, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("definition", String(80), nullable=False),
    Column("definition_hash", String(64), ForeignKey("definition.hash"), nullable=False),
    Column("key", String(200), nullable=False),
    Column("state", String(2000), nullable=False),
    Column("data", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("tenant", String(80), nullable=False, server_default=""),
    Column("started_by", String(80), nullable=False, server_default=""),
    Column("status", String(20), nullable=False, server_default="active"),
    Column("trouble", Text, nullable=False, server_default=""),
    Column("steward", String(80), nullable=False, server_default=""),
    Column("parent", String(64), nullable=False, server_default=""),
    Column("more", JSON, nullable=False, server_default="{}"),
    Column("words", Text, nullable=False, server_default=""),
    UniqueConstraint("definition", "key"),
    Index(None, "definition", "state"),
    Index(None, "status", "updated_at"),
    Index(None, "updated_at"),
    Index(None, "parent"),
    Index(None, "started_by"),
)
"""`more` is what is under way (see `workflows.adapters.run_rows`); `words` are texts of the data, to search."""

event = Table(
    "event",
    metadata,
    Column("run", String(64), ForeignKey("run.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("data", JSON, nullable=False),
    Column("key", String(200)),
    Column("from_state", String(2000), nullable=False),
    Column("to_state", String(2000), nullable=False),
    Column("at", Utc, nullable=False),
    Column("outcome", String(10), nullable=False, server_default="taken"),
    UniqueConstraint("run", "key"),
)
"""Inbox, deduplication and history in one."""

decided = event.c.name == literal(DECIDE, literal_execute=True)
"""What the index of who decided covers: few events, so that most are written without it. The name stands in the
statement itself, or SQLite would not see that the index fits."""
Index("ix_event_decided", event.c.actor, event.c.run, sqlite_where=decided, postgresql_where=decided)

request = Table(
    "request",
    metadata,
    Column("run", String(64), ForeignKey("run.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("action", String(120), nullable=False),
    Column("params", JSON, nullable=False),
    Column("retry", JSON, nullable=False),
    Column("timeout", Float, nullable=False),
    Column("tenant", String(80), nullable=False),
    Column("status", String(10), nullable=False),
    Column("due", Utc, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", Utc),
    Column("result", JSON),
    Column("errors", JSON, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Index(None, "status", "tenant", "due"),
    Index(None, "status", "lease_until"),
)
"""The outbox: what connectors are asked to do, who works on it until when, and what came of it."""

human_task = Table(
    "human_task",
    metadata,
    Column("run", String(64), ForeignKey("run.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("definition", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("people", JSON, nullable=False),
    Column("barred", JSON, nullable=False),
    Column("decisions", JSON, nullable=False),
    Column("shown", JSON, nullable=False),
    Column("subject", String(64), nullable=False),
    Column("form", JSON),
    Column("due", Utc),
    Column("votes", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("decision", String(80), nullable=False),
    Column("decided_by", String(80), nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("closed_at", Utc),
    Index(None, "status", "opened_at"),
)

asked = Table(
    "asked",
    metadata,
    Column("run", String(64), ForeignKey("run.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("who", String(90), primary_key=True),
    Index(None, "who"),
)
"""Before whom an open human task is: `role:NAME` or `person:ID`."""

schedule = Table(
    "schedule",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("definition", String(80), nullable=False),
    Column("every", String(80), nullable=False),
    Column("timezone", String(60), nullable=False),
    Column("data", JSON, nullable=False),
    Column("tenant", String(80), nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("paused", Boolean(create_constraint=False), nullable=False),
    Column("next_at", Utc),
    Column("last_at", Utc),
    Column("catch_up", String(10), nullable=False, server_default="once"),
    Column("trouble", Text, nullable=False, server_default=""),
)
"""`every` is a cron expression, or a length of time."""

timer = Table(
    "timer",
    metadata,
    Column("run", String(64), ForeignKey("run.id"), primary_key=True),
    Column("name", String(160), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("event", String(120), nullable=False),
    Column("fence", Integer, nullable=False),
    Index(None, "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(210), nullable=False),
    Column("run", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the end of the chain. Who writes on holds it, so that there is one order."""

person_key = Table(
    "person_key",
    metadata,
    Column("person", String(80), primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
"""With what the chain's commitments to a person's data are made; deleted with the person."""

commit_mark = Table(
    "commit_mark",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("mark", String(64), nullable=False),
)
"""The last commit of each process, so that it can be asked whether that was kept."""

person = Table(
    "person",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("look", JSON, nullable=False),
    Column("last_room", String(64)),
    Column("last_pose", JSON),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("mail", String(254), nullable=False, server_default=""),
    Column("mailed", Boolean(create_constraint=False), nullable=False, server_default=true()),
    Column("mail_confirmed_at", Utc),
    Column("mail_code", String(64), nullable=False, server_default=""),
    Column("mail_code_until", Utc),
    Column("mail_code_tries", Integer, nullable=False, server_default="0"),
)
"""`mail` is the person's own business: no other person is shown it. `mailed`: whether they want to hear by mail of
what waits for them, which they do only after `mail_confirmed_at`. `mail_code` is the hash of the code that was
sent there, empty without one; `mail_code_tries` counts wrong ones."""

invite = Table(
    "invite",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    Column("uses", Integer, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(160), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("expires_at", Utc),
)

meeting = Table(
    "meeting",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("room", String(64), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("zone_name", String(80), nullable=False),
    Column("facilitator", String(64), nullable=False),
    Column("facilitator_name", String(80), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("reading", String(16)),
    Column("reading_note", String(300)),
    Index(None, "started_at"),
)

attendance = Table(
    "attendance",
    metadata,
    Column("meeting", String(64), ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("joined_at", Utc, nullable=False),
    Index(None, "person"),
)

utterance = Table(
    "utterance",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("meeting", String(64), ForeignKey("meeting.id", ondelete="CASCADE"), nullable=False),
    Column("speaker", String(64), nullable=False),
    Column("speaker_name", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("engine", String(80), nullable=False),
    Column("original_text", Text),
    Column("edited_by", String(64)),
    Column("edited_at", Utc),
    Column("edited_by_name", String(80)),
    Column("words", JSON),
    Column("language", String(20)),
    Column("confidence", Float),
    Index(None, "meeting", "started_at"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("meeting", String(64), ForeignKey("meeting.id", ondelete="CASCADE"), nullable=False),
    Column("utterance", String(64)),
    Column("text", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("noted_at", Utc, nullable=False),
    Column("edited_by", String(64)),
    Index(None, "meeting", "noted_at"),
)

question = Table(
    "question",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("meeting", String(64), ForeignKey("meeting.id", ondelete="CASCADE"), nullable=False),
    Column("utterance", String(64)),
    Column("text", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("noted_at", Utc, nullable=False),
    Column("edited_by", String(64)),
    Index(None, "meeting", "noted_at"),
)

written = Table(
    "written",
    metadata,
    Column("meeting", String(64), ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("title", JSON, nullable=False),
    Column("sentences", JSON, nullable=False),
    Column("dropped", Integer, nullable=False),
    Column("model", String(200), nullable=False),
    Column("host", String(260), nullable=False),
    Column("written_at", Utc, nullable=False),
)
"""What a mind wrote of a meeting. A sentence is a list of its text and the ids of the utterances that it rests on;
a title is a list of one such, or empty."""
