"""Lexical cues of a clause as numbers, beside its sentence vector, which hardly shows tense and negation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from avatars.cursor import is_name
from avatars.grammar import Force, Reading
from avatars.recognizer import Present, PresentKind
from avatars.verbs import ACTION_VERBS, PASTS, STATE_VERBS, UNCHANGED_PASTS, word_set
from avatars.words import CONNECTORS, Token

Vector = NDArray[np.float32]

_PAST = word_set("yesterday ago already earlier previously last since finally was were had did")
_HABIT = word_set("every always usually often never sometimes normally generally")
_UNSURE = word_set("maybe perhaps probably might possibly hopefully")
_FEELING = word_set("hope wish think guess believe joke joking kidding imagine love hate funny wonder fun")
_DECIDED = word_set("decided agreed decision settled decide agree final fixed approved")
_KEEP = word_set(
    "go going stick keep move postpone drop cancel skip stay switch use choose start stop instead delay"
)
_WH = word_set("what when where who why how which whose")
_AUX = word_set("is are was were do does did can could will would should has have am shall may")
_PEOPLE = word_set("everyone everybody somebody someone nobody anyone anybody who one")
_LEADS = (
    "if",
    "when",
    "sub",
    "hedge",
    "wish",
    "report",
    "decided",
    "noted",
    "addressed",
    "please",
    "propose",
    "request",
)
_SUBJECTS = ("i", "we", "you", "name", "names", "he", "they", "people", "avatar", "unknown", "thing", "none")
_VERBS = ("action", "state", "be", "have", "unknown", "none")

NAMES: tuple[str, ...] = (
    *(f"subject_{name}" for name in _SUBJECTS),
    *(f"force_{force.value}" for force in Force),
    *(f"lead_{name}" for name in _LEADS),
    *(f"verb_{name}" for name in _VERBS),
    "negated", "not_somewhere", "due", "due_resolved", "due_firm", "due_in", "question_mark",
    "wh_first", "aux_first", "past_word", "past_verb", "habit", "unsure", "feeling", "decided_word",
    "keep_word", "if_somewhere", "object", "object_pronoun", "short", "middle", "long",
    "names_somewhere", "person_i", "person_you", "will_somewhere", "have_done", "let_us",
)  # fmt: skip
"""What each number means; the order is part of the trained model."""


def subject_class(reading: Reading, present: Sequence[Present]) -> str:
    """One of the kinds of subject."""
    subject = reading.subject
    if not subject:
        return "none"
    first = subject[0]
    if is_name(first):
        if first != "@" and present[int(first[1:])].kind is PresentKind.AVATAR:
            return "avatar"
        return "names" if len(subject) > 1 else "name"
    if first in ("i", "we", "you"):
        return first
    if first in ("he", "she"):
        return "he"
    if first in ("they", "it", "this", "that", "there"):
        return "they"
    if first in _PEOPLE:
        return "people"
    return "unknown" if len(subject) == 1 else "thing"


def _verb_class(reading: Reading) -> str:
    verb = reading.verb
    if verb in ("be", "have"):
        return verb
    if not verb:
        return "none"
    return "action" if verb in ACTION_VERBS else "state" if verb in STATE_VERBS else "unknown"


def cues(reading: Reading, tokens: Sequence[Token], present: Sequence[Present]) -> Vector:
    """The cues of a clause.

    Returns:
        (len(NAMES),) float32, each 0 or 1.
    """
    tags = reading.tags
    words = set(tags)
    opening = next((tag for tag in tags if tag not in CONNECTORS and not is_name(tag)), "")
    behind = tags[reading.verb_at + 1 :]
    size = len(tags)

    def other_past() -> bool:
        return any(
            tag in PASTS and tag not in UNCHANGED_PASTS and place != reading.verb_at
            for place, tag in enumerate(tags)
        )

    tests: tuple[Callable[[], bool], ...] = (
        lambda: reading.negated,
        lambda: "not" in words or "never" in words or "no" in words,
        lambda: bool(reading.dues),
        lambda: any(due.day is not None for due in reading.dues),
        lambda: any(due.binding == 2 for due in reading.dues),
        lambda: any(due.binding == 1 for due in reading.dues),
        lambda: bool(tokens) and tokens[-1].stop == "?",
        lambda: opening in _WH,
        lambda: opening in _AUX,
        lambda: bool(words & _PAST),
        other_past,
        lambda: bool(words & _HABIT),
        lambda: bool(words & _UNSURE),
        lambda: bool(words & _FEELING),
        lambda: bool(words & _DECIDED),
        lambda: bool(words & _KEEP),
        lambda: bool(words & {"if", "unless", "whether"}),
        lambda: bool(behind),
        lambda: bool(behind) and behind[0] in ("it", "that", "this", "them", "him", "her", "you", "me", "us"),
        lambda: size <= 3,
        lambda: 3 < size <= 7,
        lambda: size > 16,
        lambda: any(is_name(tag) for tag in tags),
        lambda: bool(words & {"i", "me", "my"}),
        lambda: bool(words & {"you", "your"}),
        lambda: "will" in words,
        lambda: "have" in words and bool(words & PASTS.keys()),
        lambda: "let" in words and "us" in words,
    )
    values = [
        *(subject_class(reading, present) == name for name in _SUBJECTS),
        *(reading.force is force for force in Force),
        *(name in reading.lead for name in _LEADS),
        *(_verb_class(reading) == name for name in _VERBS),
        *(test() for test in tests),
    ]
    return np.asarray(values, dtype=np.float32)


def plain(reading: Reading, present: Sequence[Present]) -> str:
    """The clause for the encoder: everybody has the same name, so that names mean nothing."""
    words = []
    for tag in reading.tags:
        if tag == "@":
            continue
        if is_name(tag):
            words.append("ada" if present[int(tag[1:])].kind is PresentKind.AVATAR else "sam")
        else:
            words.append(tag)
    return " ".join(words)
