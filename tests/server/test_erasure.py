"""A person is erased: nothing says who they were, the audit holds, and what waited for them goes to another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from server.errors import NotSignedIn
from server.identity import Identity
from server.recordings import RecordingError, Recordings
from server.records import NoteKind
from server.roles import Role
from server.sealed import Sealer
from server.work.dispatcher import Dispatcher
from server.work.erasure import CONNECTOR
from tests.postgres import PostgresServer, postgres_server
from tests.server.offices import LOOK, START
from tests.server.work_offices import WorkOffice, got, open_work, refused
from workflows.adapters import tables
from workflows.adapters.erasing import INVENTORY
from workflows.adapters.sql_store import SqlStore
from workflows.audit import AuditEntry, commitment
from workflows.connector import Refuse
from workflows.engine import Changes, Engine
from workflows.erased import SOMEBODY
from workflows.parts import Rules
from workflows.run import OVER, Run, Status
from workflows.store import RunFilter
from workflows.task import LATER, Quote, TaskDraft, later_data
from workflows.tasks import TaskList
from workflows.written import read_definition

WORDS = "Ziegenkäse und Quittenbrot"
NAME = "Zoe Quitte"
ID = "zoe quitte"
ASKING = """
name: asking
title: Asking
owner: owner
data: {type: object, properties: {who: {type: string}}}
initial: waiting
states:
  waiting:
    asks:
      question:
        title: Yes or no
        person: "{data.who}"
        apart_from: "{run.started_by}"
        shows: [data.who]
        form: {type: object, properties: {comment: {type: string}}}
    on: {approve.question: said, reject.question: said}
  said: {title: Said, final: true}
"""


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[WorkOffice]:
    async with open_work(tmp_path) as opened:
        opened.office.engine.put(read_definition(ASKING, Rules()))
        yield opened


async def erased(work: WorkOffice, person: str = ID) -> Run:
    """Have somebody erased by Ana, and wait for it."""
    ana, office = await work.who("Ana", Role.OWNER), work.office
    over = asyncio.Event()

    def notice(changes: Changes) -> None:
        if any(run.definition == "erasure" and run.status is not Status.ACTIVE for run, _ in changes.moved):
            over.set()

    office.engine.listeners.append(notice)
    dispatcher = Dispatcher({CONNECTOR: office.erasure}, lambda: office.now, name="a test")
    job = asyncio.create_task(dispatcher.run(office.engine, office.store))
    try:
        reply = await ana.delete(f"/v1/people/{person}")
        assert reply.status_code == 202, reply.text
        async with asyncio.timeout(30):
            await over.wait()
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
    return await office.engine.get(reply.json()["run"])


async def lived(work: WorkOffice) -> str:
    """Zoe was here: spoke, noted, was given tasks, started and decided. Gives the meeting's id."""
    office = work.office
    zoe = await work.who(NAME, Role.FACILITATOR)
    bo = await work.who("Bo")
    meeting = await office.meeting(NAME, "Bo")
    for number, who in enumerate((NAME, "Bo")):
        await office.records.append_utterance(
            meeting.id, id=f"u{number}", speaker_id=who.lower(), speaker_name=who, text=f"{WORDS} {number}",
            started_at=office.now, seconds=2.0, engine="test",
        )  # fmt: skip
    await office.records.edit_utterance(meeting.id, "u1", text="Yes", by=ID, now=office.now)
    await office.store.rows.update("utterance", {"original_text": None}, {"id": "u1"})
    await office.records.add_note(
        NoteKind.DECISION, meeting.id, text="We buy bread", utterance_id="u0", confidence=1.0, now=office.now
    )
    draft = TaskDraft(
        text="Buy bread", owner_id=ID, owner_name=NAME, source_utterance="u0", source_words=WORDS,
        meeting_id=meeting.id, created_by="avatar-ada",
    )  # fmt: skip
    await office.tasks.add(draft, key="t", now=office.now)
    other = TaskDraft(
        text="Phone", owner_id="bo", owner_name="Bo", source_utterance="u0", source_words=WORDS,
        created_by="avatar-ada",
    )  # fmt: skip
    called = (await office.tasks.add(other, key="o", now=office.now)).task
    theirs, kept = later_data("u0", WORDS), later_data("u1", "Lin calls")
    changed = {"text": "Call", LATER: [*theirs, *kept]}
    await office.tasks.send(called.id, "edit", changed, actor="avatar-ada", now=office.now)
    run = await work.started(bo, "asking", who=ID)
    (asked,) = (await got(zoe, "/v1/inbox"))["tasks"]
    body = {"decision": "approve", "subject": asked["subject"], "form": {"comment": WORDS}}
    assert (await zoe.post(f"/v1/inbox/{run['id']}/question/decision", json=body)).status_code == 200
    await work.started(zoe, "purchase", what="Bread", amount=5, why="Hunger")
    return meeting.id


