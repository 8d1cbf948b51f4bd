"""Task and TaskDraft: what, for whom, until when, from which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from workflows.errors import TaskError
from workflows.run import Data, Run

TaskId = NewType("TaskId", str)

TEXT_LIMIT = 500
"""Longest task text, in characters."""
NAME_LIMIT = 80
"""Longest owner name, in characters."""
WORDS_LIMIT = 2000
"""Longest source quotation, in characters."""
EDITABLE = frozenset({"text", "owner_id", "owner_name", "due", "due_phrase"})
"""The fields that the event `edit` may carry."""
LATER = "said_later"
"""Carried by an `edit` or a `drop` of whoever heard the task beside them: the words that say so."""
DROP = "drop"
"""The event by which whoever heard a task takes it back, because people did."""


class TaskState(StrEnum):
    """Where a task stands."""

    PROPOSED = "proposed"
    """Heard in what was said; no person has looked at it yet."""
    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"
    OVERDUE = "overdue"
    REJECTED = "rejected"
    """A proposal that was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words that were said, and where."""

    utterance: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """A task before it exists.

    Raises:
        TaskError: the text is empty or too long, or a confidence is not in [0, 1].
    """

    text: str
    owner_id: str | None = None
    owner_name: str | None = None
    due: date | None = None
    due_phrase: str | None = None
    source_utterance: str | None = None
    source_words: str = ""
    confidence: float = 1.0
    """How sure the recognizer was, 0 to 1; 1 where a person wrote the task."""
    heard_with: float | None = None
    """The same before the office's own verdicts corrected it; None: they did not."""
    meeting_id: str | None = None
    created_by: str = ""
    """Id of the participant who noted it: a person or an avatar."""
    proposed: bool = False
    """Whether a person has to look at it before it counts."""
    later: tuple[Quote, ...] = ()
    """What was said of it later, and made it what it is."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))
        object.__setattr__(self, "owner_name", clean_name(self.owner_name))
        object.__setattr__(self, "source_words", self.source_words[:WORDS_LIMIT])
        for name, value in (("confidence", self.confidence), ("heard_with", self.heard_with)):
            if value is not None and not 0.0 <= value <= 1.0:
                raise TaskError(name, f"must lie between 0 and 1, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The fields of a task as a colleague heard them."""

    text: str
    owner_id: str | None
    due: date | None


class Verdict(StrEnum):
    """What people made of a task that was heard."""

    WAITING = "waiting"
    KEPT = "kept"
    """As it was heard."""
    CHANGED = "changed"
    """Other words, another owner or another day."""
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work for someone: the readable side of a run of `action_item`."""

    id: TaskId
    text: str
    owner_id: str | None
    owner_name: str | None
    due: date | None
    due_phrase: str | None
    state: TaskState
    source_words: str
    source_utterance: str | None
    confidence: float
    meeting_id: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int
    heard_with: float | None = None
    """The confidence before the office's own verdicts corrected it; None: they did not."""
    heard: Heard | None = None
    """What the colleague made of what it heard; None where a person wrote the task, and for tasks of before."""
    later: tuple[Quote, ...] = ()
    """What was said of it later, and made it what it is; without what was erased."""
    dropped: bool = False
    """Rejected because people said that it is not to be done after all, not because it was no task."""

    @property
    def heard_confidence(self) -> float:
        """The confidence as it was heard, whether it was corrected or not."""
        return self.confidence if self.heard_with is None else self.heard_with

    @property
    def verdict(self) -> Verdict | None:
        """What people made of a task that was heard; None where none was."""
        if self.heard is None:
            return None
        if self.state is TaskState.REJECTED:
            return Verdict.WAITING if self.dropped else Verdict.REJECTED
        if self.heard != Heard(text=self.text, owner_id=self.owner_id, due=self.due):
            return Verdict.CHANGED
        return Verdict.WAITING if self.state is TaskState.PROPOSED else Verdict.KEPT


def clean_text(text: str) -> str:
    """Join the words of a task text by single spaces.

    Raises:
        TaskError: nothing is left, or it is longer than TEXT_LIMIT.
    """
    cleaned = " ".join(text.split())
    if not cleaned:
        raise TaskError("text", "a task needs a text; say what is to be done")
    if len(cleaned) > TEXT_LIMIT:
        raise TaskError("text", f"at most {TEXT_LIMIT} characters, this has {len(cleaned)}; shorten it")
    return cleaned


def clean_name(name: str | None) -> str | None:
    """Join the words of a name by single spaces; nothing left counts as no name.

    Raises:
        TaskError: it is longer than NAME_LIMIT.
    """
    cleaned = " ".join((name or "").split())
    if len(cleaned) > NAME_LIMIT:
        raise TaskError("owner_name", f"at most {NAME_LIMIT} characters, this has {len(cleaned)}; shorten it")
    return cleaned or None


