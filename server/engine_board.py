"""Which engines are at work, as the screens say it: in the room, at the entrance and on the owners' page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from avatars.mind import Mind
from avatars.speech import Voice
from media.schedule import Urgency
from server.api.speech_view import (
    EngineUse,
    EngineView,
    FallbackView,
    ProcessView,
    QueueView,
    SpeechView,
    SpeedView,
)
from server.engines import Engine, EnginePlan
from server.flows.listening import Listening
from server.office import Office
from server.processes import memory_of
from server.protocol import messages as m
from server.speech_port import LOADING, EngineInfo, Speech, SpeechState
from server.spool import Spool

_LICENCES = {Engine.EMBEDDED: "BSD-2-Clause", Engine.WHISPER: "MIT", Engine.TORCH: "MIT"}


class EngineBoard:
    """Tells everybody when another engine is at work."""

    def __init__(self, office: Office, voice: Voice, plans: Sequence[EnginePlan], mind: Mind | None) -> None:
        """Nothing is loaded yet."""
        self._office, self._plans = office, tuple(plans)
        self._voice = {"name": voice.name, "embedded": voice.embedded}
        self._mind = {"name": mind.model, "host": mind.host} if mind is not None else None
        self._engine: EngineInfo = LOADING
        self._since = office.wall().timestamp()

    @property
    def recognizer(self) -> EngineInfo:
        """Which one is at work."""
        return self._engine

    def changed(self, state: SpeechState) -> None:
        """A process or an engine came, went or changed."""
        if state.engine != self._engine:
            self._engine = state.engine
            self._office.broadcast(m.EngineState(engine=self.record()))

    def engines(self) -> dict[str, object]:
        """For the lobby, where anybody may look."""
        return {"recognizer": asdict(self._engine), "voice": self._voice}

    def record(self) -> dict[str, object]:
        """For `welcome`: also who sums up meetings, and where the words go for it."""
        return self.engines() | {"mind": self._mind}

    def view(self, speech: Speech, listening: Listening, spool: Spool, language: str) -> SpeechView:
        """For the owners' page."""
        state, stats, counters = speech.state, speech.stats, speech.counters
        return SpeechView(
            engines=[self._engine_view(state, number) for number in range(len(self._plans))],
            processes=[
                ProcessView(
                    index=number,
                    pid=process.pid,
                    up=process.up,
                    engine=process.engine,
                    device=process.device,
                    memory_mb=_megabytes(memory_of(process.pid)),
                    restarts=process.restarts,
                    up_since=process.up_since,
                    real_time_factor=process.real_time_factor,
                )
                for number, process in enumerate(state.processes)
            ],
            speed=SpeedView(
                real_time_factor=counters.realtime_factor or None,
                wait_p50_ms=_ms(stats.wait_p50),
                wait_p99_ms=_ms(stats.wait_p99),
                final_p50_ms=_ms(listening.captions.delays.p50),
                final_p99_ms=_ms(listening.captions.delays.p99),
                first_word_p50_ms=_ms(listening.captions.delays.word_p50),
                finals=listening.captions.delays.count,
            ),
            queue=QueueView(
                final=stats.depth[Urgency.FINAL],
                likely=stats.depth[Urgency.LIKELY],
                partial=stats.depth[Urgency.PARTIAL],
                running=stats.running,
                oldest_seconds=stats.oldest,
                load=stats.load,
                cadence_seconds=stats.cadence,
                hurry=stats.hurry,
                dropped={reason.value: count for reason, count in stats.dropped.items()},
                on_disk=spool.counters.waiting,
                lost=spool.counters.lost + listening.failed,
            ),
            suppressed={reason.value: count for reason, count in counters.suppressed.items()},
            fallbacks=self._fallbacks(state),
            since=self._since,
            language=language,
        )

    def _engine_view(self, state: SpeechState, number: int) -> EngineView:
        plan = self._plans[number]
        known = state.engines[number] if number < len(state.engines) else None
        return EngineView(
            name=plan.engine.value,
            label=known.detail if known else plan.label,
            use=_use(state, known),
            primary=number == 0,
            model=plan.model_name or plan.address,
            version=plan.version,
            licence=_LICENCES.get(plan.engine, ""),
            device=plan.address or plan.device,
            compute=plan.compute_type,
            why=plan.why,
        )

    def _fallbacks(self, state: SpeechState) -> list[FallbackView]:
        return [
            FallbackView(at=change.at, engine=change.engine, instead_of=change.instead_of, reason=change.reason)
            for change in reversed(state.changes)
        ]


def _use(state: SpeechState, known: EngineInfo | None) -> EngineUse:
    if known is None:
        return "loading"
    if state.up and known == state.engine:
        return "working"
    return "ready" if known.ready else "failed" if known.fault else "loading"


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)


def _megabytes(size: int | None) -> float | None:
    return None if size is None else round(size / 1e6, 1)
