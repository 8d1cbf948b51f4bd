"""Runs: list, look at one with all that happened, start, send an event, move by hand."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field, JsonValue

from server.api.auth import SignedIn
from server.api.drawings import SvgResponse, drawing
from server.api.parts import HttpParts, Parts
from server.api.run_models import HeldView, PersonView, RunDetail, RunsView, RunView
from server.api.run_views import (
    picture_view,
    run_view,
    task_view,
    timeline,
    timer_view,
    under_way,
    value_views,
    visited,
)
from server.errors import Missing, Unacceptable
from server.identity import Session
from server.work.sight import Place, Wanted, Whole
from server.work.wording import Names, ids_in_run, ids_in_whole, name_of, values_of
from workflows.diagram import mermaid, picture_of
from workflows.engine import new_id
from workflows.run import OVER, Run, Status

router = APIRouter(prefix="/runs", tags=["runs"])

MOST_RUNS = 200
"""On one page."""
Name = Annotated[str, Field(min_length=1, max_length=80)]
Id = Annotated[str, Field(max_length=80)]
IdempotencyKey = Annotated[str | None, Header(max_length=100)]
Operation = Literal["cancel", "pause", "resume", "retry", "skip", "reassign", "rewind"]


class NewRun(BaseModel):
    """Work to start."""

    definition: Name
    data: dict[str, JsonValue] = Field(default_factory=dict)
    """As the definition's JSON Schema wants it."""


class Signal(BaseModel):
    """Something that happened."""

    event: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,119}$")]
    data: dict[str, JsonValue] = Field(default_factory=dict)
    version: Annotated[int, Field(ge=1)] | None = None
    """The version that was seen; null takes whatever is there."""


class Deed(BaseModel):
    """How a run is moved by hand, and why."""

    operation: Operation
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    call: Id | None = None
    """Which to retry or to skip, where several have failed; or the event to skip, which could not be taken."""
    result: JsonValue = None
    """What a call that is skipped gives."""
    task: Id | None = None
    """Which question to reassign; null: the run itself."""
    to: Id | None = None
    """To whom."""
    state: Id | None = None
    """Where to rewind to."""


