"""What an utterance's tasks mean beside those noted before: "do that", "send it", "I need it by Friday"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from avatars.intent import Intent, IntentKind
from avatars.memory import Memory, Noted, alike, points_back, utterance_of
from avatars.recognizer import Context
from avatars.reference import (
    agrees,
    has_object_pronoun,
    same_thing,
    says_when,
    thing_of,
    thing_of_light,
    with_thing,
)
from avatars.understanding import OpenWork, open_work_before, read_day_only, thing_before
from avatars.verbs import word_set
from avatars.words import CONNECTORS, norms, tokenise
from media.utterance import Utterance

ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AvatarSettings:
    """How long things stay in the air."""

    answer_seconds: float = ANSWER_SECONDS
    """How long "Who takes it?" waits for an answer."""
    back_seconds: float = 45.0
    """How far back "I'll do that" may point."""


def meant(
    intent: Intent, utterance: Utterance, context: Context, memory: Memory, now: float, settings: AvatarSettings
) -> Noted | Intent | None:
    """What "do that" or "send it" means: a task noted before, the intent with its thing, or nothing at all."""
    if points_back(intent.what) or says_when(intent.what):
        back = memory.last(now, settings.back_seconds)
        work = open_work_before(utterance, context, settings.back_seconds, before=intent.span[0])
        free = back is not None and (back.owner_name is None or back.owner_id == intent.owner)
        if back is not None and free and not (work is not None and _is_newer(work, back, context)):
            return back
        if work is None:
            return None
        phrase = intent.due_phrase or work.due_phrase
        return replace(intent, what=work.text, due=intent.due or work.due, due_phrase=phrase)
    if not has_object_pronoun(intent.what):
        if not thing_of_light(intent.what):
            return intent
        work = open_work_before(utterance, context, settings.answer_seconds)
        asked = work is not None and same_thing(intent.what, work.text)
        return replace(intent, what=work.text) if work is not None and asked else intent
    work = open_work_before(utterance, context, settings.back_seconds)
    if work is not None and alike(work.text, intent.what):
        return replace(intent, what=work.text)
    back = memory.last(now, settings.answer_seconds)
    alone = all(word in CONNECTORS for word in norms(tokenise(utterance.text[: intent.span[0]])))
    recent = {spoken.id for spoken in context.recent[-1:]}
    fresh = back is not None and (utterance_of(back.key) in recent or not recent)
    for thing in (
        thing_of(back.text) if back is not None and alone and fresh else "",
        thing_before(utterance, context, intent.span[0], settings.answer_seconds),
    ):
        if agrees(intent.what, thing):
            return replace(intent, what=with_thing(intent.what, thing))
    return intent if intent.owner_name else None


def _is_newer(work: OpenWork, task: Noted, context: Context) -> bool:
    """Whether a wish was spoken after the task was noted, and is another one."""
    order = [utterance.id for utterance in context.recent]
    noted = utterance_of(task.key)
    if work.utterance not in order or alike(work.text, task.text):
        return False
    return noted not in order or order.index(work.utterance) > order.index(noted)  # type: ignore[arg-type]


_ACCEPTING = word_set("okay ok yes yeah sure fine alright certainly right")


def accepts(utterance: Utterance, context: Context, memory: Memory, now: float) -> bool:
    """ "Remind the school" - "Okay, I'll call the school on Friday": the answer says how, it is no second task."""
    last = memory.last(now, ANSWER_SECONDS)
    before = context.recent[-1].id if context.recent else ""
    if last is None or last.owner_id != utterance.speaker or utterance_of(last.key) != before:
        return False
    words = norms(tokenise(utterance.text))
    return words[:1] != [] and words[0] in _ACCEPTING and not {"also", "and", "too"} & set(words[:4])


def with_day_behind(intents: Sequence[Intent], utterance: Utterance, context: Context) -> list[Intent]:
    """ "Can you send me the list? I need it by Friday": the day belongs to the task before it."""
    work = [place for place, intent in enumerate(intents) if intent.kind is IntentKind.ACTION_ITEM]
    if not work or intents[work[-1]].due is not None:
        return list(intents)
    when = read_day_only(utterance, context, intents[work[-1]].span[1])
    if when is None:
        return list(intents)
    dated = replace(intents[work[-1]], due=when.due, due_phrase=when.phrase)
    return [*intents[: work[-1]], dated, *intents[work[-1] + 1 :]]


def without_echoes(intents: Sequence[Intent]) -> list[Intent]:
    """ "I can do that, I'll order it": the first says nothing that the second does not."""
    work = [intent for intent in intents if intent.kind is IntentKind.ACTION_ITEM]
    clear = {intent.owner for intent in work if not points_back(intent.what)}
    return [
        intent
        for intent in intents
        if intent.kind is not IntentKind.ACTION_ITEM or not points_back(intent.what) or intent.owner not in clear
    ]
