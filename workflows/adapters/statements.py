"""The statements of a unit: what a transition reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    String,
    Table,
    any_,
    bindparam,
    delete,
    literal_column,
    select,
    text,
    tuple_,
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


def _new(table: Table, *, upsert: Sequence[str] = (), keep: bool = False) -> Bulk:
    """Insert rows; with `upsert` those that are there get these columns, with `keep` they stay."""
    names = [one.name for one in table.c]

    def make(rows: FromClause | None) -> UpdateBase:
        if rows is None:
            return _on_conflict(sqlite.insert(table), table, upsert, keep)
        put = postgresql.insert(table).from_select(names, select(*(rows.c[name] for name in names)))
        return _on_conflict(put, table, upsert, keep)

    return Bulk(make, table, names)


def _on_conflict(put: Any, table: Table, upsert: Sequence[str], keep: bool) -> UpdateBase:
    if upsert:
        keys = [one.name for one in table.primary_key]
        put = put.on_conflict_do_update(index_elements=keys, set_={name: put.excluded[name] for name in upsert})
    elif keep:
        put = put.on_conflict_do_nothing()
    statement: UpdateBase = put
    return statement


def _same(table: Table, names: Sequence[str], rows: FromClause | None) -> list[ColumnElement[bool]]:
    return [table.c[n] == (bindparam(f"b_{n}") if rows is None else rows.c[f"b_{n}"]) for n in names]


def _change(table: Table, names: Sequence[str], where: Sequence[str], *statuses: str) -> Bulk:
    """Set `names` of the rows that are the same in `where`, and have one of these statuses if any are named."""

    def make(rows: FromClause | None) -> UpdateBase:
        statement = update(table).where(*_same(table, where, rows))
        if statuses:
            written: list[ColumnElement[Any]] = [literal_column(f"'{status}'") for status in statuses]
            statement = statement.where(table.c.status.in_(written))
        return statement if rows is None else statement.values({name: rows.c[name] for name in names})

    return Bulk(make, table, names, where)


def _gone(table: Table, where: Sequence[str]) -> Bulk:
    return Bulk(lambda rows: delete(table).where(*_same(table, where, rows)), table, (), where)


def _runs(dialect: Dialect) -> Any:
    query = select(*COLUMNS).where(_one_of(dialect, _run.c.id, "ids"))
    return query.order_by(_run.c.id).with_for_update() if _is_postgres(dialect) else query


def _claim(dialect: Dialect) -> Any:
    """Take a tenant's requests that have been due longest; another process takes others meanwhile."""
    first = (
        select(*(_request.c[name] for name in _THIS))
        .where(
            _request.c.status == literal_column("'waiting'"),
            _request.c.tenant == bindparam("tenant"),
            _request.c.due <= bindparam("now", type_=tables.Utc()),
        )
        .order_by(_request.c.due, *(_request.c[name] for name in _THIS))
        .limit(bindparam("most", type_=Integer()))
    )
    if _is_postgres(dialect):
        first = first.with_for_update(skip_locked=True)
    values = {
        "status": literal_column("'running'"),
        "owner": bindparam("by", type_=String()),
        "fence": _request.c.fence + literal_column("1"),
        "lease_until": bindparam("until", type_=tables.Utc()),
        "attempts": _request.c.attempts + literal_column("1"),
    }
    found = tuple_(*(_request.c[name] for name in _THIS)).in_(first)
    return update(_request).where(found).values(values).returning(*CLAIMED)


def _renew(dialect: Dialect) -> Any:
    """Keep those leases that are still held, of `leases`: a list as JSON of what `HELD` names."""
    if _is_postgres(dialect):
        given = (
            "SELECT value->>0, CAST(value->>1 AS INTEGER), value->>2, CAST(value->>3 AS INTEGER), value->>4"
            " FROM json_array_elements(CAST(:leases AS JSON))"
        )
    else:
        given = "SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(:leases)"
    statement = update(_request).where(
        tuple_(*HELD).in_(text(given)), _request.c.status == literal_column("'running'")
    )
    return statement.values(lease_until=bindparam("until", type_=tables.Utc())).returning(*HELD)


def _end_of_chain(dialect: Dialect) -> Any:
    query = select(_head.c.seq, _head.c.hash)
    return query.with_for_update() if _is_postgres(dialect) else query


CLAIMED = tuple(
    _request.c[name]
    for name in (
        "run", "number", "name", "owner", "fence", "lease_until", "action", "params", "timeout", "tenant",
        "attempts", "errors", "retry", "due",
    )
)  # fmt: skip
"""What is given of a request that was claimed."""
HELD = tuple(_request.c[name] for name in ("run", "number", "name", "fence", "owner"))
"""What tells a lease from any other."""
_MOVED = ("definition_hash", "state", "data", "version", "updated_at", "status", "trouble", "steward", "more")
_THIS = ("run", "number", "name")
_SETTLED = ("status", "result", "errors", "due", "ended_at", "lease_until")

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
CLAIM, RENEW = Query(_claim, CLAIMED), Query(_renew, HELD)
HEAD = Query(_end_of_chain, [_head.c.seq, _head.c.hash])

NEW_RUN, EVENT, AUDIT = _new(_run), _new(_event), _new(tables.audit)
NEW_DEFINITION = _new(tables.definition, keep=True)
MOVE = _change(_run, _MOVED, ("id", "version"))
MOVE_WORDS = _change(_run, (*_MOVED, "words"), ("id", "version"))
MOVE_HEAD = _change(_head, ("seq", "hash"), ("id",))
ASK = _new(_request)
SETTLE = _change(_request, _SETTLED, (*_THIS, "fence"), "running")
WITHDRAW = _change(_request, ("status", "ended_at", "lease_until"), _THIS, "waiting", "running")
OPEN_TASK, ASKED = _new(_task), _new(_asked)
CHANGE_TASK = _change(_task, ("roles", "people", "votes"), _THIS)
CLOSE_TASK = _change(_task, ("status", "decision", "decided_by", "closed_at", "votes"), _THIS)
UNASK = _gone(_asked, _THIS)
SET_TIMER = _new(_timer, upsert=("at", "event", "fence"))
CLEAR_TIMER = _gone(_timer, ("run", "name"))
LEAVE_MARK = _new(tables.commit_mark, upsert=("mark",))
