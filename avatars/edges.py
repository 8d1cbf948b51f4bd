"""Where clauses end: dates and words that close a sentence, and pieces too small to be a clause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from avatars import dates
from avatars.names import tag
from avatars.recognizer import Present
from avatars.words import CONNECTORS, MONTHS, WEEKDAYS, Token


def is_full_stop(word: str) -> bool:
    """Words that end what people say ("went well", "is done", "thanks")."""
    return word in (
        "well",
        "done",
        "fine",
        "thanks",
        "ready",
        "finished",
        "good",
        "great",
        "okay",
        "late",
        "weekend",
    )


def is_date_end(tags: Sequence[str], index: int) -> bool:
    """Whether a date stands right in front of `index`."""
    before = tags[index - 1]
    if before in WEEKDAYS or before in MONTHS or before in ("tomorrow", "today", "tonight", "noon", "morning"):
        return True
    return before in ("week", "month", "quarter", "year", "weeks", "days", "day", "afternoon", "evening") or (
        before[:-2].isdecimal() or before.endswith(("teenth", "tieth"))
    )


def is_date(tags: Sequence[str], index: int) -> bool:
    return tags[index] in WEEKDAYS or (
        tags[index] in ("the", "this", "end")
        and any(word in ("week", "month", "day", "quarter", "year") for word in tags[index + 1 : index + 4])
    )


def join_rests(clauses: list[tuple[Token, ...]], present: Sequence[Present]) -> list[tuple[Token, ...]]:
    """Put pieces that are only a date, only connectors, or a name called, to the clause they belong to."""
    joined: list[tuple[Token, ...]] = []
    carry: tuple[Token, ...] = ()
    for clause in clauses:
        clause = (*carry, *clause)
        carry = ()
        words = tag([token.norm for token in clause], present)
        content = [word for word in words if word not in CONNECTORS and word not in ("please", "maybe")]
        ended = clause[-1].stop in (".", "?", "!")
        if not content or all(word.startswith("@") for word in content):
            if joined and ended:
                joined[-1] = (*joined[-1], *clause)
            else:
                carry = clause
        elif joined and _only_date(words) and joined[-1][-1].stop not in (".", "?", "!"):
            joined[-1] = (*joined[-1], *clause)
        else:
            joined.append(clause)
    if carry:
        if joined:
            joined[-1] = (*joined[-1], *carry)
        else:
            joined.append(carry)
    return joined


def _only_date(words: Sequence[str]) -> bool:
    inside = [word for word in words if word not in CONNECTORS]
    found = dates.find(inside, datetime(2026, 1, 1))
    return len(found) == 1 and found[0].end - found[0].start >= len(inside) - 1
