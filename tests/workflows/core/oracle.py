"""A second machine for one definition alone, written out by hand: what `workflows.machine` is compared with.

It knows nothing of charts, turns or effects: a table of ways, and what each event does to a handful of fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

PURCHASE = """
name: purchase
initial: reserve
owner: clerk
states:
  reserve:
    calls: {hold: {action: bank.hold, save: held, undo: {action: bank.release, with: {n: "{event.result}"}}}}
    on: {done.hold: consent, failed.hold: refused, giveup: back, edit: {do: [check, due = event.due]}}
  consent:
    asks:
      ok:
        title: "Well?"
        role: buyer
        apart_from: "{run.started_by}"
        decisions: {agree: 2, refuse: 1}
        due: 2 h
        escalate: [{after: 1 h, role: boss}]
    on: {agree.ok: order, refuse.ok: back, overdue.ok: back, giveup: back, edit: {do: [check, due = event.due]}}
  order:
    calls: {buy: {action: shop.buy, undo: {action: shop.return, with: {n: "{event.result}"}}}}
    children: {parcel: {definition: parcel}}
    on: {done.buy: wait, late: back}
  wait: {on: {arrived: paid, again: reserve, late: back}}
  back: {undoes: true, on: {done.undo: refused}}
  paid: {final: true}
  refused: {final: true}
deadlines:
  slow: {in: [order, wait], after: 3 h, event: late}
  due: {in: [reserve, consent], at: data.due, event: giveup}
