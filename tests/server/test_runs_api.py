"""Runs over HTTP: who sees what, how lists are paged, and what can be done with one by hand."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from server.roles import Role
from tests.server.work_offices import CHAIRS, WorkOffice, got, open_work, refused
from workflows.parts import Rules
from workflows.run import Data, Event
from workflows.written import read_definition


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[WorkOffice]:
    async with open_work(tmp_path) as opened:
        yield opened


async def test_a_run_is_started_once_however_often_it_is_asked_for(work: WorkOffice) -> None:
    bo = await work.who("Bo")
    body = {"definition": "purchase", "data": CHAIRS}
    replies = [await bo.post("/v1/runs", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(3)]
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.json()["id"] for reply in replies}) == 1
    run = replies[0].json()
    assert (run["title"], run["summary"], run["status"]) == ("Purchase", "Ten chairs", "active")
    assert run["states"] == [{"name": "one_approves", "title": "One approves"}]
    assert run["started_by_name"] == "Bo"
    other = await bo.post("/v1/runs", json=body, headers={"Idempotency-Key": "k2"})
    assert other.json()["id"] != run["id"]


async def test_what_a_run_starts_with_is_checked_field_by_field(work: WorkOffice) -> None:
    bo = await work.who("Bo")
    wrong = {"what": "", "amount": "much", "needed_by": "soon", "colour": "red"}
    body = refused(await bo.post("/v1/runs", json={"definition": "purchase", "data": wrong}), 422, "does_not_fit")
    faults = {one["field"]: one["reason"] for one in body["errors"]}
    assert faults == {
        "": "has a field that is not asked for",
        "amount": "must be a number",
        "needed_by": "must be a day like 2026-11-27",
        "what": "must not be empty",
        "why": "is missing",
    }
    refused(await bo.post("/v1/runs", json={"definition": "nothing", "data": {}}), 404, "missing")
    refused(await bo.post("/v1/runs", json={"definition": "action_item", "data": {}}), 404, "missing")
    hire = {"name": "Kim", "start": "2026-12-01", "buddy": "nobody"}
    unknown = await bo.post("/v1/runs", json={"definition": "onboarding", "data": hire})
    assert refused(unknown, 422, "does_not_fit")["detail"] == "Buddy must be somebody whom this office knows"


async def test_owners_see_all_members_what_concerns_them_guests_nothing(work: WorkOffice) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    lin, kim = await work.who("Lin"), await work.who("Kim", Role.FACILITATOR)
    guest = await work.who("Gus", Role.GUEST)
    run = await work.started(bo)
    sending = await work.started(ana, "sending", to="Zoe")
    assert len((await got(ana, "/v1/runs"))["runs"]) == 2
    assert [one["id"] for one in (await got(bo, "/v1/runs"))["runs"]] == [run["id"]]
    assert [one["id"] for one in (await got(kim, "/v1/runs"))["runs"]] == [run["id"]], "she is asked to approve"
    assert (await got(lin, "/v1/runs"))["runs"] == []
    refused(await lin.get(f"/v1/runs/{run['id']}"), 404, "missing")
    refused(await lin.get("/v1/runs/none"), 404, "missing")
    refused(await kim.get(f"/v1/runs/{sending['id']}"), 404, "missing")
    for path in ("/v1/runs", f"/v1/runs/{run['id']}", "/v1/inbox", "/v1/definitions"):
        refused(await guest.get(path), 403, "forbidden")
    refused(await guest.post("/v1/runs", json={"definition": "purchase", "data": CHAIRS}), 403, "forbidden")


async def test_who_decided_still_sees_what_became_of_it(work: WorkOffice) -> None:
    bo, kim = await work.who("Bo"), await work.who("Kim", Role.FACILITATOR)
    run = await work.started(bo)
    (task,) = (await got(kim, "/v1/inbox"))["tasks"]
    decision = {"decision": "approve", "subject": task["subject"]}
    assert (await kim.post(f"/v1/inbox/{run['id']}/approval/decision", json=decision)).status_code == 200
    assert (await got(kim, "/v1/inbox"))["tasks"] == []
    assert [one["id"] for one in (await got(kim, "/v1/runs"))["runs"]] == [run["id"]]
    assert (await got(kim, f"/v1/runs/{run['id']}"))["states"][0]["name"] == "ordering"


async def test_a_list_is_paged_by_a_cursor_that_says_nothing(work: WorkOffice) -> None:
    ana = await work.who("Ana", Role.OWNER)
    ids = []
    for number in range(5):
        work.office.wait(minutes=1)
        ids.append((await work.started(ana, what=f"Chair {number}", amount=1, why="x"))["id"])
    seen, cursor, pages = [], None, 0
    while pages < 10:
        page = await got(ana, "/v1/runs", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in page["runs"]]
        cursor, pages = page["next"], pages + 1
        if cursor is None:
            break
    assert (seen, pages) == (ids[::-1], 3)
    refused(await ana.get("/v1/runs", params={"cursor": "nonsense"}), 422, "unacceptable")
    refused(await ana.get("/v1/runs", params={"limit": 0}), 422, "invalid")


async def test_runs_are_found_by_kind_status_state_words_and_steward(work: WorkOffice) -> None:
    ana = await work.who("Ana", Role.OWNER)
    chairs = await work.started(ana, what="Ten chairs", amount=900, why="New colleagues")
    server = await work.started(ana, what="A server", amount=5000, why="More 100% load")
    letter = await work.started(ana, "sending", to="Zoe")
    await work.fails(letter["id"])

    async def found(**wanted: object) -> list[str]:
        return sorted(one["id"] for one in (await got(ana, "/v1/runs", **wanted))["runs"])

    assert await found(definition="sending") == [letter["id"]]
    assert await found(definition=["purchase", "sending"]) == sorted([chairs["id"], server["id"], letter["id"]])
    assert await found(status="stuck") == [letter["id"]]
    assert await found(definition="purchase", state="two_approve") == [server["id"]]
    assert await found(definition="purchase", state="open") == sorted([chairs["id"], server["id"]])
    assert await found(state="one_approves") == [chairs["id"]], "also without a kind"
    assert await found(words="chairs NEW") == [chairs["id"]]
    assert await found(words="100%") == [server["id"]]
    assert await found(words="0%0") == []
    assert await found(steward="facilitator") == [letter["id"]]
    refused(await ana.get("/v1/runs", params={"status": "sleeping"}), 422, "invalid")


async def test_a_run_shows_what_happened_and_what_comes(work: WorkOffice) -> None:
    bo, kim = await work.who("Bo"), await work.who("Kim", Role.FACILITATOR)
    run = await work.started(bo, what="Ten chairs", amount=900, why="New", needed_by="2026-12-01")
    (task,) = (await got(kim, "/v1/inbox"))["tasks"]
    body = {"decision": "approve", "subject": task["subject"], "form": {"comment": "Good"}}
    await kim.post(f"/v1/inbox/{run['id']}/approval/decision", json=body)
    page = await got(bo, f"/v1/runs/{run['id']}")

    start, decided = page["timeline"]
    assert (start["event"], start["actor_name"], start["before"]) == ("start", "Bo", [])
    (asked,) = start["tasks"]
    assert (asked["title"], asked["status"], asked["decision"], asked["decided_by"]) == (
        "Purchase: Ten chairs", "decided", "approve", "Kim",
    )  # fmt: skip
    assert (decided["event"], decided["about"], decided["actor_name"]) == (
        "$decide",
        "Purchase: Ten chairs",
        "Kim",
    )
    assert [one["title"] for one in decided["after"]] == ["To be ordered"]
    assert decided["data"]["form"] == {"comment": "Good"}

    (order,) = page["tasks"]
    assert (order["title"], order["mine"], order["people"]) == (
        "Order: Ten chairs", True, [{"id": "bo", "name": "Bo"}],
    )  # fmt: skip
    assert [timer["words"] for timer in page["timers"]] == [
        "A facilitator is asked as well: Order: Ten chairs",
        "Due: Order: Ten chairs",
    ]
    assert {(one["label"], one["value"], one["unit"]) for one in page["data"]} >= {
        ("What to buy", "Ten chairs", ""),
        ("Price", 900, "EUR"),
        ("Approved by", "Kim", ""),
    }
    assert page["visited"] == ["open", "received", "one_approves"]
    assert {box["name"] for box in page["picture"]["boxes"]} >= {"open", "received", "ordering", "ordered"}
    assert page["mermaid"].startswith("stateDiagram-v2\n")
    assert "class open,ordering active" in page["mermaid"]
    assert page["operations"] == []
    assert page["events"] == ["withdraw"]
    assert (await got(kim, f"/v1/runs/{run['id']}"))["events"] == []
    ana = await work.who("Ana", Role.OWNER)
    assert (await got(ana, f"/v1/runs/{run['id']}"))["events"] == [], "only who started it can withdraw it"


async def test_a_child_and_its_parent_know_each_other(work: WorkOffice) -> None:
    ana = await work.who("Ana", Role.OWNER)
    bo = await work.who("Bo")
    hire = {"name": "Kim", "start": "2026-12-01", "buddy": "bo", "computer": True, "budget": 1400}
    run = await work.started(ana, "onboarding", **hire)
    page = await got(ana, f"/v1/runs/{run['id']}")
    (child,) = page["children"]
    assert (child["summary"], child["states"][0]["name"]) == ("Computer for Kim", "two_approve")
    assert [one["words"] for one in page["under_way"]] == ["Computer purchase (Purchase)"]
    assert {one["value"] for one in page["data"] if one["label"] == "Buddy"} == {"Bo"}
    assert {one["title"] for one in page["states"]} == {"Contract to sign", "Computer is bought"}
    assert "First day over" in {timer["words"] for timer in page["timers"]}
    assert (await got(ana, f"/v1/runs/{child['id']}"))["parent"]["id"] == run["id"]
    assert (await got(bo, "/v1/runs"))["runs"] == [], "a buddy is asked when the first week begins"


async def test_a_failed_call_is_shown_with_its_reasons_and_tried_again_or_skipped(work: WorkOffice) -> None:
    ana, fay = await work.who("Ana", Role.OWNER), await work.who("Fay", Role.FACILITATOR)
    run = await work.started(ana, "sending", to="Zoe")
    path = f"/v1/runs/{run['id']}"
    refused(await fay.get(path), 404, "missing")
    await work.fails(run["id"])
    page = await got(fay, path)
    assert (page["status"], page["trouble"], page["steward"]) == (
        "stuck", "letter: the server is full", "facilitator",
    )  # fmt: skip
    (request,) = page["timeline"][0]["requests"]
    assert (request["action"], request["params"], request["status"]) == ("mail.send", {"to": "Zoe"}, "failed")
    assert [fault["reason"] for fault in request["errors"]] == ["the server is full"]
    assert page["under_way"][0]["failed"] == "the server is full"
    assert page["operations"] == ["retry", "skip", "pause", "reassign", "rewind", "cancel"], "she looks after it"

    again = await fay.post(f"{path}/operations", json={"operation": "retry", "reason": "there is room now"})
    assert again.json()["run"]["status"] == "active"
    await work.fails(run["id"], "no such address")
    skip = {"operation": "skip", "reason": "sent by hand", "result": {"id": 7}}
    moved = await ana.post(f"{path}/operations", json=skip)
    assert moved.json()["run"]["status"] == "done"
    page = await got(ana, path)
    assert page["timeline"][-1]["data"]["reason"] == "sent by hand"
    assert {one["label"]: one["value"] for one in page["data"]}["Letter"] == {"id": 7}


def picky(data: Data, event: Event, now: datetime) -> Data:
    raise KeyError("amount")


async def test_an_event_that_could_not_be_taken_keeps_others_waiting_until_it_is_skipped(work: WorkOffice) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    text = """
        name: picky
        owner: owner
        initial: a
        states:
          a:
            calls: {c: {action: mail.send}}
            asks: {q: {title: Well, role: owner, decisions: [agree]}}
            on: {failed.c: {do: picky}, go: {do: gone = true}, agree.q: z}
          z: {final: true}
    """
    work.office.engine.put(read_definition(textwrap.dedent(text), Rules(changes={"picky": picky})))
    path = f"/v1/runs/{(await work.started(bo, 'picky', x=1))['id']}"
    await work.fails(path.rpartition("/")[2])
    why = "a function of 'picky' failed with KeyError: 'amount'"
    page = await got(ana, path)
    assert (page["status"], page["trouble"]) == ("stuck", why)
    assert "skip" in page["operations"]
    (task,) = (await got(ana, "/v1/inbox"))["tasks"]
    assert task["paused"], "it cannot be decided now"
    body = {"decision": "agree", "subject": task["subject"]}
    decision = f"/v1/inbox/{task['run']}/q/decision"
    assert why in refused(await ana.post(decision, json=body), 409, "not_possible")["detail"]
    sent = await bo.post(f"{path}/events", json={"event": "go"})
    assert sent.status_code == 200, sent.text
    assert [one["event"] for one in (await got(ana, path))["held"]] == ["failed.c", "go"]
    moved = await ana.post(f"{path}/operations", json={"operation": "skip", "reason": "sent by hand"})
    assert moved.json()["run"]["status"] == "active"
    page = await got(ana, path)
    assert (page["held"], page["under_way"]) == ([], [])
    assert (await ana.post(decision, json=body)).status_code == 200
    assert (await got(ana, path))["status"] == "done"


async def test_owners_move_a_run_by_hand_and_say_why(work: WorkOffice) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    await work.who("Lin")
    run = await work.started(bo)
    path = f"/v1/runs/{run['id']}"
    assert (await got(ana, path))["operations"] == ["pause", "reassign", "rewind", "cancel"]
    refused(await ana.post(f"{path}/operations", json={"operation": "pause"}), 422, "invalid")
    refused(await ana.post(f"{path}/operations", json={"operation": "pause", "reason": " "}), 409, "not_possible")
    refused(await ana.post(f"{path}/operations", json={"operation": "upgrade", "reason": "new"}), 422, "invalid")

    async def does(operation: str, **more: str) -> Any:
        body = {"operation": operation, "reason": "for a test", **more}
        reply = await ana.post(f"{path}/operations", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()["run"]

    assert (await does("pause"))["status"] == "paused"
    page = await got(ana, path)
    assert "resume" in page["operations"]
    assert page["tasks"][0]["paused"]
    assert (await does("resume"))["status"] == "active"
    await does("reassign", task="approval", to="lin")
    lin = work.clients["Lin"]
    assert [task["name"] for task in (await got(lin, "/v1/inbox"))["tasks"]] == ["approval"]
    barred = {"operation": "reassign", "reason": "x", "task": "approval", "to": "bo"}
    refused(await ana.post(f"{path}/operations", json=barred), 409, "not_possible")
    unknown = {**barred, "to": "zoe"}
    refused(await ana.post(f"{path}/operations", json=unknown), 422, "unacceptable")
    assert [one["name"] for one in (await does("rewind", state="two_approve"))["states"]] == ["two_approve"]
    assert (await does("cancel"))["status"] == "cancelled"
    refused(
        await ana.post(f"{path}/operations", json={"operation": "cancel", "reason": "again"}), 409, "not_possible"
    )
    refused(await bo.post(f"{path}/operations", json={"operation": "rewind", "reason": "x"}), 403, "forbidden")


async def test_events_come_from_who_started_it_and_never_stand_for_a_decision(work: WorkOffice) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    kim = await work.who("Kim", Role.FACILITATOR)
    run = await work.started(bo)
    path = f"/v1/runs/{run['id']}/events"
    for event in ("approve.approval", "$cancel", "done.state.open", "overdue.approval"):
        refused(await ana.post(path, json={"event": event}), 422, "invalid")
    refused(await ana.post(path, json={"event": "dance"}), 409, "not_allowed")
    refused(await kim.post(path, json={"event": "withdraw"}), 403, "forbidden")
    refused(await bo.post(path, json={"event": "withdraw", "version": 7}), 409, "conflict")
    key = {"Idempotency-Key": "w1"}
    gone = [await bo.post(path, json={"event": "withdraw"}, headers=key) for _ in range(2)]
    assert [(one.json()["run"]["status"], one.json()["changed"]) for one in gone] == [
        ("done", True),
        ("done", False),
    ]


async def test_a_deadline_rings_by_itself_alone(work: WorkOffice) -> None:
    ana = await work.who("Ana", Role.OWNER)
    await work.who("Bo")
    run = await work.started(ana, "onboarding", name="Kim", start="2026-12-01", buddy="bo")
    path = f"/v1/runs/{run['id']}"
    refused(await ana.post(f"{path}/events", json={"event": "first_day_over"}), 409, "not_allowed")
    assert (await got(ana, path))["events"] == ["withdraw"]


async def test_definitions_say_how_many_runs_stand_where(work: WorkOffice) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    await work.started(bo)
    letter = await work.started(ana, "sending", to="Zoe")
    await work.fails(letter["id"])
    listed = {one["name"]: one for one in (await got(ana, "/v1/definitions"))["definitions"]}
    assert set(listed) == {"action_item", "erasure", "onboarding", "purchase", "sending"}
    purchase = listed["purchase"]
    assert (purchase["title"], purchase["open"], purchase["stuck"], purchase["startable"]) == (
        "Purchase",
        1,
        0,
        True,
    )
    assert {state["name"]: state["runs"] for state in purchase["states"]}["one_approves"] == 1
    assert (listed["sending"]["stuck"], listed["action_item"]["startable"]) == (1, False)
    seen = await got(bo, "/v1/definitions")
    assert {one["open"] for one in seen["definitions"]} == {None}, "how much there is is for owners"
    assert seen["people"] == [{"id": "ana", "name": "Ana"}, {"id": "bo", "name": "Bo"}]
    one = await got(bo, "/v1/definitions/purchase")
    assert one["picture"]["arrows"]
    refused(await bo.get("/v1/definitions/nothing"), 404, "missing")


async def test_an_event_whose_function_breaks_is_answered_with_what_to_do_and_stands_in_the_run(
    work: WorkOffice, caplog: pytest.LogCaptureFixture
) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")

    def frail(data: Data, event: Event, now: datetime) -> Data:
        return {**data, "sum": event.data["amount"]}

    text = "{name: frail, initial: a, states: {a: {on: {go: {do: frail, to: b}}}, b: {final: true}}}"
    work.office.engine.put(read_definition(text, Rules(changes={"frail": frail})))
    path = f"/v1/runs/{(await work.started(bo, 'frail', x=1))['id']}"
    body = refused(await bo.post(f"{path}/events", json={"event": "go"}), 409, "function_broke")
    assert body["title"] == "This workflow has a fault"
    assert body["detail"] == (
        "the workflow 'frail' cannot take 'go': a function of 'frail' failed with KeyError: 'amount'; "
        "the run waits for owner, who can have it tried again or skipped"
    )
    assert "a function of a workflow failed" in caplog.text
    assert "KeyError" in caplog.text
    page = await got(ana, path)
    assert (page["status"], [one["event"] for one in page["held"]]) == ("stuck", ["go"])
    moved = await ana.post(f"{path}/operations", json={"operation": "skip", "reason": "sent wrongly"})
    assert moved.json()["run"]["status"] == "active"
    assert (await bo.post(f"{path}/events", json={"event": "go", "data": {"amount": 5}})).status_code == 200
    assert (await got(ana, path))["status"] == "done"
