from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.adapters import opus_av
from media.adapters.opus import LONGEST, SILENCE, OpusDecoder, OpusEncoder, OpusError, library
from media.audio import FRAME, RATE, Samples, dbfs


def tone(frames: int, frequency: float = 440.0) -> Samples:
    return (0.3 * np.sin(2 * np.pi * frequency * np.arange(frames * FRAME) / RATE)).astype(np.float32)


def stereo(left: Samples, right: Samples) -> Samples:
    return np.ascontiguousarray(np.stack([left, right], axis=1))


def decoded(packets: list[bytes], decoder: OpusDecoder | None = None) -> Samples:
    decoder = decoder or OpusDecoder()
    out = np.zeros((len(packets), FRAME), np.float32)
    for row, packet in zip(out, packets, strict=True):
        assert decoder.decode(packet, row) == FRAME
    return out.reshape(-1)


def test_sound_survives_the_codec() -> None:
    encoder, sound = OpusEncoder(), tone(20)
    packets = [encoder.encode(stereo(f, f)) for f in sound.reshape(-1, FRAME)]
    assert dbfs(decoded(packets)[4 * FRAME :]) == pytest.approx(dbfs(sound), abs=0.5)


def test_silence_has_a_packet_that_is_the_same_in_any_state() -> None:
    encoder = OpusEncoder()
    assert encoder.encode(np.zeros((FRAME, 2), np.float32)) == SILENCE
    decoder = OpusDecoder()
    speech = [OpusEncoder(channels=1, voice=0.1).encode(f) for f in tone(5).reshape(-1, FRAME)]
    decoded(speech, decoder)
    after = decoded([SILENCE] * 3, decoder)
    assert dbfs(after[FRAME:]) < -90


def test_a_lost_frame_is_recovered_from_the_packet_behind_it() -> None:
    encoder = OpusEncoder(channels=1, bitrate=32_000, voice=0.25)
    at = np.arange(40 * FRAME) / RATE
    vowel = sum(np.sin(2 * np.pi * 150 * k * at) / k for k in range(1, 12))  # only voices carry the correction
    sound = (0.1 * vowel * (1 + 0.5 * np.sin(2 * np.pi * 4 * at))).astype(np.float32)
    packets = [encoder.encode(f) for f in sound.reshape(-1, FRAME)]
    decoder, out = OpusDecoder(), np.zeros(FRAME, np.float32)
    whole = decoded(packets)
    decoded(packets[:30], decoder)
    assert decoder.recover(packets[31], out) == FRAME
    assert dbfs(out - whole[30 * FRAME : 31 * FRAME]) < dbfs(out) - 12
    assert decoder.decode(packets[31], out) == FRAME


def test_concealment_goes_on_without_a_step() -> None:
    encoder = OpusEncoder(channels=1, bitrate=32_000, voice=0.1)
    packets = [encoder.encode(f) for f in tone(20).reshape(-1, FRAME)]
    decoder, out = OpusDecoder(), np.zeros(FRAME, np.float32)
    before = decoded(packets, decoder)
    assert decoder.conceal(out) == FRAME
    assert dbfs(out) > dbfs(before[-FRAME:]) - 6
    assert abs(float(out[0] - before[-1])) < 2 * np.abs(np.diff(before[-FRAME:])).max()


def test_an_independent_packet_sounds_right_to_who_comes_from_elsewhere() -> None:
    sound = tone(30)
    errors = []
    for independent in (True, False):
        encoder, other = OpusEncoder(), OpusEncoder()
        decoder = OpusDecoder()
        decoded([other.encode(stereo(f, f)) for f in tone(10, 2500.0).reshape(-1, FRAME)], decoder)
        packets = []
        for at, frame in enumerate(sound.reshape(-1, FRAME)):
            if independent and at == 20:
                encoder.make_independent()
            packets.append(encoder.encode(stereo(frame, frame)))
        joined, reference = decoded(packets[20:], decoder), decoded(packets)[20 * FRAME :]
        errors.append(dbfs((joined - reference)[FRAME : 3 * FRAME]))
    assert errors[0] < errors[1] - 6


def test_cheaper_settings_can_be_chosen_on_the_way() -> None:
    encoder, frame = OpusEncoder(complexity=5), tone(1)
    for complexity in (5, 2, 0):
        encoder.set_complexity(complexity)
        assert encoder.encode(stereo(frame, frame))
    with pytest.raises(OpusError, match="invalid argument"):
        encoder.set_complexity(11)
    encoder.reset()


def test_frames_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(OpusError, match="960 x 2"):
        OpusEncoder().encode(np.zeros(FRAME, np.float32))


@given(st.binary(max_size=60))
def test_any_bytes_are_sound_or_an_opus_error(payload: bytes) -> None:
    out = np.zeros(LONGEST, np.float32)
    decoder = OpusDecoder()
    for call in (decoder.decode, decoder.recover):
        try:
            count = call(payload, out)
        except OpusError:
            continue
        assert 0 <= count <= LONGEST


def test_without_libopus_pyav_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(opus_av.decoder(), OpusDecoder)
    assert isinstance(opus_av.encoder(), OpusEncoder)
    monkeypatch.setattr(opus_av, "library", lambda: None)
    encoder, decoder = opus_av.encoder(), opus_av.decoder()
    assert isinstance(encoder, opus_av.AvEncoder)
    assert isinstance(decoder, opus_av.AvDecoder)
    sound = tone(12)
    out = np.zeros((12, FRAME), np.float32)
    for frame, row in zip(sound.reshape(-1, FRAME), out, strict=True):
        if row is out[6]:
            encoder.set_complexity(2)
        assert decoder.decode(encoder.encode_at(stereo(frame, frame).ctypes.data), row) == FRAME
    assert dbfs(out[3:]) == pytest.approx(dbfs(sound), abs=1.0)
    gap = np.zeros(FRAME, np.float32)
    assert decoder.conceal(gap) == decoder.recover(SILENCE, gap.copy()) == FRAME
    assert abs(float(gap[0] - out[-1, -1])) < 0.05
    assert abs(float(gap[-1])) < 1e-3
    with pytest.raises(OpusError, match="FFmpeg"):
        decoder.decode(b"\xff\xff\xff", gap)


def test_libopus_comes_with_pyav() -> None:
    assert library() is not None
