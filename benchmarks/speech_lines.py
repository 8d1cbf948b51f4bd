"""Who says what in `benchmarks.speech`: sentences by which each speaker is known, and when they are said."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count, islice

from benchmarks.generator import FRAME_SECONDS
from benchmarks.speech_sounds import Clip

VOICES = ("flite:rms", "flite:slt", "flite:awb")
LINES: tuple[tuple[str, ...], ...] = (
    (
        "The budget for the second quarter needs another look.",
        "Our finance people want the invoice before the payment.",
        "I will check the price and the total cost again.",
        "The tax office asked for the account number.",
        "We can save money when we pay the bill early.",
    ),
    (
        "The customer called about the broken printer this morning.",
        "Please answer the complaint in a friendly letter.",
        "She wants to return the order and get a refund.",
        "Our support hotline was very busy on Sunday.",
        "I promised the client a replacement by the weekend.",
    ),
    (
        "The new release breaks the login on older phones.",
        "I found the bug in the database yesterday evening.",
        "Let us test the software on a second computer.",
        "The server needs more memory and a faster disk.",
        "Somebody has to write the code for the search page.",
    ),
    (
        "The train to London leaves at seven in the evening.",
        "I booked a hotel room near the airport.",
        "Can you find a cheaper flight for the journey.",
        "The taxi driver knows the way to the station.",
        "My passport is in the black travel bag.",
    ),
    (
        "We need a bigger kitchen table for the lunch break.",
        "The coffee machine makes a strange noise.",
        "Somebody should water the plants by the window.",
        "The heating in the basement does not work.",
        "Please order fresh fruit and milk for the fridge.",
    ),
    (
        "The candidate has a good degree in biology.",
        "I would like to interview the young teacher.",
        "Her salary is higher than that of the manager.",
        "We should hire two students for the summer.",
        "The training course for beginners was a success.",
    ),
    (
        "The advertisement will appear in the local newspaper.",
        "Our brand needs a stronger picture and a better slogan.",
        "The video got ten thousand clicks on the first day.",
        "I will draw a poster for the music festival.",
        "The marketing campaign begins in November.",
    ),
    (
        "The lawyer sent the contract back with many comments.",
        "We must sign the agreement before the deadline.",
        "The judge will decide the case in winter.",
        "I cannot accept the third paragraph of the license.",
        "Both parties want to avoid a long trial.",
    ),
)
"""What each of eight people says; every set has words that no other one has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody says something."""

    person: int
    start: int
    """Frame of 20 ms."""
    clip: Clip

    @property
    def end(self) -> int:
        """The frame after the last voiced one."""
        return self.start + self.clip.voiced


def alternating(clips: Iterable[Clip], *, pause: float = 0.9, lead: float = 0.4) -> list[Turn]:
    """One person says one thing after the other.

    Args:
        clips: what.
        pause: seconds of silence between two, more than ends an utterance.
        lead: seconds of silence before the first.
    """
    turns: list[Turn] = []
    at = round(lead / FRAME_SECONDS)
    for clip in clips:
        turns.append(Turn(person=0, start=at, clip=clip))
        at = turns[-1].end + round(pause / FRAME_SECONDS)
    return turns


def overlapping(clips: Sequence[tuple[int, Clip]], *, share: float = 0.4) -> list[Turn]:
    """Each begins before the one ahead has ended.

    Args:
        clips: person and what they say; nobody twice in a row.
        share: of the time in which anybody speaks, in which several do; it is met as nearly as it can be.
    """
    ways = [_each_into_the_last(clips, percent / 100) for percent in range(0, 50, 2)]
    return min(ways, key=lambda turns: abs(overlap(turns)[0] - share))


def _each_into_the_last(clips: Sequence[tuple[int, Clip]], part: float) -> list[Turn]:
    """So much of the shorter of two sentences is said at the same time."""
    turns: list[Turn] = []
    at = 20
    for k, (person, clip) in enumerate(clips):
        turns.append(Turn(person=person, start=at, clip=clip))
        following = clips[min(k + 1, len(clips) - 1)][1]
        at = turns[-1].end - round(part * min(clip.voiced, following.voiced))
    return turns


def meeting(
    people: Sequence[int], clip: Callable[[int, int], Clip], *, seconds: float, seed: int, pause: float = 1.0
) -> list[Turn]:
    """People take turns as in a meeting: mostly one at a time, the next often before the last has ended.

    Args:
        people: who.
        clip: gives what a person says when they say something for the n-th time.
        seconds: how long.
        seed: decides.
        pause: the least seconds between two utterances of one person, so that they count as two.
    """
    chance = random.Random(seed)
    turns: list[Turn] = []
    free = dict.fromkeys(people, 0)
    numbers = {person: count() for person in people}
    at = round(chance.uniform(0.2, 2.0) / FRAME_SECONDS)
    while at * FRAME_SECONDS < seconds:
        able = [person for person in people if free[person] <= at]
        if not able:
            at = min(free.values())
            continue
        person = chance.choice(able)
        turn = Turn(person=person, start=at, clip=clip(person, next(numbers[person])))
        turns.append(turn)
        free[person] = turn.end + round(pause / FRAME_SECONDS)
        at = max(turn.start + 25, turn.end + round(chance.gauss(-0.25, 0.5) / FRAME_SECONDS))
    return turns


def rounds(people: int, times: int, seed: int = 1) -> list[int]:
    """So many rounds of everybody in changing order, nobody twice in a row."""
    chance = random.Random(seed)
    order: list[int] = []
    for _ in range(times):
        row = list(range(people))
        while True:
            chance.shuffle(row)
            if not order or people == 1 or row[0] != order[-1]:
                break
        order += row
    return order


def overlap(turns: Sequence[Turn]) -> tuple[float, float]:
    """Share of the time with speech in which several speak, and seconds of speech for a second of the whole."""
    last = max(turn.end for turn in turns)
    speaking = [0] * last
    for turn in turns:
        for frame in range(turn.start, turn.end):
            speaking[frame] += 1
    some = sum(n > 0 for n in speaking)
    return sum(n > 1 for n in speaking) / some, sum(speaking) / (last - min(turn.start for turn in turns))


def first_of(texts: Iterable[str], make: Callable[[str], Clip], number: int, least: float) -> list[Clip]:
    """The first so many clips that last at least `least` seconds."""
    return list(islice((clip for clip in map(make, texts) if clip.seconds >= least), number))
