"""Weeks, months, quarters, halves and years, their first, middle and last days."""

from __future__ import annotations

from datetime import date, timedelta

from avatars.date_words import (
    CARDINALS,
    add_months,
    day_name,
    ends_there,
    in_week,
    is_year,
    month_end,
    read_month,
    read_ordinal,
    read_year,
)


def period_edge(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "the end of next week", "early next month", "mid December"."""
    at = index + (words[index] == "the")
    at += words[at : at + 2] in (["back", "end"], ["tail", "end"], ["very", "end"])
    if at >= len(words):
        return None
    edges = {
        "end": 2, "close": 2, "late": 2, "later": 2, "ends": 2, "start": 0, "beginning": 0, "early": 0,
        "middle": 1, "mid": 1, "and": 2, "in": 2,
    }  # fmt: skip
    if words[at] in ("eow", "eom", "eoq", "eoy"):
        name = {"w": "week", "m": "month", "q": "quarter", "y": "year"}[words[at][2]]
        found = named_period([name], 0, today)
        return (at + 1, found[2]) if found else None
    if unit := _unit_end(words, at, today):
        return unit
    if words[at] in ("mid-week", "midweek"):
        return None
    if words[at].startswith("end-"):
        words = [*words[:at], "end", words[at].removeprefix("end-"), *words[at + 1 :]]
        return (found[0] - 1, found[2]) if (found := named_period(words, at + 1, today)) else None
    if words[at].startswith("mid-"):
        words = [*words[:at], words[at].removeprefix("mid-"), *words[at + 1 :]]
        found = named_period(words, at, today)
        return (found[0], _middle(found[1], found[2])) if found else None
    first_thing = words[at : at + 2] == ["first", "thing"]
    edge = 0 if first_thing else edges.get(words[at])
    if edge is None or (
        words[at] in ("and", "in") and (words[at + 1 : at + 2] != ["of"] or words[index] != "the")
    ):
        return None
    at += 1 + first_thing
    at += words[at : at + 1] in (["of"], ["off"], ["in"]) or words[at - 1 : at + 1] == ["later", "on"]
    period = named_period(words, at, today)
    if period is None:
        return None
    end, first, last = period
    if edge == 2:
        return end, last
    if edge == 0:
        return end, first
    return end, _middle(first, last)


def _middle(first: date, last: date) -> date:
    """Of a month the fifteenth, as everybody says; of anything else the day in its middle."""
    if (last - first).days > 360:
        return first.replace(month=6, day=30)
    return first.replace(day=15) if first.month == last.month and first.day == 1 else first + (last - first) // 2


def _unit_end(words: list[str], at: int, today: date) -> tuple[int, date] | None:
    """ "month end", "year's end", "before the year is out"."""
    unit, dash, tail = words[at].removesuffix("'s").partition("-")
    if unit not in ("week", "month", "quarter", "year", "fortnight"):
        return None
    behind = words[at + 1 : at + 3]
    end = at + 1 if dash and tail == "end" else at + 2 if behind[:1] in (["end"], ["ends"]) else 0
    if not end and len(behind) == 2 and behind[0] == "is" and behind[1] in ("out", "over", "up"):
        end = at + 3
    period = named_period([unit], 0, today)
    return (end, period[2]) if end and ends_there(words, end) and period else None


def named_period(words: list[str], at: int, today: date) -> tuple[int, date, date] | None:
    """(end, first day, last day) of "the week", "next month", "december", "the quarter"."""
    at += 3 * (words[at : at + 3] == ["the", "month", "of"])
    step = 0
    if words[at : at + 3] == ["next", "to", "next"] and at + 3 < len(words):
        return _whole(words[at + 3], at + 3, today, 2)
    if words[at : at + 2] in (["the", "coming"], ["the", "next"], ["the", "following"]):
        step, at = 1, at + 2
    elif words[at : at + 1] and words[at] in ("the", "this", "our"):
        at += 1
    elif words[at : at + 1] and words[at] in ("next", "coming", "following"):
        step, at = 1, at + 1
    if at >= len(words):
        return None
    if words[at + 1 : at + 3] == ["after", "next"] and words[at] in (
        "week",
        "month",
        "quarter",
        "year",
        "weekend",
    ):
        later = _whole(words[at], at, today, 2)
        return (at + 3, *later[1:]) if later else None
    at += words[at] == "calendar" and at + 1 < len(words)
    if part := _part_of_year(words, at, today):
        return part
    if is_year(words[at]):
        return at + 1, date(int(words[at]), 1, 1), date(int(words[at]), 12, 31)
    if words[at] in ("week", "weekend") and words[at + 1 : at + 2] == ["of"]:
        return None  # "the weekend of the 4th"
    if words[at] == "week" and words[at + 1 : at + 2] != [] and words[at + 1].isdecimal():
        return None  # "week 12"
    if whole := _whole(words[at].removesuffix("s"), at, today, step):
        return whole
    return _half_or_month(words, at, today, step)


def _half_or_month(words: list[str], at: int, today: date, step: int) -> tuple[int, date, date] | None:
    """ "the half year", "december", "march 2028"."""
    if words[at] == "half":
        end = at + 1 + (words[at + 1 : at + 2] == ["year"])
        first = add_months(date(today.year, 1 if today.month < 7 else 7, 1), 6 * step)
        return end, first, month_end(add_months(first, 5))
    month = read_month(words[at])
    if month is None:
        return None
    end, year = read_year(words, at + 1, today)
    first = date(year or today.year + (month < today.month), month, 1)
    return end, first, month_end(first)


def _whole(unit: str, at: int, today: date, step: int) -> tuple[int, date, date] | None:
    """A week, month, quarter, year or weekend: this one, or one so many later."""
    match unit:
        case "week":
            last = in_week(today, 4, step)
            if step == 0 and last < today:
                last = in_week(today, 4, 1)
            return at + 1, last - timedelta(days=4), last
        case "month":
            first = add_months(today.replace(day=1), step)
            return at + 1, first, month_end(first)
        case "quarter":
            first = add_months(today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1), 3 * step)
            return at + 1, first, month_end(add_months(first, 2))
        case "year":
            return at + 1, date(today.year + step, 1, 1), date(today.year + step, 12, 31)
        case "weekend":
            saturday = in_week(today, 5, step)
            return at + 1, saturday, saturday + timedelta(days=1)
        case _:
            return None


_PARTS_OF_YEAR = {"quarter": 3, "half": 6, "q": 3, "h": 6}


def _part_of_year(words: list[str], at: int, today: date) -> tuple[int, date, date] | None:
    """ "Q1", "q four", "the second half of the year"; the one to come, or the one under way."""
    word = words[at]
    name, number, end = "", 0, at + 1
    if len(word) == 2 and word[0] in "qh" and word[1].isdecimal():
        name, number = word[0], int(word[1])
    elif word in ("q", "quarter") and end < len(words):
        number = int(words[end]) if words[end].isdecimal() else CARDINALS.get(words[end], 0)
        name, end = ("q", end + 1) if words[end] not in ("a", "an") else ("", end)
    elif words[end : end + 1] in (["quarter"], ["half"]) and (ordinal := read_ordinal(words, at)):
        name, number, end = words[end], ordinal[1], end + 1
    elif words[end : end + 1] in (["quarter"], ["half"]) and word == "last":
        name, end = words[end], end + 1
        number = 12 // _PARTS_OF_YEAR[name]
    if not name or not 1 <= number <= 12 // _PARTS_OF_YEAR[name]:
        return None
    months = _PARTS_OF_YEAR[name]
    end, year = read_year(words, end, today)
    if words[end : end + 3] == ["of", "the", "year"]:
        end, year = end + 3, year or today.year + (number * months < today.month)
    if words[end : end + 1] == ["of"]:
        return None  # of a fiscal year, of a game: not of the calendar
    first = date(year or today.year + (number * months < today.month), (number - 1) * months + 1, 1)
    return end, first, month_end(add_months(first, months - 1))


def period_at(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "next week", "this month", "in December", "by the weekend", "after the weekend"."""
    if words[index : index + 3] == ["after", "the", "weekend"]:
        return index + 3, in_week(today, 0, 1)
    if words[index : index + 4] == ["this", "time", "next", "week"]:
        return index + 4, today + timedelta(weeks=1)
    inside = lead[-1:] in (["within"], ["during"])
    if part := _part_by_name(words, index, today, lead):
        return part
    bare_month = read_month(words[index]) is not None
    if bare_month and lead[-1:] not in (["by"], ["in"], ["until"], ["before"], ["during"], ["till"]):
        return None
    if not bare_month and words[index] not in ("this", "next", "the", "coming", "following"):
        return None
    of_month = words[index : index + 3] == ["the", "month", "of"]
    after_next = words[index + 2 : index + 4] == ["after", "next"]
    named = words[index + 1 : index + 2] in (["weekend"], ["coming"], ["following"], ["next"])
    if words[index] == "the" and not (of_month or inside or after_next or named):
        return None
    if words[index : index + 2] == ["the", "week"] and lead[-1:] != ["within"] and not after_next:
        return None
    period = named_period(words, index, today)
    if period is None:
        return None
    end, first, last = period
    if words[end : end + 1] and (weekday := day_name(words[end])) is not None and "week" in words[end - 1]:
        return end + 1, first + timedelta(days=weekday)
    if words[end - 1].startswith("weekend"):
        return end, (first - timedelta(days=1) if lead[-1:] in (["before"], ["by"]) else last)
    if bare_month and lead[-1:] in (["by"], ["before"], ["until"], ["till"]):
        return end, first
    return end, last


_PLANNED = frozenset({"planned", "scheduled", "set", "booked", "foreseen", "slated"})


def _part_by_name(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date] | None:
    """ "by Q3" is its first day, "in Q3" its last, as for months; "in 2027" likewise."""
    planned = lead[-1:] == ["for"] and words[max(index - 2, 0)] in _PLANNED
    if not planned and lead[-1:] not in (["by"], ["in"], ["until"], ["before"], ["during"], ["till"], ["within"]):
        return None
    at = index + (words[index] == "the")
    if at >= len(words):
        return None
    part = named_period(words, at, today) if is_year(words[at]) else _part_of_year(words, at, today)
    if part is None or not ends_there(words, part[0]):
        return None
    return part[0], part[1] if lead[-1] in ("by", "before", "until", "till") else part[2]


def day_of_period(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "the last working day of the month", "the third day of December", "the last of May"."""
    at = index + (words[index] == "the")
    ordinal = read_ordinal(words, at)
    if words[at : at + 1] == ["last"]:
        at, number = at + 1, -1
    elif ordinal is not None and words[ordinal[0] : ordinal[0] + 1] != ["of"]:
        at, number = ordinal
    else:
        return None
    working = words[at : at + 1] in (["working"], ["business"])
    at += working
    if words[at : at + 1] in (["day"], ["weekday"]):
        working, at = working or words[at] == "weekday", at + 1
    elif working or at > index + 2 or number > 0:
        return None
    if words[at : at + 1] not in (["of"], ["in"]) or (period := named_period(words, at + 1, today)) is None:
        return None
    day = _nth_day(period[1], period[2], number, working)
    if day < today and words[at + 1 : period[0]] == ["the", "month"]:
        first = add_months(period[1], 1)
        day = _nth_day(first, month_end(first), number, working)
    return period[0], day if day >= today else None


def _nth_day(first: date, last: date, number: int, working: bool) -> date:
    """The so many-th day, or working day, of a period; -1 is its last."""
    step = timedelta(days=1 if number > 0 else -1)
    day = first if number > 0 else last
    left = abs(number) - (not working or day.weekday() < 5)
    while left:
        day += step
        left -= not working or day.weekday() < 5
    return day
