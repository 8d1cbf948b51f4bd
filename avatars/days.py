"""One date in a clause: what is near today, then the rules for weekdays, periods, amounts and dates.

The conventions stand in `avatars.dates`, which knows where such words are a deadline at all.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from avatars.absolute import absolute, day_of_month, holiday, numeric_day
from avatars.amounts import amount
from avatars.date_words import AFTER_DATE, EVENTS, PARTS, VAGUE, day_name
from avatars.near import near
from avatars.offsets import offset
from avatars.periods import day_of_period, period_at, period_edge
from avatars.verbs import is_base, word_set
from avatars.weekdays import weekday_at, weekday_of_month


def _later_today(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "I will call in the evening"; a habit without "will" is no day."""
    if lead[-1:] != ["in"] or words[index : index + 2] not in (["the", "evening"], ["the", "afternoon"]):
        return None
    mine = any(word in ("i", "we") and is_base(after) for word, after in pairwise(words))
    if (not mine and _COMING_UP.isdisjoint(words)) or any(
        day_name(word) is not None or word == "tomorrow" for word in words
    ):
        return None
    return index + 2, today


_COMING_UP = word_set("will shall can could let please")


def _end_of_day(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "the end of Friday", "close on the 15th", "the morning of the 5th"."""
    at = index + (words[index] == "the")
    if words[at : at + 2] not in (["end", "of"], ["close", "of"], ["close", "on"]) and (
        at == index or words[at : at + 1] == [] or words[at] not in PARTS or words[at + 1 : at + 2] != ["of"]
    ):
        return None
    return weekday_at(words, at + 2, today, ["by"]) or day_of_month(words, at + 2, today, ["by"])


def _from_another(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    return offset(words, index, today, read_day)


def _near(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    return near(words, index, today, lead, read_day)


_RULES = (
    numeric_day, holiday, _near, _later_today, _from_another, weekday_of_month, day_of_period, weekday_at,
    period_edge, amount, day_of_month, absolute, period_at, _end_of_day,
)  # fmt: skip


def read_day(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """The date itself: (end, day), or None where none begins."""
    if index >= len(words):
        return None
    for rule in _RULES:
        if result := rule(words, index, today, lead):
            return result
    return _unresolved(words, index, lead)


def _unresolved(words: list[str], index: int, lead: list[str]) -> tuple[int, date | None] | None:
    """Words about a time that no calendar resolves."""
    for phrase in VAGUE:
        parts = [*lead, *words[index : index + 6]]
        wanted = phrase.split()
        if parts[: len(wanted)] == wanted and len(wanted) > len(lead):
            return index + len(wanted) - len(lead), None
    if lead[-1:] in (["before"], ["by"], ["until"], ["till"]):
        for end in range(index + 1, min(index + 5, len(words) + 1)):
            if words[end - 1] in EVENTS and (end >= len(words) or words[end] in AFTER_DATE):
                return end, None
    return None
