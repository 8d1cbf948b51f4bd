"""A connector made of its verbs, and the reading of what definitions give to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from server.errors import Unacceptable
from workflows.connector import Answer, Refuse

Deed = Callable[[Mapping[str, Any], str], Awaitable[Answer]]
"""(params, key) -> what came of it; the same key means the same thing."""


class Unfit(Unacceptable):
    """What a definition gives to a connector cannot be used; the text says which part, and what is wanted."""

    code = "unfit"


class Verbs:
    """Fulfils `workflows.connector.Connector`. What cannot be used is refused, not tried again."""

    def __init__(self, name: str, verbs: Mapping[str, Deed]) -> None:
        """`name` is that of the connector: the first part of `name.verb`."""
        self._name, self._verbs = name, dict(verbs)

    @property
    def actions(self) -> list[str]:
        """What definitions may ask for: `name.verb`."""
        return [f"{self._name}.{verb}" for verb in sorted(self._verbs)]

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        """Do it, or say why it cannot be done."""
        deed = self._verbs.get(verb)
        if deed is None:
            return Refuse(reason=f"there is no {self._name}.{verb}; known are {', '.join(self.actions)}")
        try:
            return await deed(params, key)
        except Unfit as fault:
            return Refuse(reason=str(fault))


def only(params: Mapping[str, Any], *known: str) -> None:
    """Refuse what nobody reads: a slip of the pen would go unseen.

    Raises:
        Unfit: there is something else.
    """
    if unknown := sorted(params.keys() - set(known)):
        raise Unfit(f"{', '.join(unknown)} cannot be given here; known are {', '.join(known)}")


def text_of(params: Mapping[str, Any], name: str, *, most: int, lines: bool = False) -> str:
    """Give a text that has to be there.

    Args:
        params: as the definition gives them.
        name: which.
        most: characters.
        lines: it may have several.

    Raises:
        Unfit: it is missing, empty, too long, or no text.
    """
    text = maybe_text(params, name, most=most, lines=lines)
    if not text:
        raise Unfit(f"{name} is missing or empty")
    return text


def maybe_text(params: Mapping[str, Any], name: str, *, most: int, lines: bool = False) -> str:
    """Give a text, or an empty one where it is not given.

    Raises:
        Unfit: it is too long, or no text.
    """
    given = params.get(name)
    if given is None:
        return ""
    if not isinstance(given, str):
        raise Unfit(f"{name} must be a text, not {type(given).__name__}")
    text = given.strip() if lines else " ".join(given.split())
    if len(text) > most:
        raise Unfit(f"{name} may have {most} characters, this has {len(text)}")
    return text
