"""What a colleague understood of one clause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class IntentKind(StrEnum):
    """What a clause is for."""

    ACTION_ITEM = "action_item"
    """Somebody takes on, or is given, work that is still to be done."""
    DECISION = "decision"
    """The room has settled something."""
    QUESTION = "question"
    """Somebody wants to know something."""
    REQUEST = "request"
    """A colleague is asked by name to do something now ("Ada, what are the open tasks?")."""
    NONE = "none"
    """Talk: news, opinions, wishes, jokes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One clause of an utterance, and what was meant by it."""

    kind: IntentKind
    confidence: float
    """How sure the recogniser is of `kind`, 0..1."""
    text: str
    """The words of the clause as they stand in the utterance."""
    span: tuple[int, int]
    """Character offsets of `text` in the utterance's text."""
    what: str = ""
    """Clean text: "Send the budget to finance", or the sentence of a decision."""
    owner: str | None = None
    """Participant id of whoever takes it; None when nobody was named or the person is not here."""
    owner_name: str | None = None
    """The owner's name: of the person present, or as it was said. Two owners: "Bo and Lin"."""
    due: date | None = None
    """Day it is due in the office's time zone; None when nothing was said or it stays unclear."""
    due_phrase: str | None = None
    """The words about the date, kept also where they could not be resolved."""
    addressed: bool = False
    """Whether the clause calls the listening colleague by name."""
    heard_with: float | None = None
    """The confidence before it was corrected by what people of this office said of others; None: it was not."""
