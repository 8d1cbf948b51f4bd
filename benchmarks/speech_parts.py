"""The measurements of `benchmarks.speech`, each with real people's sockets in a real office."""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.results import Measurement, Metric, median, percentile
from benchmarks.speech_lines import (
    LINES,
    VOICES,
    Turn,
    alternating,
    first_of,
    meeting,
    overlap,
    overlapping,
    rounds,
)
from benchmarks.speech_office import Person, SpokenOffice
from benchmarks.speech_score import (
    Caption,
    Heard,
    attribute,
    errors,
    first_words,
    lost_and_doubled,
    match,
    starvation,
    waits,
)
from benchmarks.speech_sounds import NOISES, Booth, Clip, noise
from media.training.sentences import unseen
from media.training.voices import FLITE_UNSEEN, UNSEEN
from server.demo.score import normalise

ATTRIBUTION = Metric(
    name="attribution", label="words under who said them, 8 people", unit="1", goal=1.0, more_is_better=True
)
INVENTED = Metric(name="invented_words_per_hour", label="words invented without speech", unit="1/h", goal=0)
FINAL_P50 = Metric(name="final_p50_ms", label="final caption after the pause, median", unit="ms", goal=300)
FINAL_P99 = Metric(name="final_p99_ms", label="final caption after the pause, 99 %", unit="ms", goal=600)
FIRST_WORD = Metric(name="first_word_p50_ms", label="a word in a caption, median", unit="ms", goal=700)
CROWD = Metric(name="final_p99_ms_20_speakers", label="final caption, 99 %, 20 people", unit="ms", goal=2000)
STARVATION = Metric(name="starvation_ratio", label="longest over median wait, 20 people", unit="1", goal=3)
GPU = Metric(
    name="gpu_live_speakers", label="live speakers on one card", unit="people", goal=200, more_is_better=True
)
RECOVERY = Metric(name="model_kill_recovery_seconds", label="kill -9: until the next words", unit="s", goal=2)
LOST = Metric(name="segments_lost", label="sentences lost or doubled by it", unit="1", goal=0)
WER = Metric(name="word_error_rate", label="words wrong, unseen sentences and voices", unit="1", goal=0.05)
METRICS = (
    ATTRIBUTION, INVENTED, FINAL_P50, FINAL_P99, FIRST_WORD, CROWD, STARVATION, GPU, RECOVERY, LOST, WER,
)  # fmt: skip

