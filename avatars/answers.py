"""Answers to what people ask a colleague by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from avatars import phrasing
from avatars.memory import alike
from avatars.persona import Persona
from avatars.verbs import word_set
from avatars.words import CONNECTORS, norms, tokenise

_OPEN = word_set("task tasks open list board todo todos")
_NOTE = word_set("note write remember down remind")


def calls(text: str, persona: Persona) -> bool:
    """Whether an utterance opens with this persona's name."""
    return _after_name(text, persona) is not None


def only_calls(text: str, persona: Persona) -> bool:
    """Whether nothing but the name was said."""
    rest = _after_name(text, persona)
    return rest == [] and not set(norms(tokenise(text))) & {"hello", "hi"}


def wants_a_note(text: str) -> bool:
    """Whether the words ask for something to be written down."""
    return any(word in _NOTE for word in norms(tokenise(text))[:6])


def _after_name(text: str, persona: Persona) -> list[str] | None:
    words = norms(tokenise(text))
    while words and words[0] in CONNECTORS:
        words = words[1:]
    for form in (persona.name.lower(), *persona.heard_as):
        parts = form.split()
        if words[: len(parts)] == parts and (form == persona.name.lower() or len(words) > len(parts)):
            return words[len(parts) :]
    return None


def answer(
    text: str,
    *,
    persona: Persona,
    speaker_name: str,
    tasks: Sequence[str],
    decisions: Sequence[str],
    said: str,
) -> str:
    """What to say to a request; "" to stay silent.

    Args:
        text: the words of the request.
        persona: who was asked.
        speaker_name: who asked.
        tasks: the open tasks as sentences.
        decisions: of this meeting.
        said: what this colleague said last.
    """
    words = [word for word in norms(tokenise(text)) if word != persona.name.lower()]
    heard = set(words)
    rules: tuple[tuple[bool, Callable[[], str]], ...] = (
        (bool(heard & {"stop", "quiet", "silence"}), lambda: ""),
        (bool(heard & {"decide", "decided", "decisions", "decision"}), lambda: _decisions(decisions)),
        (bool(heard & {"repeat", "again"}), lambda: said or "I have not said anything yet."),
        (
            "my" in heard and bool(heard & {"task", "tasks"}),
            lambda: phrasing.open_tasks([task for task in tasks if task.startswith(speaker_name)]),
        ),
        ("responsible" in heard or words[:2] in (["who", "has"], ["who", "does"]), lambda: _whose(words, tasks)),
        (bool(heard & _OPEN) or {"still", "what"} <= heard, lambda: phrasing.open_tasks(tasks)),
        (bool(heard & {"help"}) or words[:3] == ["what", "can", "you"] or words[:3] == ["what", "do", "you"]
         or words[:3] == ["how", "does", "this"], lambda: persona.help),
        (words[:3] == ["who", "are", "you"], lambda: f"I am {persona.name}. {persona.help}".strip()),
        (bool(heard & {"thanks", "thank"}), lambda: "You're welcome."),
        ({"hear", "me"} <= heard or words[-1:] == ["there"], lambda: "Yes, I can hear you."),
        ({"how", "are", "you"} <= heard, lambda: "Fine, thank you."),
        (bool(heard & {"hello", "hi", "hey", "morning", "afternoon"}) and len(words) <= 4,
         lambda: f"Hello {speaker_name}."),
        (bool(heard & {"note", "write", "remember"}),
         lambda: "I note tasks and decisions. Tell me who does what, and by when."),
    )  # fmt: skip
    for holds, line in rules:
        if holds:
            return line()
    return "Sorry, I cannot do that. I keep the tasks and decisions."


def _decisions(decisions: Sequence[str]) -> str:
    if not decisions:
        return "No decision so far."
    return f"Decided so far: {' '.join(phrasing.sentence(text) for text in decisions[-3:])}"


def _whose(words: Sequence[str], tasks: Sequence[str]) -> str:
    wanted = " ".join(word for word in words if word not in ("who", "has", "is", "does", "responsible", "for"))
    for task in tasks:
        if alike(task, wanted):
            return phrasing.sentence(task)
    wanted_words = set(wanted.split()) - {"the", "a", "an"}
    for task in tasks:
        if wanted_words & set(task.lower().split()):
            return phrasing.sentence(task)
    return "I have no task about that."
