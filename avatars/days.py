"""One date in a clause: what is near today, then the rules for weekdays, periods, amounts and dates.

The conventions stand in `avatars.dates`, which knows where such words are a deadline at all.
"""

from __future__ import annotations

from datetime import date, timedelta

from avatars.absolute import absolute, day_of_month, holiday, numeric_day
from avatars.amounts import amount, read_amount
from avatars.date_words import AFTER_DATE, CARDINALS, EVENTS, PARTS, VAGUE, coming, day_name, read_clock
from avatars.offsets import offset
from avatars.periods import day_of_period, period_at, period_edge
from avatars.verbs import THIRD_PERSON, is_base, word_set
from avatars.weekdays import weekday_at, weekday_of_month
from avatars.words import WEEKDAYS

_NEAR_BY_DAYS = {
    2: ("the day after tomorrow, day after tomorrow, the morning after tomorrow"),
    1: ("tomorrow, the end of tomorrow, end of tomorrow, first thing tomorrow, first thing in the morning"),
    0: (
        "right after lunch, after lunch, "
        "today, tonight, this morning, this afternoon, this evening, the end of the day, the end of "
        "today, end of the day, end of day, end of today, end of business, the end of business, close of "
        "business, close of play, the close of business, the close of "
        "play, eod, cob, eob, e o d, day's end, later today, the end of this day, the "
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
            in_weeks = read_amount(words, end + 1) if words[end : end + 1] == ["in"] and end == index + 1 else None
            if in_weeks and in_weeks[2] == "week":  # "today in two weeks"
                return in_weeks[0], today + timedelta(days=days, weeks=in_weeks[1])
            if words[end : end + 1] in (["week"], ["fortnight"]) and words[end - 1] in ("today", "tomorrow"):
                return end + 1, today + timedelta(days=days + (7 if words[end] == "week" else 14))
            return end, today + timedelta(days=days)
    if lead[-1:] in (["by"], ["before"], ["until"], ["at"]):
        clock = read_clock(words, index)
        if clock is not None and _is_time(words, index, clock, lead):
            clock += words[clock : clock + 1] in (["of"], ["on"]) and _day_follows(words, clock)
            return clock, None if _day_follows(words, clock) else today
    return None


_CHANGED = word_set(
    "raise raised rise rose increase increased cut reduce reduced grow grew drop dropped fall fell up down lower "
    "lowered improve improved shrink shrank exceed exceeded late off "
    "multiply divide beat win won lost higher less more"
)


def _is_time(words: list[str], index: int, clock: int, lead: list[str]) -> bool:
    """Whether a number is an hour: not in "by five people", "raise it by 10"."""
    if clock < len(words) and words[clock] in ("percent", "people", "days", "euros"):
        return False
    if lead[-1:] == ["at"] and (words[clock : clock + 1] in (["a"], ["an"]) or _is_habit(words, index - 1)):
        return False
    plain = clock == index + 1 and (words[index].isdecimal() or words[index] in CARDINALS)
    return not (plain and lead[-1:] == ["by"] and not _CHANGED.isdisjoint(words[max(index - 8, 0) : index]))


def _is_habit(words: list[str], at: int) -> bool:
    """ "her first meeting is at nine", "the shift starts at four": every day, for all that is said."""
    for place in range(at - 1, max(at - 6, -1), -1):
        word = words[place]
        if word in ("will", "let", "to", "please", "can", "should", "must", "and", "tomorrow", "today"):
            return False
        if word in ("is", "are") or word in THIRD_PERSON:
            if words[place + 1].endswith("ing"):
                return False
            return words[place - 1 : place] not in (["i"], ["we"], ["you"])
        if is_base(word):
            return False
    return False


def _later_today(words: list[str], index: int, today: date, lead: list[str]) -> tuple[int, date | None] | None:
    """ "I will call in the evening"; a habit without "will" is no day."""
    if lead[-1:] != ["in"] or words[index : index + 2] not in (["the", "evening"], ["the", "afternoon"]):
        return None
    if _COMING_UP.isdisjoint(words) or any(day_name(word) is not None or word == "tomorrow" for word in words):
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


def _day_follows(words: list[str], end: int) -> bool:
    return any(word in WEEKDAYS or word == "tomorrow" for word in words[end : end + 3])


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
