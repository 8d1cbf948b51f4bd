"""Days that are told from another day: "30 days after the 1st of March", "the Friday before Christmas Eve"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from avatars.absolute import absolute, day_of_month
from avatars.amounts import STEPS, later, read_amount
from avatars.date_words import day_name

Reader = Callable[[list[str], int, date, list[str]], tuple[int, date | None] | None]
"""Reads a day at a place: see `avatars.days.read_day`."""
_SIDES = {"after": 1, "from": 1, "following": 1, "past": 1, "before": -1}


def offset(words: list[str], index: int, today: date, read: Reader) -> tuple[int, date | None] | None:
    """A day that is counted from another, or None.

    Args:
        words: normal forms of the clause.
        index: where it may begin.
        today: the day on which it is said.
        read: reads the day that is counted from.
    """
    return _counted_from(words, index, today, read) or _beside(words, index, today, read)


def _counted_from(words: list[str], index: int, today: date, read: Reader) -> tuple[int, date | None] | None:
    """ "two weeks before the end of May", "net 30 from today"."""
    net = words[index] == "net"
    if net and words[index + 1 : index + 2] != [] and words[index + 1].isdecimal() and len(words[index + 1]) < 4:
        at, number, unit = index + 2, int(words[index + 1]), "day"
        at += words[at : at + 1] == ["days"]
    elif counted := read_amount(words, index):
        at, number, unit = counted
    else:
        return None
    at += words[at : at + 1] == ["net"]
    side = _SIDES.get(words[at]) if at < len(words) else None
    if side is None or unit not in STEPS:
        return None
    found = None
    if side > 0:  # what it is counted from may be over: "30 days after the 1st"
        earlier = later(today, -number, unit)
        found = day_of_month(words, at + 1, earlier, ["on"]) or absolute(words, at + 1, earlier, ["on"])
    found = found or read(words, at + 1, today, ["on"])
    if found is None or found[1] is None:
        return None
    return found[0], later(found[1], side * number, unit)


def _beside(words: list[str], index: int, today: date, read: Reader) -> tuple[int, date | None] | None:
    """ "the day before the 15th", "the first Monday after the 4th of January"."""
    at = index + (words[index] == "the")
    at += words[at : at + 1] == ["first"]
    if at == index or at + 1 >= len(words):
        return None
    weekday = day_name(words[at])
    side = _SIDES.get(words[at + 1])
    if side is None or words[at + 1] in ("from", "past") or (weekday is None and words[at] != "day"):
        return None
    found = read(words, at + 2, today, ["on"])
    if found is None or found[1] is None:
        return None
    day = found[1] + timedelta(days=side)
    while weekday is not None and day.weekday() != weekday:
        day += timedelta(days=side)
    return found[0], day
