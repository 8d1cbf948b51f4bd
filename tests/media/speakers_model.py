"""Many speakers before few recognisers, in virtual time: who waits how long with which scheduler."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from media.schedule import Job, Scheduler, Urgency

PRE_ROLL = POST_ROLL = 0.3
SILENCE = 0.6
PROGRESS = 0.4


class Jobs:
    """Makes jobs with ids of their own."""

    def __init__(self) -> None:
        self._ids: Iterator[int] = itertools.count(1)

    def __call__(
        self,
        urgency: Urgency,
        speaker: str = "ana",
        at: float = 0.0,
        *,
        stream: str = "",
        room: str = "hall",
        seconds: float = 1.0,
        due: float | None = None,
    ) -> Job:
        return Job(
            id=next(self._ids),
            stream=stream or f"{speaker}-1",
            speaker=speaker,
            room=room,
            urgency=urgency,
            seconds=seconds,
            submitted=at,
            due=due,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A recogniser of known cost, in seconds of work."""

    batch: float = 0.0
    job: float = 0.0
    sound: float = 0.0
    """For each second of sound."""

    def work(self, jobs: Sequence[Job]) -> float:
        return self.batch + self.job * len(jobs) + self.sound * sum(job.seconds for job in jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """How people speak: seconds of speech and of silence, each drawn evenly from a range."""

    speech: tuple[float, float] = (1.5, 8.0)
    silence: tuple[float, float] = (1.0, 4.0)


@dataclass(slots=True)
class Record:
    """What one speaker got."""

    finals: list[float] = field(default_factory=list)
    """Seconds from the end of each utterance to its words; 0 where they were made out in its last pause."""
    answers: list[float] = field(default_factory=list)
    """Seconds from when the sound of each utterance was complete to its words."""
    waits: list[float] = field(default_factory=list)
    """Seconds that each job of an ended utterance waited for a worker."""
    partials: list[float] = field(default_factory=list)
    """Seconds from asking for each early caption to having it."""
    spoken: float = 0.0
    utterances: int = 0

    @property
    def mean_answer(self) -> float:
        return sum(self.answers) / len(self.answers)

    @property
    def captions(self) -> float:
        """Early captions for each second of speech."""
        return len(self.partials) / self.spoken


@dataclass(slots=True)
class _Utterance:
    speaker: int
    stream: str
    began: float
    ended: float
    asked: float = 0.0
    likely: int = 0
    """Id of the job of its pause."""
    answered: bool = False
    final_at: float | None = None


class Speakers:
    """Plays people who speak for a while and counts what they get."""

    def __init__(
        self,
        scheduler: Scheduler,
        model: Model,
        talks: Sequence[Talk],
        *,
        workers: int = 1,
        ahead: bool = True,
        room: Callable[[int], str] = lambda speaker: "hall",
        seed: int = 1,
    ) -> None:
        """Prepare.

        Args:
            scheduler: it orders.
            model: it works.
            talks: one for each speaker.
            workers: how many models there are.
            ahead: whether pauses are decoded before it is sure that the utterance is over.
            room: where a speaker is.
            seed: of the draw.
        """
        self.scheduler, self._model, self._talks, self._room = scheduler, model, talks, room
        self._ahead, self._free = ahead, workers
        self._random = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._ids = itertools.count(1)
        self._utterances: dict[str, _Utterance] = {}
        self._running: set[int] = set()
        self._until = 0.0
        self.records = [Record() for _ in talks]
        self.busy = 0.0
        """Seconds of work done."""

    def play(self, seconds: float) -> list[Record]:
        """Let them speak for so long, then wait until all is done."""
        self._until = seconds
        for speaker, talk in enumerate(self._talks):
            self._at(self._random.uniform(0.0, talk.silence[1]), self._begins(speaker))
        while self._events:
            now, _, happen = heapq.heappop(self._events)
            happen(now)
            self._pump(now)
        assert not any(self.scheduler.stats(seconds).depth.values()), "something waits though nothing happens"
        return self.records

    def _at(self, when: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), happen))

    def _begins(self, speaker: int) -> Callable[[float], None]:
        def happen(now: float) -> None:
            if now >= self._until:
                return
            length = self._random.uniform(*self._talks[speaker].speech)
            stream = f"{speaker}-{now:.3f}"
            said = _Utterance(speaker=speaker, stream=stream, began=now - PRE_ROLL, ended=now + length)
            self._utterances[stream] = said
            self.records[speaker].spoken += length
            self.records[speaker].utterances += 1
            for step in range(1, int(length / PROGRESS) + 1):
                self._at(now + step * PROGRESS, lambda at: self._progress(said, at))
            if self._ahead:
                self._at(said.ended + POST_ROLL, lambda at: self._submit(said, Urgency.LIKELY, at))
            self._at(said.ended + SILENCE, lambda at: self._ends(said, at))
            rest = self._random.uniform(*self._talks[speaker].silence)
            self._at(said.ended + max(SILENCE, rest), self._begins(speaker))

        return happen

    def _progress(self, said: _Utterance, now: float) -> None:
        if now - said.began - said.asked >= self.scheduler.cadence():
            said.asked = now - said.began
            self._submit(said, Urgency.PARTIAL, now)

    def _ends(self, said: _Utterance, now: float) -> None:
        said.final_at = now
        if said.answered:
            self.records[said.speaker].finals.append(0.0)
        elif said.likely not in self._running:
            self._submit(said, Urgency.FINAL, now)

    def _submit(self, said: _Utterance, urgency: Urgency, now: float) -> None:
        sound = now - said.began if urgency is Urgency.PARTIAL else said.ended + POST_ROLL - said.began
        job = Job(
            id=next(self._ids),
            stream=said.stream,
            speaker=str(said.speaker),
            room=self._room(said.speaker),
            urgency=urgency,
            seconds=sound,
            submitted=now,
        )
        if urgency is Urgency.LIKELY:
            said.likely = job.id
        for dropped in self.scheduler.submit(job, now):
            assert dropped.urgency is not Urgency.FINAL, "an ended utterance was given up"

    def _pump(self, now: float) -> None:
        while self._free:
            batch = self.scheduler.take(now)
            if not batch:
                due = self.scheduler.next_due(now)
                if due is not None:
                    self._at(max(due, now + 1e-6), lambda at: None)
                return
            self._free -= 1
            self._running |= {job.id for job in batch}
            for job in batch:
                if job.urgency is Urgency.FINAL:
                    self.records[int(job.speaker)].waits.append(now - job.submitted)
            work = self._model.work(batch)
            self.busy += work
            self._at(now + work, lambda at, batch=batch, work=work: self._done(batch, at, work))  # type: ignore[misc]

    def _done(self, batch: list[Job], now: float, work: float) -> None:
        self._free += 1
        self.scheduler.done(batch, now, work)
        for job in batch:
            self._running.discard(job.id)
            said, record = self._utterances[job.stream], self.records[int(job.speaker)]
            if job.urgency is Urgency.PARTIAL:
                record.partials.append(now - job.submitted)
                continue
            complete = said.ended + (POST_ROLL if self._ahead else SILENCE)
            record.answers.append(now - complete)
            if said.final_at is None:
                said.answered = True
            else:
                record.finals.append(now - said.final_at)


def jain(shares: Sequence[float]) -> float:
    """Jain's index: 1 when all have the same, 1/n when one has all."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def quantile(values: Sequence[float], part: float) -> float:
    """The value that this part of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