def draft_data(draft: TaskDraft) -> Data:
    """Write a draft as the data a new run of `action_item` starts with."""
    return {
        "text": draft.text,
        "owner_id": draft.owner_id,
        "owner_name": draft.owner_name,
        "due": draft.due.isoformat() if draft.due else None,
        "due_phrase": draft.due_phrase,
        "source_utterance": draft.source_utterance,
        "source_words": draft.source_words,
        "confidence": draft.confidence,
        "heard_with": draft.heard_with,
        "meeting_id": draft.meeting_id,
        "created_by": draft.created_by,
        "proposed": draft.proposed,
        "heard": _heard_data(draft.text, draft.owner_id, draft.due) if draft.source_words else None,
        "accepted": False,
        "missed": None,
        LATER: _quotes_data(draft.later) or None,
    }


def heard_again(data: Data, later: object) -> Data:
    """Give the data with its fields as what was heard: the colleague that heard the task has changed it.

    Args:
        data: a run's data.
        later: `later_data` of what was said, or None.

    Raises:
        TaskError: `later` is something else.
    """
    return {**said_later(data, later), "heard": {name: data.get(name) for name in ("text", "owner_id", "due")}}


def later_data(utterance: str, words: str) -> list[Data]:
    """Write words that were said of a task later as an event carries them."""
    return _quotes_data((Quote(utterance=utterance, words=words),))


def said_later(data: Data, later: object) -> Data:
    """Give the data with more words that were said of the task.

    Raises:
        TaskError: `later` is neither None nor a list of `later_data`.
    """
    if later is None:
        return data
    return {**data, LATER: [*_quotes_data(_quotes(data.get(LATER))), *_quotes_data(_quotes(later))]}


def edited(data: Data, changes: Mapping[str, object]) -> Data:
    """Give the data with the fields of an `edit` set.

    Args:
        data: a run's data.
        changes: any of EDITABLE; `due` as a date, an ISO string or None.

    Raises:
        TaskError: an unknown field, or a value that cannot be taken.
    """
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise TaskError(unknown[0], f"cannot be edited; editable are {', '.join(sorted(EDITABLE))}")
    result = dict(data)
    for field, value in changes.items():
        if field == "due":
            result["due"] = _due_text(value)
        elif value is not None and not isinstance(value, str):
            raise TaskError(field, f"must be a text, not {type(value).__name__}")
        elif field == "text":
            result["text"] = clean_text(value or "")
        elif field == "owner_name":
            result["owner_name"] = clean_name(value)
        else:
            result[field] = value
    if result["due"] != data.get("due") and "due_phrase" not in changes:
        result["due_phrase"] = None
    return result


def task_of(run: Run) -> Task:
    """Read a run of `action_item` as a task."""
    data = run.data
    due = data.get("due")
    return Task(
        id=TaskId(run.id),
        text=str(data["text"]),
        owner_id=_text(data.get("owner_id")),
        owner_name=_text(data.get("owner_name")),
        due=date.fromisoformat(str(due)) if due else None,
        due_phrase=_text(data.get("due_phrase")),
        state=TaskState(run.state),
        source_words=str(data.get("source_words") or ""),
        source_utterance=_text(data.get("source_utterance")),
        confidence=_number(data.get("confidence")),
        meeting_id=_text(data.get("meeting_id")),
        created_by=str(data.get("created_by") or ""),
        created_at=run.created_at,
        updated_at=run.updated_at,
        version=run.version,
        heard_with=_number(data["heard_with"]) if data.get("heard_with") is not None else None,
        heard=_heard(data.get("heard")),
        later=_quotes(data.get(LATER)),
        dropped=bool(data.get("dropped")),
    )


def _heard_data(text: str, owner_id: str | None, due: date | None) -> Data:
    return {"text": text, "owner_id": owner_id, "due": due.isoformat() if due else None}


def _heard(value: object) -> Heard | None:
    if not isinstance(value, Mapping):
        return None
    due = value.get("due")
    return Heard(
        text=str(value.get("text") or ""),
        owner_id=_text(value.get("owner_id")),
        due=date.fromisoformat(str(due)) if due else None,
    )


def _quotes_data(quotes: tuple[Quote, ...]) -> list[Data]:
    return [{"utterance": quote.utterance, "words": quote.words[:WORDS_LIMIT]} for quote in quotes]


def _quotes(value: object) -> tuple[Quote, ...]:
    """Those whose words were not erased."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise TaskError(LATER, "must be a list of what was said: utterance and words of each")
    quotes = (Quote(utterance=str(one.get("utterance") or ""), words=str(one.get("words") or "")) for one in value)
    return tuple(quote for quote in quotes if quote.words)


def _due_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise TaskError("due", f"{value!r} is not a date; write it as YYYY-MM-DD") from None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
