"""The office's counters in Prometheus' text form, and how its parts are in words."""

from __future__ import annotations

from typing import Any

from media.schedule import Urgency
from media.suppression import Reason
from server.flows.listening import Listening
from server.flows.privacy import Privacy
from server.office import Office
from server.sound_port import COUNTED, GAUGES, Sound
from server.speech_port import LOADING, Speech
from server.spool import Spool
from server.ticker import Ticker
from server.workers import Workers


def metrics(
    office: Office,
    sound: Sound,
    ticker: Ticker,
    workers: Workers,
    speech: Speech,
    listening: Listening,
    spool: Spool,
    privacy: Privacy,
) -> str:
    """All counters, as /metrics gives them."""
    counters, state = sound.counters, sound.state
    values: dict[str, Any] = {
        "atrium_participants": len(office.room.participants),
        "atrium_sessions": len(office.sessions),
        "atrium_room_late_ticks_total": ticker.late_ticks,
        "atrium_room_faults_total": ticker.faults,
        "atrium_sound_up": int(state.up),
        "atrium_sound_restarts_total": max(0, state.epoch - 1),
        **{f"atrium_sound_{name}": getattr(counters, name) for name in GAUGES},
        **{f"atrium_sound_{name}_total": getattr(counters, name) for name in COUNTED},
        "atrium_model_calls_waiting": workers.waiting,
        "atrium_model_restarts_total": workers.restarts,
        "atrium_utterances_failed_total": listening.failed,
        **_speech(speech, listening, spool),
        "atrium_recordings_failed_total": privacy.unkept,
        "atrium_outbox_dropped_total": sum(s.outbox.dropped for s in office.sessions.values()),
    }
    lines = []
    for name, value in values.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# TYPE {name} {kind}", f"{name} {value}"]
    return "\n".join(lines) + "\n"


def _speech(speech: Speech, listening: Listening, spool: Spool) -> dict[str, Any]:
    stats, counters, delays = speech.stats, speech.counters, listening.captions.delays
    return {
        "atrium_speech_up": int(speech.state.up),
        "atrium_speech_restarts_total": sum(process.restarts for process in speech.state.processes),
        "atrium_speech_recognised_total": counters.recognised,
        "atrium_speech_failed_total": counters.failed,
        "atrium_speech_repeated_total": counters.repeated,
        "atrium_speech_sound_seconds_total": round(counters.sound_seconds, 3),
        "atrium_speech_work_seconds_total": round(counters.work_seconds, 3),
        **{f"atrium_speech_waiting_{urgency.name.lower()}": stats.depth[urgency] for urgency in Urgency},
        "atrium_speech_running": stats.running,
        "atrium_speech_oldest_waiting_seconds": round(stats.oldest, 3),
        "atrium_speech_load": round(stats.load, 3),
        "atrium_speech_cadence_seconds": round(stats.cadence, 3),
        "atrium_speech_final_wait_p50_seconds": round(stats.wait_p50, 3),
        "atrium_speech_final_wait_p99_seconds": round(stats.wait_p99, 3),
        "atrium_speech_final_p50_seconds": round(delays.p50 or 0.0, 3),
        "atrium_speech_final_p99_seconds": round(delays.p99 or 0.0, 3),
        **{f"atrium_speech_dropped_{reason}_total": count for reason, count in stats.dropped.items()},
        **{f"atrium_speech_suppressed_{reason}_total": counters.suppressed.get(reason, 0) for reason in Reason},
        "atrium_spool_waiting": spool.counters.waiting,
        "atrium_spool_bytes": spool.counters.bytes,
        "atrium_spool_lost_total": spool.counters.lost,
        "atrium_spool_unreadable_total": spool.counters.unreadable,
        "atrium_spool_failed_total": listening.unspooled,
    }


def speech_in_words(speech: Speech) -> str:
    """How recognition is, as /healthz says it: begins with "ok" when it is up."""
    state = speech.state
    if not state.up:
        return "ok (loading)" if state.engine == LOADING else f"down: {state.engine.detail}"
    stands_in = f", standing in for {state.engine.stands_in_for}" if state.engine.stands_in_for else ""
    return f"ok ({state.engine.name}{stands_in})"


def sound_in_words(sound: Sound) -> str:
    """How the sound is, as /healthz says it: begins with "ok" when it is up."""
    state = sound.state
    if state.up:
        return f"ok ({state.path}, {state.load})"
    reason = state.detail.get("reason")
    return f"restarting: {reason}" if reason else "restarting"