class NewerVersion(BaseModel):
    """Why a run is to follow the newest version of its workflow, and what states are called there."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    renamed: dict[Name, Name] = Field(default_factory=dict)
    """Old name -> new one, beside what the new version says itself."""


class Moved(BaseModel):
    """The run, after what was asked for."""

    run: RunView
    changed: bool
    """False where it repeated what was already so."""


@router.get("")
async def list_runs(
    session: SignedIn,
    parts: Parts,
    definition: Annotated[list[Name] | None, Query(max_length=20)] = None,
    status: Annotated[list[Status] | None, Query()] = None,
    state: Annotated[str, Query(max_length=80)] = "",
    words: Annotated[str, Query(max_length=200)] = "",
    steward: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_RUNS)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> RunsView:
    """List runs, those that changed last first: for owners all, for members those that concern them."""
    wanted = Wanted(
        definitions=tuple(definition or ()),
        statuses=tuple(one.value for one in status or ()),
        state=state,
        words=words,
        steward=steward,
    )
    page = await parts.sight.page(session, wanted, limit=limit, after=_place(cursor))
    names = await parts.sight.names(one for run in page.runs for one in ids_in_run(run))
    return RunsView(
        runs=[await _line(parts, run, names) for run in page.runs],
        next=None if page.after is None else _cursor(page.after),
    )


@router.post("", status_code=201)
async def start_run(
    wish: NewRun, session: SignedIn, parts: Parts, idempotency_key: IdempotencyKey = None
) -> RunView:
    """Start work. With an `Idempotency-Key`, a repeat gives the same run again."""
    run = await parts.desk.start(
        session, wish.definition, wish.data, key=idempotency_key or new_id(), now=parts.now()
    )
    return await _one_line(parts, run)


@router.get("/{run_id}")
async def read_run(run_id: str, session: SignedIn, parts: Parts) -> RunDetail:
    """Give a run with all that happened to it, what it waits for, and where it stands."""
    return await _detail(parts, session, await parts.sight.whole(session, run_id))


@router.post("/{run_id}/events")
async def send_event(
    run_id: str, signal: Signal, session: SignedIn, parts: Parts, idempotency_key: IdempotencyKey = None
) -> Moved:
    """Send an event to a run. With an `Idempotency-Key`, a repeat changes nothing."""
    outcome = await parts.desk.signal(
        session,
        run_id,
        signal.event,
        signal.data,
        key=idempotency_key or new_id(),
        expected_version=signal.version,
        now=parts.now(),
    )
    return Moved(run=await _one_line(parts, outcome.run), changed=outcome.changed)


@router.post("/{run_id}/operations")
async def operate(run_id: str, deed: Deed, session: SignedIn, parts: Parts) -> Moved:
    """Move a run by hand: cancel, pause, resume, retry, skip, reassign or rewind. The reason is kept with it."""
    more = deed.model_dump(include={"call", "result", "task", "to", "state"}, exclude_none=True)
    outcome = await parts.desk.operate(
        session, run_id, deed.operation, reason=deed.reason, more=more, now=parts.now()
    )
    return Moved(run=await _one_line(parts, outcome.run), changed=outcome.changed)


@router.post("/{run_id}/upgrade")
async def upgrade(run_id: str, wish: NewerVersion, session: SignedIn, parts: Parts) -> Moved:
    """Let a run follow the newest version of its workflow; 409 with all reasons where it cannot. For owners.

    The problem's `unplaced` lists the states of which `renamed` has to say what they become, with what they may.
    """
    outcome = await parts.desk.upgrade(session, run_id, renamed=wish.renamed, reason=wish.reason, now=parts.now())
    return Moved(run=await _one_line(parts, outcome.run), changed=outcome.changed)


@router.get("/{run_id}/diagram.svg", response_class=SvgResponse)
async def draw_run(run_id: str, session: SignedIn, parts: Parts) -> SvgResponse:
    """Draw where a run stands."""
    run = await parts.sight.run(session, run_id)
    definition = await parts.sight.definition_of(run)
    if definition is None:
        raise Missing("the version of the workflow that this run follows was not kept")
    active = [name for leaf in run.states for name in definition.chart.line[leaf]]
    return drawing(definition, active=active)


async def _one_line(parts: HttpParts, run: Run) -> RunView:
    return await _line(parts, run, await parts.sight.names(ids_in_run(run)))


async def _line(parts: HttpParts, run: Run, names: Names) -> RunView:
    return run_view(run, await parts.sight.definition_of(run), names)


async def _detail(parts: HttpParts, session: Session, whole: Whole) -> RunDetail:
    run, definition = whole.run, whole.definition
    names = await parts.sight.names(ids_in_whole(whole))
    tasks = [
        task_view(one, run, definition, names, session)
        for one in whole.tasks
        if one.status == "open" and run.status not in OVER
    ]
    moves = parts.desk.operations(run) if parts.desk.may_operate(session, run) else []
    local = parts.now().astimezone(parts.settings.timezone)
    signals = parts.desk.signals(session, run, definition, local) if definition else []
    picture = picture_of(definition) if definition else None
    active = [name for leaf in run.states for name in (definition.chart.line[leaf] if definition else ())]
    asks_people = bool(moves) or any(task.mine for task in tasks)
    people = await parts.sight.deciders() if asks_people else []
    return RunDetail(
        **run_view(run, definition, names).model_dump(),
        definition_hash=run.definition_hash,
        data=value_views(values_of(run.data, definition, names)),
        timeline=timeline(whole, names, session),
        tasks=tasks,
        under_way=under_way(run, definition),
        timers=[timer_view(timer, whole) for timer in whole.timers],
        held=[HeldView(event=one.name, actor_name=name_of(one.actor, names)) for one in run.held],
        children=[await _line(parts, child, names) for child in whole.children],
        parent=await _line(parts, whole.parent, names) if whole.parent else None,
        visited=visited(whole),
        picture=picture_view(picture) if picture else None,
        mermaid=mermaid(picture, active=active) if picture else "",
        operations=moves,
        upgradable=parts.desk.may_upgrade(session, run),
        events=signals,
        people=[PersonView(id=one.id, name=one.name) for one in people],
    )


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps([place[0].isoformat(), place[1]]).encode()).decode().rstrip("=")


def _place(cursor: str | None) -> Place | None:
    if not cursor:
        return None
    try:
        at, run = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(at).astimezone(UTC), str(run)
    except (binascii.Error, UnicodeDecodeError, ValueError, TypeError) as fault:
        raise Unacceptable("cursor: it is not one of this list; begin again without it") from fault
