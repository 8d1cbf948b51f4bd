"""Who is measured in `benchmarks.workflow`, with which interpreter, and under which load."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import PeerMissing, environment

SQLITE, POSTGRES = "sqlite", "postgres"
STORES = (SQLITE, POSTGRES)
DBOS, RAW, STATEMACHINE = "dbos", "raw", "statemachine"
PEERS = (DBOS, RAW, STATEMACHINE)
OURS = "benchmarks.workflow_ours"
"""Where Atrium's own engine comes in: a module that ends with `serve` of a `Complete` subject. Without it the
peers are measured alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """An engine that takes part."""

    peer: str | None
    """None is Atrium's own."""
    module: str
    """Run as a program, it answers as `benchmarks.workflow_subject.serve` does."""
    callers: Mapping[str, int]
    """Store -> how many make purchases at the same time; stores that it does not know are left out."""
    python: Path = Path(sys.executable)
    approves: bool = True
    """It can let something wait for a person."""
    quick: bool = True
    """An approval takes milliseconds, so that many can be measured."""

    @property
    def name(self) -> str:
        """For people."""
        return self.peer or "atrium"


def ours() -> Entrant | None:
    """Atrium's own engine, where its module is there."""
    if importlib.util.find_spec(OURS) is None:
        return None
    return Entrant(peer=None, module=OURS, callers={SQLITE: 64, POSTGRES: 8})


def entrant(peer: str) -> Entrant:
    """A peer that is ready to be measured.

    Raises:
        PeerMissing: it is not installed, and could not be.
    """
    return {DBOS: _dbos, RAW: _raw, STATEMACHINE: _statemachine}[peer]()


def _dbos() -> Entrant:
    callers = {SQLITE: 64, POSTGRES: 8}
    return Entrant(
        peer=DBOS, module="benchmarks.workflow_dbos", callers=callers, python=environment(DBOS), quick=False
    )


def _raw() -> Entrant:
    _needs("psycopg", "psycopg[binary]")
    return Entrant(peer=RAW, module="benchmarks.workflow_raw", callers={SQLITE: 32, POSTGRES: 8})


def _statemachine() -> Entrant:
    _needs("statemachine", "python-statemachine")
    return Entrant(
        peer=STATEMACHINE, module="benchmarks.workflow_statemachine", callers={SQLITE: 1}, approves=False
    )


def entrants(peers: Sequence[str], chosen: bool) -> tuple[list[Entrant], list[str]]:
    """Everybody who takes part, and what is to be said of those who do not.

    Args:
        peers: names.
        chosen: they were named by somebody who wants them, so that a missing one is a fault.

    Raises:
        PeerMissing: a chosen one is not there.
    """
    own = ours()
    found = [own] if own is not None else []
    notes = [] if own is not None else [f"Atrium's own engine is not there ({OURS}): its peers alone."]
    for peer in peers:
        try:
            found.append(entrant(peer))
        except PeerMissing as missing:
            if chosen:
                raise
            notes.append(f"{missing} Measured without it.")
    return found, notes


def _needs(module: str, package: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise PeerMissing(f"{package} is not installed; `make bench` does it.")
