"""A request as words with their places: numbers stay whole, a possessive stands apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[€$£]?[^\W_](?:[^\s]*[^\W_])?[€$£]?")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)  # noqa: RUF001


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One word."""

    word: str
    """Lower case."""
    start: int
    """First character in the text."""
    end: int
    """One behind its last character."""


def pieces(text: str) -> list[Piece]:
    """The words of a text, in order; "Bo's" becomes "bo" and "'s"."""
    found: list[Piece] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        mark = _POSSESSIVE.search(match.group())
        cut = start + mark.start() if mark is not None and mark.start() else end
        found.append(Piece(word=text[start:cut].lower(), start=start, end=cut))
        if cut < end:
            found.append(Piece(word="'s", start=cut, end=end))
    return found


def surface(text: str, words: list[Piece], start: int, end: int) -> str:
    """The text from word `start` to word `end` (exclusive) as it was said."""
    return text[words[start].start : words[end - 1].end]
