"""Words of dates and the calendar arithmetic that every rule shares: names of days, numbers, hours, weeks."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

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
    "a": 1, "an": 1, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_ORDINALS = {word: number for number, word in enumerate(_ORDINAL_UNITS.split(), 1)} | {"thirtieth": 30}
_SHORT_MONTHS = {name[:3]: name for name in MONTHS if name not in ("may",)} | {"sept": "september"}
SPELLINGS = {
    "tmrw": "tomorrow", "tmr": "tomorrow", "tmw": "tomorrow", "tomorow": "tomorrow", "tommorow": "tomorrow",
    "tommorrow": "tomorrow", "tomoz": "tomorrow", "2moro": "tomorrow", "2morrow": "tomorrow", "tonite": "tonight",
    "arvo": "afternoon", "nxt": "next", "weds": "wednesday", "wednsday": "wednesday", "wensday": "wednesday",
    "wendsday": "wednesday", "thurday": "thursday", "thrusday": "thursday", "firday": "friday", 
    "tuseday": "tuesday",
    "teusday": "tuesday", "saterday": "saturday", "febuary": "february", "janurary": "january",
    "fortnite": "fortnight", "wkend": "weekend", "til": "until", "untill": "until",
}  # fmt: skip
"""How days are written in a hurry."""
SHORT_DAYS = {name[:3]: name for name in WEEKDAYS} | {"tues": "tuesday", "thurs": "thursday", "thur": "thursday"}
PARTS = word_set("morning afternoon evening night noon midday lunchtime lunch")
BEFORE = word_set("through by until till before on for within in at due over during")
EVENTS = word_set(
    "meeting call launch demo review release workshop visit conference standup stand-up deadline holidays "
    "holiday event audit presentation go-live sync retro retrospective planning kickoff kick-off board summit "
    "fair interview vacation christmas easter session townhall sprint freeze delivery migration trip training "
    "webinar milestone"
)
VAGUE = (
    "as soon as possible", "as soon as you can", "as soon as i can", "as soon as we can", "right away",
    "straight away", "immediately", "soon", "asap", "at some point", "in the next few days", "in a few days",
    "in the coming days", "in the coming weeks", "in the next days", "one of these days", "when i have time",
    "when you have time", "when there is time", "sometime", "in the near future", "in a few weeks", "shortly",
)  # fmt: skip


AFTER_DATE = BEFORE | word_set(
    "and or so but then because if when while since as with to from at please okay ok right you we i he she "
    "they it that which who latest the a our my is are will can not too instead already about after again "
    "together noon morning afternoon evening night maybe then thanks thank everyone everybody guys folks bye "
    "pls plz thx ty ta if unless except once ideally preferably hopefully probably only just sharp still both "
    "works suits looks sounds seems fits is was has have do does did what how why there here onwards though "
    "between around near without against during via inside outside under above into onto except despite "
    "eod cob eob same otherwise so well actually sorry rather any all each every "
    "cheers yes no let could sure great good perfect fine would should he'll i'll"
)


_BEHIND_AN_HOUR = word_set(
    "o'clock am pm a.m p.m thirty fifteen oclock sharp gmt utc cet cest bst est edt cst cdt mst mdt pst pdt ist "
    "pt et pacific eastern"
)


def read_clock(words: list[str], index: int) -> int | None:
    """The end of a time like "five", "five thirty", "3 pm", "17:00", "noon", "five o'clock"."""
    if index >= len(words):
        return None
    word = words[index]
    if word in ("half", "quarter") and words[index + 1 : index + 2] in (["past"], ["to"]):
        return index + 3 if index + 2 < len(words) and words[index + 2] in CARDINALS else None
    if word in ("noon", "midday", "midnight", "lunchtime", "lunch", "eod"):
        return index + 1
    hour = word.replace(".", ":").split(":")[0] if word.count(".") < 2 and "-" not in word else ""
    plain = hour.removesuffix("pm").removesuffix("am").removesuffix("h")
    if not (plain.isdecimal() and int(plain) <= 24) and not (
        word in CARDINALS and CARDINALS[word] <= 12 and word not in "an"
    ):
        return None
    end = index + 1
    marked = ":" in word or "." in word or plain != hour
    while end < len(words) and (
        words[end] in _BEHIND_AN_HOUR
        or words[end : end + 2] in (["p", "m"], ["a", "m"])
        or (words[end] == "m" and words[end - 1] in ("a", "p"))
        or words[end : end + 2] == ["o", "clock"]
        or (words[end] == "clock" and words[end - 1] == "o")
    ):
        marked = True
        end += 1
    at_the_end = end >= len(words) or words[end] in AFTER_DATE
    return end if marked or at_the_end else None


def day_name(word: str) -> int | None:
    """0 for Monday and its misspellings, or None."""
    name = SHORT_DAYS.get(word, word)
    name = name[:-1] if name.endswith("s") and name[:-1] in WEEKDAYS else name
    return WEEKDAYS.index(name) if name in WEEKDAYS and word not in ("sun", "sat", "wed", "mon") else None


def coming(today: date, weekday: int) -> date:
    """The next such weekday, never today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def in_week(today: date, weekday: int, weeks: int) -> date:
    """A weekday of this calendar week (0) or a later one."""
    return today - timedelta(days=today.weekday()) + timedelta(days=weekday, weeks=weeks)


def read_month(word: str) -> int | None:
    name = _SHORT_MONTHS.get(word, word)
    return MONTHS.index(name) + 1 if name in MONTHS else None


def add_months(first: date, months: int) -> date:
    index = first.month - 1 + months
    return date(first.year + index // 12, index % 12 + 1, 1)


def month_end(first: date) -> date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def read_ordinal(words: list[str], at: int) -> tuple[int, int] | None:
    """(end, day of the month) of "27th", "twenty seventh", "third"."""
    if at >= len(words):
        return None
    word = words[at]
    if word[:-2].isdecimal() and word[-2:] in ("st", "nd", "rd", "th") and 1 <= int(word[:-2]) <= 31:
        return at + 1, int(word[:-2])
    if word in ("twenty", "thirty") and at + 1 < len(words) and (unit := _ORDINALS.get(words[at + 1], 10)) < 10:
        number = {"twenty": 20, "thirty": 30}[word] + unit
        return (at + 2, number) if number <= 31 else None
    return (at + 1, _ORDINALS[word]) if word in _ORDINALS else None


def read_year(words: list[str], at: int, today: date) -> tuple[int, int | None]:
    """The end and the year of "2027", "of next year", "twenty twenty seven"; (at, None) where none stands."""
    start = at
    at += words[at : at + 1] in (["of"], ["in"])
    if words[at : at + 2] in (["next", "year"], ["this", "year"]):
        return at + 2, today.year + (words[at] == "next")
    if at < len(words) and is_year(words[at]):
        return at + 1, int(words[at])
    if words[at : at + 2] == ["twenty", "twenty"] and at + 2 < len(words):
        unit = CARDINALS.get(words[at + 2], 10)
        return (at + 3, 2020 + unit) if unit < 10 and words[at + 2] not in ("a", "an") else (start, None)
    return start, None


def is_year(word: str) -> bool:
    """Whether a word is a year of this century in digits."""
    return len(word) == 4 and word.isdecimal() and word.startswith("20")


def ends_there(words: list[str], end: int) -> bool:
    """Whether nothing that the date could belong to follows: "in Q3" but not "in Q3 numbers"."""
    return end >= len(words) or words[end] in AFTER_DATE
