"""What is said later of a task that was noted: another day, somebody else, more words, or not at all. Pure.

While people speak a colleague changes its tasks by this, and the review of a meeting that is over its finds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from avatars.intent import Intent, IntentKind
from avatars.meaning import AvatarSettings, accepts, meant
from avatars.memory import Memory, Noted, content_words, points_back, utterance_of
from avatars.recognizer import Context
from avatars.reference import recaps, same_thing, thing_of_light
from avatars.understanding import Answer, read_answer, read_day_only
from media.utterance import Utterance

_FIRST = r"(?:(?:okay|ok|oh|ah|well|wait|um|uh|so|but|and|yes|yeah|right|alright|fine|then)\b[\s,.!]*)*"
_CORRECTS = re.compile(
    rf"^{_FIRST}(?:no|nope|actually|correction|rather|sorry)\b(?! (?:problem|worries|need|doubt|idea))"
    r"[\s,.!:;-]*",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"[\s,]+(?:instead|rather|after all)(?=[\s,.!]*$)", re.IGNORECASE)
_NOT_THEM = re.compile(r"[\s,]+(?:and )?not \w+(?=[.!]*$)", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|that|this|them|those)\b", re.IGNORECASE)
_AFTERWARDS = (
    r"(?:[\s,]+(?:after all|then|instead|any ?more|any longer|altogether|completely|entirely|for good|please))*"
    r"[\s.,!]*$"
)
_THING = r"(?P<thing>(?:the|our|that|this|those|these|my|your)\s+[\w' -]+?|it|that|this|them|those)"
_DROPS = (
    re.compile(
        rf"^{_FIRST}(?:(?:no|actually|sorry|rather)\b[\s,]*)?{_FIRST}"
        rf"(?:(?:i think |i guess )?(?:let's|lets|let us|we|we'll|we will|please)\s+(?:just\s+)?)?"
        rf"(?:drop|scrap|skip|forget about|forget|leave out|never ?mind)\s+{_THING}{_AFTERWARDS}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^{_FIRST}(?:(?:no|actually|sorry)\b[\s,]*)?{_FIRST}"
        rf"we (?:no longer need|(?:do not|don't) need)\s+{_THING}"
        rf"[\s,]+(?:any ?more|any longer|after all){_AFTERWARDS}",
        re.IGNORECASE,
    ),
)
_ELSEWHERE = frozenset({"off", "at", "by", "to", "into", "in", "on", "from", "over", "until", "till"})
""" "Drop the brochure at the printer" drops no task."""
_PRONOUNS = frozenset({"it", "that", "this", "them", "those"})
_SENTENCES = re.compile(r"(?<=[.!;])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a task that was noted. None leaves a field as it is."""

    key: str
    """Of the task."""
    text: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    due: date | None = None
    due_phrase: str | None = None
    dropped: bool = False
    """It is not to be done any more."""


def change_of(
    utterance: Utterance,
    intents: Sequence[Intent],
    context: Context,
    memory: Memory,
    now: float,
    settings: AvatarSettings,
) -> Change | None:
    """What an utterance that notes no work of its own makes of a task noted before; None: nothing.

    Args:
        utterance: what was said.
        intents: what was understood of it.
        context: who was there, and what was said before.
        memory: the tasks that were noted.
        now: seconds on the memory's clock.
        settings: how long things stay in the air.
    """
    if utterance.text.rstrip().endswith("?"):
        return None
    dropped = _dropped(utterance.text, memory, now, settings)
    if dropped is not None:
        return dropped
    if any(intent.kind is IntentKind.ACTION_ITEM and not _says_no_work(intent) for intent in intents):
        return None
    return _passed_on(utterance, intents, context, memory, now, settings) or _moved(
        utterance, context, memory, now, settings
    )


def known(
    intent: Intent, utterance: Utterance, context: Context, memory: Memory, now: float, settings: AvatarSettings
) -> Noted | Intent | None:
    """The task that an intent means, if it was noted before; else the intent, saying by itself what is to be done.

    None: it points to nothing.
    """
    found = meant(intent, utterance, context, memory, now, settings)
    if found is None or isinstance(found, Noted):
        return found
    again = recaps(utterance.text) or accepts(utterance, context, memory, now)
    return memory.same(found.what, found.owner, found.owner_name, due=found.due, summing_up=again) or found


