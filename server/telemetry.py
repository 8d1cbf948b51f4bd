"""The office's counters in Prometheus' text form."""

from __future__ import annotations

from typing import Any

from server.flows.conversation import Conversation
from server.office import Office
from server.sound import SoundEngine
from server.ticker import Ticker
from server.workers import Workers


def metrics(
    office: Office, sound: SoundEngine, ticker: Ticker, workers: Workers, conversation: Conversation
) -> str:
    """All counters, as /metrics gives them."""
    counters = sound.counters
    values: dict[str, Any] = {
        "atrium_participants": len(office.room.participants),
        "atrium_sessions": len(office.sessions),
        "atrium_room_late_ticks_total": ticker.late_ticks,
        "atrium_room_faults_total": ticker.faults,
        "atrium_sound_peers": counters.peers,
        "atrium_sound_ticks_total": counters.ticks,
        "atrium_sound_late_ticks_total": counters.late_ticks,
        "atrium_sound_skipped_ticks_total": counters.skipped_ticks,
        "atrium_sound_dropped_frames_total": counters.dropped_frames,
        "atrium_sound_missed_frames_total": counters.missed_frames,
        "atrium_sound_faults_total": counters.faults,
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
