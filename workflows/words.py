"""Words of a run's data, to search in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflows.run import Data

MOST_WORDS = 2000
"""Characters of a run's data that can be searched."""


def words_of(data: Data) -> str:
    """Give the texts and numbers of some data, in small letters, to search in."""
    return " ".join(_texts(data.values()))[:MOST_WORDS].lower()


def _texts(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield str(value)
        elif isinstance(value, Mapping):
            yield from _texts(value.values())
        elif isinstance(value, Sequence):
            yield from _texts(value)
