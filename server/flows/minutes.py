"""What was said in a meeting is kept; the one place where an utterance becomes a record."""

from __future__ import annotations

from media.utterance import Utterance
from server.records import Records


async def keep(records: Records, meeting_id: str, utterance: Utterance) -> bool:
    """Write an utterance into a meeting's transcript; the same one twice is kept once. True where it is new."""
    return await records.append_utterance(
        meeting_id,
        id=utterance.id,
        speaker_id=utterance.speaker,
        speaker_name=utterance.speaker_name,
        text=utterance.text,
        started_at=utterance.started_at,
        seconds=utterance.seconds,
        engine=utterance.engine,
        words=utterance.words,
        language=utterance.language,
    )
