"""From sound to settled captions on one clock: while speaking, over pauses, across failures, for many at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.speakers_model import quantile
from tests.media.timeline import PATIENCE, Engine, Timeline

PAUSE = 0.6
"""Seconds of silence that end an utterance."""


def test_captions_appear_while_somebody_speaks() -> None:
    play = Timeline()
    end = play.say("ana", 1.0, "we ship the new release on friday and then we rest")
    events = play.run(8.0)
    first = events.within(1.0, "caption", after=1.0 + 0.25, speaker="ana", says="we")
    settled = next(event for event in events.find("caption") if event.settled)
    assert settled.at < end, "something is settled before she ends"
    final = events.within(PAUSE + 0.1, "final", after=end, speaker="ana")
    assert final.text == "we ship the new release on friday and then we rest"
    assert final.engine == "ahead", "it was made out in the pause"
    events.order([first, settled, final])
    events.absent("caption", after=final.at)
    events.check()


def test_a_settled_word_never_changes_though_the_end_is_misheard_every_time() -> None:
    play = Timeline()
    play.say("ana", 0.5, "one two three four five six seven eight nine ten")
    events = play.run(6.0)
    captions = events.find("caption")
    assert any(event.text.endswith("-") for event in captions), "a word was cut in half and misheard"
    assert not any("-" in event.settled for event in events.all)
    events.check()


def test_silence_is_nobody_speaking() -> None:
    play = Timeline()
    play.say("ana", 5.0, "late")
    events = play.run(4.0)
    assert events.all == []


def test_an_interruption_is_heard_and_the_interrupted_is_heard_to_the_end() -> None:
    play = Timeline()
    ana = play.say("ana", 0.5, "i think we should move the launch to the end of march")
    bo = play.say("bo", 2.0, "no wait that is too late")
    events = play.run(8.0)
    caption = events.within(1.2, "caption", after=2.25, speaker="bo", says="no")
    assert caption.at < ana, "while she still speaks"
    first = events.within(PAUSE + 0.5, "final", after=bo, speaker="bo")
    second = events.within(PAUSE + 0.5, "final", after=ana, speaker="ana")
    events.order([first, second])
    assert events.finals("ana") == ["i think we should move the launch to the end of march"]
    assert events.finals("bo") == ["no wait that is too late"]
    events.check()


def test_after_a_pause_that_ended_nothing_it_goes_on_and_nothing_is_doubled() -> None:
    play = Timeline()
    pause = play.say("ana", 0.5, "we ship on friday")
    end = play.say("ana", pause + 0.5, "if the tests are green")
    events = play.run(6.0)
    paused = events.within(0.4, "paused", after=pause, speaker="ana")
    likely = events.within(0.5, "caption", after=paused.at, speaker="ana", says="we ship on friday")
    more = events.within(1.0, "caption", after=pause + 0.5, speaker="ana", says="if")
    events.order([paused, likely, more])
    events.absent("final", before=end)
    assert events.finals("ana") == ["we ship on friday if the tests are green"]
    events.check()


def test_a_longer_pause_makes_two_utterances() -> None:
    play = Timeline()
    pause = play.say("ana", 0.5, "we ship on friday")
    play.say("ana", pause + 1.0, "if the tests are green")
    events = play.run(7.0)
    assert events.finals("ana") == ["we ship on friday", "if the tests are green"]
    events.check()


def test_the_words_of_a_pause_come_in_time_though_the_utterance_ends_before_them() -> None:
    """The engine takes longer than what is left of the pause; the work that is on its way is not begun anew."""
    play = Timeline([Engine(job=0.6)])
    end = play.say("ana", 0.5, "yes")
    events = play.run(4.0)
    final = events.within(0.3 + 0.6 + 0.15, "final", after=end, speaker="ana")
    assert final.text == "yes"
    events.check()


@pytest.mark.parametrize("how", ["refuses", "hangs"])
def test_another_engine_takes_over_within_two_seconds_and_hands_back(how: str) -> None:
    best, spare = Engine(name="best"), Engine(name="spare", job=0.1)
    getattr(best, how).append((3.0, 7.0))
    play = Timeline([best, spare])
    end = play.say("ana", 1.0, "we were in the middle of a long sentence when the engine went away")
    later = play.say(
        "ana", 8.0, "and now we speak of something else for a good while until it is back again for us all"
    )
    last = play.say("ana", 20.0, "thank you")
    events = play.run(24.0)
    over = events.within(2.0, "engine", after=3.0, engine="spare")
    events.within(PATIENCE + PAUSE + 0.5, "final", after=end, speaker="ana")
    back = events.within(8.0, "engine", after=7.0, engine="best")
    events.order([over, back])
    events.within(PAUSE + 0.2, "final", after=last, speaker="ana")
    assert later < 20.0
    assert events.finals("ana") == [
        "we were in the middle of a long sentence when the engine went away",
        "and now we speak of something else for a good while until it is back again for us all",
        "thank you",
    ]
    events.check()


def test_a_process_that_dies_takes_no_words_with_it() -> None:
    play = Timeline([Engine(job=0.5)])
    end = play.say("ana", 0.5, "this is the sentence that matters")
    play.say("bo", 0.5, "mine too please")
    play.kill(end + PAUSE + 0.2, end + PAUSE + 1.7)
    events = play.run(10.0)
    events.within(PAUSE + 0.2 + 1.5 + 1.5, "final", after=end, speaker="ana")
    assert events.finals("ana") == ["this is the sentence that matters"]
    assert events.finals("bo") == ["mine too please"]
    events.check()


def test_twenty_speakers_and_nobody_starves() -> None:
    play = Timeline([Engine(job=0.02, sound=0.1)], workers=2)
    sentences = "we should look at the budget before we decide on it"
    ends: dict[str, list[float]] = {}
    for number in range(20):
        at = 0.5 + 0.31 * number
        while at < 30.0:
            end = play.say(f"p{number}", at, sentences)
            ends.setdefault(f"p{number}", []).append(end)
            at = end + 5.0 + 0.4 * (number % 5)
    events = play.run(40.0)
    waits: list[float] = []
    for speaker, times in ends.items():
        assert events.finals(speaker) == [sentences] * len(times)
        finals = events.find("final", speaker=speaker)
        late = [event.at - end - PAUSE for event, end in zip(finals, times, strict=True)]
        waits.append(PAUSE + sum(late) / len(late))
        assert events.find("caption", speaker=speaker), f"no early caption of {speaker}"
        assert max(late) <= 2.0
    assert max(waits) / quantile(waits, 0.5) <= 3.0
    events.check()


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ana", "bo", "cem"]), st.integers(1, 9), st.floats(0.0, 1.5)),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.tuples(st.booleans(), st.floats(0.0, 8.0), st.floats(0.1, 4.0)), max_size=3),
    st.lists(st.tuples(st.floats(0.5, 12.0), st.floats(0.1, 1.5)), max_size=2),
    st.integers(1, 2),
)
def test_whatever_fails_every_word_comes_once_and_in_order(
    turns: list[tuple[str, int, float]],
    failures: list[tuple[bool, float, float]],
    deaths: list[tuple[float, float]],
    workers: int,
) -> None:
    """Chaos: the best engine refuses or hangs at any time, processes die, people speak over each other."""
    best = Engine(name="best")
    for hangs, start, length in failures:
        (best.hangs if hangs else best.refuses).append((start, start + length))
    play = Timeline([best, Engine(name="spare", job=0.1)], workers=workers)
    said: dict[str, list[str]] = {}
    free: dict[str, float] = {}
    for number, (speaker, count, rest) in enumerate(turns):
        words = [f"w{number}n{index}" for index in range(count)]
        free[speaker] = play.say(speaker, free.get(speaker, 0.3) + rest + 0.1, " ".join(words))
        said.setdefault(speaker, []).extend(words)
    for at, away in deaths:
        play.kill(at, at + away)
    events = play.run(max(free.values()) + 12.0)
    events.check()
    for speaker, words in said.items():
        heard = " ".join(events.finals(speaker)).split()
        assert heard == words
