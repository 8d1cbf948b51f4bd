"""Learn who takes on what was agreed, in seconds: `python -m avatars.training.owners --data FOLDER`."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from avatars.meeting_input import ROLES, Line, grams
from avatars.owners import EVERYBODY, OwnerWeights, owner, signs_of
from avatars.training.meetings.corpus import Meeting, read_sections, read_split

WHO = (*ROLES, EVERYBODY)
STEPS, RATE = 600, 0.3
SIGNS_DECAY, WORDS_DECAY = 3.0, 0.3
LEAST_SEEN = 2
"""Items in which a word must occur to get points."""
FOLDS = 5
TARGET = Path(__file__).parents[2] / "assets" / "models" / "understanding" / "owners.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An action of the summary that one person takes on, and the utterances that are linked to it."""

    group: str
    lines: Sequence[Line]
    places: Sequence[int]
    owner: str


def read_items(folder: Path, split: str) -> list[Item]:
    """The actions of a split that have one owner and are linked.

    Raises:
        OSError: a file is missing.
    """
    sections = read_sections(folder, split)
    return [item for meeting in read_split(folder, split) for item in _items(meeting, sections[meeting.id])]


def _items(meeting: Meeting, sections: Mapping[str, Sequence[Mapping[str, object]]]) -> list[Item]:
    lines = meeting.lines("text")
    places = {line.id: place for place, line in enumerate(lines)}
    found = []
    for one in sections.get("actions", []):
        owners, linked = one.get("owner_roles"), one.get("utterances")
        if isinstance(owners, list) and len(owners) == 1 and isinstance(linked, list) and linked:
            found.append(
                Item(group=meeting.group, lines=lines, places=[places[name] for name in linked], owner=owners[0])
            )
    return found


def fit(items: Sequence[Item]) -> OwnerWeights:
    """Learn weights by gradient descent on the log likelihood, with a little decay."""
    asked = [(item, place) for item in items for place in item.places]
    signs = [signs_of(item.lines, place) for item, place in asked]
    texts = [sorted(grams(item.lines[place].text)) for item, place in asked]
    names = sorted({sign for one in signs for who in WHO for sign in one[who]})
    seen = Counter(word for text in texts for word in text)
    words = sorted(word for word, times in seen.items() if times >= LEAST_SEEN)
    of_signs, of_words = np.zeros((len(asked), len(WHO), len(names))), np.zeros((len(asked), len(words)))
    for row, (one, text) in enumerate(zip(signs, texts, strict=True)):
        for column, who in enumerate(WHO):
            for sign in one[who]:
                of_signs[row, column, names.index(sign)] += 1
        known = [words.index(word) for word in text if seen[word] >= LEAST_SEEN]
        of_words[row, known] = 1 / max(1, len(known)) ** 0.5
    wanted = np.array([[item.owner == who for who in WHO] for item, _ in asked], dtype=float)
    by_sign, by_word = np.zeros(len(names)), np.zeros((len(words), len(WHO)))
    step = RATE / (1 + len(asked) ** 0.5)
    for _ in range(STEPS):
        points = of_signs @ by_sign + of_words @ by_word
        shares = np.exp(points - points.max(axis=1, keepdims=True))
        fault = shares / shares.sum(axis=1, keepdims=True) - wanted
        by_sign -= step * (np.einsum("nc,ncs->s", fault, of_signs) + SIGNS_DECAY * by_sign)
        by_word -= step * (of_words.T @ fault + WORDS_DECAY * by_word)
    return OwnerWeights(
        signs={name: round(float(one), 3) for name, one in zip(names, by_sign, strict=True)},
        words={word: [round(float(one), 3) for one in row] for word, row in zip(words, by_word, strict=True)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerScore:
    """Of items, each with the owner that most of its utterances tell."""

    told: int
    """Items for which an owner was told at all."""
    right: int
    items: int

    @property
    def accuracy(self) -> float:
        """Share that is right of those that were told."""
        return self.right / max(1, self.told)

    @property
    def recall(self) -> float:
        """Share of all that is told rightly."""
        return self.right / max(1, self.items)


def score(items: Sequence[Item], weights: OwnerWeights) -> OwnerScore:
    """Tell the owners, and count."""
    told = right = 0
    for item in items:
        found = [owner(item.lines, place, weights).who for place in item.places]
        votes = Counter(one for one in found if one is not None)
        told += bool(votes)
        right += bool(votes) and votes.most_common(1)[0][0] == item.owner
    return OwnerScore(told=told, right=right, items=len(items))


def cross_validate(items: Sequence[Item]) -> OwnerScore:
    """Score each group of meetings with weights that were learnt without it."""
    groups = sorted({item.group for item in items})
    parts = []
    for fold in range(FOLDS):
        left = {group for place, group in enumerate(groups) if place % FOLDS == fold}
        weights = fit([item for item in items if item.group not in left])
        parts.append(score([item for item in items if item.group in left], weights))
    return OwnerScore(
        told=sum(one.told for one in parts),
        right=sum(one.right for one in parts),
        items=sum(one.items for one in parts),
    )


def main() -> None:
    """Learn, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the corpus")
    parser.add_argument("--output", type=Path, default=TARGET)
    arguments = parser.parse_args()
    train, dev = read_items(arguments.data, "train"), read_items(arguments.data, "dev")
    weights = fit(train)
    for name, one in (("folds of train", cross_validate(train)), ("dev", score(dev, weights))):
        print(f"{name}: {one.right} of {one.told} told are right ({one.accuracy:.3f}), of {one.items} in all")
    arguments.output.write_text(json.dumps(asdict(weights), indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
