"""What a microphone, the line and the model's ear make of speech: noise, Opus, mel bands."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Literal

import numpy as np
from av import AudioCodecContext, AudioFrame, CodecContext
from scipy.signal import lfilter, resample_poly

from media.audio import Samples, from_int16
from media.training.voices import RATE

MELS = 48
"""Bands. Fewer than usual, so that they show the vowel more than the pitch."""
HOP = 320
"""Samples from frame to frame: 20 ms."""
FFT = 512
WINDOW_SECONDS = 8
FRAMES = WINDOW_SECONDS * RATE // HOP
"""The longest that the model hears at once, in frames."""
_OPUS_DELAY = 312
"""Samples at 48 kHz by which Opus is late."""


@cache
def filters() -> Samples:
    """The bands' filters as faster-whisper has them, (mels, bins)."""
    from faster_whisper.feature_extractor import FeatureExtractor

    bands: Samples = FeatureExtractor.get_mel_filters(RATE, FFT, n_mels=MELS).astype(np.float32)
    return bands


def power(samples: Samples) -> Samples:
    """The power in each band, (frames, mels), of (n,) samples at 16 kHz with silence around them."""
    padded = np.pad(samples, FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    window = np.hanning(FFT + 1)[:-1].astype(np.float32)
    bins = np.square(np.abs(np.fft.rfft(frames * window, axis=-1)))
    return np.asarray(bins @ filters().T, np.float32)


def log_scale(bands: Samples) -> Samples:
    """Power to what the model is given: the logarithm, 80 dB deep, as Whisper scales it."""
    logarithm = np.log10(np.maximum(bands, 1e-10))
    return np.asarray((np.maximum(logarithm, logarithm.max() - 8) + 4) / 4, np.float32)


def through_opus(samples: Samples) -> Samples:
    """Encode and decode as a browser does, 32 kbit/s mono at 48 kHz; (n,) float32 at 16 kHz in and out."""
    wide = resample_poly(samples, 3, 1).astype(np.float32)
    size = 960
    count = -(-(len(wide) + _OPUS_DELAY) // size)
    wide = np.pad(wide, (0, count * size - len(wide)))
    encoder, decoder = _codec("w"), _codec("r")
    encoder.bit_rate, encoder.format, encoder.layout, encoder.sample_rate = 32_000, "flt", "mono", 48_000
    encoder.options = {"application": "voip", "frame_duration": "20"}
    pieces = []
    for k in range(count):
        frame = AudioFrame.from_ndarray(wide[None, k * size : (k + 1) * size], format="flt", layout="mono")
        frame.sample_rate, frame.pts = 48_000, k * size
        for packet in encoder.encode(frame):
            pieces += [_mono(frame) for frame in decoder.decode(packet)]
    heard = np.concatenate(pieces)[_OPUS_DELAY:]
    return np.asarray(resample_poly(heard, 1, 3)[: len(samples)], np.float32)


def noise(random: Random, count: int) -> Samples:
    """Something that is not speech: hiss, rumble, hum, clicks, beeps or a mixture; (count,) float32, loudest 1."""
    draw = np.random.default_rng(random.getrandbits(32))
    white = draw.standard_normal(count)
    sound = random.uniform(0.2, 1.0) * lfilter([1], [1, -random.choice((0.0, 0.0, 0.5, 0.9, 0.98))], white)
    sound /= np.abs(sound).max()
    seconds = np.arange(count) / RATE
    if random.random() < 0.3:
        for overtone in range(1, random.randint(2, 6)):
            hertz = random.choice((50, 60, 100, 120))
            sound += random.uniform(0, 0.5) * np.sin(2 * np.pi * overtone * hertz * seconds)
    if random.random() < 0.2:
        begin, length = random.randrange(count), random.randint(800, 16_000)
        part = slice(begin, begin + length)
        sound[part] += random.uniform(0.3, 2) * np.sin(2 * np.pi * random.uniform(200, 3000) * seconds[part])
    if random.random() < 0.3:
        for _ in range(random.randint(1, 12)):
            begin, length = random.randrange(count), random.randint(40, 900)
            click = draw.standard_normal(length) * np.exp(-np.arange(length) / random.uniform(10, 200))
            sound[begin : begin + length] += random.uniform(0.3, 3) * click[: count - begin]
    if random.random() < 0.3:
        sound *= 1 + random.uniform(0, 0.9) * np.sin(2 * np.pi * random.uniform(0.3, 4) * seconds)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _mono(frame: AudioFrame) -> Samples:
    pcm = frame.to_ndarray().reshape(-1)
    return from_int16(np.asarray(pcm, np.int16)) if pcm.dtype == np.int16 else np.asarray(pcm, np.float32)


def _codec(mode: Literal["r", "w"]) -> AudioCodecContext:
    codec = CodecContext.create("libopus", mode)
    assert isinstance(codec, AudioCodecContext)
    if mode == "r":
        codec.sample_rate, codec.layout = 48_000, "mono"
    return codec