SEATS = 4
"""So many people sit at one table; those beyond are too far away to hear each other well."""
GROUPS = ("birch", "cedar", "alder", "nook", "library")
"""Zones in which one does not hear the others; the library is far enough from them."""
EVERYWHERE = (*GROUPS, "lounge", "forum", "open")
CROWD_SIZE, GROUP_SIZE = 20, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much of everything."""

    rounds: int = 3
    """Sentences of each of the eight."""
    noise_people: int = 40
    noise_seconds: float = 90.0
    utterances: int = 40
    crowd_seconds: float = 120.0
    kills: int = 3
    speakers: int = 4
    """Who say the unseen sentences at the same time, ..."""
    sentences: int = 10
    """... and so many each."""


SHORT = Sizes(rounds=1, noise_people=6, noise_seconds=12.0, utterances=6, crowd_seconds=15.0, kills=1, sentences=2)


@dataclass(slots=True)
class Findings:
    """What came of it."""

    say: Callable[[str], None]
    found: list[Measurement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    delays: dict[str, list[float]] = field(default_factory=dict)
    """Seconds from the end of the pause to the final caption, by what was measured; for the plot."""

    def add(self, metric: Metric, value: float, n: int, peer: str | None = None) -> None:
        """Keep a measurement."""
        self.found.append(Measurement(name=metric.name, value=value, unit=metric.unit, peer=peer, n=n))

    def note(self, text: str) -> None:
        """Say it now, and again below the table."""
        self.say(text)
        self.notes.append(text)


async def attribution(office: SpokenOffice, booth: Booth, sizes: Sizes, findings: Findings) -> None:
    """Eight people in one meeting room, two of them speaking at a time for 40 % of the time."""

    def plan() -> list[Turn]:
        order = rounds(len(LINES), sizes.rounds)
        lines = [(person, LINES[person][k // len(LINES)]) for k, person in enumerate(order)]
        return overlapping([(person, booth.clip(line, VOICES[person % len(VOICES)])) for person, line in lines])

    turns = await asyncio.to_thread(plan)
    several, _ = overlap(turns)
    people = await office.admit(["birch"] * len(LINES))
    findings.say(f"attribution: {len(turns)} sentences of {len(people)} people, {100 * several:.0f} % overlapped")
    said = await office.begin(turns, people, booth.quiet()).over()
    last = {caption.id: caption for person in people for caption in person.captions if caption.final}
    finals: dict[int, list[Caption]] = {}
    for caption in last.values():
        under = next((person.number for person in people if person.slot == caption.slot), -1)
        finals.setdefault(under, []).append(caption)
    score = attribute(said, finals)
    findings.add(ATTRIBUTION, score.share, score.right + score.wrong)
    findings.note(
        f"attribution: {score.right} telling words right, {score.wrong} wrong, {score.misheard} that nobody said "
        f"just then; {100 * score.recall:.0f} % of those said were found; "
        f"{100 * several:.0f} % of the time with speech two or more spoke."
    )
    for where in score.foreign:
        findings.say(f"attribution: {where}")


async def silence(office: SpokenOffice, sizes: Sizes, findings: Findings) -> None:
    """Microphones in which nobody speaks, many at once."""
    kinds, loop = list(NOISES), min(30.0, sizes.noise_seconds)
    findings.say(f"silence: making {sizes.noise_people} microphones of {', '.join(kinds)}")
    streams = [
        await asyncio.to_thread(noise, kinds[k % len(kinds)], k, loop + 0.02 * k)
        for k in range(sizes.noise_people)
    ]
    people = await office.admit([EVERYWHERE[k % len(EVERYWHERE)] for k in range(sizes.noise_people)])
    findings.say(f"silence: {len(people)} microphones for {sizes.noise_seconds:.0f} s")
    began = time.time()
    office.generator.forget_lateness()
    for person, stream in zip(people, streams, strict=True):
        person.line.said = None
        person.line.say(stream)
    await asyncio.sleep(sizes.noise_seconds)
    hours = len(people) * (time.time() - began) / 3600
    late = office.generator.late_beats / max(1, office.generator.beats)
    office.stop(people)
    await asyncio.sleep(3.0)
    words = 0
    for k, person in enumerate(people):
        finals = {c.id: c.text for c in person.own if c.final and c.text}
        shown = {c.text for c in person.own if c.text}
        words += sum(len(text.split()) for text in finals.values())
        if shown:
            findings.note(
                f"silence: {kinds[k % len(kinds)]} became {sorted(finals.values())}, shown was {sorted(shown)}"
            )
    findings.add(INVENTED, words / hours, round(3600 * hours))
    findings.note(
        f"silence: {words} words in {hours:.2f} h of {len(people)} microphones (n: seconds of sound); "
        f"{100 * late:.1f} % of the packets were 10 ms late or more."
    )


async def one_speaker(
    office: SpokenOffice, booth: Booth, clips: Sequence[Clip], findings: Findings, peer: str | None = None
) -> list[Heard]:
    """One person speaks at a time, as far as a room seats them each with a voice of their own.

    What another one who listens reads counts.
    """
    voices = list(dict.fromkeys(clip.voice for clip in clips))
    listener, *speakers = await office.admit(["cedar"] * (1 + min(len(voices), SEATS - 1)))
    name = peer or "embedded"
    findings.say(
        f"delay, {name}: {len(clips)} utterances of {sum(c.seconds for c in clips) / len(clips):.1f} s, "
        f"{len(voices)} voices"
    )
    turns = [replace(turn, person=voices.index(turn.clip.voice) % len(speakers)) for turn in alternating(clips)]
    said = await office.begin(turns, speakers, booth.quiet()).over()
    # What the listener's socket brings counts: it has to go one way more than the speaker's own.
    captions = {
        speaker.number: [caption for caption in listener.captions if caption.slot == speaker.slot]
        for speaker in speakers
    }
    heard, strays = match(said, captions)
    delays = [entry.delay for entry in heard if not math.isnan(entry.delay)]
    words = [delay for entry in heard for delay in first_words(entry)]
    findings.delays[f"one speaker, {name}"] = delays
    findings.add(FINAL_P50, 1e3 * median(delays), len(delays), peer)
    findings.add(FINAL_P99, 1e3 * percentile(delays, 0.99), len(delays), peer)
    findings.add(FIRST_WORD, 1e3 * median(words), len(words), peer)
    wrong, total = errors(heard)
    findings.note(
        f"delay, {name}: {len(delays)} of {len(said)} utterances came, at most after "
        f"{1e3 * max(delays, default=math.nan):.0f} ms; {len(strays)} captions belong to none; "
        f"{len(words)} of {total} words were found in a caption, {100 * wrong / total:.1f} % were wrong."
    )
    return heard


async def crowd(office: SpokenOffice, booth: Booth, sizes: Sizes, findings: Findings) -> None:
    """Five groups of four who take turns."""

    def clip(person: int, number: int) -> Clip:
        lines = LINES[person % len(LINES)]
        return booth.clip(lines[number % len(lines)], VOICES[person % len(VOICES)])

    def plan() -> list[Turn]:
        turns: list[Turn] = []
        for group in range(len(GROUPS)):
            members = range(group * GROUP_SIZE, (group + 1) * GROUP_SIZE)
            turns += meeting(members, clip, seconds=sizes.crowd_seconds, seed=group)
        return sorted(turns, key=lambda turn: turn.start)

    turns = await asyncio.to_thread(plan)
    _, speech = overlap(turns)
    people = await office.admit([GROUPS[k // GROUP_SIZE] for k in range(CROWD_SIZE)])
    findings.say(
        f"20 people: {len(turns)} utterances in {sizes.crowd_seconds:.0f} s, {speech:.1f} s of speech a second, "
        f"everybody speaks {100 * speech / CROWD_SIZE:.0f} % of the time"
    )
    office.generator.forget_lateness()
    began, before = time.monotonic(), office.cpu_seconds()
    said = await office.begin(turns, people, booth.quiet()).over(20.0)
    took = time.monotonic() - began
    cores = {kind: (spent - before.get(kind, 0.0)) / took for kind, spent in office.cpu_seconds().items()}
    late = office.generator.late_beats / max(1, office.generator.beats)
    heard, _ = match(said, {person.number: person.own for person in people})
    delays = [entry.delay for entry in heard if not math.isnan(entry.delay)]
    findings.delays["20 people, embedded"] = delays
    mean = waits(heard)
    queue = (await office.speech())["queue"]
    # What has not come while others still wait is late; what has not come although nobody waits held no words.
    waiting = len(said) - len(delays) if queue["final"] or queue["running"] else 0
    findings.add(CROWD, 1e3 * percentile([*delays, *[math.inf] * waiting], 0.99), len(delays) + waiting)
    findings.add(STARVATION, starvation(mean), len(mean))
    findings.note(
        f"20 people: {speech:.1f} s of speech a second ({100 * speech / CROWD_SIZE:.0f} % of the time each); "
        f"{len(delays)} of {len(said)} utterances came, {waiting} were given up, {1e3 * median(delays):.0f} ms in "
        "the middle, at most "
        f"{1e3 * max(delays, default=math.nan):.0f} ms; {100 * late:.1f} % of the packets were 10 ms late or more."
    )
    findings.note(f"20 people: cores used: {', '.join(f'{kind} {share:.2f}' for kind, share in cores.items())}")


async def kills(office: SpokenOffice, booth: Booth, sizes: Sizes, findings: Findings) -> None:
    """Every speech process is killed while one is saying the last syllable and two are in the middle."""
    plans = [await asyncio.to_thread(_three, booth, kill) for kill in range(sizes.kills)]
    people = await office.admit(["cedar"] * 3)
    seconds: list[float] = []
    heard: list[Heard] = []
    for kill, (turns, frame) in enumerate(plans):
        pids = await office.recognising()
        talk = office.begin(turns, people, booth.quiet())
        await talk.reaches(0, frame)
        killed = time.time()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        said = await talk.over(30.0)
        new, _ = match(said, {person.number: person.own for person in people})
        heard += new
        after = [c.arrived for entry in new for c in entry.finals if c.arrived > killed]
        seconds.append(min(after, default=math.inf) - killed)
        findings.say(
            f"kill {kill + 1} of {sizes.kills}: {len(pids)} processes, words again after {seconds[-1]:.2f} s"
        )
    lost, doubled = lost_and_doubled(heard)
    findings.add(RECOVERY, median(seconds), len(seconds))
    findings.add(LOST, lost + doubled, len(heard))
    findings.note(
        f"kill: {lost} of {len(heard)} sentences lost, {doubled} doubled; "
        f"without words for {max(seconds):.2f} s at most."
    )


def _three(booth: Booth, number: int) -> tuple[list[Turn], int]:
    """Three people, each with a sentence before, under and after the kill; and the frame of the kill."""
    turns: list[Turn] = []
    kill = 0
    for person in range(3):
        own = [booth.clip(LINES[(person + 3 * number) % len(LINES)][k], VOICES[person]) for k in range(3)]
        row = alternating(own, pause=1.2)
        if person == 0:
            kill = row[1].end - 2
        else:  # they are a third and two thirds into their second sentence
            shift = kill - row[1].start - row[1].clip.voiced * person // 3
            row = [replace(turn, start=max(0, turn.start + shift)) for turn in row]
        turns += [replace(turn, person=person) for turn in row]
    return turns, kill


async def word_error_rate(
    office: SpokenOffice, booth: Booth, sizes: Sizes, findings: Findings, more: Sequence[Heard], peer: str
) -> None:
    """Sentences and voices that the model was not trained with, of some people at the same time."""
    count = sizes.speakers * sizes.sentences

    def plan() -> tuple[list[Turn], list[Turn]]:
        texts, turns = unseen(count, seed=2), list[Turn]()
        for k in range(sizes.speakers):
            own = enumerate(texts[k :: sizes.speakers])
            clips = [booth.clip(text, UNSEEN[(n * sizes.speakers + k) % len(UNSEEN)]) for n, text in own]
            turns += [replace(turn, person=k) for turn in alternating(clips, lead=0.4 + 0.3 * k)]
        flite = [booth.clip(text, FLITE_UNSEEN[0]) for text in unseen(sizes.sentences, seed=3)]
        return turns, alternating(flite)

    turns, flite = await asyncio.to_thread(plan)
    people = await office.admit(list(EVERYWHERE[: sizes.speakers]))
    findings.say(f"words: {count} unseen sentences in {len(UNSEEN)} unseen voices")
    heard = await _say(office, people, turns, booth)
    other = await _say(office, people[:1], flite, booth)
    wrong, total = errors([*heard, *more])
    findings.add(WER, wrong / total, total, peer)
    for entry in heard:
        if normalise(entry.text) != normalise(entry.said.text):
            findings.say(f"words: {entry.said.voice} said {entry.said.text!r}, heard was {entry.text!r}")
    wrong, total = errors(other)
    findings.note(
        f"words: with the unseen voice of flite {100 * wrong / total:.1f} % of {total} words were wrong."
    )


async def _say(office: SpokenOffice, people: Sequence[Person], turns: Sequence[Turn], booth: Booth) -> list[Heard]:
    said = await office.begin(turns, people, booth.quiet()).over()
    return match(said, {person.number: person.own for person in people})[0]


def office_talk(booth: Booth, number: int) -> list[Clip]:
    """Sentences of 2 to 5 s in three voices."""
    lines = [line for k in range(len(LINES[0])) for line in (row[k] for row in LINES)]
    voices = itertools.cycle(VOICES)
    return first_of(itertools.cycle(lines), lambda line: booth.clip(line, next(voices)), number, 2.0)


def unseen_talk(booth: Booth, number: int, least: float) -> list[Clip]:
    """Unseen sentences of at least so many seconds, in voices that are unseen too."""
    voices = iter(UNSEEN * number)
    return first_of(unseen(6 * number, seed=1), lambda text: booth.clip(text, next(voices)), number, least)
