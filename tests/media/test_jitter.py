from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import FRAME, RATE
from media.errors import SettingsError
from media.jitter import SLACK, JitterBuffer, Verb
from media.jitter_settings import JitterSettings
from media.opus_toc import packet_samples
from media.transit import BUCKET, TransitTracker
from tests.media.network_model import CELT_20_MS, payload_of

DTX = bytes([CELT_20_MS])


def filled(numbers: list[int], *, start: float = 10.0) -> JitterBuffer:
    """Packets with these sequence numbers, each on time."""
    buffer = JitterBuffer()
    for n in numbers:
        buffer.put(n, n * FRAME, payload_of(n), start + n * 0.02)
    return buffer


def verbs(buffer: JitterBuffer, first: float, count: int) -> list[Verb]:
    return [buffer.take(first + k * 0.02, 0)[0] for k in range(count)]


@pytest.mark.parametrize(
    ("configuration", "samples"),
    [(0, 480), (1, 960), (2, 1920), (3, 2880), (11, 2880), (12, 480), (15, 960), (16, 120), (19, 960), (31, 960)],
)
def test_the_first_byte_of_a_packet_says_how_long_it_is(configuration: int, samples: int) -> None:
    toc = configuration << 3
    assert packet_samples(bytes([toc, 1, 2])) == samples
    assert packet_samples(bytes([toc | 4, 1, 2])) == samples
    assert packet_samples(bytes([toc | 1, 1, 2])) == packet_samples(bytes([toc | 2, 1, 2])) == 2 * samples
    assert packet_samples(bytes([toc | 3, 1, 2])) == samples


@pytest.mark.parametrize(
    "payload", [b"", bytes([3]), bytes([3, 0]), bytes([31 << 3 | 3, 7]), bytes([3 << 3 | 3, 63])]
)
def test_what_is_no_opus_packet_has_no_length(payload: bytes) -> None:
    assert packet_samples(payload) == 0


@given(st.binary(max_size=4))
def test_every_packet_is_between_2_and_120_ms_or_none(payload: bytes) -> None:
    samples = packet_samples(payload)
    assert samples == 0 or (120 <= samples <= 5760 and samples % 120 == 0)


def test_the_transit_says_the_jitter_that_19_of_20_packets_keep() -> None:
    tracker = TransitTracker(window=2.0, quantile=0.95)
    noise = random.Random(3)
    for k in range(100):
        tracker.add(k * 0.02, 5000.0 + (2000.0 if k % 25 == 7 else noise.uniform(0.0, 470.0)))
    assert tracker.level * BUCKET == 480
    assert 5000.0 <= tracker.base < 5050.0


def test_the_transit_forgets_a_burst_after_the_window() -> None:
    tracker = TransitTracker(window=1.2, quantile=0.95)
    for k in range(50):
        tracker.add(k * 0.02, 2400.0 if 20 <= k < 30 else 0.0)
    assert tracker.level * BUCKET == 2400
    for k in range(50, 90):
        tracker.add(k * 0.02, 0.0)
    assert tracker.level == 0


def test_the_transit_follows_a_way_that_became_longer() -> None:
    tracker = TransitTracker(window=1.2, quantile=0.95)
    for k in range(200):
        tracker.add(k * 0.02, 0.0 if k < 50 else 4800.0)
    assert (tracker.base, tracker.level) == (4800.0, 0)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(-1e6, 1e6)), min_size=1, max_size=200))
def test_the_jitter_is_what_sorting_gives(entries: list[tuple[float, float]]) -> None:
    tracker = TransitTracker(window=1.2, quantile=0.95)
    seen: list[tuple[float, int]] = []
    for arrival, transit in sorted(entries):
        tracker.add(arrival, transit)
        seen.append((arrival, min(31, int((transit - tracker.base) / BUCKET + 0.8))))
        steps = sorted(step for at, step in seen if at >= arrival - 1.2)
        assert tracker.level == steps[len(steps) - 1 - int(len(steps) * (1.0 - 0.95))]


def test_packets_play_in_order_once_the_first_was_held_10_ms() -> None:
    buffer = filled([0, 1, 2, 3])
    assert buffer.take(10.009, 0)[0] is Verb.SILENCE
    played = [buffer.take(10.0101 + k * 0.02, 0) for k in range(4)]
    assert played == [(Verb.PLAY, payload_of(n), FRAME) for n in range(4)]


def test_a_lost_packet_is_recovered_from_the_next_one_if_that_is_there() -> None:
    buffer = filled([0, 2, 3])
    assert verbs(buffer, 10.015, 4) == [Verb.PLAY, Verb.RECOVER, Verb.PLAY, Verb.PLAY]
    assert (buffer.stats.lost, buffer.stats.recovered) == (1, 1)


def test_of_several_lost_packets_the_last_is_recovered_and_the_others_concealed() -> None:
    buffer = filled([0, 4, 5])
    expected = [Verb.PLAY, Verb.CONCEAL, Verb.CONCEAL, Verb.RECOVER, Verb.PLAY, Verb.PLAY]
    assert verbs(buffer, 10.015, 6) == expected
    assert (buffer.stats.lost, buffer.stats.recovered, buffer.stats.concealed) == (3, 1, 2)


