"""Due dates in speech: "by Friday", "the end of the month", "in two weeks", "the third of December".

Own rules for what people say; the date library for dates in figures. Conventions, tested by the tables of
`tests/avatars/test_date_table.py`:

* A weekday is the next one to come; said on that same day it is a week later ("this Friday" may be today).
* "next Friday" is the Friday of the next calendar week (weeks begin on Monday).
* "this week" and "next week" end on their Friday; "the weekend" on Sunday; months, quarters, halves and
  years on their last day, and the middle of a month is its 15th; "before X" counts as X.
* "by March" and "by Q3" mean their first day, "in March" and "in Q3" their last; quarters and halves are
  those of the calendar, and fiscal ones are not resolved.
* Days may be counted from others ("30 days after the 1st of March", "the Friday before the 15th").
* Of days that are taken back ("by Friday, no, Thursday") the last one holds; what is refused, denied, repeated,
  told of or only counted is no date ("not on Friday", "every Friday", "we met on Friday", "the second Friday").
* What cannot be resolved ("before the launch", "as soon as possible") keeps its words and has no date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from avatars.date_words import BEFORE, EVENTS, PARTS, SPELLINGS, read_clock
from avatars.days import read_day
from avatars.due_phrase import DuePhrase
from avatars.second_thoughts import settle
from avatars.told import goes_on, is_told
from avatars.undue import is_absence, is_now, is_refused, names_day, past_undue, repeats, stands_alone
from avatars.verbs import word_set
from avatars.words import WEEKDAYS


def find(said: Sequence[str], now: datetime) -> list[DuePhrase]:
    """All due phrases, in order.

    Args:
        said: normal forms of a clause's tokens; names of people present may stand as "@0".
        now: the moment it was said, in the office's time zone.
    """
    places = [place for place, word in enumerate(said) if word not in _FILLERS]
    places = [
        place
        for place, before in zip(places, [-1, *places], strict=False)
        if not (said[place] == "like" and before >= 0 and said[before] in BEFORE)  # "by like four"
    ]
    words = [SPELLINGS.get(said[place], said[place]) for place in places]
    words = [_without_is(word, words[place : place + 1]) for place, word in enumerate(words, 1)]
    return [
        replace(phrase, start=places[phrase.start], end=places[phrase.end - 1] + 1)
        for phrase in settle(words, _find(words, now.date()))
    ]


_FILLERS = word_set("um uh er erm uhm hmm")
_AFTER_IS = word_set("the a an my our fine good ok okay perfect great best better off out full not too")


def _without_is(word: str, following: list[str]) -> str:
    """ "Friday's fine", "Monday's the deadline": the day itself; "Friday's meeting" stays."""
    stem = word.removesuffix("'s")
    return stem if stem in WEEKDAYS and not _AFTER_IS.isdisjoint(following) else word


def _find(words: list[str], today: date) -> list[DuePhrase]:
    found: list[DuePhrase] = []
    index, told = 0, 0  # `told` is the end of the last day that was told of
    while index < len(words):
        if (passed := past_undue(words, index, today)) > index:
            index = passed
            continue
        phrase = _phrase_at(words, index, today)
        if phrase is None:
            index += 1
            continue
        index = phrase.end
        if is_told(words, phrase.start, phrase.end, phrase.binding) or goes_on(words, told, phrase.start):
            told = phrase.end
            continue
        if is_now(words, phrase, today) or repeats(words, phrase.start, phrase.end):
            continue
        if found and words[found[-1].end : phrase.start] in (["and"], ["or"]):
            phrase = replace(phrase, binding=min(phrase.binding, found[-1].binding))  # "for the 4th and the 11th"
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


_OVER = word_set("weekend next coming")


def _phrase_at(words: list[str], index: int, today: date) -> DuePhrase | None:
    lead, binding = _lead(words, index)
    core = index + lead
    if core >= len(words) or (words[index] == "over" and _OVER.isdisjoint(words[core : core + 3])):
        return None
    result = read_day(words, core, today, words[index : index + lead])
    if result is None:
        return None
    end, day = result
    if not lead and not stands_alone(words, index, end):
        return None
    if binding < 2 and is_refused(words, index, end):
        return None
    if lead and end < len(words) and words[end] in EVENTS and names_day(words, end):
        return None
    end = _time_of_day(words, end)
    if words[index] in ("until", "till", "through", "on") and is_absence(words, index, end):
        binding = 0
    if day is not None and day < today:
        day = None  # nothing can be due in the past: the words stay, for a person to judge
    return DuePhrase(start=index, end=end, day=day, phrase=" ".join(words[index:end]), binding=binding)


def _lead(words: list[str], index: int) -> tuple[int, int]:
    """How many words introduce the date, and how firmly."""
    for lead in (
        ("no", "later", "than"), ("not", "later", "than"), ("at", "the", "latest", "by"), ("at", "the", "latest"),
        ("latest", "by"), ("latest", "on"), ("by", "latest"), ("at", "latest"), ("up", "to"), ("due", "by"),
        ("due", "on"), ("due", "at"), ("on", "or", "before"), ("some", "time"), ("sometime",), ("latest",),
        ("not", "until"), ("up", "until"), ("ready", "by"), ("in", "the", "course", "of"),
    ):  # fmt: skip
        if tuple(words[index : index + len(lead)]) == lead:
            return (len(lead) - 1 if lead[0] == "ready" else len(lead), 2) if lead[0] != "ready" else (0, 1)
    word = words[index]
    if word in BEFORE:
        return 1, {"by": 2, "until": 2, "till": 2, "before": 2, "within": 2, "due": 2, "for": 0}.get(word, 1)
    return 0, 1


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
