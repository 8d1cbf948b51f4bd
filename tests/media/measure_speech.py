"""Word error rate of the embedded recogniser: `python -m tests.media.measure_speech [--voice rms ...]`.

A script is spoken by a synthetic voice, sent through Opus at 32 kbit/s, cut into utterances by Silero VAD
and the endpointer, and recognised; the same path that speech takes in the office.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.adapters.silero import SileroDetector
from media.endpointing import Endpointer, SpeechEnded
from media.language.text import spoken_words
from media.resample import Resampler
from media.transcriber import RATE, Hypothesis, Request, Samples, Transcriber, Word, text_of

SCRIPTS = Path(__file__).with_name("scripts")
STAGES = ("clean", "opus", "full")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a script."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a script."""

    errors: int
    words: int
    sound_seconds: float
    cpu_seconds: float
    pairs: tuple[tuple[str, str], ...]

    @property
    def word_error_rate(self) -> float:
        return self.errors / self.words


def read_script(path: Path) -> list[Line]:
    """Read `speaker | text` lines."""
    rows = [line.split("|", 1) for line in path.read_text().splitlines() if "|" in line and line[0] != "#"]
    return [Line(speaker=speaker.strip(), text=text.strip()) for speaker, text in rows]


def speak(voice: str, text: str) -> Samples:
    """Synthesise at 48 kHz with a flite voice, or espeak-ng for `espeak`."""
    program = "espeak-ng" if voice == "espeak" else "flite"
    if shutil.which(program) is None:
        raise AssertionError(f"{program} is missing: apt-get install {program} (`make test` does it)")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        espeak = [program, "-v", "en-us", "-w", str(path), text]
        flite = [program, "-voice", voice, "-t", text, "-o", str(path)]
        subprocess.run(espeak if voice == "espeak" else flite, check=True, capture_output=True)
        with wave.open(str(path)) as sound:
            rate = sound.getframerate()
            samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16) / 32768.0
    return Resampler(rate, 48_000).feed(samples.astype(np.float32))


def through_opus(samples: Samples, bit_rate: int = 32_000) -> Samples:
    """Code and decode 48 kHz mono."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = 48_000, "mono", "s16", bit_rate
    encoder.options = {"application": "voip"}
    decoder: Any = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout, decoder.format = 48_000, "mono", "s16"
    padded = np.concatenate([samples, np.zeros(-len(samples) % 960 + 2880, np.float32)])
    whole = (np.clip(padded, -1, 1) * 32767).astype(np.int16)
    packets = []
    for at in range(0, len(whole), 960):
        frame = av.AudioFrame.from_ndarray(whole[None, at : at + 960], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, at
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoded = [frame.to_ndarray()[0] for packet in packets for frame in decoder.decode(packet)]
    return (np.concatenate(decoded) / 32768.0).astype(np.float32)


def utterances(samples16k: Samples) -> Iterator[Samples]:
    """Cut a track as the office does."""
    detector, endpointer = SileroDetector(), Endpointer()
    events = []
    for at in range(0, len(samples16k) - 511, 512):
        window = samples16k[at : at + 512]
        events += endpointer.feed(window, detector.probability(window))
    for event in events + endpointer.flush():
        if isinstance(event, SpeechEnded):
            yield event.samples


def heard(voice: str, text: str, stage: str = "full") -> list[Samples]:
    """Return what reaches the recogniser at 16 kHz when a voice says a line."""
    sound = speak(voice, text)
    if stage != "clean":
        silence = np.zeros(24_000, np.float32)
        sound = through_opus(np.concatenate([silence, sound, silence]))
    low = Resampler(48_000, RATE).feed(sound)
    return list(utterances(low)) if stage == "full" else [low]


def edits(said: Sequence[str], got: Sequence[str]) -> int:
    """Return the least number of words to replace, insert or delete."""
    row = list(range(len(got) + 1))
    for number, word in enumerate(said, 1):
        before, row[0] = row[:], number
        for at, other in enumerate(got, 1):
            row[at] = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (word != other))
    return row[-1]


def recognise(transcriber: Transcriber, samples: Samples, vocabulary: Sequence[str] = ()) -> list[Word]:
    """Recognise one complete utterance; its failure is a failure of the caller."""
    (outcome,) = transcriber.transcribe([Request(samples=samples, vocabulary=tuple(vocabulary))])
    if not isinstance(outcome, Hypothesis):
        raise outcome
    return list(outcome.words)


def measure(transcriber: Transcriber, lines: Sequence[Line], voice: str, stage: str = "full") -> Result:
    """Let a voice say all lines, recognise them and count."""
    names = list(dict.fromkeys([line.speaker for line in lines] + ["Ada"]))
    errors = words = 0
    sound_seconds = cpu_seconds = 0.0
    pairs = []
    for line in lines:
        got: list[Word] = []
        for samples in heard(voice, line.text, stage):
            started = time.process_time()
            got += recognise(transcriber, samples, names)
            cpu_seconds += time.process_time() - started
            sound_seconds += len(samples) / RATE
        said, result = spoken_words(line.text), spoken_words(text_of(got))
        errors += edits(said, result)
        words += len(said)
        pairs.append((line.text, text_of(got)))
    return Result(
        errors=errors,
        words=words,
        sound_seconds=sound_seconds,
        cpu_seconds=cpu_seconds,
        pairs=tuple(pairs),
    )


def main() -> None:
    """Measure scripts, voices and stages, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", nargs="*", default=["rms", "slt"])
    parser.add_argument("--stage", nargs="*", default=["full"], choices=STAGES)
    parser.add_argument("--script", nargs="*", type=Path, default=sorted(SCRIPTS.glob("*.txt")))
    parser.add_argument("--show", action="store_true", help="print what was said and what was understood")
    chosen = parser.parse_args()
    transcriber = PocketSphinxTranscriber()
    print(transcriber.describe())
    for script in chosen.script:
        for stage in chosen.stage:
            for voice in chosen.voice:
                result = measure(transcriber, read_script(script), voice, stage)
                speed = result.cpu_seconds / result.sound_seconds
                rate = f"{100 * result.word_error_rate:5.1f} %"
                print(f"{script.stem:16} {stage:6} {voice:8} WER {rate}  RTF {speed:.2f}", flush=True)
                if chosen.show:
                    wrong = [pair for pair in result.pairs if spoken_words(pair[0]) != spoken_words(pair[1])]
                    print(*(re.sub(r"^", "  ", f"{a}\n-> {b}", flags=re.M) for a, b in wrong), sep="\n")


if __name__ == "__main__":
    main()
