"""What every engine of runs has to do: ours in memory, on SQLite and PostgreSQL, and Temporal's API (see
`test_temporal`)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path

import pytest

from server.selftest.shop import PARCEL
from tests.postgres import PostgresServer, postgres_server
from tests.workflows.houses import EngineHouse, House, Refusal, over
from workflows.definition import Definition
from workflows.errors import WorkflowError
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.run import Run, Status
from workflows.written import read_definition

PURCHASE = """
name: purchase
initial: check
states:
  check:
    calls:
      reserve:
        action: test.reserve
        with: {amount: "{data.amount}"}
        save: reserved
        retry: {first: 0.01, most: 0.01, attempts: 3}
        undo: {action: test.release, with: {what: "{data.reserved}"}}
    on:
      done.reserve:
        - {if: data.amount <= 100, to: buy}
        - approval
      failed.reserve: rejected
  approval:
    asks:
      consent:
        title: "Buy {data.what}?"
        role: approver
        apart_from: "{run.started_by}"
        decisions: {approve: 2, reject: 1}
        shows: [data.what, data.amount]
    on:
      approve.consent: buy
      reject.consent: back
  back:
    undoes: true
    on: {done.undo: rejected}
  buy:
    initial: order
    states:
      order:
        calls: {order: {action: test.order, save: order, retry: {attempts: 1}}}
        on: {done.order: pack}
      pack:
        parallel: true
        states:
          papers:
            states:
              writing: {calls: {papers: {action: test.papers}}, on: {done.papers: written}}
              written: {final: true}
          parcel:
            children: {parcel: {definition: parcel, with: {of: "{data.what}"}, save: parcel}}
            states:
              packing: {on: {done.parcel: packed}}
              packed: {final: true}
        on: {done.state.pack: bought}
      bought: {final: true}
    on: {done.state.buy: paid}
  paid: {final: true}
  rejected: {final: true}
