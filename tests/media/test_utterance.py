"""Utterances: aware times, mean confidence, groups of words between pauses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from media.errors import SettingsError
from media.transcriber import Word
from media.utterance import Utterance, UtteranceId, split_at_pauses, text_of


def word(text: str, start: float, end: float, confidence: float = 1.0) -> Word:
    return Word(text=text, start=start, end=end, confidence=confidence)


def utterance(words: tuple[Word, ...], started_at: datetime) -> Utterance:
    return Utterance(
        id=UtteranceId("u1"),
        speaker="p1",
        speaker_name="Ana",
        room="hq",
        zone="open",
        text=text_of(words),
        words=words,
        started_at=started_at,
        seconds=2.5,
        engine="scripted",
    )


def test_it_ends_its_seconds_after_its_start() -> None:
    said = utterance((), datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    assert said.ended_at == datetime(2026, 11, 20, 9, 0, 2, 500_000, tzinfo=UTC)
    assert said.confidence == 0.0


def test_its_confidence_is_the_mean_of_its_words() -> None:
    said = utterance((word("hello", 0, 1, 0.5), word("Bo", 1, 2, 1.0)), datetime(2026, 1, 1, tzinfo=UTC))
    assert said.text == "hello Bo"
    assert said.confidence == 0.75


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(SettingsError, match="aware"):
        utterance((), datetime(2026, 11, 20))


def test_words_are_grouped_between_pauses() -> None:
    words = [word("good", 0, 0.3), word("morning", 0.3, 0.8), word("we", 1.2, 1.3), word("start", 1.35, 1.8)]
    assert [text_of(group) for group in split_at_pauses(words)] == ["good morning", "we start"]
    assert split_at_pauses([]) == []
    assert len(split_at_pauses(words, pause_seconds=1.0)) == 1
