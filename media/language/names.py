"""Names at run time: each name becomes a pronunciation of one class word of the language model.

PocketSphinx has no classes, but a word may have many pronunciations, and the decoder says which one it
heard. So `_person` is an ordinary word of the model ("_person will send the budget"), its pronunciations
are the names of who is here, and the pronunciation that was heard is the name that was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media.language.letters import LetterRules, continental, plain

PERSON, PERSONS = "_person", "_persons"
"""Class words of the language model: a name, and a name with 's."""

_HISSING = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})
_VOICELESS = frozenset({"P", "T", "K", "F", "TH"})


class Pronouncer:
    """Pronunciations of words: from the dictionary where it knows them, from their letters otherwise."""

    def __init__(self, dictionary: str, rules: LetterRules | None) -> None:
        """Take the text of a dictionary (`word phones` or `word(2) phones` a line) and letter rules."""
        self._dictionary = dictionary
        self._rules = rules

    def known(self, word: str) -> list[str]:
        """Return what the dictionary says; empty when it does not know the word."""
        pattern = rf"^{re.escape(word.lower())}(?:\(\d+\))? +(.+)$"
        return [found.strip() for found in re.findall(pattern, self._dictionary, re.MULTILINE)]

    def pronunciations(self, name: str) -> list[str]:
        """Return all likely pronunciations, the likeliest first; empty for a name without letters."""
        read = [self._rules.read(name)] if self._rules else []
        found = [*(self.known(name) or self.known(plain(name)) or read), continental(name)]
        return [phones for phones in dict.fromkeys(found) if phones]


@dataclass(frozen=True, slots=True)
class NameList:
    """Dictionary lines for the class words, and which name each of their pronunciations stands for."""

    lines: tuple[str, ...]
    display: dict[str, str]
    """ "_person(3)" is "Priya"."""

    @classmethod
    def of(cls, names: Iterable[str], pronouncer: Pronouncer) -> NameList:
        """Build the list; names with several parts are listed part by part."""
        said = [(name, phones) for name in name_parts(names) for phones in pronouncer.pronunciations(name)]
        lines: list[str] = []
        display: dict[str, str] = {}
        for word, entries in (
            (PERSON, said),
            (PERSONS, [(f"{name}'s", _possessive(phones)) for name, phones in said]),
        ):
            for number, (name, phones) in enumerate(entries, 1):
                key = word if number == 1 else f"{word}({number})"
                lines.append(f"{key} {phones}")
                display[key] = name
        return cls(tuple(lines), display)


def name_parts(names: Iterable[str]) -> Sequence[str]:
    """Return the single words of all names, each once, in order: people say "Ana", not "Ana Silva-Ruiz"."""
    parts = [part for name in names for part in re.split(r"[\s,_-]+", name) if plain(part)]
    return list(dict.fromkeys(parts))


def _possessive(phones: str) -> str:
    last = phones.split()[-1]
    if last in _HISSING:
        return f"{phones} IH Z"
    return f"{phones} S" if last in _VOICELESS else f"{phones} Z"
