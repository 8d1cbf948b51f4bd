"""Today and tomorrow, and hours: "tonight", "close of business on Friday", "by 5 pm", "tomorrow fortnight"."""

from __future__ import annotations

from datetime import date, timedelta

from avatars.amounts import read_amount
from avatars.date_words import CARDINALS, read_clock
from avatars.offsets import Reader
from avatars.verbs import THIRD_PERSON, is_base, word_set
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


_ITSELF = ("today", "tonight", "this", "later")
"""What begins so is today, whatever follows; "close of business" may be another day's."""


def near(
    words: list[str], index: int, today: date, lead: list[str], read: Reader
) -> tuple[int, date | None] | None:
    """A day near today, or None.

    Args:
        words: normal forms of the clause.
        index: where it may begin.
        today: the day on which it is said.
        lead: the words that introduce it: an hour needs "by", "before", "until" or "at".
        read: reads a day behind an hour.
    """
    for phrase, days in _NEAR:
        parts = phrase.split()
        if words[index : index + len(parts)] == parts:
            end = index + len(parts)
            if days == 0 and parts[0] not in _ITSELF and (exact := _day_behind(words, end, today, read)):
                return exact
            return _weeks_behind(words, end, today + timedelta(days=days))
    if lead[-1:] in (["by"], ["before"], ["until"], ["till"], ["at"]):
        clock = read_clock(words, index)
        if clock is not None and _is_time(words, index, clock, lead):
            return _day_behind(words, clock, today, read) or (clock, None if _day_follows(words, clock) else today)
    return None


def _day_behind(words: list[str], end: int, today: date, read: Reader) -> tuple[int, date | None] | None:
    """ "eod Monday", "by noon on the 15th": the day of an hour."""
    found = read(words, end + (words[end : end + 1] in (["on"], ["of"])), today, ["on"])
    return found if found is not None and found[1] is not None else None


def _weeks_behind(words: list[str], end: int, day: date) -> tuple[int, date]:
    """ "today in two weeks", "tomorrow fortnight", or the day itself."""
    if words[end - 1] not in ("today", "tomorrow"):
        return end, day
    if words[end : end + 1] == ["in"] and (amount := read_amount(words, end + 1)) and amount[2] == "week":
        return amount[0], day + timedelta(weeks=amount[1])
    weeks = {"week": 1, "fortnight": 2}.get("".join(words[end : end + 1]), 0)
    return end + (weeks > 0), day + timedelta(weeks=weeks)


_CHANGED = word_set(
    "raise raised rise rose increase increased cut reduce reduced grow grew drop dropped fall fell up down lower "
    "lowered improve improved shrink shrank exceed exceeded late off "
    "multiply divide beat win won lost"
)


def _is_time(words: list[str], index: int, clock: int, lead: list[str]) -> bool:
    """Whether a number is an hour: not in "by five people", "raise it by 10"."""
    if clock < len(words) and words[clock] in ("percent", "people", "days", "euros"):
        return False
    if words[clock : clock + 1] == ["to"] and words[index] not in ("five", "ten", "twenty", "quarter"):
        return False  # "by two to one"
    if lead[-1:] == ["at"] and (words[clock : clock + 1] in (["a"], ["an"]) or _is_habit(words, index - 1)):
        return False
    plain = clock == index + 1 and (words[index].isdecimal() or words[index] in CARDINALS)
    if plain and lead[-1:] == ["by"] and words[max(index - 2, 0) : index - 1] and _is_number(words[index - 2]):
        return False  # "six by four metres"
    return not (plain and lead[-1:] == ["by"] and not _CHANGED.isdisjoint(words[max(index - 8, 0) : index]))


def _is_number(word: str) -> bool:
    return word.isdecimal() or (word in CARDINALS and word not in ("a", "an"))


def _is_habit(words: list[str], at: int) -> bool:
    """ "her first meeting is at nine", "the shift starts at four": every day, for all that is said."""
    for place in range(at - 1, max(at - 6, -1), -1):
        word = words[place]
        if word in ("will", "let", "to", "please", "can", "should", "must", "tomorrow", "today"):
            return False
        if word in ("is", "are") or word in THIRD_PERSON:
            if words[place + 1].endswith("ing") or words[place - 1] == "there":
                return False
            return words[place - 1 : place] not in (["i"], ["we"], ["you"])
        if is_base(word) and words[place - 1] != "and":
            return words[place - 1] == "they"
    return False


def _day_follows(words: list[str], end: int) -> bool:
    return any(word in WEEKDAYS or word == "tomorrow" for word in words[end : end + 3])
