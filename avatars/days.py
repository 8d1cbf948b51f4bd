"""One date in a clause: weekdays, "in two weeks", "the end of the month", "the third of December".

The conventions stand in `avatars.dates`, which knows where such words are a deadline at all.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta

import dateparser

from avatars.verbs import word_set
from avatars.words import MONTHS, WEEKDAYS

_UNITS = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty
"""
_ORDINAL_UNITS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth
"""
CARDINALS = {word: number for number, word in enumerate(_UNITS.split(), 1)} | {
    "a": 1, "an": 1, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_ORDINALS = {word: number for number, word in enumerate(_ORDINAL_UNITS.split(), 1)} | {"thirtieth": 30}
_SHORT_MONTHS = {name[:3]: name for name in MONTHS if name not in ("may",)} | {"sept": "september"}
SHORT_DAYS = {name[:3]: name for name in WEEKDAYS} | {"tues": "tuesday", "thurs": "thursday", "thur": "thursday"}
PARTS = word_set("morning afternoon evening night noon midday lunchtime lunch")
BEFORE = word_set("by until till before on for within in at due over during")
EVENTS = word_set(
    "meeting call launch demo review release workshop visit conference standup stand-up deadline holidays "
    "holiday event audit presentation go-live sync retro retrospective planning kickoff kick-off board summit "
    "fair interview vacation christmas easter session townhall sprint freeze delivery migration trip training "
    "webinar milestone"
)
_VAGUE = (
    "as soon as possible", "as soon as you can", "as soon as i can", "as soon as we can", "right away",
    "straight away", "immediately", "soon", "asap", "at some point", "in the next few days", "in a few days",
    "in the coming days", "in the coming weeks", "in the next days", "one of these days", "when i have time",
    "when you have time", "when there is time", "sometime", "in the near future", "in a few weeks", "shortly",
)  # fmt: skip


AFTER_DATE = BEFORE | word_set(
    "and or so but then because if when while since as with to from at please okay ok right you we i he she "
    "they it that which who latest the a our my is are will can not too instead already about after again "
    "together noon morning afternoon evening night maybe then thanks thank everyone everybody guys folks bye "
    "cheers yes no let could sure great good perfect fine would should he'll i'll"
)


def read_clock(words: list[str], index: int) -> int | None:
    """The end of a time like "five", "five thirty", "3 pm", "17:00", "noon", "five o'clock"."""
    if index >= len(words):
        return None
    word = words[index]
    if word in ("noon", "midday", "midnight", "lunchtime", "lunch", "eod"):
        return index + 1
    hour = word.replace(".", ":").split(":")[0] if word.count(".") < 2 and "-" not in word else ""
    plain = hour.removesuffix("pm").removesuffix("am")
    if not (plain.isdigit() and int(plain) <= 24) and not (
        word in CARDINALS and CARDINALS[word] <= 12 and word not in "an"
    ):
        return None
    end = index + 1
    marked = ":" in word or "." in word or plain != hour
    while end < len(words) and (
        words[end] in ("o'clock", "am", "pm", "a.m", "p.m", "thirty", "fifteen", "oclock", "sharp")
        or words[end : end + 2] in (["p", "m"], ["a", "m"])
        or (words[end] == "m" and words[end - 1] in ("a", "p"))
        or words[end : end + 2] == ["o", "clock"]
        or (words[end] == "clock" and words[end - 1] == "o")
    ):
        marked = True
        end += 1
    at_the_end = end >= len(words) or words[end] in AFTER_DATE
    return end if marked or at_the_end else None


def read_day(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """The date itself: (end, day), or None where none begins."""
    for rule in (_near, _weekday, _period_edge, _amount, _day_of_month, _absolute, _period):
        if result := rule(words, index, today, lead):
            return result
    return _unresolved(words, index, lead)


_NEAR_BY_DAYS = {
    2: ("the day after tomorrow, day after tomorrow"),
    1: ("tomorrow, the end of tomorrow, end of tomorrow, first thing tomorrow"),
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
                return end + 2, _coming(today, WEEKDAYS.index(words[end + 1]))
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


def _day_name(word: str) -> int | None:
    """0 for Monday and its misspellings, or None."""
    name = SHORT_DAYS.get(word, word)
    name = name[:-1] if name.endswith("s") and name[:-1] in WEEKDAYS else name
    return WEEKDAYS.index(name) if name in WEEKDAYS and word not in ("sun", "sat", "wed", "mon") else None


def _coming(today: date, weekday: int) -> date:
    """The next such weekday, never today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _in_week(today: date, weekday: int, weeks: int) -> date:
    """A weekday of this calendar week (0) or a later one."""
    return today - timedelta(days=today.weekday()) + timedelta(days=weekday, weeks=weeks)


