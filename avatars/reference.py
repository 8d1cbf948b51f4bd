"""What a task that says little points to: "I'll have it done by Friday", "Omar will check it", "the photos"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from avatars.intent import Intent, IntentKind
from avatars.verbs import base_of, word_set

_LIGHT = re.compile(
    r"^(?:take care of|take charge of|take over|be responsible for|look after|deal with|see to|sort out|work on|"
    r"do|handle|manage|cover|own|take|organise|organize|finish|complete)\s+(?P<thing>.+)$",
    re.IGNORECASE,
)
_READY = re.compile(
    r"^(?:get|have|make)\s+(?P<thing>.+?)\s+(?:done|ready|finished|fixed|sorted|completed|complete|prepared)$",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"^(?:(?:have|get|make) (?:it|them|that|this|those|everything)(?: all)? (?:done|ready|finished|fixed|sorted|"
    r"completed|complete|prepared|sent|out|over)(?: .*)?|"
    r"(?:finish|complete|deliver) (?:it|them|that|this|those))$",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"^(\w+(?: back| out| up| over)?) (it|them|this|that|those)"
    r"((?: (?:to|for|with|from|back|again|up|out|over|on|at|by|in|into|through|right|as|before|after|once|when|if|"
    r"too|also|all|off|down|together|around|properly|carefully|online)\b.*)?)$",
    re.IGNORECASE,
)
_AFTER_THING = word_set("to for with by from in on at about into before after so and or because until during via")
_SMALL = word_set(
    "the a an my our your his her their its this that these those all some it them new two three four five of"
)
_MANY = word_set("people children women men data feet colleagues")
_NEAR = 8
"""Characters between two clauses with nothing said between them."""
_RECAP = re.compile(
    r"\b(?:sum (?:it |this )?up|recap|summari[sz]e|in summary|once more|once again|to repeat|let me repeat|"
    r"as i said|as we said|as agreed|as discussed|to confirm|just to be clear|for the minutes|for the record)\b"
    r"|^(?:(?:okay|ok|right|good|great|fine|well|alright|and)\b\W*)*(?:so|south|then)\b",
    re.IGNORECASE,
)


def says_when(text: str) -> bool:
    """Whether a task only says that something before is going to be ready: "have it done", "finish it"."""
    return _FURTHER.match(text.strip()) is not None


def thing_of_light(text: str) -> str:
    """ "Take care of the bus", "Get the photos ready" -> the thing; "" where the verb says what is to be done."""
    found = _READY.match(text.strip()) or _LIGHT.match(text.strip())
    return found.group("thing") if found else ""


def has_object_pronoun(text: str) -> bool:
    """Whether a task's thing is only "it" or "them"."""
    return _OBJECT.match(text.strip()) is not None


def with_thing(text: str, thing: str) -> str:
    """ "Send it to Bo" with "the report" -> "Send the report to Bo"."""
    return _OBJECT.sub(lambda found: f"{found.group(1)} {thing}{found.group(3)}", text.strip()) if thing else text


def thing_of(text: str) -> str:
    """What a task is about: "Prepare the report for the board" -> "the report"; "" when it is not clear."""
    light = thing_of_light(text)
    words = light.split() if light else text.split()[1:]
    if words and words[0].lower() in ("out", "up", "back", "over", "down"):
        words = words[1:]
    end = next((place for place, word in enumerate(words) if word.lower() in _AFTER_THING), len(words))
    thing = words[:end]
    if not thing or thing[0].lower() in ("it", "them", "that", "him", "her", "us", "me", "out") or len(thing) > 6:
        return ""
    return " ".join(thing)


def agrees(text: str, thing: str) -> bool:
    """Whether "it" or "them" in a task can stand for a thing, as far as its number shows."""
    found = _OBJECT.match(text.strip())
    last = thing.split(" of ")[0].split()[-1:] if thing else []
    if found is None or not last:
        return False
    many = " and " in thing or (last[0].endswith("s") and not last[0].endswith("ss")) or last[0] in _MANY
    return many == (found.group(2).lower() in ("them", "those"))


def recaps(text: str) -> bool:
    """Whether somebody sums up what was said before."""
    return _RECAP.search(text.strip()) is not None


def same_thing(first: str, second: str) -> bool:
    """Whether two tasks of one person are about the same thing, and one says no more than that it gets done."""
    for light, other in ((first, second), (second, first)):
        thing = set(_things(thing_of_light(light)))
        if thing and thing <= set(_things(other)):
            return True
    return False


def share_thing(first: str, second: str) -> bool:
    """Whether two tasks share a word beside their verbs."""
    one, other = _things(thing_of_light(first) or _rest(first)), _things(thing_of_light(second) or _rest(second))
    return bool(set(one) & set(other))


def _rest(text: str) -> str:
    return text.partition(" ")[2]


def _things(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return [_plain(word) for word in words if word not in _SMALL and word not in _AFTER_THING]


def _plain(word: str) -> str:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return base_of(word) or (word[:-1] if plural else word)


def gathered(intents: Sequence[Intent]) -> list[Intent]:
    """One utterance's intents, each saying on its own what is to be done.

    "Let me handle the form. I'll have it done by Friday" is one task with a day; "I'll take care of the bus, I'll
    book it" is "book the bus"; "I'll write the report and Omar will check it" is "check the report".
    """
    found: list[Intent] = []
    for intent in intents:
        before = next((known for known in reversed(found) if known.kind is IntentKind.ACTION_ITEM), None)
        if intent.kind is not IntentKind.ACTION_ITEM or before is None:
            found.append(intent)
            continue
        place = found.index(before)
        same_owner = (before.owner, before.owner_name) == (intent.owner, intent.owner_name)
        near = intent.span[0] - before.span[1] <= _NEAR
        free = near and (before.due is None or intent.due in (None, before.due))
        if same_owner and free and says_when(intent.what):
            found[place] = _dated(before, intent)
        elif same_owner and free and has_object_pronoun(intent.what) and thing_of_light(before.what):
            thing = thing_of_light(before.what)
            found[place] = replace(_dated(before, intent), what=with_thing(intent.what, thing))
        elif near and agrees(intent.what, thing_of(before.what)):
            found.append(replace(intent, what=with_thing(intent.what, thing_of(before.what))))
        else:
            found.append(intent)
    return found


def _dated(intent: Intent, later: Intent) -> Intent:
    if intent.due is not None or (later.due is None and later.due_phrase is None):
        return intent
    return replace(intent, due=later.due, due_phrase=later.due_phrase)
