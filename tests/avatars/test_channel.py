"""The channel: what words are heard as, learnt from pairs and put over generated talk."""

from __future__ import annotations

import random
import sys
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatars.request_text import pieces
from avatars.training import channel, hear
from avatars.training import wordlists as lists
from avatars.training.channel import Channel, Pair, align, count, write

WORDS = st.lists(st.sampled_from(["the", "lin", "lynn", "budget", "but", "get", "invoice", "in"]), max_size=7)


@pytest.mark.parametrize(
    ("said", "heard", "pairs"),
    [
        ("send the budget", "send the budget", [("send", "send"), ("the", "the"), ("budget", "budget")]),
        ("send the budget", "sent budget", [("send", "sent"), ("the", ""), ("budget", "budget")]),
        ("pay the invoice", "pay the in voice", [("pay", "pay"), ("the", "the"), ("invoice", "in voice")]),
        ("lin agreed", "lin budget agreed", [("lin", "lin"), ("", "budget"), ("agreed", "agreed")]),
        ("", "oh", [("", "oh")]),
        ("oh", "", [("oh", "")]),
    ],
)
def test_words_are_laid_beside_what_was_heard(said: str, heard: str, pairs: list[tuple[str, str]]) -> None:
    assert [(pair.said, pair.heard) for pair in align(said.split(), heard.split())] == pairs


@settings(max_examples=50, deadline=None)
@given(said=WORDS, heard=WORDS)
def test_no_word_is_lost_or_taken_twice(said: list[str], heard: list[str]) -> None:
    pairs = align(said, heard)
    assert [pair.said for pair in pairs if pair.said] == said
    assert " ".join(pair.heard for pair in pairs if pair.heard).split() == heard


def test_counts_are_written_sorted_and_read_back(tmp_path: Path) -> None:
    pairs = [Pair(said="lin", heard="lynn")] * 3 + [Pair(said="a", heard=""), Pair(said="", heard="uh")]
    text = write(count(pairs), ("where they come from",))
    assert text == "# where they come from\n\t\t4\n\tuh\t1\na\t\t1\nlin\tlynn\t3\n"
    file = tmp_path / "channel.tsv"
    file.write_text(text, encoding="utf-8")
    heard = [Channel.load(file).hear("lin", random.Random(seed)) for seed in range(200)]
    assert 80 < heard.count("lynn") < 160, "three of three, and trusted twice more: three of five"
    assert set(heard) == {"lin", "lynn"}
    file.write_text("lin\tlynn\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"channel.tsv, line 1"):
        Channel.load(file)


def test_marks_go_with_their_words() -> None:
    wrong = Channel({"invoice": {"in voice": 999}, "lin": {"": 999}, "": {"uh": 1}})
    spans = {"what": (4, 15), "owner": (20, 23), "due": (26, 32)}
    text, moved = wrong.passed("pay the invoice for lin's monday", spans, random.Random(1))
    assert text == "pay uh the uh in voice uh for uh uh monday uh"
    assert {name: text[slice(*span)] for name, span in moved.items()} == {
        "what": "the uh in voice",
        "due": "monday",
    }


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.sampled_from(["lin", "bo's", "budget", "o'clock", "€780"]), max_size=6), data=st.data())
def test_what_is_not_known_passes_as_it_is(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    places = [(piece.start, piece.end) for piece in pieces(text)]
    spans = {0: data.draw(st.sampled_from(places), label="span")} if places else {}
    assert Channel({}).passed(text, spans, random.Random(1)) == (text, spans)


def test_what_turns_a_sentence_is_never_lost() -> None:
    deaf = Channel({word: {"": 999} for word in ("do", "not", "don't", "pay")})
    assert deaf.passed("don't pay do not pay", {}, random.Random(1)) == ("don't not", {})


def test_a_mark_of_a_name_goes_with_it_where_all_is_lost() -> None:
    deaf = Channel({"bo": {"": 999}})
    assert deaf.passed("bo's", {"owner": (0, 2)}, random.Random(1)) == ("", {})


def test_the_shipped_channel_is_small_and_sorted() -> None:
    lines = channel.FILE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert channel.FILE.stat().st_size <= 100_000
    assert rows == sorted(rows)
    assert sum(int(number) for said, heard, number in rows if said == heard) > 2000
    assert Channel.load().hear("", random.Random(3)) == ""


def test_lines_to_be_spoken_are_the_same_each_time_and_hold_no_figures() -> None:
    first = list(islice(hear.said(5, lists.PEOPLE[:8]), 60))
    assert first == list(islice(hear.said(5, lists.PEOPLE[:8]), 60))
    assert not [text for text in first if any(letter.isdecimal() for letter in text)]
    assert len({len(text.split()) for text in first}) > 3


def test_a_recogniser_is_made_to_hear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "channel.tsv"
    monkeypatch.setattr(sys, "argv", ["hear", "--lines", "2", "--target", str(target)])
    hear.main()
    assert "recognised by PocketSphinx" in target.read_text(encoding="utf-8")
    Channel.load(target)
