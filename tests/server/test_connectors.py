"""What runs ask for is done once: said in the office, noted on the board, sent by mail; or refused in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.connectors.shipped import connectors
from server.flows.messages import MOST_KEPT, Messages
from server.protocol import messages as m
from spatial.participant import ParticipantId
from tests.house import OpenHouse
from tests.post_office import PostOffice, post_office
from workflows.connector import Connector, Did, Refuse
from workflows.erased import NO_MAIL, NOBODY
from workflows.run import Run, Status

NEWS = """
name: news
title: News
data:
  type: object
  properties: {what: {type: string}, who: {type: string}, to: {type: string}, day: {type: string}}
initial: telling
states:
  telling:
    parallel: true
    on: {done.state.telling: told}
    states:
      spoken:
        states:
          speak:
            calls:
              chat: {action: office.message, with: {text: "News: {data.what}"}}
            on: {done.chat: person}
          person:
            calls:
              person: {action: office.message, with: {text: "For you: {data.what}", person: "{data.who}"}}
            on: {done.person: spoken_out}
          spoken_out: {final: true}
      noted:
        states:
          note:
            calls:
              note: {action: office.task, with: {text: "Read {data.what}", owner: "{data.who}", due: "{data.day}"}}
            on: {done.note: noted_down}
          noted_down: {final: true}
      mailed:
        states:
          mail:
            calls:
              mail: {action: mail.send, with: {to: "{data.to}", subject: "{data.what}", text: "Now."}, save: sent}
            on: {done.mail: posted}
          posted: {final: true}
  told: {final: true}
