from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.speech import LOUDNESS_DBFS, SpeechQueue, StartSpeaking, StopSpeaking, TurnSettings, to_speech
from media.audio import FRAME, RATE, dbfs

STEP = 0.05


class Room:
    """Runs a queue on its own clock; who talks is set by the test."""

    def __init__(self) -> None:
        self.queue = SpeechQueue()
        self.now = 100.0
        self.done: list[StartSpeaking | StopSpeaking] = []

    def pass_time(self, seconds: float, *, busy: bool) -> list[StartSpeaking | StopSpeaking]:
        out: list[StartSpeaking | StopSpeaking] = []
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            if (decision := self.queue.step(self.now, busy)) is not None:
                out.append(decision)
        self.done += out
        return out


def test_it_waits_for_the_pause_and_then_speaks() -> None:
    room = Room()
    room.pass_time(2.0, busy=True)
    room.queue.say("Noted.", room.now)
    assert room.pass_time(1.0, busy=True) == []
    assert room.pass_time(0.35, busy=False) == []
    assert room.pass_time(0.2, busy=False) == [StartSpeaking(text="Noted.")]
    assert room.pass_time(5.0, busy=False) == []


def test_a_short_gap_between_words_is_no_invitation() -> None:
    room = Room()
    room.queue.say("Noted.", room.now)
    for _ in range(6):
        assert room.pass_time(0.6, busy=True) == []
        assert room.pass_time(0.3, busy=False) == []


def test_after_eight_seconds_it_speaks_in_any_case_and_is_not_stopped_by_the_talk_it_joined() -> None:
    room = Room()
    room.pass_time(1.0, busy=True)
    room.queue.say("Noted.", room.now)
    assert room.pass_time(7.9, busy=True) == []
    assert room.pass_time(0.3, busy=True) == [StartSpeaking(text="Noted.")]
    assert room.pass_time(3.0, busy=True) == []
    room.pass_time(0.2, busy=False)
    assert room.pass_time(0.5, busy=True) == [StopSpeaking(fade=0.08)]


def test_sentences_that_wait_are_said_together() -> None:
    room = Room()
    room.queue.say("Noted.", room.now)
    room.queue.say("  Bo sends   the budget. ", room.now)
    room.queue.say("   ", room.now)
    assert room.pass_time(0.6, busy=False) == [StartSpeaking(text="Noted. Bo sends the budget.")]
    assert room.queue.waiting == 0


def test_who_speaks_over_it_stops_it_and_it_does_not_repeat_itself() -> None:
    room = Room()
    room.queue.say("Noted.", room.now)
    room.pass_time(0.6, busy=False)
    assert room.pass_time(0.3, busy=True) == []
    assert room.pass_time(0.3, busy=True) == [StopSpeaking(fade=0.08)]
    assert room.pass_time(5.0, busy=False) == []
    assert not room.queue.speaking


def test_a_cough_does_not_stop_it() -> None:
    room = Room()
    room.queue.say("Noted.", room.now)
    room.pass_time(0.6, busy=False)
    for _ in range(5):
        assert room.pass_time(0.3, busy=True) == []
        assert room.pass_time(0.1, busy=False) == []
    assert room.queue.speaking


def test_what_came_meanwhile_is_said_after_the_interruption_and_not_into_it() -> None:
    room = Room()
    room.queue.say("A long story.", room.now)
    room.pass_time(0.6, busy=False)
    room.queue.say("Also noted.", room.now)
    assert room.pass_time(9.0, busy=False) == []
    assert room.pass_time(3.0, busy=True) == [StopSpeaking(fade=0.08)]
    assert room.pass_time(0.6, busy=False) == [StartSpeaking(text="Also noted.")]


def test_when_it_has_finished_it_may_go_on() -> None:
    room = Room()
    room.queue.say("One.", room.now)
    room.pass_time(0.6, busy=False)
    room.queue.say("Two.", room.now)
    assert room.pass_time(2.0, busy=False) == []
    room.queue.finished(room.now)
    assert room.pass_time(0.1, busy=False) == [StartSpeaking(text="Two.")]


def test_a_queue_that_is_full_forgets_the_oldest_and_says_so() -> None:
    queue = SpeechQueue(settings=TurnSettings(most_queued=2))
    for text in ("One.", "Two.", "Three."):
        queue.say(text, 0.0)
    assert (queue.waiting, queue.dropped) == (2, 1)


@given(
    st.lists(
        st.tuples(
            st.booleans(), st.sampled_from(["say", "finish", "", ""]), st.floats(0.01, 0.5, allow_nan=False)
        ),
        max_size=120,
    )
)
def test_for_any_talk_starts_and_stops_take_turns_and_every_text_is_said_at_most_once(
    story: list[tuple[bool, str, float]],
) -> None:
    queue, now, count = SpeechQueue(), 0.0, 0
    said: list[str] = []
    speaking = False
    for busy, act, seconds in story:
        now += seconds
        if act == "say":
            count += 1
            queue.say(f"s{count}.", now)
        elif act == "finish" and speaking:
            queue.finished(now)
            speaking = False
        match queue.step(now, busy):
            case StartSpeaking(text=text):
                assert not speaking
                speaking = True
                said += text.split()
            case StopSpeaking():
                assert speaking
                assert busy
                speaking = False
            case None:
                pass
        assert queue.speaking == speaking
    assert len(said) == len(set(said))
    assert said == sorted(said, key=lambda s: int(s[1:-1]))


def test_every_voice_comes_out_equally_loud() -> None:
    wave = np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE).astype(np.float32)
    pause = np.zeros(RATE, np.float32)
    for level in (0.001, 0.1, 0.9):
        speech = to_speech("x", np.concatenate([level * wave, pause]).astype(np.float32))
        assert dbfs(speech.samples[:RATE]) == pytest.approx(LOUDNESS_DBFS, abs=0.2)
        assert speech.mouth_at(0.5) > 0.5
        assert speech.mouth_at(1.8) == 0.0
        assert speech.seconds == 2.0


def test_silence_and_a_click_do_no_harm() -> None:
    assert not to_speech("", np.zeros(0, np.float32)).samples.size
    assert not to_speech("", np.zeros(100, np.float32)).samples.any()
    click = np.zeros(RATE, np.float32)
    click[FRAME] = 1.0
    assert np.abs(to_speech("", click).samples).max() <= 0.9
