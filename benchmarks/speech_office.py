"""An office with synthetic people in it: `atrium serve` in a process of its own, and who comes in by its doors.

People sign in over HTTP, enter by the room's socket, and speak by WebRTC: what they say arrives as Opus in SRTP,
and what they read are the captions that their sockets bring.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.callers import Caller
from benchmarks.generator import Generator, Line
from benchmarks.machine import cpu_seconds
from benchmarks.speech_lines import Turn
from benchmarks.speech_score import Caption, Said
from benchmarks.speech_sounds import Clip, timeline
from server.demo.guest import Guest, Received, sign_in
from server.identity import issue_token, load_secret
from server.processes import ROOT
from server.protocol import messages as m
from server.roles import Role

PATIENCE = 90.0
SIGN_INS = 20
"""People who sign in from one address; an office lets an address try so often a minute."""
_ORIGIN = re.compile(r"(http://\S+?)/(\?key=\S+)?\s*$")
_KINDS = ("speech_process", "sound_process", "espeak")
_LOOK = (0, 1, 2, 3, 4)


class OfficeFailed(Exception):
    """The office did not do what it should; the text says what."""


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody in the office."""

    number: int
    guest: Guest
    line: Line
    caller: Caller
    captions: list[Caption]
    """Of everybody whom they hear, and of themself."""

    @property
    def slot(self) -> int:
        """By which captions name them."""
        return self.guest.slot

    @property
    def own(self) -> list[Caption]:
        """Captions of what they said themself."""
        return [caption for caption in self.captions if caption.slot == self.slot]


