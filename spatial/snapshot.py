"""The whole state of a room at one tick, and what changed between two of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np

from spatial.errors import DeltaError
from spatial.pose import QPOSE, QPoses

Record: TypeAlias = dict[str, Any]
"""One row of a table. Records in snapshots are shared and never changed in place."""
Table: TypeAlias = dict[str, Record]

_AS_INT: Final = np.dtype("<u8")
"""A QPOSE is eight bytes; as one number it compares quickly."""
TABLES: Final = ("participants", "doors", "cards", "meetings")


def no_poses() -> QPoses:
    """An empty array of poses."""
    return np.zeros(0, dtype=QPOSE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """Everything that a client needs to show the room."""

    tick: int
    participants: Table = field(default_factory=dict)
    """By slot, written as text; no poses."""
    doors: Table = field(default_factory=dict)
    """By door id: {"open": bool}."""
    cards: Table = field(default_factory=dict)
    meetings: Table = field(default_factory=dict)
    poses: QPoses = field(default_factory=no_poses)
    """One QPOSE for each participant, by rising slot."""

    def table(self, name: str) -> Table:
        """One of TABLES."""
        found: Table = getattr(self, name)
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Snapshot):
            return NotImplemented
        return (
            self.tick == other.tick
            and all(self.table(name) == other.table(name) for name in TABLES)
            and np.array_equal(self.poses, other.poses)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delta:
    """What changed from the snapshot of tick `base` to that of `tick`."""

    tick: int
    base: int
    put: dict[str, Table] = field(default_factory=dict)
    """Records that are new, or whose fields are others than before."""
    patch: dict[str, Table] = field(default_factory=dict)
    """Fields with new values, of records that were there."""
    remove: dict[str, list[str]] = field(default_factory=dict)
    """Records that are gone; a participant's pose goes with them."""
    poses: QPoses = field(default_factory=no_poses)
    """Poses that are new or changed, by rising slot."""

    @property
    def empty(self) -> bool:
        """Whether nothing changed but the tick."""
        return not (self.put or self.patch or self.remove or len(self.poses))


def diff(old: Snapshot, new: Snapshot) -> Delta:
    """What turns `old` into `new`: `apply(old, diff(old, new)) == new`."""
    put: dict[str, Table] = {}
    patch: dict[str, Table] = {}
    remove: dict[str, list[str]] = {}
    for name in TABLES:
        before, after = old.table(name), new.table(name)
        fresh: Table = {}
        changed: Table = {}
        for key, record in after.items():
            known = before.get(key)
            if known is record:
                continue
            if known is None or known.keys() != record.keys() or known.get("id") != record.get("id"):
                fresh[key] = record
                continue
            fields = {part: value for part, value in record.items() if known[part] != value}
            if fields:
                changed[key] = fields
        gone = [key for key in before if key not in after]
        for kind, found in ((put, fresh), (patch, changed)):
            if found:
                kind[name] = found
        if gone:
            remove[name] = gone
    same = np.isin(new.poses.view(_AS_INT), old.poses.view(_AS_INT))
    return Delta(tick=new.tick, base=old.tick, put=put, patch=patch, remove=remove, poses=new.poses[~same].copy())


def apply(snapshot: Snapshot, delta: Delta) -> Snapshot:
    """The snapshot that the delta leads to; the one given stays as it was.

    Raises:
        DeltaError: the delta starts at another tick, or names a record that is not there.
    """
    if delta.base != snapshot.tick:
        raise DeltaError(delta.base, snapshot.tick, "it starts elsewhere")
    tables: dict[str, Table] = {}
    for name in TABLES:
        table = dict(snapshot.table(name))
        for key in delta.remove.get(name, ()):
            if table.pop(key, None) is None:
                raise DeltaError(delta.base, snapshot.tick, f'it removes "{key}", unknown in "{name}"')
        for key, fields in delta.patch.get(name, {}).items():
            if key not in table:
                raise DeltaError(delta.base, snapshot.tick, f'it changes "{key}", unknown in "{name}"')
            table[key] = {**table[key], **fields}
        table.update(delta.put.get(name, {}))
        tables[name] = table
    gone = [int(slot) for slot in delta.remove.get("participants", ())]
    stale = np.isin(snapshot.poses["slot"], [*gone, *delta.poses["slot"].tolist()])
    poses = np.concatenate([snapshot.poses[~stale], delta.poses])
    return Snapshot(tick=delta.tick, poses=poses[np.argsort(poses["slot"], kind="stable")], **tables)
