"""Due dates in speech: "by Friday", "the end of the month", "in two weeks", "the third of December".

Own rules for what people say relative to today; the date library for absolute dates. Conventions, tested by
table in `tests/avatars/test_dates.py`:

* A weekday is the next one to come; said on that same day it is a week later ("this Friday" may be today).
* "next Friday" is the Friday of the next calendar week (weeks begin on Monday).
* "this week" and "next week" end on their Friday; "the weekend" on Sunday; months, quarters, halves and
  years on their last day, and the middle of a month is its 15th; "before X" counts as X.
* "by March" and "by Q3" mean their first day, "in March" and "in Q3" their last; quarters and halves are
  those of the calendar, and fiscal ones are not resolved.
* What cannot be resolved ("before the launch", "as soon as possible") keeps its words and has no date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from avatars.date_words import (
    AFTER_DATE,
    BEFORE,
    CARDINALS,
    EVENTS,
    PARTS,
    SHORT_DAYS,
    SPELLINGS,
    day_name,
    read_clock,
    read_ordinal,
)
from avatars.days import read_day
from avatars.due_phrase import DuePhrase
from avatars.second_thoughts import settle
from avatars.told import WHO, is_told
from avatars.verbs import is_base, word_set
from avatars.words import MONTHS, WEEKDAYS

_NOT_DUE = word_set(
    "every each last since from past previous of than to like called between through thru except fiscal financial tax academic "
    "school"
)
_REPEATED = (
    word_set(
        "first second third fourth last other single the of on at in day week month quarter year weekday weekend "
        "and"
    )
    | PARTS
)


def find(said: Sequence[str], now: datetime) -> list[DuePhrase]:
    """All due phrases, in order.

    Args:
        said: normal forms of a clause's tokens; names of people present may stand as "@0".
        now: the moment it was said, in the office's time zone.
    """
    places = [place for place in range(len(said)) if not _is_filler(said, place)]
    words = [SPELLINGS.get(said[place], said[place]) for place in places]
    return [
        replace(phrase, start=places[phrase.start], end=places[phrase.end - 1] + 1)
        for phrase in settle(words, _find(words, now.date()))
    ]


def _is_filler(said: Sequence[str], place: int) -> bool:
    """ "by um Friday", "by like four"."""
    if said[place] in ("um", "uh", "er", "erm", "uhm", "hmm"):
        return True
    return said[place] == "like" and bool(place) and said[place - 1] in BEFORE


def _find(words: list[str], today: date) -> list[DuePhrase]:
    found: list[DuePhrase] = []
    index = 0
    while index < len(words):
        if (passed := _no_due(words, index, today)) > index:
            index = passed
            continue
        phrase = _phrase_at(words, index, today)
        if phrase is None:
            index += 1
            continue
        index = phrase.end
        if _is_now(words, phrase, today) or is_told(words, phrase.start, phrase.end, phrase.binding):
            continue
        if found and found[-1].end == phrase.start and found[-1].day is None:
            phrase = replace(
                phrase,
                start=found[-1].start,
                phrase=f"{found[-1].phrase} {phrase.phrase}",
                binding=max(found[-1].binding, phrase.binding),
            )
            found.pop()
        found.append(phrase)
    return found


def strongest(phrases: Sequence[DuePhrase]) -> DuePhrase | None:
    """The one that is the deadline; a resolved one before an unresolved one."""
    return max(phrases, key=lambda item: (item.day is not None, item.binding, -item.start), default=None)


_IDIOM = ["at", "the", "end", "of", "the", "day"]
"""A date, unless a statement follows: "at the end of the day it is about money"."""


def _no_due(words: list[str], index: int, today: date) -> int:
    """The end of words about what repeats or is over: "every other Wednesday", "a week ago on Friday"."""
    word, end = words[index], index + 1
    if word in ("every", "each", "weekly", "daily", "monthly"):
        while end < len(words) and (words[end] in _REPEATED or day_name(words[end]) is not None):
            end += 1
        return end if end > index + 1 else index
    if word == "ago":
        end += words[end : end + 1] == ["on"]
        return end + (end < len(words) and day_name(words[end]) is not None)
    if words[index : index + 6] == _IDIOM and words[index + 6 : index + 7] != [] and words[index + 6] in WHO:
        return index if words[index + 7 : index + 8] in (["will"], ["can"]) else index + 6
    if word in _NOT_DUE and end < len(words) and (skipped := read_day(words, end, today, [word])):
        return skipped[0]
    if word == "earlier" and words[end : end + 1] in (["this"], ["today"]):
        return end + (2 if words[end] == "this" else 1)
    return index


def _phrase_at(words: list[str], index: int, today: date) -> DuePhrase | None:
    lead, binding = _lead(words, index)
    core = index + lead
    if core >= len(words) or (words[index] == "over" and "weekend" not in words[core : core + 3]):
        return None
    result = read_day(words, core, today, words[index : index + lead])
    if result is None:
        return None
    end, day = result
    if not lead and not _stands_alone(words, index, end):
        return None
    if (
        lead
        and end < len(words)
        and (words[end] in EVENTS or words[end - 1].endswith("'s"))
        and _names_day(words, end)
    ):
        return None
    end = _time_of_day(words, end)
    if _repeats(words, end):
        return None
    if words[index] in ("until", "till") and _is_absence(words, index, end):
        binding = 0
    if day is not None and day < today:
        day = None  # nothing can be due in the past: the words stay, for a person to judge
    return DuePhrase(start=index, end=end, day=day, phrase=" ".join(words[index:end]), binding=binding)


def _repeats(words: list[str], end: int) -> bool:
    """ "at 8:45 every day", "Monday to Friday", "Friday last week"."""
    following = words[end : end + 2]
    if following[:1] in (["every"], ["each"], ["daily"], ["gone"], ["past"], ["ago"]):
        return True
    if following in (["just", "gone"], ["of", "last"], ["before", "last"], ["last", "week"], ["last", "month"]):
        return True
    return (
        following[:1] in (["to"], ["through"], ["thru"])
        and following[1:] != []
        and day_name(following[1]) is not None
    )


_ABSENT = word_set("away out off closed busy gone holiday holidays leave vacation abroad travelling ill sick")


def _is_absence(words: list[str], start: int, end: int) -> bool:
    """ "I am away until Friday", "until Friday I am away": nothing is due then."""
    front = words[max(start - 3, 0) : start]
    if not _ABSENT.isdisjoint(front):
        return True
    return (
        words[end : end + 1] != []
        and words[end] in WHO
        and words[end + 1 : end + 2] in (["am"], ["is"], ["are"], ["have"])
    )


def _is_now(words: list[str], phrase: DuePhrase, today: date) -> bool:
    """ "it is Friday", "today is the 3rd", said on that day: no deadline."""
    if words[max(phrase.start - 2, 0) : phrase.start] not in (["it", "is"], ["today", "is"], ["this", "is"]):
        return False
    weekday = phrase.day is not None and words[phrase.start] == WEEKDAYS[today.weekday()]
    return weekday or (phrase.day == today and words[phrase.start] not in ("today", "tonight"))


def _lead(words: list[str], index: int) -> tuple[int, int]:
    """How many words introduce the date, and how firmly."""
    for lead in (
        ("no", "later", "than"), ("not", "later", "than"), ("at", "the", "latest", "by"), ("at", "the", "latest"),
        ("latest", "by"), ("latest", "on"), ("by", "latest"), ("at", "latest"), ("up", "to"), ("due", "by"), ("due", "on"), ("due", "at"), ("on", "or", "before"), ("some", "time"),
        ("sometime",), ("latest",), ("not", "until"), ("up", "until"), ("ready", "by"),
        ("in", "the", "course", "of"),
    ):  # fmt: skip
        if tuple(words[index : index + len(lead)]) == lead:
            return (len(lead) - 1 if lead[0] == "ready" else len(lead), 2) if lead[0] != "ready" else (0, 1)
    word = words[index]
    if word in BEFORE:
        return 1, {"by": 2, "until": 2, "till": 2, "before": 2, "within": 2, "due": 2, "for": 0}.get(word, 1)
    return 0, 1


_NAMED_DAYS = word_set("easter black ash shrove palm whit cyber holiday maundy pancake super")


def _stands_alone(words: list[str], start: int, end: int) -> bool:
    """A date without "by" or "on": not in "since Friday", "the Friday meeting", "Monday's call"."""
    before = words[start - 1] if start else ""
    if before in ("the", "our", "this", "next", "my", "a", "your", "their"):
        return False
    if words[start : start + 2] == ["the", "weekend"] or _is_one_of_many(words, start, end):
        return False
    if before in ("days", "day") and words[start] == "end":
        return False  # "thirty days end of month": terms of payment
    if before in _NAMED_DAYS or (before == "good" and words[start] == "friday" and words[start - 2] in BEFORE):
        return False
    return not (end < len(words) and _is_compound(words, start, end))


def _is_one_of_many(words: list[str], start: int, end: int) -> bool:
    """ "the second I like best", "the third complaint this year": an ordinal that counts something."""
    if words[start] == "this":
        return any(
            read_ordinal(words, place) is not None or words[place] in _SUPERLATIVES
            for place in range(max(start - 4, 1), start - 1)
            if words[place - 1] in ("the", "our", "my", "his", "her", "their", "your")
        )
    if words[start] != "the" or (ordinal := read_ordinal(words, start + 1)) is None or ordinal[0] != end:
        return False
    if end > start + 2 or (words[start + 1][0].isdecimal() and ordinal[1] > 5):
        return False
    before = words[start - 1] if start else ""
    if before == "is":
        return _ABOUT_DAYS.isdisjoint(words[max(start - 5, 0) : start])
    return before not in _ABOUT_DAYS


_ABOUT_DAYS = word_set(
    "say said mean meant deadline date due day make be is about around maybe or no sorry wait then until"
)
_SUPERLATIVES = word_set("only best worst biggest last largest highest lowest")


def _names_day(words: list[str], end: int) -> bool:
    return words[end - 1].removesuffix("'s") in (*WEEKDAYS, *MONTHS)


def _is_compound(words: list[str], start: int, end: int) -> bool:
    """ "Friday meeting", "tomorrow's call": the date belongs to a thing."""
    last = words[end - 1]
    if last.endswith("'s"):
        return True
    following = words[end]
    if last in ("week", "month", "quarter", "year", "weekend"):
        return following in EVENTS or following in ("party", "dinner", "numbers", "figures", "report", "results")
    if last not in WEEKDAYS and last not in MONTHS and last not in SHORT_DAYS:
        return False
    if following.startswith("@"):
        return False
    if words[end : end + 2] == ["first", "thing"]:
        return False
    if following in AFTER_DATE or following in PARTS or following[:1].isdecimal() or following in CARDINALS:
        return False
    return following in EVENTS or not is_base(following)


def _time_of_day(words: list[str], end: int) -> int:
    """Take "morning", "at five", "by 3 pm", "at the latest", "end of day" behind a date along."""
    moved = True
    while moved and end < len(words):
        moved = False
        rest = words[end : end + 5]
        if rest[0] in PARTS and not (rest[0] == "lunch" and rest[1:2] != []):
            end, moved = end + 1, True
        elif rest[:1] in (["at"], ["by"], ["before"], ["around"]) and (clock := read_clock(words, end + 1)):
            end, moved = clock, True
        elif rest[:2] == ["first", "thing"]:
            end, moved = end + 2, True
        elif rest[:3] == ["at", "the", "latest"]:
            end, moved = end + 3, True
        elif rest[:1] == ["latest"]:
            end, moved = end + 1, True
        elif rest[:3] in (["end", "of", "day"], ["close", "of", "business"]):
            end, moved = end + 3, True
        elif rest[:1] in (["eod"], ["cob"], ["eob"]):
            end, moved = end + 1, True
    return end
