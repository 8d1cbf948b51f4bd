"""The answer of a mind, read: sentences, and the numbered lines that each names as what it rests on. Pure.

The form is enforced here, whatever was answered and whatever somebody said in a meeting to have it otherwise: what
names no line, or lines that were not sent, is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MOST_CITED = 12
"""A sentence that names more lines names none."""
LONGEST = 400
"""Characters of a sentence."""
LONGEST_TITLE = 60
_NONE = -1
"""The number of no line."""
_JOINT = r"\s*(?:[,;&]|-|–|and)\s*(?:lines?\s*)?"  # noqa: RUF001
_CITED = re.compile(rf"\[\s*(?:lines?\s*)?(\d{{1,5}}(?:{_JOINT}\d{{1,5}})*)\s*\]", re.IGNORECASE)
_RANGE = re.compile(r"(\d+)\s*[-–]\s*(?:lines?\s*)?(\d+)|(\d+)", re.IGNORECASE)  # noqa: RUF001
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-*•–>#]+\s+|\d{1,2}[.)]\s+)+")  # noqa: RUF001
_MARKS = re.compile(r"\*\*|__|`+")
_TITLE = re.compile(r"^title\s*:\s*(.*)$", re.IGNORECASE)
_END = re.compile(r"[.!?…][\"'”’)]*$")  # noqa: RUF001
_SHORT = frozenset({"approx", "ca", "dr", "e.g", "i.e", "mr", "mrs", "ms", "no", "prof", "st", "vs", "z.b"})
"""What a full stop stands behind without an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A sentence or a title, and the numbers of the lines that it rests on, rising."""

    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer says in the form that was asked for."""

    title: Cited | None
    sentences: tuple[Cited, ...]
    dropped: int
    """Sentences that name no line, or lines that were not sent, or are too long."""


def read_answer(text: str, sent: Collection[int]) -> Answer:
    """Read an answer.

    Args:
        text: as it came.
        sent: numbers of the lines that may be named.
    """
    title: Cited | None = None
    found: dict[Cited, None] = {}
    dropped = 0
    for row in _rows(text):
        named = _TITLE.match(row)
        if named is not None:
            title = title or _titled(named[1], sent)
            continue
        for said, numbers in _sentences(row):
            sentence = _sentence(said, numbers, sent)
            if sentence is not None:
                found[sentence] = None
            else:
                dropped += 1
    return Answer(title=title, sentences=tuple(found), dropped=dropped)


def _rows(text: str) -> Iterator[str]:
    """The lines of an answer, without marks of Markdown; headings and fences are none."""
    for row in _THOUGHTS.sub(" ", text).splitlines():
        plain = "".join(letter if letter.isprintable() else " " for letter in _MARKS.sub("", row)).strip()
        plain = _BULLET.sub("", plain)
        if any(letter.isalpha() for letter in plain) and not (plain.endswith(":") and not _TITLE.match(plain)):
            yield plain


def _titled(text: str, sent: Collection[int]) -> Cited | None:
    numbers = [number for group in _CITED.findall(text) for number in _numbers(group)]
    plain = " ".join(_CITED.sub(" ", text).split()).strip(" .\"'“”")
    fits = 0 < len(plain) <= LONGEST_TITLE and _are_sent(numbers, sent)
    return Cited(text=plain[:1].upper() + plain[1:], lines=tuple(sorted(set(numbers)))) if fits else None


def _sentence(text: str, numbers: list[int], sent: Collection[int]) -> Cited | None:
    if len(text) > LONGEST or not _are_sent(numbers, sent):
        return None
    ended = text if _END.search(text) else text.rstrip(" ,;:") + "."
    return Cited(text=ended[:1].upper() + ended[1:], lines=tuple(sorted(set(numbers))))


def _are_sent(numbers: list[int], sent: Collection[int]) -> bool:
    return 0 < len(set(numbers)) <= MOST_CITED and all(number in sent for number in numbers)


def _sentences(row: str) -> Iterator[tuple[str, list[int]]]:
    """The sentences of a line, with the numbers that stand in or right behind each."""
    words: list[str] = []
    numbers: list[int] = []
    ended = False
    for at, piece in enumerate(_CITED.split(row)):
        if at % 2:
            numbers += _numbers(piece)
            continue
        for word in piece.split():
            if not any(letter.isalnum() for letter in word):  # as the full stop or comma behind "[1]"
                if _END.search(word):
                    ended = True
                elif words:
                    words[-1] += word if word in ",;:" else f" {word}"
                continue
            if ended and words:
                yield " ".join(words), numbers
                words, numbers = [], []
            words.append(word)
            ended = _ends(word)
    if words:
        yield " ".join(words), numbers


def _ends(word: str) -> bool:
    """Whether a sentence ends with this word, were another to follow."""
    plain = word.strip("([\"'“").rstrip(".").casefold()
    return bool(_END.search(word)) and plain not in _SHORT and not (len(plain) == 1 and plain.isalpha())


def _numbers(group: str) -> list[int]:
    """ "3, 5-7" -> 3, 5, 6, 7; of a range that is too long or turned around `_NONE`."""
    found: list[int] = []
    for first, last, alone in _RANGE.findall(group):
        if alone:
            found.append(int(alone))
        elif 0 <= int(last) - int(first) <= MOST_CITED:
            found += range(int(first), int(last) + 1)
        else:
            found.append(_NONE)
    return found
