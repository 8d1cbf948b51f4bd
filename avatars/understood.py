"""What was meant by an utterance: of each clause, and what a colleague who was called is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from avatars.intent import Intent
from avatars.mentions import Surroundings
from avatars.recognizer import Context, PresentKind
from avatars.requests import SpokenRequest
from avatars.understanding import local_now
from avatars.words import CONNECTORS, norms, tokenise


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What was meant."""

    intents: tuple[Intent, ...] = ()
    """Of each clause that means something, in the order spoken."""
    request: SpokenRequest | None = None
    """What a colleague was asked for by name; None: nobody was called, or nothing more was said."""


class RequestUnderstander(Protocol):
    """Tells what is asked for. Blocking: it runs in a worker."""

    def read(self, text: str, around: Surroundings) -> SpokenRequest:
        """Read one request, without the name of who is asked."""
        ...


def asked(text: str, context: Context, heard_as: Mapping[str, Sequence[str]]) -> str | None:
    """What is said to a colleague who is called by name, in front ("Ada, …") or behind ("…, Ada").

    Args:
        text: what was said.
        context: who is there.
        heard_as: name of a colleague, lower case -> other forms under which recognisers write it.

    Returns:
        None where nobody is called; "" where nothing but the name is said.
    """
    tokens = tokenise(text)
    said = norms(tokens)
    begin = 0
    while begin < len(said) and said[begin] in CONNECTORS:
        begin += 1
    for person in context.present:
        if person.kind is not PresentKind.AVATAR:
            continue
        name = person.name.lower().split()
        for form in (name, *(other.split() for other in heard_as.get(person.name.lower(), ()))):
            if said[begin : begin + len(form)] == form:
                return text[tokens[begin + len(form) - 1].end :].lstrip(" ,.!?:;")
        if len(said) > len(name) and said[-len(name) :] == name:
            return text[: tokens[-len(name)].start].rstrip(" ,")
    return None


def surroundings(context: Context) -> Surroundings:
    """What a request made in this context may name; days count from its `now`."""
    return Surroundings(
        now=local_now(context),
        people=context.present,
        rooms=tuple(area.name for area in context.areas),
    )
