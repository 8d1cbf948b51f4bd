"""What a clause asks for: who, what, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from avatars.cursor import is_name
from avatars.dates import strongest
from avatars.grammar import Force, Reading
from avatars.names import is_common
from avatars.recognizer import Present, PresentKind
from avatars.verbs import ACTION_VERBS, GERUNDS, PASTS, THIRD_PERSON, VERBS, base_of, is_base, word_set
from avatars.veto import NO_THINGS, NOT_OWNERS
from avatars.words import MONTHS, WEEKDAYS, Token

_FILLERS = word_set("um uh er erm hm mm please kindly basically actually just quickly definitely certainly")
_TAIL = (
    "please, okay, ok, right, then, as well, too, for me, for us, if that is okay, if that is ok, if you "
    "can, if possible, if you like, if you have time, if i can, as discussed, as agreed, i think, i "
    "guess, thanks, thank you, thank you very much, and that is it, and that is all, you know, so, and, "
    "or, but, is that okay, is that ok, will you, would you, could you, can you, myself, himself, "
    "herself, yourself, now, alright, and so on, or so, for sure, of course, if needed, if that works, "
    "sure, great, good, um, uh, er, by, at the latest, latest, maybe, again please, no problem, and then, "
    "will not you, would not you, can not you, could not you, are not you, do not you, is not it, "
    "will not he, will not she, would be perfect, would be great, would be good, would be nice, would be fine, "
    "would be ideal, would be enough, is fine, is okay, is enough, is early enough, is soon enough, "
    "i promise, after this, after the meeting, after this meeting, from my side, that is all, with"
)
_TAILS = tuple(sorted((tuple(text.split()) for text in _TAIL.split(", ")), key=len, reverse=True))
_PARTICLES = word_set("also then just quickly please kindly definitely um uh er personally gladly now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The values found in a clause."""

    what: str
    """Imperative sentence with a capital and no full stop; "" when there is nothing to do in the clause."""
    owner: str | None
    owner_name: str | None
    due: date | None
    due_phrase: str | None


def fill(
    reading: Reading,
    tokens: Sequence[Token],
    present: Sequence[Present],
    speaker: str,
    speaker_name: str,
) -> Slots:
    """Read owner, task and due date from a clause.

    Args:
        reading: of the clause.
        tokens: of the clause.
        present: people whose names were looked for (`reading.tags` count into it).
        speaker: participant id of whoever spoke.
        speaker_name: their name.
    """
    due = strongest(reading.dues)
    owners, verb_at, stop_at = _owners(reading, tokens)
    people = [_person(owner, present, speaker, speaker_name) for owner in owners]
    if "you" in owners and len(owners) > 1:
        people = [*_addressed(reading, present, speaker), *people]
    elif owners == ("you",) or (not owners and reading.force in (Force.ORDER, Force.ASK)):
        people = _addressed(reading, present, speaker)
    known = [person for person in people if person is not None]
    what = _what(reading, tokens, verb_at, stop_at, present, speaker)
    names = list(dict.fromkeys(person[1] for person in known if person[1]))
    ids = [person[0] for person in known if person[0]]
    return Slots(
        what=what,
        owner=ids[0] if ids else None,
        owner_name=" and ".join(names) or None,
        due=due.day if due else None,
        due_phrase=due.phrase if due else None,
    )


_Owner = tuple[str | None, str | None]


def _owners(reading: Reading, tokens: Sequence[Token]) -> tuple[tuple[str, ...], int, int]:
    """Who takes it, where the verb stands, and where the task's words end."""
    stop_at = len(reading.tags)
    if reading.force is Force.PASSIVE:
        for place in range(reading.verb_at + 1, len(reading.tags) - 1):
            if reading.tags[place] == "by" and (
                is_name(reading.tags[place + 1]) or reading.tags[place + 1] == "me"
            ):
                owner = "i" if reading.tags[place + 1] == "me" else reading.tags[place + 1]
                return (owner,), reading.verb_at, place
        return (), reading.verb_at, stop_at
    subject = reading.subject
    if (
        subject
        and not is_name(subject[0])
        and subject[0] not in NOT_OWNERS
        and len(subject) == 1
        and not is_common(subject[0])
    ):
        return (f"={_surface(tokens, reading, subject)}",), reading.verb_at, stop_at
    if len(subject) == 2 and subject[0] not in NOT_OWNERS and not is_name(subject[0]) and subject[0] != "the":
        return (), reading.verb_at, stop_at
    return subject, reading.verb_at, stop_at


