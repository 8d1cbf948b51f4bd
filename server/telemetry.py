"""The office's counters in Prometheus' text form, and how its parts are in words."""

from __future__ import annotations

from typing import Any

from server.flows.conversation import Conversation
from server.office import Office
from server.sound_port import COUNTED, GAUGES, Sound
from server.ticker import Ticker
from server.workers import Workers


def metrics(office: Office, sound: Sound, ticker: Ticker, workers: Workers, conversation: Conversation) -> str:
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
        "atrium_utterances_failed_total": conversation.failed,
        "atrium_outbox_dropped_total": sum(s.outbox.dropped for s in office.sessions.values()),
    }
    lines = []
    for name, value in values.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# TYPE {name} {kind}", f"{name} {value}"]
    return "\n".join(lines) + "\n"


def sound_in_words(sound: Sound) -> str:
    """How the sound is, as /healthz says it: begins with "ok" when it is up."""
    state = sound.state
    if state.up:
        return f"ok ({state.path}, {state.load})"
    reason = state.detail.get("reason")
    return f"restarting: {reason}" if reason else "restarting"
