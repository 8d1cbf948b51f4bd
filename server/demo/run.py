"""`atrium demo`: scripted colleagues hold a meeting; what the office understood is scored."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from avatars.adapters.programs import Samples, synthesise
from avatars.errors import SpeechError
from server.assets import asset, assets_dir
from server.config import ConfigError, Settings
from server.demo.errors import DemoError
from server.demo.guest import Guest, Received
from server.demo.house import House, admit, fresh_house, open_house
from server.demo.placing import Place, find_zone, places
from server.demo.score import TaskFacts, score_tasks, word_errors
from server.demo.script import DemoPerson, DemoScript, parse
from server.protocol import messages as m
from spatial.plan import Plan

CAPTION_SECONDS = 25.0
"""How long a speaker waits to see their own words before going on."""
ITEM_SECONDS = 1.2
"""How long to see whether the colleague takes the floor."""
REPLY_SECONDS = 20.0
LOBBY_SECONDS = 1.0
ARRIVAL_SECONDS = 25.0
LOOKS = ((0, 1, 0, 1, 2), (3, 0, 2, 4, 1), (1, 4, 4, 0, 3), (5, 2, 1, 3, 0), (2, 3, 3, 5, 4), (4, 5, 5, 2, 5))


@dataclass(slots=True)
class Stage:
    """What the scripted people see and hear together."""

    captions: dict[str, m.Caption] = field(default_factory=dict)
    meetings: set[str] = field(default_factory=set)
    items: int = 0
    speech: m.Speech | None = None
    spoken_replies: int = 0
    heard_reply: bool = False
    colleague_walks: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def see(self, guest: Guest, received: Received) -> None:
        """Every message that reaches one of them."""
        match received:
            case m.Caption(final=True, kind="human"):
                self.captions[received.id] = received
            case m.Item():
                self.items += 1
            case m.Speech(seconds=seconds):
                if seconds > 0 and self.speech is None:
                    self.heard_reply = False
                if seconds == 0 and self.speech is not None and self.heard_reply:
                    self.spoken_replies += 1
                self.speech = received if seconds > 0 else None
            case m.SnapshotMessage(meetings=meetings):
                self.meetings |= set(meetings)
            case m.DeltaMessage(put=put):
                self.meetings |= set(put.get("meetings", {}))
        if self.speech is not None and guest.hears:
            self.heard_reply = True
        self.changed.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one meeting came to."""

    script: str
    utterances: int
    word_errors: int
    words: int
    expected_tasks: int
    found_tasks: int
    wrong_tasks: int
    owners_right: int
    dues_right: int
    spoken_replies: int
    seconds: float
    heard: tuple[dict[str, Any], ...] = ()


async def run_demo(settings: Settings, scripts: Sequence[Path] | None, *, headless: bool, as_json: bool) -> int:
    """Play scripts, one after the other.

    Args:
        settings: whose office to use when not headless.
        scripts: TOML files; None: those shipped with Atrium.
        headless: in a fresh office of its own.
        as_json: print one JSON line of results, and nothing else, on standard output.

    Raises:
        ConfigError: a script that does not exist or does not parse, a voice that is missing.
    """
    files = list(scripts) if scripts else sorted((assets_dir() / "demo").glob("*.toml"))
    if not headless and not scripts:
        files = [asset("demo/standup.toml")]
    try:
        results = [await _one(settings, file, headless=headless, talk=not as_json) for file in files]
    except (DemoError, SpeechError) as error:
        raise ConfigError(str(error)) from error
    if as_json:
        print(json.dumps(summary(results)))
    else:
        for result in results:
            print(in_words(result))
    return 0


def summary(results: Sequence[Result]) -> dict[str, Any]:
    """All results as one record; rates over all of them together."""
    found = sum(r.found_tasks for r in results)
    expected = sum(r.expected_tasks for r in results)
    nothing_found = 0.0 if expected else 1.0
    return {
        "utterances": sum(r.utterances for r in results),
        "word_error_rate": _rate(sum(r.word_errors for r in results), sum(r.words for r in results), 0.0),
        "expected_tasks": expected,
        "found_tasks": found,
        "wrong_tasks": sum(r.wrong_tasks for r in results),
        "owner_accuracy": _rate(sum(r.owners_right for r in results), found, nothing_found),
        "due_accuracy": _rate(sum(r.dues_right for r in results), found, nothing_found),
        "spoken_replies": sum(r.spoken_replies for r in results),
        "seconds": round(sum(r.seconds for r in results), 1),
        "scripts": [r.script for r in results],
    }


