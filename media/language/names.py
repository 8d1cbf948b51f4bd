"""Names and terms at run time: each becomes a pronunciation of a word of the language model.

PocketSphinx has no classes, but a word may have many pronunciations, and the decoder says which one it
heard. So `_person` is an ordinary word of the model ("_person will send the budget"), its pronunciations
are the names of who is here, and the pronunciation that was heard is the name that was said. In the same
way terms of a project are further pronunciations of a word for a thing, which stands where they would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from media.language.letters import LetterRules, continental, plain

PERSON, PERSONS = "_person", "_persons"
"""Class words of the language model: a name, and a name with 's."""

THING = "project"
"""An ordinary noun: what it can follow and be followed by, a term can too."""

_HISSING = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})
_VOICELESS = frozenset({"P", "T", "K", "F", "TH"})
_LETTER_NAMES = """
a EY,b B IY,c S IY,d D IY,e IY,f EH F,g JH IY,h EY CH,i AY,j JH EY,k K EY,l EH L,m EH M,n EH N,o OW,p P IY,q K Y UW
r AA R,s EH S,t T IY,u Y UW,v V IY,w D AH B AH L Y UW,x EH K S,y W AY,z Z IY
"""
_LETTERS = dict(line.split(" ", 1) for line in _LETTER_NAMES.strip().replace("\n", ",").split(","))
"""How the letters of an abbreviation are read one by one."""
_LONGEST_ABBREVIATION = 5
_REMEMBERED = 5000
"""So many words are not looked for twice in a dictionary of megabytes."""


class Pronouncer:
    """Pronunciations of words: from the dictionary where it knows them, from their letters otherwise."""

    def __init__(self, dictionary: str, rules: LetterRules | None) -> None:
        """Take the text of a dictionary (`word phones` or `word(2) phones` a line) and letter rules."""
        self._dictionary = f"\n{dictionary}\n"
        self._rules = rules
        self._looked_up: dict[str, list[str]] = {}

    def known(self, word: str) -> list[str]:
        """Return what the dictionary says; empty when it does not know the word."""
        wanted = word.lower()
        if wanted not in self._looked_up:
            if len(self._looked_up) >= _REMEMBERED:
                self._looked_up.clear()
            self._looked_up[wanted] = self._look_up(wanted)
        return list(self._looked_up[wanted])

    def _look_up(self, wanted: str) -> list[str]:
        at = self._dictionary.find(f"\n{wanted} ")
        found: list[str] = []
        while at >= 0:
            entry, _, phones = self._dictionary[at + 1 : self._dictionary.index("\n", at + 1)].partition(" ")
            if entry != wanted and not entry.startswith(f"{wanted}("):
                break
            found.append(phones.strip())
            at = self._dictionary.index("\n", at + 1)
            at = at if at + 1 < len(self._dictionary) else -1
        return found

    def pronunciations(self, name: str) -> list[str]:
        """Return all likely pronunciations, the likeliest first; empty for a name without letters."""
        bare = plain(name)
        if name.isupper() and 1 < len(bare) <= _LONGEST_ABBREVIATION:
            found = [" ".join(_LETTERS[letter] for letter in bare), *self.known(name)]
            return list(dict.fromkeys(found))
        read = [self._rules.read(name)] if self._rules else []
        known = self.known(name) or self.known(bare) or self._by_parts(name)
        found = [*(known or read), continental(name)]
        return [phones for phones in dict.fromkeys(found) if phones]

    def _by_parts(self, name: str) -> list[str]:
        """Read "GitHub" as "git hub", where the dictionary knows both."""
        parts = [self.known(part) for part in re.findall(r"[A-Z][a-z]+|[A-Z]+(?![a-z])|[a-z]+", name)]
        return [" ".join(part[0] for part in parts)] if len(parts) > 1 and all(parts) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word that is to be heard."""

    text: str
    """As it is written."""
    name: bool
    """Whether it may stand where people's names stand."""
    rare: bool
    """Whether the language model does not know it, or hardly."""


@dataclass(frozen=True, slots=True)
class NameList:
    """Dictionary lines for the class words, and which name each of their pronunciations stands for."""

    lines: tuple[str, ...]
    display: dict[str, str]
    """ "_person(3)" is "Priya"."""
    spelled: dict[str, str] = field(default_factory=dict)
    """How words are written that the language model hardly knows: "kubernetes" is "Kubernetes"."""

    @classmethod
    def of(cls, terms: Iterable[Term], pronouncer: Pronouncer) -> NameList:
        """Build the list."""
        said = [(term, phones) for term in terms for phones in pronouncer.pronunciations(term.text)]
        people = [(term.text, phones) for term, phones in said if term.name or term.rare]
        things = [(term.text, phones) for term, phones in said if term.rare]
        lines: list[str] = []
        display: dict[str, str] = {}
        for word, taken, entries in (
            (PERSON, 0, people),
            (PERSONS, 0, [(f"{name}'s", _possessive(phones)) for name, phones in people]),
            (THING, max(1, len(pronouncer.known(THING))), things),
        ):
            for number, (name, phones) in enumerate(entries, 1 + taken):
                key = word if number == 1 else f"{word}({number})"
                lines.append(f"{key} {phones}")
                display[key] = name
        rare = {term.text.lower(): term.text for term, _ in said if term.rare}
        return cls(tuple(lines), display, rare)


def name_parts(names: Iterable[str]) -> Sequence[str]:
    """Return the single words of all names, each once, in order: people say "Ana", not "Ana Silva-Ruiz"."""
    parts = [part for name in names for part in re.split(r"[\s,_-]+", name) if plain(part)]
    return list(dict.fromkeys(parts))


def terms_of(vocabulary: Iterable[str], is_common: Callable[[str], bool]) -> list[Term]:
    """Take names and terms apart into the words that need help to be heard, each once, in order.

    Where every word begins with a capital it is a name, and all its words count: "Will" is more than the verb.
    Of "Reading nook" or "launch plan" only those count that are not common.

    Args:
        vocabulary: names of people and rooms, terms of projects.
        is_common: whether the language model knows a word well.
    """
    found: dict[str, Term] = {}
    for entry in vocabulary:
        parts = name_parts([entry])
        name = all(not part[0].islower() for part in parts)
        for part in parts:
            rare = not is_common(part)
            if name or rare:
                before = found.get(part)
                found[part] = Term(text=part, name=name or (before is not None and before.name), rare=rare)
    return list(found.values())


def _possessive(phones: str) -> str:
    last = phones.split()[-1]
    if last in _HISSING:
        return f"{phones} IH Z"
    return f"{phones} S" if last in _VOICELESS else f"{phones} Z"
