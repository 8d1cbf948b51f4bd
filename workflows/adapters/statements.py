"""The statements of a unit: what a transition reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    String,
    Table,
    any_,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import UpdateBase

from workflows.adapters import tables
from workflows.adapters.bulk import Bulk, Query
from workflows.adapters.run_rows import COLUMNS

_run, _request, _task, _asked = tables.run, tables.request, tables.human_task, tables.asked
_event, _timer, _person, _head = tables.event, tables.timer, tables.person_key, tables.audit_head


def _is_postgres(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


def _one_of(dialect: Dialect, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """The column is one of a list that is given as one value: an array, or JSON where there are none."""
    if _is_postgres(dialect):
        return column == any_(bindparam(name, type_=ARRAY(String)))
    return column.in_(text(f"SELECT value FROM json_each(:{name})"))


def _same(table: Table, *names: str) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"b_{name}") for name in names]


def _new(table: Table) -> Bulk:
    names = [column.name for column in table.c]
    return Bulk(lambda dialect: insert(table), table, names)


def _change(table: Table, names: Sequence[str], where: Sequence[str], *more: ColumnElement[bool]) -> Bulk:
    return Bulk(lambda dialect: update(table).where(*_same(table, *where), *more), table, names, where)


def _gone(table: Table, where: Sequence[str]) -> Bulk:
    return Bulk(lambda dialect: delete(table).where(*_same(table, *where)), table, (), where)


def _set_timer(dialect: Dialect) -> UpdateBase:
    put = (postgresql if _is_postgres(dialect) else sqlite).insert(_timer)
    excluded = put.excluded
    statement: UpdateBase = put.on_conflict_do_update(
        index_elements=["run", "name"],
        set_={"at": excluded.at, "event": excluded.event, "fence": excluded.fence},
    )
    return statement


def _runs(dialect: Dialect) -> Any:
    query = select(*COLUMNS).where(_one_of(dialect, _run.c.id, "ids"))
    return query.order_by(_run.c.id).with_for_update() if _is_postgres(dialect) else query


def _end_of_chain(dialect: Dialect) -> Any:
    query = select(_head.c.seq, _head.c.hash)
    return query.with_for_update() if _is_postgres(dialect) else query


_MOVED = ("definition_hash", "state", "data", "version", "updated_at", "status", "trouble", "steward", "more")
_THIS = ("run", "number", "name")
_SETTLED = ("status", "result", "errors", "due", "ended_at", "lease_until")
_RUNNING = literal_column("status") == literal_column("'running'")
_LIVE = literal_column("status").in_([literal_column("'waiting'"), literal_column("'running'")])

RUNS = Query(_runs, COLUMNS)
RUN = Query(lambda dialect: select(*COLUMNS).where(_run.c.id == bindparam("id")), COLUMNS)
BY_KEY = Query(
    lambda dialect: select(_run.c.id).where(
        _run.c.definition == bindparam("definition"), _run.c.key == bindparam("key")
    ),
    [_run.c.id],
)
HAS_EVENT = Query(
    lambda dialect: select(_event.c.seq).where(_event.c.run == bindparam("run"), _event.c.key == bindparam("key")),
    [_event.c.seq],
)
DEFINITION = Query(
    lambda dialect: select(tables.definition.c.document).where(tables.definition.c.hash == bindparam("hash")),
    [tables.definition.c.document],
)
TIMERS = Query(lambda dialect: select(_timer).where(_one_of(dialect, _timer.c.run, "ids")), list(_timer.c))
KEYS = Query(
    lambda dialect: select(_person.c.person, _person.c.key).where(_one_of(dialect, _person.c.person, "people")),
    [_person.c.person, _person.c.key],
)
HEAD = Query(_end_of_chain, [_head.c.seq, _head.c.hash])

NEW_RUN, EVENT, AUDIT = _new(_run), _new(_event), _new(tables.audit)
MOVE = _change(_run, _MOVED, ("id", "version"))
MOVE_WORDS = _change(_run, (*_MOVED, "words"), ("id", "version"))
MOVE_HEAD = _change(_head, ("seq", "hash"), ("id",))
ASK = _new(_request)
SETTLE = _change(_request, _SETTLED, (*_THIS, "fence"), _RUNNING)
WITHDRAW = _change(_request, ("status", "ended_at", "lease_until"), _THIS, _LIVE)
OPEN_TASK, ASKED = _new(_task), _new(_asked)
CHANGE_TASK = _change(_task, ("roles", "people", "votes"), _THIS)
CLOSE_TASK = _change(_task, ("status", "decision", "decided_by", "closed_at", "votes"), _THIS)
UNASK = _gone(_asked, _THIS)
SET_TIMER = Bulk(_set_timer, _timer, [column.name for column in _timer.c])
CLEAR_TIMER = _gone(_timer, ("run", "name"))