def in_words(result: Result) -> str:
    """A result for people."""
    rate = _rate(result.word_errors, result.words, 0.0)
    return (
        f"{result.script}: {result.found_tasks} of {result.expected_tasks} tasks found, "
        f"{result.wrong_tasks} wrong; "
        f"owners {result.owners_right}/{result.found_tasks}, days {result.dues_right}/{result.found_tasks}; "
        f"word error rate {rate:.2f}; {result.spoken_replies} spoken replies; {result.seconds:.0f} s"
    )


def _rate(part: int, whole: int, empty: float) -> float:
    return round(part / whole, 4) if whole else empty


async def _one(settings: Settings, file: Path, *, headless: bool, talk: bool) -> Result:
    try:
        text = await asyncio.to_thread(file.read_text, encoding="utf-8")
    except OSError as error:
        raise DemoError(f"{file} cannot be read: {error.strerror}") from error
    script = parse(text, file.name)
    voices = {p.name: p.voice for p in script.people}
    sounds = [await asyncio.to_thread(synthesise, voices[line.who], line.say) for line in script.lines]
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(
            fresh_house(script.date, settings.timezone) if headless else open_house(settings, script.date)
        )
        if not headless:
            await _audience(house)
        play = Play(script, house, stack, say=_told if talk else lambda _: None)
        meeting = await play.meet(sounds)
        day = script.date or datetime.now(settings.zone).date()
        result = _scored(script, meeting, play.stage, day, time.monotonic() - started)
        if not headless and house.fresh:
            _told("The meeting is over. The office stays open until you press Ctrl+C.")
            await asyncio.Event().wait()
        return result


async def _audience(house: House) -> None:
    """Wait until a person has walked in: nobody wants to miss the beginning."""
    _told(f"Open {house.link}\nThe colleagues come when you have walked in.")
    while True:
        lobby = (await house.http.get("/v1/lobby")).json()
        if any(person["kind"] == "human" for person in lobby["people"]):
            return
        await asyncio.sleep(LOBBY_SECONDS)