"""


def definition(text: str) -> Definition:
    return read_definition(text, Rules())


LIBRARY = {
    "purchase": definition(PURCHASE),
    "parcel": definition(PARCEL.replace("after: 3600", "after: 0.05")),
    "wait": definition(
        "name: wait\ninitial: a\nstates:\n  a: {on: {go: b}}\n  b: {on: {go: c}}\n  c: {final: true}\n"
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=os.environ.get("ATRIUM_HOUSES", "memory,sqlite,postgres").split(","))
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    if request.param == "memory":
        async with EngineHouse.on(MemoryStore(), LIBRARY) as here:
            yield here
        return
    if request.param == "sqlite":
        async with EngineHouse.open(tmp_path / "office.db", LIBRARY) as here:
            yield here
        return
    server = request.getfixturevalue("server")
    if request.param == "postgres":
        async with EngineHouse.open(server.database(), LIBRARY) as here:
            yield here
        return
    from tests.workflows.temporal_house import TemporalHouse

    async with TemporalHouse.open(server.database(), LIBRARY) as there:
        yield there


async def code_of(refused: Awaitable[object]) -> str:
    """Why it was refused."""
    try:
        await refused
    except (WorkflowError, Refusal) as fault:
        return fault.code
    return "nothing"


async def test_a_small_purchase_runs_to_its_end_by_itself(house: House) -> None:
    run = await house.start("purchase", {"what": "lamp", "amount": 40}, key="k", actor="ana")
    run = await house.until(run, over)
    assert (run.status, run.state) == (Status.DONE, "paid")
    assert (run.data["reserved"], run.data["order"]) == ("reserve done", "order done")
    assert run.data["parcel"] == {"of": "lamp"}
    asked = [(verb, dict(params)) for verb, params, _ in house.scripted.asked]
    assert asked[:2] == [("reserve", {"amount": 40}), ("order", {})]
    keys = [key for _, _, key in house.scripted.asked]
    assert len(set(keys)) == len(keys) == 3


async def test_the_same_key_gives_the_same_run(house: House) -> None:
    one = await house.start("wait", {}, key="k", actor="ana")
    again = await house.start("wait", {}, key="k", actor="bo")
    other = await house.start("wait", {}, key="other", actor="bo")
    assert one.id == again.id != other.id
    assert len(await house.outline(one)) == 1


async def test_two_who_did_not_ask_have_to_agree_about_what_they_saw(house: House) -> None:
    run = await house.start("purchase", {"what": "desk", "amount": 900}, key="k", actor="ana")
    run = await house.until(run, lambda run: run.state == "approval")
    subject = run.open["consent"].subject
    vote = {"task": "consent", "decision": "approve", "subject": subject}

    def decide(actor: str, **changes: str) -> Awaitable[Run]:
        return house.send(run, "$decide", vote | changes, actor=actor, roles=["approver"], key=None)

    assert await code_of(decide("ana")) == "not_yours"
    assert await code_of(decide("bo", subject="another")) == "outdated"
    assert await code_of(decide("bo", decision="perhaps")) == "task"
    await decide("bo")
    assert await code_of(decide("bo")) == "not_yours"
    assert (await house.get(run)).state == "approval"
    await decide("cem")
    run = await house.until(run, over)
    assert run.state == "paid"


async def test_what_was_done_is_taken_back_when_it_is_rejected(house: House) -> None:
    run = await house.start("purchase", {"what": "desk", "amount": 900}, key="k", actor="ana")
    run = await house.until(run, lambda run: run.state == "approval")
    vote = {"task": "consent", "decision": "reject", "subject": run.open["consent"].subject}
    await house.send(run, "$decide", vote, actor="bo", roles=["approver"], key=None)
    run = await house.until(run, over)
    assert run.state == "rejected"
    assert [verb for verb, _, _ in house.scripted.asked] == ["reserve", "release"]
    assert house.scripted.asked[1][1] == {"what": "reserve done"}


async def test_what_fails_is_tried_again_with_the_same_key(house: House) -> None:
    house.scripted.fail_first("reserve", 2)
    run = await house.start("purchase", {"what": "lamp", "amount": 40}, key="k", actor="ana")
    await house.until(run, over)
    tries = [key for verb, _, key in house.scripted.asked if verb == "reserve"]
    assert len(tries) == 3
    assert len(set(tries)) == 1


async def test_a_failure_that_the_definition_expects_is_a_way_on(house: House) -> None:
    house.scripted.refuse("reserve", "no money")
    run = await house.start("purchase", {"what": "lamp", "amount": 40}, key="k", actor="ana")
    run = await house.until(run, over)
    assert run.state == "rejected"


async def test_a_failure_that_nobody_expects_stops_the_run_where_people_see_it(house: House) -> None:
    house.scripted.refuse("order", "sold out")
    run = await house.start("purchase", {"what": "lamp", "amount": 40}, key="k", actor="ana")
    run = await house.until(run, lambda run: run.status is Status.STUCK)
    assert (run.trouble, run.steward) == ("order: sold out", "owner")
    house.scripted.answers.clear()
    await house.send(run, "$retry", {"reason": "it is there again"}, actor="ana", roles=(), key=None)
    run = await house.until(run, over)
    assert run.state == "paid"


async def test_a_cancelled_run_takes_back_what_it_did_and_cancels_its_child(house: House) -> None:
    run = await house.start("purchase", {"what": "desk", "amount": 900}, key="k", actor="ana")
    run = await house.until(run, lambda run: run.state == "approval")
    await house.send(run, "$cancel", {"reason": "not needed"}, actor="ana", roles=(), key=None)
    run = await house.until(run, over)
    assert run.status is Status.CANCELLED
    assert [verb for verb, _, _ in house.scripted.asked] == ["reserve", "release"]


async def test_a_paused_run_takes_what_came_when_it_goes_on(house: House) -> None:
    run = await house.start("wait", {}, key="k", actor="ana")
    await house.send(run, "$pause", {"reason": "holiday"}, actor="ana", roles=(), key=None)
    await house.send(run, "go", {}, actor="bo", roles=(), key=None)
    assert (await house.get(run)).state == "a"
    await house.send(run, "$resume", {"reason": "back"}, actor="ana", roles=(), key=None)
    assert (await house.get(run)).state == "b"


async def test_a_repeated_event_with_its_key_is_taken_once(house: House) -> None:
    run = await house.start("wait", {}, key="k", actor="ana")
    for _ in range(3):
        await house.send(run, "go", {}, actor="bo", roles=(), key="click")
    assert (await house.get(run)).state == "b"


async def test_an_event_that_nothing_waits_for_is_refused(house: House) -> None:
    run = await house.start("wait", {}, key="k", actor="ana")
    assert await code_of(house.send(run, "stop", {}, actor="bo", roles=(), key=None)) == "not_allowed"
    assert await house.outline(run) == [("start", "a", "taken")]


async def test_the_history_says_what_happened_in_order(house: House) -> None:
    run = await house.start("wait", {}, key="k", actor="ana")
    await house.send(run, "go", {}, actor="bo", roles=(), key=None)
    await house.send(run, "go", {}, actor="bo", roles=(), key=None)
    assert await house.outline(run) == [("start", "a", "taken"), ("go", "b", "taken"), ("go", "c", "taken")]
    assert await code_of(house.send(run, "go", {}, actor="bo", roles=(), key=None)) in ("not_allowed", "over")
