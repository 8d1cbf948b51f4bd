"""The golden bytes of the protocol; the browser's tests read the same file.

`ATRIUM_WRITE_VECTORS=1 pytest tests/server/protocol/test_vectors.py` writes the file anew after a wanted change.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from server.protocol import PROTOCOL_VERSION
from server.protocol import messages as m
from server.protocol.codec import (
    POSE_DTYPE,
    LevelsFrame,
    PosesFrame,
    decode_browser,
    decode_server,
    encode,
    encode_levels,
    encode_poses,
)

FILE = Path(__file__).parents[2] / "vectors" / "messages.json"
PERSON = {
    "id": "p-ana", "name": "Ana", "kind": "human", "look": [0, 1, 2, 3, 4], "role": "owner", "seat": None,
    "muted": False, "listening_only": False, "deaf": False, "transcribed": True, "status": "available",
    "hand": False, "state": "", "present": True, "zone": "floor", "screen": True, "camera": False,
}  # fmt: skip
CARD = {
    "id": "t-1", "text": "Send the budget to finance", "owner_id": "p-bo", "owner_name": "Bo", "due": "2026-11-27",
    "due_phrase": "by Friday", "state": "open", "source_words": "Bo will send the budget to finance by Friday",
    "source_utterance": "u-1", "confidence": 0.875, "meeting": "m-1", "created_by": "p-ada",
    "created_at": 1763600000.5, "updated_at": 1763600000.5, "version": 1,
}  # fmt: skip
MEETING = {
    "id": "m-1", "title": "Planning", "zone": "birch", "started_at": 1763600000.5, "facilitator": "p-ana",
    "facilitator_name": "Ana",
}  # fmt: skip
FROM_BROWSER: list[m.Message] = [
    m.Hello(version=PROTOCOL_VERSION, room="hq", muted=True, listening_only=False, transcribed=True),
    m.Move(seq=7, x=1.25, z=-3.5, yaw=1.5707963267948966, motion=1),
    m.WalkTo(x=1.5, z=2.25, run=True),
    m.GoTo(slot=3, jump=False),
    m.GoToZone(zone="birch", jump=True),
    m.Sit(seat="desk-1"),
    m.Stand(),
    m.Mute(muted=False),
    m.Deafen(deaf=True),
    m.Volume(person="p-bo", gain=1.5),
    m.Consent(transcribed=False),
    m.SetLanguage(language="de"),
    m.OffRecord(zone="birch", on=True),
    m.KeepSound(zone="birch", on=False),
    m.Status(status="busy"),
    m.Hand(up=True),
    m.Wave(),
    m.React(emoji="👍"),
    m.Chat(id="c-1", text="Hello, Zoë"),
    m.SetLook(name="Bo", look=[5, 4, 3, 2, 1]),
    m.SoundOffer(sdp="v=0\r\n", generation=2),
    m.SoundClose(),
    m.SoundCheck(),
    m.VideoOffer(sdp="v=0\r\n", generation=3),
    m.VideoClose(),
    m.Share(screen=True, camera=False),
    m.MeetingStart(zone="birch", title="Planning"),
    m.MeetingEnd(meeting="m-1"),
    m.TaskCreate(text="Water the plants", owner=None, due="2026-11-27"),
    m.TaskUpdate(task="t-1", version=2, text="Water them", owner="p-bo", due=None),
    m.TaskEvent(task="t-1", version=3, event="done"),
    m.Ping(at=1763600000.25),
]
FROM_SERVER: list[m.Message] = [
    m.Welcome(
        version=PROTOCOL_VERSION, you={"slot": 1, "id": "p-ana", "name": "Ana", "role": "owner"}, room="hq",
        plan_url="/v1/rooms/hq/plan", engine={"recognizer": {"name": "PocketSphinx", "embedded": True}},
        ice_servers=[], chat=[], captions=[], resumed=False, server_time=1763600000.25,
        limits={"max_message": 65536}, timezone="Europe/Berlin",
    ),
    m.SnapshotMessage(
        tick=5, participants={"1": PERSON}, doors={"birch": {"open": False}}, cards={"t-1": CARD},
        meetings={"m-1": MEETING},
    ),
    m.DeltaMessage(
        tick=6, base=5, put={"participants": {"2": PERSON}}, patch={"doors": {"birch": {"open": True}}},
        remove={"cards": ["t-1"]},
    ),
    m.Refused(command="move", reason="wall", seq=7, x=1.25, z=-3.5, yaw=0.5, text="There is a wall."),
    m.Placed(x=1.25, z=-3.5, yaw=0.5),
    m.Path(points=[[1.5, 2.5], [3.25, 4.125]], run=False, seat="desk-1", to_slot=None),
    m.ChatMessage(id="c-1", from_slot=1, from_name="Ana", text="Hello", at=1763600000.25),
    m.ChatMessage(id="r-1:2:welcome", from_slot=None, from_name="The office", text="Hello", at=1763600000.25),
    m.Reaction(slot=1, emoji="🎉"),
    m.Caption(
        id="u-1", slot=1, name="Ana", text="I'll do it", final=False, at=1763600000.25, kind="human", settled=4,
        meeting="m-1",
    ),
    m.Corrected(id="u-1", text="I'll do that", by="Bo"),
    m.Privacy(off_record=["floor"], recording=["birch"]),
    m.EngineState(engine={"recognizer": {"name": "Whisper base", "embedded": False}, "voice": None}),
    m.Item(
        utterance="u-1", kind="action_item", text="Do it", confidence=0.75, task="t-1", owner_name="Ana",
        due="2026-11-27",
    ),
    m.InboxChanged(),
    m.SoundAnswer(sdp="v=0\r\n", generation=2),
    m.SoundError(reason="offer", text="Try again."),
    m.SoundState(up=True, epoch=2, path="direct", load="normal", people=3, detail={"late_ticks": 1}),
    m.SoundReport(
        connected=True, packets_in=512, packets_lost=3, level=-27.5, delay_ms=31.25, address="192.0.2.7:40000"
    ),
    m.IceServers(
        servers=[{"urls": ["turn:192.0.2.9:3478"], "username": "1763603600:p-ana", "credential": "c2VjcmV0"}],
        expires=1763603600.5,
    ),
    m.VideoAnswer(sdp="v=0\r\n", generation=3),
    m.VideoSlots(slots=[{"mid": "1", "slot": 2, "kind": "screen"}]),
    m.Speech(slot=9, seconds=2.5, text="Noted."),
    m.Notice(level="info", text="Minutes are ready.", link="/meetings/m-1"),
    m.ErrorMessage(code="forbidden", text="Ask a facilitator.", fatal=False),
    m.Pong(at=1763600000.25, server_time=1763600000.5),
]  # fmt: skip
POSES = np.array([(1, 125, -350, 64, 1), (2, -3200, 0, 255, 19)], dtype=POSE_DTYPE)


def as_data(message: m.Message) -> dict[str, Any]:
    return {"t": message.NAME, **asdict(message)}


def vectors() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "name": message.NAME,
            "direction": direction,
            "hex": encode(message).hex(),
            "message": as_data(message),
        }
        for direction, group in (("browser", FROM_BROWSER), ("server", FROM_SERVER))
        for message in group
    ]
    poses = [list(map(int, row)) for row in POSES.tolist()]
    rows.append({"name": "poses", "direction": "server", "hex": encode_poses(6, POSES).hex(),
                 "message": {"tick": 6, "poses": poses}})  # fmt: skip
    rows.append({"name": "levels", "direction": "server", "hex": encode_levels([(1, -30.0), (2, -90.0)]).hex(),
                 "message": {"levels": [[1, 128], [2, 0]]}})  # fmt: skip
    return rows


def test_the_bytes_of_every_message_stay_as_they_are() -> None:
    if os.environ.get("ATRIUM_WRITE_VECTORS"):
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(FILE.read_text(encoding="utf-8")) == vectors()


def test_every_message_has_a_vector() -> None:
    assert {type(x) for x in FROM_BROWSER} == set(m.FROM_BROWSER)
    assert {type(x) for x in FROM_SERVER} == set(m.FROM_SERVER)


def test_the_golden_bytes_decode_to_their_messages() -> None:
    for row in json.loads(FILE.read_text(encoding="utf-8")):
        data = bytes.fromhex(row["hex"])
        decoded = decode_browser(data) if row["direction"] == "browser" else decode_server(data)
        if isinstance(decoded, PosesFrame):
            assert (decoded.tick, [list(p) for p in decoded.poses.tolist()]) == (6, row["message"]["poses"])
        elif isinstance(decoded, LevelsFrame):
            assert [list(p) for p in decoded.levels.tolist()] == row["message"]["levels"]
        else:
            assert as_data(decoded) == row["message"]