async def everything(store: SqlStore) -> str:
    """The whole database as text."""

    def read(connection: sa.Connection) -> str:
        return "\n".join(
            f"{table.name}: {tuple(row)!r}"
            for table in tables.metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        )

    return await store.database.read(read)


def test_each_table_has_its_place_in_the_inventory() -> None:
    assert set(INVENTORY) == set(tables.metadata.tables)


async def test_nothing_says_who_they_were(work: WorkOffice, tmp_path: Path) -> None:
    meeting = await lived(work)
    before = await everything(work.office.store)
    assert all(one in before for one in (NAME, f"{WORDS} 0", "'source_words': 'Ziegen"))
    run = await erased(work)
    assert (run.status, run.started_by, run.data["person"]) == (Status.DONE, "ana", ID)
    after = await everything(work.office.store)
    assert NAME not in after
    assert WORDS not in after
    record = await work.office.records.meeting(meeting)
    lines = [(one.speaker_id, one.text, one.edited_by_name) for one in record.utterances]
    assert lines == [("bo", "Yes", SOMEBODY)]
    assert {(one.id, one.name) for one in record.people} == {(ID, SOMEBODY), ("bo", "Bo")}
    assert (record.facilitator_name, record.decisions[0].utterance_id) == (SOMEBODY, None)
    names = {task.text: (task.owner_name, task.source_words) for task in await work.office.tasks.all()}
    assert names == {"Buy bread": (SOMEBODY, ""), "Call": ("Bo", "")}
    later = [task.later for task in await work.office.tasks.all() if task.text == "Call"]
    assert later == [(Quote(utterance="u1", words="Lin calls"),)]
    found = run.data["erased"]
    assert isinstance(found, dict)
    assert (found["words"], found["tasks"], found["sound"], found["passed_on"]) == (1, 2, 0, 0)
    assert found["places_changed"] > 0, "who has them erased is told"
    await work.office.store.close()
    files = await asyncio.to_thread(lambda: b"".join(one.read_bytes() for one in tmp_path.glob("office.db*")))
    assert NAME.encode() not in files
    assert WORDS.encode() not in files


async def test_the_audit_holds_and_their_commitments_can_be_tested_no_more(work: WorkOffice) -> None:
    office = work.office
    await lived(work)
    theirs = [one for one in await office.store.audit() if one.actor == ID]
    assert theirs
    (before,) = await office.store.rows.select("person_key", {"person": ID})
    events = {(row["run"], row["seq"]): row["data"] for row in await office.store.rows.select("event")}

    def fits(entry: AuditEntry, key: bytes) -> bool:
        return commitment(key, events[entry.run, entry.version]) == entry.digest

    assert all(fits(one, before["key"]) for one in theirs)
    await erased(work)
    assert await office.store.audit_fault() is None
    assert [one for one in await office.store.audit() if one.actor == ID] == theirs
    keys = [row["key"] for row in await office.store.rows.select("person_key")]
    assert keys
    assert not any(fits(one, key) for one in theirs for key in keys)
    said = [one.action for one in await office.store.audit() if one.action.startswith("erasure.")]
    assert len(said) == 2