def _told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Play:
    """One script in one office."""

    def __init__(self, script: DemoScript, house: House, stack: AsyncExitStack, *, say: Any) -> None:
        """`stack` sees everybody out."""
        self.stage = Stage()
        self._script, self._house, self._stack, self._say = script, house, stack, say
        self._guests: dict[str, Guest] = {}

    async def meet(self, sounds: Sequence[Samples]) -> dict[str, Any]:
        """Come in, talk, end the meeting; give what the office kept of it."""
        plan = Plan.load(asset("rooms/hq.json").read_text(encoding="utf-8"), "hq.json")
        zone = find_zone(plan, self._script.zone).id
        spots = places(self._script, plan)
        await asyncio.gather(*(self._bring(i, p, spots[p.name]) for i, p in enumerate(self._script.people)))
        host = self._guests[self._script.facilitator.name]
        before = set(self.stage.meetings)
        await host.send(m.MeetingStart(zone=zone, title=self._script.title))
        await self._until(lambda: bool(self.stage.meetings - before), ARRIVAL_SECONDS, "the meeting to start")
        (meeting,) = self.stage.meetings - before
        await asyncio.sleep(self._walk_seconds(plan, zone))
        for line, sound in zip(self._script.lines, sounds, strict=True):
            speaker = self._guests[line.who]
            if listener := self._guests.get(line.to or ""):
                await speaker.face(listener.x, listener.z)
            await asyncio.sleep(line.pause)
            self._say(f"  {line.who}: {line.say}")
            await self._take_turn(speaker, sound)
        await asyncio.sleep(ITEM_SECONDS)
        await host.send(m.MeetingEnd(meeting=meeting))
        record = await self._record(meeting)
        return record

    async def _bring(self, index: int, person: DemoPerson, place: Place) -> None:
        role = "facilitator" if person.facilitator else "member"
        token = await admit(self._house, person.name, role, person.look or LOOKS[index % len(LOOKS)])
        guest = await Guest.enter(self._house.origin, token, person.name, self.stage.see)
        self._stack.push_async_callback(guest.leave)
        self._guests[person.name] = guest
        await guest.connect_sound()
        if person.seat:
            await guest.sit(person.seat, place.x, place.z)
        else:
            await guest.walk_to(place.x, place.z)
            await guest.face(*place.facing)

    def _walk_seconds(self, plan: Plan, zone: str) -> float:
        """Time for the colleague to come along; people chat for a moment before they begin."""
        home = plan.avatar_homes[0]
        xs = [g.x for g in self._guests.values()]
        zs = [g.z for g in self._guests.values()]
        away = ((home.x - sum(xs) / len(xs)) ** 2 + (home.z - sum(zs) / len(zs)) ** 2) ** 0.5
        return float(min(1.0 + away / 1.0, ARRIVAL_SECONDS))

    async def _take_turn(self, speaker: Guest, sound: Samples) -> None:
        """Speak, see one's words, let the colleague answer."""
        seen = len(self._captions_of(speaker))
        items = self.stage.items
        await speaker.speak(sound)
        try:
            await self._until(lambda: len(self._captions_of(speaker)) > seen, CAPTION_SECONDS, "a caption")
        except DemoError:
            return  # nothing was understood: people go on, and the score tells
        try:
            await self._until(
                lambda: self.stage.items > items or self.stage.speech is not None, ITEM_SECONDS, "an item"
            )
            await self._until(lambda: self.stage.speech is not None, ITEM_SECONDS, "a reply")
        except DemoError:
            return  # nothing to note, or nothing to say about it
        await self._until(lambda: self.stage.speech is None, REPLY_SECONDS, "the end of the reply")

    def _captions_of(self, guest: Guest) -> list[m.Caption]:
        return [c for c in self.stage.captions.values() if c.slot == guest.slot and c.text]

    async def _until(self, holds: Any, seconds: float, what: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._check()
                    self.stage.changed.clear()
                    await self.stage.changed.wait()
        except TimeoutError:
            raise DemoError(f"the demo waited {seconds:.0f} s for {what}") from None

    def _check(self) -> None:
        for guest in self._guests.values():
            if guest.fault is not None:
                raise guest.fault

    async def _record(self, meeting: str) -> dict[str, Any]:
        deadline = time.monotonic() + CAPTION_SECONDS
        while True:
            reply = await self._house.http.get(f"/v1/meetings/{meeting}")
            if reply.status_code >= 400:
                raise DemoError(f"the meeting cannot be read: {reply.text}")
            record: dict[str, Any] = reply.json()
            if record["ended_at"] is not None:
                return record
            if time.monotonic() > deadline:
                raise DemoError("the meeting did not end")
            await asyncio.sleep(0.2)


def _scored(script: DemoScript, meeting: dict[str, Any], stage: Stage, day: date, seconds: float) -> Result:
    names = {p.name for p in script.people}
    lines = [u for u in meeting["utterances"] if u["speaker_name"] in names]
    spoken = {name: [line.say for line in script.lines if line.who == name] for name in names}
    heard = {name: [u["text"] for u in lines if u["speaker_name"] == name] for name in names}
    errors, words = word_errors(spoken, heard)
    expected = [TaskFacts(text=t.text, owner=t.owner, due=t.due_on(day)) for t in script.expected]
    found = [
        TaskFacts(text=t["text"], owner=t["owner_name"], due=date.fromisoformat(t["due"]) if t["due"] else None)
        for t in meeting["tasks"]
    ]
    score = score_tasks(expected, found)
    return Result(
        script=script.title,
        utterances=len(lines),
        word_errors=errors,
        words=words,
        expected_tasks=score.expected,
        found_tasks=score.found,
        wrong_tasks=score.wrong,
        owners_right=score.owners_right,
        dues_right=score.dues_right,
        spoken_replies=stage.spoken_replies,
        seconds=seconds,
    )
