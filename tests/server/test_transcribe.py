"""A file of sound as words with times: reading, cutting, standing in, and what is printed."""

from __future__ import annotations

import argparse
import json
import re
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.errors import EngineUnavailable, TranscriptionFailed
from media.suppression import Reason, Suppressed
from media.transcriber import RATE, Capabilities, Hypothesis, Outcome, Request, Samples, Word
from server.engines import Engine, EnginePlan
from server.transcribe import Transcript, Unreadable, add_command, read_sound, transcribe
from tests.media.measure_speech import speak

BEST = EnginePlan(engine=Engine.WHISPER, why="a test", model=Path("/models/small.en"), batch=2)
EMBEDDED = EnginePlan(engine=Engine.EMBEDDED, why="a test")
PAUSE = np.zeros(RATE, np.float32)
TONE = (0.3 * np.sin(np.arange(RATE) / 9)).astype(np.float32)


class Loud:
    """Holds what is loud for speech."""

    def probability(self, window: Samples) -> float:
        return float(np.abs(window).max() > 0.05)

    def reset(self) -> None:
        """Nothing is kept."""


class Engines:
    """Opens recognisers that say one word an utterance; some plans cannot be had."""

    def __init__(self, *, lost: Sequence[Engine] = (), answer: Callable[[Request], Outcome] | None = None) -> None:
        self.lost, self.answer = lost, answer
        self.asked: list[list[Request]] = []

    def __call__(self, plan: EnginePlan) -> Engines:
        self.plan = plan
        return self

    name = "scripted"
    capabilities = Capabilities()

    def describe(self) -> str:
        return f"A script for {self.plan.label}"

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Nothing to prepare."""

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        if self.plan.engine in self.lost:
            raise EngineUnavailable("it is gone")
        self.asked.append(list(requests))
        return [self.answer(request) if self.answer else said(request) for request in requests]

    def forget(self, stream: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is held."""


def said(request: Request) -> Hypothesis:
    length = len(request.samples) / RATE
    return Hypothesis(words=(Word(text="hello", start=0.2, end=length, confidence=0.51239),), language="en")


