"""Runs as rows and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from workflows.adapters import tables
from workflows.run import HistoryEntry, Outcome, Run, Status
from workflows.run_document import more_of, read_more
from workflows.words import words_of

COLUMNS = tuple(tables.run.c)


def run_of(row: Row[Any] | tuple[Any, ...]) -> Run:
    """Read a row of `COLUMNS`."""
    (
        id, definition, definition_hash, key, state, data, version, created_at, updated_at,
        tenant, started_by, status, trouble, steward, parent, more, _,
    ) = tuple(row)  # fmt: skip
    return Run(
        id=id,
        definition=definition,
        definition_hash=definition_hash,
        key=key,
        state=state,
        data=data,
        version=version,
        created_at=created_at,
        updated_at=updated_at,
        tenant=tenant,
        started_by=started_by,
        status=_STATUS[status],
        trouble=trouble,
        steward=steward,
        parent=parent,
        **(read_more(more) if more else {}),
    )


def row_of(run: Run) -> dict[str, Any]:
    """Write a row."""
    return {
        "id": run.id,
        "definition": run.definition,
        "definition_hash": run.definition_hash,
        "key": run.key,
        "state": run.state,
        "data": run.data,
        "version": run.version,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
        "tenant": run.tenant,
        "started_by": run.started_by,
        "status": run.status.value,
        "trouble": run.trouble,
        "steward": run.steward,
        "parent": run.parent,
        "more": more_of(run),
        "words": words_of(run.data),
    }


def history_of(row: Row[Any]) -> HistoryEntry:
    """Read a row of the table `event`."""
    run, seq, name, actor, data, key, from_state, to_state, at, outcome = tuple(row)
    return HistoryEntry(
        run=run,
        seq=seq,
        event=name,
        actor=actor,
        data=data,
        key=key,
        from_state=from_state,
        to_state=to_state,
        at=at,
        outcome=Outcome(outcome),
    )


_STATUS = {status.value: status for status in Status}
