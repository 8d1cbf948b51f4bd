"""The inbox over HTTP: who is asked, what they see, and what a decision needs to count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.roles import Role
from tests.server.work_offices import WorkOffice, got, open_work, refused
from workflows.parts import Rules
from workflows.written import read_definition

REVIEW = """
name: review
title: Review
initial: asked
states:
  asked:
    asks:
      review:
        title: "Look at {data.title}"
        role: member
        form:
          type: object
          required: [grade]
          properties:
            grade: {type: integer, title: Grade, minimum: 1, maximum: 5}
            seen_on: {type: string, format: date}
    on:
      approve.review: {to: done, do: grade = event.form.grade}
      reject.review: done
  done: {final: true}
"""


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[WorkOffice]:
    async with open_work(tmp_path) as opened:
        opened.office.engine.put(read_definition(REVIEW, Rules()))
        yield opened


async def tasks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await got(client, "/v1/inbox"))["tasks"]
    return found


async def decides(client: httpx.AsyncClient, task: dict[str, Any], decision: str, **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
    body = {"decision": decision, "subject": task["subject"], **more}
    return await client.post(f"/v1/inbox/{task['run']}/{task['name']}/decision", json=body, headers=headers)


async def test_a_question_stands_before_those_who_may_decide_it_with_what_it_is_about(work: WorkOffice) -> None:
    bo, lin = await work.who("Bo"), await work.who("Lin")
    kim, ana = await work.who("Kim", Role.FACILITATOR), await work.who("Ana", Role.OWNER)
    await work.started(bo, what="Ten chairs", amount=900, why="New colleagues")
    assert await tasks(bo) == []
    assert await tasks(lin) == []
    assert len(await tasks(ana)) == 1, "an owner may do what facilitators may"
    (task,) = await tasks(kim)
    assert (task["title"], task["summary"], task["definition_title"]) == (
        "Purchase: Ten chairs", "Ten chairs", "Purchase",
    )  # fmt: skip
    assert (task["started_by_name"], task["roles"], task["mine"]) == ("Bo", ["facilitator"], True)
    assert task["barred"] == [{"id": "bo", "name": "Bo"}]
    assert [(one["label"], one["value"], one["unit"]) for one in task["shown"]] == [
        ("What to buy", "Ten chairs", ""),
        ("Price", 900, "EUR"),
        ("What for", "New colleagues", ""),
    ]
    assert task["due"] == (work.office.now.timestamp() + 7 * 86400)
    assert [(one["title"], one["needed"]) for one in task["decisions"]] == [("Approve", 1), ("Reject", 1)]
    assert task["form"]["properties"]["comment"]["title"] == "Comment"
    assert (await got(kim, "/v1/inbox"))["people"] == [
        {"id": "ana", "name": "Ana"}, {"id": "bo", "name": "Bo"}, {"id": "lin", "name": "Lin"},
    ]  # fmt: skip


async def test_two_have_to_agree_above_the_limit(work: WorkOffice) -> None:
    bo, kim = await work.who("Bo"), await work.who("Kim", Role.FACILITATOR)
    ana = await work.who("Ana", Role.OWNER)
    run = await work.started(bo, what="A server", amount=5000, why="Load")
    (task,) = await tasks(kim)
    assert [(one["name"], one["needed"]) for one in task["decisions"]] == [("approve", 2), ("reject", 1)]
    assert (await decides(kim, task, "approve")).json() == {"changed": True, "status": "active"}
    (waits,) = await tasks(kim)
    assert (waits["voted"], waits["mine"], waits["decisions"][0]["votes"]) == ("approve", False, 1)
    refused(await decides(kim, task, "approve"), 403, "not_yours")
    (other,) = await tasks(ana)
    assert (other["mine"], [vote["name"] for vote in other["votes"]]) == (True, ["Kim"])
    assert (await decides(ana, other, "approve")).status_code == 200
    page = await got(bo, f"/v1/runs/{run['id']}")
    assert page["states"][0]["name"] == "ordering"
    assert {one["label"]: one["value"] for one in page["data"]}["Approved by"] == "Ana, Kim"


async def test_who_asked_for_it_never_approves_it(work: WorkOffice) -> None:
    ana, kim = await work.who("Ana", Role.OWNER), await work.who("Kim", Role.FACILITATOR)
    await work.started(ana)
    assert await tasks(ana) == [], "not even an owner"
    (task,) = await tasks(kim)
    refused(await decides(ana, task, "approve"), 403, "not_yours")
    to_ana = await kim.post(f"/v1/inbox/{task['run']}/approval/delegate", json={"to": "ana"})
    assert "may not decide" in refused(to_ana, 403, "not_yours")["detail"]


async def test_a_form_has_to_fit_before_anything_is_decided(work: WorkOffice) -> None:
    bo, lin = await work.who("Bo"), await work.who("Lin")
    run = await work.started(bo, "review", title="the plan")
    (task,) = await tasks(lin)
    body = refused(
        await decides(lin, task, "approve", form={"grade": 7, "seen_on": "monday"}), 422, "does_not_fit"
    )
    assert body["errors"] == [
        {"field": "grade", "reason": "must be 5 or less"},
        {"field": "seen_on", "reason": "must be a day like 2026-11-27"},
    ]
    refused(await decides(lin, task, "approve"), 422, "does_not_fit")
    refused(await decides(lin, task, "praise", form={"grade": 3}), 422, "task")
    assert (await decides(lin, task, "approve", form={"grade": 3})).json() == {"changed": True, "status": "done"}
    page = await got(bo, f"/v1/runs/{run['id']}")
    assert {one["label"]: one["value"] for one in page["data"]}["Grade"] == 3


async def test_a_decision_about_something_else_does_not_count(work: WorkOffice) -> None:
    bo, lin = await work.who("Bo"), await work.who("Lin")
    run = await work.started(bo, "review", title="the plan")
    (task,) = await tasks(lin)
    refused(await decides(lin, {**task, "subject": "0" * 64}, "approve", form={"grade": 3}), 409, "outdated")
    assert (await decides(lin, task, "approve", form={"grade": 3})).status_code == 200
    late = await decides(await work.who("Kim"), task, "approve", form={"grade": 1})
    refused(late, 404, "missing")
    again = await decides(bo, task, "reject", form={"grade": 1})
    refused(again, 409, "not_allowed")
    refused(
        await bo.post(f"/v1/inbox/{run['id']}/other/decision", json={"decision": "a", "subject": ""}),
        404,
        "missing",
    )


async def test_a_decision_that_is_sent_twice_counts_once(work: WorkOffice) -> None:
    bo, kim = await work.who("Bo"), await work.who("Kim", Role.FACILITATOR)
    await work.started(bo, what="A server", amount=5000, why="Load")
    (task,) = await tasks(kim)
    first = await decides(kim, task, "approve", key="d1")
    second = await decides(kim, task, "approve", key="d1")
    assert (first.json()["changed"], second.json()["changed"]) == (True, False)
    (waits,) = await tasks(kim)
    assert waits["decisions"][0]["votes"] == 1


async def test_a_question_can_be_passed_on(work: WorkOffice) -> None:
    bo, lin = await work.who("Bo"), await work.who("Lin")
    kim, gus = await work.who("Kim", Role.FACILITATOR), await work.who("Gus", Role.GUEST)
    run = await work.started(bo)
    path = f"/v1/inbox/{run['id']}/approval/delegate"
    refused(await lin.post(path, json={"to": "lin"}), 404, "missing")
    refused(await bo.post(path, json={"to": "lin"}), 403, "not_yours")
    refused(await kim.post(path, json={"to": "zoe"}), 422, "unacceptable")
    refused(await kim.post(path, json={"to": "gus"}), 422, "unacceptable")
    refused(await gus.post(path, json={"to": "lin"}), 403, "forbidden")
    assert (await kim.post(path, json={"to": "lin"})).json()["changed"] is True
    (task,) = await tasks(lin)
    assert task["people"] == [{"id": "lin", "name": "Lin"}]
    assert (await decides(lin, task, "reject", form={"comment": "Too many"})).json()["status"] == "done"
    page = await got(bo, f"/v1/runs/{run['id']}")
    assert page["states"][0]["title"] == "Rejected"
    assert [entry["event"] for entry in page["timeline"]] == ["start", "$delegate", "$decide"]
    assert page["timeline"][1]["data"]["to"] == "Lin"


async def test_nothing_is_decided_while_the_work_is_paused(work: WorkOffice) -> None:
    bo, ana = await work.who("Bo"), await work.who("Ana", Role.OWNER)
    run = await work.started(bo)
    await ana.post(f"/v1/runs/{run['id']}/operations", json={"operation": "pause", "reason": "budget freeze"})
    (task,) = await tasks(ana)
    assert task["paused"]
    assert "resume" in refused(await decides(ana, task, "approve"), 409, "not_possible")["detail"]


async def test_when_nobody_decides_others_are_asked_and_then_it_lapses(work: WorkOffice) -> None:
    bo, kim = await work.who("Bo"), await work.who("Kim", Role.FACILITATOR)
    run = await work.started(bo)
    (task,) = await tasks(kim)
    await decides(kim, task, "approve")
    assert await tasks(kim) == []
    work.office.wait(days=4, minutes=1)
    await work.office.engine.due(work.office.now)
    (order,) = await tasks(kim)
    assert (order["title"], order["roles"]) == ("Order: Ten chairs", ["facilitator"])
    page = await got(bo, f"/v1/runs/{run['id']}")
    assert page["timeline"][-1]["event"] == "$escalate.order.0"
    assert page["timeline"][-1]["about"] == "Order: Ten chairs"
