"""Whether a sentence about a meeting rests on the lines that it names. Pure.

What a model invents is most often a name, a number or a day. Those are looked for in the lines, plainly: a
sentence that holds here can still be wrong, one that does not hold is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from avatars.date_words import read_ordinal
from avatars.everyday import telling
from avatars.money import number
from avatars.names import bare, is_common
from avatars.verbs import base_of, word_set
from avatars.words import MONTHS, WEEKDAYS

_EDGES = re.compile(r"^\W+|\W+$")
_JOINTS = re.compile(r"[-/–—]")  # noqa: RUF001
_GROUPS = re.compile(r"\d+")
_DAYS = (frozenset(WEEKDAYS) | frozenset(MONTHS) | word_set("today tomorrow yesterday tonight")) - word_set(
    "may march"
)
"""Must have been said. "May" and "March" are looked for only where a capital says that they are months."""
_OPENERS = word_set("""
according additionally after afterwards all although among another attendees because before besides both colleagues
discussion during each either every everybody everyone finally first five four further furthermore group
however later many meanwhile members moreover most next nobody none once open others overall participants plans
several similarly since six some somebody someone speakers ten then therefore they three though together two
unless until what when where whether which while who
""")
"""Words with which sentences of a summary begin, said in the meeting or not."""
_UNCOUNTED = word_set("one first second")
"""Mostly not numbers."""
_ENDINGS = ("e", "n", "s", "en", "er", "es")
_ALIKE = 5
"""Letters that two words begin with, where they are forms of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What somebody said."""

    id: str
    """Of the utterance."""
    speaker: str
    """Their name."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What is known of a whole meeting, to tell names from other words."""

    people: frozenset[str]
    """Parts of the names of those who were there, lower case."""
    plain: frozenset[str]
    """Words that stand in lower case somewhere in it: they are no names."""


def vocabulary(lines: Iterable[Quote], people: Iterable[str]) -> Vocabulary:
    """Gather the words of a meeting.

    Args:
        lines: all that was said.
        people: names of those who were there.
    """
    names = frozenset(part for name in people for part in _words(name.casefold()))
    plain = {word for line in lines for word in _words(line.text) if word == word.casefold()}
    return Vocabulary(people=names, plain=frozenset(plain) - names)


def holds(sentence: str, cited: Sequence[Quote], known: Vocabulary) -> bool:
    """Whether a sentence has to do with the lines that it names, and brings no name, number or day of its own."""
    text = " ".join(line.text for line in cited)
    said = frozenset(_words(text.casefold()))
    speakers = frozenset(part for line in cited for part in _words(line.speaker.casefold()))
    return (
        _is_about(sentence, text)
        and _names_hold(_words(sentence), said | speakers, known)
        and _numbers_hold(sentence, text)
    )


def _words(text: str) -> list[str]:
    """The words of a text, without what stands around them; "Berlin-based" is two."""
    pieces = (_EDGES.sub("", piece) for word in text.split() for piece in _JOINTS.split(word))
    return [piece for piece in pieces if piece]


def _is_about(sentence: str, text: str) -> bool:
    """They share a number, or a word that says something, in some form; what has none cannot be judged by it."""
    ours, theirs = set(telling(sentence)), set(telling(text))
    if not ours or any(_akin(one, other) for one in ours for other in theirs):
        return True
    return bool({one.value for one in _numbers(sentence)} & {one.value for one in _numbers(text)})


def _akin(one: str, other: str) -> bool:
    letters = min(_ALIKE, len(one), len(other))
    return one[:letters] == other[:letters]


def _names_hold(words: Sequence[str], said: Collection[str], known: Vocabulary) -> bool:
    for at, word in enumerate(words):
        plain = bare(word.casefold())
        if plain in said or any(_same(plain, other) for other in said):
            continue
        if plain in _DAYS or (plain in known.people and (word[0].isupper() or not is_common(plain))):
            return False
        if at == 0:
            if word[0].isupper() and not _is_ordinary(plain, known):
                return False
        elif any(letter.isupper() for letter in word) and word != "I" and not _has_digit(word):
            return False
    return True


def _is_ordinary(word: str, known: Vocabulary) -> bool:
    """Whether a word at the beginning of a sentence has its capital from there, and is no name."""
    return word in known.plain or word in _OPENERS or is_common(word) or base_of(word) is not None


def _same(one: str, other: str) -> bool:
    """Whether a word is another but for a common ending."""
    short, long = sorted((one, bare(other)), key=len)
    ending = long[len(short) :]
    if not long.startswith(short) or ending == "":
        return one == bare(other)
    return ending == "s" or (ending in _ENDINGS and len(short) >= _ALIKE)


def _numbers_hold(sentence: str, text: str) -> bool:
    said, tokens = _numbers(text), set(_tokens(text))
    values = {one.value for one in said} | {
        2000 + after.value for before, after in pairwise(said) if _is_year(before, after)
    }
    told = [one for one in _numbers(sentence) if one.word not in _UNCOUNTED]
    mixed = [token for token in _tokens(sentence) if _has_digit(token) and not _is_number(token)]
    return all(one.value in values for one in told) and all(
        token in tokens or {Decimal(group) for group in _GROUPS.findall(token)} <= values for token in mixed
    )


def _is_number(token: str) -> bool:
    return number([token], 0) is not None or read_ordinal([token], 0) is not None


def _is_year(before: _Number, after: _Number) -> bool:
    """ "twenty twenty seven"."""
    return before.value == 20 and before.end == after.start and 0 < after.value < 100


def _tokens(text: str) -> list[str]:
    return [token for word in text.casefold().split() if (token := _EDGES.sub("", word))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """Words `start` to `end` (exclusive)."""

    start: int
    end: int
    value: Decimal
    word: str
    """The word, where it is one."""


def _numbers(text: str) -> list[_Number]:
    """Every number of a text, in figures or words, as an amount or as a place in a row."""
    words, found, at = _tokens(text), list[_Number](), 0
    while at < len(words):
        read = read_ordinal(words, at) or number(words, at)
        if read is None:
            at += 1
            continue
        end, value = read
        found.append(_Number(start=at, end=end, value=Decimal(value), word=words[at] if end == at + 1 else ""))
        at = end
    return found


def _has_digit(word: str) -> bool:
    return any(letter.isdecimal() for letter in word)
