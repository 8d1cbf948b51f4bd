"""A place in a clause's tags, and the subjects that may stand there."""

from __future__ import annotations

from enum import StrEnum

from avatars.verbs import word_set

_ADVERBS = word_set(
    "also then just quickly definitely probably maybe please therefore personally myself gladly certainly "
    "surely still now immediately directly simply happily first always all both again actually really soon "
    "kindly perhaps hopefully quick together finally obviously of course uh um er next later anyway"
)
_HEDGES = word_set("maybe perhaps probably hopefully possibly might")


class Force(StrEnum):
    """What the clause does with its verb."""

    WILL = "will"
    GOING = "going"
    OFFER = "offer"
    CAN = "can"
    OUGHT = "ought"
    MUST = "must"
    WOULD = "would"
    WANT = "want"
    ASK = "ask"
    ORDER = "order"
    ASSIGN = "assign"
    DOING = "doing"
    DOES = "does"
    DID = "did"
    PASSIVE = "passive"
    PROPOSE = "propose"
    NONE = "none"


Core = tuple[tuple[str, ...], Force, bool, int]
"""Subject, force, whether it is denied, and the place of the verb."""


class Cursor:
    """A place in the tags."""

    def __init__(self, tags: list[str], at: int = 0) -> None:
        self.tags = tags
        self.at = at

    def peek(self, offset: int = 0) -> str:
        place = self.at + offset
        return self.tags[place] if place < len(self.tags) else ""

    def take(self, *words: str) -> bool:
        """Step over these words if they are next."""
        if tuple(self.tags[self.at : self.at + len(words)]) == words:
            self.at += len(words)
            return True
        return False

    def take_any(self, words: frozenset[str] | set[str]) -> str:
        if self.at < len(self.tags) and self.tags[self.at] in words:
            self.at += 1
            return self.tags[self.at - 1]
        return ""

    def skip_adverbs(self) -> bool:
        """Step over adverbs; whether one of them was a hedge."""
        hedged = False
        while self.peek() in _ADVERBS:
            hedged = hedged or self.peek() in _HEDGES
            self.at += 1
        return hedged


def is_name(tag_: str) -> bool:
    """Whether a tag stands for somebody present."""
    return tag_.startswith("@")


def names(cursor: Cursor) -> tuple[str, ...]:
    """ "@0 and @1"."""
    found: list[str] = []
    while is_name(cursor.peek()):
        if cursor.peek() != "@":
            found.append(cursor.peek())
        cursor.at += 1
        if cursor.peek() == "@":
            cursor.at += 1
        if is_name(cursor.peek()):
            break
        if cursor.peek() in ("and", "or", "with") and (is_name(cursor.peek(1)) or cursor.peek(1) in ("i", "me")):
            if cursor.peek(1) in ("i", "me"):
                found.append("i")
                cursor.at += 2
                break
            cursor.at += 1
    return tuple(found)


_PEOPLE = word_set("everyone everybody somebody someone nobody anyone anybody who one")


def subject(cursor: Cursor) -> tuple[str, ...]:
    """Names, a pronoun, or a short noun phrase in front of an auxiliary."""
    if called := names(cursor):
        return called
    word = cursor.peek()
    if word in ("i", "we", "you", "he", "she", "they", "it"):
        cursor.at += 1
        if cursor.peek() == "and" and is_name(cursor.peek(1)):
            cursor.at += 1
            return (word, *names(cursor))
        if word == "you" and cursor.peek() == "two":
            cursor.at += 1
        return (word,)
    if word in _PEOPLE:
        cursor.at += 1
        return (word,)
    return ()


AUXILIARIES = word_set(
    "will shall can could should would must needs need has have had is are was were am might may"
)


_TOPIC = word_set("the my our this these those me")
"""What may be named first, and taken up by "I": "the slides, I will prepare them"."""


def noun_subject(cursor: Cursor) -> tuple[str, ...]:
    """The words up to an auxiliary within the next six: "the customer", "petra", "the new release"."""
    for length in range(1, 7):
        word = cursor.peek(length)
        if not word:
            return ()
        if word in AUXILIARIES and not (word in ("need", "have", "is", "are") and length < 1):
            words = tuple(cursor.tags[cursor.at : cursor.at + length])
            if (
                length > 1
                and is_name(words[-1])
                and words[-1] != "@"
                and words[-2] not in ("and", "for", "of", "with")
            ):
                cursor.at += length
                return (words[-1],)
            if length > 1 and words[-1] in ("i", "we") and words[0] in _TOPIC:
                cursor.at += length
                return (words[-1],)
            if words[0] in AUXILIARIES or words[0] in ("not", "to", "what", "how", "why", "where", "which"):
                return ()
            cursor.at += length
            return words
        if word in ("to", "that", "if", "and", "because"):
            return ()
    return ()
