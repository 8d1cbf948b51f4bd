"""Learn what the embedded recogniser makes of words: speak generated talk, recognise it, and count.

    python -m avatars.training hear     # about ten minutes on one core; needs flite and espeak-ng

Generated requests and office talk are spoken by several voices at several paces. What was recognised is laid
beside what was said, word by word, and written as `channel.tsv`, through which training passes a share of what
it generates. The same seed gives the same file.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from avatars.adapters.programs import RATE as SPOKEN
from avatars.adapters.programs import synthesise
from avatars.request_text import pieces
from avatars.training import channel
from avatars.training import request_words as names
from avatars.training import wordlists as lists
from avatars.training.requests import Requests
from avatars.training.talk import ADA, Talk
from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.resample import resample
from media.transcriber import RATE, Hypothesis, Request, text_of

LINES = 700
SEED = 11
VOICES = ("flite:slt", "flite:rms", "flite:awb", "flite:kal16", "espeak:en-us")
PACES = (0.85, 1.0, 1.1)
CAST = 8
"""People who may be named. The recogniser knows who is there: more names than an office has would be heard."""
OFTEN = 12
"""A line all of whose words were said so often teaches nothing more."""
RIGHT = 0.5
"""Lines of which less was heard rightly are no guide to what words are taken for."""
ROUND = 40
"""Requests that are made at a time, all kinds twice."""
PAUSE = 0.3
"""Seconds of quiet before and behind a line."""


def said(seed: int, cast: Sequence[str]) -> Iterator[str]:
    """Requests and talk by turns, without figures: how those are said is the voice's own affair."""
    requests, talk = Requests(seed, cast=cast), Talk(seed, cast=cast, misheard=False)
    counts: dict[str, int] = {}
    while True:
        turns = zip(requests.examples(ROUND), talk.examples(ROUND), strict=True)
        for text in (item.text for turn in turns for item in turn):
            words = [piece.word for piece in pieces(text)]
            if any(letter.isdecimal() for letter in text):
                continue
            if min((counts.get(word, 0) for word in words), default=OFTEN) < OFTEN:
                counts |= {word: counts.get(word, 0) + 1 for word in words}
                yield text


def main() -> None:
    """Speak, recognise, count, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--target", type=Path, default=channel.FILE, help="what to write")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    cast = chance.sample(lists.PEOPLE, CAST)
    vocabulary = (*cast, ADA.name, *(room.title() for room in names.ROOMS))
    recogniser = PocketSphinxTranscriber()
    quiet = np.zeros(round(PAUSE * RATE), dtype=np.float32)
    pairs: list[channel.Pair] = []
    total = right = used = 0
    started = time.monotonic()
    for number, text in zip(range(1, arguments.lines + 1), said(arguments.seed, cast), strict=False):
        voice, pace = chance.choice(VOICES), chance.choice(PACES)
        sound = np.concatenate([quiet, resample(synthesise(voice, text, pace), SPOKEN, RATE), quiet])
        outcome = recogniser.transcribe([Request(samples=sound, vocabulary=vocabulary)])[0]
        if not isinstance(outcome, Hypothesis):
            raise outcome
        words = [piece.word for piece in pieces(text)]
        found = channel.align(words, [piece.word for piece in pieces(text_of(outcome.words))])
        hits = sum(pair.said == pair.heard for pair in found)
        total, right = total + len(words), right + hits
        if hits >= RIGHT * len(words):
            used += 1
            pairs += found
        if number % 50 == 0 or number == arguments.lines:
            told = f"{number} of {arguments.lines} lines, {right / total:.0%} of the words heard rightly"
            print(f"[{time.monotonic() - started:5.0f} s] {told}", file=sys.stderr, flush=True)
    counts = channel.count(pairs)
    head = (
        "Said, tab, heard in its place, tab, how often; in a line that begins with a tab what was put in.",
        f"Made by `python -m avatars.training hear --lines {arguments.lines} --seed {arguments.seed}`: generated "
        "requests and talk,",
        f"spoken by {', '.join(VOICES)}, recognised by {recogniser.describe()}.",
        f"Of {total} words {right / total:.0%} were heard rightly. Counted are {used} lines of {arguments.lines}: "
        "of those half or more was.",
    )
    arguments.target.write_text(channel.write(counts, head), encoding="utf-8")
    print(f"{arguments.target}: {arguments.target.stat().st_size} bytes, {len(counts)} words", file=sys.stderr)


if __name__ == "__main__":
    main()
