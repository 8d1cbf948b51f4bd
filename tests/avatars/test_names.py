"""Names as they are heard."""

from __future__ import annotations

import pytest

from avatars.names import match, sound_key, tag
from avatars.recognizer import Present

PEOPLE = tuple(
    Present(id=name.lower(), name=name) for name in ("Bo", "Lin", "Ana", "Maria Lopez", "Stefan", "Mark")
)


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("bo", "Bo"),
        ("bow", "Bo"),
        ("beau", "Bo"),
        ("boe", "Bo"),
        ("lin", "Lin"),
        ("lynn", "Lin"),
        ("linn", "Lin"),
        ("lin's", "Lin"),
        ("anna", "Ana"),
        ("maria", "Maria Lopez"),
        ("steffan", "Stefan"),
        ("stephan", "Stefan"),
        ("mark", "Mark"),
    ],
)
def test_a_misheard_name_is_understood(heard: str, name: str) -> None:
    person = match([heard], PEOPLE)
    assert person is not None
    assert person.name == name


@pytest.mark.parametrize(
    "word", ["the", "will", "budget", "send", "monday", "customer", "an", "boat", "stuff", "market"]
)
def test_other_words_are_nobody(word: str) -> None:
    assert match([word], PEOPLE) is None


def test_words_that_sound_alike_share_a_key() -> None:
    assert sound_key("beau") == sound_key("bow") == sound_key("Bo")
    assert sound_key("bo") != sound_key("bob")


def test_everyday_words_count_as_names_only_where_a_name_stands() -> None:
    assert tag(["bow", "will", "mark", "the", "line"], PEOPLE) == ["@0", "will", "mark", "the", "line"]
    assert tag(["mark", "will", "send", "it"], PEOPLE)[0] == "@5"


def test_a_full_name_is_one_person() -> None:
    assert tag(["maria", "lopez", "will", "call"], PEOPLE) == ["@3", "@", "will", "call"]