"""

REFUSED: tuple[tuple[str, str, Mapping[str, Any], str], ...] = (
    ("office", "dance", {}, "there is no office.dance; known are office.message, office.task"),
    ("office", "message", {}, "text is missing or empty"),
    ("office", "message", {"text": 3}, "text must be a text, not int"),
    ("office", "message", {"text": "x" * 2001}, "text may have 2000 characters, this has 2001"),
    ("office", "message", {"text": "Hi", "persn": "fay"}, "persn cannot be given here; known are text, person"),
    ("office", "message", {"text": "Hi", "person": "nobody"}, "nobody whom this office knows"),
    ("office", "message", {"text": "Hi", "person": "a", "room": "b"}, "cannot both be given"),
    ("office", "message", {"text": "Hi", "room": "cellar"}, "there is no room 'cellar'; known are"),
    ("office", "message", {"text": "Hi", "link": "https://example.org"}, "link must be a page of this office"),
    ("office", "message", {"text": "Hi", "link": "//example.org"}, "link must be a page of this office"),
    ("office", "task", {"text": " "}, "text is missing or empty"),
    ("office", "task", {"text": "Do it", "due": "soon"}, "due must be a day as 2026-11-27, not 'soon'"),
    (
        "mail",
        "send",
        {"to": "ana@example.org", "subject": "Hi", "text": "Hi"},
        "set ATRIUM_SMTP_HOST and ATRIUM_SMTP_FROM",
    ),
    ("mail", "send", {"subject": "Hi", "text": "Hi"}, "to is missing"),
    ("mail", "send", {"to": [], "subject": "Hi", "text": "Hi"}, "to is missing"),
    ("mail", "send", {"to": "ana", "subject": "Hi", "text": "Hi"}, "to: 'ana' is no mail address"),
    ("mail", "send", {"to": ["a@example.org"] * 21, "subject": "Hi", "text": "Hi"}, "to may hold 20 addresses"),
    ("mail", "send", {"to": "ana@example.org", "subject": "", "text": "Hi"}, "subject is missing"),
)


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with post_office() as opened:
        yield opened


@pytest.fixture
def chosen(tmp_path: Path, post: PostOffice) -> dict[str, str]:
    folder = tmp_path / "data" / "workflows"
    folder.mkdir(parents=True)
    (folder / "news.yaml").write_text(NEWS)
    return {
        "smtp_host": "localhost", "smtp_port": str(post.port), "smtp_security": "none",
        "smtp_from": "atrium@example.org",
    }  # fmt: skip


async def ended(house: OpenHouse, run: str) -> Run:
    """The run, once it is over or stuck."""
    settled = asyncio.Event()
    engine = house.running.engine
    over = (Status.DONE, Status.CANCELLED, Status.STUCK)
    engine.listeners.append(lambda _: settled.set())
    async with asyncio.timeout(10):
        while (found := await engine.get(run)).status not in over:
            await settled.wait()
            settled.clear()
    return found


async def started(house: OpenHouse, **data: str) -> str:
    reply = await house.owner.post("/v1/runs", json={"definition": "news", "data": data})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def test_a_workflow_speaks_notes_and_writes(house: OpenHouse, post: PostOffice) -> None:
    fay = await house.enter("Fay", token=await house.admit("Fay"))
    run = await started(house, what="We moved", who=fay.id, to="ana@example.org", day="2026-12-01")
    line = await fay.get(m.ChatMessage)
    assert (line.from_slot, line.from_name, line.text) == (None, "The office", "News: We moved")
    notice = await fay.get(m.Notice, lambda one: "For you" in one.text)
    assert (notice.level, notice.text, notice.link) == ("info", "For you: We moved", None)
    (letter,) = await post.count(1)
    assert (letter["To"], letter["Subject"]) == ("ana@example.org", "We moved")
    done = await ended(house, run)
    assert (done.status, done.data["sent"]) == (Status.DONE, {"id": letter["Message-ID"], "refused": []})
    (task,) = await house.running.tasks.all()
    assert (task.text, task.owner_id, task.owner_name) == ("Read We moved", fay.id, "Fay")
    assert (task.due, task.created_by) == (date(2026, 12, 1), "office")
    bo = await house.enter("Bo")
    assert [one["text"] for one in (await bo.get(m.Welcome)).chat] == ["News: We moved"]


async def test_an_open_office_writes_to_whom_a_question_is_before(house: OpenHouse, post: PostOffice) -> None:
    async with httpx.AsyncClient(base_url=house.owner.base_url) as fay:
        fay.headers["Authorization"] = f"Bearer {await house.admit('Fay', 'facilitator')}"
        box = await fay.put("/v1/me/mailbox", json={"address": "fay@example.org", "wanted": True})
        assert (box.json()["sends"], box.json()["confirmed"]) == (True, False)
        box = await fay.post("/v1/me/mailbox/confirm", json={"code": post.code()})
        assert box.json()["confirmed"], box.text
    wish = {
        "definition": "purchase",
        "data": {"what": "Ten chairs", "amount": 900, "why": "Ben", "needed_by": "2026-12-04"},
    }
    assert (await house.owner.post("/v1/runs", json=wish)).status_code == 201
    _, letter = await post.count(2)
    assert (letter["To"], letter["Subject"]) == ("fay@example.org", "Waits for you: Purchase: Ten chairs")
    assert "Price: 900.00 EUR" in letter.get_content()
    assert "Needed by: Fri 04 Dec 2026" in letter.get_content()


async def test_a_refused_address_leaves_the_run_stuck_with_the_servers_words(
    house: OpenHouse, post: PostOffice
) -> None:
    post.recipients["no@example.org"] = "550 nobody of that name"
    fay = await house.enter("Fay")
    stuck = await ended(house, await started(house, what="We moved", who=fay.id, to="no@example.org", day=""))
    assert stuck.status is Status.STUCK
    assert "550 nobody of that name" in stuck.trouble


async def test_who_is_away_is_told_when_they_come_in_and_once(house: OpenHouse) -> None:
    token = await house.admit("Fay")
    fay = house.running.identity.authenticate(token, now=house.running.office.wall()).person
    said = Messages(house.running.office, house.running.records)
    for key in ("a", "a", "b"):
        assert not await said.to_person(fay, f"Message {key}", "/runs/1", key=key)
    back = await house.enter("Fay", token=token)
    notices = [await back.get(m.Notice, lambda one, key=key: one.text == f"Message {key}") for key in "ab"]  # type: ignore[misc]
    assert [one.link for one in notices] == ["/runs/1", "/runs/1"]
    assert sum(isinstance(one, m.Notice) and "Message" in one.text for one in back.received) == 2
    await back.socket.close()
    await back.gone()
    again = await house.enter("Fay", token=token)
    await again.settled()
    assert not any(isinstance(one, m.Notice) and "Message" in one.text for one in again.received)


async def test_not_more_wait_for_somebody_than_they_can_read(house: OpenHouse) -> None:
    said = Messages(house.running.office, house.running.records)
    for number in range(MOST_KEPT + 1):
        await said.to_person("away", f"Message {number}", key=str(number))
    kept = await house.running.records.remembered("messages:away")
    assert [one["key"] for one in kept] == [str(number) for number in range(1, MOST_KEPT + 1)]


async def test_those_in_a_room_are_told_and_nobody_else(house: OpenHouse) -> None:
    fay, bo = await house.enter("Fay"), await house.enter("Bo", token=await house.admit("Bo"))
    zone = house.running.office.room.participants[ParticipantId(fay.id)].zone
    other = next(one for one in house.running.office.plan.zones if one.id != zone)
    here = house.running.office.plan.zone(zone).name
    office = office_of(house)
    assert await office.call("message", {"text": "Lunch", "room": here.upper()}, "k") == Did(
        result={"heard_by": 2}
    )
    assert await office.call("message", {"text": "Quiet", "room": other.id}, "k") == Did(result={"heard_by": 0})
    await bo.get(m.Notice, lambda one: one.text == "Lunch")
    await fay.settled()
    assert not any(isinstance(one, m.Notice) and one.text == "Quiet" for one in fay.received)


async def test_the_same_key_says_and_notes_once(house: OpenHouse) -> None:
    fay = await house.enter("Fay")
    office = office_of(house)
    first = await office.call("task", {"text": "Water the plants", "owner": "the gardener"}, "run:1:note")
    again = await office.call("task", {"text": "Water the plants", "owner": "the gardener"}, "run:1:note")
    assert first == again
    (task,) = await house.running.tasks.all()
    assert (task.owner_id, task.owner_name, task.due) == (None, "the gardener", None)
    for _ in range(2):
        await office.call("message", {"text": "Hello"}, "run:1:hello")
    await fay.settled()
    assert sum(isinstance(one, m.ChatMessage) for one in fay.received) == 1


async def test_what_cannot_be_used_is_refused_in_words(house: OpenHouse) -> None:
    shipped = all_of(house)
    for name, verb, params, words in REFUSED:
        answer = await shipped[name].call(verb, params, "key")
        assert isinstance(answer, Refuse), (name, verb, params)
        assert words in answer.reason


async def test_to_whoever_was_erased_nothing_is_said_or_sent_and_the_run_goes_on(
    house: OpenHouse, post: PostOffice
) -> None:
    fay = await house.enter("Fay", token=await house.admit("Fay"))
    run = await started(house, what="We moved", who=NOBODY, to=NO_MAIL, day="2026-12-01")
    assert (await fay.get(m.ChatMessage)).text == "News: We moved"
    done = await ended(house, run)
    assert (done.status, done.data["sent"]) == (Status.DONE, {"id": "", "refused": []})
    assert post.letters == []


def all_of(house: OpenHouse) -> Mapping[str, Connector]:
    """As in an office that sends no mail."""
    running = house.running
    said = Messages(running.office, running.records)
    return connectors(running.office, running.records, running.tasks, said, None)


def office_of(house: OpenHouse) -> Connector:
    return all_of(house)["office"]