def _surface(tokens: Sequence[Token], reading: Reading, subject: tuple[str, ...]) -> str:
    return next((token.text for token in tokens if token.norm == subject[0]), subject[0])


def _person(owner: str, present: Sequence[Present], speaker: str, speaker_name: str) -> _Owner | None:
    if owner == "i":
        return speaker, speaker_name
    if owner.startswith("@") and owner != "@":
        person = present[int(owner[1:])]
        return person.id, person.name
    if owner.startswith("="):
        return None, owner[1:].capitalize() if owner[1:].islower() else owner[1:]
    return None


def _addressed(reading: Reading, present: Sequence[Present], speaker: str) -> list[_Owner | None]:
    """Who "you" is: a name called in the clause, the only other who hears it, or whom the speaker looks at."""
    called = _vocatives(reading, present)
    if called:
        return [(present[place].id, present[place].name) for place in called]
    others = [
        person for person in present if person.kind is PresentKind.HUMAN and person.id != speaker and person.near
    ]
    meant = others if len(others) == 1 else [person for person in others if person.faced]
    if len(meant) == 1:
        return [(meant[0].id, meant[0].name)]
    return []


def _vocatives(reading: Reading, present: Sequence[Present]) -> list[int]:
    """Names at the very beginning or end, where nobody does anything with them."""
    tags = [tag for tag in reading.tags if tag != "@"]
    places: list[int] = []
    for tag in (*tags[: reading.asked_at + 2], *_last_name(tags, reading)):
        if is_name(tag) and present[int(tag[1:])].kind is PresentKind.HUMAN and int(tag[1:]) not in places:
            places.append(int(tag[1:]))
    return places


def _last_name(tags: Sequence[str], reading: Reading) -> list[str]:
    """ "check the contract, lin", "check the contract lin please": but not "send it to lin"."""
    tail = list(tags)
    for due in sorted(reading.dues, key=lambda item: -item.start):
        if due.end >= len(tail):
            tail = tail[: due.start]
    while tail and tail[-1] in ("please", "okay", "ok", "thanks", "then", "right"):
        tail.pop()
    if len(tail) < 3 or not is_name(tail[-1]):
        return []
    return [] if tail[-2] in _TAKES_NAME else [tail[-1]]


_TAKES_NAME = word_set(
    "to with for from by and or ask call tell send give show help brief invite remind about at meet phone "
    "ping email inform contact message join support of on than thank update"
)


def _what(
    reading: Reading,
    tokens: Sequence[Token],
    verb_at: int,
    stop_at: int,
    present: Sequence[Present],
    speaker: str,
) -> str:
    """The task as an order: "Send the budget to finance"."""
    if verb_at >= len(tokens):
        return ""
    verb = _order_form(reading.tags[verb_at], reading)
    drop = _dropped(reading, stop_at)
    kept = [place for place in range(verb_at + 1, stop_at) if place not in drop]
    kept = _trim(kept, reading, present)
    words = [verb]
    if reading.force is Force.PASSIVE:
        thing = [_spoken(place, tokens, reading, present) for place in _subject_places(reading)]
        words += [
            word.lower() if index == 0 and word.lower() in NO_THINGS else word for index, word in enumerate(thing)
        ]
    if reading.tags[verb_at - 2 : verb_at] == ("responsible", "for") and reading.verb not in VERBS:
        words = ["take", "care", "of", verb]
    for index, place in enumerate(kept):
        text = _spoken(place, tokens, reading, present)
        following = reading.tags[kept[index + 1]] if index + 1 < len(kept) else ""
        if text and not (index == 0 and text in _PARTICLES):
            words.append(_their(text, following, reading))
    while len(words) > 1 and words[-1] in ("to", "and", "for"):
        words.pop()
    words = _without_you(words, present, speaker)
    sentence = " ".join(words)
    return sentence[:1].upper() + sentence[1:]


