"""Connector: the port to whatever runs ask to do something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """It was done."""

    result: Any = None
    """JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """It could not be done now."""

    reason: str
    after: float = 0.0
    """Seconds to wait at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """It cannot be done, however often it is tried."""

    reason: str


Answer = Did | TryAgain | Refuse


class Connector(Protocol):
    """Does what runs ask for. An exception counts as `TryAgain`."""

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        """Do something, at least once.

        Args:
            verb: what, as "send" of "mail.send".
            params: JSON values.
            key: the same for each attempt at the same thing: who can tell repeats by it does it once.
        """
