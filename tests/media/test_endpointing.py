"""Endpointing: utterances are exact slices of what was fed, in order, never too long."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.endpointing import (
    Endpoint,
    Endpointer,
    EndpointingSettings,
    SpeechContinues,
    SpeechEnded,
    SpeechPaused,
    SpeechStarted,
)
from media.errors import SettingsError, ShapeError
from media.transcriber import RATE

FRAME = 512
SECONDS = FRAME / RATE


def run(probabilities: list[float], settings: EndpointingSettings | None = None) -> list[Endpoint]:
    """Feed frames whose samples are their own sample index, so that slices can be compared."""
    endpointer = Endpointer(settings)
    events: list[Endpoint] = []
    for index, probability in enumerate(probabilities):
        frame = np.arange(index * FRAME, (index + 1) * FRAME, dtype=np.float32)
        events += endpointer.feed(frame, probability)
    return events + endpointer.flush()


def ended(events: list[Endpoint]) -> list[SpeechEnded]:
    return [event for event in events if isinstance(event, SpeechEnded)]


def test_silence_is_no_utterance() -> None:
    assert run([0.0] * 100) == []


def test_a_click_is_no_utterance() -> None:
    assert run(([0.0] * 20 + [1.0] * 3) * 10 + [0.0] * 30) == []


def test_speech_starts_with_its_pre_roll_and_ends_after_the_silence() -> None:
    events = run([0.0] * 50 + [0.9] * 50 + [0.0] * 50)
    assert [type(event) for event in events if not isinstance(event, SpeechContinues)] == [
        SpeechStarted,
        SpeechPaused,
        SpeechEnded,
    ]
    (utterance,) = ended(events)
    assert utterance.start == pytest.approx(50 * SECONDS - 0.3, abs=SECONDS)
    assert utterance.end == pytest.approx(100 * SECONDS + 0.2, abs=SECONDS)


def test_a_short_pause_does_not_end_it_and_a_long_one_does() -> None:
    assert len(ended(run([1.0] * 20 + [0.0] * 15 + [1.0] * 20 + [0.0] * 40))) == 1
    assert len(ended(run([1.0] * 20 + [0.0] * 25 + [1.0] * 20 + [0.0] * 40))) == 2


def test_long_speech_is_cut_at_its_weakest_spot() -> None:
    probabilities = [1.0] * 700
    probabilities[400:403] = [0.4, 0.4, 0.4]
    events = run(probabilities)
    first = ended(events)[0]
    assert first.cut
    assert first.end == pytest.approx(401 * SECONDS, abs=2 * SECONDS)
    assert ended(events)[1].start == first.end


def test_going_on_is_told_and_the_sound_so_far_is_there() -> None:
    endpointer = Endpointer()
    assert len(endpointer.so_far()) == 0
    events: list[Endpoint] = []
    for _ in range(60):
        events += endpointer.feed(np.zeros(FRAME, np.float32), 1.0)
    told = [event.seconds for event in events if isinstance(event, SpeechContinues)]
    assert len(told) == 4
    assert told == sorted(told)
    assert len(endpointer.so_far()) == 60 * FRAME


def test_a_pause_is_told_when_its_post_roll_is_over_and_not_again() -> None:
    events = run([1.0] * 20 + [0.0] * 15 + [1.0] * 20 + [0.0] * 40)
    first, second = [event for event in events if isinstance(event, SpeechPaused)]
    assert first.end == pytest.approx(20 * SECONDS + 0.2, abs=SECONDS)
    assert second.end == pytest.approx(55 * SECONDS + 0.2, abs=SECONDS)
    assert first.start == second.start
    (utterance,) = ended(events)
    assert np.array_equal(utterance.samples, second.samples)


def test_nothing_goes_on_in_a_pause() -> None:
    settings = EndpointingSettings(silence_seconds=2.0)
    events = run([1.0] * 21 + [0.0] * 55 + [1.0] * 20 + [0.0] * 5, settings)
    kinds = [type(event) for event in events]
    assert kinds == [SpeechStarted, SpeechContinues, SpeechPaused, SpeechContinues, SpeechEnded]


def test_without_a_post_roll_the_first_silent_frame_is_a_pause() -> None:
    events = run([1.0] * 10 + [0.0] * 30, EndpointingSettings(post_roll_seconds=0.0))
    (paused,) = [event for event in events if isinstance(event, SpeechPaused)]
    (utterance,) = ended(events)
    assert paused.end == utterance.end == pytest.approx(10 * SECONDS)


def test_a_post_roll_as_long_as_the_silence_leaves_no_pause() -> None:
    events = run([1.0] * 10 + [0.0] * 30, EndpointingSettings(post_roll_seconds=0.6))
    assert not [event for event in events if isinstance(event, SpeechPaused)]
    assert len(ended(events)) == 1


def test_a_flush_ends_the_open_utterance_once() -> None:
    endpointer = Endpointer()
    for _ in range(30):
        endpointer.feed(np.zeros(FRAME, np.float32), 1.0)
    assert [type(event) for event in endpointer.flush()] == [SpeechEnded]
    assert endpointer.flush() == []


@given(st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0]), max_size=400), st.floats(2.2, 6.0))
def test_utterances_are_exact_ordered_slices_and_never_too_long(
    probabilities: list[float], longest: float
) -> None:
    settings = EndpointingSettings(max_seconds=longest)
    events = run(probabilities, settings)
    last_end = 0.0
    for event in ended(events):
        first, last = round(event.start * RATE), round(event.end * RATE)
        assert np.array_equal(event.samples, np.arange(first, last, dtype=np.float32))
        assert event.start >= last_end - 1e-9
        assert len(event.samples) / RATE <= longest + SECONDS
        last_end = event.end


@given(st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0]), max_size=400))
def test_starts_and_ends_alternate(probabilities: list[float]) -> None:
    bounds = [event for event in run(probabilities) if isinstance(event, SpeechStarted | SpeechEnded)]
    assert len(bounds) % 2 == 0
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        assert isinstance(start, SpeechStarted)
        assert isinstance(end, SpeechEnded)
        assert start.at == pytest.approx(end.start)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0]), st.integers(1, 40)), max_size=10),
    st.floats(0.0, 0.5),
    st.floats(2.2, 6.0),
)
def test_what_a_pause_held_is_what_the_end_holds(
    stretches: list[tuple[float, int]], post_roll: float, longest: float
) -> None:
    """Speech that does not come back ends with the very sound of its last pause, whatever was before."""
    settings = EndpointingSettings(post_roll_seconds=post_roll, max_seconds=longest)
    probabilities = [probability for probability, frames in stretches for _ in range(frames)]
    endpointer = Endpointer(settings)
    paused: SpeechPaused | None = None
    after_cut = False
    for index, probability in enumerate(probabilities):
        frame = np.arange(index * FRAME, (index + 1) * FRAME, dtype=np.float32)
        for event in endpointer.feed(frame, probability):
            match event:
                case SpeechPaused():
                    assert paused is None, "a pause was told twice"
                    paused = event
                    first, last = round(event.start * RATE), round(event.end * RATE)
                    assert np.array_equal(event.samples, np.arange(first, last, dtype=np.float32))
                case SpeechEnded(cut=False) if paused is None:
                    assert after_cut, "it ended without a pause"
                case SpeechEnded(cut=False):
                    assert paused is not None
                    assert (paused.start, paused.end) == (event.start, event.end)
                    assert np.array_equal(paused.samples, event.samples)
                    paused = None
                case SpeechEnded():
                    after_cut, paused = True, None
                case SpeechStarted():
                    pass
                case SpeechContinues():
                    assert paused is None, "speech goes on within a pause"
        if probability >= settings.start_probability:
            after_cut, paused = False, None


@given(st.lists(st.sampled_from([0.0, 1.0]), max_size=300), st.integers(1, 2000))
def test_the_size_of_frames_hardly_matters(pattern: list[float], size: int) -> None:
    """Time is counted in samples: other frame sizes move a bound by at most one frame."""
    endpointer = Endpointer()
    signal = np.repeat(np.asarray(pattern, np.float32), FRAME)
    events: list[Endpoint] = []
    for at in range(0, len(signal), size):
        events += endpointer.feed(signal[at : at + size], float(signal[at]))
    events += endpointer.flush()
    for event in ended(events):
        assert event.end * RATE <= len(signal)
        assert event.samples.any()


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(ShapeError):
        Endpointer().feed(np.zeros(0, np.float32), 0.0)


@pytest.mark.parametrize(
    "wrong",
    [{"start_probability": 0.2}, {"silence_seconds": 0.0}, {"pre_roll_seconds": -1.0}, {"max_seconds": 1.0}],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        EndpointingSettings(**wrong)
