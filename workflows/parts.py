"""What definitions are made of: states, transitions, deadlines, and the work that is done in a state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from workflows.run import Data, Event

UNDO = "undo"
"""Under this name what was done is taken back."""
USUAL_TIMEOUT = 60.0
"""Seconds for one attempt at a call."""

Guard = Callable[[Data, Event, datetime], bool]
"""(data before, event, now in the office's time zone) -> may this transition be taken?"""
Change = Callable[[Data, Event, datetime], Data]
"""(data before, event, now in the office's time zone) -> data after; raises a WorkflowError to refuse."""
Instant = Callable[[Data, datetime], datetime | None]
"""(data, now in the office's time zone) -> when a deadline ends, or None for no deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The pure functions that a definition may name."""

    guards: Mapping[str, Guard] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    instants: Mapping[str, Instant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a call is tried, and how long is waited in between: `first`, then `factor` times the last."""

    attempts: int = 5
    first: float = 1.0
    """Seconds."""
    factor: float = 2.0
    most: float = 300.0
    """Seconds."""
    jitter: float = 0.1
    """Each wait is longer by up to this share of it, so that those who failed together do not return together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What takes back a call that was done."""

    action: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Something that a connector is asked to do while a state is active.

    The event `done.NAME` carries the result, `failed.NAME` the reason when all attempts failed. A state that is
    left before then wants neither.
    """

    name: str
    action: str
    """`connector.verb`, as in `mail.send`."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """JSON values; texts may hold placeholders."""
    save: str = ""
    """The field of the run's data that takes the result; empty: none."""
    retry: Retry = field(default_factory=Retry)
    timeout: float = USUAL_TIMEOUT
    """Seconds for one attempt."""
    undo: Undo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who is asked as well when nobody has decided after a while."""

    after: float
    """Seconds from the beginning."""
    role: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to people: a human task. It stands while its state is active.

    As soon as a decision has the votes that it needs, the event `DECISION.NAME` comes, with the last form.
    """

    name: str
    title: str
    role: str = ""
    """Whoever has this role may decide; empty: `person` alone."""
    person: str = ""
    """Id of who may decide, or a placeholder."""
    decisions: Mapping[str, int] = field(default_factory=lambda: {"approve": 1, "reject": 1})
    """What can be decided, and how many must say so."""
    apart_from: tuple[str, ...] = ()
    """Ids, or placeholders, of people who may not decide: who asked for it may not approve it."""
    shows: tuple[str, ...] = ()
    """Expressions of what is decided about: a decision holds for these values alone. Empty: all of the data."""
    form: Mapping[str, Any] | None = None
    """JSON Schema of what is to be filled in with the decision."""
    due: float | None = None
    """Seconds; then the event `overdue.NAME` comes."""
    escalate: tuple[Escalation, ...] = ()

    @property
    def timers(self) -> Mapping[str, tuple[float, str]]:
        """Those that run while it is open: name -> seconds from the beginning, and the event that comes then."""
        found = {} if self.due is None else {f"due:{self.name}": (self.due, f"overdue.{self.name}")}
        for number, step in enumerate(self.escalate):
            found[f"escalate:{self.name}:{number}"] = (step.after, f"$escalate.{self.name}.{number}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """Another run that belongs to this one while a state is active.

    `done.NAME` carries its data when it has ended, `failed.NAME` comes when it was cancelled.
    """

    name: str
    definition: str
    params: Mapping[str, Any] = field(default_factory=dict)
    """What it starts with."""
    save: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state; others may stand in it, one or all of them active together with it."""

    name: str
    parent: str = ""
    initial: str = ""
    """Which child is entered first; empty: the first of them."""
    parallel: bool = False
    """All children are active together."""
    final: bool = False
    """Entered, its parent is done: `done.state.PARENT`; at the top the run is over."""
    title: str = ""
    entry: tuple[str, ...] = ()
    """Changes when it is entered."""
    exit: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    asks: tuple[Ask, ...] = ()
    children: tuple[Child, ...] = ()
    undoes: bool = False
    """Entered, it takes back what was done, the last first; then comes `done.undo`."""

    @property
    def work(self) -> tuple[Call | Ask | Child, ...]:
        """All that is done while it is active."""
        return (*self.calls, *self.asks, *self.children)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """From one state to another when an event comes and every guard agrees.

    Without an event it is taken as soon as its guards agree. Without a target nothing is left or entered.
    """

    source: str
    event: str = ""
    """A name, or one that ends with `.*` for all that begin so, or `*`."""
    target: str = ""
    guards: tuple[str, ...] = ()
    """Names of functions, or expressions."""
    changes: tuple[str, ...] = ()
    """Names of functions, or `field = expression`; applied to the data in this order."""
    raises: tuple[str, ...] = ()
    """Events that come next, before any from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """An event that comes by itself while the run stays in certain states for too long."""

    name: str
    states: tuple[str, ...]
    at: str = ""
    """Name of the function that says when, or an expression that gives a day or an instant."""
    event: str
    after: float | None = None
    """Seconds from when the first of the states was entered, in place of `at`."""


class Whole(Protocol):
    """A definition, as far as its checks and its document are concerned."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def owner(self) -> str:
        """The role that looks after stuck runs."""

    @property
    def data(self) -> Mapping[str, Any] | None:
        """JSON Schema of what a run starts with."""

    @property
    def initial(self) -> str:
        """The state that is entered first."""

    @property
    def states(self) -> tuple[State, ...]:
        """All states; a parent before its children."""

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """All transitions."""

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """All deadlines."""

    @property
    def renamed(self) -> Mapping[str, str]:
        """Old names of states, and what they are called now."""

    @property
    def rules(self) -> Rules:
        """The functions that may be named."""
