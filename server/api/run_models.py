"""Runs, questions and definitions as they are sent; instants are seconds since the epoch."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class StateView(BaseModel):
    """A state of a definition."""

    name: str
    title: str


class PersonView(BaseModel):
    """Somebody by id and name."""

    id: str
    name: str


class ValueView(BaseModel):
    """A value as people read it."""

    name: str
    """Of the field, or the expression that gave it."""
    label: str
    value: Any
    """JSON values; of people their names."""
    format: str
    """As in its JSON Schema, `date` for instance; empty: as its type says."""
    unit: str
    """As `EUR`; empty: none."""


class RunView(BaseModel):
    """A run in one line."""

    id: str
    definition: str
    title: str
    """Of the definition."""
    summary: str
    """What it is about."""
    states: list[StateView]
    """The innermost active ones."""
    status: str
    """`active`, `paused`, `stuck`, `done` or `cancelled`."""
    trouble: str
    """Why it is stuck."""
    steward: str
    """Role or person who looks after it while it is stuck."""
    steward_name: str
    started_by: str
    started_by_name: str
    created_at: float
    updated_at: float
    version: int


class RunsView(BaseModel):
    """A page of runs, those that changed last first."""

    runs: list[RunView]
    next: str | None
    """Cursor of the next page; null where this is the last. A page may be short though another follows."""


class FaultView(BaseModel):
    """What one attempt failed of."""

    at: str
    reason: str


class RequestView(BaseModel):
    """What a connector was asked to do."""

    name: str
    action: str
    params: dict[str, Any]
    status: str
    """`waiting`, `running`, `done`, `failed` or `withdrawn`."""
    due: float
    attempts: int
    errors: list[FaultView]
    result: Any
    asked_at: float
    ended_at: float | None


class DecisionView(BaseModel):
    """Something that can be decided."""

    name: str
    title: str
    needed: int
    """So many must say so."""
    votes: int
    """So many have."""


class VoteView(BaseModel):
    """What somebody has decided."""

    person: str
    name: str
    decision: str


class TaskView(BaseModel):
    """A question to people."""

    run: str
    name: str
    number: int
    definition: str
    definition_title: str
    summary: str
    """What its run is about."""
    title: str
    shown: list[ValueView]
    """What is decided about ..."""
    subject: str
    """... and its hash, to be sent with the decision."""
    form: dict[str, Any] | None
    """JSON Schema of what is filled in."""
    decisions: list[DecisionView]
    votes: list[VoteView]
    roles: list[str]
    people: list[PersonView]
    barred: list[PersonView]
    """Who may not decide."""
    due: float | None
    status: str
    """`open`, `decided` or `withdrawn`."""
    decision: str
    decided_by: str
    opened_at: float
    closed_at: float | None
    started_by_name: str
    mine: bool
    """It is open, and whoever asks may decide it."""
    voted: str
    """What whoever asks has decided already; empty: nothing."""
    paused: bool
    """It cannot be decided now: the run is paused, or stuck with something that came before."""


class EntryView(BaseModel):
    """Something that happened, with what began by it."""

    seq: int
    at: float
    event: str
    actor: str
    actor_name: str
    outcome: str
    """`taken`, `ignored` or `held`."""
    about: str
    """Title of the question, action or run that the event is about; empty: none."""
    data: dict[str, Any]
    before: list[StateView]
    after: list[StateView]
    requests: list[RequestView]
    tasks: list[TaskView]


class TimerView(BaseModel):
    """Something that happens by itself later."""

    name: str
    at: float
    words: str


class UnderWayView(BaseModel):
    """A call or a child run that is under way."""

    name: str
    kind: str
    """`call`, `child` or `undo`."""
    words: str
    failed: str
    """Why it failed for good; empty: it did not."""


class HeldView(BaseModel):
    """An event that waits until the run goes on."""

    event: str
    actor_name: str


class BoxView(BaseModel):
    """A state of a diagram."""

    name: str
    title: str
    parent: str
    parallel: bool
    final: bool
    first: bool
    notes: list[str]


class ArrowView(BaseModel):
    """The ways from a state to another."""

    source: str
    target: str
    labels: list[str]
    details: list[str]


class PictureView(BaseModel):
    """A definition as boxes and arrows."""

    boxes: list[BoxView]
    arrows: list[ArrowView]


class RunDetail(RunView):
    """A run with all that belongs to it."""

    definition_hash: str
    data: list[ValueView]
    timeline: list[EntryView]
    """Oldest first."""
    tasks: list[TaskView]
    """Open questions."""
    under_way: list[UnderWayView]
    timers: list[TimerView]
    held: list[HeldView]
    children: list[RunView]
    parent: RunView | None
    visited: list[str]
    """States that were left, by name."""
    picture: PictureView | None
    mermaid: str
    operations: list[str]
    """What whoever asks may do with it by hand as it is now."""
    upgradable: bool
    """Whoever asks may let it follow a newer version of its workflow; whether it can is another matter."""
    events: list[str]
    """Events that whoever asks may send it as it is now."""
    people: list[PersonView]
    """Who may be asked, for whoever may pass something on."""


class InboxView(BaseModel):
    """Open questions before whoever asks, oldest first, and who else may be asked."""

    tasks: list[TaskView]
    people: list[PersonView]


class AnswerView(BaseModel):
    """What came of a decision."""

    changed: bool
    """False where it repeated what was already so."""
    status: str
    """Of the run, now."""


class DefinitionState(StateView):
    """A state, and how many open runs stand in it; null for those who may not know."""

    parent: str
    final: bool
    runs: int | None


class DefinitionView(BaseModel):
    """A kind of work."""

    name: str
    title: str
    startable: bool
    data: dict[str, Any] | None
    """JSON Schema of what it starts with."""
    states: list[DefinitionState]
    open: int | None
    stuck: int | None


class DefinitionFault(BaseModel):
    """Something wrong with a file."""

    file: str
    line: int
    column: int
    text: str


class DefinitionsView(BaseModel):
    """What work there is."""

    definitions: list[DefinitionView]
    faults: list[DefinitionFault]
    """For owners."""
    people: list[PersonView]
    """Who may be named in what is filled in."""


class Reloaded(BaseModel):
    """What came of reading the files again: names of workflows."""

    new: list[str]
    changed: list[str]
    """Runs follow the version that they began with, until they are upgraded."""
    gone: list[str]
    faults: list[DefinitionFault]


class RunMoved(BaseModel):
    """A run that follows the newest version, or could."""

    run: str
    before: str
    """The states it stood in."""
    after: str


class RunRefused(BaseModel):
    """A run that cannot follow the newest version."""

    run: str
    reasons: list[str]


class Upgraded(BaseModel):
    """What became of the open runs of a workflow."""

    version: str
    """The newest one's hash."""
    newest: int
    """So many follow it already."""
    moved: list[RunMoved]
    refused: list[RunRefused]
    done: bool
    """False: nothing was changed, for it was not wanted, or some cannot."""


class DefinitionDetail(DefinitionView):
    """A kind of work with its diagram."""

    picture: PictureView
    mermaid: str