def written(folder: Path, sound: Samples, rate: int = RATE) -> Path:
    path = folder / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        both = np.repeat((sound * 32767).astype("<i2"), 2)
        file.writeframes(both.tobytes())
    return path


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Three utterances of a second, with pauses of a second around them."""
    return written(tmp_path, np.concatenate([PAUSE, TONE, PAUSE, TONE, PAUSE, TONE, PAUSE]))


def result_of(talk: Path, engines: Engines, **changes: Any) -> Transcript:
    plans = changes.pop("plans", [BEST, EMBEDDED])
    return transcribe(talk, plans, detector=Loud(), make=engines, **changes)


def test_utterances_are_found_and_their_words_timed_in_the_file(talk: Path) -> None:
    engines = Engines()
    shares: list[float] = []
    result = result_of(talk, engines, language="de", vocabulary=["Ana"], progress=shares.append)
    assert [round(line.start) for line in result.lines] == [1, 3, 5]
    assert all(line.words[0].start == pytest.approx(line.start + 0.2) for line in result.lines)
    assert result.seconds == pytest.approx(7.0)
    assert [len(asked) for asked in engines.asked] == [2, 1], "as many at once as the plan says"
    assert all(request.language == "de" for asked in engines.asked for request in asked)
    assert all(request.vocabulary == ("Ana",) for asked in engines.asked for request in asked)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_programs_get_one_object(talk: Path) -> None:
    found = result_of(talk, Engines()).as_json(talk)
    assert json.loads(json.dumps(found)) == found
    assert list(found) == [
        *("file", "seconds", "engine", "model", "version", "language", "words", "text", "suppressed")
    ]
    assert (found["engine"], found["model"], found["language"]) == ("whisper", "small.en", "en")
    assert found["version"]
    assert found["text"] == "hello hello hello"
    assert found["words"][0]["confidence"] == 0.512


def test_what_was_not_believed_is_counted(talk: Path) -> None:
    lost = Suppressed(reason=Reason.PHRASE, words=3, seconds=1.0)
    result = result_of(talk, Engines(answer=lambda request: Hypothesis(suppressed=(lost,))))
    assert result.lines == []
    assert result.as_json(talk)["suppressed"] == {"phrase": 3}


def test_an_utterance_that_fails_is_told_and_the_rest_goes_on(talk: Path) -> None:
    outcomes: list[Outcome] = [TranscriptionFailed("bad sound")]
    told: list[str] = []
    engines = Engines(answer=lambda request: outcomes.pop() if outcomes else said(request))
    result = result_of(talk, engines, say=told.append)
    assert len(result.lines) == 2
    assert result.failed == 1
    assert any("0:00:0" in line and "bad sound" in line for line in told)


def test_another_recogniser_stands_in_and_nothing_is_lost(talk: Path) -> None:
    told: list[str] = []
    result = result_of(talk, Engines(lost=[Engine.WHISPER]), say=told.append)
    assert len(result.lines) == 3
    assert result.plan is EMBEDDED
    assert any("PocketSphinx stands in" in line for line in told)
    with pytest.raises(EngineUnavailable, match="no recogniser works"):
        result_of(talk, Engines(lost=[Engine.WHISPER, Engine.EMBEDDED]))


def test_nothing_is_said_in_silence_and_no_recogniser_is_loaded(tmp_path: Path) -> None:
    engines = Engines()
    result = result_of(written(tmp_path, PAUSE), engines)
    assert result.lines == []
    assert engines.asked == []
    assert result.as_json(tmp_path)["text"] == ""


def test_other_rates_and_formats_are_read(tmp_path: Path) -> None:
    path = tmp_path / "talk.ogg"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libopus", rate=48_000, layout="mono")
        sound = np.repeat(np.concatenate([TONE, PAUSE]), 3)
        for at in range(0, len(sound), 960):
            frame = av.AudioFrame.from_ndarray(
                (sound[None, at : at + 960] * 32767).astype(np.int16), format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = 48_000, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    parts = [samples for samples, _ in read_sound(path)]
    whole = np.concatenate(parts)
    assert len(whole) / RATE == pytest.approx(2.0, abs=0.05)
    assert np.sqrt(np.mean(np.square(whole[: RATE // 2]))) == pytest.approx(0.3 / np.sqrt(2), rel=0.2)


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no file"):
        list(read_sound(tmp_path / "none.wav"))
    (tmp_path / "text.wav").write_text("no sound at all")
    with pytest.raises(Unreadable, match=r"text\.wav cannot be read"):
        list(read_sound(tmp_path / "text.wav"))


def test_the_command_prints_one_object_or_lines(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers())
    line = ["transcribe", str(talk), "--speech-engine", "embedded", "--data-dir", str(tmp_path / "data")]
    arguments = parser.parse_args([*line, "--json"])
    assert arguments.run(arguments) == 0
    out, progress = capsys.readouterr()
    assert json.loads(out)["engine"] == "pocketsphinx"
    assert "100 %" in progress
    missing = parser.parse_args(["transcribe", "none.wav"])
    with pytest.raises(Unreadable):
        missing.run(missing)


@pytest.mark.slow
def test_a_spoken_sentence_comes_out_as_a_line_with_its_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silence = np.zeros(48_000, np.float32)
    path = written(tmp_path, np.concatenate([silence, speak("rms", "We will send the budget."), silence]), 48_000)
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers())
    arguments = parser.parse_args(
        ["transcribe", str(path), "--speech-engine", "embedded", "--data-dir", str(tmp_path)]
    )
    assert arguments.run(arguments) == 0
    assert re.fullmatch(r"0:00:01\.[0-3] We will send the budget\n", capsys.readouterr().out)