@dataclass(slots=True)
class SpokenOffice:
    """`atrium serve` with settings of its own. Use as `async with`."""

    settings: Sequence[str]
    """Of the command line."""
    people: list[Person] = field(default_factory=list)
    generator: Generator = field(default_factory=Generator)
    _folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="atrium-speech-", ignore_cleanup_errors=True)
    )
    _process: asyncio.subprocess.Process | None = None
    _draining: list[asyncio.Task[None]] = field(default_factory=list)
    _complaints: deque[str] = field(default_factory=lambda: deque(maxlen=40))
    _origin: str = ""
    _http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> SpokenOffice:
        folder = Path(self._folder.name)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ATRIUM_")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "serve", "--port", "0", "--data-dir", str(folder / "data"),
            "--log-level", "warning", *self.settings,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=folder,
            env=environment | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._draining.append(asyncio.create_task(_drain(self._process.stderr, self._complaints)))
        try:
            async with asyncio.timeout(PATIENCE):
                self._origin = await _origin(self._process.stdout)
            secret = load_secret(folder / "data")
            token = issue_token(secret, "benchmark", Role.OWNER, now=datetime.now(UTC))
            self._http = httpx.AsyncClient(
                base_url=self._origin, timeout=30.0, headers={"Authorization": f"Bearer {token}"}
            )
            await self.recognising()
        except (TimeoutError, EOFError) as error:
            await self.__aexit__()
            said = "".join(self._complaints) or "it said nothing"
            raise OfficeFailed(f"the office did not open, or has no recogniser: {said}") from error
        self._draining.append(asyncio.create_task(_drain(self._process.stdout, deque(maxlen=1))))
        return self

    async def __aexit__(self, *_: object) -> None:
        for person in self.people:
            await person.guest.leave()
            await person.caller.close()
        self.generator.close()
        if self._http is not None:
            await self._http.aclose()
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        try:
            async with asyncio.timeout(15.0):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        for task in self._draining:
            task.cancel()
        self._folder.cleanup()

    @property
    def complaints(self) -> str:
        """The last lines of the office's log, from warnings up."""
        return "".join(self._complaints)

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time that the office's processes have used until now, by what they do; and ours."""
        assert self._process is not None
        spent: dict[str, float] = {"load": sum(os.times()[:2]), "office": cpu_seconds(self._process.pid)}
        for child in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes().decode()
            kind = next((kind for kind in _KINDS if kind in command), "understanding")
            spent[kind] = spent.get(kind, 0.0) + cpu_seconds(int(child))
        return spent

    async def speech(self) -> dict[str, Any]:
        """How recognition is, as the owner's page has it."""
        assert self._http is not None
        reply = await self._http.get("/v1/models")
        reply.raise_for_status()
        speech: dict[str, Any] = reply.json()["speech"]
        return speech

    async def recognising(self) -> list[int]:
        """Wait until the best engine works in every process; their ids."""
        async with asyncio.timeout(PATIENCE):
            while True:
                speech = await self.speech()
                processes = speech["processes"]
                if speech["engines"][0]["use"] == "working" and all(one["up"] for one in processes):
                    return [int(one["pid"]) for one in processes]
                await asyncio.sleep(0.1)

    async def admit(self, zones: Sequence[str]) -> list[Person]:
        """Let people in, one for each zone given, and put them there."""
        first = len(self.people)
        gate = asyncio.Semaphore(8)

        async def enter(number: int, zone: str) -> Person:
            async with gate:
                return await self._enter(number, zone)

        async with asyncio.TaskGroup() as group:
            coming = [group.create_task(enter(first + k, zone)) for k, zone in enumerate(zones)]
        self.people += [task.result() for task in coming]
        return self.people[first:]

    async def _enter(self, number: int, zone: str) -> Person:
        assert self._http is not None
        name = f"Speaker {number + 1}"
        invite = await self._http.post("/v1/invites", json={"role": "member", "hours": 1})
        door = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{2 + number // SIGN_INS}")
        async with httpx.AsyncClient(base_url=self._origin, timeout=30.0, transport=door) as http:
            token = await sign_in(http, invite.json()["token"], name, _LOOK)
        captions: list[Caption] = []

        def read(_: Guest, received: Received) -> None:
            if isinstance(received, m.Caption) and received.kind == "human":
                captions.append(
                    Caption(
                        id=received.id,
                        slot=received.slot,
                        began=received.at,
                        text=received.text,
                        final=received.final,
                        arrived=time.time(),
                    )
                )

        guest = await Guest.enter(self._origin, token, name, read)
        placed = guest.expect(lambda got: isinstance(got, m.Placed))
        await guest.send(m.GoToZone(zone=zone, jump=True))
        await guest.within(placed, f"a place in {zone}")
        caller = Caller()

        async def exchange(offer: str) -> str:
            answered = guest.expect(lambda got: isinstance(got, m.SoundAnswer | m.SoundError))
            await guest.send(m.SoundOffer(sdp=offer, generation=1))
            answer = await guest.within(answered, "an answer to the sound offer")
            if not isinstance(answer, m.SoundAnswer):
                raise OfficeFailed(f"{name} has no sound: {answer}")
            return answer.sdp

        line = await caller.dial(name, exchange)
        self.generator.add(line)
        return Person(number=number, guest=guest, line=line, caller=caller, captions=captions)

    # --- speaking ---------------------------------------------------------------------------------

    def begin(self, turns: Sequence[Turn], people: Sequence[Person], quiet: bytes) -> Talk:
        """Let people say something from now on; `Turn.person` counts in `people`."""
        frames = max(turn.end for turn in turns) + 50
        mine = [[turn for turn in turns if turn.person == k] for k in range(len(people))]
        for person, own in zip(people, mine, strict=True):
            person.line.said = []
            sent = timeline([(turn.start, turn.clip) for turn in own], frames, quiet)
            sent[-1] = quiet
            person.line.say(sent, loop=False)
        return Talk(people=people, turns=mine, frames=frames)

    def stop(self, people: Sequence[Person]) -> None:
        """Let them say nothing any more."""
        for person in people:
            person.line.say((None,))


@dataclass(slots=True)
class Talk:
    """What people say, while they say it."""

    people: Sequence[Person]
    turns: list[list[Turn]]
    frames: int

    async def over(self, patience: float = 8.0) -> list[Said]:
        """Wait until all is sent and everybody has the last words of theirs, or no patience is left.

        Returns:
            What was said, by person and time.
        """
        for number in range(len(self.people)):
            await self.reaches(number, self.frames - 1)
        said = self.sent()
        until = time.time() + patience
        while time.time() < until and not all(self._answered(one) for one in said):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        return said

    async def reaches(self, person: int, frame: int) -> None:
        """Wait until a person is that far; each frame of speech and the last one are sent."""
        line = self.people[person].line
        while not line.said or line.said[-1].index < frame:  # noqa: ASYNC110  the generator has no event for it
            await asyncio.sleep(0.005)

    def sent(self) -> list[Said]:
        """All of it, with the times at which it went out."""
        out: list[Said] = []
        for person, turns in zip(self.people, self.turns, strict=True):
            times = {one.index: one.time for one in person.line.said or ()}
            for turn in turns:
                out.append(_said(person, turn.clip, [times[frame] for frame in range(turn.start, turn.end)]))
        return out

    def _answered(self, said: Said) -> bool:
        own = next(person.own for person in self.people if person.number == said.person)
        return any(c.final and said.may_own(c) and c.arrived > said.end for c in own)


def _said(person: Person, clip: Clip, times: Sequence[float]) -> Said:
    """Frame k of a clip holds the sound from k to k + 1 times 20 ms, and goes out when that has been heard."""
    return Said(
        person=person.number,
        text=clip.text,
        voice=clip.voice,
        start=times[0],
        end=times[-1],
        word_ends=tuple(_sent_at(end, times) for end in clip.ends),
    )


def _sent_at(seconds: float, times: Sequence[float]) -> float:
    if seconds != seconds:  # the synthesiser does not tell
        return seconds
    frame = min(len(times) - 1, max(0, int(seconds / 0.02)))
    return times[frame] - (0.02 * (frame + 1) - min(seconds, 0.02 * len(times)))


async def _origin(stream: asyncio.StreamReader) -> str:
    while line := (await stream.readline()).decode():
        if found := _ORIGIN.search(line):
            return found[1]
    raise EOFError


async def _drain(stream: asyncio.StreamReader, kept: deque[str]) -> None:
    while line := await stream.readline():
        kept.append(line.decode(errors="replace"))
