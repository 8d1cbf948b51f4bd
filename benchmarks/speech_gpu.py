"""How many people who speak at once one graphics card follows: the load that the office would put on it.

The office's own speech processes, queue and engines work on a Whisper of small's shape that says the same whatever
it hears (`benchmarks.speech_model`). Each speaker asks for what the office asks for: early captions as often as
the queue allows, one at the pause, and the final one when the utterance is over.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.results import percentile
from benchmarks.speech_model import write
from benchmarks.speech_parts import Findings
from media.adapters.cuda import look_at_card
from media.schedule import Urgency
from media.transcriber import RATE, Samples
from server.config import Settings
from server.engines import EnginePlan, choose
from server.speech_link import SpeechLink
from server.speech_port import Recognised, Segment

PEOPLE = (25, 50, 100, 150, 200, 250, 300, 400, 500)
GOAL_SECONDS = 0.35
"""For the 99th percentile of the finals."""
SECONDS, SETTLE = 20.0, 4.0
"""Of each step, and how much of that at its begin does not count."""
ASK_SECONDS, PAUSE, SILENCE = 0.4, 0.3, 0.6
"""As the endpointer has them: between two early captions, until the pause is told, until the end."""
LOAD_SECONDS = 300.0
SHORTEST, LONGEST = 2.0, 5.0
"""Of an utterance, in seconds."""


async def measure(findings: Findings) -> tuple[float, int]:
    """The most people of whom 99 % of the finals come in time, and of how many finals that is known.

    Returns:
        nan and 0 where there is no card.
    """
    card = look_at_card()
    if not card.compute_types:
        findings.note(f"gpu: not measured: {card.why_not}.")
        return math.nan, 0
    with tempfile.TemporaryDirectory(prefix="atrium-speech-") as folder:
        findings.say("gpu: writing a Whisper of small's shape")
        model = await asyncio.to_thread(write, Path(folder) / "small-shaped")
        plan = choose(Settings(data_dir=Path(folder), speech_engine="whisper", whisper_model=str(model)))[0]
        return await climb(plan, PEOPLE, findings)


async def climb(plan: EnginePlan, steps: Sequence[int], findings: Findings) -> tuple[float, int]:
    """Let more and more people speak until the finals are late.

    Args:
        plan: the engine.
        steps: how many people, rising.
        findings: takes what is seen on the way.
    """
    good, count = 0, 0
    async with SpeechLink([replace(plan)], on_state=lambda state: None, log_level="warning") as link:
        async with asyncio.timeout(LOAD_SECONDS):
            while not link.state.up:  # noqa: ASYNC110  only the load of a model is waited for
                await asyncio.sleep(0.1)
        for people in steps:
            delays = await load(link, people, SECONDS)
            late = percentile(delays, 0.99)
            stats = link.stats
            findings.say(
                f"gpu: {people} speakers: {len(delays)} finals, 99 % within {1e3 * late:.0f} ms, in the middle "
                f"{1e3 * percentile(delays, 0.5):.0f} ms; load {stats.load:.2f}, cadence {link.cadence():.1f} s"
            )
            if not delays or late > GOAL_SECONDS:
                break
            good, count = people, len(delays)
    return float(good), count


async def load(link: SpeechLink, people: int, seconds: float) -> list[float]:
    """Let people speak for a while.

    Returns:
        Seconds from the end of the pause to the words, of each utterance.
    """
    sound = np.random.default_rng(1).normal(0, 0.05, round((LONGEST + 1) * RATE)).astype(np.float32)
    delays: list[float] = []
    begin = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(_speak(link, f"p{number}", begin, seconds, sound, delays))
    return delays


async def _speak(
    link: SpeechLink, person: str, begin: float, seconds: float, sound: Samples, delays: list[float]
) -> None:
    chance = random.Random(person)
    await asyncio.sleep(chance.uniform(0, min(SETTLE, seconds / 2)))
    for number in itertools.count():
        if time.monotonic() - begin > seconds:
            return
        delay = await _utterance(link, person, f"{person}-{number}", chance, sound)
        if time.monotonic() - begin > SETTLE:
            delays.append(delay)
        await asyncio.sleep(chance.uniform(0.2, 1.0))


async def _utterance(link: SpeechLink, person: str, stream: str, chance: random.Random, sound: Samples) -> float:
    length = chance.uniform(SHORTEST, LONGEST)
    began, asked = time.monotonic(), 0.0
    guesses: list[asyncio.Task[Recognised | None]] = []

    def ask(seconds: float, urgency: Urgency) -> asyncio.Task[Recognised | None]:
        segment = Segment(
            stream=stream, speaker=person, room=person[:2], samples=sound[: round(seconds * RATE)], urgency=urgency
        )
        return asyncio.create_task(link.recognise(segment))

    while (spoken := time.monotonic() - began) < length:
        if spoken - asked >= max(ASK_SECONDS, link.cadence()):
            asked = spoken
            guesses.append(ask(spoken, Urgency.PARTIAL))
        await asyncio.sleep(ASK_SECONDS / 4)
    await asyncio.sleep(max(0.0, began + length + PAUSE - time.monotonic()))
    likely = ask(length + PAUSE, Urgency.LIKELY)
    await asyncio.sleep(max(0.0, began + length + SILENCE - time.monotonic()))
    ended = time.monotonic()
    if not (likely.done() and likely.result() is not None):
        await ask(length + PAUSE, Urgency.FINAL)
    delay = time.monotonic() - ended
    await asyncio.gather(likely, *guesses)
    return delay
