"""What workflows have copied of a person goes with them, on both databases; runs go on, and the audit holds."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import PostgresServer, postgres_server
from tests.server.offices import LOOK, START
from tests.server.test_erasure import everything
from workflows.adapters import tables
from workflows.adapters.copied import Copies
from workflows.adapters.sql_store import SqlStore
from workflows.audit import commitment
from workflows.engine import Engine
from workflows.erased import NO_MAIL, NOBODY, SOMEBODY
from workflows.parts import Rules
from workflows.run import Status
from workflows.store import Claimed
from workflows.written import read_definition

ID, NAME, MAIL = "7f3a-zoe", "Zoë  Quitte", "zoe@quitte.example"
COPYING = """
name: copying
title: Copying
owner: owner
data: {type: object, properties: {mail: {type: string, format: email}}}
initial: looking
states:
  looking:
    calls:
      find:
        action: crm.find
        with: {mail: "{data.mail}"}
        save: found
        undo: {action: crm.drop, with: {who: "{data.who}"}}
    on: {done.find: asking}
  asking:
    asks:
      question:
        title: "May {data.name} come?"
        person: bo
        shows: [data.name, data.who, data.mail]
        form: {type: object, properties: {comment: {type: string}}}
    on: {approve.question: said, reject.question: said, nod: said}
  said: {title: Said, final: true}
