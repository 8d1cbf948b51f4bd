from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from media.adapters.opus import OpusDecoder, OpusEncoder
from media.audio import FRAME, RATE, Samples
from media.errors import MediaError
from media.jitter_settings import ReceptionStats
from media.reception import EDGE, Reception
from media.stretch import OVERLAP, shorten
from tests.media.network_model import (
    CELT_20_MS,
    Heard,
    NamingDecoder,
    Packet,
    delayed,
    exponential,
    hear,
    payload_of,
    randomly,
    speech,
    stalled,
    without,
)

DTX = bytes([CELT_20_MS])
PHASES = (0.0, 0.004, 0.0099, 0.0101, 0.015, 0.0199)
TONE = np.sin(2 * np.pi * 250 * np.arange(6 * RATE) / RATE, dtype=np.float64).astype(np.float32)


def steps(frames: Samples) -> float:
    """The largest step between two samples."""
    return float(np.abs(np.diff(frames)).max())


def wave(heard: Heard) -> Samples:
    return np.concatenate([tick.frame for tick in heard.ticks])


def waits(heard: Heard, share: float) -> float:
    """The wait in seconds that this share of the packets did not exceed."""
    ordered = sorted(heard.waits.values())
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def pauses(talks: list[tuple[float, int]], *, marker: bool) -> list[Packet]:
    """Utterances (start, packets) of a sender with DTX: numbers go on by one, timestamps with the time."""
    packets: list[Packet] = []
    for start, count in talks:
        last = [] if not marker else [True]
        for k in range(count + len(last)):
            number = len(packets)
            at = start + k * 0.02
            payload = payload_of(number) if k < count else DTX
            packets.append(
                Packet(
                    number=number,
                    sequence=(65_530 + number) & 0xFFFF,
                    timestamp=round(at * RATE) & 0xFFFFFFFF,
                    payload=payload,
                    arrival=at + 0.02,
                )
            )
    return packets


@pytest.mark.parametrize("phase", PHASES)
def test_without_jitter_every_frame_sounds_once_and_waits_10_to_30_ms(phase: float) -> None:
    heard = hear(speech(300), phase=phase)
    assert heard.numbers == list(range(300))
    assert min(heard.waits.values()) >= 0.010 - 1e-6
    assert max(heard.waits.values()) <= 0.030 + 1e-6
    assert (heard.stats.lost, heard.stats.inserted, heard.stats.merged) == (0, 0, 0)


