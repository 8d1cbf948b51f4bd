"""Every event and every result delivered one to three times, in any order: a run ends as if each had come once."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.core.play import NOW, definition
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import Fenced
from workflows.run import Outcome, Run, Status
from workflows.store import Claimed

MOVE = definition(
    """
    name: move
    initial: p
    states:
      p:
        parallel: true
        on: {done.state.p: closing}
        states:
          rent:
            states:
              ask: {calls: {rent: {action: t.rent, save: rent, undo: {action: t.leave}}}, on: {done.rent: rented}}
              rented: {final: true}
          van:
            states:
              find: {calls: {find: {action: t.find, save: van, retry: {jitter: 0}}}, on: {done.find: book}}
              book:
                calls: {book: {action: t.book, with: {van: "{data.van}"}, save: seat}}
                on: {done.book: booked}
              booked: {final: true}
          consent:
            states:
              asked: {asks: {ok: {title: x, role: r, decisions: {agree: 2}}}, on: {agree.ok: agreed}}
              agreed: {final: true}
          keys:
            states:
              waiting: {on: {keys: here}}
              here: {final: true}
          notice:
            states:
              given: {on: {expired: ended}}
              ended: {final: true}
      closing: {calls: {close: {action: t.close, save: closed}}, on: {done.close: over}}
      over: {final: true}
    deadlines:
      notice: {in: given, after: 30 days, event: expired}
    """
)


@dataclass(slots=True)
class Post:
    """Takes what happens to deliver it later, some of it more than once; and is a worker that does all at once."""

    engine: Engine
    chance: Random | None
    """Decides how often and in which order; None: each once, as it came."""
    waiting: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    name: str = "post"
    fenced: int = 0

    def put(self, deliver: Callable[[], Awaitable[object]]) -> None:
        times = 1 if self.chance is None else self.chance.randint(1, 3)
        self.waiting += [deliver] * times

    def reserve(self, tenant: str) -> bool:
        return True

    def release(self, tenant: str) -> None:
        raise AssertionError("nothing of this test is taken back")

    def given(self, claimed: Sequence[Claimed]) -> None:
        for one in claimed:
            self.put(partial(self.result, one))

    async def result(self, claimed: Claimed) -> None:
        """Results name what they answer; another answer to the same is refused by its fence."""
        try:
            await self.engine.done(claimed, f"{claimed.action} of {dict(claimed.params)}", NOW)
        except Fenced:
            self.fenced += 1

    async def deliver_all(self) -> None:
        while self.waiting:
            place = 0 if self.chance is None else self.chance.randrange(len(self.waiting))
            await self.waiting.pop(place)()


async def moved(path: Path, chance: Random | None) -> tuple[Run, list[tuple[str, str]], list[str], int]:
    """One run to its end: as it is then, what was recorded, what was asked of connectors, and what was fenced."""
    store = await SqlStore.open(path)
    try:
        engine = Engine(store, timezone=ZoneInfo("UTC"), library={"move": MOVE}, ids=lambda: "r")
        post = Post(engine, chance)
        engine.employ(post)
        for _ in range(1 if chance is None else chance.randint(1, 3)):
            run = (await engine.start("move", {}, key="k", actor="ana", now=NOW)).run
        post.put(lambda: engine.send("r", "keys", actor="bo", now=NOW, key="keys"))
        subject = run.open["ok"].subject
        for person in ("bo", "cy"):
            post.put(
                lambda person=person: engine.decide(  # type: ignore[misc]
                    "r",
                    "ok",
                    "agree",
                    subject=subject,
                    actor=person,
                    roles=["r"],
                    now=NOW,
                    key=f"vote of {person}",
                )
            )
        timers = await store.timers("r")
        post.put(lambda: engine.ring(timers, NOW + timedelta(days=30)))
        await post.deliver_all()
        history = await engine.history("r")
        assert [one.seq for one in history] == list(range(1, len(history) + 1))
        assert all(one.outcome is Outcome.TAKEN for one in history)
        assert await store.audit_fault() is None
        assert await store.timers("r") == []
        assert await store.human_tasks(run="r", only_open=True) == []
        requests = await store.requests("r")
        assert {one.status for one in requests} == {"done"}
        recorded = sorted((one.event, one.actor) for one in history)
        return await engine.get("r"), recorded, sorted(one.name for one in requests), post.fenced
    finally:
        await store.close()


def in_a_new_house(chance: Random | None) -> tuple[Run, list[tuple[str, str]], list[str], int]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(moved(Path(folder) / "office.db", chance))


@settings(max_examples=8)
@given(st.integers(0, 2**32))
def test_what_comes_more_than_once_and_in_any_order_counts_once(seed: int) -> None:
    once, recorded, asked, fenced = in_a_new_house(None)
    run, recorded_too, asked_too, _ = in_a_new_house(Random(seed))
    assert (once.state, once.status, fenced) == ("over", Status.DONE, 0)
    assert (run.state, run.status, run.data) == (once.state, once.status, once.data)
    assert run.data["seat"] == "t.book of {'van': 't.find of {}'}"
    assert (run.version, run.open, run.undo) == (once.version, {}, once.undo)
    assert (recorded_too, asked_too) == (recorded, asked)


def test_repeated_results_are_met_by_the_fence() -> None:
    *_, fenced = in_a_new_house(Random(5))
    assert fenced > 0
