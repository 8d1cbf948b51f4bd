"""What the writer knows without reading: runs it has just written, the end of the audit chain, keys of people."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from workflows.run import OVER, Run

MOST_RUNS = 1024
MOST_KEYS = 4096


class Known:
    """Kept from one commit to the next, and forgotten whenever it might not be so any more."""

    def __init__(self, *, alone: bool) -> None:
        """Know nothing yet.

        Args:
            alone: no other process writes to this database. Else only keys are kept, which never change: a run,
                or the end of the chain, may have moved on meanwhile.
        """
        self._alone = alone
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self.head: tuple[int, str] | None = None
        """The number and the hash of the last entry of the audit chain."""
        self.keys: dict[str, bytes] = {}
        """By person."""

    def run(self, run_id: str) -> Run | None:
        """Give a run as it is in the database."""
        return self._runs.get(run_id)

    def learn(self, runs: Mapping[str, Run], head: tuple[int, str] | None) -> None:
        """These were committed."""
        if not self._alone:
            return
        self.head = head or self.head
        for id, run in runs.items():
            self._runs.pop(id, None)
            if run.status not in OVER:
                self._runs[id] = run
        while len(self._runs) > MOST_RUNS:
            self._runs.popitem(last=False)
        if len(self.keys) > MOST_KEYS:
            self.keys.clear()

    def forget(self) -> None:
        """Somebody else wrote, or a commit failed."""
        self._runs.clear()
        self.keys.clear()
        self.head = None
