"""What is still to be sent to one browser: events in order, poses latest-only, bounded."""

from __future__ import annotations

from collections import deque

from server.protocol.codec import PosesFrame, encode_poses

MAX_EVENTS = 512
"""More than this waiting: the browser is too slow to follow and gets a fresh snapshot instead."""


class Outbox:
    """A queue that never grows without bound.

    Events (chat, captions, answers) and table deltas keep their order. Of poses only the newest of each slot
    is kept. When too much waits, the deltas are dropped and `needs_snapshot` is raised; the next tick puts a
    snapshot in their place.
    """

    def __init__(self) -> None:
        """An empty box that waits for its first snapshot."""
        self._events: deque[tuple[bool, bytes]] = deque()
        self._poses: PosesFrame | None = None
        self._levels: bytes | None = None
        self.needs_snapshot = True
        self.dropped = 0
        """Frames that a slow browser never got."""

    def __len__(self) -> int:
        return len(self._events) + (self._poses is not None) + (self._levels is not None)

    def put(self, frame: bytes) -> None:
        """An event, to be sent in order."""
        if len(self._events) >= MAX_EVENTS:
            self.dropped += 1
            return
        self._events.append((False, frame))

    def put_delta(self, frame: bytes) -> None:
        """A table delta; dropped while a snapshot is due anyway."""
        if self.needs_snapshot:
            return
        if len(self._events) >= MAX_EVENTS // 2:
            self.dropped += sum(is_delta for is_delta, _ in self._events)
            self._events = deque(entry for entry in self._events if not entry[0])
            self._poses = None
            self.needs_snapshot = True
            return
        self._events.append((True, frame))

    def put_snapshot(self, tables: bytes, poses: PosesFrame) -> None:
        """The whole room, in place of all that was known before."""
        self._events.append((False, tables))
        self._poses = poses
        self.needs_snapshot = False

    def put_poses(self, frame: PosesFrame) -> None:
        """Changed poses; they replace older ones of the same slots that still wait."""
        if self.needs_snapshot:
            return
        self._poses = frame if self._poses is None else _merged(self._poses, frame)

    def put_levels(self, frame: bytes) -> None:
        """Sound levels; only the newest matter."""
        self._levels = frame

    def take(self) -> list[bytes]:
        """Everything that waits, in the order to send it; the box is empty after."""
        frames = [frame for _, frame in self._events]
        self._events.clear()
        if self._poses is not None:
            frames.append(encode_poses(self._poses.tick, self._poses.poses))
            self._poses = None
        if self._levels is not None:
            frames.append(self._levels)
            self._levels = None
        return frames


def _merged(older: PosesFrame, newer: PosesFrame) -> PosesFrame:
    rows = {int(row["slot"]): row for row in older.poses} | {int(row["slot"]): row for row in newer.poses}
    poses = newer.poses.__class__((len(rows),), dtype=newer.poses.dtype)
    for index, slot in enumerate(sorted(rows)):
        poses[index] = rows[slot]
    return PosesFrame(newer.tick, poses)
