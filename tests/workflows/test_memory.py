"""The store in memory beside the one on SQLite: the same work, and every question answered alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import Fenced
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.run import Status
from workflows.store import Claimed, Lease, RunFilter, Store, Timer, Transaction
from workflows.written import read_definition

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRIP = read_definition(
    """
name: trip
initial: booking
states:
  booking:
    calls:
      train: {action: rail.book, with: {to: "{data.to}"}, save: train, undo: {action: rail.cancel}}
      bed: {action: hotel.book, retry: {attempts: 2}}
    asks:
      consent: {title: "Go to {data.to}?", role: owner, decisions: {yes: 2, no: 1}, due: 3 days}
    children:
      visa: {definition: visa, with: {of: "{data.to}"}}
    on: {yes.consent: gone, no.consent: stays, overdue.consent: stays, note: {do: note = event.text}}
  gone: {final: true}
  stays: {final: true}
""",
    Rules(),
)
VISA = read_definition(
    "name: visa\ninitial: asked\nstates:\n  asked: {on: {got: there}}\n  there: {final: true}\n", Rules()
)


async def worked(store: Store) -> list[object]:
    """Do the same in either store, and tell all that it says meanwhile."""
    numbers = (f"run{number}" for number in range(1, 100))
    library = {"trip": TRIP, "visa": VISA}
    engine = Engine(store, timezone=ZoneInfo("Europe/Berlin"), library=library, ids=lambda: next(numbers))
    told: list[object] = []
    for tenant, to in (("a", "Oslo 50%"), ("b", "Rome"), ("a", "Lima_")):
        at = NOW + timedelta(minutes=len(told))
        data = {"to": to, "more": {"with": ["Kim", 3, True, None]}}
        outcome = await engine.start("trip", data, key=to, actor="bo", now=at, tenant=tenant)
        told.append(outcome.run)
    told.append(await store.waiting(NOW + HOUR))
    claimed = await store.claim("one", NOW + HOUR, NOW + HOUR * 2, {"a": 3, "b": 1})
    told.append(claimed)
    await engine.done(claimed[0], {"seat": 7}, NOW + HOUR)
    told.append(await engine.failed(claimed[1], "full", NOW + HOUR))
    told.append(await engine.failed(claimed[2], "gone", NOW + HOUR, final=True))
    told.append(await store.next_request())
    told += await leases(store, claimed)
    await decisions(engine, store)
    told += await read(store)
    await engine.operate("run5", "cancel", reason="no time", actor="ana", now=NOW + HOUR)
    told += await read(store)
    await engine.due(NOW + timedelta(days=4))
    told += await read(store)
    return told


async def leases(store: Store, claimed: list[Claimed]) -> list[object]:
    """Somebody works on requests, and dies."""
    again = await store.renew([one.lease for one in claimed], NOW + HOUR * 3)
    freed = await store.release_dead(NOW + HOUR * 2), await store.release_dead(NOW, others="two")
    return [again, freed, await store.renew(again, NOW + HOUR * 4), await store.next_request()]


async def decisions(engine: Engine, store: Store) -> None:
    """People vote on the first trip, and one passes the second on."""
    first, second = (await store.human_tasks(who=["role:owner"], only_open=True))[:2]
    for actor in ("ana", "cy"):
        await engine.decide(
            first.run, "consent", "yes", subject=first.subject, actor=actor, roles=["owner"], now=NOW + HOUR
        )
    await engine.delegate(second.run, "consent", "zoe", actor="ana", roles=["owner"], now=NOW + HOUR)
    await engine.send(second.run, "note", {"text": "Soon"}, actor="bo", now=NOW + HOUR, key="n")
    await engine.send(second.run, "note", {"text": "Soon"}, actor="bo", now=NOW + HOUR, key="n")
    await engine.send(second.run, "nothing", actor="bo", now=NOW + HOUR, strict=False)


async def read(store: Store) -> list[object]:
    """Ask everything that can be asked."""
    found: list[object] = []
    for wanted in filters():
        pages = await store.find(wanted, limit=2)
        place = (pages[-1].updated_at, pages[-1].id) if pages else None
        found += [await store.find(wanted), pages, await store.find(wanted, limit=2, after=place)]
    for run in await store.find(RunFilter()):
        found += [await store.get(run.id), await store.history(run.id), await store.requests(run.id)]
        found += [await store.human_tasks(run=run.id), await store.timers(run.id)]
    found += [await store.human_tasks(who=["person:zoe"]), await store.human_tasks(who=["role:owner"], limit=1)]
    found += [await store.timers_due(NOW + timedelta(days=9), 2), await store.next_timer(), await store.get("no")]
    found += [await store.waiting(NOW + timedelta(days=9)), await store.history("no")]
    return found


def filters() -> Iterator[RunFilter]:
    """Ways to look for runs."""
    yield RunFilter()
    yield RunFilter(definitions=("trip",), states=("booking", "gone"))
    yield RunFilter(statuses=(Status.ACTIVE, Status.STUCK))
    yield RunFilter(words="oslo 50%")
    yield RunFilter(words="lima_ run5")
    yield RunFilter(words="rome kim 3")
    yield RunFilter(words="true")
    yield RunFilter(matching={"to": "Rome"})
    yield RunFilter(parent="run3")
    yield RunFilter(steward="owner")


async def test_both_stores_say_the_same(tmp_path: Path) -> None:
    database = await SqlStore.open(tmp_path / "office.db")
    try:
        kept, remembered = await worked(database), await worked(MemoryStore())
    finally:
        await database.close()
    assert len(kept) == len(remembered)
    for number, (one, other) in enumerate(zip(kept, remembered, strict=True)):
        assert other == one, f"answer {number}"


async def test_what_fails_leaves_nothing_behind() -> None:
    store = MemoryStore()

    def work(tx: Transaction) -> None:
        tx.set_timer(Timer(run="r", name="n", at=NOW, event="e", fence=1))
        assert tx.timer("r", "n") is not None
        lease = Lease(run="r", number=1, name="n", owner="o", fence=1, until=NOW)
        tx.settle(lease, status="done", result=None, errors=[], at=NOW, due=NOW)

    with pytest.raises(Fenced):
        await store.transact(work)
    assert await store.next_timer() is None


async def test_an_older_version_is_read_from_the_store() -> None:
    store = MemoryStore()
    first = Engine(store, timezone=ZoneInfo("UTC"), library={"visa": VISA})
    run = (await first.start("visa", {}, key="k", actor="bo", now=NOW)).run
    second = Engine(store, timezone=ZoneInfo("UTC"), library={})
    assert await second.definition_of(run) == VISA
    assert (await second.send(run.id, "got", actor="bo", now=NOW)).run.state == "there"


async def test_what_was_never_asked_is_not_withdrawn() -> None:
    store = MemoryStore()
    await store.transact(lambda tx: tx.withdraw("r", 1, "n", NOW))
    assert await store.requests("r") == []


async def test_what_is_no_json_is_refused_as_a_database_would() -> None:
    engine = Engine(MemoryStore(), timezone=ZoneInfo("UTC"), library={"visa": VISA})
    with pytest.raises(TypeError, match="not JSON serializable"):
        await engine.start("visa", {"when": NOW}, key="k", actor="bo", now=NOW)
