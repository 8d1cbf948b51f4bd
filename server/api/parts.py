"""What the HTTP side is built from, and how a request reaches it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from avatars.mind import Mind
from avatars.reviewing import Digest
from server.api.speech_view import SpeechView
from server.catch_up import words_alone
from server.errors import Busy, Unacceptable
from server.exports.record import Line, MeetingRecord
from server.identity import Identity
from server.limits import Limiter
from server.mailboxes import Mailboxes
from server.recordings import Recordings
from server.records import Meeting, Records
from server.summaries import Writ, WritingState
from server.work.desk import Desk
from server.work.erasure import Erasure
from server.work.schedules import Schedules
from server.work.shelf import Shelf
from server.work.sight import Sight
from workflows.engine import Engine
from workflows.tasks import TaskList


@dataclass(frozen=True, slots=True, kw_only=True)
class LobbyPerson:
    """Somebody in the office, as the entrance shows them."""

    name: str
    zone: str
    look: Sequence[int]
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeView:
    """The office as the entrance shows it."""

    people: Sequence[LobbyPerson] = ()
    engine: Mapping[str, Any] = field(default_factory=dict)
    """Which recognizer and voice are at work; JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How the HTTP side behaves."""

    office_name: str = "Atrium"
    timezone: tzinfo = UTC
    secure: bool = False
    """Served over TLS: cookies are then sent over TLS alone."""
    web_dir: Path = Path(__file__).parent.parent / "web"
    """The built client."""
    rooms_dir: Path | None = None
    """Floor plans and what belongs to them, served under /assets/rooms; None serves none."""
    data_dir: Path = Path("data")
    """The office's data folder; its glossary lies there."""
    models_dir: Path = Path("data/models")
    """Where fetched models lie."""
    public_url: str | None = None
    """Where browsers reach the office, for invite links behind a proxy; None takes it from the request."""
    trusted_origins: frozenset[str] = frozenset()
    """Origins of other pages that may use the API with cookies, as `https://intranet.example`."""
    sign_ins_a_minute: int = 30
    """Sign-ins from one address; more are refused for a while."""
    sign_in_burst: int = 30


async def _nothing(value: object) -> None:
    """Tell nobody."""


async def _from_words(record: MeetingRecord) -> Digest:
    """Without models."""
    return words_alone(record)


async def _no_models(meeting_id: str) -> int:
    raise Busy("this office runs without models, and cannot read meetings as a whole")


async def _unwritten(record: MeetingRecord) -> Writ:
    """Without a mind."""
    return Writ(state=WritingState.OFF)


def _no_mind(record: MeetingRecord) -> None:
    raise Unacceptable("this office writes no summaries")


async def _nobody(meeting_id: str, line: Line, by_name: str) -> None:
    """Tell nobody."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpParts:
    """Everything the HTTP side calls."""

    identity: Identity
    records: Records
    engine: Engine
    tasks: TaskList
    sight: Sight
    desk: Desk
    schedules: Schedules
    shelf: Shelf
    erasure: Erasure
    mailboxes: Mailboxes
    plans: Mapping[str, str]
    """Floor plans as JSON text, by room."""
    office_view: Callable[[], OfficeView] = OfficeView
    metrics: Callable[[], str] = str
    """Gives Prometheus text."""
    health: Callable[[], Mapping[str, str]] = dict
    """Gives each part's state: `ok`, `ok (PocketSphinx)`, or what is wrong."""
    on_meeting_changed: Callable[[Meeting], Awaitable[None]] = _nothing
    on_corrected: Callable[[str, Line, str], Awaitable[None]] = _nobody
    """Told the meeting, the line as it now is and the name of who corrected it."""
    digest: Callable[[MeetingRecord], Awaitable[Digest]] = _from_words
    """Sums a meeting up."""
    review: Callable[[str], Awaitable[int]] = _no_models
    """Reads a meeting once more; gives how much was found that nobody had noted."""
    mind: Mind | None = None
    """Who sums meetings up in sentences; None: nobody."""
    written: Callable[[MeetingRecord], Awaitable[Writ]] = _unwritten
    """Says how a meeting's written summary is doing."""
    write: Callable[[MeetingRecord], None] = _no_mind
    """Has a meeting that is over summed up in sentences."""
    recordings: Recordings | None = None
    """The sound that is kept; None where none can be."""
    speech_view: Callable[[], SpeechView] = SpeechView
    """Gives how recognition is doing."""
    on_glossary_changed: Callable[[tuple[str, ...]], Awaitable[None]] = _nothing
    """Told the terms of the glossary after they were saved."""
    now: Callable[[], datetime] = _now
    settings: HttpSettings = field(default_factory=HttpSettings)


def parts_of(connection: HTTPConnection) -> HttpParts:
    """Give what the application was built from."""
    parts: HttpParts = connection.app.state.parts
    return parts


def sign_in_limiter(connection: HTTPConnection) -> Limiter:
    """Give the limiter of sign-ins."""
    limiter: Limiter = connection.app.state.sign_ins
    return limiter


Parts = Annotated[HttpParts, Depends(parts_of)]
SignIns = Annotated[Limiter, Depends(sign_in_limiter)]
