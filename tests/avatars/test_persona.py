"""Persona files: Ada's own, and faults that are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from avatars.errors import AvatarError, PersonaError
from avatars.persona import Persona

ADA = Path(__file__).parents[2] / "assets" / "avatars" / "ada.toml"
GOOD = 'id = "ada"\nname = "Ada"\nrole = "Notes"\n'


def test_ada_is_ready_to_work() -> None:
    ada = Persona.load(ADA.read_text(encoding="utf-8"), "ada.toml")
    assert (ada.id, ada.name) == ("ada", "Ada")
    assert ada.help
    assert 0 < ada.thresholds.action_item < 1


def test_a_short_persona_has_defaults() -> None:
    persona = Persona.load(GOOD, "x.toml")
    assert persona.look == (0, 0, 0, 0, 0)
    assert persona.voice.words_per_minute == 165


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('name = "Ada"\nrole = "Notes"', "'id' is missing"),
        ('id = ""\nname = "Ada"\nrole = "Notes"', "'id' is empty"),
        ("id = 3", "'id' must be a text"),
        (GOOD + "look = [1, 2, 3]", "'look' must be five whole numbers"),
        (GOOD + "look = [1, 2, 3, 4, 9]", "'look' must be five whole numbers"),
        (GOOD + 'heard_as = "eda"', "'heard_as' must be a list"),
        (GOOD + "voice = 3", "'voice' must be a table"),
        (GOOD + "[voice]\npitch = 200", "'voice.pitch' must be a whole number from 0 to 99"),
        (GOOD + '[voice]\nespeek = "en"', "'voice.espeek' is not known"),
        (GOOD + "[thresholds]\naction_item = 2.0", "'thresholds.action_item' must be a number from 0 to 1"),
        (GOOD + "colour = 1", "'colour' is not known"),
        ("id = ", "not valid TOML"),
    ],
)
def test_a_fault_is_named(text: str, named: str) -> None:
    with pytest.raises(PersonaError, match=r"x\.toml") as fault:
        Persona.load(text, "x.toml")
    assert named in str(fault.value)
    assert fault.value.code == "persona"
    assert isinstance(fault.value, AvatarError)
