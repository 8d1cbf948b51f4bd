"""Where in time the words of a line lie, also after somebody has corrected it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from media.transcriber import Word
from server.exports.record import Line


def timed(line: Line) -> tuple[Word, ...]:
    """Give the words of a line as it stands, with seconds from its start.

    A corrected word takes the place in time of the words that it replaces; several share it evenly. A word that
    was put in between two takes the gap between them. The confidence of such words is 1: a person wrote them.

    Returns:
        The words in order, times never falling; empty where the recognizer gave no times.
    """
    if not line.words or line.original_text is None:
        return line.words
    wanted = line.text.split()
    heard = [word.text for word in line.words]
    words: list[Word] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, heard, wanted, autojunk=False).get_opcodes():
        if kind == "equal":
            words += line.words[i1:i2]
        elif j2 > j1:
            words += _spread(wanted[j1:j2], *_span(line, i1, i2))
    return tuple(words)


def _span(line: Line, first: int, behind: int) -> tuple[float, float]:
    """From when to when the heard words lie; where there are none, the gap before `first`."""
    words = line.words
    if behind > first:
        return words[first].start, words[behind - 1].end
    start = words[first - 1].end if first else 0.0
    end = words[first].start if first < len(words) else max(line.seconds, start)
    return start, max(start, end)


def _spread(texts: Sequence[str], start: float, end: float) -> list[Word]:
    step = (end - start) / len(texts)
    return [
        Word(text=text, start=start + k * step, end=start + (k + 1) * step, confidence=1.0)
        for k, text in enumerate(texts)
    ]