def said_again(task: Noted, intent: Intent) -> Change | None:
    """An owner or a day that is new where a task is said again; None: it says nothing new."""
    free = task.owner_id is None and task.owner_name is None
    owner, owner_name = (intent.owner, intent.owner_name) if free else (None, None)
    due = intent.due if intent.due != task.due else None
    says_more = thing_of_light(task.text) and same_thing(task.text, intent.what)
    text = intent.what if says_more and not thing_of_light(intent.what) else None
    phrase = intent.due_phrase if due is not None or task.due_phrase is None else None
    if owner is None and owner_name is None and due is None and phrase is None and text is None:
        return None
    return Change(key=task.key, text=text, owner_id=owner, owner_name=owner_name, due=due, due_phrase=phrase)


def taken_by(key: str, answer: Answer) -> Change:
    """An answer that says who takes a task."""
    return Change(
        key=key,
        owner_id=answer.owner_id,
        owner_name=answer.owner_name,
        due=answer.due,
        due_phrase=answer.due_phrase,
    )


def apply(change: Change, memory: Memory) -> Noted | None:
    """Take a change over; gives the task as it is from now on, or as it was if it is dropped; None: not known."""
    if change.dropped:
        return memory.forget(change.key)
    return memory.change(
        change.key,
        text=change.text,
        owner_id=change.owner_id,
        owner_name=change.owner_name,
        due=change.due,
        due_phrase=change.due_phrase,
    )


def _says_no_work(intent: Intent) -> bool:
    return points_back(_INSTEAD.sub("", intent.what))


def _moved(
    utterance: Utterance, context: Context, memory: Memory, now: float, settings: AvatarSettings
) -> Change | None:
    """ "Sure, by Thursday", "then make it Wednesday": the day of the task noted just before."""
    task = memory.last(now, settings.answer_seconds)
    when = read_day_only(utterance, context) if task is not None else None
    if task is None or when is None or when.due == task.due or (task.due is not None and not when.corrects):
        return None
    return Change(key=task.key, due=when.due, due_phrase=when.phrase)


def _passed_on(
    utterance: Utterance,
    intents: Sequence[Intent],
    context: Context,
    memory: Memory,
    now: float,
    settings: AvatarSettings,
) -> Change | None:
    """ "No, Lin does it", "I'll do it instead": somebody else takes the task noted just before."""
    task = memory.last(now, settings.answer_seconds)
    if task is None or task.owner_name is None:
        return None
    opening = _CORRECTS.match(utterance.text)
    said = utterance.text[opening.end() if opening is not None else 0 :]
    plain = _NOT_THEM.sub("", _INSTEAD.sub("", said))
    if (opening is None and plain == said) or _IT.search(plain) is None or _answers(context, task):
        return None
    work = [replace(intent, what=_INSTEAD.sub("", intent.what)) for intent in intents]
    answer = read_answer(replace(utterance, text=plain, words=()), work, context)
    if answer is None or answer.owner_id is None or answer.owner_id == task.owner_id:
        return None
    return taken_by(task.key, answer)


def _answers(context: Context, task: Noted) -> bool:
    """Whether a question about something else was asked just before: "no" answers that."""
    before = context.recent[-1] if context.recent else None
    return before is not None and before.text.rstrip().endswith("?") and before.id != utterance_of(task.key)


def _dropped(text: str, memory: Memory, now: float, settings: AvatarSettings) -> Change | None:
    """ "Let's drop the brochure after all", "forget that": of one task alone, or of none."""
    for sentence in _SENTENCES.split(text.strip()):
        found = next((match for form in _DROPS if (match := form.match(sentence)) is not None), None)
        if found is None:
            continue
        task = _meant_by(found.group("thing").lower(), memory, now, settings)
        if task is not None:
            return Change(key=task.key, dropped=True)
    return None


def _meant_by(thing: str, memory: Memory, now: float, settings: AvatarSettings) -> Noted | None:
    if thing in _PRONOUNS:
        return memory.last(now, settings.answer_seconds)
    wanted = set(content_words(thing))
    if not wanted or _ELSEWHERE & set(thing.split()):
        return None
    about = [task for task in memory.tasks if wanted <= set(content_words(task.text))]
    return about[0] if len(about) == 1 else None
