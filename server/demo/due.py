"""Due dates of a demo script: "friday", "end_of_month", "+7d" counted from the day of the meeting."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta

from avatars import dates
from avatars.words import norms, tokenise

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_BY_START = {name[:3]: index for index, name in enumerate(WEEKDAYS)}
_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
_NUMBERS = {word: number for number, word in enumerate(_NUMBER_WORDS.split())} | {"a": 1, "an": 1}
FRIDAY = 4
KNOWN = (
    "a date as 2026-11-27, today, tomorrow, day_after_tomorrow, a weekday (friday), next_friday, this_week, "
    "next_week, end_of_week, end_of_next_week, this_month, next_month, end_of_month, end_of_next_month, "
    "+7d, +2w, +1m, in_three_days, or as it is said (the fifteenth of December)"
)


def resolve(expression: str, day: date) -> date | None:
    """Turn a due expression into a date.

    Case, underscores and hyphens do not matter, and a leading "by", "on", "before", "until" or "due" is skipped.

    Args:
        expression: see `KNOWN`; empty or "none" stands for no date.
        day: the day of the meeting.

    Returns:
        The date, or None when there is to be none.

    Raises:
        ValueError: the expression is none of the known ones.
    """
    words = re.sub(r"[\s_]+", " ", expression.strip().lower())
    words = re.sub(r"^(due |by |on |before |until |till )+", "", words)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
        return date.fromisoformat(words)
    words = words.replace("-", " ")
    words = re.sub(r"\bthe\b ?", "", words).strip()
    if words in ("", "none", "no", "no date", "open"):
        return None
    for read in (_named, _weekday, _offset, _spoken):
        found = read(words, day)
        if found is not None:
            return found
    raise ValueError(f"{expression!r} is not a due date that is known here; write {KNOWN}, or leave it empty")


def _named(words: str, day: date) -> date | None:
    week_start = day - timedelta(days=day.weekday())
    month_end = _month_end(day.year, day.month)
    next_month_end = _month_end(*_following_month(day))
    table = {
        "today": day,
        "tonight": day,
        "eod": day,
        "end of day": day,
        "tomorrow": day + timedelta(days=1),
        "day after tomorrow": day + timedelta(days=2),
        "this week": _end_of_week(day),
        "weekend": _end_of_week(day) + timedelta(days=2),
        "end of week": _end_of_week(day),
        "end of this week": _end_of_week(day),
        "eow": _end_of_week(day),
        "next week": week_start + timedelta(days=7 + FRIDAY),
        "end of next week": week_start + timedelta(days=7 + FRIDAY),
        "this month": month_end,
        "end of month": month_end,
        "end of this month": month_end,
        "month end": month_end,
        "eom": month_end,
        "next month": next_month_end,
        "end of next month": next_month_end,
        "end of year": date(day.year, 12, 31),
    }
    return table.get(words)


def _weekday(words: str, day: date) -> date | None:
    match = re.fullmatch(r"(?:(this|next|coming) )?([a-z]+)", words)
    if match is None or match.group(2)[:3] not in _WEEKDAY_BY_START:
        return None
    which, name = match.group(1), match.group(2)
    index = _WEEKDAY_BY_START[name[:3]]
    if name not in (WEEKDAYS[index], WEEKDAYS[index][:3], WEEKDAYS[index][:4], WEEKDAYS[index][:5]):
        return None
    if which == "next":
        return day - timedelta(days=day.weekday()) + timedelta(days=7 + index)
    if which == "this" and index == day.weekday():
        return day
    return day + timedelta(days=(index - day.weekday() - 1) % 7 + 1)


def _offset(words: str, day: date) -> date | None:
    match = re.fullmatch(r"(?:\+ ?|in )?(\w+?) ?(d|days?|w|weeks?|m|months?)(?: from now| later)?", words)
    if match is None:
        return None
    amount = int(match.group(1)) if match.group(1).isdigit() else _NUMBERS.get(match.group(1))
    if amount is None:
        return None
    match match.group(2)[0]:
        case "d":
            return day + timedelta(days=amount)
        case "w":
            return day + timedelta(weeks=amount)
        case _:
            month = day.month - 1 + amount
            year, month = day.year + month // 12, month % 12 + 1
            return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _spoken(words: str, day: date) -> date | None:
    """Anything else that may be said: "the fifteenth of december", "monday next week", "a week from today"."""
    said = norms(tokenise(f"by {words}"))
    for start in (0, 1):  # "by the fifteenth", but "a week from today"
        for article in ([], ["the"]):
            tried = [*said[start:1], *article, *said[1:]]
            found = dates.find(tried, datetime.combine(day, time()))
            if len(found) == 1 and found[0].day is not None and (found[0].start, found[0].end) == (0, len(tried)):
                return found[0].day
    return None


def _end_of_week(day: date) -> date:
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7)


def _following_month(day: date) -> tuple[int, int]:
    return (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
