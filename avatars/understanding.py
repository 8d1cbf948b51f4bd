"""What short answers and backward pointers mean: "I do", "Lin", "I'll do that"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from avatars import dates
from avatars.clauses import split
from avatars.cursor import is_name
from avatars.grammar import Force, read
from avatars.intent import Intent, IntentKind
from avatars.memory import points_back
from avatars.names import tag
from avatars.paraphrase import plainly
from avatars.recognizer import Context, PresentKind
from avatars.reference import thing_of
from avatars.slots import fill
from avatars.verbs import ACTION_VERBS, phrases, word_set
from avatars.words import CONNECTORS, norms, tokenise
from media.utterance import Utterance, UtteranceId

_TAKING = word_set("do will can take me happy mine that's would could get handle i")
_AROUND = word_set(
    "i me do will can would could take takes does it that this one to the a is am are be let get give should "
    "yes yeah okay ok sure well of course fine on for care my mine job handle happy think maybe and with "
    "please please ask by"
)
TAKEN_CONFIDENCE = 0.9
"""Of a task that was asked for in one utterance and taken in the next."""
_GIVEN = (Force.ASK, Force.ORDER, Force.ASSIGN)
"""Said to somebody else, so that the speaker does not take it."""
_NOBODY = tuple((word,) for word in ("who", "someone", "somebody", "anyone", "anybody"))
_OPEN_SUBJECTS = word_set("who someone somebody anyone anybody we you everyone nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who takes a task, and until when if they said so."""

    owner_id: str | None
    owner_name: str | None
    due: date | None = None
    due_phrase: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """Work that was asked for or offered, and that nobody has taken yet."""

    text: str
    due: date | None
    due_phrase: str | None
    utterance: str = ""
    """Id of the utterance that speaks of it."""


def local_now(context: Context) -> datetime:
    """The context's moment in the office's time zone."""
    return context.now.astimezone(ZoneInfo(context.timezone))


def local_day(context: Context) -> date:
    """Today, where the office is."""
    return local_now(context).date()


def read_answer(utterance: Utterance, intents: Sequence[Intent], context: Context) -> Answer | None:
    """Read "I do", "Lin", "that's for Bo by Friday" or "I'll take it"; None when it is no such answer."""
    for intent in intents:
        if intent.kind is IntentKind.ACTION_ITEM:
            if points_back(intent.what) and intent.owner_name:
                return Answer(
                    owner_id=intent.owner,
                    owner_name=intent.owner_name,
                    due=intent.due,
                    due_phrase=intent.due_phrase,
                )
            return None
    humans = [person for person in context.present if person.kind is PresentKind.HUMAN]
    tags = tag(norms(tokenise(utterance.text)), humans)
    found = dates.find(tags, local_now(context))
    due = dates.strongest(found)
    inside = {place for phrase in found for place in range(phrase.start, phrase.end)}
    rest = [word for place, word in enumerate(tags) if place not in inside and word != "@"]
    if not rest or len(rest) > 9 or "not" in rest or "no" in rest or "who" in rest:
        return None
    named = [word for word in rest if is_name(word)]
    strange = [word for word in rest if not is_name(word) and word not in _AROUND]
    if len(strange) > 1:
        return None
    day, phrase = (due.day, due.phrase) if due else (None, None)
    if len(named) == 1 and "you" not in rest:
        person = humans[int(named[0][1:])]
        return Answer(owner_id=person.id, owner_name=person.name, due=day, due_phrase=phrase)
    if not named and ({"i", "me", "mine"} & set(rest)) and set(rest) & _TAKING:
        return Answer(owner_id=utterance.speaker, owner_name=utterance.speaker_name, due=day, due_phrase=phrase)
    return None


