"""Runs to their end at once what never waits: an engine on a store in memory."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from workflows.errors import StoreError

T = TypeVar("T")


def finished(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end that never waits, as those of an engine on this store; give what it gives.

    Raises:
        StoreError: it waits for something.
    """
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise StoreError("something had to be waited for; only what runs on a store in memory can be run at once")
