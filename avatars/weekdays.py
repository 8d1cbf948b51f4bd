"""Weekdays: "next Friday", "Monday week", "the last Friday of the month"."""

from __future__ import annotations

from datetime import date, timedelta

from avatars.absolute import absolute, day_of_month
from avatars.date_words import PARTS, add_months, coming, day_name, ends_there, in_week, month_end, read_ordinal
from avatars.periods import named_period
from avatars.words import WEEKDAYS


def weekday_at(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    qualifier = ""
    at = index
    if words[at : at + 1] == ["the"] and words[at + 2 : at + 4] == ["after", "next"]:
        at += 1
    if words[at : at + 2] in (["early", "on"], ["first", "thing"]):
        at += 2
    at += words[at : at + 1] == ["on"] and at > index
    at += words[at : at + 1] == ["the"] and (
        words[at + 1 : at + 2] in (["coming"], ["following"], ["next"]) or _is_the_weekday(words, at, lead)
    )
    if words[at : at + 1] and words[at] in ("this", "next", "coming", "following"):
        qualifier, at = words[at], at + 1
    if at >= len(words):
        return None
    weekday = (
        day_name(words[at])
        if words[at] not in _DOUBTFUL
        else _doubtful(words, at, qualifier or "".join(lead[-1:]))
    )
    if weekday is None:
        return None
    if words[at] not in WEEKDAYS and words[at].removesuffix("s") in WEEKDAYS and lead[-1:] in ([], ["on"]):
        return None  # "on Fridays" is a habit, not a day
    end = at + 1
    if words[end : end + 2] == ["after", "next"]:
        return end + 2, in_week(today, weekday, 2)
    day = coming(today, weekday)
    if qualifier == "next" or words[end : end + 2] == ["next", "week"]:
        day = in_week(today, weekday, 1)
    elif qualifier == "this" and weekday == today.weekday():
        day = today
    for tail in (
        ["next", "week"],
        ["of", "next", "week"],
        ["in", "next", "week"],
        ["this", "week"],
        ["of", "this", "week"],
    ):
        if words[end : end + len(tail)] == tail:
            weeks = 1 if "next" in tail else 0
            return end + len(tail), in_week(today, weekday, weeks)
    if words[end : end + 3] == ["in", "two", "weeks"]:
        return end + 3, in_week(today, weekday, 2)
    if words[end : end + 1] in (["week"], ["fortnight"]):
        return end + 1, day + timedelta(weeks=1 if words[end] == "week" else 2)
    if words[end : end + 1] != [] and words[end].isdecimal() and ends_there(words, end + 1):
        day = _matching(today, weekday, int(words[end])) or day
        return end + (day.day == int(words[end])), day
    after = end
    while words[after : after + 1] and words[after] in PARTS:
        after += 1
    after += words[after : after + 1] == ["on"]
    if exact := (day_of_month(words, after, today, ["on"]) or absolute(words, after, today, ["on"])):
        return exact
    return end, day


_DOUBTFUL = {"mon": 0, "wed": 2, "sat": 5, "sun": 6}
"""Short days that are other words, too."""


def _doubtful(words: list[str], at: int, before: str) -> int | None:
    """ "by wed", "next mon": a day where a word leads to it and nothing that it could belong to follows."""
    leads = ("by", "until", "till", "before", "due", "next") + (() if words[at] == "sun" else ("on", "this"))
    return (
        _DOUBTFUL[words[at]] if before in leads and (ends_there(words, at + 1) or words[at + 1] in PARTS) else None
    )


def _is_the_weekday(words: list[str], at: int, lead: list[str]) -> bool:
    """ "on the Monday": but not "the Monday meeting" or "the Monday after the launch"."""
    end = at + 2
    if lead[-1:] not in (["on"], ["in"], ["by"], ["before"], ["until"]) or words[at + 1 : end] == []:
        return False
    if words[at + 1] not in WEEKDAYS or words[end : end + 1] in (["before"], ["after"], ["of"]):
        return False
    return ends_there(words, end) or words[end] in PARTS


def _matching(today: date, weekday: int, number: int) -> date | None:
    """ "Monday 15": where the 15th of this month or the next is a Monday."""
    for months in (0, 1):
        first = add_months(today.replace(day=1), months)
        if 1 <= number <= month_end(first).day:
            day = first.replace(day=number)
            if day >= today and day.weekday() == weekday:
                return day
    return None


def weekday_of_month(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "the last Friday of the month", "the second Tuesday in December"; one that is over is no day."""
    at = index + (words[index] == "the")
    ordinal = read_ordinal(words, at)
    number = -1 if words[at : at + 1] == ["last"] else ordinal[1] if ordinal and ordinal[1] < 5 else 0
    if not number or at + 2 >= len(words) or (weekday := day_name(words[at + 1])) is None:
        return None
    if words[at + 2] not in ("of", "in") or (period := named_period(words, at + 3, today)) is None:
        return None
    end, first, last = period
    if number < 0:
        day = last - timedelta(days=(last.weekday() - weekday) % 7)
    else:
        day = first + timedelta(days=(weekday - first.weekday()) % 7, weeks=number - 1)
    return end, day if today <= day <= last else None
