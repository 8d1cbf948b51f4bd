"""How well requests are read: F1 of kinds, F1 of slots, and how far confidence is from being right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avatars.adapters.request_model import RequestReader
from avatars.calibration import calibration_error
from avatars.mentions import Surroundings
from avatars.recognizer import Present
from avatars.request_text import pieces
from avatars.requests import REQUESTS, RequestKind, SlotName
from avatars.training import request_words as names
from avatars.training.requests import MOMENT
from avatars.training.talk import ADA
from avatars.verbs import word_set

PEOPLE = ("Bo", "Lin", "Ana", "Marek", "Priya", "Tom")
AROUND = Surroundings(
    now=MOMENT,
    people=(*(Present(id=name.lower(), name=name) for name in PEOPLE), ADA),
    rooms=names.ROOMS[:10],
    workflows=dict(list(names.WORKFLOWS.items())[:9]),
)
"""Who and what the sheets name."""
_FRONT = word_set("the a an my our that to by on for until till before at due in 's")
_BEHIND = word_set("please 's")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One line of a sheet."""

    text: str
    kind: RequestKind
    slots: dict[SlotName, str]


Sheet = list[Wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Scores on one sheet."""

    by_kind: dict[str, float]
    """F1 of each kind."""
    by_slot: dict[str, float]
    """F1 of each slot."""
    slot_f1: float
    """Over all slots of all requests, a slot of a request of the wrong kind counted as well."""
    calibration: float
    number: int
    faults: list[str]

    @property
    def intent_macro_f1(self) -> float:
        """Mean over the kinds."""
        return float(np.mean(list(self.by_kind.values())))

    def numbers(self) -> dict[str, float]:
        """For a benchmark."""
        return {
            "intent_macro_f1": self.intent_macro_f1,
            "slot_f1": self.slot_f1,
            "calibration_error": self.calibration,
        }


def read_sheet(path: Path) -> Sheet:
    """The lines of a sheet: kind, text, "name=words; name=words".

    Raises:
        ValueError: a line names no known kind or slot.
    """
    sheet: Sheet = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, text, said = line.split("\t")
        pairs = [pair.strip().split("=", 1) for pair in said.split(";") if pair.strip()]
        slots = {SlotName(name): words for name, words in pairs}
        sheet.append(Wanted(text=text, kind=RequestKind(kind), slots=slots))
    return sheet


def score(reader: RequestReader, sheet: Sheet) -> Result:
    """Read every line, and compare."""
    kinds: list[tuple[str, str]] = []
    slots: list[tuple[set[tuple[str, str]], set[tuple[str, str]]]] = []
    confidences, right, faults = [], [], []
    for wanted in sheet:
        read = reader.read(wanted.text, AROUND)
        given = {(name.value, compared(words)) for name, words in wanted.slots.items()}
        found = {(name.value, compared(slot.text)) for name, slot in read.slots.items()}
        kinds.append((wanted.kind.value, read.kind.value))
        slots.append((given, found))
        confidences.append(read.confidence)
        right.append(float(read.kind is wanted.kind))
        if read.kind is not wanted.kind or given != found:
            faults.append(
                f"{wanted.kind.value} told as {read.kind.value} ({read.confidence:.2f}): {wanted.text}: "
                f"missed {sorted(given - found)}, invented {sorted(found - given)}"
            )
    return Result(
        by_kind={
            kind.value: _f1([kind.value] * kinds.count((kind.value, kind.value)), kinds, kind.value)
            for kind in REQUESTS
        },
        by_slot={name.value: _slot_f1(slots, name.value) for name in SlotName},
        slot_f1=_slot_f1(slots),
        calibration=calibration_error(np.asarray(confidences), np.asarray(right)),
        number=len(sheet),
        faults=faults,
    )


def compared(words: str) -> str:
    """Words of a slot as they are compared: without articles and prepositions in front, "please" behind."""
    said = [piece.word for piece in pieces(words)]
    while said and said[0] in _FRONT:
        said = said[1:]
    while said and said[-1] in _BEHIND:
        said = said[:-1]
    return " ".join(said)


def _f1(hits: list[str], kinds: list[tuple[str, str]], kind: str) -> float:
    told = sum(kind == wanted for wanted, _ in kinds) + sum(kind == found for _, found in kinds)
    return 2 * len(hits) / max(1, told)


def _slot_f1(slots: list[tuple[set[tuple[str, str]], set[tuple[str, str]]]], name: str = "") -> float:
    """Of one slot, or of all when no name is given."""
    hits = total = 0
    for given, found in slots:
        hits += sum(not name or pair[0] == name for pair in given & found)
        total += sum(not name or pair[0] == name for pair in (*given, *found))
    return 2 * hits / max(1, total)
