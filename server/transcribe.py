"""`atrium transcribe`: a file of sound as words with times, by the recogniser that the office would use."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

import av
import numpy as np

from media.adapters.silero import SileroDetector
from media.audio import Samples
from media.endpointing import Endpointer, SpeechEnded
from media.errors import EngineUnavailable, ModelMissing
from media.transcriber import RATE, Hypothesis, Outcome, Request, Transcriber, Word, text_of
from media.vad import WINDOW, SpeechDetector
from server.command_line import add_places, settings_of
from server.config import SPEECH_DEVICES, SPEECH_ENGINES, Settings
from server.engines import EnginePlan, choose, open_engine
from server.errors import ServerError
from server.models.glossary import load_terms


class Unreadable(ServerError):
    """A file has no sound that can be read."""

    code = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One utterance of the file."""

    start: float
    """Seconds from the start of the file."""
    end: float
    words: tuple[Word, ...]
    """With times from the start of the file."""


@dataclass(slots=True, kw_only=True)
class Transcript:
    """What a file says."""

    plan: EnginePlan
    """What recognised it, at last."""
    seconds: float = 0.0
    """How long the file is."""
    lines: list[Line] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    """What was not believed, by reason."""
    failed: int = 0
    """Utterances that could not be recognised."""

    @property
    def words(self) -> list[Word]:
        """All words in order."""
        return [word for line in self.lines for word in line.words]

    def as_json(self, file: Path) -> dict[str, Any]:
        """Give it as one object for programs; times in seconds with milliseconds."""
        return {
            "file": str(file),
            "seconds": round(self.seconds, 3),
            "engine": self.plan.engine.value,
            "model": self.plan.model_name,
            "version": self.plan.version,
            "language": self.languages.most_common(1)[0][0] if self.languages else self.plan.language,
            "words": [
                {
                    "text": word.text,
                    "start": round(word.start, 3),
                    "end": round(word.end, 3),
                    "confidence": round(word.confidence, 3),
                }
                for word in self.words
            ],
            "text": text_of(self.words),
            "suppressed": dict(self.suppressed),
        }


def read_sound(file: Path) -> Iterator[tuple[Samples, float]]:
    """Read the sound of a file as 16 kHz mono.

    Args:
        file: anything with sound that FFmpeg reads; films too.

    Yields:
        A stretch of sound, (n,) float32 in [-1, 1], and how much of the file is read by then, 0 to 1.

    Raises:
        Unreadable: the file is not there or has no sound that can be read.
    """
    if not file.is_file():
        raise Unreadable(f"there is no file {file}")
    try:
        with av.open(str(file)) as container:
            if not container.streams.audio:
                raise Unreadable(f"{file} has no sound in it")
            track = container.streams.audio[0]
            whole = float(container.duration or 0) / av.time_base
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            read = 0
            for frame in container.decode(track):
                for part in resampler.resample(frame):
                    read += part.samples
                    yield _mono(part), min(1.0, read / RATE / whole) if whole else 0.0
            for part in resampler.resample(None):
                yield _mono(part), 1.0
    except av.error.FFmpegError as error:
        raise Unreadable(f"{file} cannot be read as sound: {error.strerror}") from error


def _mono(frame: Any) -> Samples:
    return np.ascontiguousarray(frame.to_ndarray().reshape(-1), dtype=np.float32)


def utterances(
    sound: Iterator[tuple[Samples, float]], detector: SpeechDetector
) -> Iterator[tuple[SpeechEnded | None, float, float]]:
    """Cut sound into utterances, as the office does.

    Yields:
        An utterance, or None where none is complete yet; seconds read so far; the share of the file, 0 to 1.
    """
    endpointer, rest, fed, share = Endpointer(), np.zeros(0, np.float32), 0, 0.0
    for samples, share in sound:
        rest = np.concatenate([rest, samples])
        ended: list[SpeechEnded] = []
        at = 0
        while len(rest) - at >= WINDOW:
            window = rest[at : at + WINDOW]
            events = endpointer.feed(window, detector.probability(window))
            ended += [event for event in events if isinstance(event, SpeechEnded)]
            at += WINDOW
        rest, fed = rest[at:], fed + at
        for event in ended or (None,):
            yield event, (fed + len(rest)) / RATE, share
    for last in endpointer.flush():
        if isinstance(last, SpeechEnded):
            yield last, (fed + len(rest)) / RATE, 1.0
    yield None, (fed + len(rest)) / RATE, 1.0