@pytest.mark.parametrize("samples", [120, 240, 480, 960, 1920, 2880, 5760])
def test_packets_of_every_length_give_the_same_even_sound(samples: int) -> None:
    toc = {120: 0xE0, 240: 0xE8, 480: 0xF0, 960: 0xF8, 1920: 0xF9, 2880: 0x18, 5760: 0x19}[samples]
    packets = speech(4 * RATE // samples, samples=samples, toc=toc)
    heard = hear(packets, decoder=NamingDecoder(samples), phase=0.003)
    sound = wave(heard)
    first = int(np.flatnonzero(sound)[0]) + EDGE
    expected = np.repeat(np.arange(1, len(packets) + 1, dtype=np.float32), samples)[EDGE:]
    assert np.array_equal(sound[first : first + len(expected)], expected)
    assert (heard.stats.lost, heard.stats.merged, heard.stats.inserted) == (0, 0, 0)
    assert max(heard.waits.values()) <= 0.0301 if samples >= FRAME else max(heard.waits.values()) <= 0.0501


@pytest.mark.parametrize("samples", [480, 2880])
def test_packets_of_other_lengths_survive_loss(samples: int) -> None:
    toc = {480: 0xF0, 2880: 0x18}[samples]
    packets = without(speech(30 * RATE // samples, samples=samples, toc=toc), randomly(5, 0.05))
    heard = hear(packets, decoder=NamingDecoder(samples), phase=0.003)
    assert heard.numbers == sorted(heard.numbers)
    assert heard.count("decode") == len(packets)
    spoken = sum(tick.sounds for tick in heard.ticks) / 50
    assert 29.9 <= spoken <= 30.2
    assert heard.stats.merged <= heard.stats.inserted + 1


@pytest.mark.parametrize("drift", [200e-6, -200e-6])
def test_a_clock_that_is_off_by_200_ppm_never_adds_up(drift: float) -> None:
    heard = hear(speech(50 * 300, drift=drift), phase=0.003)
    assert waits(heard, 1.0) <= 0.040
    assert waits(heard, 0.0) >= 0.004
    assert heard.stats.lost == 0
    # 300 s * 200 ppm = 60 ms: three frames, no more.
    changes = heard.stats.inserted if drift > 0 else heard.stats.merged
    assert 2 <= changes <= 5


def test_the_delay_covers_the_jitter_and_19_of_20_packets_are_in_time() -> None:
    heard = hear(delayed(speech(3000), exponential(2, 0.010)), phase=0.003)
    assert 20.0 < heard.stats.target_ms <= 60.0
    assert heard.count("decode") >= 0.95 * 3000
    assert waits(heard, 0.95) <= 0.070


def test_the_target_never_leaves_its_bounds() -> None:
    heard = hear(delayed(speech(1500), exponential(3, 0.100)), phase=0.003)
    assert {20.0 <= tick.stats.target_ms <= 60.0 for tick in heard.ticks} == {True}
    assert max(tick.stats.target_ms for tick in heard.ticks) == 60.0


@pytest.mark.parametrize("phase", [0.003, 0.013])
def test_loss_alone_never_makes_the_delay_longer(phase: float) -> None:
    packets = without(speech(62 * 50), lambda n: n < 3000 and randomly(1, 0.05)(n))
    heard = hear(packets, phase=phase)
    clean = hear(speech(200), phase=phase).stats.delay_ms
    assert heard.stats.lost == 62 * 50 - len(packets)
    assert max(tick.stats.delay_ms for tick in heard.ticks) < clean + 0.1
    assert {tick.stats.target_ms for tick in heard.ticks} == {20.0}
    assert (heard.stats.inserted, heard.stats.merged) == (0, 0)


@pytest.mark.parametrize("phase", [0.003, 0.009, 0.013, 0.019])
def test_after_a_stall_of_300_ms_the_delay_is_back_within_2_s_and_no_word_is_lost(phase: float) -> None:
    heard = hear(stalled(speech(400), 103.0, 103.3), phase=phase)
    assert heard.numbers == list(range(400))
    assert heard.at(103.34).stats.delay_ms > 250
    assert heard.at(105.3).stats.delay_ms <= 36.0
    assert heard.at(105.3).stats.target_ms == 20.0


def test_the_delay_is_back_within_2_s_after_a_time_of_jitter() -> None:
    packets = delayed(speech(600), lambda n: exponential(4, 0.020)(n) if 100 <= n < 400 else 0.0)
    heard = hear(packets, phase=0.003)
    end = 100.0 + 400 * 0.02
    assert heard.at(end).stats.target_ms > 30.0
    assert heard.at(end + 2.0).stats.delay_ms <= 36.0
    assert heard.at(end + 2.0).stats.target_ms == 20.0


def test_a_way_that_became_longer_for_good_costs_a_few_guesses_once() -> None:
    heard = hear(delayed(speech(600), lambda n: 0.060 if n >= 200 else 0.0), phase=0.003)
    assert heard.numbers == list(range(600))
    assert heard.at(108.0).stats.concealed <= 5
    # At first the old way counts as the fastest, and the difference as jitter.
    assert waits(heard, 1.0) <= 0.080
    assert heard.at(104.06 + 3.0).stats.delay_ms <= 36.0


def test_lost_packets_are_recovered_or_concealed_and_each_frame_sounds() -> None:
    heard = hear(without(speech(500), randomly(9, 0.1)), phase=0.003)
    talk = [tick for tick in heard.ticks if 100.1 < tick.now < 110.0]
    assert all(tick.sounds for tick in talk)
    assert heard.stats.recovered > 20
    assert heard.stats.recovered + heard.stats.concealed >= heard.stats.lost


def test_a_long_gap_of_lost_packets_fades_into_silence_and_comes_back() -> None:
    heard = hear(without(speech(200), lambda n: 50 <= n < 80), phase=0.003)
    quiet = [tick for tick in heard.ticks if 101.2 < tick.now < 101.6]
    assert not any(tick.sounds for tick in quiet)
    assert heard.stats.lost == 30
    assert heard.at(103.9).stats.delay_ms <= 30.0


def test_overtaking_within_the_delay_is_harmless() -> None:
    heard = hear(delayed(speech(300), lambda n: 0.021 if n % 10 == 3 else 0.012), phase=0.006)
    assert heard.numbers == list(range(300))
    assert (heard.stats.lost, heard.stats.late) == (0, 0)


def test_doubled_packets_are_heard_once() -> None:
    packets = speech(300)
    again = [replace(p, arrival=p.arrival + 0.001 * (p.number % 90)) for p in packets]
    heard = hear([*packets, *again], phase=0.003)
    assert heard.numbers == list(range(300))
    assert (heard.stats.duplicate, heard.stats.lost, heard.stats.late) == (300, 0, 0)


@pytest.mark.parametrize("marker", [True, False])
@pytest.mark.parametrize("phase", PHASES)
def test_the_end_of_an_utterance_is_never_held_back_and_a_pause_is_no_loss(marker: bool, phase: float) -> None:
    heard = hear(pauses([(100.0, 50), (103.01, 7), (103.5, 1), (110.003, 40)], marker=marker), phase=phase)
    numbers = [n for n, packet in enumerate(pauses([(0.0, 50), (0.0, 7), (0.0, 1), (0.0, 40)], marker=marker))
               if packet.payload != DTX]  # fmt: skip
    assert heard.numbers == numbers
    assert max(heard.waits.values()) <= 0.040
    assert (heard.stats.lost, heard.stats.inserted, heard.stats.resets) == (0, 0, 0)
    guessed = [
        call for tick in heard.ticks for call in tick.calls if call[0] == "conceal" and call[1] >= FRAME // 2
    ]
    assert len(guessed) == (1 * 4 if marker else 5 * 4), "with a marker only the fade-out is guessed"
    pause = [tick for tick in heard.ticks if 101.2 < tick.now < 103.0]
    assert not any(tick.sounds for tick in pause)


def test_a_packet_every_400_ms_in_silence_does_not_sound() -> None:
    packets = pauses([(100.0, 20)], marker=True)
    beats = [replace(packets[-1], sequence=(packets[-1].sequence + k) & 0xFFFF, number=100 + k,
                     timestamp=(packets[-1].timestamp + k * 20 * FRAME) & 0xFFFFFFFF,
                     arrival=packets[-1].arrival + 0.4 * k) for k in range(1, 20)]  # fmt: skip
    heard = hear([*packets, *beats], phase=0.003)
    assert not any(tick.sounds for tick in heard.ticks if tick.now > 100.5)
    assert heard.stats.lost == heard.stats.concealed == 0


def test_sound_begins_ends_and_breaks_off_without_a_step() -> None:
    talks = pauses([(100.0, 50), (101.5, 30)], marker=True)
    lossy = without(pauses([(100.0, 50), (102.0, 30)], marker=False), lambda n: 20 <= n < 40)
    for packets in (talks, lossy):
        decoder = LevelDecoder(0.5)
        heard = hear(packets, decoder=decoder, phase=0.003)
        assert steps(wave(heard)) <= 0.5 / EDGE + 1e-6
        assert max(abs(wave(heard))) == pytest.approx(0.5)


class LevelDecoder(NamingDecoder):
    """Every packet and every guess has one level."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = level

    def decode(self, payload: bytes, out: Samples) -> int:
        super().decode(payload, out)
        out[:FRAME] = self.level
        return FRAME

    def conceal(self, out: Samples) -> int:
        super().conceal(out)
        out[:] = self.level
        return len(out)


def test_a_new_stream_takes_over_after_a_fade() -> None:
    old = speech(100)
    new = speech(100, first=1000, sequence=20_000, timestamp=123_456_789, start=102.005)
    heard = hear([*old, *new], decoder=LevelDecoder(0.5), phase=0.003)
    assert heard.stats.resets == 1
    assert heard.stats.lost == 0
    assert [n for n in heard.numbers if n >= 1000] == list(range(1000, 1100))
    assert steps(wave(heard)) <= 0.5 / EDGE + 1e-6
    assert max(w for n, w in heard.waits.items() if n > 1050) <= 0.036


def test_after_clear_nothing_old_is_heard_but_a_fade() -> None:
    decoder = LevelDecoder(0.5)
    reception = Reception(decoder)
    out = np.zeros(FRAME, np.float32)
    for p in speech(20, start=10.0):
        reception.put(p.sequence, p.timestamp, p.payload, p.arrival)
    assert reception.take(out, 10.05)
    reception.clear()
    before = len(decoder.calls)
    assert reception.take(out, 10.07)
    assert not out[2 * EDGE :].any()
    assert not reception.take(out, 10.09)
    assert [what for what, _ in decoder.calls[before:]] == ["conceal"]


class FaultyDecoder(NamingDecoder):
    """Cannot read every seventh packet, and of every eleventh makes too little."""

    def decode(self, payload: bytes, out: Samples) -> int:
        number = int.from_bytes(payload[1:5], "big")
        super().decode(payload, out)
        if number % 7 == 0:
            raise MediaError("not to be read")
        return FRAME // 2 if number % 11 == 0 else FRAME


def test_packets_that_cannot_be_decoded_are_concealed_and_counted() -> None:
    heard = hear(without(speech(154), lambda n: n == 30), decoder=FaultyDecoder(), phase=0.003)
    faulty = len({*range(0, 154, 7), *range(0, 154, 11)})
    assert heard.stats.dropped == faulty
    assert heard.count("conceal") >= faulty
    assert all(tick.sounds for tick in heard.ticks if 100.1 < tick.now < 103.0)


def test_silence_leaves_the_frame_alone() -> None:
    out = np.full(FRAME, 7.0, np.float32)
    assert Reception(NamingDecoder()).take(out, 1.0) is False
    assert np.array_equal(out, np.full(FRAME, 7.0, np.float32))


@pytest.mark.parametrize("frequency", [60.0, 110.0, 187.0, 440.0])
@pytest.mark.parametrize("most", [300, 700, 960])
def test_a_tone_is_shortened_without_a_step(frequency: float, most: int) -> None:
    tone = (0.5 * np.sin(2 * np.pi * frequency * np.arange(2 * FRAME) / RATE)).astype(np.float32)
    short = tone.copy()
    gone = shorten(short, most)
    assert most // 2 <= gone <= most
    kept = short[: len(tone) - gone]
    # As steep as the tone itself, and what a cross-fade of its whole range adds to it.
    assert steps(kept) <= steps(tone) + 1.0 * np.pi / 2 / OVERLAP
    assert np.array_equal(kept[OVERLAP:], tone[OVERLAP + gone :])
    if RATE / frequency <= most / 2:
        assert abs(gone * frequency / RATE - round(gone * frequency / RATE)) < 0.05


def test_noise_keeps_its_loudness_where_it_is_shortened() -> None:
    noise = np.random.default_rng(5).standard_normal((200, 2 * FRAME)).astype(np.float32)
    for row in noise:
        shorten(row, FRAME)
    powers = np.square(noise[:, :OVERLAP]).mean(axis=0)
    assert powers[OVERLAP // 3 : 2 * OVERLAP // 3].mean() == pytest.approx(1.0, rel=0.15)


@given(st.integers(240, 960), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-4, 0.3]))
def test_shortening_never_takes_more_than_asked_nor_grows_louder(most: int, seed: int, level: float) -> None:
    sound = (level * np.random.default_rng(seed).uniform(-1, 1, 2 * FRAME)).astype(np.float32)
    loudest = float(np.abs(sound).max())
    gone = shorten(sound, most)
    assert most // 2 <= gone <= most
    assert float(np.abs(sound[: 2 * FRAME - gone]).max()) <= 1.42 * loudest + 1e-6


_NETWORK = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 1000),
        "loss": st.sampled_from([0.0, 0.02, 0.2, 0.6]),
        "jitter": st.sampled_from([0.0001, 0.003, 0.02, 0.2]),
        "double": st.sampled_from([0.0, 0.1]),
        "phase": st.floats(0.0, 0.0199),
        "drift": st.sampled_from([-300e-6, 0.0, 300e-6]),
    }
)


@settings(max_examples=60, deadline=None)
@given(_NETWORK)
def test_on_any_network_sound_goes_forward_and_nothing_is_heard_twice(network: dict[str, float]) -> None:
    seed = int(network["seed"])
    sent = without(speech(150, drift=network["drift"]), randomly(seed, network["loss"]))
    sent = delayed(sent or speech(1), exponential(seed + 1, network["jitter"]))
    sent += without(delayed(sent, exponential(seed + 2, 0.03)), randomly(seed + 3, 1.0 - network["double"]))
    heard = hear(sent, phase=network["phase"])
    assert heard.numbers == sorted(set(heard.numbers))
    stats = heard.stats
    assert stats.received == len(sent)
    assert stats.received == heard.count("decode") + stats.late + stats.duplicate + stats.dropped
    for tick in heard.ticks:
        assert np.isfinite(tick.frame).all()
        assert tick.sounds or not tick.frame.any()
    assert not heard.ticks[-1].sounds


_ANY_PACKET = st.tuples(
    st.integers(0, 2**16 - 1) | st.integers(100, 130),
    st.integers(0, 2**32 - 1) | st.integers(0, 30).map(lambda n: n * FRAME),
    st.binary(max_size=3) | st.just(payload_of(4)) | st.just(DTX),
)
_SPAN = st.integers(0, 300)


class AnyDecoder(NamingDecoder):
    """As long as the room it is given, like a decoder that believes the packet."""

    def decode(self, payload: bytes, out: Samples) -> int:
        self.calls.append(("decode", 0))
        out[:] = 0.25
        return len(out)

    def recover(self, payload: bytes, out: Samples) -> int:
        self.calls.append(("recover", 0))
        out[:] = 0.25
        return len(out)


@settings(max_examples=200, deadline=None)
@given(st.lists(_ANY_PACKET | _SPAN, max_size=100))
@example([(2, 2880, payload_of(3)), (0, 0, b""), (0, 0, b"\0\0\0"), 0, 0, 0])
def test_whatever_is_put_and_taken_one_frame_comes_out_or_none(deeds: list[tuple[int, int, bytes] | int]) -> None:
    reception = Reception(AnyDecoder())
    now = 5.0
    for deed in deeds:
        if isinstance(deed, int):
            now += deed / 1000
            out = np.full(FRAME, 9.0, np.float32)
            assert reception.take(out, now) == (float(out.max()) < 9.0)
            assert float(out.max()) < 0.6 or float(out.min()) == 9.0
        else:
            reception.put(*deed, now)
        assert reception.waiting <= 256


def test_a_flood_of_garbage_holds_no_memory() -> None:
    reception = Reception(NamingDecoder())
    noise = random.Random(8)
    for _ in range(20_000):
        reception.put(noise.randrange(2**16), noise.randrange(2**32), payload_of(1), 3.0)
    assert reception.waiting <= 256
    for n in range(5000):
        reception.put(n & 0xFFFF, n * 7, payload_of(1), 3.0)
    assert reception.waiting <= 256


def voice(seconds: float) -> Samples:
    """A hummed vowel whose pitch, formants and loudness move: harmonics of 95 to 145 Hz."""
    t = np.arange(int(seconds * RATE)) / RATE
    pitch = 120 + 20 * np.sin(2 * np.pi * 0.7 * t) + 5 * np.sin(2 * np.pi * 5 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.zeros_like(t)
    for k in range(1, 25):
        at = k * pitch
        gain = 1 / (1 + ((at - 500 - 200 * np.sin(2 * np.pi * 1.3 * t)) / 150) ** 2) + 0.5 / (
            1 + ((at - 1500) / 200) ** 2
        )
        sound += (gain + 0.02) * np.sin(k * phase + 0.3 * k * k)
    sound *= 0.6 + 0.4 * np.sin(2 * np.pi * 2 * t)
    scaled: Samples = (0.6 * sound / np.abs(sound).max()).astype(np.float32)
    return scaled


def clicks(sound: Samples) -> float:
    """The strongest sample after a steep high-pass (fourth difference): voices have nothing there, clicks do."""
    return float(np.abs(np.diff(sound, 4)).max())


NETWORKS: dict[str, Callable[[list[Packet]], list[Packet]]] = {
    "5 % loss": lambda packets: without(packets, randomly(1, 0.05)),
    "bursts of loss": lambda packets: without(packets, lambda n: n % 60 in range(40, 52)),
    "jitter": lambda packets: delayed(packets, exponential(1, 0.010)),
    "a stall": lambda packets: stalled(packets, 103.0, 103.3),
    "a longer way": lambda packets: delayed(packets, lambda n: 0.05 if n > 100 else 0.0),
}


def heard_through_opus(
    sound: Samples, network: str | None, phase: float, bitrate: int
) -> tuple[Samples, ReceptionStats]:
    encoder = OpusEncoder(channels=1, bitrate=bitrate, voice=0.1)
    packets = [
        replace(p, payload=encoder.encode(np.ascontiguousarray(sound[p.number * FRAME : (p.number + 1) * FRAME])))
        for p in speech(len(sound) // FRAME)
    ]
    heard = hear(
        NETWORKS[network](packets) if network else packets,
        reception=Reception(OpusDecoder()),
        phase=phase,
    )
    return wave(heard), heard.stats


@pytest.mark.slow
@pytest.mark.parametrize("phase", [0.003, 0.013])
@pytest.mark.parametrize("bitrate", [32_000, 64_000])
@pytest.mark.parametrize("kind", ["voice", "tone"])
def test_through_real_opus_no_network_makes_a_click(kind: str, bitrate: int, phase: float) -> None:
    sound = voice(6.0) if kind == "voice" else (0.5 * TONE).astype(np.float32)
    clean = clicks(heard_through_opus(sound, None, phase, bitrate)[0])
    assert clean < 0.08
    # A step of a hundredth gives 0.03.
    bound = max(0.03, 1.25 * clean)
    for network in NETWORKS:
        through, stats = heard_through_opus(sound, network, phase, bitrate)
        assert stats.concealed + stats.recovered + stats.merged > 5, network
        assert clicks(through) <= bound, network
        assert float(np.sqrt(np.mean(through * through))) >= 0.7 * float(np.sqrt(np.mean(sound * sound))), network


def test_a_sound_that_stops_without_a_word_dies_away_through_real_opus() -> None:
    at = np.arange(50 * FRAME) / RATE
    hum = (0.08 * np.sin(2 * np.pi * 150 * at)).astype(np.float32)
    hum[49 * FRAME :] = 0.15 * np.sin(2 * np.pi * 1900 * at[49 * FRAME :])
    encoder = OpusEncoder(channels=1, bitrate=32_000, voice=0.0)
    reception = Reception(OpusDecoder())
    peaks: list[float] = []
    for tick in range(70):
        now = 100.0 + tick * 0.02
        if tick < 50:
            frame = np.ascontiguousarray(hum[tick * FRAME : (tick + 1) * FRAME])
            reception.put(tick, tick * FRAME, encoder.encode(frame), now)
        out = np.zeros(FRAME, np.float32)
        reception.take(out, now + 0.012)
        peaks.append(float(np.abs(out).max()))
    ending = peaks[51:]
    assert all(later <= 1.1 * earlier for earlier, later in pairwise(ending)), "nothing gets louder again"
    assert ending[-1] == 0.0
