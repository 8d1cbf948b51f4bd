"""How well a listener understood a script: word error rate, and expected tasks against found ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import jiwer
import num2words

ALIKE = 0.5
"""Content-word F1 from which a found task counts as an expected one."""

_FUNCTION_WORDS = """
a an and are as at be been but by can could do does for from get had has have he her him his i i'd i'll i'm
i've if in into is it it'll it's its just let's me my of off on or our out over please she should so some
that that's the their them then there these they this those to up us was we we'll we're we've were will
with would you you'll your
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that say nothing about what a task is."""

_SYMBOLS = {"%": " percent ", "€": " euros ", "$": " dollars ", "£": " pounds ", "&": " and ", "+": " plus "}
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)*)(?:(st|nd|rd|th)\b)?")
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_NOT_WORDS = re.compile(r"[^\w\s']|_")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """What is compared of a task."""

    text: str
    owner: str | None
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScore:
    """Expected tasks against found ones."""

    expected: int
    found: int
    """Expected tasks that were found."""
    wrong: int
    """Found tasks that nobody expected, doubles among them."""
    owner_accuracy: float
    """Right owners among the found, 0..1; 1 when nothing was expected."""
    due_accuracy: float
    """Right due dates among the found, 0..1; 1 when nothing was expected."""
    owners_right: int
    dues_right: int
    pairs: tuple[tuple[int, int], ...]
    """Indices of each expected task and the found one that answers it."""


def normalise(text: str) -> list[str]:
    """Split into words as they are said: lower case, no punctuation, digits as words, contractions kept."""
    text = text.lower().replace("\u2019", "'").replace("\u2018", "'")
    for symbol, word in _SYMBOLS.items():
        text = text.replace(symbol, word)
    text = _TIME.sub(lambda match: f"{match[1]} {'' if match[2] == '00' else match[2]} ", text)
    text = _NUMBER.sub(_spoken_number, text)
    words = _NOT_WORDS.sub(" ", text).split()
    return [stripped for word in words if (stripped := word.strip("'"))]


def word_errors(spoken: Mapping[str, Sequence[str]], heard: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """Compare what each speaker said with what was written down for them.

    Everything one speaker said is joined in order, so that it does not matter where utterances were cut;
    words under a speaker who said nothing are insertions.

    Args:
        spoken: speaker -> lines of the script, in order.
        heard: speaker -> texts of the utterances, in order.

    Returns:
        How many words are wrong, missing or added, and how many were spoken.
    """
    wrong = total = 0
    heard_by_name = {name.lower(): texts for name, texts in heard.items()}
    spoken_by_name = {name.lower(): texts for name, texts in spoken.items()}
    for name in spoken_by_name.keys() | heard_by_name.keys():
        reference = normalise(" ".join(spoken_by_name.get(name, ())))
        hypothesis = normalise(" ".join(heard_by_name.get(name, ())))
        total += len(reference)
        if not reference:
            wrong += len(hypothesis)
            continue
        counted = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
        wrong += counted.substitutions + counted.deletions + counted.insertions
    return wrong, total


def word_error_rate(spoken: Mapping[str, Sequence[str]], heard: Mapping[str, Sequence[str]]) -> float:
    """Give `word_errors` per word spoken; with nothing spoken 0, or 1 where something was heard."""
    wrong, total = word_errors(spoken, heard)
    return wrong / total if total else float(wrong > 0)


def likeness(one: str, other: str) -> float:
    """Return how many content words two texts share, as F1 from 0 to 1; endings do not matter."""
    left, right = _content(one), _content(other)
    shared = len(left & right)
    return 2 * shared / (len(left) + len(right)) if shared else 0.0


def score_tasks(expected: Sequence[TaskFacts], found: Sequence[TaskFacts]) -> TaskScore:
    """Match found tasks to expected ones, the most alike first, and compare owners and dates.

    Args:
        expected: as the script says.
        found: as the office noted.
    """
    ranked = sorted(
        (
            (likeness(want.text, got.text), _owner(want) == _owner(got), -i, -j)
            for i, want in enumerate(expected)
            for j, got in enumerate(found)
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for alike, _, i, j in ranked:
        if alike >= ALIKE and -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    owners = sum(_owner(expected[i]) == _owner(found[j]) for i, j in pairs.items())
    dues = sum(expected[i].due == found[j].due for i, j in pairs.items())
    return TaskScore(
        expected=len(expected),
        found=len(pairs),
        wrong=len(found) - len(pairs),
        owners_right=owners,
        dues_right=dues,
        owner_accuracy=_share(owners, len(pairs), len(expected)),
        due_accuracy=_share(dues, len(pairs), len(expected)),
        pairs=tuple(sorted(pairs.items())),
    )


def _share(right: int, matched: int, expected: int) -> float:
    if matched:
        return right / matched
    return 0.0 if expected else 1.0


def _owner(task: TaskFacts) -> str:
    return (task.owner or "").strip().lower()


def _content(text: str) -> set[str]:
    words = normalise(text)
    return {_stem(word) for word in words if word not in FUNCTION_WORDS} or set(words)


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in ("ing", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word.removesuffix(ending)
    return word


def _spoken_number(match: re.Match[str]) -> str:
    digits, ordinal = match[1], match[2]
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    kind = "ordinal" if ordinal else "cardinal"
    number: int | float = float(digits) if re.fullmatch(r"\d+\.\d+", digits) else int(re.sub(r"\D", "", digits))
    return f" {num2words.num2words(number, to=kind)} "
