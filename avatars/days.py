"""One date in a clause: what is near today, then the rules for weekdays, periods, amounts and dates.

The conventions stand in `avatars.dates`, which knows where such words are a deadline at all.
"""

from __future__ import annotations

from datetime import date, timedelta

from avatars.absolute import absolute, day_of_month, holiday, numeric_day
from avatars.amounts import amount
from avatars.date_words import AFTER_DATE, EVENTS, VAGUE, coming, read_clock
from avatars.periods import day_of_period, period_at, period_edge
from avatars.weekdays import weekday_at, weekday_of_month
from avatars.words import WEEKDAYS

_NEAR_BY_DAYS = {
    2: ("the day after tomorrow, day after tomorrow, the morning after tomorrow"),
    1: ("tomorrow, the end of tomorrow, end of tomorrow, first thing tomorrow, first thing in the morning"),
    0: (
        "right after lunch, after lunch, "
        "today, tonight, this morning, this afternoon, this evening, the end of the day, the end of "
        "today, end of the day, end of day, end of today, end of business, the end of business, close of "
        "business, close of play, eod, cob, eob, e o d, day's end, later today, the end of this day, the "
        "end of the working day"
    ),
}
_NEAR = tuple(
    sorted(
        ((phrase, days) for days, phrases in _NEAR_BY_DAYS.items() for phrase in phrases.split(", ")),
        key=lambda item: -len(item[0]),
    )
)


def _near(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    for phrase, days in _NEAR:
        parts = phrase.split()
        if words[index : index + len(parts)] == parts:
            end = index + len(parts)
            if words[end : end + 1] and words[end] in WEEKDAYS and days == 0:
                continue
            if words[end : end + 1] == ["tomorrow"] and days == 0:
                return end + 1, today + timedelta(days=1)
            if (
                words[end : end + 1] == ["on"]
                and words[end + 1 : end + 2]
                and words[end + 1] in WEEKDAYS
                and days == 0
            ):
                return end + 2, coming(today, WEEKDAYS.index(words[end + 1]))
            behind = end + (words[end : end + 1] == ["on"])
            if (
                days == 0
                and behind > end
                and (exact := day_of_month(words, behind, today, ["on"]) or absolute(words, behind, today, ["on"]))
            ):
                return exact
            return end, today + timedelta(days=days)
    if lead[-1:] in (["by"], ["before"], ["until"], ["at"]):
        clock = read_clock(words, index)
        if clock is not None and (
            clock >= len(words) or words[clock] not in ("percent", "people", "days", "euros")
        ):
            return clock, None if _day_follows(words, clock) else today
    return None


def _day_follows(words: list[str], end: int) -> bool:
    return any(word in WEEKDAYS or word == "tomorrow" for word in words[end : end + 3])


_RULES = (
    numeric_day, holiday, _near, weekday_of_month, day_of_period, weekday_at, period_edge, amount, day_of_month,
    absolute, period_at,
)  # fmt: skip


def read_day(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """The date itself: (end, day), or None where none begins."""
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
