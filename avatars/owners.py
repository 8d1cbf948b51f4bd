"""Who takes on what was agreed: the speaker, whoever is spoken to, a role that is named, or everybody.

Each candidate gets points for what speaks for them (they are named, they answer, …) and, where roles are known,
for words that go with a role. The weights are learnt (`avatars.training.owners`): a conditional logit (McFadden,
"Conditional logit analysis of qualitative choice behavior", 1974).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avatars.meeting_input import ROLES, Line, grams

EVERYBODY = "ALL"
LEAST = 0.35
"""Confidence below which it stays unclear, and somebody has to be asked."""
_BEFORE, _AFTER = 5, 5
"""Utterances that are looked at before and after."""
_NAMED = (
    ("PM", r"project (?:manager|leader)"),
    ("ME", r"market(?:ing)? (?:expert|executive|guy|person|manager|specialist)|marketeer|marketing(?! strateg)"),
    ("UI", r"(?:user[- ])?interface[- ](?:designer|specialist|guy|developer|man|person)|uid?|usability"),
    ("ID", r"industrial[- ]*(?:design(?:er)?|specialist)?|i\.? ?d"),
)
_ROLE = re.compile("|".join(rf"(?P<{role}>\b(?:{words})\b)" for role, words in _NAMED))
_SPELLED = re.compile(r"\bu\.? ?i\.? ?d\b\.?")
_SELF = re.compile(
    r"\b(?:i'll|i will|i'm gonna|i'm going to|i can|let me|i shall|i have to|i need to|i've got to|i should|"
    r"i'm supposed|i have|my|i'm)\b"
)
_WE = re.compile(
    r"\b(?:we|we'll|us|let's|everybody|everyone|you all|all of you|you guys|each of you|you'll all|team|you both|"
    r"you two|two of you|both|together)\b"
)
_YOU = re.compile(r"\b(?:you|you'll|you're|your|yourself|you'd|you've)\b")
_SEVERAL = re.compile(r"\b(?:two|both|together)\b")
_EACH = re.compile(r"\b(?:all|every\w*|each|team|guys)\b")
_AGREES = re.compile(
    r"^(?:okay|ok|yep|yeah|right|sure|mm-hmm|alright|fine|mm|cool|i will|i'll|uh-huh|'kay|good|yes)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerWeights:
    """What was learnt."""

    signs: Mapping[str, float]
    """What speaks for a candidate -> points."""
    words: Mapping[str, Sequence[float]]
    """Word or pair of words -> points for each of `ROLES`, and for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who takes it on."""

    who: str | None
    """A role where it is known, else a speaker; `EVERYBODY`; None: it is unclear."""
    confidence: float


def who_of(line: Line) -> str:
    """What a speaker is called here: their role where it is known."""
    return line.role or line.speaker


def owner(lines: Sequence[Line], at: int, weights: OwnerWeights) -> Owner:
    """Say who takes on what an utterance agrees on.

    Args:
        lines: the meeting, in order of time.
        at: number of the utterance.
        weights: what was learnt.
    """
    signs = signs_of(lines, at)
    points = {who: sum(weights.signs.get(sign, 0.0) for sign in of_them) for who, of_them in signs.items()}
    known = [weights.words[word] for word in grams(lines[at].text) if word in weights.words]
    for column, who in enumerate((*ROLES, EVERYBODY)):
        if known and who in points and any(line.role for line in lines):
            points[who] += sum(row[column] for row in known) / math.sqrt(len(known))
    top = max(points.values())
    shares = {who: math.exp(one - top) for who, one in points.items()}
    best = max(shares, key=lambda who: shares[who])
    confidence = shares[best] / sum(shares.values())
    return Owner(who=best if confidence >= LEAST else None, confidence=confidence)


def signs_of(lines: Sequence[Line], at: int) -> dict[str, list[str]]:
    """What speaks for each candidate: everybody in the meeting, all the roles where roles are known, and all."""
    said = lines[at].text.lower()
    own, self_, we, you = who_of(lines[at]), *(bool(one.search(said)) for one in (_SELF, _WE, _YOU))
    people = dict.fromkeys([*(ROLES if any(line.role for line in lines) else ()), *map(who_of, lines)])
    found: dict[str, list[str]] = {who: [] for who in people}
    for who, signs in found.items():
        part = f"self={self_:d} you={you:d}"
        signs.append(f"speaks {part}" if who == own else f"hears {part} we={we:d}")
    found[EVERYBODY] = [f"all self={self_:d} you={you:d} we={we:d}"]
    found[EVERYBODY] += [name for name, one in (("several", _SEVERAL), ("each", _EACH)) if one.search(said)]
    _named(lines, at, found)
    _answering(lines, at, found, you=you)
    if at and who_of(lines[at - 1]) != own:
        found[who_of(lines[at - 1])].append("spoke just before")
    return found


def _named(lines: Sequence[Line], at: int, found: dict[str, list[str]]) -> None:
    """Roles that are named in the utterance, or that the same speaker named shortly before."""
    here = [role for role in _roles_in(lines[at].text) if role in found]
    if here:
        for role in dict.fromkeys(here):
            found[role].append("named alone" if len(set(here)) == 1 else "named with others")
        found[here[0]].append("named first")
        return
    earlier = [line for line in lines[max(0, at - _BEFORE) : at] if line.speaker == lines[at].speaker]
    for steps, line in enumerate(reversed(earlier), start=1):
        before = [role for role in _roles_in(line.text) if role in found]
        if before:
            found[before[-1]].append(f"named {min(steps, 3)} before")
            return
        if steps > 1 and _YOU.search(line.text.lower()):
            return


def _answering(lines: Sequence[Line], at: int, found: dict[str, list[str]], *, you: bool) -> None:
    """Who speaks next, until the speaker turns to a role."""
    answered: list[str] = []
    for steps, line in enumerate(lines[at + 1 : at + 1 + _AFTER], start=1):
        who = who_of(line)
        if line.speaker == lines[at].speaker:
            if _roles_in(line.text):
                return
        elif who not in answered:
            answered.append(who)
            agrees = bool(_AGREES.search(line.text.lower()))
            found[who] += [
                f"answers after={min(steps, 3)} agrees={agrees:d} as={min(len(answered), 2)}",
                f"answers you={you:d} agrees={agrees:d}",
            ]
            if _SELF.search(line.text.lower()):
                found[who].append("answers of self")


def _roles_in(text: str) -> list[str]:
    """Roles of the AMI corpus that are named, in order."""
    return [match.lastgroup or "" for match in _ROLE.finditer(_SPELLED.sub("uid", text.lower()))]