"""
STARTER = "ana"
WAYS = {
    ("reserve", "done.hold"): "consent",
    ("reserve", "failed.hold"): "refused",
    ("reserve", "giveup"): "back",
    ("consent", "agree.ok"): "order",
    ("consent", "refuse.ok"): "back",
    ("consent", "overdue.ok"): "back",
    ("consent", "giveup"): "back",
    ("order", "done.buy"): "wait",
    ("order", "late"): "back",
    ("wait", "arrived"): "paid",
    ("wait", "again"): "reserve",
    ("wait", "late"): "back",
    ("back", "done.undo"): "refused",
}
WORK = {"reserve": ("hold",), "consent": ("ok",), "order": ("buy", "parcel")}
KINDS = {"hold": "call", "ok": "ask", "buy": "call", "parcel": "child", "undo": "undo"}
UNDOES = {"hold": "bank.release", "buy": "shop.return"}
NEEDED = {"agree": 2, "refuse": 1}
BY_VOTES_ALONE = ("agree.ok", "refuse.ok")
TIMERS = {"due:ok": (2, "overdue.ok"), "escalate:ok:0": (1, "$escalate.ok.0")}
"""Of the question: hours, and the event."""


GO_ON = ("$resume", "$retry", "$skip", "$rewind")
"""After these, what is held is taken."""
BAD = "some day"
"""No day: an edit to it cannot be taken."""


class Refused(Exception):
    """It cannot be done now."""


class Untaken(Refused):
    """The event is waited for, but cannot be taken: from people it is refused, else the run is stuck with it."""


@dataclass(slots=True)
class Work:
    """Something under way."""

    kind: str
    number: int
    failed: bool = False
    roles: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    votes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "office"
    roles: tuple[str, ...] = ()


class Oracle:
    """What must be so after each event."""

    def __init__(self, due: str | None, now: datetime) -> None:
        self.version, self.state, self.status = 1, "reserve", "active"
        self.due, self.result = due, None
        self.open: dict[str, Work] = {}
        self.undo: list[tuple[str, Any]] = []
        self.held: list[Happening] = []
        self.cancelling = False
        self.timers: dict[str, tuple[datetime, str]] = {}
        self._number, self._now = 1, now
        self._begin_work()
        self._arm({}, anew=False)

    @property
    def over(self) -> bool:
        """It has ended."""
        return self.status in ("done", "cancelled")

    def take(self, event: Happening, now: datetime) -> str:
        """Take an event; gives `taken`, `ignored` or `held`.

        Raises:
            Refused: it cannot be done now; nothing has changed.
        """
        self._number, self._now = self.version + 1, now
        if event.name in OPERATIONS:
            self._operated(event)
            return "taken"
        outcome = self._one(event)
        self.version += 1
        return outcome

    def same(self) -> None:
        """The event said what was so already: it does not count."""
        self.version -= 1

    # --- events --------------------------------------------------------------------------------------------------

    def _operated(self, event: Happening) -> None:
        before = self._running()
        OPERATIONS[event.name](self, event)
        self._arm(before, anew=event.name == "$rewind")
        self.version += 1
        if event.name in GO_ON and self.status != "paused":
            waiting, self.held = self.held, []
            for place, held in enumerate(waiting):
                try:
                    self._one(held)
                except Untaken:
                    self.status, self.held = "stuck", waiting[place:]
                    break

    def halt(self, event: Happening) -> None:
        """It could not take an event, and is stuck with it."""
        self.status, self.version = "stuck", self.version + 1
        self.held.append(event)

    def _one(self, event: Happening) -> str:
        if self.over:
            return "ignored"
        if self.status == "paused" or self.held:
            if event.name == "$decide":
                raise Refused
            self.held.append(event)
            return "held"
        before = self._running()
        taken = self._moved(event)
        self._arm(before, anew=False)
        return "taken" if taken else "ignored"

    def _moved(self, event: Happening) -> bool:
        family, _, name = event.name.partition(".")
        if family in ("done", "failed") and name in KINDS:
            return self._ended(family, name, event)
        if self.cancelling:
            return False
        if event.name == "$decide":
            return self._voted(event)
        if event.name == "$escalate.ok.0":
            if "ok" not in self.open:
                return False
            self.open["ok"].roles.add("boss")
            return True
        if event.name in BY_VOTES_ALONE or (event.name == "overdue.ok" and "ok" not in self.open):
            return False
        if event.name == "edit" and self.state in ("reserve", "consent"):
            if event.data["due"] == BAD:
                raise Untaken
            self.due = event.data["due"]
            return True
        return self._went(event.name)

    def _went(self, event: str) -> bool:
        target = WAYS.get((self.state, event))
        if target is not None:
            self._go(target)
        return target is not None

    def _go(self, target: str) -> None:
        for name in (*WORK.get(self.state, ()), *(["undo"] if self.state == "back" else [])):
            self._drop(name)
        self.state = target
        if target in ("paid", "refused"):
            self._end("done")
        else:
            self._begin_work()

    def _ended(self, family: str, name: str, event: Happening) -> bool:
        work = self.open.get(name)
        if work is None or work.kind == "ask" or work.failed or work.number != event.data.get("number"):
            return False
        if family == "failed":
            work.failed = True
            if self.cancelling or not self._went(event.name):
                self.status = "stuck"
            return True
        del self.open[name]
        self._mend()
        if name == "undo":
            self.undo.pop()
            self._take_back()
            return True
        if name == "hold":
            self.result = event.data["result"]
        if name in UNDOES:
            self.undo.append((name, event.data["result"]))
        self._went(event.name)
        return True

    def _voted(self, event: Happening) -> bool:
        work = self.open.get("ok")
        if work is None:
            return False
        vote = event.data["decision"]
        allowed = event.actor in work.people or bool(work.roles & {*event.roles})
        if vote not in NEEDED or event.actor == STARTER or not allowed:
            raise Refused
        if event.actor in work.votes or not event.data["seen"]:
            raise Refused
        work.votes[event.actor] = vote
        if list(work.votes.values()).count(vote) == NEEDED[vote]:
            self._drop("ok")
            self._went(f"{vote}.ok")
        return True

    # --- work ----------------------------------------------------------------------------------------------------

    def _begin_work(self) -> None:
        for name in WORK.get(self.state, ()):
            self._begin(name)
        if self.state == "back":
            self._take_back()

    def _begin(self, name: str) -> None:
        self._drop(name)
        self.open[name] = Work(KINDS[name], self._number)
        if name == "ok":
            self.open[name].roles.add("buyer")
            for timer, (hours, event) in TIMERS.items():
                self.timers[timer] = (self._now + timedelta(hours=hours), event)

    def _drop(self, name: str) -> None:
        if self.open.pop(name, None) is None:
            return
        if name == "ok":
            for timer in TIMERS:
                self.timers.pop(timer, None)
        self._mend()

    def _take_back(self) -> None:
        if self.undo:
            self.open["undo"] = Work("undo", self._number)
        elif self.cancelling:
            self._end("cancelled")
        else:
            self._went("done.undo")

    def _end(self, status: str) -> None:
        for name in list(self.open):
            self._drop(name)
        self.status, self.cancelling = status, False
        self.held.clear()

    def _mend(self) -> None:
        if self.status == "stuck" and not self.held:
            self._go_on()

    def _go_on(self) -> None:
        self.status = "stuck" if any(work.failed for work in self.open.values()) else "active"

    # --- time ----------------------------------------------------------------------------------------------------

    def _running(self) -> dict[str, datetime | None]:
        if self.over or self.cancelling:
            return {}
        if self.state in ("order", "wait"):
            return {"slow": None}
        if self.state in ("reserve", "consent") and self.due is not None:
            day = date.fromisoformat(self.due) + timedelta(days=1)
            return {"due": datetime.combine(day, time(), UTC)}
        return {}

    def _arm(self, before: Mapping[str, datetime | None], *, anew: bool) -> None:
        after = self._running()
        for name in before:
            if name not in after:
                self.timers.pop(name, None)
        for name, at in after.items():
            if anew or name not in before or before[name] != at:
                self.timers[name] = (self._now + timedelta(hours=3), "late") if at is None else (at, "giveup")

    # --- what people do ------------------------------------------------------------------------------------------

    def _cancel(self, event: Happening) -> None:
        self._must_live()
        if self.cancelling:
            return
        self._hear_held()
        undoing = self.open.pop("undo", None)
        for name in list(self.open):
            self._drop(name)
        self.held.clear()
        self.status, self.cancelling = "active", True
        if undoing is None or undoing.failed:
            self._take_back()
        else:
            self.open["undo"] = undoing

    def _pause(self, event: Happening) -> None:
        self._must_live()
        if self.status == "paused":
            raise Refused
        self.status = "paused"

    def _resume(self, event: Happening) -> None:
        if self.status != "paused":
            raise Refused
        self._go_on()

    def _retry(self, event: Happening) -> None:
        failed = [name for name, work in self.open.items() if work.failed]
        stuck = self.status == "stuck"
        if not failed and not (stuck and self.held):
            raise Refused
        for name in failed:
            if name == "undo":
                self._drop(name)
                self._take_back()
            else:
                self._begin(name)
        if stuck:
            self._go_on()

    def _skip(self, event: Happening) -> None:
        wanted = event.data.get("call")
        failed = [name for name, work in self.open.items() if work.failed and wanted in (None, name)]
        if not failed and self.status == "stuck" and self.held and wanted in (None, self.held[0].name):
            del self.held[0]
            self._go_on()
            return
        if len(failed) != 1:
            raise Refused
        self._drop(failed[0])
        if self.status == "stuck":
            self._go_on()
        if failed[0] == "undo":
            self.undo.pop()
            self._take_back()
        else:
            self._went(f"done.{failed[0]}")

    def _reassign(self, event: Happening) -> None:
        if "ok" not in self.open or event.data["to"] == STARTER:
            raise Refused
        self.open["ok"].roles, self.open["ok"].people = set(), {event.data["to"]}

    def _rewind(self, event: Happening) -> None:
        if event.data["state"] in ("paid", "refused", "nowhere"):
            raise Refused
        self._hear_held()
        for name in list(self.open):
            self._drop(name)
        self.status, self.cancelling, self.state = "active", False, event.data["state"]
        self._begin_work()

    def _hear_held(self) -> None:
        """What is known to be done, or taken back, is not forgotten with what else was held."""
        waiting, self.held = self.held, []
        for event in waiting:
            family, _, name = event.name.partition(".")
            work = self.open.get(name)
            ends = family in ("done", "failed") and name in KINDS and name != "ok"
            if not ends or work is None or work.failed or work.number != event.data.get("number"):
                self.held.append(event)
                continue
            if name not in ("undo", *UNDOES):
                continue
            if family == "failed":
                work.failed = name == "undo"
                continue
            del self.open[name]
            if name == "undo":
                self.undo.pop()
                continue
            self.undo.insert(len(self.undo) - ("undo" in self.open), (name, event.data["result"]))
            if name == "hold":
                self.result = event.data["result"]

    def _must_live(self) -> None:
        if self.over:
            raise Refused


OPERATIONS = {
    "$cancel": Oracle._cancel,
    "$pause": Oracle._pause,
    "$resume": Oracle._resume,
    "$retry": Oracle._retry,
    "$skip": Oracle._skip,
    "$reassign": Oracle._reassign,
    "$rewind": Oracle._rewind,
}