_DAY_WORDS = word_set(
    "sure yes yeah yep okay ok fine good great perfect right well then will do i can you have get that it this be "
    "done ready by of course no problem let us say make rather better until till works for me on to fits agreed "
    "alright so but and only please is would earliest latest instead exactly i we need needed deadline due should "
    "has have must finished perfect ideal nice enough early soon okay a the it's them needs"
)
_CORRECTS = word_set("then say make rather better until instead only latest but")


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A day, said alone."""

    due: date
    phrase: str
    corrects: bool
    """Whether the words put it in the place of another day."""


def read_day_only(utterance: Utterance, context: Context, begin: int = 0) -> When | None:
    """Read "sure, will do by Thursday", "I need it by Friday"; None when more is said or nothing firm.

    Args:
        utterance: what was said.
        context: who is there, and the day.
        begin: the first character that is looked at.
    """
    tokens = tokenise(utterance.text[begin:], utterance.words if not begin else ())
    if not tokens:
        return None
    humans = [person for person in context.present if person.kind is PresentKind.HUMAN]
    tags = tag(norms(tokens), humans)
    due = dates.strongest(dates.find(tags, local_now(context)))
    if due is None or due.day is None or tokens[-1].stop == "?":
        return None
    rest = [word for place, word in enumerate(tags) if not due.start <= place < due.end and not is_name(word)]
    strange = [word for word in rest if word not in _DAY_WORDS]
    if len(rest) > 8 or len(strange) > 1 or (strange and strange[0] != rest[0]) or {"not", "maybe"} & set(rest):
        return None
    return When(due=due.day, phrase=due.phrase, corrects=bool(_CORRECTS & set(rest)))


def open_work_before(
    utterance: Utterance, context: Context, within: float, *, before: int = 0, open_only: bool = False
) -> OpenWork | None:
    """What "I'll do that" points to: open work of the last utterances ("who can book the room").

    Args:
        utterance: the one in hand.
        context: with the utterances before it.
        within: how old they may be, seconds.
        before: where "I'll do that" stands in the utterance; what it says up to there is looked at first.
        open_only: only what was asked of nobody in particular ("who", "someone").
    """
    opening = replace(utterance, id=UtteranceId(f"{utterance.id}:"), text=utterance.text[:before], words=())
    for earlier in (*((opening,) if before else ()), *reversed(context.recent[-4:])):
        age = (utterance.started_at - earlier.started_at).total_seconds()
        if age > within + earlier.seconds or earlier.id == utterance.id:
            continue
        if any(person.id == earlier.speaker and person.kind is PresentKind.AVATAR for person in context.present):
            continue
        for said in reversed(split(tokenise(earlier.text, earlier.words), context.present)):
            clause = plainly(said, context.present)
            reading = read(clause, context.present, local_now(context))
            open_subject = (
                not reading.subject or reading.subject[0] in _OPEN_SUBJECTS or is_name(reading.subject[0])
            )
            if reading.force in (Force.DID, Force.DOING, Force.NONE) or reading.verb not in ACTION_VERBS:
                continue
            own = earlier.speaker == utterance.speaker
            if own and earlier is not opening and (reading.force in _GIVEN or reading.subject[:1] == ("you",)):
                continue
            if reading.force in (Force.WILL, Force.GOING) and reading.subject[:1] and is_name(reading.subject[0]):
                continue  # taken already
            if own and earlier is opening and reading.subject == ("i",):
                open_subject = True
            if not open_subject and reading.force not in (Force.PASSIVE, Force.CAN, Force.ASK, Force.OUGHT):
                continue
            if open_only and reading.subject not in _NOBODY:
                continue
            slots = fill(reading, clause, context.present, earlier.speaker, earlier.speaker_name)
            if slots.what and not points_back(slots.what):
                return OpenWork(text=slots.what, due=slots.due, due_phrase=slots.due_phrase, utterance=earlier.id)
    return None


def thing_before(utterance: Utterance, context: Context, before: int, within: float) -> str:
    """What "it" is in "The drill is broken. I'll repair it": the thing of the last clause, or ""

    Args:
        utterance: the one in hand.
        context: with the utterances before it.
        before: where the clause with "it" stands; what is said up to there comes first, then the utterance before.
        within: how old that may be, seconds.
    """
    opening = utterance.text[:before]
    words = norms(tokenise(opening))
    if any(word not in CONNECTORS and word not in _SAYS_NOTHING for word in words):
        thing = _thing_in(replace(utterance, text=opening, words=()), context)
        if thing or len(words) > 3:
            return thing
    last = context.recent[-1] if context.recent else None
    if last is None or (utterance.started_at - last.started_at).total_seconds() > within + last.seconds:
        return ""
    return _thing_in(last, context)


_SAYS_NOTHING = word_set("me no not yet i know see that's true of course sorry oh dear on it thank you will do")


def _thing_in(utterance: Utterance, context: Context) -> str:
    """The object of the last clause, or its subject when there is no object."""
    clauses = split(tokenise(utterance.text, utterance.words), context.present)
    if not clauses:
        return ""
    clause = plainly(clauses[-1], context.present)
    reading = read(clause, context.present, local_now(context))
    slots = fill(reading, clause, context.present, utterance.speaker, utterance.speaker_name)
    thing = thing_of(slots.what) if reading.verb not in ("", "be", "have") else ""
    if thing.split(" ")[0].lower() in _NAMING:
        return thing
    if reading.subject[:1] and reading.subject[0] in _NAMING and 2 <= len(reading.subject) <= 5:
        return " ".join(reading.subject)
    return ""


_NAMING = word_set("the our my your this that these those their his her")

_OFFERS = phrases(
    "shall i, should i, do you want me to, would you like me to, do you need me to, want me to, may i, "
    "is it okay if i, would it help if i, i could"
)
_ASSENT = word_set(
    "yes yeah yep please sure okay ok great good absolutely perfect fine do that it would be is helpful wonderful "
    "lovely nice very go ahead thanks thank you of course idea a the sounds like to me right exactly definitely"
)
_OPENS_ASSENT = word_set("yes yeah yep please sure okay ok great good absolutely perfect fine that definitely of")


def taken(utterance: Utterance, context: Context, within: float) -> Intent | None:
    """Work that a short answer settles: "Who writes it?" - "I will"; "Shall I call them?" - "Yes, please"."""
    before = context.recent[-1] if context.recent else None
    if before is None or before.speaker == utterance.speaker:
        return None
    if (utterance.started_at - before.started_at).total_seconds() > within + before.seconds:
        return None
    offer = _offer(before, context)
    if offer is not None:
        words = norms(tokenise(utterance.text))
        agreed = 0 < len(words) <= 8 and words[0] in _OPENS_ASSENT and all(word in _ASSENT for word in words)
        return _settled(utterance, offer, before.speaker, before.speaker_name) if agreed else None
    alone = replace(context, recent=(before,))
    work = open_work_before(utterance, alone, within, open_only=True)
    answer = read_answer(utterance, (), context) if work is not None else None
    if work is None or answer is None or answer.owner_name is None:
        return None
    if answer.due is not None:
        work = replace(work, due=answer.due, due_phrase=answer.due_phrase)
    return _settled(utterance, work, answer.owner_id, answer.owner_name)


def _offer(before: Utterance, context: Context) -> OpenWork | None:
    """ "Shall I call them tomorrow?"."""
    for said in reversed(split(tokenise(before.text, before.words), context.present)):
        words = norms(said)
        begin = next((place for place, word in enumerate(words) if word not in CONNECTORS), len(words))
        for opening in _OFFERS:
            if tuple(words[begin : begin + len(opening)]) != opening:
                continue
            end = begin + len(opening)
            first = said[begin]
            plain = (replace(first, norm="i", stop=""), replace(first, norm="will", text="", stop=""), *said[end:])
            reading = read(plain, context.present, local_now(context))
            if reading.verb not in ACTION_VERBS:
                return None
            slots = fill(reading, plain, context.present, before.speaker, before.speaker_name)
            return OpenWork(text=slots.what, due=slots.due, due_phrase=slots.due_phrase) if slots.what else None
    return None


def _settled(utterance: Utterance, work: OpenWork, owner: str | None, owner_name: str | None) -> Intent:
    return Intent(
        kind=IntentKind.ACTION_ITEM,
        confidence=TAKEN_CONFIDENCE,
        text=utterance.text,
        span=(0, len(utterance.text)),
        what=work.text,
        owner=owner,
        owner_name=owner_name,
        due=work.due,
        due_phrase=work.due_phrase,
    )
