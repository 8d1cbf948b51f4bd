"""Dates that name their day: "the 27th", "December third", "2026-12-03", "Christmas Eve"."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time

import dateparser

from avatars.date_words import (
    AFTER_DATE,
    CARDINALS,
    EVENTS,
    PARTS,
    add_months,
    ends_there,
    month_end,
    read_month,
    read_ordinal,
    read_year,
)
from avatars.verbs import is_base, word_set
from avatars.words import MONTHS


def day_of_month(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "the 27th", "the third of December", "27th of November 2026"."""
    at = index + (words[index : index + 1] == ["the"])
    if words[at : at + 2] in (["this", "month"], ["next", "month"]):  # "next month on the 5th"
        behind = at + 2 + (words[at + 2 : at + 3] == ["on"])
        nth = read_ordinal(words, behind + (words[behind : behind + 1] == ["the"]))
        first = add_months(today.replace(day=1), int(words[at] == "next"))
        if nth is None:
            return None
        return nth[0], first.replace(day=nth[1]) if nth[1] <= month_end(first).day else None
    found = read_ordinal(words, at)
    if found is None and words[at + 1 : at + 2] == ["of"] and words[at].isdecimal() and int(words[at]) <= 31:
        found = (at + 1, int(words[at])) if read_month("".join(words[at + 2 : at + 3])) is not None else None
    if found is None:
        return None
    end, number = found
    middle = end + (words[end : end + 1] in (["of"], ["in"]))
    month = read_month(words[middle]) if middle < len(words) else None
    if month is not None:
        return on_day(words, middle + 1, today, number, month)
    if (
        words[end : end + 1]
        and words[end] not in AFTER_DATE | PARTS | {"of"}
        and not (
            lead[-1:] in (["by"], ["until"], ["before"]) and is_base(words[end]) and words[end] not in _COUNTED
        )
    ):
        return None  # a counted thing: "by the 5th attempt"; not in "by the 26th, paint"
    if at == index and not words[at][:1].isdecimal():
        return None
    later = words[middle : middle + 3] in (["the", "next", "month"], ["the", "following", "month"])
    if later or words[middle : middle + 2] in (["next", "month"], ["this", "month"], ["the", "month"]):
        over = words[middle] == "the" and number < today.day
        first = add_months(today.replace(day=1), int(later or words[middle] == "next" or over))
        return middle + 2 + later, first.replace(day=number) if number <= month_end(first).day else None
    if words[end : end + 1] == ["of"]:
        return None
    first = today.replace(day=1) if number >= today.day else add_months(today.replace(day=1), 1)
    while number > month_end(first).day:
        first = add_months(first, 1)
    return end, first.replace(day=number)


def on_day(words: list[str], end: int, today: date, number: int, month: int) -> tuple[int, date | None]:
    """A day and a month, with a year or the next to come."""
    end, year = read_year(words, end, today)
    if month == 2 and number == 29 and year is None:
        return end, _leap_day(today)
    year = year or today.year + ((month, number) < (today.month, today.day))
    return end, _day_in(year, month, number)


def _day_in(year: int, month: int, number: int) -> date | None:
    """None where the month has no such day."""
    return date(year, month, number) if 1 <= number <= calendar.monthrange(year, month)[1] else None


def _leap_day(today: date) -> date:
    """The next 29 February, today included."""
    year = today.year
    while not calendar.isleap(year) or date(year, 2, 29) < today:
        year += 1
    return date(year, 2, 29)


def _library(text: str, today: date) -> date | None:
    parsed = dateparser.parse(
        text,
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime.combine(today, time()),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "REQUIRE_PARTS": ["day", "month"],
        },
    )
    return parsed.date() if parsed else None