"""
DATA: dict[str, object] = {
    "who": ID, "name": "zoë quitte", "mail": MAIL, "street": "Quitte Street 7", "amount": 7,
    "text": f"Write to {NAME} <{MAIL.upper()}>, not to anna{MAIL}.", "several": [ID, {"who": ID}, f"{ID} and Bo"],
}  # fmt: skip
"""What a run is begun with."""
TEXT = f"Write to {SOMEBODY} <{NO_MAIL}>, not to anna{MAIL}."


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    sqlite = request.param == "sqlite"
    place = tmp_path / "office.db" if sqlite else request.getfixturevalue("server").database()
    opened = await SqlStore.open(place)
    person = {"id": ID, "name": NAME, "role": "member", "look": LOOK, "created_at": START, "seen_at": START}
    await opened.rows.put("person", {**person, "mail": MAIL})
    yield opened
    await opened.close()


@pytest.fixture
def engine(store: SqlStore) -> Engine:
    made = Engine(store, timezone=UTC)
    made.put(read_definition(COPYING, Rules()))
    return made


async def claimed(store: SqlStore) -> Claimed:
    (one,) = await store.claim("a test", START, START + timedelta(seconds=30), {"": 10})
    return one


async def row(store: SqlStore, table: str, **where: Any) -> Any:
    (found,) = await store.rows.select(table, where)
    return found


async def test_what_a_run_copied_goes_and_the_run_goes_on(store: SqlStore, engine: Engine) -> None:
    run = (await engine.start("copying", DATA, key="k", actor="bo", now=START)).run.id
    await engine.done(await claimed(store), {"owner": NAME, "mails": [MAIL]}, START)
    await engine.operate(run, "pause", reason=f"{NAME} is away", actor="bo", now=START)
    asked = await row(store, "human_task", run=run)
    await engine.send(run, "nod", {"comment": f"I know {NAME}"}, actor="bo", now=START)

    found = await store.erase_person(ID)

    after = await everything(store)
    plain = after.replace(f"anna{MAIL}", "").casefold()
    assert not any(one.casefold() in plain for one in (NAME, "Zoë Quitte", "zo\\u00eb quitte", MAIL))
    kept = await row(store, "run", id=run)
    expected = {
        "who": NOBODY, "name": SOMEBODY, "mail": NO_MAIL, "street": "Quitte Street 7", "amount": 7, "text": TEXT,
        "several": [NOBODY, {"who": NOBODY}, f"{ID} and Bo"], "found": {"owner": SOMEBODY, "mails": [NO_MAIL]},
    }  # fmt: skip
    assert kept["data"] == expected
    assert NOBODY in kept["words"]
    assert "zoë" not in kept["words"]
    assert kept["more"]["undo"][0][2] == {"who": NOBODY}
    assert kept["more"]["held"][0][2] == {"comment": f"I know {SOMEBODY}"}
    assert kept["more"]["open"]["question"]["people"] == ["bo"]
    request = await row(store, "request", run=run)
    assert (request["params"], request["result"]) == ({"mail": NO_MAIL}, expected["found"])
    task = await row(store, "human_task", run=run)
    assert task["title"] == f"May {SOMEBODY} come?"
    assert task["shown"] == {"data.name": SOMEBODY, "data.who": NOBODY, "data.mail": NO_MAIL}
    assert task["subject"] == asked["subject"], "what was decided about stays told by its hash"
    in_data, in_undo, in_request, in_task = 8, 1, 3, 4
    in_events = 6 + 2 + 1 + 1  # of the start, of what was found, of the pause, of the nod
    assert found["places_changed"] == in_data + in_undo + 1 + in_request + in_task + in_events
    assert (await store.erase_person(ID))["places_changed"] == 0, "a repeat finds nothing"

    moved = await engine.operate(run, "resume", reason="she is back", actor="bo", now=START)
    assert (moved.run.status, moved.run.state, moved.run.data["mail"]) == (Status.DONE, "said", NO_MAIL)
    assert await store.audit_fault() is None


async def test_an_open_question_can_be_decided_as_before(store: SqlStore, engine: Engine) -> None:
    run = (await engine.start("copying", DATA, key="k", actor="bo", now=START)).run.id
    await engine.done(await claimed(store), None, START)
    await store.erase_person(ID)
    (task,) = await store.human_tasks(who=["person:bo"], only_open=True)
    outcome = await engine.decide(
        run, "question", "approve", subject=task.subject, form={"comment": "Yes"}, actor="bo", now=START
    )
    assert outcome.run.status is Status.DONE


async def test_what_failed_over_them_can_be_tried_again(store: SqlStore, engine: Engine) -> None:
    run = (await engine.start("copying", DATA, key="k", actor="bo", now=START)).run.id
    await engine.failed(await claimed(store), f"{MAIL} is unknown", START, final=True)
    await store.erase_person(ID)
    kept = await row(store, "run", id=run)
    assert MAIL not in kept["trouble"]
    assert kept["more"]["open"]["find"]["failed"] == f"{NO_MAIL} is unknown"
    (error,) = (await row(store, "request", run=run))["errors"]
    assert error["reason"] == f"{NO_MAIL} is unknown"
    await engine.operate(run, "retry", reason="again", actor="bo", now=START)
    one = await claimed(store)
    assert one.params == {"mail": NO_MAIL}
    await engine.done(one, None, START)
    assert (await engine.get(run)).state == "asking"


async def test_data_that_was_changed_says_so_and_all_other_still_fits_the_audit(
    store: SqlStore, engine: Engine
) -> None:
    await engine.start("copying", DATA, key="k", actor="bo", now=START)
    await engine.start("copying", {"mail": "kim@example.org"}, key="other", actor="bo", now=START)
    before = [(one.seq, one.hash) for one in await store.audit()]
    await store.erase_person(ID)
    assert [(one.seq, one.hash) for one in await store.audit()] == before
    assert await store.audit_fault() is None
    keys = {one["person"]: one["key"] for one in await store.rows.select("person_key")}
    events = {(one["run"], one["seq"]): one["data"] for one in await store.rows.select("event")}
    fits = {
        events[one.run, one.version].get("erased", False): commitment(
            keys[one.actor], events[one.run, one.version]
        )
        == one.digest
        for one in await store.audit()
    }
    assert fits == {True: False, False: True}


async def test_to_whom_something_was_passed_on_stays_as_an_id(store: SqlStore, engine: Engine) -> None:
    run = (await engine.start("copying", {"name": "Kim"}, key="k", actor="bo", now=START)).run.id
    await engine.done(await claimed(store), None, START)
    await engine.operate(run, "reassign", reason=f"{NAME} knows", actor="eva", now=START, task="question", to=ID)
    await store.erase_person(ID)
    (passed,) = await store.rows.select("event", {"name": "$reassign"})
    assert (passed["data"]["to"], passed["data"]["reason"]) == (ID, f"{SOMEBODY} knows")
    assert passed["data"]["erased"] is True


async def test_what_a_schedule_begins_runs_with_is_searched_too(store: SqlStore) -> None:
    values = {
        "name": "weekly", "definition": "copying", "every": "7 days", "timezone": "UTC", "data": {"mail": MAIL},
        "tenant": "", "created_by": ID, "paused": False, "next_at": START, "last_at": None,
    }  # fmt: skip
    await store.rows.put("schedule", values)
    assert (await store.erase_person(ID))["places_changed"] == 1
    kept = await row(store, "schedule", name="weekly")
    assert (kept["data"], kept["created_by"]) == ({"mail": NO_MAIL}, ID)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (ID, NOBODY),
        (f"{ID}.", f"{ID}."),
        ("Ana Lee", SOMEBODY),
        ("to ANA  LEE, now", f"to {SOMEBODY}, now"),
        ("Joana Lee", "Joana Lee"),
        ("Ana Leeds", "Ana Leeds"),
        ("Ana", "Ana"),
        ("<a.lee@example.org>", f"<{NO_MAIL}>"),
        ("Write to A.Lee@example.org.", f"Write to {NO_MAIL}."),
        ("ja.lee@example.org", "ja.lee@example.org"),
        ("a.lee@example.org.uk", "a.lee@example.org.uk"),
        ("a.lee@example.organic", "a.lee@example.organic"),
        ("", ""),
    ],
)
def test_texts_are_told_apart(text: str, after: str) -> None:
    copies = Copies(ID, "Ana Lee", "a.lee@example.org")
    assert copies.out_of([text, 1, None]) == [after, 1, None]
    assert copies.places == (text != after)
    assert copies.out_of(copies.out_of(text)) == after


def test_a_name_of_one_word_is_replaced_where_it_is_all_there_is() -> None:
    copies = Copies(ID, "Florence")
    assert copies.out_of({"who": "Florence", "where": "to Florence"}) == {"who": SOMEBODY, "where": "to Florence"}


def test_what_does_not_hold_them_is_the_very_same() -> None:
    value = {"a": [1, {"b": "Bo"}], "c": None}
    assert Copies(ID, NAME, MAIL).out_of(value) is value


async def test_a_name_without_a_letter_of_ascii_is_found(store: SqlStore, engine: Engine) -> None:
    await store.rows.update("person", {"name": "李 明"}, {"id": ID})
    run = (await engine.start("copying", {"text": "给 李 明 的信"}, key="k", actor="bo", now=START)).run.id
    assert (await store.erase_person(ID))["places_changed"] == 2
    assert (await row(store, "run", id=run))["data"] == {"text": f"给 {SOMEBODY} 的信"}


def test_each_column_of_json_or_text_that_runs_have_is_thought_of() -> None:
    """A new one has to be searched as well, or be listed here."""
    searched = {
        "run.data", "run.more", "run.trouble", "run.words", "event.data", "request.params", "request.result",
        "request.errors", "human_task.title", "human_task.shown", "schedule.data", "schedule.trouble",
    }  # fmt: skip
    ids_or_rules = {
        "request.retry", "human_task.roles", "human_task.people", "human_task.barred", "human_task.decisions",
        "human_task.form", "human_task.votes",
    }  # fmt: skip
    of_runs = ("run", "event", "request", "human_task", "asked", "schedule", "timer")
    found = {
        f"{name}.{column.name}"
        for name in of_runs
        for column in tables.metadata.tables[name].c
        if type(column.type).__name__ in ("JSON", "Text")
    }
    assert found == searched | ids_or_rules


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_nothing_of_them_stays_in_the_files(store: SqlStore, engine: Engine, tmp_path: Path) -> None:
    def hold() -> list[str]:
        files = (tmp_path / "office.db", tmp_path / "office.db-wal")
        return [file.name for file in files if MAIL.encode() in file.read_bytes().lower()]

    await engine.start("copying", {**DATA, "text": MAIL}, key="k", actor="bo", now=START)
    reader = sqlite3.connect(f"file:{tmp_path / 'office.db'}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM run").fetchone()
    await store.erase_person(ID)
    await engine.start("copying", {}, key="in between", actor="bo", now=START)
    assert "office.db-wal" in hold(), "somebody still reads the state of before"
    reader.close()
    for key in ("after", "after that"):  # the log is cut off when the first is answered: the second waits for that
        await engine.start("copying", {}, key=key, actor="bo", now=START)
    assert hold() == []
