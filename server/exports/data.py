"""Tasks as JSON for other programs: ISO dates and instants."""

from __future__ import annotations

import json

from server.exports.record import MeetingRecord
from workflows.task import Task


def tasks_json(record: MeetingRecord) -> str:
    """Write a meeting's tasks with the meeting they came from."""
    document = {
        "meeting": {
            "id": record.id,
            "title": record.title,
            "started_at": record.started_at.isoformat(),
            "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        },
        "tasks": [_task(task) for task in record.tasks],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _task(task: Task) -> dict[str, object]:
    return {
        "id": task.id,
        "text": task.text,
        "owner_id": task.owner_id,
        "owner_name": task.owner_name,
        "due": task.due.isoformat() if task.due else None,
        "due_phrase": task.due_phrase,
        "state": task.state.value,
        "confidence": task.confidence,
        "source_words": task.source_words,
        "source_utterance": task.source_utterance,
        "said_later": [{"utterance": quote.utterance, "words": quote.words} for quote in task.later],
        "created_by": task.created_by,
        "created_at": task.created_at.isoformat(),
        "updated_at": task.updated_at.isoformat(),
        "version": task.version,
    }