def absolute(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "December third", "Dec 3", "3 December", "2026-12-03", "03.12.2026"."""
    if index >= len(words):
        return None
    month = read_month(words[index])
    if month is not None and index + 1 < len(words):
        at = index + 1 + (words[index + 1] == "the")
        found = read_ordinal(words, at)
        if found is None and at < len(words) and words[at].isdecimal() and 1 <= int(words[at]) <= 31:
            found = at + 1, int(words[at])
        if found is None and at < len(words) and words[at] in CARDINALS and words[at] not in ("a", "an"):
            found = at + 1, CARDINALS[words[at]]
        if (
            words[index] in ("may", "march")
            and found is not None
            and not lead
            and not _is_day_there(words, found[0])
        ):
            return None
        if found is not None:
            return on_day(words, found[0], today, found[1], month)
    if words[index].isdecimal() and int(words[index]) <= 31 and index + 1 < len(words):
        month = read_month(words[index + 1])
        return on_day(words, index + 2, today, int(words[index]), month) if month else None
    if words[index] == "day" and words[index + 1 : index + 2] != [] and words[index + 1].isdecimal():
        month = (
            read_month(words[index + 3]) if words[index + 2 : index + 3] == ["of"] < words[index + 2 :] else None
        )
        return on_day(words, index + 4, today, int(words[index + 1]), month) if month else None
    if written := _WRITTEN.fullmatch(words[index]):
        number, name, year = written.groups()
        month = read_month(name)
        words = [number, name, *([f"20{year[-2:]}"] if year else words[index + 1 : index + 2])]
        return (index + 1, on_day(words, 2, today, int(number), month)[1]) if month and int(number) < 32 else None
    if _FULL.fullmatch(words[index]) or (lead and _SHORT.fullmatch(words[index])):
        return index + 1, _library(words[index], today)
    return None


_FULL = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}([-/.])\d{1,2}\1\d{4}|\d{1,2}/\d{1,2}/\d{2}")
_WRITTEN = re.compile(r"(\d{1,2})-?([a-z]{3,9})(?:-?((?:20)?\d{2}))?")
"""A day in one word: "3mar", "15-apr-2027"."""
_SHORT = re.compile(r"\d{1,2}([-.])\d{1,2}\1\d{2}")
"""Without an introduction a version looks the same: "3.11.30"."""


def _is_day_there(words: list[str], end: int) -> bool:
    """Whether a number behind "may" or "march", which are verbs, too, is a day of the month."""
    return (
        ends_there(words, end)
        or words[end] in PARTS
        or words[end][:1].isdecimal()
        or read_year(words, end, date.min)[1] is not None
    )


_HOLIDAYS = {
    ("christmas", "eve"): (12, 24), ("christmas", "day"): (12, 25), ("boxing", "day"): (12, 26),
    ("new", "year's", "eve"): (12, 31), ("new", "years", "eve"): (12, 31), ("new", "year's", "day"): (1, 1),
    ("new", "years", "day"): (1, 1), ("new", "year's"): (1, 1), ("valentine's", "day"): (2, 14),
    ("halloween",): (10, 31),
}  # fmt: skip


def holiday(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """Days that fall on the same date everywhere; plain "Christmas" is a season and stays unresolved."""
    for name, (month, day) in _HOLIDAYS.items():
        end = index + len(name)
        if tuple(words[index:end]) == name:
            if not (ends_there(words, end) or words[end] in PARTS):
                return None
            this_year = date(today.year, month, day)
            return end, this_year if this_year >= today else date(today.year + 1, month, day)
    return None


_COUNTED = EVENTS | word_set(
    "order test run draft report copy plan request question point time try turn check build issue place step move "
    "change cut show file mail vote round attempt answer notice stage start stop end cost share"
)
"""Verbs that are things, too, so that an ordinal may count them: "by the 5th draft"."""
_BOUNDS = word_set("starts begins ends closes expires opens launches due")


def numeric_day(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "by 24.12.": day and month; a number that may be an hour is left to the clock."""
    introduced = lead or words[max(index - 1, 0)] in _BOUNDS
    if not introduced or (not ends_there(words, index + 1) and words[index + 1] not in PARTS):
        return None
    number, dot, month = words[index].partition(".")
    if not dot:
        number, dot, month = words[index].partition("/")
    if not (dot and number.isdecimal() and month.isdecimal()):
        return None
    if words[index] == "24/7":
        return None
    if "/" in words[index] and int(month) > 12:
        number, month = month, number  # "12/31" can only be the last day of the year
    least = 13 if "/" in words[index] else 24
    if not (least <= int(number) <= 31 and 1 <= int(month) <= 12):
        return None
    return index + 1, _library(f"{number} {MONTHS[int(month) - 1]}", today)
