"""Demo scripts: what can be written, and what a mistake says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from server.demo.errors import ScriptError
from server.demo.script import DEFAULT_VOICES, parse

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "assets" / "demo").glob("*.toml"))
SMALL = """
[[people]]
name = "Ben"
[[people]]
name = "Maya"
[[lines]]
who = "Ben"
say = "Hello."
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_script_parses(path: Path) -> None:
    script = parse(path.read_text(encoding="utf-8"), path.name)
    plan = json.loads((ROOT / "assets" / "rooms" / "hq.json").read_text(encoding="utf-8"))
    assert script.zone in {zone["id"] for zone in plan["zones"]}
    assert {person.seat for person in script.people if person.seat} <= {seat["id"] for seat in plan["seats"]}
    assert 8 <= len(script.lines) <= 14
    assert len(script.expected) in (0, 3, 4)


def test_little_is_needed() -> None:
    script = parse(SMALL, "small.toml")
    assert script.title == "Demo"
    assert script.date is None
    assert script.zone is None
    assert [person.voice for person in script.people] == list(DEFAULT_VOICES[:2])
    assert script.facilitator.name == "Ben"
    assert script.lines[0].pause == 0.8


def test_keys_have_other_names() -> None:
    script = parse(
        """
        room = "open"
        date = 2026-11-23
        [people.Ben]
        voice = "rms"
        [people.Maya]
        voice = "espeak-ng:en-us+f3"
        role = "facilitator"
        position = [1, -2.5]
        [[dialogue]]
        speaker = "ben"
        text = "Maya, can you  send it by Friday?"
        to = "maya"
        [[tasks]]
        task = "Send it"
        assignee = "maya"
        by = 2026-11-27
        """,
        "x.toml",
    )
    ben, maya = script.people
    assert (ben.voice, maya.voice) == ("flite:rms", "espeak:en-us+f3")
    assert script.facilitator is maya
    assert maya.at == (1.0, -2.5)
    line = script.lines[0]
    assert (line.who, line.say, line.to) == ("Ben", "Maya, can you send it by Friday?", "Maya")
    (task,) = script.expected
    assert task.owner == "Maya"
    assert task.due_on(date(2026, 11, 23)) == date(2026, 11, 27)


def test_people_may_be_called_by_an_id() -> None:
    script = parse(
        SMALL.replace('name = "Maya"', 'name = "Maya"\nid = "m"').replace('who = "Ben"', 'who = "M"'), "x"
    )
    assert script.lines[0].who == "Maya"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (('name = "Maya"', 'nmae = "Maya"'), 5, "Did you mean name"),
        (('name = "Maya"', 'name = "Ben"'), 5, "two people are called Ben"),
        (('name = "Maya"', 'voice = "rms"'), 4, 'needs name = "..."'),
        (('name = "Maya"', 'name = "Maya"\nvoice = "say:Alex"'), 6, "flite:rms"),
        (('name = "Maya"', 'name = "Maya"\nat = [1]'), 6, "at is 2 numbers"),
        (('name = "Maya"', 'name = "Maya"\nlook = [1, 2, 3, 4, 9]'), 6, "from 0 to 5"),
        (('who = "Ben"', 'who = "Bo"'), 7, "the people are Ben, Maya"),
        (('say = "Hello."', 'say = ""'), 8, 'needs say = "..."'),
        (('say = "Hello."', 'say = "Hello."\npause = -1'), 9, "0 to 60"),
        (('say = "Hello."', 'say = "Hello."\npause = "long"'), 9, "pause is a number"),
        (('say = "Hello."', 'say = "Hello."\ntext = "Hello."'), 9, "mean the same"),
        (('say = "Hello."', 'say = "Hello.'), 8, "not valid TOML"),
        (('say = "Hello."', 'say = "Hello."\n[[expect]]\ntext = "x"\ndue = "soon"'), 11, "end_of_month"),
        (('[[lines]]\nwho = "Ben"\nsay = "Hello."', ""), None, "nobody says anything"),
    ],
)
def test_a_mistake_names_its_line_and_a_remedy(change: tuple[str, str], line: int | None, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse(SMALL.replace(*change), "mine.toml")
    assert caught.value.line == line
    assert words in str(caught.value)
    assert str(caught.value).startswith("mine.toml")


def test_a_script_without_people_is_refused() -> None:
    with pytest.raises(ScriptError, match="nobody is here"):
        parse('title = "Empty"', "x.toml")
