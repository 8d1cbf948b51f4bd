"""Taking out what workflows have copied of a person: their id, their mail address and their name in texts.

Markers stand in their place, so that texts stay texts and an address stays an address: a run that is not over goes
on with them. Which field is about whom nobody knows, so it is told by the value alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    true,
    update,
)

from workflows.adapters import tables
from workflows.erased import NO_MAIL, NOBODY, SOMEBODY
from workflows.library.erasure import ERASURE
from workflows.words import words_of

KEPT_FIELDS = frozenset({"task", "call", "decision", "subject", "to", "state", "number"})
"""What stays of what somebody gave with an event: which question, how it was decided, over which hash."""

_Change = Callable[[Any], Any]


class Copies:
    """Finds one person in values, and takes them out."""

    def __init__(self, person: str, name: str = "", mail: str = "") -> None:
        """Look for an id, and for a name and a mail address where there are some."""
        self.places = 0
        """So many texts were changed."""
        words = name.split()
        self._exact = {person: NOBODY}
        self._within: list[tuple[re.Pattern[str], str]] = []
        needles = [person]
        if mail:
            # Not where it is the end or the beginning of another address.
            text = rf"(?<![\w.+-]){re.escape(mail)}(?![\w-]|\.\w)"
            self._within.append((re.compile(text, re.IGNORECASE), NO_MAIL))
            needles.append(mail)
        if len(words) > 1:
            text = r"\s+".join(map(re.escape, words))
            self._within.append((re.compile(rf"(?<!\w){text}(?!\w)", re.IGNORECASE), SOMEBODY))
            needles.append(max(map(_plain, words), key=len))
        elif words:  # one word alone may mean anything where there are others around it
            self._exact.setdefault(words[0], SOMEBODY)
            needles.append(words[0])
        self._pieces = [_plain(needle).lower() for needle in needles]

    def may_be_in(self, column: Column[Any]) -> ColumnElement[bool]:
        """Narrow rows down to those that may hold them, without reading the values as JSON.

        JSON may write letters beyond ASCII in two ways, so only what is certain to stand there is looked for.
        """
        if "" in self._pieces:
            return true()
        text = func.lower(cast(column, Text))
        return or_(*(text.contains(piece, autoescape=True) for piece in self._pieces))

    def out_of(self, value: Any) -> Any:
        """Give a JSON value without them; the very same where they are not in it. Keys of maps stay."""
        if isinstance(value, str):
            after = self._exact.get(value)
            if after is None:
                after = value
                for pattern, mark in self._within:
                    after = pattern.sub(mark, after)
            if after == value:
                return value
            self.places += 1
            return after
        if isinstance(value, Mapping):
            fields = {key: self.out_of(one) for key, one in value.items()}
            return fields if any(fields[key] is not one for key, one in value.items()) else value
        if isinstance(value, list):
            items = [self.out_of(one) for one in value]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def out_of_event(self, name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give an event's data without them, marked; its commitment does not fit any more, and it says why.

        To whom something was passed on stays, as ids do in the audit.
        """
        kept = KEPT_FIELDS if name.startswith("$") else frozenset()
        fields = {key: one if key in kept else self.out_of(one) for key, one in data.items()}
        if all(fields[key] is one for key, one in data.items()):
            return data
        return fields | {"erased": True}

    def out_of_more(self, more: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give what is under way in a run without them; who is asked, and who did what, stays.

        See `workflows.run_document`.
        """
        before = self.places
        after = dict(more)
        if "open" in more:
            after["open"] = {
                name: one | {"failed": self.out_of(one["failed"])} if "failed" in one else one
                for name, one in more["open"].items()
            }
        if "undo" in more:
            after["undo"] = [[name, action, self.out_of(params)] for name, action, params in more["undo"]]
        if "held" in more:
            after["held"] = [[name, actor, self.out_of(data), roles] for name, actor, data, roles in more["held"]]
        return more if self.places == before else after


def out_of_runs(connection: Connection, copies: Copies) -> None:
    """Take somebody out of all that runs hold, and of what schedules begin runs with; the caller commits.

    Runs come first, in the order in which others lock them too. Erasures are left out: they say who is erased, by
    an id that then says nothing, and go on with it.
    """
    run, request, task, schedule = tables.run, tables.request, tables.human_task, tables.schedule
    _change(connection, copies, run.c.data, copies.out_of)
    _change(connection, copies, run.c.more, copies.out_of_more)
    _change(connection, copies, run.c.trouble, copies.out_of)
    _change_events(connection, copies)
    for column in (
        request.c.params, request.c.result, request.c.errors, task.c.title, task.c.shown,
        schedule.c.data, schedule.c.trouble,
    ):  # fmt: skip
        _change(connection, copies, column, copies.out_of)


def _change(connection: Connection, copies: Copies, column: Column[Any], change: _Change) -> None:
    """Change one column wherever they are in it."""
    rows = []
    for *key, before in _read(connection, copies, column):
        after = change(before)
        if after is not before:
            more = {"words": words_of(after)} if column is tables.run.c.data else {}
            rows.append(_found(column, key) | {column.name: after} | more)
    _write(connection, column, rows)


def _change_events(connection: Connection, copies: Copies) -> None:
    column = tables.event.c.data
    rows = []
    for *key, name, before in _read(connection, copies, column, tables.event.c.name):
        after = copies.out_of_event(name, before)
        if after is not before:
            rows.append(_found(column, key) | {"data": after})
    _write(connection, column, rows)


def _read(connection: Connection, copies: Copies, column: Column[Any], *more: Column[Any]) -> Iterable[Any]:
    table, run = column.table, tables.run.c
    keys = list(table.primary_key)
    query = select(*keys, *more, column).where(copies.may_be_in(column)).order_by(*keys)
    if table is tables.run:
        query = query.where(run.definition != ERASURE.name)
    elif "run" in table.c:
        query = query.where(table.c.run.not_in(select(run.id).where(run.definition == ERASURE.name)))
    if connection.dialect.name == "postgresql":
        query = query.with_for_update()
    return connection.execute(query).all()


def _found(column: Column[Any], key: Iterable[Any]) -> dict[str, Any]:
    return {f"k_{one.name}": value for one, value in zip(column.table.primary_key, key, strict=True)}


def _write(connection: Connection, column: Column[Any], rows: list[dict[str, Any]]) -> None:
    if rows:
        table = column.table
        same = and_(*(one == bindparam(f"k_{one.name}") for one in table.primary_key))
        connection.execute(update(table).where(same), rows)


def _plain(text: str) -> str:
    """The longest piece that JSON writes in one way only."""
    return max(re.findall(r"[A-Za-z0-9@._+-]+", text), key=len, default="")
