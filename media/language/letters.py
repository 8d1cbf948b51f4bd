"""How names are pronounced: letter-to-sound rules learnt from a dictionary, and a continental reading."""

from __future__ import annotations

import gzip
import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_CONTEXTS = ((0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3))
"""Letters to the left and to the right of the letter that is read, from vague to exact."""

_SPECIAL = str.maketrans({"ł": "w", "ø": "o", "ß": "ss", "æ": "ae", "đ": "d", "þ": "th", "\u0131": "i"})

_CONTINENTAL = (
    ("tsch", "CH"),
    ("sch", "SH"),
    ("sz", "SH"),
    ("cz", "CH"),
    ("ch", "K"),
    ("sh", "SH"),
    ("th", "T"),
    ("ph", "F"),
    ("rz", "ZH"),
    ("ck", "K"),
    ("qu", "K W"),
    ("ei", "EY"),
    ("ai", "AY"),
    ("au", "AW"),
    ("ou", "UW"),
    ("oo", "UW"),
    ("ee", "IY"),
    ("ie", "IY"),
    ("iy", "IY"),
    ("ya", "Y AA"),
    ("ia", "IY AH"),
    ("yo", "Y OW"),
    ("yu", "Y UW"),
    ("a", "AA"),
    ("b", "B"),
    ("c", "K"),
    ("d", "D"),
    ("e", "EH"),
    ("f", "F"),
    ("g", "G"),
    ("h", "HH"),
    ("i", "IY"),
    ("j", "Y"),
    ("k", "K"),
    ("l", "L"),
    ("m", "M"),
    ("n", "N"),
    ("o", "OW"),
    ("p", "P"),
    ("q", "K"),
    ("r", "R"),
    ("s", "S"),
    ("t", "T"),
    ("u", "UW"),
    ("v", "V"),
    ("w", "V"),
    ("x", "K S"),
    ("y", "IY"),
    ("z", "Z"),
)


def plain(name: str) -> str:
    """Return the name in the letters a to z only: "Zoë" is zoe, "Łukasz" is wukasz."""
    bare = unicodedata.normalize("NFKD", name.lower().translate(_SPECIAL))
    return re.sub(r"[^a-z]", "", bare)


def continental(name: str) -> str:
    """Read a name as much of Europe and Asia would: "Tomasz" is T OW M AA SH."""
    rest = re.sub(r"([b-df-hj-np-tv-z])\1", r"\1", plain(name.replace("ł", "ou").replace("Ł", "ou")))
    phones: list[str] = []
    while rest:
        letters, sound = next(rule for rule in _CONTINENTAL if rest.startswith(rule[0]))
        phones.append("AH" if rest == "a" and phones else sound)
        rest = rest[len(letters) :]
    return " ".join(phones)


@dataclass(frozen=True, slots=True)
class LetterRules:
    """For a letter in its surroundings, the phones it stands for; exact surroundings win."""

    table: Mapping[str, str]

    def read(self, word: str) -> str:
        """Return the phones of a word, separated by spaces; empty for a word without letters."""
        letters = plain(word)
        found = [self._sound(letters, index) for index in range(len(letters))]
        phones = [phone for sound in found for phone in sound.split()]
        return " ".join(phone for at, phone in enumerate(phones) if at == 0 or phones[at - 1] != phone)

    def _sound(self, letters: str, index: int) -> str:
        for left, right in reversed(_CONTEXTS):
            sound = self.table.get(_context(letters, index, left, right))
            if sound is not None:
                return sound
        return ""

    def save(self, path: Path) -> None:
        """Write the rules as compressed JSON, the same bytes for the same rules."""
        text = json.dumps(dict(sorted(self.table.items())), separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode(), mtime=0))

    @classmethod
    def load(cls, path: Path) -> LetterRules:
        """Read rules written by `save`."""
        return cls(json.loads(gzip.decompress(path.read_bytes())))


def learn(entries: Iterable[tuple[str, str]], *, rounds: int = 4, least: int = 3) -> LetterRules:
    """Learn rules from (word, phones) pairs.

    Letters and phones are aligned first (each letter stands for 0 to 2 phones, by expectation
    maximisation with the best alignment); then each context keeps its most frequent reading, unless a
    vaguer context already says the same.
    """
    pairs = [(word, tuple(phones.split())) for word, phones in entries if re.fullmatch(r"[a-z]{2,14}", word)]
    costs: dict[tuple[str, tuple[str, ...]], float] = {}
    aligned: list[tuple[str, list[tuple[str, ...]]]] = []
    for _ in range(rounds):
        aligned = []
        seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
        for word, phones in pairs:
            chunks = _align(word, phones, costs)
            if chunks is not None:
                aligned.append((word, chunks))
                seen.update(zip(word, chunks, strict=True))
        total: Counter[str] = Counter()
        for (letter, _), count in seen.items():
            total[letter] += count
        costs = {key: -math.log(count / total[key[0]]) for key, count in seen.items()}
    return LetterRules(_tabulate(aligned, least))


def _align(
    word: str, phones: tuple[str, ...], costs: Mapping[tuple[str, tuple[str, ...]], float]
) -> list[tuple[str, ...]] | None:
    """Cheapest way to give every letter 0 to 2 phones; None when there are too many phones."""
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for at, letter in enumerate(word):
        following: dict[int, tuple[float, tuple[int, ...]]] = {}
        left = len(word) - at - 1
        for used, (cost, sizes) in best.items():
            for size in (0, 1, 2):
                now = used + size
                if now > len(phones) or now + 2 * left < len(phones):
                    continue
                default = 3.0 + 2.0 * abs(size - 1) if costs == {} else 12.0
                step = cost + costs.get((letter, phones[used:now]), default)
                if now not in following or step < following[now][0]:
                    following[now] = (step, (*sizes, size))
        best = following
    if len(phones) not in best:
        return None
    chunks, used = [], 0
    for size in best[len(phones)][1]:
        chunks.append(phones[used : used + size])
        used += size
    return chunks


def _tabulate(aligned: list[tuple[str, list[tuple[str, ...]]]], least: int) -> dict[str, str]:
    table: dict[str, str] = {}
    for level, (left, right) in enumerate(_CONTEXTS):
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for word, chunks in aligned:
            for index, chunk in enumerate(chunks):
                counts[_context(word, index, left, right)][" ".join(chunk)] += 1
        for context, readings in counts.items():
            reading, count = min(readings.items(), key=lambda item: (-item[1], item[0]))
            if (count >= least or not level) and _vaguer(table, context, level) != reading:
                table[context] = reading
    return table


def _vaguer(table: Mapping[str, str], context: str, level: int) -> str | None:
    """What the table already says for this context by less of it."""
    left, right = _CONTEXTS[level]
    for fewer_left, fewer_right in reversed(_CONTEXTS[:level]):
        key = context[left - fewer_left : len(context) - (right - fewer_right)]
        if key in table:
            return table[key]
    return None


def _context(word: str, index: int, left: int, right: int) -> str:
    """Letters around `index` in upper case at the middle, `.` outside the word."""
    padded = "..." + word + "..."
    at = index + 3
    return padded[at - left : at] + padded[at].upper() + padded[at + 1 : at + 1 + right]