def transcribe(
    file: Path,
    plans: Sequence[EnginePlan],
    *,
    language: str = "",
    vocabulary: Sequence[str] = (),
    detector: SpeechDetector | None = None,
    make: Callable[[EnginePlan], Transcriber] = open_engine,
    progress: Callable[[float], None] = lambda share: None,
    say: Callable[[str], None] = lambda line: None,
) -> Transcript:
    """Recognise what is said in a file.

    Args:
        file: anything with sound that FFmpeg reads.
        plans: recognisers, the best first; the next takes over where one cannot be had.
        language: what is spoken, ISO 639-1; empty: what the engine is set to.
        vocabulary: names and terms that are likely.
        detector: tells speech from the rest; default: Silero.
        make: opens a recogniser.
        progress: told the share of the file that is done, 0 to 1.
        say: told what people should know on the way.

    Raises:
        Unreadable: the file has no sound that can be read.
        EngineUnavailable: no recogniser works.
    """
    chain = _Chain(plans, make, say)
    result = Transcript(plan=plans[0])
    waiting: list[SpeechEnded] = []

    def work(share: float) -> None:
        requests = [
            Request(samples=one.samples, language=language, vocabulary=tuple(vocabulary)) for one in waiting
        ]
        for one, outcome in zip(waiting, chain.transcribe(requests), strict=True):
            _take(result, one, outcome, say)
        waiting.clear()
        result.plan = chain.plan
        progress(share)

    share = 0.0
    for event, seconds, share in utterances(read_sound(file), detector or SileroDetector()):
        result.seconds = seconds
        if event is not None:
            waiting.append(event)
            if len(waiting) >= chain.plan.batch:
                work(share)
        else:
            progress(share)
    if waiting:
        work(share)
    return result


def _take(result: Transcript, spoken: SpeechEnded, outcome: Outcome, say: Callable[[str], None]) -> None:
    if not isinstance(outcome, Hypothesis):
        result.failed += 1
        say(f"from {_clock(spoken.start)} nothing could be recognised: {outcome}")
        return
    result.suppressed.update(one.reason.value for one in outcome.suppressed)
    if not outcome.words:
        return
    words = tuple(
        replace(word, start=word.start + spoken.start, end=word.end + spoken.start) for word in outcome.words
    )
    result.lines.append(Line(start=spoken.start, end=spoken.end, words=words))
    if outcome.language:
        result.languages[outcome.language] += len(words)


class _Chain:
    """Recognisers of which the first that works is asked; each is loaded when it is its turn."""

    def __init__(
        self, plans: Sequence[EnginePlan], make: Callable[[EnginePlan], Transcriber], say: Callable[[str], None]
    ) -> None:
        self._plans, self._make, self._say = list(plans), make, say
        self._engine: Transcriber | None = None

    @property
    def plan(self) -> EnginePlan:
        return self._plans[0]

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        while True:
            try:
                if self._engine is None:
                    self._engine = self._make(self.plan)
                    self._say(f"{self._engine.describe()} ({self.plan.why})")
                return self._engine.transcribe(requests)
            except (EngineUnavailable, ModelMissing) as error:
                self._engine = None
                if len(self._plans) == 1:
                    raise EngineUnavailable(f"no recogniser works: {error}") from error
                del self._plans[0]
                self._say(f"{error}; {self.plan.label} stands in")


class _Progress:
    """How far it is, on a terminal in one line, elsewhere every tenth."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._terminal, self._shown = out, out.isatty(), -1

    def show(self, share: float) -> None:
        percent = int(100 * share)
        if self._terminal and percent != self._shown:
            self._out.write(f"\r{percent:3d} %")
        elif not self._terminal and percent // 10 != self._shown // 10:
            self._out.write(f"{percent} %\n")
        self._shown = percent
        self._out.flush()

    def say(self, line: str) -> None:
        self.close()
        self._out.write(f"{line}\n")
        self._out.flush()

    def close(self) -> None:
        if self._terminal and self._shown >= 0:
            self._out.write("\r     \r")


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `transcribe` to the commands of the command line."""
    parser = commands.add_parser("transcribe", help="write down what is said in a file")
    parser.add_argument("file", type=Path, help="a file of sound or a film")
    parser.add_argument("--json", action="store_true", help="print one JSON object with words and times")
    parser.add_argument("--language", help="the language that is spoken, such as de, or auto")
    parser.add_argument(
        "--vocabulary",
        action="append",
        default=[],
        metavar="WORDS",
        help="names and terms that are likely, separated by commas; those of the office's glossary are known",
    )
    add_places(parser)
    parser.add_argument("--models-dir", help="where models lie (default: `models` in the data folder)")
    parser.add_argument("--whisper-model", help="a faster-whisper model: a name or a folder")
    parser.add_argument("--wyoming-stt", help="host:port of a Wyoming speech-to-text server")
    parser.add_argument("--speech-engine", choices=SPEECH_ENGINES, help="what turns sound into words")
    parser.add_argument("--speech-device", choices=SPEECH_DEVICES, help="where Whisper runs")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if not arguments.file.is_file():
        raise Unreadable(f"there is no file {arguments.file}")
    shown = _Progress(sys.stderr)
    try:
        result = transcribe(
            arguments.file,
            choose(settings),
            language="" if settings.language == "auto" else settings.language,
            vocabulary=_vocabulary(arguments.vocabulary, settings),
            progress=shown.show,
            say=shown.say,
        )
    finally:
        shown.close()
    if arguments.json:
        print(json.dumps(result.as_json(arguments.file), ensure_ascii=False))
    else:
        for line in result.lines:
            print(f"{_clock(line.words[0].start)} {text_of(line.words)}")
    return 1 if result.failed else 0


def _vocabulary(given: Sequence[str], settings: Settings) -> list[str]:
    asked = [word.strip() for one in given for word in one.split(",") if word.strip()]
    return list(dict.fromkeys([*asked, *load_terms(settings.data_dir)]))


def _clock(seconds: float) -> str:
    """Write a time as 0:01:02.3."""
    tenths = round(seconds * 10)
    return f"{tenths // 36_000}:{tenths // 600 % 60:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"