def test_a_packet_that_turns_out_lost_after_the_guess_costs_no_delay() -> None:
    buffer = filled([0])
    assert verbs(buffer, 10.015, 2) == [Verb.PLAY, Verb.CONCEAL]
    buffer.put(2, 2 * FRAME, payload_of(2), 10.04)
    assert buffer.take(10.055, 0) == (Verb.PLAY, payload_of(2), FRAME)
    assert (buffer.stats.lost, buffer.stats.inserted, round(buffer.stats.delay_ms)) == (1, 0, 15)


def test_a_packet_that_comes_after_the_guess_is_played_and_the_delay_grows_at_once() -> None:
    buffer = filled([0])
    assert verbs(buffer, 10.015, 2) == [Verb.PLAY, Verb.CONCEAL]
    buffer.put(1, FRAME, payload_of(1), 10.05)
    assert buffer.take(10.055, 0) == (Verb.PLAY, payload_of(1), FRAME)
    assert (buffer.stats.lost, buffer.stats.late, buffer.stats.inserted) == (0, 0, 1)
    assert round(buffer.stats.delay_ms) == 35


def test_guessing_ends_in_silence_after_five_frames() -> None:
    buffer = filled([0])
    assert verbs(buffer, 10.015, 8) == [Verb.PLAY] + [Verb.CONCEAL] * 5 + [Verb.SILENCE] * 2


def test_a_packet_that_says_silence_ends_the_sound_without_a_guess() -> None:
    buffer = filled([0])
    buffer.put(1, FRAME, DTX, 10.02)
    assert verbs(buffer, 10.015, 4) == [Verb.PLAY] + [Verb.SILENCE] * 3
    assert buffer.stats.concealed == 0


def test_a_leap_in_time_without_one_in_number_is_a_pause_and_no_loss() -> None:
    buffer = filled([0])
    buffer.put(1, FRAME, DTX, 10.02)
    verbs(buffer, 10.015, 100)
    buffer.put(2, 100 * FRAME, payload_of(2), 12.0)
    assert buffer.take(12.009, 0)[0] is Verb.SILENCE
    assert buffer.take(12.015, 0) == (Verb.PLAY, payload_of(2), FRAME)
    assert buffer.stats.lost == 0


def test_a_short_pause_seen_beforehand_is_silent_and_keeps_its_length() -> None:
    buffer = filled([0])
    # The clock of the first packet was slow by 50 ms; the next one, two frames later by its timestamp, is there.
    buffer.put(1, 3 * FRAME, payload_of(1), 10.01)
    assert verbs(buffer, 10.03, 5) == [Verb.PLAY, Verb.SILENCE, Verb.PLAY, Verb.CONCEAL, Verb.CONCEAL]
    assert buffer.stats.lost == 0


def test_the_number_of_a_packet_tells_late_from_doubled() -> None:
    buffer = filled([0, 2, 3])
    verbs(buffer, 10.015, 4)
    buffer.put(1, FRAME, payload_of(1), 10.08)
    assert (buffer.stats.late, buffer.stats.lost, buffer.stats.duplicate) == (1, 0, 0)
    for n in (1, 2, 3):
        buffer.put(n, n * FRAME, payload_of(n), 10.09)
    assert (buffer.stats.late, buffer.stats.lost, buffer.stats.duplicate) == (1, 0, 3)


def test_a_doubled_packet_that_still_waits_is_counted_once() -> None:
    buffer = filled([0, 1, 1, 0])
    assert (buffer.waiting, buffer.stats.duplicate) == (2, 2)


def test_another_stream_is_believed_at_its_second_packet_and_starts_anew() -> None:
    buffer = filled([0, 1, 2])
    verbs(buffer, 10.015, 3)
    buffer.put(40_000, 777_000_000, payload_of(7), 10.06)
    assert (buffer.waiting, buffer.stats.resets) == (0, 0)
    buffer.put(40_001, 777_000_000 + FRAME, payload_of(8), 10.08)
    assert (buffer.waiting, buffer.stats.resets) == (2, 1)
    # One tick of silence in between, so that the old sound can fade out.
    taken = [buffer.take(10.075 + k * 0.02, 0) for k in range(3)]
    assert taken == [(Verb.SILENCE, b"", 0), (Verb.PLAY, payload_of(7), FRAME), (Verb.PLAY, payload_of(8), FRAME)]
    assert (buffer.stats.lost, buffer.stats.received) == (0, 5)


def test_a_single_packet_from_nowhere_changes_nothing() -> None:
    buffer = filled([0, 1])
    buffer.put(40_000, 777_000_000, payload_of(7), 10.02)
    buffer.put(2, 2 * FRAME, payload_of(2), 10.04)
    assert [buffer.take(10.015 + k * 0.02, 0)[1] for k in range(3)] == [payload_of(n) for n in range(3)]
    assert buffer.stats.resets == 0


