"""Runs as JSON values and back: what is under way in them, and all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows.run import Doing, Event, Kind, Open, Run, Status

_KINDS = {kind.value: kind for kind in Kind}
_PLAIN = (
    "id", "definition", "definition_hash", "key", "state", "version", "tenant", "started_by", "trouble", "steward",
    "parent",
)  # fmt: skip


def document_of(run: Run) -> dict[str, Any]:
    """Write a run as JSON values."""
    return {name: getattr(run, name) for name in _PLAIN} | {
        "data": dict(run.data),
        "status": run.status.value,
        "created_at": run.created_at.isoformat(),
        "updated_at": run.updated_at.isoformat(),
        "more": more_of(run),
    }


def run_from(document: Mapping[str, Any]) -> Run:
    """Read a run that `document_of` wrote."""
    return Run(
        **{name: document[name] for name in _PLAIN},
        data=document["data"],
        status=Status(document["status"]),
        created_at=datetime.fromisoformat(document["created_at"]),
        updated_at=datetime.fromisoformat(document["updated_at"]),
        **read_more(document["more"]),
    )


def more_of(run: Run) -> dict[str, Any]:
    """Write what is under way in a run; what says nothing is left out."""
    more: dict[str, Any] = {}
    if run.open:
        more["open"] = {name: _open_document(one) for name, one in run.open.items()}
    if run.undo:
        more["undo"] = [[one.name, one.action, one.params] for one in run.undo]
    if run.held:
        more["held"] = [[one.name, one.actor, one.data, list(one.roles)] for one in run.held]
    if run.cancelling:
        more["cancelling"] = True
    if run.slot:
        more["slot"], more["slot_number"] = run.slot, run.slot_number
    return more


def read_more(more: Mapping[str, Any]) -> dict[str, Any]:
    """Read what `more_of` wrote, as arguments of a `Run`."""
    found = dict(more)
    if "open" in found:
        found["open"] = {name: _open(one) for name, one in found["open"].items()}
    if "undo" in found:
        found["undo"] = tuple(Doing(name=name, action=act, params=params) for name, act, params in found["undo"])
    if "held" in found:
        found["held"] = tuple(
            Event(name=name, actor=actor, data=data, roles=tuple(roles))
            for name, actor, data, roles in found["held"]
        )
    return found


def _open_document(one: Open) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": one.kind.value, "number": one.number}
    if one.failed:
        row["failed"] = one.failed
    if one.kind is Kind.ASK:
        row |= {
            "roles": list(one.roles),
            "people": list(one.people),
            "barred": list(one.barred),
            "subject": one.subject,
            "votes": dict(one.votes),
        }
    return row


def _open(row: Mapping[str, Any]) -> Open:
    kind = _KINDS[row["kind"]]
    if kind is not Kind.ASK:
        return Open(kind=kind, number=row["number"], failed=row.get("failed", ""))
    return Open(
        kind=kind,
        number=row["number"],
        roles=tuple(row["roles"]),
        people=tuple(row["people"]),
        barred=tuple(row["barred"]),
        subject=row["subject"],
        votes=row["votes"],
    )
