"""A slow browser gets the newest poses and, at worst, a fresh snapshot; never an endless queue."""

from __future__ import annotations

import numpy as np

from server.outbox import MAX_EVENTS, Outbox
from server.protocol.codec import POSE_DTYPE, PosesFrame, decode_server


def poses(tick: int, *rows: tuple[int, int]) -> PosesFrame:
    return PosesFrame(tick, np.array([(slot, x, 0, 0, 0) for slot, x in rows], dtype=POSE_DTYPE))


def ready() -> Outbox:
    outbox = Outbox()
    outbox.put_snapshot(b"snapshot", poses(1))
    outbox.take()
    return outbox


def test_events_and_deltas_keep_their_order() -> None:
    outbox = ready()
    outbox.put(b"a")
    outbox.put_delta(b"b")
    outbox.put(b"c")
    assert outbox.take() == [b"a", b"b", b"c"]
    assert outbox.take() == []


def test_only_the_newest_pose_of_each_slot_waits() -> None:
    outbox = ready()
    outbox.put_poses(poses(2, (1, 100), (2, 200)))
    outbox.put_poses(poses(3, (1, 111), (4, 400)))
    (frame,) = outbox.take()
    decoded = decode_server(frame)
    assert isinstance(decoded, PosesFrame)
    assert decoded.tick == 3
    assert [(int(p["slot"]), int(p["x"])) for p in decoded.poses] == [(1, 111), (2, 200), (4, 400)]


def test_before_the_first_snapshot_no_delta_is_sent() -> None:
    outbox = Outbox()
    outbox.put(b"welcome")
    outbox.put_delta(b"delta")
    outbox.put_poses(poses(1, (1, 1)))
    outbox.put_snapshot(b"snapshot", poses(2, (1, 2)))
    assert outbox.take()[:2] == [b"welcome", b"snapshot"]


def test_a_browser_that_falls_behind_gets_a_snapshot_in_place_of_deltas() -> None:
    outbox = ready()
    outbox.put(b"chat")
    for _ in range(MAX_EVENTS):
        outbox.put_delta(b"delta")
    assert outbox.needs_snapshot
    assert len(outbox) == 1
    outbox.put_snapshot(b"snapshot", poses(9))
    assert outbox.take()[:2] == [b"chat", b"snapshot"]


def test_the_queue_is_bounded() -> None:
    outbox = ready()
    for _ in range(MAX_EVENTS * 2):
        outbox.put(b"chat")
    assert len(outbox) == MAX_EVENTS
    assert outbox.dropped == MAX_EVENTS
