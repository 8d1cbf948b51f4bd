"""Days that are taken back while one speaks: "by Friday, no, by Thursday", "not on Monday but on Wednesday"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from avatars.due_phrase import DuePhrase
from avatars.verbs import phrases, word_set

_TURNS = phrases(
    "no, sorry, actually, rather, i mean, i meant, wait, hang on, hold on, make that, make it, scratch that, "
    "correction, or rather, i should say, better, nope"
)
_FILLERS = word_set("oh well then yeah let us say i on by until for the it is sorry")
_WISHES = word_set("wanted planned hoped meant supposed was were said thought asked")
_DENIES = (("not",), ("instead", "of"), ("rather", "than"))


def settle(words: Sequence[str], found: Sequence[DuePhrase]) -> list[DuePhrase]:
    """The days that still hold: a corrected one gives its place to what corrects it, a denied one is left out.

    Args:
        words: normal forms of the clause.
        found: its due phrases, in order.
    """
    held: list[DuePhrase] = []
    for number, phrase in enumerate(found, 1):
        if _is_denied(words, phrase) or (number < len(found) and _is_given_up(words, phrase)):
            continue
        before = found[number - 2] if number > 1 else phrase
        if words[before.end : phrase.start] == ["but"] and words[max(before.start - 1, 0)] == "not":
            phrase = replace(phrase, start=before.start - 1)  # "not on Friday but on Monday" is one phrase
        if held and phrase.day and _turns(words[held[-1].end : phrase.start]):
            first = held.pop()
            phrase = replace(
                phrase,
                start=first.start,
                binding=max(first.binding, phrase.binding),
            )
        held.append(phrase)
    return held


def _is_denied(words: Sequence[str], phrase: DuePhrase) -> bool:
    """ "not on Monday", unless it is asked: "why not on Monday?"."""
    start = phrase.start
    if not any(tuple(words[max(start - len(denial), 0) : start]) == denial for denial in _DENIES):
        return False
    return start < 2 or words[start - 2] not in ("why", "if", "can", "could", "do", "did")


def _is_given_up(words: Sequence[str], phrase: DuePhrase) -> bool:
    """ "we wanted it on Monday, but": another day follows."""
    return words[phrase.end : phrase.end + 1] == ["but"] and not _WISHES.isdisjoint(words[: phrase.start])


def _turns(between: Sequence[str]) -> bool:
    """Whether the words between two days take the first one back, and say nothing else."""
    at, turned = 0, False
    while at < len(between):
        for turn in _TURNS:
            if tuple(between[at : at + len(turn)]) == turn:
                at, turned = at + len(turn), True
                break
        else:
            if between[at] not in _FILLERS:
                return False
            at += 1
    return turned
