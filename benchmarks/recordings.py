"""What the people in a benchmark say, as Opus packets: spoken once, encoded once, sent by everybody."""

from __future__ import annotations

import fractions
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from av import AudioCodecContext, AudioFrame, CodecContext, Packet

from avatars.adapters.espeak import EspeakSettings, EspeakVoice
from benchmarks.trace import LOOP_FRAMES
from media.audio import FRAME, RATE, Samples, from_int16, rms, to_int16

BITRATE = 32_000
"""Bits per second of a microphone, as browsers send speech."""
HANGOVER = 10
"""Frames that an encoder still sends after speech has ended before it falls silent: 200 ms."""
NOISE = 10 ** (-66 / 20)
"""How loud an empty room is at the microphone, linear."""
LEVEL = 10 ** (-23 / 20)
"""How loud people speak."""
SPEAKERS = (
    ("en-us+f3", 45), ("en-us", 50), ("en-gb-scotland+m7", 40), ("en-us+f5", 60), ("en-gb-x-rp+m3", 50),
    ("en-gb+f2", 55), ("en-us", 30), ("en-us+f3", 70),
)  # fmt: skip
SENTENCES = (
    "Good morning, shall we look at the plan for this week before the others arrive?",
    "I sent the invoice on Tuesday, but they asked for another copy with the right address.",
    "Yes, exactly.",
    "The second test run was a good deal faster, although nobody has changed the settings since then.",
    "Could you take that over until Friday? I am travelling on Thursday and will not have much time.",
    "We should ask the customer first, they may not need it at all.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """Everything that is said in a benchmark."""

    clips: tuple[tuple[bytes, ...], ...]
    """Packets of each sentence, with the hangover; sentence i is spoken by speaker i % len(SPEAKERS)."""
    quiet: bytes
    """One packet of faint noise."""

    @property
    def frames(self) -> list[int]:
        """Length of each clip."""
        return [len(clip) for clip in self.clips]

    def talk(self, person: int) -> list[bytes | None]:
        """A loop of speech without pauses, of one voice, different for each person."""
        speaker = person % len(SPEAKERS)
        mine = self.clips[speaker :: len(SPEAKERS)]
        start = person // len(SPEAKERS)
        out: list[bytes | None] = []
        while len(out) < LOOP_FRAMES:
            out += mine[start % len(mine)][:-HANGOVER]
            start += 1
        return out[:LOOP_FRAMES]


def record() -> Recordings:
    """Speak and encode every sentence; takes a second or two."""
    noise = np.random.default_rng(1)
    spoken = [_speak(*speaker) for speaker in SPEAKERS]
    clips = []
    for sentence in range(len(SENTENCES)):
        for voice in spoken:
            sound = _trim(voice[sentence])
            length = (-(-len(sound) // FRAME) + HANGOVER) * FRAME
            room = noise.normal(0, NOISE, length).astype(np.float32)
            room[: len(sound)] += sound * np.float32(LEVEL / max(rms(sound), 1e-6))
            clips.append(tuple(encode(room)))
    quiet = encode(noise.normal(0, NOISE, 20 * FRAME).astype(np.float32))[-1]
    return Recordings(clips=tuple(clips), quiet=quiet)


def encode(sound: Samples, *, expected_loss: int = 0) -> list[bytes]:
    """Encode mono sound as a browser does for speech.

    Args:
        sound: (n,) float32 at 48 kHz; what does not fill a frame of 20 ms is left out.
        expected_loss: percent; above 0 packets carry what helps to recover the one before.

    Returns:
        One packet for each frame.
    """
    encoder = CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.bit_rate = BITRATE
    encoder.format = "s16"
    encoder.layout = "mono"
    encoder.sample_rate = RATE
    encoder.time_base = fractions.Fraction(1, RATE)
    encoder.options = {"application": "voip", "frame_duration": "20", "compression_level": "9"}
    if expected_loss:
        encoder.options |= {"fec": "1", "packet_loss": str(expected_loss)}
    pcm = to_int16(sound)
    packets: list[bytes] = []
    for start in range(0, len(pcm) - FRAME + 1, FRAME):
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(pcm[start : start + FRAME].tobytes())
        frame.sample_rate = RATE
        frame.time_base = fractions.Fraction(1, RATE)
        frame.pts = start
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    return packets[: len(pcm) // FRAME]


def decode(packets: Sequence[bytes]) -> Samples:
    """Decode packets one after the other.

    Returns:
        (2, 960 * packets) float32; a packet that says nothing or cannot be read is silence.
    """
    decoder = CodecContext.create("libopus", "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.format = "s16"
    decoder.layout = "stereo"
    decoder.sample_rate = RATE
    out = np.zeros((2, FRAME * len(packets)), np.float32)
    for i, packet in enumerate(packets):
        if len(packet) < 3:
            continue
        pieces = [
            from_int16(frame.to_ndarray().astype(np.int16).reshape(-1, 2)).T
            for frame in decoder.decode(Packet(packet))
        ]
        if pieces:
            sound = np.concatenate(pieces, axis=1)[:, :FRAME]
            out[:, i * FRAME : i * FRAME + sound.shape[1]] = sound
    return out


def _trim(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > 1e-3)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound


def _speak(voice: str, pitch: int) -> list[Samples]:
    """Every sentence by one speaker, (n,) float32 at 48 kHz."""
    speaker = EspeakVoice(EspeakSettings(voice=voice, pitch=pitch))
    try:
        return [speaker.synthesize(sentence).samples for sentence in SENTENCES]
    finally:
        speaker.close()
