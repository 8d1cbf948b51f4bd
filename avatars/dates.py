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
from dataclasses import dataclass, replace
from datetime import date, datetime

from avatars.date_words import AFTER_DATE, BEFORE, CARDINALS, EVENTS, PARTS, SHORT_DAYS, day_name, read_clock
from avatars.days import read_day
from avatars.verbs import is_base, word_set
from avatars.words import MONTHS, WEEKDAYS

_NOT_DUE = word_set(
    "every each last since from past previous of than to like called between except fiscal financial tax academic "
    "school"
)
_REPEATED = (
    word_set(
        "first second third fourth last other single the of on at in day week month quarter year weekday weekend "
        "and"
    )
    | PARTS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePhrase:
    """Words about a date: tokens `start` to `end` (exclusive)."""

    start: int
    end: int
    day: date | None
    """None when the words cannot be resolved to a day."""
    phrase: str
    """As it was said, lower case."""
    binding: int
    """How firmly it is a deadline: 2 "by Friday", 1 "on Friday", 0 "for Friday" (stays in the task's text)."""


def find(said: Sequence[str], now: datetime) -> list[DuePhrase]:
    """All due phrases, in order.

    Args:
        said: normal forms of a clause's tokens; names of people present may stand as "@0".
        now: the moment it was said, in the office's time zone.
    """
    words = list(said)
    found: list[DuePhrase] = []
    index = 0
    while index < len(words):
        if (passed := _no_due(words, index)) > index:
            index = passed
            continue
        phrase = _phrase_at(words, index, now.date())
        if phrase is None:
            index += 1
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
        index = phrase.end
    return found


def strongest(phrases: Sequence[DuePhrase]) -> DuePhrase | None:
    """The one that is the deadline; a resolved one before an unresolved one."""
    return max(phrases, key=lambda item: (item.day is not None, item.binding, -item.start), default=None)


def _no_due(words: list[str], index: int) -> int:
    """The end of words about what repeats or is over: "every other Wednesday", "a week ago on Friday"."""
    word, end = words[index], index + 1
    if word in ("every", "each", "weekly", "daily", "monthly"):
        while end < len(words) and (words[end] in _REPEATED or day_name(words[end]) is not None):
            end += 1
        return end if end > index + 1 else index
    if word == "ago":
        end += words[end : end + 1] == ["on"]
        return end + (end < len(words) and day_name(words[end]) is not None)
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
    if binding < 2 and (_is_told(words, index) or _is_told_behind(words, end)):
        return None
    if day is not None and day < today:
        day = None  # nothing can be due in the past: the words stay, for a person to judge
    end = _time_of_day(words, end)
    return DuePhrase(start=index, end=end, day=day, phrase=" ".join(words[index:end]), binding=binding)


def _lead(words: list[str], index: int) -> tuple[int, int]:
    """How many words introduce the date, and how firmly."""
    for lead in (
        ("no", "later", "than"), ("not", "later", "than"), ("at", "the", "latest", "by"), ("at", "the", "latest"),
        ("latest", "by"), ("due", "by"), ("due", "on"), ("due", "at"), ("on", "or", "before"), ("some", "time"),
        ("sometime",), ("latest",), ("not", "until"), ("up", "until"), ("ready", "by"),
        ("in", "the", "course", "of"),
    ):  # fmt: skip
        if tuple(words[index : index + len(lead)]) == lead:
            return (len(lead) - 1 if lead[0] == "ready" else len(lead), 2) if lead[0] != "ready" else (0, 1)
    word = words[index]
    if word in BEFORE:
        return 1, {"by": 2, "until": 2, "till": 2, "before": 2, "within": 2, "due": 2, "for": 0}.get(word, 1)
    return 0, 1


def _stands_alone(words: list[str], start: int, end: int) -> bool:
    """A date without "by" or "on": not in "since Friday", "the Friday meeting", "Monday's call"."""
    before = words[start - 1] if start else ""
    if before in _NOT_DUE or before in ("the", "our", "this", "next", "my", "a", "your", "their"):
        return False
    if words[start : start + 2] == ["the", "weekend"]:
        return False
    return not (end < len(words) and _is_compound(words, start, end))


_WHO = word_set("i we you he she it they that this which what who everything everybody everyone nobody something")
_PAST = word_set(
    "did met sent spoke began broke fell came went was were saw made got gave wrote built found left lost ran "
    "took told paid held"
)
_ASKED = word_set(
    "be is are get got it been being them that this will please not need needs want have has and or everything all"
)
_OF_A_THING = word_set("was were the a an our my your their his her its this that about on in of with")
_STILL_TO_COME = word_set(
    "to will would should must can could and but so if because agreed said decided promised wanted needed planned "
    "please let then scheduled hoped expected wished supposed meant had due going"
)


def _is_told(words: list[str], start: int) -> bool:
    """ "it broke on Sunday", "we talked about it on Monday": a story about a day that is over."""
    if words[max(start - 1, 0) : start] == ["back"] and words[start] == "in" and start == 1:
        return True
    start -= bool(start) and words[start - 1] in ("on", "in")  # the day is tried again without its "on"
    for place in range(start - 1, max(start - 7, -1), -1):
        word = words[place]
        if word in _STILL_TO_COME:
            return False
        if word in ("was", "were"):
            return start - place <= 2 and words[max(place - 2, 0) : place].count("if") == 0
        is_verb = word.endswith("ed") and not is_base(word)
        if is_verb and place and place == start - 1 and words[place - 1] not in _ASKED:
            return True
        past = word in _PAST or (word.endswith("ed") and not is_base(word))
        if past and place and words[place - 1] in _WHO and (place < 2 or words[place - 2] not in ("if", "when")):
            return True
        if is_base(word) and place and words[place - 1] not in _OF_A_THING and words[place - 1] not in _WHO:
            return False  # another verb: "I sent the draft, check it on Monday"
    return False


def _is_told_behind(words: list[str], end: int) -> bool:
    """ "on Friday I was ill": the same with the day in front."""
    return (
        words[end : end + 1] != []
        and words[end] in _WHO
        and words[end + 1 : end + 2] != []
        and (
            words[end + 1] in _PAST
            or (
                words[end + 1].endswith("ed")
                and words[end + 1] not in _STILL_TO_COME
                and not is_base(words[end + 1])
            )
        )
    )


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
