"""Written text as spoken words: what a language model counts and a word error rate compares."""

from __future__ import annotations

import re

_FILLERS = frozenset({"um", "uh", "mm", "hmm", "mm-hmm", "uh-huh", "mhm", "er", "erm", "eh", "ah", "hm"})
_SAME = {"ok": "okay", "o.k.": "okay", "pm": "p.m.", "e-mail": "email"}
_NUMBER = re.compile(r"\d+")


def spoken_words(text: str) -> list[str]:
    """Return lower-case words without punctuation; digits are spelled out as they are read.

    "Ana, the 3rd of May at 10?" becomes ana the third of may at ten.
    """
    said = text.lower().replace("\u2019", "'").replace("-", " ")
    said = re.sub(r"(\d+)(st|nd|rd|th)\b", lambda match: _ordinal(int(match[1])), said)
    said = _NUMBER.sub(lambda match: f" {_cardinal(int(match[0]))} ", said)
    words = []
    for word in re.split(r"[^a-z'.]+", said):
        bare = word.strip("'.") if word not in ("p.m.", "a.m.") else word
        if bare:
            words.append(_SAME.get(bare, bare))
    return words


def meeting_sentences(text: str) -> list[str]:
    """Return what a transcribed speaker meant: no fillers, no stutter, no broken-off words.

    A broken-off or spelled letter ends a sentence, because what stands around it does not belong together.
    """
    sentences: list[list[str]] = [[]]
    for part in re.split(r"[.?!;\"]+\s|[.?!]$| - ", text):
        sentences.append([])
        for word in spoken_words(part):
            if word in _FILLERS:
                continue
            if len(word) == 1 and word not in "ai":
                sentences.append([])
            elif not sentences[-1] or sentences[-1][-1] != word:
                sentences[-1].append(word)
    return [" ".join(words) for words in sentences if words]


_SMALL_WORDS = """
zero one two three four five six seven eight nine ten
eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
_TENS_WORDS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL, _TENS = _SMALL_WORDS.split(), _TENS_WORDS.split()
_ORDINAL = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def _cardinal(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        rest = f" {_SMALL[number % 10]}" if number % 10 else ""
        return _TENS[number // 10] + rest
    for unit, name in ((1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= unit:
            rest = f" {_cardinal(number % unit)}" if number % unit else ""
            return f"{_cardinal(number // unit)} {name}{rest}"
    raise AssertionError("a number is at least one of its units")


def _ordinal(number: int) -> str:
    head, _, last = _cardinal(number).rpartition(" ")
    if last in _ORDINAL:
        last = _ORDINAL[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return f"{head} {last}".strip()
