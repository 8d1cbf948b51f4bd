"""So much time from now or from a day: "in two weeks", "within five working days", "a week from Friday"."""

from __future__ import annotations

from datetime import date, timedelta

from avatars.date_words import CARDINALS, add_months, coming, day_name, in_week, month_end

_ABOUT = frozenset(
    {
        "about",
        "around",
        "roughly",
        "approximately",
        "exactly",
        "maybe",
        "another",
        "just",
        "maximum",
        "max",
        "under",
    }
)
_SHORT_UNITS = {"wk": "week", "hr": "hour", "min": "minute", "yr": "year", "mth": "month"}
_COMING_UP = frozenset({"will", "is", "are", "can", "shall", "let", "please"})
_MOST = 400
"""So many units at most; more is no deadline."""


def amount(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "in two weeks", "within ten days", "a week from Friday", "three days from now"."""
    if words[index] == "after" and index + 1 < len(words):
        return amount(words, index + 1, today, ["after"])
    at = index
    at += words[at : at + 2] in (["the", "next"], ["the", "coming"]) and 2
    if at > index and lead[-1:] in (["over"], ["during"]):
        lead = ["in"]  # "over the next two weeks"
    if at == index + 2 and words[at : at + 2] in (["working", "day"], ["business", "day"]):
        return at + 2, working_days(today, 1)
    if at == index + 2 and words[at : at + 3] == ["day", "or", "two"]:
        return _counted(words, at + 3, today, lead, 2, "day")
    if at == index + 2 and words[at : at + 1] == ["fortnight"]:
        return _counted(words, at + 1, today, lead, 1, "fortnight")
    if words[at : at + 2] == ["the", "fortnight"] and lead[-1:] == ["within"]:
        return _counted(words, at + 2, today, lead, 1, "fortnight")
    if words[at : at + 2] == ["the", "hour"] or (at > index and words[at : at + 1] == ["hour"]):
        return _counted(words, at + 1 + (words[at] == "the"), today, lead, 1, "hour")
    at += at < len(words) and words[at] in _ABOUT
    at += 2 * (words[at : at + 2] in (["at", "most"], ["less", "than"]))
    counted = read_amount(words, at)
    return _counted(words, counted[0], today, lead, *counted[1:]) if counted else None


def read_amount(words: list[str], at: int) -> tuple[int, int, str] | None:
    """The end, the number and the unit of "three working days", "a couple of weeks", "half a year"."""
    if words[at : at + 3] == ["a", "few", "hours"]:
        return at + 3, 1, "hour"
    if words[at : at + 5] == ["a", "quarter", "of", "an", "hour"]:
        return at + 5, 15, "minute"
    if words[at : at + 3] == ["half", "a", "year"]:
        return at + 3, 6, "month"
    if words[at : at + 3] == ["half", "an", "hour"]:
        return at + 3, 30, "minute"
    if words[at : at + 2] == ["a", "couple"] or words[at : at + 1] == ["couple"]:
        at += 1 + (words[at] == "a")
        number, at = 2, at + (words[at : at + 1] == ["of"])
    elif at < len(words) and _is_number(words[at]) and words[at + 1 : at + 2] != ["few"]:
        at, number = _number(words, at)
        if words[at : at + 1] in (["or"], ["to"]) and at + 1 < len(words) and _is_number(words[at + 1]):
            at, number = _number(words, at + 1)  # "two or three weeks" are over after three
    else:
        return None
    working = words[at : at + 1] in (["working"], ["business"])
    at += working or words[at : at + 1] in (["full"], ["calendar"])
    if at >= len(words) or number > _MOST:
        return None
    if words[at].endswith("'s") and words[at + 1 : at + 2] != ["time"]:
        return None
    unit = words[at].removesuffix("'").removesuffix("'s").removesuffix("s")
    unit = _SHORT_UNITS.get(unit, unit)
    if words[at + 1 : at + 2] == ["or"] and at + 2 < len(words) and words[at + 2] in ("two", "so"):
        number, at = number + (words[at + 2] == "two"), at + 2
    if words[at + 1 : at + 4] == ["and", "a", "half"] and unit != "hour":
        return None  # whether a week and a half has ten days or eleven, nobody knows
    return at + 1, number, f"working {unit}" if working else unit


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
    if number > 0 and (weekday := day_name(unit)) is not None:  # "three Fridays from now"
        from_now = words[end : end + 2] == ["from", "now"]
        return (end + 2, coming(today, weekday) + timedelta(weeks=number - 1)) if from_now else None
    following = words[end] if end < len(words) else ""
    if following in ("from", "after", "on") or (unit in ("week", "fortnight") and day_name(following) is not None):
        base, behind = _anchor(words, end + (following in ("from", "after", "on")), today)
        if base is not None:
            return (behind, later(base, number, unit)) if unit in STEPS else None
    if following in ("from", "after", "of", "before", "following", "prior", "ago") and (
        unit in STEPS or following == "of"
    ):
        return None  # "within 30 days of receipt": from a day that nobody said
    if following in ("today", "tomorrow") and unit in ("week", "fortnight"):
        return end + 1, later(today + timedelta(days=following == "tomorrow"), number, unit)
    if lead[-1:] == ["after"] and _COMING_UP.isdisjoint(words):
        return None  # "after two days it broke"
    if lead[-1:] not in (["in"], ["within"], ["after"]):
        return None
    if unit == "hour":
        return end, today + timedelta(days=number // 24)
    if unit == "minute":
        return end, today
    return (end, later(today, number, unit)) if unit in STEPS else None


STEPS = ("day", "working day", "week", "fortnight", "month", "year")
"""The units that `later` counts in."""


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


def later(day: date, number: int, unit: str) -> date:
    """A day so many units later, or earlier where the number is negative; of a shorter month its last day."""
    if unit == "working day":
        return working_days(day, number)
    if unit in ("month", "year"):
        first = add_months(day.replace(day=1), number * (12 if unit == "year" else 1))
        return first.replace(day=min(day.day, month_end(first).day))
    return day + timedelta(days=number * {"day": 1, "week": 7, "fortnight": 14}[unit])


def working_days(today: date, number: int) -> date:
    """So many days from Monday to Friday later, or earlier where the number is negative."""
    day, step = today, 1 if number > 0 else -1
    while number:
        day += timedelta(days=step)
        number -= step * (day.weekday() < 5)
    return day
