"""Who is recognised next, when many speak and the recognisers are few.

- Ended utterances come before likely ends, and these before early captions (`Urgency`).
- Among jobs of one urgency those that cannot be in time any more unless they begin now come first, by their
  deadline. It counts as later for a room or speaker that has used more than an equal share of the work lately, by
  the seconds of work beyond it; at most by `lenience`, so that nobody waits for ever.
- The others go by fair share: the room with the least work lately, in it the speaker with the least, then by
  deadline.
- Each speaker has one early caption at work at a time and one that waits; a newer one takes the older one's place.
- A batch holds early captions, or ended utterances and likely ends. While there is time nothing waits for company;
  under load all but ended utterances wait a moment to share a batch.
- Early captions are what gives way: under load they come less often (`cadence`), they keep off a worker, and are
  refused while an ended utterance is late.

Nothing here reads a clock, and nothing works: whoever has workers takes jobs and tells how it went.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from media.errors import SettingsError
from media.schedule_terms import Dropped, Job, ScheduleError, ScheduleSettings, ScheduleStats, Urgency
from media.share import Cost, Recent, Use

__all__ = [
    "Dropped",
    "Job",
    "ScheduleError",
    "ScheduleSettings",
    "ScheduleStats",
    "Scheduler",
    "Urgency",
]

_WAITS_KEPT = 200
_LATE_SECONDS = 2.0
"""So long after a final began too late, haste is in order."""
_STRETCH, _RELAX = 1.25, 0.9
"""Early captions come less often by this with each late final, and more often with each one in time."""


def anything(job: Job) -> bool:
    """Any job is for whoever is free."""
    return True


@dataclass(slots=True, kw_only=True)
class _Waiting:
    job: Job
    since: float
    due: float


@dataclass(slots=True, kw_only=True)
class _Running:
    waited: _Waiting
    batch: int
    charged: float
    """Work that was noted for its speaker and room when it began."""
    wanted: bool = True
    """False when its speaker wants it forgotten."""


class Scheduler:
    """Orders jobs for some workers. Deterministic: the same calls give the same answers."""

    def __init__(self, settings: ScheduleSettings | None = None, *, workers: int = 1, batch: int = 1) -> None:
        """Start with nothing to do.

        Args:
            settings: deadlines and bounds.
            workers: so many can work at the same time, at least 1.
            batch: so many jobs a worker takes at once at most, at least 1.

        Raises:
            SettingsError: workers or batch below 1.
        """
        self._settings = settings or ScheduleSettings()
        self._waiting: dict[int, _Waiting] = {}
        self._running: dict[int, _Running] = {}
        self._batches = 0
        self._cost = {urgency: Cost(self._settings.first_cost) for urgency in Urgency}
        memory = self._settings.memory_seconds
        self._rooms, self._speakers = Use(memory), Use(memory)
        self._busy, self._pressing = Recent(memory), Recent(memory)
        """Work lately: all, and all but early captions."""
        self._speaking: dict[str, float] = {}
        """Utterances with early captions, and when they last asked for one; the longest ago first."""
        self._stretch = 1.0
        self._late_until = 0.0
        self._waits: deque[float] = deque(maxlen=_WAITS_KEPT)
        self._dropped: Counter[Dropped] = Counter()
        self._now = 0.0
        self.set_workers(workers)
        self.set_batch(batch)

    def set_workers(self, workers: int) -> None:
        """Change how many can work at the same time.

        Raises:
            SettingsError: below 1.
        """
        if workers < 1:
            raise SettingsError(f"a scheduler needs at least 1 worker, not {workers}")
        self._workers = workers

    def set_batch(self, batch: int) -> None:
        """Change how many jobs a worker takes at once.

        Raises:
            SettingsError: below 1.
        """
        if batch < 1:
            raise SettingsError(f"a batch holds at least 1 job, not {batch}")
        self._batch = batch

    # Jobs come

    def submit(self, job: Job, now: float) -> list[Job]:
        """Take a job to wait.

        Returns:
            The jobs that are given up because of it: what waited of the same utterance and is outdated, or the job
            itself where there is no time for it. An ended utterance is never given up.

        Raises:
            ScheduleError: a job with this id is here already.
        """
        if job.id in self._waiting or job.id in self._running:
            raise ScheduleError(f"job {job.id} is here already: each job needs an id of its own")
        self._now = max(now, self._now)
        due = job.submitted + self._settings.allowed(job.urgency) if job.due is None else job.due
        entry = _Waiting(job=job, since=now, due=due)
        if job.urgency is Urgency.PARTIAL:
            return self._submit_partial(entry, now)
        if job.urgency is Urgency.LIKELY and self._final_of(job.stream):
            return self._drop([job], Dropped.REFUSED)
        self._speaking.pop(job.stream, None)
        outdated = [old.job for old in self._waiting.values() if old.job.stream == job.stream]
        outdated = [old for old in outdated if old.urgency is not Urgency.FINAL]
        self._waiting[job.id] = entry
        return self._drop(outdated, Dropped.REPLACED)

    def _submit_partial(self, entry: _Waiting, now: float) -> list[Job]:
        job = entry.job
        if self._final_of(job.stream):
            return self._drop([job], Dropped.REFUSED)
        outdated = [
            old
            for old in self._waiting.values()
            if (old.job.urgency is Urgency.PARTIAL and old.job.speaker == job.speaker)
            or (old.job.urgency is Urgency.LIKELY and old.job.stream == job.stream)
        ]
        self._speaking.pop(job.stream, None)
        self._speaking[job.stream] = now
        places = [old for old in outdated if old.job.urgency is Urgency.PARTIAL]
        if places:
            # In the place of the older one, or whoever speaks on and on would never be served.
            entry.since, entry.due = places[0].since, min(places[0].due, entry.due)
        elif self._no_time_for_partials(now):
            return self._drop([job], Dropped.REFUSED)
        self._waiting[job.id] = entry
        return self._drop([old.job for old in outdated], Dropped.REPLACED)

    def _no_time_for_partials(self, now: float) -> bool:
        late = any(entry.due <= now for entry in self._of(Urgency.FINAL))
        return late or len(self._of(Urgency.PARTIAL)) >= self._settings.most_partials

    def _final_of(self, stream: str) -> bool:
        everywhere = [*self._waiting.values(), *(running.waited for running in self._running.values())]
        return any(e.job.stream == stream and e.job.urgency is Urgency.FINAL for e in everywhere)

    def forget(self, speaker: str) -> list[Job]:
        """Give up all that waits of a person; what is worked on now is not begun again if it fails."""
        for running in self._running.values():
            if running.waited.job.speaker == speaker:
                running.wanted = False
        gone = [entry.job for entry in self._waiting.values() if entry.job.speaker == speaker]
        for job in gone:
            self._speaking.pop(job.stream, None)
        return self._drop(gone, Dropped.FORGOTTEN)

    def _drop(self, jobs: Sequence[Job], reason: Dropped) -> list[Job]:
        for job in jobs:
            self._waiting.pop(job.id, None)
        self._dropped[reason] += len(jobs)
        return list(jobs)

    # Jobs go

    def take(self, now: float, may: Callable[[Job], bool] = anything) -> list[Job]:
        """Give a free worker what it should do now, at most a batch; [] when there is nothing.

        Args:
            now: seconds.
            may: which jobs are for the workers that are free; the others wait.
        """
        self._now = max(now, self._now)
        chosen = self._choose_complete(now, may) or self._choose_partial(now, may)
        return self._begin(chosen, now) if chosen else []

    def next_due(self, now: float, may: Callable[[Job], bool] = anything) -> float | None:
        """When `take` may give something although it gives nothing now and nothing else happens; None: never."""
        due = [self._opens(urgency, ready, now) for urgency in Urgency if (ready := self._ready(urgency, may))]
        return max(now, min(due)) if due else None

    def _choose_complete(self, now: float, may: Callable[[Job], bool]) -> list[_Waiting]:
        """Ended utterances, and likely ends in what space is left of their batch: it is the same kind of work."""
        chosen = self._ordered(self._ready(Urgency.FINAL, may), now)[: self._batch]
        likely = self._ready(Urgency.LIKELY, may)
        if chosen or (likely and self._opens(Urgency.LIKELY, likely, now) <= now):
            chosen += self._ordered(likely, now)[: self._batch - len(chosen)]
        return chosen

    def _choose_partial(self, now: float, may: Callable[[Job], bool]) -> list[_Waiting]:
        ready = self._ready(Urgency.PARTIAL, may)
        if not ready or self._opens(Urgency.PARTIAL, ready, now) > now:
            return []
        chosen: list[_Waiting] = []
        work = 0.0
        for entry in self._ordered(ready, now)[: self._batch]:
            work += self._cost[Urgency.PARTIAL].of(entry.job.seconds)
            if chosen and work > self._settings.partial_work:
                break
            chosen.append(entry)
        return chosen

    def _begin(self, chosen: Sequence[_Waiting], now: float) -> list[Job]:
        self._batches += 1
        for entry in chosen:
            job = entry.job
            del self._waiting[job.id]
            work = self._cost[job.urgency].of(job.seconds)
            self._charge(job, work, now)
            self._running[job.id] = _Running(waited=entry, batch=self._batches, charged=work)
            if job.urgency is Urgency.FINAL:
                self._note_wait(entry, now)
        return [entry.job for entry in chosen]

    def _note_wait(self, entry: _Waiting, now: float) -> None:
        self._waits.append(max(0.0, now - entry.since))
        worst = self._settings.most_cadence / self._settings.least_cadence
        if now > entry.due:
            self._late_until = now + _LATE_SECONDS
        # Half of what is allowed for the words is a warning: the other half is the work itself.
        late = now - entry.since > 0.5 * (entry.due - entry.since)
        self._stretch = min(self._stretch * _STRETCH, worst) if late else max(1.0, self._stretch * _RELAX)

    def _ordered(self, entries: Iterable[_Waiting], now: float) -> list[_Waiting]:
        """By the rule at the top of this file."""

        room_share, speaker_share = self._rooms.equal_share(now), self._speakers.equal_share(now)

        def rank(entry: _Waiting) -> tuple[bool, float, float, float, int]:
            job = entry.job
            room, speaker = self._rooms.of(job.room, now), self._speakers.of(job.speaker, now)
            if now + self._cost[job.urgency].of(job.seconds) < entry.due:
                return True, room, speaker, entry.due, job.id
            beyond = max(0.0, room - room_share) + max(0.0, speaker - speaker_share)
            return False, entry.due + min(beyond, self._settings.lenience), 0.0, 0.0, job.id

        return sorted(entries, key=rank)

    def _of(self, urgency: Urgency) -> list[_Waiting]:
        return [entry for entry in self._waiting.values() if entry.job.urgency is urgency]

    def _ready(self, urgency: Urgency, may: Callable[[Job], bool]) -> list[_Waiting]:
        """What waits and may begin, as far as others at work allow it."""
        waiting = [entry for entry in self._of(urgency) if may(entry.job)]
        if urgency is not Urgency.PARTIAL:
            return waiting
        partial = [r for r in self._running.values() if r.waited.job.urgency is Urgency.PARTIAL]
        if len({running.batch for running in partial}) >= self._partial_workers:
            return []
        at_work = {running.waited.job.speaker for running in partial}
        return [entry for entry in waiting if entry.job.speaker not in at_work]

    @property
    def _partial_workers(self) -> int:
        return max(1, self._workers - self._settings.reserved)

    def _opens(self, urgency: Urgency, ready: Sequence[_Waiting], now: float) -> float:
        """When a batch of these may begin: at once while there is time, under load after a moment for others."""
        since = min(entry.since for entry in ready)
        if urgency is Urgency.FINAL or len(ready) >= self._batch or self._load(now) < self._settings.busy_load:
            return since
        return since + min(self._settings.batch_window, self._cost[urgency].of_batch(len(ready)))

    # What became of them

    def done(self, jobs: Sequence[Job], now: float, work_seconds: float) -> None:
        """A batch is done; learn from it. Jobs that are not at work any more are passed over.

        Args:
            jobs: a batch as `take` gave it.
            now: seconds.
            work_seconds: how long a worker was busy with it.
        """
        self._now = max(now, self._now)
        sound = sum(job.seconds for job in jobs)
        for job in jobs:
            running = self._running.pop(job.id, None)
            if running is not None:
                share = job.seconds / sound if sound else 1.0 / len(jobs)
                self._charge(job, work_seconds * share - running.charged, now)
        if not jobs:
            return
        urgency = max(job.urgency for job in jobs)
        self._cost[urgency].learn(work_seconds, sound, len(jobs))
        self._busy.add(work_seconds, now)
        if urgency is not Urgency.PARTIAL:
            self._pressing.add(work_seconds, now)

    def failed(self, jobs: Sequence[Job], now: float) -> list[Job]:
        """Whoever worked on these failed.

        Ended utterances go back to where they stood: with the time they came and their deadline, so before those
        that came after. The others are given up, for something newer comes soon.

        Returns:
            The jobs that are given up.
        """
        self._now = max(now, self._now)
        lost: list[Job] = []
        forgotten: list[Job] = []
        for job in jobs:
            running = self._running.pop(job.id, None)
            if running is None:
                continue
            self._charge(job, -running.charged, now)
            if not running.wanted:
                forgotten.append(job)
            elif job.urgency is Urgency.FINAL:
                self._waiting[job.id] = running.waited
            else:
                lost.append(job)
        self._drop(forgotten, Dropped.FORGOTTEN)
        self._drop(lost, Dropped.FAILED)
        return [*forgotten, *lost]

    def abandon(self, jobs: Sequence[Job], now: float) -> None:
        """Whoever worked on these failed, and nobody shall try again."""
        self._now = max(now, self._now)
        for job in jobs:
            running = self._running.pop(job.id, None)
            if running is not None:
                self._charge(job, -running.charged, now)
                self._dropped[Dropped.FAILED] += 1

    def _charge(self, job: Job, work: float, now: float) -> None:
        self._rooms.add(job.room, work, now)
        self._speakers.add(job.speaker, work, now)

    # How it is

    def cadence(self) -> float:
        """Seconds between two early captions of one speaker, as there is time for now.

        As many as fit into what ended utterances leave of the planned time, and fewer when those were late lately.
        """
        settings, now = self._settings, self._now
        quiet = now - 2.0 * settings.most_cadence
        while self._speaking and self._speaking[first := next(iter(self._speaking))] < quiet:
            del self._speaking[first]
        speaking = len(self._speaking)
        if not speaking:
            return min(settings.most_cadence, settings.least_cadence * self._stretch)
        # All who speak share the workers for early captions, in the largest batches that they fill.
        batch = max(1, min(self._batch, speaking // self._partial_workers))
        one = self._cost[Urgency.PARTIAL].of_batch(batch) / batch
        room = settings.planned_load * self._workers - self._pressing.rate(now)
        room = max(0.1 * settings.planned_load, min(room, settings.planned_load * self._partial_workers))
        return min(settings.most_cadence, max(speaking * one / room, settings.least_cadence * self._stretch))

    def hurry(self, now: float) -> bool:
        """Whether ended utterances are late, or will be with all that waits before them."""
        if now < self._late_until:
            return True
        finals = self._of(Urgency.FINAL)
        backlog = sum(self._cost[Urgency.FINAL].of(entry.job.seconds) for entry in finals) / self._workers
        return bool(finals) and any(now + backlog > entry.due for entry in finals)

    def stats(self, now: float) -> ScheduleStats:
        """Say how it is."""
        waits = sorted(self._waits)
        return ScheduleStats(
            depth={urgency: len(self._of(urgency)) for urgency in Urgency},
            oldest=max((now - entry.since for entry in self._waiting.values()), default=0.0),
            running=len(self._running),
            load=self._load(now),
            cadence=self.cadence(),
            hurry=self.hurry(now),
            wait_p50=waits[len(waits) // 2] if waits else 0.0,
            wait_p99=waits[min(len(waits) - 1, len(waits) * 99 // 100)] if waits else 0.0,
            dropped={reason: self._dropped[reason] for reason in Dropped},
        )

    def _load(self, now: float) -> float:
        backlog = sum(self._cost[e.job.urgency].of(e.job.seconds) for e in self._waiting.values())
        return (self._busy.rate(now) + backlog / self._settings.memory_seconds) / self._workers