async def test_who_decided_what_stays_without_what_they_wrote(work: WorkOffice) -> None:
    await lived(work)
    await erased(work)
    rows = await work.office.store.rows.select("event", {"actor": ID})
    decided = [row["data"] for row in rows if row["data"].get("decision")]
    assert [(one["task"], one["decision"], one["erased"]) for one in decided] == [("question", "approve", True)]
    assert all(set(row["data"]) <= {"task", "decision", "subject", "erased"} for row in rows)
    ana = await work.who("Ana", Role.OWNER)
    for run in (await got(ana, "/v1/runs"))["runs"]:
        view = await got(ana, f"/v1/runs/{run['id']}")
        assert NAME not in str(view)


async def test_what_a_workflow_was_about_stays(work: WorkOffice) -> None:
    await lived(work)
    await erased(work)
    (run,) = await work.office.store.find(RunFilter(definitions=("purchase",)))
    assert (run.data["what"], run.data["why"], run.started_by) == ("Bread", "Hunger", ID)
    (started, *_) = await work.office.store.history(run.id)
    assert started.data == {"erased": True}


async def test_they_are_refused_at_once_and_after_a_restart(work: WorkOffice, tmp_path: Path) -> None:
    zoe = await work.who(NAME, Role.MEMBER)
    await got(zoe, "/v1/me")
    await erased(work)
    refused(await zoe.get("/v1/me"), 401, "not_signed_in")
    office = work.office
    again = await Identity.open(tmp_path, office.store.rows, now=START)
    token = again.issue(ID, Role.MEMBER, now=START)
    with pytest.raises(NotSignedIn, match="does not know you any more"):
        again.authenticate(token, now=START)
    month = START + timedelta(days=31)
    later = await Identity.open(tmp_path, office.store.rows, now=month)
    with pytest.raises(NotSignedIn, match="has ended"):
        later.authenticate(token, now=month)


async def test_only_another_owner_may_erase(work: WorkOffice) -> None:
    await work.who(NAME, Role.MEMBER)
    for role in (Role.FACILITATOR, Role.MEMBER, Role.GUEST):
        who = await work.who(f"Kim {role}", role)
        refused(await who.delete(f"/v1/people/{ID}"), 403, "forbidden")
        refused(await who.get("/v1/people"), 403, "forbidden")
    ana = await work.who("Ana", Role.OWNER)
    refused(await ana.delete("/v1/people/ana"), 422, "unacceptable")
    refused(await ana.delete("/v1/people/nobody"), 404, "missing")
    assert ID in [one["id"] for one in (await got(ana, "/v1/people"))["people"]]
    refused(await ana.post("/v1/runs", json={"definition": "erasure", "data": {"person": ID}}), 404, "missing")
    first = (await ana.delete(f"/v1/people/{ID}")).json()["run"]
    assert (await ana.delete(f"/v1/people/{ID}")).json()["run"] == first
    await erased(work)
    refused(await ana.delete(f"/v1/people/{ID}"), 404, "missing")
    assert ID not in [one["id"] for one in (await got(ana, "/v1/people"))["people"]]


async def test_what_waits_for_them_goes_to_an_owner_who_may_do_it(work: WorkOffice) -> None:
    office = work.office
    await work.who(NAME, Role.MEMBER)
    ana = await work.who("Ana", Role.OWNER)
    eve = await work.who("Eve", Role.OWNER)
    runs = [
        (await office.engine.start("asking", {"who": ID}, key=by, actor=by, now=office.now)).run
        for by in ("bo", "ana")
    ]
    sending = await work.started(ana, "sending", to="Kim")
    await work.fails(sending["id"])
    await office.engine.operate(sending["id"], "reassign", reason="theirs", actor="ana", now=office.now, to=ID)
    assert (await office.engine.get(sending["id"])).steward == ID
    run = await erased(work)
    found = run.data["erased"]
    assert isinstance(found, dict)
    assert found["passed_on"] == 3
    assert [one["run"] for one in (await got(ana, "/v1/inbox"))["tasks"]] == [runs[0].id]
    assert [one["run"] for one in (await got(eve, "/v1/inbox"))["tasks"]] == [runs[1].id]
    assert (await office.engine.get(sending["id"])).steward == "ana"


