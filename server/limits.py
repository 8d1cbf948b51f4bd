"""How often somebody may try: a bucket of tries that fills with time."""

from __future__ import annotations

import math
from datetime import datetime

from server.errors import TooOften

ADDRESSES_KEPT = 10_000


class Limiter:
    """Counts tries by address; it remembers the last ADDRESSES_KEPT addresses.

    Args:
        a_minute: tries that come back each minute.
        burst: tries at once.
    """

    def __init__(self, *, a_minute: float, burst: int) -> None:
        self._a_second = a_minute / 60
        self._burst = float(burst)
        self._left: dict[str, tuple[float, datetime]] = {}

    def take(self, address: str, now: datetime) -> None:
        """Take a try.

        Raises:
            TooOften: none is left; it says how long to wait.
        """
        left, since = self._left.pop(address, (self._burst, now))
        left = min(self._burst, left + max(0.0, (now - since).total_seconds()) * self._a_second)
        enough = left >= 1.0
        self._left[address] = (left - 1.0 if enough else left, now)
        if len(self._left) > ADDRESSES_KEPT:
            del self._left[next(iter(self._left))]
        if not enough:
            raise TooOften(math.ceil((1.0 - left) / self._a_second))
