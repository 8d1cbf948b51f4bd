"""A demo script: who meets where, what they say, and which tasks a listener should leave with."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date

from server.demo import due
from server.demo.fields import Fields, LineFinder

DEFAULT_VOICES = ("flite:rms", "flite:slt", "flite:awb", "espeak:en-us+m3", "espeak:en-gb+f2", "flite:kal16")
"""Given out in turn to people without a voice of their own."""

DEFAULT_PAUSE = 0.8
LONGEST_PAUSE = 60.0
MOST_PEOPLE = 12
LOOK_CHOICES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """One scripted colleague."""

    name: str
    id: str
    """What lines and tasks may call this one too; the name when none is given."""
    voice: str
    """"flite:rms" or "espeak:en-us+m3": a program and its voice."""
    at: tuple[float, float] | None
    """x and z in metres; None: somewhere around the zone."""
    seat: str | None
    """Id of a seat of the plan."""
    facilitator: bool
    """Whether this one starts and ends the meeting; exactly one does."""
    look: tuple[int, int, int, int, int] | None
    """Skin, hair, hair style, outfit, accent, each 0..5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLine:
    """One thing that is said."""

    who: str
    """Name of one of the people."""
    say: str
    pause: float
    """Seconds of silence before it."""
    to: str | None
    """Name of the one it is said to, who is turned to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedTask:
    """One task that a listener should have noted."""

    text: str
    owner: str | None
    due: str
    """An expression of `server.demo.due`; empty for no date."""

    def due_on(self, day: date) -> date | None:
        """Return the date it is due when the meeting is on `day`."""
        return due.resolve(self.due, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoScript:
    """A whole scripted meeting."""

    title: str
    zone: str | None
    """Id or name of a zone of the plan; None: the open floor."""
    date: date | None
    """The day of the meeting; None: the day it is run."""
    people: tuple[DemoPerson, ...]
    lines: tuple[DemoLine, ...]
    expected: tuple[ExpectedTask, ...]

    @property
    def facilitator(self) -> DemoPerson:
        """The one who starts and ends the meeting."""
        return next(person for person in self.people if person.facilitator)


SCRIPT_KEYS = {
    "title": ("name",),
    "zone": ("room", "place", "where"),
    "date": ("day",),
    "description": ("about", "notes"),
    "people": ("person", "participants", "cast"),
    "lines": ("line", "dialogue"),
    "expect": ("tasks", "task", "expected", "expects", "action_items", "expected_tasks"),
}
"""Key -> other names it may have."""

PERSON_KEYS = {
    "name": ("who",),
    "id": (),
    "voice": (),
    "at": ("position", "pos", "where"),
    "seat": ("sits",),
    "facilitator": ("host", "leads"),
    "look": (),
    "role": (),
}
LINE_KEYS = {
    "who": ("speaker", "name", "person", "from"),
    "say": ("text", "says", "words", "line"),
    "pause": ("before", "wait", "pause_before"),
    "to": ("addressed", "addressee"),
}
EXPECT_KEYS = {
    "text": ("task", "what", "say", "title"),
    "owner": ("who", "assignee", "for", "by_whom"),
    "due": ("date", "by", "when", "deadline"),
}


def parse(text: str, source: str) -> DemoScript:
    """Read a script and check it.

    Args:
        text: TOML, see docs/reference/demo-scripts.md.
        source: name of the file, for messages.

    Raises:
        ScriptError: it cannot be used; the message names the line and what to write instead.
    """
    finder = LineFinder(text, source)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise finder.error(f"this is not valid TOML: {fault}") from fault
    top = Fields(table, SCRIPT_KEYS, finder, "a script")
    people = tuple(_person(fields, index) for index, fields in enumerate(top.tables("people", PERSON_KEYS)))
    _check_people(people, finder)
    people = _with_facilitator(people, finder)
    names = {called.lower(): person.name for person in people for called in (person.id, person.name)}
    lines = tuple(_line(fields, names) for fields in top.tables("lines", LINE_KEYS))
    if not lines:
        raise finder.error('nobody says anything; add at least one [[lines]] with who = "..." and say = "..."')
    return DemoScript(
        title=top.text("title", default="Demo"),
        zone=top.text("zone", default="") or None,
        date=top.day("date"),
        people=people,
        lines=lines,
        expected=tuple(_expected(fields, names) for fields in top.tables("expect", EXPECT_KEYS)),
    )


def _person(fields: Fields, index: int) -> DemoPerson:
    name = fields.text("name")
    look = fields.numbers("look", 5)
    if look is not None and not all(number in range(LOOK_CHOICES) for number in look):
        raise fields.error(
            "look", "look is five whole numbers from 0 to 5: skin, hair, hair style, outfit, accent"
        )
    at = fields.numbers("at", 2)
    return DemoPerson(
        name=name,
        id=fields.text("id", default="") or name,
        voice=_voice(fields, index),
        at=None if at is None else (at[0], at[1]),
        seat=fields.text("seat", default="") or None,
        facilitator=fields.flag("facilitator") or fields.text("role", default="").lower() == "facilitator",
        look=None if look is None else (int(look[0]), int(look[1]), int(look[2]), int(look[3]), int(look[4])),
    )


def _voice(fields: Fields, index: int) -> str:
    voice = fields.text("voice", default="") or DEFAULT_VOICES[index % len(DEFAULT_VOICES)]
    program, separator, name = voice.partition(":")
    if not separator:
        program, name = ("flite", voice) if voice in ("rms", "slt", "awb", "kal", "kal16") else ("espeak", voice)
    program = {"espeak-ng": "espeak", "espeakng": "espeak"}.get(program.lower(), program.lower())
    if program not in ("flite", "espeak") or not name:
        raise fields.error("voice", f'voice is "flite:rms" or "espeak:en-us+m3" or the like, not "{voice}"')
    return f"{program}:{name}"


def _check_people(people: tuple[DemoPerson, ...], finder: LineFinder) -> None:
    if not people:
        raise finder.error('nobody is here; add at least one [[people]] with name = "..."')
    if len(people) > MOST_PEOPLE:
        raise finder.error(f"{len(people)} people are too many for one script; {MOST_PEOPLE} are the most")
    seen: set[str] = set()
    for index, person in enumerate(people):
        if person.name.lower() in seen:
            reason = f"two people are called {person.name}; give one of them another name"
            raise finder.error(reason, "people", index, "name")
        seen.add(person.name.lower())


def _with_facilitator(people: tuple[DemoPerson, ...], finder: LineFinder) -> tuple[DemoPerson, ...]:
    chosen = [index for index, person in enumerate(people) if person.facilitator]
    if len(chosen) > 1:
        raise finder.error("more than one person is the facilitator; keep one", "people", chosen[1], "facilitator")
    leader = chosen[0] if chosen else 0
    return tuple(replace(person, facilitator=index == leader) for index, person in enumerate(people))


def _line(fields: Fields, names: dict[str, str]) -> DemoLine:
    who = fields.text("who")
    if who.lower() not in names:
        raise fields.error(
            "who", f"nobody is called {who}; the people are {', '.join(dict.fromkeys(names.values()))}"
        )
    pause = fields.number("pause", default=DEFAULT_PAUSE)
    if not 0 <= pause <= LONGEST_PAUSE:
        raise fields.error("pause", f"pause is seconds of silence before the line, 0 to {LONGEST_PAUSE:.0f}")
    to = fields.text("to", default="") or None
    return DemoLine(
        who=names[who.lower()],
        say=" ".join(fields.text("say").split()),
        pause=pause,
        to=names.get(to.lower(), to) if to else None,
    )


def _expected(fields: Fields, names: dict[str, str]) -> ExpectedTask:
    owner = fields.text("owner", default="")
    phrase = fields.phrase("due")
    try:
        due.resolve(phrase, date(2026, 1, 1))
    except ValueError as fault:
        raise fields.error("due", str(fault)) from fault
    nobody = owner.lower() in ("", "none", "nobody")
    return ExpectedTask(
        text=fields.text("text"), owner=None if nobody else names.get(owner.lower(), owner), due=phrase
    )
