"""What captions are worth in `benchmarks.speech`: whose words they are, when they came, what is missing. Pure."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.results import median
from server.demo.score import FUNCTION_WORDS, normalise, word_errors

PAUSE_SECONDS = 0.6
"""Silence that ends an utterance: `EndpointingSettings.silence_seconds`."""
EARLY, LATE = 0.8, 1.0
"""Seconds by which a caption may begin before what it belongs to (with its pre-roll), or, in a busy office,
after its end."""
ALIKE = 0.6
"""Share of words from which two finals say the same thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A caption as somebody's socket brought it."""

    id: str
    slot: int
    """Whose words they are said to be."""
    began: float
    """When the utterance began, by the office; seconds since 1970, as all times here."""
    text: str
    final: bool
    arrived: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence as it was sent."""

    person: int
    text: str
    voice: str
    start: float
    """When its first packet went out."""
    end: float
    """When the last packet went out that carries voice."""
    word_ends: tuple[float, ...]
    """When each word of `text.split()` had been spoken; nan where that is not known."""

    def may_own(self, caption: Caption) -> bool:
        """Whether a caption of this person can be of this sentence, by when it began."""
        return self.start - EARLY < caption.began < self.end + LATE


@dataclass(slots=True, kw_only=True)
class Heard:
    """A sentence and the captions of it."""

    said: Said
    captions: list[Caption] = field(default_factory=list)
    """In the order in which they came."""

    @property
    def finals(self) -> list[Caption]:
        """Settled ones with words; each utterance counts once, as it stood last."""
        last = {c.id: c for c in self.captions if c.final}
        return [caption for caption in last.values() if caption.text]

    @property
    def text(self) -> str:
        """All that was heard, in the end."""
        return " ".join(caption.text for caption in self.finals)

    @property
    def delay(self) -> float:
        """Seconds from the end of the pause that ends the utterance to its last final caption; nan without one."""
        if not self.finals:
            return math.nan
        return max(caption.arrived for caption in self.finals) - self.said.end - PAUSE_SECONDS


def match(said: Iterable[Said], captions: Mapping[int, Sequence[Caption]]) -> tuple[list[Heard], list[Caption]]:
    """Find the captions of each sentence by person and time.

    Args:
        said: everything.
        captions: of each person's own words, by person.

    Returns:
        One entry a sentence, and the captions that belong to none.
    """
    heard = [Heard(said=one) for one in said]
    strays: list[Caption] = []
    by_person: dict[int, list[Heard]] = {}
    for entry in heard:
        by_person.setdefault(entry.said.person, []).append(entry)
    for person, own in captions.items():
        for caption in own:
            near = [entry for entry in by_person.get(person, []) if entry.said.may_own(caption)]
            if near:
                max(near, key=lambda entry: entry.said.start).captions.append(caption)
            else:
                strays.append(caption)
    return heard, strays


# --- whose words ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Words of the final captions by which their speaker is known."""

    right: int
    """Under the person who said them."""
    wrong: int
    """Under somebody else while the person who is known by them said them."""
    misheard: int
    """Under somebody else although nobody said them just then: heard wrong, and nobody's."""
    spoken: int
    """Such words that were said, ..."""
    recalled: int
    """... and those of them that stand in a caption of the right person."""
    foreign: tuple[str, ...] = ()
    """Each wrong or misheard word and the caption that it stands in."""

    @property
    def share(self) -> float:
        """Right ones among all; nan without any."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else math.nan

    @property
    def recall(self) -> float:
        """Share of what was said that was found; nan without any."""
        return self.recalled / self.spoken if self.spoken else math.nan


def marks(spoken: Mapping[int, Sequence[str]]) -> dict[str, int]:
    """Words with meaning that one person alone says, in whatever form, and who that is.

    Args:
        spoken: the sentences of each person.
    """
    by_stem: dict[str, set[int]] = {}
    words: set[str] = set()
    for person, texts in spoken.items():
        for word in normalise(" ".join(texts)):
            by_stem.setdefault(_stem(word), set()).add(person)
            words.add(word)
    return {
        word: next(iter(by_stem[_stem(word)]))
        for word in words
        if len(by_stem[_stem(word)]) == 1 and word not in FUNCTION_WORDS and len(word) > 3
    }


def attribute(said: Sequence[Said], finals: Mapping[int, Sequence[Caption]]) -> Attribution:
    """Count under whom the words stand by which a speaker is known.

    Args:
        said: everything.
        finals: the final captions under each person.
    """
    spoken: dict[int, list[str]] = {}
    for one in said:
        spoken.setdefault(one.person, []).append(one.text)
    owner = marks(spoken)
    right = wrong = misheard = recalled = 0
    foreign: list[str] = []
    for person, captions in finals.items():
        own = Counter(word for word in normalise(" ".join(spoken.get(person, ()))) if word in owner)
        for caption in captions:
            for word in (word for word in normalise(caption.text) if word in owner):
                if owner[word] == person:
                    right += 1
                    recalled += own[word] > 0
                    own[word] -= 1
                    continue
                meanwhile = any(_meanwhile(caption, one) and word in normalise(one.text) for one in said)
                wrong, misheard = wrong + meanwhile, misheard + (not meanwhile)
                foreign.append(f"{word!r} in {caption.text!r}")
    total = sum(word in owner for one in said for word in normalise(one.text))
    return Attribution(
        right=right, wrong=wrong, misheard=misheard, spoken=total, recalled=recalled, foreign=tuple(foreign)
    )


def _meanwhile(caption: Caption, said: Said) -> bool:
    """Whether a sentence was said, in part at least, while a caption came to be."""
    return said.start - EARLY < caption.arrived and caption.began < said.end + LATE


def _stem(word: str) -> str:
    for ending in ("ing", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


# --- when -------------------------------------------------------------------------------------------------------


def first_words(heard: Heard) -> list[float]:
    """Seconds from the end of each word to the first caption that has it, settled or not; of those that came."""
    words = [
        (part, end)
        for word, end in zip(heard.said.text.split(), heard.said.word_ends, strict=True)
        for part in normalise(word)
        if not math.isnan(end)
    ]
    spoken = [word for word, _ in words]
    first: dict[int, float] = {}
    texts: dict[str, str] = {}
    for caption in sorted(heard.captions, key=lambda one: one.arrived):
        texts[caption.id] = caption.text
        shown = normalise(" ".join(texts.values()))
        blocks = difflib.SequenceMatcher(None, spoken, shown, autojunk=False).get_matching_blocks()
        for block in blocks:
            for place in range(block.a, block.a + block.size):
                first.setdefault(place, caption.arrived)
    return [arrived - words[place][1] for place, arrived in sorted(first.items())]


def waits(heard: Iterable[Heard]) -> dict[int, float]:
    """Mean delay of the finals of each person who had one, in seconds."""
    delays: dict[int, list[float]] = {}
    for entry in heard:
        if not math.isnan(entry.delay):
            delays.setdefault(entry.said.person, []).append(max(entry.delay, 0.0))
    return {person: sum(own) / len(own) for person, own in delays.items()}


def starvation(waits_of: Mapping[int, float]) -> float:
    """How many times the median wait the longest is; nan without any."""
    middle = median(list(waits_of.values()))
    return max(waits_of.values()) / middle if waits_of and middle > 0 else math.nan


# --- what is missing --------------------------------------------------------------------------------------------


def lost_and_doubled(heard: Iterable[Heard]) -> tuple[int, int]:
    """Sentences that never came, and those that came more than once."""
    lost = doubled = 0
    for entry in heard:
        finals = [normalise(caption.text) for caption in entry.finals]
        lost += not finals
        doubled += any(
            difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
            for k, one in enumerate(finals)
            for other in finals[:k]
        )
    return lost, doubled


def errors(heard: Iterable[Heard]) -> tuple[int, int]:
    """Wrong, missing and added words, and words said; each sentence is compared with its own captions."""
    wrong = total = 0
    for entry in heard:
        more, words = word_errors({"one": [entry.said.text]}, {"one": [entry.text]})
        wrong, total = wrong + more, total + words
    return wrong, total
