"""A timeline with a clock of its own: people speak, pause and interrupt, engines fail, and captions are looked at.

It joins the cores as the office does (endpointing, scheduler, failover, words that settle) around an engine that
costs what it is said to cost and reads scripted words out of the sound: a sample holds the number of its own
place, so that whatever part of the sound an engine gets tells which words are in it. A word whose end is not in it
is misheard, as real engines do.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from media.endpointing import Endpointer, SpeechContinues, SpeechEnded, SpeechPaused, SpeechStarted
from media.failover import Failover
from media.schedule import Job, Scheduler, Urgency
from media.streaming import WordCommitter
from media.transcriber import RATE, Samples, Word, text_of
from tests.media.events import Event, Events

FRAME = 512
STEP = FRAME / RATE
WORD_SECONDS = 0.25
PACE = 0.3
PATIENCE = 1.5
"""Seconds after which an engine that does not answer is given up on."""


@dataclass(slots=True, kw_only=True)
class Engine:
    """An engine of known cost, and when it does not work."""

    name: str = "engine"
    job: float = 0.05
    """Seconds of work for a request ..."""
    sound: float = 0.02
    """... and for each second of sound in it."""
    refuses: list[tuple[float, float]] = field(default_factory=list)
    """From when to when it says at once that it does not work."""
    hangs: list[tuple[float, float]] = field(default_factory=list)
    """From when to when it says nothing at all."""

    def work(self, jobs: Sequence[Job]) -> float:
        return self.job * len(jobs) + self.sound * sum(job.seconds for job in jobs)


@dataclass(slots=True)
class _Speaker:
    script: list[Word] = field(default_factory=list)
    """On the clock of the timeline."""
    endpointer: Endpointer = field(default_factory=Endpointer)
    open: _Utterance | None = None
    utterances: int = 0

    def speaks(self, start: float, end: float) -> bool:
        """Whether anything is said in this stretch; the short gaps between words are voiced."""
        return any(word.start < end and start < word.end + PACE - WORD_SECONDS for word in self.script)

    def read(self, samples: Samples) -> list[Word]:
        """The words in a stretch of sound, with times from its start; the last one as far as it is there."""
        first, last = float(samples[0]) / RATE, float(samples[-1] + 1) / RATE
        words: list[Word] = []
        for word in self.script:
            if word.start >= first - 1e-6 and word.start < last - 0.05:
                whole = word.end <= last + 1e-6
                text = word.text if whole else f"{word.text[:2]}-"
                end = min(word.end, last)
                words.append(Word(text=text, start=word.start - first, end=end - first, confidence=0.9))
        return words


@dataclass(slots=True, kw_only=True)
class _Utterance:
    id: str
    speaker: str
    words: WordCommitter
    shown: str = ""
    asked: float = 0.0
    ahead: tuple[int, list[Word]] | None = None
    """Samples until a pause, and the words in them."""
    likely: tuple[int, int] = (0, 0)
    """The job of the last pause, and its samples."""
    final: bool = False
    """The speaker has ended."""
    closed: bool = False


@dataclass(slots=True)
class _Worker:
    failover: Failover
    batch: list[Job] = field(default_factory=list)
    began: float = 0.0
    tried: set[int] = field(default_factory=set)
    until: float = 0.0
    """When it is finished, refused or given up on."""
    engine: int = 0
    outcome: str = "works"
    dead_until: float = 0.0
    probes: list[tuple[float, int, bool]] = field(default_factory=list)


class Timeline:
    """Plays a script; see the tests for how it reads."""

    def __init__(
        self,
        engines: Sequence[Engine] = (),
        *,
        workers: int = 1,
        batch: int = 1,
        agreement: int = 2,
        hold: float = 0.3,
    ) -> None:
        """Prepare.

        Args:
            engines: the best first; by default one that works.
            workers: processes that recognise.
            batch: most requests at once.
            agreement: of hypotheses, until a word is settled.
            hold: seconds before the end in which nothing settles.
        """
        self.engines = list(engines) or [Engine()]
        self.scheduler = Scheduler(workers=workers, batch=batch)
        self.events = Events()
        self._agreement, self._hold = agreement, hold
        self._workers = [_Worker(failover=Failover(len(self.engines))) for _ in range(workers)]
        self._speakers: dict[str, _Speaker] = {}
        self._deaths: list[tuple[float, float, int]] = []
        self._ids = itertools.count(1)
        self._asked: dict[int, tuple[_Utterance, Samples]] = {}
        self._riders: dict[int, _Utterance] = {}
        """Ended utterances whose sound is at work already, since their pause."""
        self._now = 0.0

    # The script

    def say(self, speaker: str, at: float, text: str) -> float:
        """Somebody says words, one each 0.3 s; gives when the last one ends."""
        script = self._speakers.setdefault(speaker, _Speaker()).script
        for index, word in enumerate(text.split()):
            start = at + index * PACE
            script.append(Word(text=word, start=start, end=start + WORD_SECONDS, confidence=1.0))
        assert [word.start for word in script] == sorted(word.start for word in script), "say it in order"
        return script[-1].end

    def kill(self, at: float, back: float, worker: int = 0) -> None:
        """A process dies with what it works on, and another takes its place later."""
        self._deaths.append((at, back, worker))

    def run(self, seconds: float) -> Events:
        """Play for so long."""
        for step in range(round(seconds / STEP)):
            self._now = (step + 1) * STEP
            frame = np.arange(step * FRAME, (step + 1) * FRAME, dtype=np.float32)
            for name, speaker in self._speakers.items():
                speaking = speaker.speaks(step * STEP, self._now)
                for event in speaker.endpointer.feed(frame, 1.0 if speaking else 0.0):
                    self._heard(name, speaker, event)
            for worker in self._workers:
                self._advance(worker)
            self._pump()
        return self.events

    # Sound becomes jobs

    def _heard(
        self, name: str, speaker: _Speaker, event: SpeechStarted | SpeechContinues | SpeechPaused | SpeechEnded
    ) -> None:
        match event:
            case SpeechStarted():
                speaker.utterances += 1
                committer = WordCommitter(agreement=self._agreement, hold_seconds=self._hold)
                speaker.open = _Utterance(id=f"{name}-{speaker.utterances}", speaker=name, words=committer)
                self._note("started", speaker.open)
            case SpeechContinues():
                utterance = self._open(speaker)
                if event.seconds - utterance.asked >= self.scheduler.cadence():
                    utterance.asked = event.seconds
                    self._submit(utterance, Urgency.PARTIAL, speaker.endpointer.so_far())
            case SpeechPaused():
                utterance = self._open(speaker)
                self._note("paused", utterance)
                number = self._submit(utterance, Urgency.LIKELY, event.samples)
                utterance.likely = (number, len(event.samples))
            case SpeechEnded():
                utterance = self._open(speaker)
                speaker.open = None
                self._note("ended", utterance)
                self._ended(utterance, event.samples)

    @staticmethod
    def _open(speaker: _Speaker) -> _Utterance:
        assert speaker.open is not None, "speech goes on that never began"
        return speaker.open

    def _ended(self, utterance: _Utterance, samples: Samples) -> None:
        utterance.final = True
        if utterance.ahead is not None and utterance.ahead[0] == len(samples):
            self._close(utterance, utterance.ahead[1], "ahead")
            return
        number, length = utterance.likely
        at_work = any(job.id == number for worker in self._workers for job in worker.batch)
        if at_work and length == len(samples):
            self._riders[number] = utterance
        else:
            self._submit(utterance, Urgency.FINAL, samples)

    def _submit(self, utterance: _Utterance, urgency: Urgency, samples: Samples) -> int:
        job = Job(
            id=next(self._ids),
            stream=utterance.id,
            speaker=utterance.speaker,
            room="hall",
            urgency=urgency,
            seconds=len(samples) / RATE,
            submitted=self._now,
        )
        self._asked[job.id] = (utterance, samples)
        for dropped in self.scheduler.submit(job, self._now):
            assert dropped.urgency is not Urgency.FINAL, "an ended utterance was given up"
            del self._asked[dropped.id]
        return job.id

    # Jobs become words

    def _pump(self) -> None:
        for worker in self._workers:
            if not worker.batch and worker.dead_until <= self._now:
                worker.batch = self.scheduler.take(self._now)
                if worker.batch:
                    worker.began, worker.tried = self._now, set()
                    self._probe(worker)
                    self._ask(worker)

    def _ask(self, worker: _Worker) -> None:
        best = worker.failover.choose(self._now)
        order = [best, *(n for n in range(len(self.engines)) if n != best)]
        untried = [number for number in order if number not in worker.tried]
        assert untried, "no engine works: that is not what is tested here"
        worker.engine = untried[0]
        worker.tried.add(worker.engine)
        worker.outcome, took = self._attempt(worker.engine, worker.batch)
        worker.until = self._now + took

    def _attempt(self, number: int, batch: Sequence[Job]) -> tuple[str, float]:
        """What will come of asking an engine now, and after how long."""
        engine = self.engines[number]
        work = engine.work(batch)
        if any(start <= self._now < end for start, end in engine.refuses):
            return "refuses", 0.01
        if any(start < self._now + work and self._now < end for start, end in engine.hangs):
            return "hangs", PATIENCE
        return "works", work

    def _probe(self, worker: _Worker) -> None:
        number = worker.failover.probe(self._now)
        if number is not None:
            outcome, took = self._attempt(number, worker.batch)
            worker.probes.append((self._now + took, number, outcome == "works"))

    def _advance(self, worker: _Worker) -> None:
        for at, back, number in self._deaths:
            if self._workers[number] is worker and at <= self._now < at + STEP:
                self._die(worker, back)
        before = worker.failover.choose(self._now)
        for probe in [probe for probe in worker.probes if probe[0] <= self._now]:
            worker.probes.remove(probe)
            (worker.failover.worked if probe[2] else worker.failover.failed)(probe[1], self._now)
        if worker.batch and worker.until <= self._now:
            if worker.outcome == "works":
                worker.failover.worked(worker.engine, self._now)
                self._done(worker)
            else:
                worker.failover.failed(worker.engine, self._now)
                self._ask(worker)
        after = worker.failover.choose(self._now)
        if after != before:
            self.events.add(Event(at=self._now, kind="engine", engine=self.engines[after].name))

    def _die(self, worker: _Worker, back: float) -> None:
        worker.dead_until = back
        for job in self.scheduler.failed(worker.batch, self._now):
            utterance = self._riders.pop(job.id, None)
            _, samples = self._asked.pop(job.id)
            if utterance is not None:
                self._submit(utterance, Urgency.FINAL, samples)
        worker.batch = []

    def _done(self, worker: _Worker) -> None:
        batch, worker.batch = worker.batch, []
        self.scheduler.done(batch, self._now, self._now - worker.began)
        for job in batch:
            utterance, samples = self._asked.pop(job.id)
            words = self._speakers[job.speaker].read(samples)
            rider = self._riders.pop(job.id, None)
            if job.urgency is Urgency.FINAL or rider is not None:
                self._close(utterance, words, self.engines[worker.engine].name)
            elif not utterance.final:
                if job.urgency is Urgency.LIKELY:
                    utterance.ahead = (len(samples), words)
                utterance.words.feed(words, job.seconds)
                self._show(utterance, self.engines[worker.engine].name)

    def _close(self, utterance: _Utterance, words: Sequence[Word], engine: str) -> None:
        assert not utterance.closed, "an utterance was closed twice"
        utterance.closed = True
        utterance.words.finish(words)
        self._show(utterance, engine, kind="final")

    def _show(self, utterance: _Utterance, engine: str, kind: str = "caption") -> None:
        text = text_of([*utterance.words.settled, *utterance.words.tail])
        if kind == "final" or text != utterance.shown:
            utterance.shown = text
            self._note(kind, utterance, engine)

    def _note(self, kind: str, utterance: _Utterance, engine: str = "") -> None:
        self.events.add(
            Event(
                at=self._now,
                kind=kind,
                speaker=utterance.speaker,
                utterance=utterance.id,
                text=utterance.shown,
                settled=text_of(utterance.words.settled),
                engine=engine,
            )
        )