async def test_what_nobody_else_may_do_is_left_and_said(
    work: WorkOffice, caplog: pytest.LogCaptureFixture
) -> None:
    office = work.office
    await work.who(NAME, Role.MEMBER)
    await work.who("Ana", Role.OWNER)
    asked = await office.engine.start("asking", {"who": ID}, key="k", actor="ana", now=office.now)
    run = await erased(work)
    assert run.status is Status.DONE
    assert "left with nobody" in caplog.text
    assert (await office.engine.get(asked.run.id)).status not in OVER


async def test_sound_of_their_words_goes_and_a_fault_is_tried_again(
    work: WorkOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await lived(work)
    kept = Recordings(tmp_path / "recordings", Sealer(b"s" * 32, "recordings"), wall=lambda: START)
    for name in ("u0", "u1"):
        kept.keep(meeting, name, np.zeros(16_000, np.float32))
    monkeypatch.setattr(work.office.erasure, "_recordings", kept)
    run = await erased(work)
    assert list(kept.kept(meeting)) == ["u1"]
    found = run.data["erased"]
    assert isinstance(found, dict)
    assert found["sound"] == 1

    def stuck(*_: Any) -> bool:
        raise RecordingError("it cannot be deleted; delete it by hand")

    monkeypatch.setattr(kept, "remove", stuck)
    answer = await work.office.erasure.call("erase", {"person": "bo", "by": "ana"}, "k")
    assert "delete it by hand" in getattr(answer, "reason", "")
    assert await work.office.records.person("bo") is not None


async def test_the_office_is_told_and_another_verb_is_refused(work: WorkOffice) -> None:
    await work.who(NAME, Role.MEMBER)
    told: list[str] = []

    async def before(person: Any) -> None:
        told.append(person.name)

    async def after() -> None:
        told.append("after")

    work.office.erasure.on_erase, work.office.erasure.on_erased = before, after
    await erased(work)
    assert told == [NAME, "after"]
    assert isinstance(await work.office.erasure.call("praise", {"person": "bo"}, "k"), Refuse)


async def test_the_owners_link_makes_nobody_this_person_again(work: WorkOffice) -> None:
    office = work.office
    await work.who(NAME, Role.OWNER)
    await office.store.rows.put("setting", {"name": "owner_person", "value": ID, "expires_at": None})
    await erased(work)
    grant = await office.identity.check_owner_key(office.identity.owner_key(now=office.now), now=office.now)
    assert grant.person is None


async def test_what_is_kept_under_their_id_goes_but_for_what_refuses_their_sessions(work: WorkOffice) -> None:
    office = work.office
    await work.who(NAME, Role.MEMBER)
    for name in (f"messages:{ID}", f"messages:x{ID}", "messages:bo"):
        await office.records.remember(name, [{"text": WORDS}])
    await erased(work)
    names = {row["name"] for row in await office.store.rows.select("setting")}
    assert names == {f"erased_person:{ID}", f"messages:x{ID}", "messages:bo"}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


async def test_on_postgres_it_is_the_same(server: PostgresServer) -> None:
    store = await SqlStore.open(server.database())
    engine = Engine(store, timezone=UTC)
    await store.rows.put(
        "person",
        {"id": ID, "name": NAME, "role": "member", "look": LOOK, "created_at": START, "seen_at": START},
    )
    draft = TaskDraft(text="Buy bread", owner_id=ID, owner_name=NAME, source_words=WORDS, created_by=ID)
    task = (await TaskList(engine, store).add(draft, key="t", now=START)).task
    for _ in range(2):
        await store.erase_person(ID)
        after = await everything(store)
        assert NAME not in after
    assert (await TaskList(engine, store).get(task.id)).owner_name == SOMEBODY
    assert await store.audit_fault() is None
    await store.close()