def _order_form(word: str, reading: Reading) -> str:
    if is_base(word):
        return word
    if word in GERUNDS:
        return GERUNDS[word]
    if reading.force is Force.PASSIVE and word in PASTS:
        return PASTS[word]
    if reading.force in (Force.DOES, Force.ORDER) and word in THIRD_PERSON:
        return THIRD_PERSON[word]
    return base_of(word) or word


def _subject_places(reading: Reading) -> list[int]:
    first = reading.asked_at
    return list(range(first, first + len(reading.subject)))


def _dropped(reading: Reading, stop_at: int) -> set[int]:
    """Places of due phrases and fillers. "for Friday" stays: it belongs to the thing."""
    drop: set[int] = set()
    chosen = strongest(reading.dues)
    for due in reading.dues:
        if due.binding > 0 or (due == chosen and due.start == reading.verb_at + 1):
            drop |= set(range(due.start, due.end))
    drop |= {place for place in range(stop_at) if reading.tags[place] in _FILLERS}
    return drop


def _trim(kept: list[int], reading: Reading, present: Sequence[Present]) -> list[int]:
    """Drop what people put behind: "please", "if possible", the name of whoever is asked."""
    moved = True
    while moved and kept:
        moved = False
        words = [reading.tags[place] for place in kept]
        for place, word in enumerate(words):
            if place and (word == "thanks" or words[place : place + 2] == ["thank", "you"]):
                words, kept = words[:place], kept[:place]
                break
        for tail in _TAILS:
            if len(tail) < len(words) + 1 and tuple(words[-len(tail) :]) == tail:
                kept, moved = kept[: -len(tail)], True
                break
        if moved or not kept:
            continue
        asked = reading.force in (Force.ASK, Force.ORDER) or reading.subject == ("you",)
        if (asked and is_name(words[-1]) and len(words) > 1 and words[-2] not in _TAKES_NAME) or (
            _is_avatar(words[-1], present) and (len(words) < 2 or words[-2] not in _TAKES_NAME)
        ):
            kept, moved = kept[:-1], True
    return kept


def _is_avatar(tag: str, present: Sequence[Present]) -> bool:
    return is_name(tag) and tag != "@" and present[int(tag[1:])].kind is PresentKind.AVATAR


def _spoken(place: int, tokens: Sequence[Token], reading: Reading, present: Sequence[Present]) -> str:
    """A word as it should be written, names with their capital."""
    tag, token = reading.tags[place], tokens[place]
    if tag == "@":
        return ""
    if is_name(tag):
        return present[int(tag[1:])].name
    if tag != token.norm:
        return tag
    stem = token.text.removesuffix("'s")
    for person in present:
        if stem != token.text and stem.lower() == person.name.lower():
            return f"{person.name}'s"
    return written(token)


def written(token: Token) -> str:
    """A word with the capital that weekdays, months and "I" have."""
    if token.norm == "i":
        return "I"
    text = token.text
    stem = text.removesuffix("'s").lower()
    if stem in WEEKDAYS or (stem in MONTHS and stem not in ("may", "march")):
        return text[:1].upper() + text[1:]
    return text


def _their(text: str, following: str, reading: Reading) -> str:
    """ "my slides" become "their slides" on a board that everybody reads."""
    lower = text.lower()
    if lower in ("my", "your", "our") and following:
        return {"my": "their", "your": "their", "our": "our"}[lower]
    if lower == "myself":
        return ""
    return text


def _without_you(words: list[str], present: Sequence[Present], speaker: str) -> list[str]:
    """ "send you the notes" -> "send the notes"; with one other person here, their name."""
    others = [person for person in present if person.kind is PresentKind.HUMAN and person.id != speaker]
    name = others[0].name if len(others) == 1 else ""
    result: list[str] = []
    for index, word in enumerate(words):
        if word in ("you", "me") and index == 1 and base_of(words[0].lower()) in ACTION_VERBS:
            if word == "you" and name and words[0].lower() not in ("let", "make"):
                result.append(name)
            elif word == "me" or len(words) == 2:
                result.append("them" if len(words) == 2 else "")
        elif word == "you" and index and words[index - 1] in ("to", "with", "for"):
            result.append(name or "them")
        else:
            result.append(word)
    return [word for word in result if word]
