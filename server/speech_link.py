"""Speech recognition as the office has it: some processes, one queue before them, and what if one dies."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import gettempdir
from types import TracebackType
from typing import Any, Self

from media.schedule import Job, Scheduler, ScheduleSettings, ScheduleStats, Urgency
from media.transcriber import RATE, Capabilities, Hypothesis, Outcome, Request
from server.engines import EnginePlan
from server.line import Line
from server.processes import SupervisionSettings, Supervisor
from server.speech_homes import Homes
from server.speech_port import (
    LOADING,
    EngineChange,
    EngineInfo,
    OnSpeechState,
    ProcessInfo,
    Recognised,
    Segment,
    SpeechCounters,
    SpeechFailed,
    SpeechState,
)
from server.speech_wire import (
    VERSION,
    Beat,
    Done,
    Engines,
    Forget,
    Recognise,
    Start,
    Undone,
    Vocabulary,
    decode_control,
    decode_outcomes,
    encode_plan,
    encode_request,
)
from server.wire import Failed, Kind, Ready, WireError

logger = logging.getLogger(__name__)

COMMAND = ("-m", "server.speech_process")
SUPERVISION = SupervisionSettings(silent_checks=240, start_checks=480)
"""An engine may hold the interpreter for seconds, on a busy machine for many; a large model takes a minute or two
to load."""
WITH_SPARE = replace(SUPERVISION, spare_checks=20)
"""The first process has another behind it that has loaded the embedded engine, so that words are back soon."""
ATTEMPTS = 3
"""So many processes may die over one utterance before it is given up."""
CHANGES_KEPT = 20


@dataclass(slots=True, kw_only=True)
class _Asked:
    """A segment that waits or is worked on."""

    segment: Segment
    answer: asyncio.Future[Recognised | None]
    since: float
    attempts: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    """One speech process."""

    number: int
    supervisor: Supervisor
    line: Line | None = None
    ready: bool = False
    jobs: list[Job] = field(default_factory=list)
    """What it works on."""
    request: int = 0
    engines: list[dict[str, Any]] = field(default_factory=list)
    current: int = 0
    fault: str = ""
    up_since: float | None = None
    """Seconds since the epoch."""
    sound_seconds: float = 0.0
    """Sound that it heard first, ..."""
    work_seconds: float = 0.0
    """... and how long it worked, since it is up."""

    @property
    def idle(self) -> bool:
        return self.ready and not self.jobs


class SpeechLink:
    """Fulfils `server.speech_port.Speech`. Use as `async with`; it opens at once, the engines load meanwhile."""

    def __init__(
        self,
        plans: Sequence[EnginePlan],
        *,
        on_state: OnSpeechState,
        processes: int = 0,
        log_level: str = "info",
        command: Sequence[str] = COMMAND,
        supervision: SupervisionSettings | None = None,
        schedule: ScheduleSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            plans: the engines, the best first.
            on_state: called when a process or an engine comes, goes or changes.
            processes: how many; 0: as fits the machine and the engine.
            log_level: of the processes.
            command: what to start with `python`; the file with the words of the office is added to it.
            supervision: how long is too long; None: as usual, with one spare process.
            schedule: who comes first.
            clock: seconds.
        """
        self._plans, self._log_level, self._on_state, self._clock = tuple(plans), log_level, on_state, clock
        count = processes or self._plans[0].processes
        self._scheduler = Scheduler(schedule, workers=count)
        self._note = Path(gettempdir()) / f"atrium-words-{uuid.uuid4().hex}"
        """The words of the office, for a spare process that has not been told anything yet."""
        command = (*command, str(self._note))
        self._workers = [
            self._worker(number, command, supervision or (SUPERVISION if number else WITH_SPARE))
            for number in range(count)
        ]
        self._running: list[asyncio.Task[None]] = []
        self._asked: dict[int, _Asked] = {}
        self._riders: dict[int, int] = {}
        """By the number of a job under way: what waits for the same outcome."""
        self._homes = Homes[_Worker]()
        self._worked: dict[str, float] = {}
        """Seconds of each utterance that were worked on, until its end."""
        self._numbers = itertools.count(1)
        self._vocabulary: tuple[str, ...] = ()
        self._timer: asyncio.TimerHandle | None = None
        self._changes: deque[EngineChange] = deque(maxlen=CHANGES_KEPT)
        self._capabilities = Capabilities()
        self.counters = SpeechCounters()

    async def __aenter__(self) -> Self:
        """Start the processes; does not wait for them."""
        self._note_words()
        for worker in self._workers:
            self._running.append(
                asyncio.create_task(worker.supervisor.run(), name=f"speech process {worker.number}")
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._on_state = lambda state: None
        if self._timer is not None:
            self._timer.cancel()
        for worker in self._workers:
            worker.ready = False
            if worker.line is not None:
                worker.line.close()
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        for asked in self._asked.values():
            asked.answer.cancel()
        self._note.unlink(missing_ok=True)

    # What the office asks

    @property
    def state(self) -> SpeechState:
        """How it is now."""
        best = min(self._workers, key=lambda worker: (not worker.ready, worker.number))
        infos = tuple(self._info(best, number) for number in range(len(best.engines)))
        engine = infos[best.current] if best.ready and infos else LOADING
        if not best.ready and best.fault:
            engine = replace(LOADING, name="none", detail=best.fault)
        return SpeechState(
            up=any(worker.ready for worker in self._workers),
            engine=engine,
            processes=tuple(self._process(worker) for worker in self._workers),
            engines=infos,
            changes=tuple(self._changes),
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the engine at work can do."""
        return self._capabilities

    @property
    def stats(self) -> ScheduleStats:
        """What waits, and how long."""
        return self._scheduler.stats(self._clock())

    def cadence(self) -> float:
        """Seconds between two early captions of one person."""
        return self._scheduler.cadence()

    async def recognise(self, segment: Segment) -> Recognised | None:
        """Recognise a segment; see `server.speech_port.Speech.recognise`.

        Raises:
            SpeechFailed: nobody could, several times.
        """
        answer: asyncio.Future[Recognised | None] = asyncio.get_running_loop().create_future()
        number = next(self._numbers)
        self._asked[number] = asked = _Asked(segment=segment, answer=answer, since=self._clock())
        if segment.urgency is Urgency.FINAL and (same := self._under_way(segment)) is not None:
            self._riders[same] = number  # the very sound is worked on already, since the pause at its end
        elif segment.urgency is Urgency.LIKELY and self._scheduler.hurry(self._clock()):
            answer.set_result(None)  # many a pause goes on as speech: no time for that now
        else:
            self._submit(number, asked)
        try:
            return await answer
        finally:
            self._asked.pop(number, None)

    def forget(self, speaker: str) -> None:
        """Drop what waits of this person."""
        self._homes.forget(speaker)
        self._drop(self._scheduler.forget(speaker))

    def end(self, stream: str) -> None:
        """Nothing more will be asked of this utterance."""
        self._worked.pop(stream, None)
        self._end(stream, self._homes.end(stream))

    def set_vocabulary(self, terms: Sequence[str]) -> None:
        """Names and words of this office, from now on."""
        words = tuple(dict.fromkeys(terms))
        if words == self._vocabulary:
            return
        self._vocabulary = words
        self._note_words()
        for worker in self._workers:
            if worker.ready and worker.line is not None:
                worker.line.control(Vocabulary(words=list(words)))

    def _note_words(self) -> None:
        with open(
            self._note, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)
        ) as note:
            note.write("\n".join(self._vocabulary))

    # What goes to the processes

    def _submit(self, number: int, asked: _Asked) -> None:
        segment, now = asked.segment, self._clock()
        job = Job(
            id=number,
            stream=segment.stream,
            speaker=segment.speaker,
            room=segment.room,
            urgency=segment.urgency,
            seconds=len(segment.samples) / RATE,
            submitted=now,
        )
        self._drop(self._scheduler.submit(job, now))
        self._pump()

    def _under_way(self, segment: Segment) -> int | None:
        """The job that works on the very same sound, if there is one."""
        for worker in self._workers:
            for job in worker.jobs:
                same = job.stream == segment.stream and job.urgency is Urgency.LIKELY
                asked = self._asked.get(job.id)
                if same and asked and len(asked.segment.samples) == len(segment.samples):
                    return job.id
        return None

    def _pump(self) -> None:
        """Give each process that has nothing to do the next of what waits."""
        while idle := [worker for worker in self._workers if worker.idle]:
            batch = self._scheduler.take(self._clock(), self._may)
            if not batch:
                self._wake_later()
                return
            self._send(self._homes.choose(batch[0], idle), batch)

    def _may(self, job: Job) -> bool:
        return self._homes.may(job, incremental=self._capabilities.incremental)

    def _wake_later(self) -> None:
        """Look again when a batch has waited long enough for more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._scheduler.next_due(self._clock(), self._may)
        if due is not None:
            wait = max(0.0, due - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._pump)

    def _send(self, worker: _Worker, batch: list[Job]) -> None:
        assert worker.line is not None
        hurry = self._scheduler.hurry(self._clock())
        worker.jobs, worker.request = batch, next(self._numbers)
        requests = []
        for job in batch:
            segment = self._asked[job.id].segment
            self._end(job.stream, self._homes.note(job, worker))
            requests.append(
                encode_request(
                    Request(
                        samples=segment.samples,
                        stream=segment.stream,
                        speaker=segment.speaker,
                        complete=job.urgency is not Urgency.PARTIAL,
                        language=segment.language,
                        hurry=hurry,
                    )
                )
            )
        worker.line.control(Recognise(number=worker.request, requests=requests))

    def _end(self, stream: str, worker: _Worker | None) -> None:
        """Tell a process, if there is one, that it is asked no more of this utterance."""
        if worker is not None and worker.ready and worker.line is not None:
            worker.line.control(Forget(streams=[stream]))

    def _drop(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            asked = self._asked.get(job.id)
            if asked is not None and not asked.answer.done():
                asked.answer.set_result(None)

    # What comes from them

    def _worker(self, number: int, command: Sequence[str], supervision: SupervisionSettings) -> _Worker:
        async def start(ours: socket.socket) -> None:
            await self._start(worker, ours)

        supervisor = Supervisor(
            f"speech {number}", command, on_start=start, on_end=lambda reason: self._ended(worker, reason),
            settings=supervision,
        )  # fmt: skip
        worker = _Worker(number=number, supervisor=supervisor)
        return worker

    async def _start(self, worker: _Worker, ours: socket.socket) -> None:
        line = Line(
            on_message=lambda kind, payload: self._take(worker, kind, payload),
            on_end=lambda reason: worker.supervisor.condemn(reason or "it hung up"),
        )
        worker.line, worker.ready = line, False
        await asyncio.get_running_loop().create_unix_connection(lambda: line, sock=ours)
        line.control(
            Start(
                version=VERSION,
                plans=[encode_plan(plan) for plan in self._plans],
                vocabulary=list(self._vocabulary),
                log_level=self._log_level,
            )
        )

    def _take(self, worker: _Worker, kind: Kind, payload: memoryview) -> None:
        if kind not in (Kind.CONTROL, Kind.BEAT):
            raise WireError(f"{kind.name} has no place here")
        message = decode_control(payload)
        match message:
            case Beat():
                worker.supervisor.beat()
            case Ready():
                worker.ready, worker.fault, worker.up_since = True, "", time.time()
                if self._vocabulary and worker.line is not None:
                    worker.line.control(Vocabulary(words=list(self._vocabulary)))
                self._changed()
                self._pump()
            case Failed():
                worker.fault = message.text
                worker.supervisor.condemn(message.text)
                self._changed()
            case Engines():
                self._engines(worker, message)
            case Done():
                self._done(worker, message)
            case Undone():
                self._undone(worker, message)
            case _:
                raise WireError(f"{message.NAME} goes the other way")

    def _engines(self, worker: _Worker, message: Engines) -> None:
        before = worker.engines[worker.current]["name"] if worker.engines else ""
        worker.engines, worker.current = message.engines, message.current
        now = message.engines[message.current]
        self._capabilities = Capabilities(
            languages=tuple(now["languages"]),
            batch=now["batch"],
            incremental=now["incremental"],
            vocabulary=now["vocabulary"],
            punctuation=now["punctuation"],
            embedded=now["embedded"],
            agreement=now["agreement"],
            hold_seconds=now["hold_seconds"],
        )
        self._scheduler.set_batch(self._capabilities.batch)
        if message.reason and before != now["name"]:
            logger.warning("another engine", extra={"engine": now["name"], "reason": message.reason})
            self._changes.append(
                EngineChange(at=time.time(), engine=now["name"], instead_of=before, reason=message.reason)
            )
        self._changed()

    def _done(self, worker: _Worker, message: Done) -> None:
        if message.number != worker.request:
            raise WireError("an answer to what was not asked")
        outcomes = decode_outcomes(message.outcomes)
        if len(outcomes) != len(worker.jobs):
            raise WireError("not one outcome for each request")
        jobs, worker.jobs = worker.jobs, []
        now = self._clock()
        self._scheduler.done(jobs, now, message.work_seconds)
        self._note_work(worker, jobs, message.work_seconds)
        for job, outcome in zip(jobs, outcomes, strict=True):
            self._answer(job, outcome, message.engine, now)
        self._pump()

    def _note_work(self, worker: _Worker, jobs: Sequence[Job], work_seconds: float) -> None:
        for job in jobs:
            new = max(0.0, job.seconds - self._worked.get(job.stream, 0.0))
            self._worked[job.stream] = self._worked.get(job.stream, 0.0) + new
            self.counters.sound_seconds += new
            worker.sound_seconds += new
        self.counters.work_seconds += work_seconds
        worker.work_seconds += work_seconds

    def _answer(self, job: Job, outcome: Outcome, engine: str, now: float) -> None:
        for number in filter(None, (job.id, self._riders.pop(job.id, None))):
            asked = self._asked.get(number)
            if asked is None or asked.answer.done():
                continue
            final = asked.segment.urgency is Urgency.FINAL
            if isinstance(outcome, Hypothesis):
                if final:
                    self._count(outcome)
                seconds = now - asked.since
                asked.answer.set_result(Recognised(hypothesis=outcome, engine=engine, seconds=seconds))
            elif final:
                self.counters.failed += 1
                asked.answer.set_exception(SpeechFailed(str(outcome)))
            else:
                asked.answer.set_result(None)

    def _count(self, outcome: Hypothesis) -> None:
        self.counters.recognised += 1
        for one in outcome.suppressed:
            self.counters.suppressed[one.reason] = self.counters.suppressed.get(one.reason, 0) + 1

    def _undone(self, worker: _Worker, message: Undone) -> None:
        if message.number != worker.request:
            raise WireError("an answer to what was not asked")
        worker.supervisor.condemn(message.text)
        self._give_back(worker)

    def _ended(self, worker: _Worker, reason: str) -> None:
        """A process is gone: what it worked on goes to another."""
        worker.ready, worker.line, worker.up_since = False, None, None
        worker.sound_seconds = worker.work_seconds = 0.0
        self._homes.gone(worker)
        self._give_back(worker)
        self._changed()
        self._pump()

    def _give_back(self, worker: _Worker) -> None:
        jobs, worker.jobs, worker.request = worker.jobs, [], 0
        if not jobs:
            return
        again: list[Job] = []
        given_up: list[Job] = []
        for job in jobs:
            asked = self._asked.get(job.id)
            if asked is not None:
                asked.attempts += 1
            (given_up if asked is None or asked.attempts >= ATTEMPTS else again).append(job)
        now = self._clock()
        self._drop(self._scheduler.failed(again, now))
        self._scheduler.abandon(given_up, now)
        for job in jobs:
            rider = self._riders.pop(job.id, None)
            if rider is not None and rider in self._asked:
                self.counters.repeated += 1
                self._submit(rider, self._asked[rider])
        self.counters.repeated += sum(job.urgency is Urgency.FINAL for job in again)
        for job in given_up:
            asked = self._asked.get(job.id)
            if asked is None or asked.answer.done():
                continue
            if job.urgency is not Urgency.FINAL:
                asked.answer.set_result(None)
                continue
            self.counters.failed += 1
            asked.answer.set_exception(SpeechFailed(f"{ATTEMPTS} processes ended over this utterance"))

    # For the screen

    def _changed(self) -> None:
        self._on_state(self.state)

    def _info(self, worker: _Worker, number: int) -> EngineInfo:
        known, plan = worker.engines[number], self._plans[number]
        stands_in = number == worker.current and number > 0
        return EngineInfo(
            name=plan.label,
            detail=known["detail"],
            embedded=plan.embedded,
            languages=tuple(known.get("languages", ())),
            ready=known["ready"],
            fault=known.get("fault", ""),
            stands_in_for=self._plans[0].label if stands_in else "",
            reason=self._changes[-1].reason if stands_in and self._changes else plan.why,
        )

    def _process(self, worker: _Worker) -> ProcessInfo:
        return ProcessInfo(
            up=worker.ready,
            pid=worker.supervisor.pid,
            restarts=worker.supervisor.restarts,
            engine=self._plans[worker.current].label if worker.engines else "",
            device=self._plans[worker.current].device if worker.engines else "",
            up_since=worker.up_since,
            real_time_factor=worker.work_seconds / worker.sound_seconds if worker.sound_seconds else None,
        )
