"""Days that are said, but not for something to do: what repeats, what is a name, what counts something else."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from avatars.date_words import AFTER_DATE, BEFORE, CARDINALS, EVENTS, PARTS, SHORT_DAYS, day_name, read_ordinal
from avatars.days import read_day
from avatars.due_phrase import DuePhrase
from avatars.told import WHO
from avatars.verbs import is_base, word_set
from avatars.words import MONTHS, WEEKDAYS

_NOT_DUE = word_set(
    "every each last since from past previous of than to like called between into dated except fiscal financial "
    "tax academic school"
)
_REPEATED = (
    word_set(
        "first second third fourth last other single the of on at in day week month quarter year weekday weekend "
        "and"
    )
    | PARTS
)


_DENIALS = word_set("not nothing never nobody")
_IDIOM = ["at", "the", "end", "of", "the", "day"]
"""A date, unless a statement follows: "at the end of the day it is about money"."""


def past_undue(words: list[str], index: int, today: date) -> int:
    """The end of words about what repeats or is over: "every other Wednesday", "a week ago on Friday"."""
    word, end = words[index], index + 1
    if word in ("once", "twice", "times") and words[end : end + 1] in (["a"], ["per"], ["each"]):
        return _repetition(words, end + 1)
    if words[index : index + 2] == ["each", "other"]:
        return index + 2
    if words[index : index + 2] == ["today", "is"] and _starts_day(words, index + 2):
        return index + 2
    if word in ("every", "each", "weekly", "daily", "monthly"):
        end = _repetition(words, end)
        if words[end : end + 1] in (["starting"], ["beginning"], ["until"], ["till"]) and end + 1 < len(words):
            bound = read_day(words, end + 1, today, ["until"])
            end = bound[0] if bound else end
        return end if end > index + 1 else index
    if word == "ago":
        end += words[end : end + 1] == ["on"]
        return end + (end < len(words) and (words[end] == "today" or day_name(words[end]) is not None))
    if words[index : index + 6] == _IDIOM and words[index + 6 : index + 7] != [] and words[index + 6] in WHO:
        return index if words[index + 7 : index + 8] in (["will"], ["can"]) else index + 6
    if end == len(words):
        return index
    if word in ("through", "thru") and index and _both_are_days(words[index - 1], words[end]):
        return end + 1
    if word == "of" and words[max(index - 1, 0)] in ("thinking", "think", "deadline", "date", "target"):
        return index
    is_verb = word == "to" and is_base(words[end])
    waits = word in ("until", "till") and "wait" in words[max(index - 2, 0) : index]
    is_denied = (word == "before" or waits) and not _DENIALS.isdisjoint(words[max(index - 5, 0) : index])
    is_denied = is_denied and words[max(index - 2, 0)] != "why"
    end += word in ("from", "since") and words[end] in BEFORE and end + 1 < len(words)  # "from before October"
    if is_denied or (word in _NOT_DUE and not is_verb):
        skipped = read_day(words, end, today, [words[end - 1]])
        return skipped[0] if skipped else index  # not in "we can not do it before Friday" either
    if word == "earlier" and words[end : end + 1] in (["this"], ["today"]):
        return end + (2 if words[end] == "this" else 1)
    return index


def _repetition(words: list[str], end: int) -> int:
    """ "(every) other Friday", "(every) 15th and 30th": where it ends."""
    while end < len(words):
        if words[end] not in _REPEATED and day_name(words[end]) is None and not read_ordinal(words, end):
            break
        end += 1
    return end


def _starts_day(words: list[str], at: int) -> bool:
    """ "(today is) Friday", "the 3rd"."""
    at += words[at : at + 1] == ["the"]
    return at < len(words) and (day_name(words[at]) is not None or read_ordinal(words, at) is not None)


def _both_are_days(one: str, other: str) -> bool:
    return day_name(one) is not None and day_name(other) is not None


_PARTS_OF = word_set("week fortnight half days weekend part")
_UNITS = word_set("day week fortnight month quarter year")
_USUALLY = word_set("always usually normally typically generally traditionally")


def repeats(words: list[str], start: int, end: int) -> bool:
    """ "at 8:45 every day", "Monday to Friday", "Friday last week", "twice in a week"."""
    if words[start] in ("in", "within") and words[end - 1].removesuffix("s") in _UNITS and _counts(words, start):
        return True
    while words[end : end + 2] == ["and", "the"] and (ordinal := read_ordinal(words, end + 2)):
        end = ordinal[0]
    if not _USUALLY.isdisjoint(words[max(end - 8, 0) : end + 4]):
        return True
    following = words[end : end + 2]
    if (
        following[:1] == ["is"]
        and end + 1 < len(words)
        and day_name(words[end + 1 + (words[end + 1] == "a")]) is not None
    ):
        return True  # "the 7th is a Saturday"
    if words[start] == "in" and start > 1 and words[start - 1] in _PARTS_OF and read_ordinal(words, start - 2):
        return True  # "the first fortnight in January"
    if words[start] == "for" and start and words[start - 1] not in WHO and following[:1] in (["is"], ["are"]):
        return True  # "the tasks for next week are ..."
    near = words[end : end + 5]
    for place, word in enumerate(near[:-1]):
        if word in ("and", "or", "but", "so", "then"):
            break
        if word in ("every", "each") and near[place + 1] in ("day", "week", "month", "quarter", "year", "time"):
            return True
    if following[:1] in (["every"], ["each"], ["daily"], ["gone"], ["past"], ["ago"]):
        return True
    if following[:1] == ["on"] and following[-1].endswith("days"):
        return True
    if following in (["just", "gone"], ["of", "last"], ["before", "last"], ["last", "week"], ["last", "month"]):
        return True
    return len(following) == 2 and following[0] in ("to", "through", "thru") and day_name(following[1]) is not None


_ABSENT = word_set("away out off closed busy gone holiday holidays leave vacation abroad travelling ill sick")


def is_absence(words: list[str], start: int, end: int) -> bool:
    """ "I am away until Friday", "until Friday I am away", "I am off on Friday": nothing is due then."""
    if words[start] == "on":
        return start > 0 and words[start - 1] in _ABSENT - {"leave"}
    if not _ABSENT.isdisjoint(words[max(start - 3, 0) : start]):
        return True
    return (
        words[end : end + 1] != []
        and words[end] in WHO
        and words[end + 1 : end + 2] in (["am"], ["is"], ["are"], ["have"])
    )


def is_now(words: list[str], phrase: DuePhrase, today: date) -> bool:
    """ "it is Friday", "today is the 3rd", said on that day: no deadline."""
    if words[max(phrase.start - 2, 0) : phrase.start] not in (["it", "is"], ["today", "is"], ["this", "is"]):
        return False
    weekday = phrase.day is not None and words[phrase.start] == WEEKDAYS[today.weekday()]
    return weekday or (phrase.day == today and words[phrase.start] not in ("today", "tonight"))


_NAMED_DAYS = word_set("easter black ash shrove palm whit cyber holiday maundy pancake super")


_NO_DAY = word_set("any some most far after the our this next my a your their")
_REFUSED = word_set("out off full impossible bad too no gone over bank taken")


def is_refused(words: list[str], start: int, end: int) -> bool:
    """ "I can not make Friday", "Friday does not work", "it does not have to be today"."""
    front = words[max(start - 6, 0) : start]
    if "not" in front[-3:] and front[-1:] in (["make"], ["do"], ["manage"]):
        return True
    if any(tuple(pair) == ("rather", "not") for pair in pairwise(front)):
        return True
    if front[-1:] in (["done"], ["ready"], ["finished"]):
        front.pop()
    if front[-3:] in (["have", "to", "be"], ["need", "to", "be"]) and "not" in front:
        return True
    behind = words[end : end + 4]
    if behind[:1] == ["is"] and behind[1:2] != [] and (behind[1] in _REFUSED or behind[1] == "not"):
        return "problem" not in behind
    return behind[1:2] == ["not"] and behind[0] in ("does", "do", "will", "would")


def stands_alone(words: list[str], start: int, end: int) -> bool:
    """A date without "by" or "on": not in "since Friday", "the Friday meeting", "Monday's call"."""
    before = words[start - 1] if start else ""
    if before.endswith("'s") and words[start] in _UNITS:
        return False  # "our client's year end"
    if start > 1 and words[start - 2] in _WHOSE and read_ordinal(words, start - 1):
        return False  # "the second Monday in a row"
    if before in _NO_DAY or is_refused(words, start, end):
        return False
    if words[start : start + 2] == ["the", "weekend"] or _is_one_of_many(words, start, end):
        return False
    if before in ("days", "day") and words[start] == "end":
        return False  # "thirty days end of month": terms of payment
    if before in _NAMED_DAYS or (before == "good" and words[start] == "friday" and words[start - 2] in BEFORE):
        return False
    return not (end < len(words) and _is_compound(words, start, end))


def _counts(words: list[str], start: int) -> bool:
    """ "the third complaint (this year)", "the second leak (in a month)", "twice (in a week)"."""
    for place in range(max(start - 4, 0), start):
        if words[place] in ("twice", "once", "times"):
            return True
        ordinal = read_ordinal(words, place) is not None or words[place] in _SUPERLATIVES
        if ordinal and place + 1 < start and (not place or words[place - 1] in _WHOSE):
            return True
    return False


_WHOSE = word_set("the our my his her their your its")


def _is_one_of_many(words: list[str], start: int, end: int) -> bool:
    """ "the second I like best", "the third complaint this year": an ordinal that counts something."""
    if words[start] == "this" and _counts(words, start):
        return True
    if words[start] != "the" or (ordinal := read_ordinal(words, start + 1)) is None or ordinal[0] != end:
        return False
    if end > start + 2 or (words[start + 1][0].isdecimal() and ordinal[1] > 5):
        return False
    before = words[start - 1] if start else ""
    if before == "is":
        return _ABOUT_DAYS.isdisjoint(words[max(start - 5, 0) : start])
    return before not in _ABOUT_DAYS and words[max(start - 2, 0) : start] != ["make", "it"]


_ABOUT_DAYS = word_set(
    "say said mean meant deadline date due day make be is about around maybe no sorry wait then until"
)
_SUPERLATIVES = word_set("only best worst biggest last largest highest lowest")


def names_day(words: list[str], end: int) -> bool:
    """Whether a phrase ends in the name of a day or month, so that a thing may follow: "on the Friday call"."""
    return words[end - 1] in (*WEEKDAYS, *MONTHS)


def _is_compound(words: list[str], start: int, end: int) -> bool:
    """ "Friday meeting", "next week meeting": the date belongs to a thing."""
    last = words[end - 1]
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
