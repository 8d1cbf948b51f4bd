"""`atrium selftest`: see for yourself that the office holds what it promises."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from server.logs import set_up_logging
from server.selftest.errors import SelftestError

MEMORY = Path("/dev/shm")
"""Files here need no disk: what a process leaves behind when it dies is the same as there."""
STORES = ("sqlite", "postgres")


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `selftest` to the commands of the command line."""
    selftest = commands.add_parser("selftest", help="see for yourself that work survives crashes")
    subjects = selftest.add_subparsers(title="subjects", required=True, metavar="SUBJECT")
    subject = subjects.add_parser("durability", help="let an office die at every point of its work")
    subject.add_argument("--store", choices=(*STORES, "all"), default="all", help="which database (default all)")
    subject.add_argument("--points", type=_points, metavar="all|N", help="at how many points (default all)")
    subject.add_argument("--at", default="", metavar="TEXT", help="only at points so named, such as COMMIT")
    subject.add_argument("--twice", action="store_true", help="let it die once more while it recovers")
    subject.add_argument("--database-url", help="an empty PostgreSQL database; default: a server of its own")
    subject.add_argument("--json", action="store_true", help="print the result as one JSON line")
    subject.set_defaults(run=_durability)


def _points(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("write `all` or a number from 1")
    return int(text)


def _durability(arguments: argparse.Namespace) -> int:
    from server.selftest.checks import Kind
    from server.selftest.durability import Choice, Report, crash_everywhere

    set_up_logging("critical")  # what a dying office logs is no news here
    choice = Choice(most=arguments.points, at=arguments.at, twice=arguments.twice)
    reports: dict[str, Report] = {}
    for store in STORES if arguments.store == "all" else (arguments.store,):
        with tempfile.TemporaryDirectory(prefix="atrium-selftest-", dir=_quick()) as folder:
            try:
                with _urls(store, arguments.database_url) as urls:
                    reports[store] = crash_everywhere(store, Path(folder), urls, choice, _progress)
            except SelftestError as missing:
                if arguments.store != "all":
                    raise
                _progress(f"{store} is left out: {missing}")
    counts = {kind.value: sum(report.count(kind) for report in reports.values()) for kind in Kind}
    points = sum(report.points for report in reports.values())
    by_store = {
        store: {"points": report.points, "again": report.again, **report.counts()}
        for store, report in reports.items()
    }
    if arguments.json:
        print(json.dumps({"points": points, **counts, "stores": by_store}))
    else:
        for store, of_store in by_store.items():
            print(
                f"{store}: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in of_store.items())
            )
    return 1 if any(counts.values()) or not points else 0


@contextmanager
def _urls(store: str, given: str | None) -> Iterator[Sequence[str]]:
    """Databases for the processes that work side by side; an empty address: a file."""
    workers = max(1, min(4, os.cpu_count() or 1))
    if store == "sqlite":
        yield [""] * workers
        return
    from server.selftest.postgres import PostgresMissing, borrowed, postgres_server

    if given:
        with borrowed(given):
            yield [given]
        return

    try:
        with postgres_server() as server:
            yield [server.database() for _ in range(workers)]
    except PostgresMissing as missing:
        raise SelftestError(f"{missing}, or name an empty database with --database-url") from missing


def _quick() -> str | None:
    return str(MEMORY) if os.access(MEMORY, os.W_OK) else None


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