def _weekday(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    qualifier = ""
    at = index
    if words[at : at + 3] in (["end", "of", "day"], ["close", "of", "business"]):
        at += 3
    if words[at : at + 2] in (["early", "on"], ["first", "thing"]):
        at += 2
    at += words[at : at + 1] == ["on"] and at > index
    at += words[at : at + 1] == ["the"] and words[at + 1 : at + 2] in (["coming"], ["following"], ["next"])
    if words[at : at + 1] and words[at] in ("this", "next", "coming", "following"):
        qualifier, at = words[at], at + 1
    if at >= len(words) or (weekday := _day_name(words[at])) is None:
        return None
    end = at + 1
    if words[end : end + 2] == ["after", "next"]:
        return end + 2, _in_week(today, weekday, 2 if weekday <= today.weekday() else 1)
    day = _coming(today, weekday)
    if qualifier == "next" or words[end : end + 2] == ["next", "week"]:
        day = _in_week(today, weekday, 1)
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
            return end + len(tail), _in_week(today, weekday, weeks)
    if words[end : end + 3] == ["in", "two", "weeks"]:
        return end + 3, _in_week(today, weekday, 2)
    if words[end : end + 1] == ["week"]:
        return end + 1, day + timedelta(weeks=1)
    after = end
    while words[after : after + 1] and words[after] in PARTS:
        after += 1
    after += words[after : after + 1] == ["on"]
    if exact := (_day_of_month(words, after, today, ["on"]) or _absolute(words, after, today, ["on"])):
        return exact
    return end, day


def _period_edge(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "the end of next week", "early next month", "mid December"."""
    at = index + (words[index] == "the")
    if at >= len(words):
        return None
    edges = {
        "end": 2, "close": 2, "late": 2, "later": 2, "ends": 2, "start": 0, "beginning": 0, "early": 0,
        "middle": 1, "mid": 1, "and": 2, "in": 2,
    }  # fmt: skip
    edge = edges.get(words[at])
    if edge is None or (
        words[at] in ("and", "in") and (words[at + 1 : at + 2] != ["of"] or words[index] != "the")
    ):
        return None
    at += 1
    at += words[at : at + 1] in (["of"], ["off"], ["in"])
    period = _named_period(words, at, today)
    if period is None:
        return None
    end, first, last = period
    if edge == 2:
        return end, last
    if edge == 0:
        return end, first
    return end, first + (last - first) // 2


def _named_period(words: list[str], at: int, today: date) -> tuple[int, date, date] | None:
    """(end, first day, last day) of "the week", "next month", "december", "the quarter"."""
    step = 0
    if words[at : at + 2] in (["the", "coming"], ["the", "next"], ["the", "following"]):
        step, at = 1, at + 2
    elif words[at : at + 1] and words[at] in ("the", "this", "our"):
        at += 1
    elif words[at : at + 1] and words[at] in ("next", "coming", "following"):
        step, at = 1, at + 1
    if at >= len(words):
        return None
    match words[at].removesuffix("s"):
        case "week":
            last = _in_week(today, 4, step)
            if step == 0 and last < today:
                last = _in_week(today, 4, 1)
            return at + 1, last - timedelta(days=4), last
        case "month":
            first = _add_months(today.replace(day=1), step)
            return at + 1, first, _month_end(first)
        case "quarter":
            first = _add_months(today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1), 3 * step)
            return at + 1, first, _month_end(_add_months(first, 2))
        case "year":
            return at + 1, date(today.year + step, 1, 1), date(today.year + step, 12, 31)
        case "weekend":
            saturday = _in_week(today, 5, step)
            return at + 1, saturday, saturday + timedelta(days=1)
        case _:
            month = _month(words[at])
            if month is None:
                return None
            year = today.year + (month < today.month)
            first = date(year, month, 1)
            return at + 1, first, _month_end(first)


def _month(word: str) -> int | None:
    name = _SHORT_MONTHS.get(word, word)
    return MONTHS.index(name) + 1 if name in MONTHS else None


def _add_months(first: date, months: int) -> date:
    index = first.month - 1 + months
    return date(first.year + index // 12, index % 12 + 1, 1)


def _month_end(first: date) -> date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _amount(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "in two weeks", "within ten days", "a week from Friday", "three days from now"."""
    at = index
    at += words[at : at + 2] in (["the", "next"], ["the", "coming"]) and 2
    at += words[at : at + 1] in (["about"], ["around"])
    if words[at : at + 3] == ["a", "couple", "of"]:
        number, at = 2, at + 3
    elif words[at : at + 2] == ["a", "couple"]:
        number, at = 2, at + 2
    elif at < len(words) and (words[at] in CARDINALS or words[at].isdigit()):
        number = CARDINALS.get(words[at]) or int(words[at])
        at += 1
    else:
        return None
    at += words[at : at + 1] in (["working"], ["business"], ["full"])
    if at >= len(words) or number > 400:
        return None
    unit = words[at].removesuffix("'").removesuffix("s")
    days = {"day": 1, "week": 7, "fortnight": 14}.get(unit)
    end = at + 1
    end += words[end : end + 1] == ["time"]
    if words[end : end + 1] in (["from"], ["after"]) and end + 1 < len(words):
        anchor = {"now": 0, "today": 0, "tomorrow": 1}.get(words[end + 1])
        weekday = _day_name(words[end + 1])
        base = today + timedelta(days=anchor) if anchor is not None else None
        base = _coming(today, weekday) if weekday is not None else base
        return (end + 2, base + timedelta(days=number * days)) if base and days else None
    if lead[-1:] not in (["in"], ["within"]):
        return None
    if words[at - 1] in ("working", "business") and unit == "day":
        return end, _working_days(today, number)
    if days is not None:
        return end, today + timedelta(days=number * days)
    if unit == "month":
        first = _add_months(today.replace(day=1), number)
        return end, first.replace(day=min(today.day, _month_end(first).day))
    if unit in ("hour", "minute"):
        return end, today
    return None


def _working_days(today: date, number: int) -> date:
    day = today
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


def _ordinal(words: list[str], at: int) -> tuple[int, int] | None:
    """(end, day of the month) of "27th", "twenty seventh", "third"."""
    if at >= len(words):
        return None
    word = words[at]
    if word[:-2].isdigit() and word[-2:] in ("st", "nd", "rd", "th") and 1 <= int(word[:-2]) <= 31:
        return at + 1, int(word[:-2])
    if word in ("twenty", "thirty") and at + 1 < len(words) and (unit := _ORDINALS.get(words[at + 1], 10)) < 10:
        number = {"twenty": 20, "thirty": 30}[word] + unit
        return (at + 2, number) if number <= 31 else None
    return (at + 1, _ORDINALS[word]) if word in _ORDINALS else None


def _day_of_month(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "the 27th", "the third of December", "27th of November 2026"."""
    at = index + (words[index : index + 1] == ["the"])
    found = _ordinal(words, at)
    if found is None:
        return None
    end, number = found
    middle = end + (words[end : end + 1] == ["of"])
    month = _month(words[middle]) if middle < len(words) else None
    if month is not None:
        return _on(words, middle + 1, today, number, month)
    if words[end : end + 1] and words[end] not in AFTER_DATE | PARTS | {"of"}:
        return None
    if at == index and not words[at][:1].isdigit():
        return None
    if words[middle : middle + 2] in (["next", "month"], ["this", "month"], ["the", "month"]):
        first = _add_months(today.replace(day=1), int(words[middle] == "next"))
        return middle + 2, first.replace(day=number) if number <= _month_end(first).day else None
    if words[end : end + 1] == ["of"]:
        return None
    first = today.replace(day=1) if number >= today.day else _add_months(today.replace(day=1), 1)
    while number > _month_end(first).day:
        first = _add_months(first, 1)
    return end, first.replace(day=number)


def _on(words: list[str], end: int, today: date, number: int, month: int) -> tuple[int, date | None]:
    """A day and a month, with a year or the next to come; the date library reads it."""
    year = ""
    if end < len(words) and words[end].isdigit() and len(words[end]) == 4:
        year, end = words[end], end + 1
    return end, _library(f"{number} {MONTHS[month - 1]} {year}".strip(), today)


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


def _absolute(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "December third", "Dec 3", "3 December", "2026-12-03", "03.12.2026"."""
    if index >= len(words):
        return None
    month = _month(words[index])
    if month is not None and index + 1 < len(words):
        at = index + 1 + (words[index + 1] == "the")
        found = _ordinal(words, at)
        if found is None and at < len(words) and words[at].isdigit() and 1 <= int(words[at]) <= 31:
            found = at + 1, int(words[at])
        if found is None and at < len(words) and words[at] in CARDINALS and words[at] not in ("a", "an"):
            found = at + 1, CARDINALS[words[at]]
        if found is not None:
            return _on(words, found[0], today, found[1], month)
    if words[index].isdigit() and int(words[index]) <= 31 and index + 1 < len(words):
        month = _month(words[index + 1])
        return _on(words, index + 2, today, int(words[index]), month) if month else None
    digits = words[index].replace("/", "-").replace(".", "-").replace(":", "-")
    if digits.count("-") == 2 and digits.replace("-", "").isdigit() and ":" not in words[index]:
        return index + 1, _library(words[index], today)
    return None


def _period(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "next week", "this month", "in December", "by the weekend", "after the weekend"."""
    bare_month = _month(words[index]) is not None
    if bare_month and lead[-1:] not in (["by"], ["in"], ["until"], ["before"], ["during"], ["till"]):
        return None
    if not bare_month and words[index] not in ("this", "next", "the", "coming", "following"):
        return None
    if words[index] == "the" and (words[index + 1 : index + 2] or [""])[0] not in (
        "weekend",
        "coming",
        "following",
        "next",
    ):
        return None
    if words[index : index + 2] == ["the", "week"]:
        return None
    period = _named_period(words, index, today)
    if period is None:
        return None
    end, first, last = period
    if words[end : end + 1] and (weekday := _day_name(words[end])) is not None and "week" in words[end - 1]:
        return end + 1, first + timedelta(days=weekday)
    if words[end - 1].startswith("weekend"):
        return end, (first - timedelta(days=1) if lead[-1:] in (["before"], ["by"]) else last)
    if bare_month and lead[-1:] in (["by"], ["before"], ["until"], ["till"]):
        return end, first
    return end, last


def _unresolved(words: list[str], index: int, lead: list[str]) -> tuple[int, date | None] | None:
    """Words about a time that no calendar resolves."""
    for phrase in _VAGUE:
        parts = [*lead, *words[index : index + 6]]
        wanted = phrase.split()
        if parts[: len(wanted)] == wanted and len(wanted) > len(lead):
            return index + len(wanted) - len(lead), None
    if lead[-1:] in (["before"], ["by"], ["until"], ["till"]):
        for end in range(index + 1, min(index + 5, len(words) + 1)):
            if words[end - 1] in EVENTS and (end >= len(words) or words[end] in AFTER_DATE):
                return end, None
    return None
