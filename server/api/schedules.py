"""Schedules: what the office starts by itself, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, JsonValue

from server.api.auth import SignedIn
from server.api.parts import HttpParts, Parts
from server.work.schedules import Planned
from server.work.wording import definition_title
from workflows.schedules import CatchUp, Schedule

router = APIRouter(prefix="/schedules", tags=["runs"])

_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"
Every = Annotated[str, Field(min_length=1, max_length=80)]
Zone = Annotated[str, Field(min_length=1, max_length=60)]
Name = Annotated[str, Path(max_length=80)]


class NewSchedule(BaseModel):
    """What to start, and when."""

    name: Annotated[str, Field(pattern=_NAME)]
    definition: Annotated[str, Field(min_length=1, max_length=80)]
    every: Every
    """A cron expression of five fields (`0 9 * * MON-FRI`), or a length of time (`2 h`, `3 days`)."""
    timezone: Zone | None = None
    """Where the expression holds; null: the office's."""
    data: dict[str, JsonValue] = Field(default_factory=dict)
    """What each run starts with, as the definition's JSON Schema wants it."""
    catch_up: CatchUp = CatchUp.ONCE
    paused: bool = False


class ScheduleChange(BaseModel):
    """What to change of a schedule; what is left out stays."""

    every: Every | None = None
    timezone: Zone | None = None
    data: dict[str, JsonValue] | None = None
    catch_up: CatchUp | None = None
    paused: bool | None = None


class ScheduleView(BaseModel):
    """A schedule; instants are seconds since the epoch."""

    name: str
    definition: str
    title: str
    """What people call the work."""
    every: str
    timezone: str
    data: dict[str, JsonValue]
    catch_up: CatchUp
    paused: bool
    created_by: str
    created_by_name: str
    next_at: float | None
    """Null where it never comes again, and while it is paused."""
    coming: list[float]
    """The next starts."""
    last_at: float | None
    """The instant for which a run was started last."""
    trouble: str
    """Why the last start did not come about; empty: it did."""


class SchedulesView(BaseModel):
    """All of them, by name."""

    schedules: list[ScheduleView]


@router.get("")
async def list_schedules(session: SignedIn, parts: Parts) -> SchedulesView:
    """List what is started by itself, with when next."""
    found = await parts.schedules.all(session)
    names = await parts.sight.names(one.schedule.created_by for one in found)
    return SchedulesView(schedules=[_view(parts, one, names) for one in found])


@router.post("", status_code=201)
async def add_schedule(wish: NewSchedule, session: SignedIn, parts: Parts) -> ScheduleView:
    """Begin to start runs by a schedule."""
    values = wish.model_dump() | {"timezone": wish.timezone or str(parts.settings.timezone)}
    return await _one_view(parts, await parts.schedules.add(session, Schedule(**values)))


@router.patch("/{name}")
async def change_schedule(name: Name, change: ScheduleChange, session: SignedIn, parts: Parts) -> ScheduleView:
    """Change, pause or resume a schedule."""
    changes: dict[str, Any] = {
        key: value for key, value in change.model_dump(exclude_unset=True).items() if value is not None
    }
    return await _one_view(parts, await parts.schedules.change(session, name, changes))


@router.delete("/{name}", status_code=204)
async def remove_schedule(name: Name, session: SignedIn, parts: Parts) -> None:
    """Remove a schedule; the runs that it has started go on."""
    await parts.schedules.remove(session, name)


async def _one_view(parts: HttpParts, planned: Planned) -> ScheduleView:
    return _view(parts, planned, await parts.sight.names([planned.schedule.created_by]))


def _view(parts: HttpParts, planned: Planned, names: dict[str, str]) -> ScheduleView:
    one = planned.schedule
    definition = parts.engine.library.get(one.definition)
    return ScheduleView(
        name=one.name,
        definition=one.definition,
        title=definition_title(definition, one.definition),
        every=one.every,
        timezone=one.timezone,
        data=dict(one.data),  # type: ignore[arg-type]  # JSON values, as they came
        catch_up=one.catch_up,
        paused=one.paused,
        created_by=one.created_by,
        created_by_name=names.get(one.created_by, ""),
        next_at=None if one.paused else _seconds(one.next_at),
        coming=[] if one.paused else [at.timestamp() for at in planned.coming],
        last_at=_seconds(one.last_at),
        trouble=one.trouble,
    )


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
