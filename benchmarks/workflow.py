"""How quick and how frugal durable work is: `python -m benchmarks.workflow --json`.

A purchase is six effects that return at once, an approval by a person and a timer: nine transitions, each of them
kept on the disk before the next. Engines run in processes of their own and take turns in the same run; the median
of the rounds counts, and a ratio is one of medians.

- dbos: DBOS on SQLite and PostgreSQL, 64 and 8 callers, in an environment of its own that is made at first.
- raw: plain SQL, three statements a transition; on SQLite 32 transitions a commit, on PostgreSQL 8 connections.
- statemachine: python-statemachine in memory, kept nowhere.

A timer under load rings at once. PostgreSQL is a server of its own on loopback, with fsync on. fsyncs are counted
by strace, in runs that measure nothing else. With `--json` lines of JSON go to the standard output and the table
for people to the standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import workflow_parts as parts
from benchmarks.environments import PeerMissing
from benchmarks.machine import CORES, load_average
from benchmarks.results import as_lines, table
from benchmarks.workflow_child import NO_STRACE, ChildFault, can_count_syncs
from benchmarks.workflow_parts import METRICS, SHORT, Findings, Sizes, verdicts
from benchmarks.workflow_peers import PEERS, POSTGRES, SQLITE, STORES, Entrant, entrants
from tests.postgres import PostgresMissing, postgres_server

OWN_PARTS: dict[str, Callable[[Entrant, Path, Sizes, Findings], None]] = {
    "restart": parts.restart,
    "parked": parts.parked,
    "year": parts.year,
    "audit": parts.audit,
    "noisy": parts.noisy,
}
"""Measured of Atrium alone."""
SHARED_PARTS = ("transitions", "approval", "fsyncs")
PARTS = (*SHARED_PARTS, *OWN_PARTS)


def run(
    chosen: Sequence[str], stores: Sequence[str], taking_part: Sequence[Entrant], sizes: Sizes, findings: Findings
) -> None:
    """Measure what was chosen; faults are noted."""
    with tempfile.TemporaryDirectory(prefix="atrium-workflow-") as name:
        folder = Path(name)
        if SQLITE in stores:
            _beside(SQLITE, lambda of: str(folder / f"{of}.db"), chosen, taking_part, sizes, findings)
        if POSTGRES in stores and {"transitions", "approval"} & set(chosen):
            try:
                with postgres_server(safe=True) as server:
                    _beside(POSTGRES, lambda _: server.database(), chosen, taking_part, sizes, findings)
            except PostgresMissing as missing:
                findings.note(f"postgres: not measured: {missing}.")
        if SQLITE not in stores:
            return
        if "fsyncs" in chosen:
            with _noted("fsyncs", findings):
                parts.syncs(taking_part, folder, sizes, findings)
        for own in (one for one in taking_part if one.peer is None):
            for part in (part for part in OWN_PARTS if part in chosen):
                with _noted(part, findings):
                    OWN_PARTS[part](own, folder, sizes, findings)


def _beside(
    store: str,
    place: Callable[[str], str],
    chosen: Sequence[str],
    taking_part: Sequence[Entrant],
    sizes: Sizes,
    findings: Findings,
) -> None:
    """What is measured on both databases."""
    if "transitions" in chosen:
        with _noted(f"transitions, {store}", findings):
            parts.transitions(store, taking_part, place, sizes, findings)
    if "approval" in chosen:
        with _noted(f"approval, {store}", findings):
            parts.approvals(store, taking_part, place, sizes, findings)


@contextlib.contextmanager
def _noted(part: str, findings: Findings) -> Iterator[None]:
    """A fault of an engine ends the part, and not the run."""
    try:
        yield
    except ChildFault as fault:
        findings.faults += 1
        findings.note(f"{part}: not measured: {fault}")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    missing = "" if can_count_syncs() else f"\nHere {NO_STRACE}."
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.workflow",
        description=f"{__doc__}{missing}",
        formatter_class=argparse.RawTextHelpFormatter,
    )
    options.add_argument("--json", action="store_true", help="one line of JSON for each measurement")
    options.add_argument("--short", action="store_true", help="a little of everything, to see that it works")
    options.add_argument(
        "--peer", action="append", choices=PEERS, help="beside this one; may be repeated; without it beside all"
    )
    options.add_argument(
        "--store",
        choices=STORES,
        help="on this database only; what is measured of Atrium alone, and fsyncs, are on sqlite",
    )
    options.add_argument("--only", action="append", choices=PARTS, help="this part only; may be repeated")
    return options


def _stay_on_disk() -> None:
    """Let temporary folders lie on the disk: /tmp may be memory, where an fsync costs nothing."""
    if "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK):
        tempfile.tempdir = "/var/tmp"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parser().parse_args(argv)
    chosen = tuple(arguments.only or PARTS)
    started, load = time.monotonic(), load_average()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {text}", file=sys.stderr, flush=True)

    peers = (arguments.peer or PEERS) if set(SHARED_PARTS) & set(chosen) else ()
    try:
        taking_part, notes = entrants(peers, chosen=arguments.peer is not None)
    except PeerMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    findings = Findings(say)
    _stay_on_disk()
    run(
        chosen,
        (arguments.store,) if arguments.store else STORES,
        taking_part,
        SHORT if arguments.short else Sizes(),
        findings,
    )
    found = findings.measurements()
    people = sys.stderr if arguments.json else sys.stdout
    print(f"\n{table(METRICS, found)}\n", file=people)
    took = (
        f"{len(CORES)} cores, load average {load:.1f} before and {load_average():.1f} after, "
        f"{time.monotonic() - started:.0f} s."
    )
    print("\n".join([*verdicts(found), *notes, *findings.notes, took]), file=people)
    if arguments.json:
        print(as_lines(found))
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
