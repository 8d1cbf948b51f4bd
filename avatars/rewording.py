"""Changes to a text that mean nothing, or only add to it: other names, letters, fillers, words heard wrongly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_STOPS = re.compile(r"[,.;:!?]+")
_LAST = re.compile(r"[.!?]*$")


def renamed(text: str, name: str, names: Sequence[str]) -> list[str]:
    """The text with every other of the names in the place of `name`."""
    return [_whole(name).sub(other, text) for other in names if other != name]


def is_change(change: str) -> bool:
    """Whether `change` is one that `reworded` knows, or "names"."""
    kind, colon, words = change.partition(":")
    if kind == "hear":
        return re.fullmatch(r"[^=\s]+=[^=]*\S[^=]*", words) is not None
    if kind in _PUTTING_IN:
        return bool(words.strip())
    return not colon and (kind in _PLAIN or kind == "names")


def reworded(text: str, change: str) -> str:
    """Make one change.

    Args:
        text: as it was.
        change: `upper`, `lower`, `title`, `bare`, `stutter`, `start:WORDS`, `middle:WORDS`, `end:WORDS` or
            `hear:A=B`.

    Returns:
        The new text; the old one where there is nothing to change.

    Raises:
        ValueError: the change is not known.
    """
    kind, _, words = change.partition(":")
    if not is_change(change) or kind == "names":
        raise ValueError(f"{change!r} is no change of one text")
    if kind == "hear":
        said, _, heard = words.partition("=")
        return _whole(said).sub(lambda _: heard, text)
    return _PUTTING_IN[kind](text, words) if kind in _PUTTING_IN else _PLAIN[kind](text)


def _whole(word: str) -> re.Pattern[str]:
    """The word alone; not "to" in "tomorrow", nor "I" in "I'll"."""
    return re.compile(rf"(?<![\w'-]){re.escape(word)}(?![\w'-])")


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _bare(text: str) -> str:
    return " ".join(_STOPS.sub(" ", text).split())


def _stutter(text: str) -> str:
    first = text.split(" ", 1)[0].rstrip(",")
    return f"{first} {text}"


def _middle(text: str, words: str) -> str:
    parts = text.split(" ")
    half = len(parts) // 2
    return " ".join([*parts[:half], words, *parts[half:]])


def _end(text: str, words: str) -> str:
    """Before the last stop, if there is one."""
    stop = _LAST.search(text)
    at = stop.start() if stop else len(text)
    return f"{text[:at]} {words}{text[at:]}"


_PLAIN: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": _title,
    "bare": _bare,
    "stutter": _stutter,
}
_PUTTING_IN: Mapping[str, Callable[[str, str], str]] = {
    "start": lambda text, words: f"{words} {text}",
    "middle": _middle,
    "end": _end,
}
