"""So much time from now or from a day: "in two weeks", "within five working days", "a week from Friday"."""

from __future__ import annotations

from datetime import date, timedelta

from avatars.date_words import CARDINALS, add_months, coming, day_name, in_week, month_end

_ABOUT = frozenset({"about", "around", "roughly", "approximately", "exactly", "maybe", "another", "just"})


def amount(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "in two weeks", "within ten days", "a week from Friday", "three days from now"."""
    at = index
    at += words[at : at + 2] in (["the", "next"], ["the", "coming"]) and 2
    at += at < len(words) and words[at] in _ABOUT
    if words[at : at + 3] == ["a", "couple", "of"]:
        number, at = 2, at + 3
    elif words[at : at + 2] == ["a", "couple"]:
        number, at = 2, at + 2
    elif at < len(words) and _is_number(words[at]) and words[at + 1 : at + 2] != ["few"]:
        at, number = _number(words, at)
        if words[at : at + 1] in (["or"], ["to"]) and at + 1 < len(words) and _is_number(words[at + 1]):
            at, number = _number(words, at + 1)  # "two or three weeks" are over after three
    elif words[at : at + 2] == ["the", "hour"] or (at > index and words[at : at + 1] == ["hour"]):
        return _counted(words, at + 1 + (words[at] == "the"), today, lead, 1, "hour")
    elif words[at : at + 3] == ["a", "few", "hours"]:
        return _counted(words, at + 3, today, lead, 1, "hour")
    elif words[at : at + 2] == ["half", "a"] and words[at + 2 : at + 3] == ["year"]:
        return _counted(words, at + 3, today, lead, 6, "month")
    elif words[at : at + 3] == ["half", "an", "hour"]:
        return _counted(words, at + 3, today, lead, 30, "minute")
    elif at == index + 2 and words[at : at + 1] in (["working"], ["business"]):
        return (at + 2, working_days(today, 1)) if words[at + 1 : at + 2] == ["day"] else None
    else:
        return None
    working = words[at : at + 1] in (["working"], ["business"])
    at += working or words[at : at + 1] in (["full"], ["calendar"])
    if at >= len(words) or number > 400:
        return None
    unit = words[at].removesuffix("'").removesuffix("'s").removesuffix("s")
    if words[at + 1 : at + 2] == ["or"] and at + 2 < len(words) and words[at + 2] in ("two", "so"):
        number, at = number + (words[at + 2] == "two"), at + 2
    return _counted(words, at + 1, today, lead, number, f"working {unit}" if working else unit)


def _is_number(word: str) -> bool:
    return word in CARDINALS or (word.isdecimal() and len(word) < 4)


def _number(words: list[str], at: int) -> tuple[int, int]:
    """The end and the value of "ten", "10", "forty eight"."""
    number = CARDINALS.get(words[at]) or int(words[at])
    unit = CARDINALS.get(words[at + 1], 10) if at + 1 < len(words) else 10
    if 20 <= number <= 90 and number % 10 == 0 and unit < 10 and words[at + 1] not in ("a", "an"):
        return at + 2, number + unit
    return at + 1, number


def _counted(
    words: list[str], end: int, today: date, lead: list[str], number: int, unit: str
) -> tuple[int, date | None] | None:
    """What follows an amount decides what it counts from: "from Friday", "on Monday", "today", or now."""
    end += words[end : end + 1] == ["time"]
    base: date | None = None
    if words[end : end + 1] in (["from"], ["after"], ["on"]):
        base, behind = _anchor(words, end + 1, today)
        if base is not None:
            return (behind, _later(base, number, unit)) if unit in _STEPS else None
        if words[end] != "on":
            return None
    if words[end : end + 1] in (["today"], ["tomorrow"]) and unit in ("week", "fortnight"):
        base = today + timedelta(days=words[end] == "tomorrow")
        return end + 1, _later(base, number, unit)
    if lead[-1:] not in (["in"], ["within"]):
        return None
    if unit == "hour":
        return end, today + timedelta(days=number // 24)
    if unit == "minute":
        return end, today
    return (end, _later(today, number, unit)) if unit in _STEPS else None


_STEPS = ("day", "working day", "week", "fortnight", "month", "year")


def _anchor(words: list[str], at: int, today: date) -> tuple[date | None, int]:
    """The day an amount counts from, and its end."""
    if at >= len(words):
        return None, at
    near = {"now": 0, "today": 0, "tomorrow": 1}.get(words[at])
    if near is not None:
        return today + timedelta(days=near), at + 1
    qualifier = words[at] if words[at] in ("next", "this", "coming") else ""
    at += bool(qualifier)
    weekday = day_name(words[at]) if at < len(words) else None
    if weekday is None:
        return None, at
    return in_week(today, weekday, 1) if qualifier == "next" else coming(today, weekday), at + 1


def _later(day: date, number: int, unit: str) -> date:
    """A day so many units later; of a shorter month its last day."""
    if unit == "working day":
        return working_days(day, number)
    if unit in ("month", "year"):
        first = add_months(day.replace(day=1), number * (12 if unit == "year" else 1))
        return first.replace(day=min(day.day, month_end(first).day))
    return day + timedelta(days=number * {"day": 1, "week": 7, "fortnight": 14}[unit])


def working_days(today: date, number: int) -> date:
    day = today
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day
