"""The office that is measured: who is where, who hears whom from where, and who talks when. A seed decides all.

One block is 25 people in 3 conversations with 5 talkers: a meeting room of 10, a private table of 4, a group of
5 on the open floor, and 6 silent people at desks, of whom one walks about. Four blocks are the office trace of
100 people, 20 talkers and 12 conversations. What is heard follows a formula of its own here, so that a change
of the rooms' acoustics does not change what is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from media.scene import Scene

BLOCK = 25
"""People in a block."""
SCENE_HZ = 20.0
"""How often the room says who hears whom."""
EARSHOT = 10.0
"""Metres beyond which nobody on the open floor is heard."""
WALK_SECONDS = 4.0
"""One round of those who walk; the scenes of a trace repeat after it."""
LOOP_FRAMES = 1500
"""Frames of 20 ms after which the talk of a trace repeats."""
ACTIVITY = 0.7
"""Share of the time at which a talker talks."""
DTX_FRAMES = 20
"""Between two signs of life of a silent microphone: 400 ms."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """People who talk with each other."""

    kind: str
    """"meeting" (walls, everyone equally clear), "table" (private) or "group" (on the open floor)."""
    people: tuple[str, ...]
    talkers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Everybody present."""

    people: tuple[str, ...]
    conversations: tuple[Conversation, ...]
    scenes: tuple[Scene, ...]
    """Played in a loop, 20 a second; a single one does not move."""
    rooms: tuple[tuple[str, ...], ...]
    """Who could be in a room of a mixer that knows rooms and no earshot."""

    @property
    def talkers(self) -> tuple[str, ...]:
        """All who ever talk."""
        return tuple(name for conversation in self.conversations for name in conversation.talkers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody says something."""

    person: str
    start: int
    """Frame of the loop."""
    clip: int
    """Which of the recorded sentences."""


@dataclass(slots=True, kw_only=True)
class _Plan:
    """Places as they are collected."""

    positions: list[tuple[float, float]] = field(default_factory=list)
    """x to the right and z ahead, metres."""
    yaws: list[float] = field(default_factory=list)
    """Radians clockwise from z."""
    walls: list[int] = field(default_factory=list)
    """People hear only those with the same number."""
    flat: list[bool] = field(default_factory=list)
    walks: list[bool] = field(default_factory=list)

    def ring(self, count: int, centre: tuple[float, float], radius: float, walls: int, flat: bool = False) -> None:
        for angle in np.arange(count) * 2 * np.pi / count:
            self.place(
                (centre[0] + radius * np.sin(angle), centre[1] + radius * np.cos(angle)), angle + np.pi, walls
            )
            self.flat[-1] = flat

    def place(self, position: tuple[float, float], yaw: float, walls: int, walks: bool = False) -> None:
        self.positions.append((float(position[0]), float(position[1])))
        self.yaws.append(float(yaw))
        self.walls.append(walls)
        self.flat.append(False)
        self.walks.append(walks)


def office(people: int, *, moving: bool = True) -> Office:
    """The office trace for so many people, a multiple of 25.

    Args:
        people: 25, 50, 75, ...
        moving: whether one of each block walks and turns.
    """
    if people < BLOCK or people % BLOCK:
        raise ValueError(f"the office comes in blocks of {BLOCK} people, so {people} cannot be made")
    plan = _Plan()
    conversations: list[Conversation] = []
    open_floor: list[str] = []
    names = [f"p{i:03d}" for i in range(people)]
    for block in range(people // BLOCK):
        x, z = 20.0 * (block % 4), 14.0 * (block // 4)
        mine = names[block * BLOCK : (block + 1) * BLOCK]
        plan.ring(10, (x + 4, z + 4), 2.0, walls=1 + 2 * block, flat=True)
        plan.ring(4, (x + 4, z + 10), 1.0, walls=2 + 2 * block)
        plan.ring(5, (x + 13, z + 4), 1.2, walls=0)
        for desk in range(6):
            at = (x + 10 + 3 * (desk % 3), z + 8 + 3 * (desk // 3))
            plan.place(at, np.pi * (desk // 3), walls=0, walks=moving and desk == 0)
        conversations += [
            Conversation(kind="meeting", people=tuple(mine[:10]), talkers=tuple(mine[:2])),
            Conversation(kind="table", people=tuple(mine[10:14]), talkers=(mine[10],)),
            Conversation(kind="group", people=tuple(mine[14:19]), talkers=(mine[14], mine[16])),
        ]
        open_floor += mine[14:]
    rooms = [c.people for c in conversations if c.kind != "group"]
    return Office(
        people=tuple(names),
        conversations=tuple(conversations),
        scenes=_scenes(names, plan),
        rooms=(*rooms, tuple(open_floor)),
    )


def crowd(people: int) -> Office:
    """Everybody on one grid, all within earshot of all, all talking."""
    side = int(np.ceil(np.sqrt(people)))
    pitch = 0.9 * EARSHOT / (max(1, side - 1) * np.sqrt(2.0))
    plan = _Plan()
    names = tuple(f"p{i:03d}" for i in range(people))
    for i in range(people):
        plan.place((pitch * (i % side), pitch * (i // side)), 2.4 * i, walls=0)
    talk = Conversation(kind="group", people=names, talkers=names)
    return Office(people=names, conversations=(talk,), scenes=_scenes(names, plan), rooms=(names,))


def pair(listeners: int) -> Office:
    """One talker, and listeners who hear them half to the right and nobody else."""
    names = ("talker", *(f"listener{i}" for i in range(listeners)))
    shape = (len(names), 1)
    gain = np.full(shape, 0.7, np.float32)
    gain[0] = 0.0
    scene = Scene(
        listeners=names,
        sources=names[:1],
        gain=gain,
        azimuth=np.full(shape, 0.6, np.float32),
        elevation=np.zeros(shape, np.float32),
        flat=np.zeros(shape, np.bool_),
    )
    talk = Conversation(kind="group", people=names, talkers=names[:1])
    return Office(people=names, conversations=(talk,), scenes=(scene,), rooms=(names,))


def turns(talkers: Sequence[str], clip_frames: Sequence[int], *, seed: int = 1) -> list[Turn]:
    """When each talker says what within the loop; talk and pauses as in `ACTIVITY`.

    Args:
        talkers: who talks.
        clip_frames: lengths of the recorded sentences.
        seed: decides all.
    """
    random = np.random.default_rng(seed)
    pause = float(np.mean(clip_frames)) * (1 - ACTIVITY) / ACTIVITY
    out: list[Turn] = []
    for person in talkers:
        at = int(random.exponential(pause))
        while True:
            clip = int(random.integers(len(clip_frames)))
            if at + clip_frames[clip] > LOOP_FRAMES:
                break
            out.append(Turn(person=person, start=at, clip=clip))
            at += clip_frames[clip] + 1 + int(random.exponential(pause))
    return out


def timeline(
    person: str, planned: Sequence[Turn], clips: Sequence[Sequence[bytes]], quiet: bytes, *, offset: int = 0
) -> list[bytes | None]:
    """What one person's browser sends in each frame of the loop; None is nothing.

    In silence a microphone with discontinuous transmission (RFC 7587 section 3.1.3) sends, every 400 ms, one
    packet of faint noise and one that only says "nothing", a single byte.

    Args:
        person: whose.
        planned: turns of everybody.
        clips: the packets of each recorded sentence.
        quiet: one packet of faint noise.
        offset: frame at which the first sign of life is sent.
    """
    out: list[bytes | None] = [None] * LOOP_FRAMES
    silent_since = offset - DTX_FRAMES
    spoken = sorted((turn.start, turn.clip) for turn in planned if turn.person == person)
    for start, clip in [*spoken, (LOOP_FRAMES, -1)]:
        for frame in range(silent_since + DTX_FRAMES, start - 1, DTX_FRAMES):
            out[frame], out[frame + 1] = quiet, quiet[:1]
        if clip >= 0:
            out[start : start + len(clips[clip])] = clips[clip]
            silent_since = start + len(clips[clip]) - 1
    return out


def bearings(at: Floats, yaw: Floats, sources: Floats) -> tuple[Floats, Floats]:
    """Where sources are, as listeners have it.

    Args:
        at: (listeners, 2) metres, x to the right and z ahead.
        yaw: (listeners,) radians clockwise from z, where each one looks.
        sources: (sources, 2) metres.

    Returns:
        Distance in metres and azimuth in radians, positive to the right, in (-pi, pi]; both (listeners, sources).
    """
    toward = sources[None, :, :] - at[:, None, :]
    turned = np.arctan2(toward[..., 0], toward[..., 1]) - yaw[:, None]
    return np.hypot(toward[..., 0], toward[..., 1]), np.pi - np.mod(np.pi - turned, 2 * np.pi)


def _scenes(names: Sequence[str], plan: _Plan) -> tuple[Scene, ...]:
    steps = round(WALK_SECONDS * SCENE_HZ) if any(plan.walks) else 1
    return tuple(_scene(names, plan, step / steps) for step in range(steps))


def _scene(names: Sequence[str], plan: _Plan, phase: float) -> Scene:
    """Who hears whom when those who walk have done `phase` (0..1) of their round."""
    walks = np.array(plan.walks, np.float64)
    at = np.array(plan.positions, np.float64)
    yaw = np.array(plan.yaws, np.float64)
    at = at + walks[:, None] * 2.5 * np.array([np.sin(2 * np.pi * phase), np.cos(2 * np.pi * phase) - 1.0])
    yaw = yaw + walks * 2 * np.pi * phase
    distance, azimuth = bearings(at, yaw, at)
    walls, flat_room = np.array(plan.walls), np.array(plan.flat, np.bool_)
    together = (walls[:, None] == walls[None, :]) & ~np.eye(len(names), dtype=np.bool_)
    flat = together & flat_room[:, None]
    gain = np.where(distance < EARSHOT, 1.0 / np.maximum(1.0, distance), 0.0)
    gain = np.where(flat, 1.0, gain) * together
    azimuth[~together] = 0.0
    return Scene(
        listeners=tuple(names),
        sources=tuple(names),
        gain=gain.astype(np.float32),
        azimuth=azimuth.astype(np.float32),
        elevation=np.zeros_like(gain, dtype=np.float32),
        flat=flat,
    )
