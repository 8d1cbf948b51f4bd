"""A mind: something elsewhere that is asked with messages and answers with text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

LEAST_CHARACTERS = 8000
"""A mind must be sent so much at once: the longest utterance with what is asked about it, or a dozen sentences."""


class Role(StrEnum):
    """Who a message is from."""

    SYSTEM = "system"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to a mind."""

    role: Role
    text: str


class Mind(Protocol):
    """Answers messages."""

    @property
    def model(self) -> str:
        """Its name, as people chose it."""
        ...

    @property
    def host(self) -> str:
        """Where it runs: the host, with its port where that is not the usual one."""
        ...

    @property
    def most_characters(self) -> int:
        """How much may be sent at once: the texts of all messages together."""
        ...

    async def ask(self, messages: Sequence[Message]) -> str:
        """Give the answer to some messages; never empty.

        Raises:
            MindError: there is none; its text says why, and what to do.
        """
        ...


def described(mind: Mind) -> str:
    """A mind as people are told of it."""
    return f"{mind.model} at {mind.host}"
