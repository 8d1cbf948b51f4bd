"""How long to wait before a request is tried again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from workflows.parts import Retry


def delay_after(retry: Retry, attempt: int) -> float:
    """Seconds to wait after an attempt that failed; the first is number 1."""
    try:
        wait = retry.first * float(retry.factor) ** (attempt - 1)
    except OverflowError:  # after so many attempts only the longest wait is left
        wait = retry.most if retry.first else 0.0
    return min(retry.most, wait)


def jittered(seconds: float, share: float, key: str) -> float:
    """Lengthen a wait by up to a share of it, by chance, but always alike for the same key."""
    chance = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64
    return seconds * (1.0 + share * chance)


@lru_cache(maxsize=256)
def retry_values(retry: Retry) -> Mapping[str, Any]:
    """Give how often and when something is tried again, as JSON values."""
    return asdict(retry)
