"""A title for a meeting that nobody named, from the things that were spoken of most. Pure, for English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from avatars.everyday import is_everyday
from avatars.names import bare
from avatars.verbs import GERUNDS, PASTS, THIRD_PERSON, is_base, word_set
from avatars.words import MONTHS, WEEKDAYS

LONGEST = 60
"""Characters."""
THINGS = 3
"""Most things in a title."""
LEAST = 2
"""Lines that speak of a thing of which a title does; one from which something was noted counts as so many."""
_SHORTEST = 3
"""Letters of a word of it."""
_WORDS = 3
"""Most words of a thing."""
_LONG = 0.75
"""What each further word of a thing adds to its weight: "supplier offers" says more than "offers"."""
_SAME_TOPIC = 0.5
"""What a thing weighs of whose topic the title speaks already."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\w\s]|\d+")  # noqa: RUF001
_ADJECTIVE = re.compile(r"(?:able|ful|ible|ish|ive|less|ous)$")
_CUES = word_set("""
a about an any each every for her his its my new next no of old our some that the their these this those with your
""")
"""What stands in front of things: behind these a word that can be a verb is none."""
_NO_CUES = word_set("am are be been being gets got is quite really seems so too very was were")
"""Behind these stands how something is."""
_NO_THING = word_set("""
all also and any are around as at away back be because been before behind both but by can could did do does
down during either end for from get gets getting got had has have he her here him his how however if in is it
its kind left less let lot lots many may me might mine minute minutes much must my near new nobody nor not now
off old on once one or our out own part per point put same saw see seen she side since so somebody such sure
than that the their them then there they thing things this those though through thus till to too two under
until up upon us use used using was way ways we what when where which while who whom whose why will with
within without would yes yet you your able bad best better big clear early easy full further half hard high
important large late long low main nice open possible quick ready short small soon true usual whole wrong
three four five six seven eight nine ten twenty thirty day days hour hours month months quarter year years
weekend noon evening afternoon tonight
""") | frozenset(WEEKDAYS) | frozenset(MONTHS)  # fmt: skip


@dataclass(slots=True)
class _Thing:
    """Something that was spoken of."""

    first: tuple[int, int]
    """The line in which it was first spoken of, and its place among what that speaks of."""
    lines: set[int] = field(default_factory=set)
    forms: Counter[str] = field(default_factory=Counter)
    """How it was put, lower case."""

    @property
    def form(self) -> str:
        """As it was put most often."""
        return min(self.forms, key=lambda form: (-self.forms[form], form))


def suggest(
    texts: Sequence[str],
    topics: Sequence[tuple[int, int]],
    *,
    names: Collection[str] = (),
    noted: Collection[int] = (),
) -> str:
    """Give a title such as "Budget and supplier offers"; "" where nothing was spoken of more than once.

    Args:
        texts: what people said, in order.
        topics: first line and the one behind the last of each; may be empty.
        names: of people, who are no title.
        noted: numbers of lines from which a task, a decision or a question was noted.
    """
    people = {part for name in names for part in name.casefold().split()}
    things: dict[tuple[str, ...], _Thing] = {}
    for at, text in enumerate(texts):
        for words, place in _things(text, people).items():
            thing = things.setdefault(tuple(_key(word) for word in words), _Thing(first=(at, place)))
            thing.lines.add(at)
            thing.forms[" ".join(words)] += 1
    counts = Counter(
        {key: sum(LEAST if at in noted else 1 for at in thing.lines) for key, thing in things.items()}
    )
    weights = {key: count * (1 + _LONG * (len(key) - 1)) for key, count in counts.items() if count >= LEAST}
    chosen: list[tuple[str, ...]] = []
    spoken_of: set[int] = set()
    strongest = max(weights.values(), default=0.0)

    def rank(key: tuple[str, ...]) -> tuple[float, tuple[int, int]]:
        again = _topic(things[key].lines, topics) in spoken_of
        return -weights[key] * (_SAME_TOPIC if again else 1.0), things[key].first

    while len(chosen) < THINGS and (left := [key for key in weights if weights[key] * THINGS > strongest]):
        best = min(left, key=rank)
        weights = {key: weight for key, weight in weights.items() if not set(key) & set(best)}
        if len(_joined([*chosen, best], things)) <= LONGEST:
            chosen.append(best)
            spoken_of.add(_topic(things[best].lines, topics))
    return _joined(chosen, things)


def _topic(lines: Collection[int], topics: Sequence[tuple[int, int]]) -> int:
    """The topic that most of some lines are in."""
    return max(
        range(len(topics)), key=lambda at: sum(topics[at][0] <= line < topics[at][1] for line in lines), default=0
    )


def _joined(keys: Sequence[tuple[str, ...]], things: Mapping[tuple[str, ...], _Thing]) -> str:
    """ "Budget, supplier offers and launch party", in the order in which they were first spoken of."""
    said = [things[key].form for key in sorted(keys, key=lambda key: things[key].first)]
    text = " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))
    return text[:1].upper() + text[1:]


def _things(text: str, people: Collection[str]) -> dict[tuple[str, ...], int]:
    """What a line may speak of, with its first character: words next to each other that can name a thing."""
    found: dict[tuple[str, ...], int] = {}
    begins: list[int] = []
    run: list[str] = []
    before = ""
    for match in [*_WORD.finditer(text), None]:
        word = bare(match[0]) if match is not None else ""
        if match is not None and _is_thing(word, before, bool(run)) and word not in people:
            run.append(word)
            begins.append(match.start())
        else:
            for start in range(len(run)):
                for end in range(start + 1, min(len(run), start + _WORDS) + 1):
                    if not _ADJECTIVE.search(run[end - 1]):
                        found.setdefault(tuple(run[start:end]), begins[start])
            run, begins = [], []
        before = word
    return found


def _is_thing(word: str, before: str, inside: bool) -> bool:
    """Whether a word may be the name of a thing, or a part of it; `inside`: it stands behind such a part."""
    if len(word) < _SHORTEST or not word[0].isalpha() or "'" in word or word.endswith("ly"):
        return False
    if word in _NO_THING or is_everyday(word) or before in _NO_CUES:
        return False
    if word in GERUNDS and not is_base(word):
        return before in _CUES
    if is_base(word) or word in THIRD_PERSON:
        return before in _CUES or inside
    return word not in PASTS


def _key(word: str) -> str:
    """One for "offer" and "offers"."""
    return word[:-1] if len(word) > _SHORTEST + 1 and word.endswith("s") and word[-2] not in "sui" else word
