"""Says office sentences from a grammar: verbs with their forms, and rules with weighted alternatives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from media.errors import SettingsError

OFFICE = Path(__file__).with_name("office.txt")
_FORMS = {"do": 0, "did": 1, "done": 2, "doing": 3, "does": 4}
_PART = re.compile(r"\{(\w+)\}|\[([^\[\]]+)\]")
_CLASSES = ("person", "persons")


@dataclass(frozen=True, slots=True)
class _Rule:
    alternatives: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules by name, and verbs as (five forms, classes of objects)."""

    rules: dict[str, _Rule]
    verbs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    def sentences(self, count: int, seed: int) -> Iterator[str]:
        """Say `count` sentences, the same ones for the same seed."""
        random = Random(seed)
        for _ in range(count):
            yield " ".join(self._say("sentence", random).split())

    def _say(self, name: str, random: Random) -> str:
        if name in _FORMS:
            return self._act(_FORMS[name], random)
        rule = self.rules[name]
        text = random.choices(rule.alternatives, rule.weights)[0]

        def fill(match: re.Match[str]) -> str:
            rule_name, inner = match.groups()
            return f"<{inner}>" if inner else self._say(rule_name, random)

        return _PART.sub(fill, text)

    def _act(self, form: int, random: Random) -> str:
        forms, objects = random.choice(self.verbs)
        kind, _, link = random.choice(objects).partition(".")
        said = f"{forms[form].replace('.', ' ')} {self._say(kind, random)}"
        if link:
            said += " " + self._say("to_when" if link == "to" and "move" in forms[0] else link, random)
        return said


def read_grammar(path: Path = OFFICE) -> Grammar:
    """Read rules and verbs.

    Raises:
        SettingsError: a line is malformed or names a rule that does not exist.
    """
    rules: dict[str, _Rule] = {}
    verbs: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("verb "):
            forms, _, objects = line[5:].partition(":")
            if len(forms.split()) != len(_FORMS) or not objects.split():
                raise SettingsError(f"{path.name} line {number}: a verb has five forms, a colon and objects")
            verbs.append((tuple(forms.split()), tuple(objects.split())))
            continue
        name, equals, right = line.partition(" = ")
        if not equals:
            raise SettingsError(f"{path.name} line {number}: expected `name = alternatives`")
        rules[name.strip()] = _alternatives(right)
    _check(path, rules, verbs)
    return Grammar(rules=rules, verbs=tuple(verbs))


def _alternatives(right: str) -> _Rule:
    texts: list[str] = []
    weights: list[float] = []
    for alternative in right.split(" | "):
        text, star, weight = alternative.strip().partition("*")
        texts.append(text)
        weights.append(float(weight) if star else 1.0)
    return _Rule(tuple(texts), tuple(weights))


def _check(path: Path, rules: dict[str, _Rule], verbs: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    named = {name for rule in rules.values() for text in rule.alternatives for name, _ in _PART.findall(text)}
    named |= {part for _, objects in verbs for kind in objects for part in kind.split(".")}
    classes = {inner for rule in rules.values() for text in rule.alternatives for _, inner in _PART.findall(text)}
    missing = sorted((named - set(rules) - set(_FORMS) - {""}) | (classes - set(_CLASSES) - {""}))
    if missing:
        raise SettingsError(f"{path.name} names what it does not define: {', '.join(missing)}")