def test_both_counters_wrap_around() -> None:
    buffer = JitterBuffer()
    for k in range(10):
        at = (65_531 + k) & 0xFFFF, (2**32 - 5 * FRAME + k * FRAME) & 0xFFFFFFFF
        buffer.put(*at, payload_of(k), 10.0 + k * 0.02)
    assert [buffer.take(10.015 + k * 0.02, 0)[1] for k in range(10)] == [payload_of(k) for k in range(10)]


def test_what_waited_longer_than_the_backlog_is_left_out() -> None:
    buffer = JitterBuffer()
    for n in range(100):
        buffer.put(n, n * FRAME, payload_of(n), 12.0)
    kept = [step for k in range(200) if (step := buffer.take(12.0 + k * 0.02, 0))[0] in (Verb.PLAY, Verb.SHORTEN)]
    assert buffer.stats.dropped >= 70
    assert len(kept) <= 27


def test_no_more_packets_wait_than_allowed() -> None:
    buffer = JitterBuffer(JitterSettings(capacity=16))
    for n in range(100):
        buffer.put(n, n * FRAME, payload_of(n), 12.0)
    assert buffer.waiting == 16
    assert buffer.stats.dropped == 84


def test_what_is_no_packet_is_dropped_and_counted() -> None:
    buffer = filled([0])
    buffer.put(1, FRAME, b"", 10.02)
    assert (buffer.waiting, buffer.stats.dropped, buffer.stats.received) == (1, 1, 2)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"minimum": 0.005}, "delay"),
        ({"minimum": 0.08}, "delay"),
        ({"maximum": 0.3}, "delay"),
        ({"quantile": 1.0}, "quantile"),
        ({"window": 0.0}, "window"),
        ({"backlog": 0.05}, "backlog"),
        ({"conceal": -1}, "conceal"),
        ({"capacity": 0}, "capacity"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        JitterSettings(**wrong)  # type: ignore[arg-type]


_PAYLOADS = st.one_of(st.just(DTX), st.just(payload_of(1)), st.binary(max_size=3))
_NEAR = st.tuples(st.integers(-40, 40), st.integers(-40 * FRAME, 40 * FRAME), _PAYLOADS)
_FAR = st.tuples(st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), _PAYLOADS)
_TICKS = st.tuples(st.integers(0, 120), st.integers(0, FRAME - 1), st.none())


@settings(max_examples=300)
@given(st.lists(st.one_of(_NEAR, _FAR, _TICKS), max_size=120))
def test_whatever_comes_the_buffer_stays_bounded_and_its_numbers_add_up(
    deeds: list[tuple[int, int, bytes | None]],
) -> None:
    buffer = JitterBuffer(JitterSettings(capacity=16))
    now, played, received = 50.0, 0, 0
    for first, second, payload in deeds:
        if payload is not None:
            buffer.put(first & 0xFFFF, second & 0xFFFFFFFF, payload, now)
            received += 1
        else:
            now += first / 1000
            verb, given_payload, samples = buffer.take(now, second)
            played += verb in (Verb.PLAY, Verb.SHORTEN)
            assert (verb is Verb.SILENCE) == (samples == 0)
            assert samples % 120 == 0
            assert bool(given_payload) == (verb in (Verb.PLAY, Verb.SHORTEN, Verb.RECOVER))
        stats = buffer.stats
        assert buffer.waiting <= 16
        assert stats.received == received
        assert min(stats.lost, stats.late, stats.dropped, stats.duplicate) >= 0
        assert played + buffer.waiting + stats.late + stats.dropped + stats.duplicate <= received
        assert 20.0 <= stats.target_ms <= 60.0


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.floats(0.0, 0.0199), st.floats(0, 1e6))
def test_without_jitter_every_packet_waits_10_to_30_ms_wherever_the_tick_falls(
    sequence: int, timestamp: int, phase: float, start: float
) -> None:
    buffer = JitterBuffer()
    taken = []
    for k in range(60):
        arrival = start + k * 0.02
        at = (sequence + k) & 0xFFFF, (timestamp + k * FRAME) & 0xFFFFFFFF
        buffer.put(*at, payload_of(k), arrival)
        verb, payload, _ = buffer.take(arrival + phase, 0)
        if verb is Verb.PLAY:
            taken.append(k - int.from_bytes(payload[1:], "big"))
    assert len(set(taken)) == 1
    assert 0.010 - 1e-6 <= taken[0] * 0.02 + phase <= 0.030 + 1e-6
    assert buffer.stats.concealed == 0
    assert abs(buffer.stats.delay_ms / 1000 - taken[0] * 0.02 - phase) < 1.5 / RATE + 1e-6


def test_noise_smaller_than_the_slack_never_changes_the_delay() -> None:
    buffer = JitterBuffer()
    noise = random.Random(1)
    for k in range(3000):
        buffer.put(k & 0xFFFF, k * FRAME, payload_of(k), 10.0 + k * 0.02 + noise.uniform(0, 0.9 * SLACK / RATE))
        buffer.take(10.010 + k * 0.02, 0)
    assert (buffer.stats.concealed, buffer.stats.merged, buffer.stats.lost) == (0, 0, 0)
