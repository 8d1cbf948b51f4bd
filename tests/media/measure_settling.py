"""What it costs to settle words early: `python -m tests.media.measure_settling [--voice rms ...]`.

A script is spoken and followed as in `tests.media.measure_speech`, with a hypothesis every 0.4 s. Then each policy
of settling has the same hypotheses: how many words are wrong once the utterance is over, and how many had settled
before.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.language.text import spoken_words
from media.streaming import WordCommitter
from media.transcriber import RATE, Hypothesis, Request, Samples, Transcriber, Word, text_of
from tests.media.measure_speech import SCRIPTS, Line, edits, heard, read_script

STEP = 2 * RATE // 5
POLICIES = ((2, 0.5), (3, 1.0), (3, 2.0), (3, 3.0), (3, 4.0), (1, 20.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What was heard of an utterance, and by when."""

    early: tuple[tuple[float, tuple[Word, ...]], ...]
    """Seconds of sound, words."""
    last: tuple[Word, ...]


def _words(transcriber: Transcriber, request: Request) -> tuple[Word, ...]:
    (outcome,) = transcriber.transcribe([request])
    if not isinstance(outcome, Hypothesis):
        raise outcome
    return tuple(outcome.words)


def follow(transcriber: Transcriber, sound: Samples, stream: str, names: Sequence[str]) -> Followed:
    """Ask for words again and again while a sound grows."""

    def request(end: int, *, complete: bool) -> Request:
        return Request(
            samples=sound[:end], stream=stream, speaker="one", complete=complete, vocabulary=tuple(names)
        )

    early = [
        (end / RATE, _words(transcriber, request(end, complete=False))) for end in range(STEP, len(sound), STEP)
    ]
    return Followed(early=tuple(early), last=_words(transcriber, request(len(sound), complete=True)))


def settle(utterances: Sequence[Followed], agreement: int, hold_seconds: float) -> tuple[list[Word], int]:
    """Return the words of some utterances, and how many of them settled before the end of theirs."""
    words: list[Word] = []
    early = 0
    for followed in utterances:
        committer = WordCommitter(agreement=agreement, hold_seconds=hold_seconds)
        for seconds, hypothesis in followed.early:
            committer.feed(hypothesis, seconds)
        early += len(committer.settled)
        committer.finish(followed.last)
        words += committer.settled
    return words, early


def main() -> None:
    """Follow scripts, and print a table of policies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", nargs="*", default=["rms", "slt"])
    parser.add_argument("--script", nargs="*", type=Path, default=sorted(SCRIPTS.glob("*.txt")))
    chosen = parser.parse_args()
    transcriber = PocketSphinxTranscriber()
    said: list[tuple[Line, list[Followed]]] = []
    for script in chosen.script:
        lines = read_script(script)
        names = list(dict.fromkeys([line.speaker for line in lines] + ["Ada"]))
        for voice in chosen.voice:
            for number, line in enumerate(lines):
                streams = enumerate(heard(voice, line.text))
                name = f"{script.stem} {voice} {number}"
                said.append(
                    (line, [follow(transcriber, sound, f"{name} {part}", names) for part, sound in streams])
                )
    total = sum(len(spoken_words(line.text)) for line, _ in said)
    print(f"{total} words. Settled when agreed on by; and so old; words wrong at the end; settled while speaking")
    for agreement, hold_seconds in POLICIES:
        wrong = early = words = 0
        for line, utterances in said:
            got, settled = settle(utterances, agreement, hold_seconds)
            wrong += edits(spoken_words(line.text), spoken_words(text_of(got)))
            early, words = early + settled, words + len(got)
        print(
            f"{agreement} {hold_seconds:5.1f} s {100 * wrong / total:6.1f} % {100 * early / words:6.0f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
