"""Erasing a person from the database: one transaction, after which nothing there says who they were.

Ids stay: in the audit, in histories, in votes. Without the row that named them, and without the key, they say
that one and the same somebody did these things, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, or_, select, update

from workflows.adapters import tables
from workflows.adapters.copied import KEPT_FIELDS, Copies, out_of_runs
from workflows.erased import SOMEBODY
from workflows.task import LATER
from workflows.words import words_of

INVENTORY: Mapping[str, str] = {
    "person": "deleted",
    "person_key": "deleted: no commitment in the audit can be tested any more",
    "utterance": "theirs are deleted; the name of who corrected others' is replaced",
    "attendance": "the name is replaced",
    "meeting": "the name of who held it is replaced",
    "decision": "stays, without the link to their words",
    "question": "stays, without the link to their words",
    "written": "of meetings that they were in, it is deleted",
    "event": "what they gave with theirs is taken out but for KEPT_FIELDS; in others' their id, address, name go",
    "run": "quotations and names in tasks go, and their id, address and name wherever they stand; the rest stays",
    "asked": "nothing is before them any more",
    "setting": "what is kept under their id goes; the owner's link does not make its bearer this person any more",
    "human_task": "ids stay: who was asked, who decided; in what was shown their id, address and name go",
    "audit": "ids and commitments stay",
    "audit_head": "no person",
    "schedule": "the id of who made it stays; in what it begins runs with their id, address and name go",
    "invite": "the id of who made it stays",
    "definition": "no person",
    "request": "what connectors were asked to do is the office's; their id, address and name go",
    "timer": "no person",
    "commit_mark": "no person",
}
"""What becomes of each table. One that is not in here fails a test."""
ERASED = "erased_person"
"""The setting of this name, with their id behind a colon, stays: it refuses the sessions that they had."""
_AT_ONCE = 500


def erase_person(connection: Connection, person: str) -> dict[str, int]:
    """Erase somebody; harmless when repeated.

    Args:
        connection: one that writes; the caller owns the transaction.
        person: their id.

    Returns:
        How many words, events and tasks were concerned; and how many places in what workflows had copied.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # what is deleted is written over
    try:
        return _erase(connection, person)
    finally:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=OFF")


def _erase(connection: Connection, person: str) -> dict[str, int]:
    utterance = tables.utterance
    words = list(connection.scalars(select(utterance.c.id).where(utterance.c.speaker == person)))
    events = _own_events(connection, person)
    events += sum(_out_of_tasks(connection, tables.event, person, some) for some in _chunks(words))
    tasks = sum(_out_of_tasks(connection, tables.run, person, some) for some in _chunks(words))
    for some in _chunks(words):
        for note in (tables.decision, tables.question):
            connection.execute(update(note).where(note.c.utterance.in_(some)).values(utterance=None))
    connection.execute(delete(utterance).where(utterance.c.speaker == person))
    there = select(tables.attendance.c.meeting).where(tables.attendance.c.person == person)
    connection.execute(delete(tables.written).where(tables.written.c.meeting.in_(there)))
    _out_of_names(connection, person)
    connection.execute(delete(tables.asked).where(tables.asked.c.who == f"person:{person}"))
    _out_of_settings(connection, person)
    known = connection.execute(
        select(tables.person.c.name, tables.person.c.mail).where(tables.person.c.id == person)
    )
    copies = Copies(person, *(known.one_or_none() or ()))
    out_of_runs(connection, copies)
    connection.execute(delete(tables.person_key).where(tables.person_key.c.person == person))
    connection.execute(delete(tables.person).where(tables.person.c.id == person))
    return {"words": len(words), "events": events, "tasks": tasks, "places_changed": copies.places}


def _out_of_names(connection: Connection, person: str) -> None:
    for table, who, name in (
        (tables.attendance, "person", "name"),
        (tables.meeting, "facilitator", "facilitator_name"),
        (tables.utterance, "edited_by", "edited_by_name"),
    ):
        connection.execute(update(table).where(table.c[who] == person).values({name: SOMEBODY}))


def _out_of_settings(connection: Connection, person: str) -> None:
    """What is kept under their id, as what waits to be said to them; and that the owner's link is theirs."""
    setting = tables.setting.c
    theirs = and_(setting.name.endswith(f":{person}", autoescape=True), setting.name != f"{ERASED}:{person}")
    connection.execute(delete(tables.setting).where(theirs))
    owner = connection.scalar(select(setting.value).where(setting.name == "owner_person"))
    if owner == person:
        connection.execute(delete(tables.setting).where(setting.name == "owner_person"))


def _own_events(connection: Connection, person: str) -> int:
    """Take out what they gave with what they did."""
    event = tables.event.c

    def change(data: Mapping[str, Any]) -> Mapping[str, Any]:
        kept = {name: value for name, value in data.items() if name in KEPT_FIELDS}
        return data if kept == data else kept | {"erased": True}

    return _rewrite(connection, tables.event, event.actor == person, change)


def _out_of_tasks(connection: Connection, table: Table, person: str, words: Sequence[str]) -> int:
    """Take their name out of tasks that are theirs, and quotations of theirs out of others'."""
    data = table.c.data
    concerned = or_(
        data["owner_id"].as_string() == person,
        data["source_utterance"].as_string().in_(words),
        data[LATER].as_string().is_not(None),
    )
    quoted = frozenset(words)

    def change(before: Mapping[str, Any]) -> Mapping[str, Any]:
        after = dict(before)
        if before.get("owner_id") == person and before.get("owner_name"):
            after["owner_name"] = SOMEBODY
        if before.get("source_utterance") in quoted and before.get("source_words"):
            after["source_words"] = ""
        if isinstance(before.get(LATER), list):
            after[LATER] = [_unquoted(one, quoted) for one in before[LATER]]
        if after == before:
            return before
        return after | {"erased": True} if table is tables.event else after

    return _rewrite(connection, table, concerned, change)


def _unquoted(one: Any, quoted: frozenset[str]) -> Any:
    """What was said of a task later, without the words where they are of these utterances."""
    theirs = isinstance(one, dict) and one.get("utterance") in quoted and one.get("words")
    return one | {"words": ""} if theirs else one


def _rewrite(
    connection: Connection, table: Table, where: Any, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> int:
    """Change the data of some rows; give of how many."""
    keys = list(table.primary_key)
    query = select(*keys, table.c.data).where(where)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update()
    rows = []
    for *key, before in connection.execute(query):
        after = change(before)
        if after is not before:
            found = {f"k_{column.name}": value for column, value in zip(keys, key, strict=True)} | {"data": after}
            rows.append(found | ({"words": words_of(after)} if table is tables.run else {}))
    if rows:
        same = and_(*(column == bindparam(f"k_{column.name}") for column in keys))
        connection.execute(update(table).where(same), rows)
    return len(rows)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many at once as a statement takes; one, empty, where there is none."""
    for start in range(0, max(1, len(ids)), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
