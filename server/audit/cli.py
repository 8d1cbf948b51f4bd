"""`atrium audit`: verify the chain with its signed roots, and print the key that they are verified with."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from server.audit.errors import RootsError
from server.audit.keys import FOLDER, PublicKey, SigningKey, signed_by
from server.audit.roots_file import ROOTS_FILE
from server.command_line import add_places, settings_of
from workflows.adapters.audit_reader import open_audit
from workflows.audit import Fault, verify
from workflows.roots import Vouched, read_roots

_TELL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found."""

    entries: int
    """That hold."""
    roots: int
    signed_to: int
    """Seq of the last entry that a root covers."""
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    seconds: float


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `audit` to the commands of the command line."""
    audit = commands.add_parser("audit", help="verify what the office has recorded")
    deeds = audit.add_subparsers(title="deeds", required=True, metavar="DEED")

    deed = deeds.add_parser("verify", help="find out whether an entry was changed, removed or added")
    deed.add_argument("--json", action="store_true", help="print one JSON object")
    deed.add_argument("--database", help="a path or postgresql://... (default: that of the data folder)")
    deed.add_argument(
        "--roots", type=Path, help="signed roots, best a copy from elsewhere (default: the office's)"
    )
    deed.add_argument(
        "--public-key",
        type=Path,
        action="append",
        help="a key that roots may be signed by; may be given more than once (default: the office's)",
    )
    add_places(deed)
    deed.set_defaults(run=_verify)

    deed = deeds.add_parser("public-key", help="print the public key, to be kept elsewhere with the roots")
    add_places(deed)
    deed.set_defaults(run=_public_key)


def look(
    database: str | Path,
    roots: Path | None,
    keys: Callable[[], list[PublicKey]],
    progress: Callable[[int, int], None],
) -> Verdict:
    """Verify an audit; the office may be at work on it.

    Args:
        database: a path, or an address.
        roots: lines of signed roots; None where there are none yet.
        keys: gives those that are trusted, where there are roots.
        progress: told how many of how many entries are done.

    Raises:
        StoreError: the database cannot be read.
        RootsError: the roots cannot.
        AuditKeyError: a key cannot.
    """
    began = time.perf_counter()
    # Roots are read first: each is written after what it covers, so the database holds that by now.
    vouched = Vouched(roots=(), fault=None, torn=False) if roots is None else _vouched(roots, keys())
    with open_audit(database) as entries:
        held, fault = verify(entries, vouched.hashes, progress)
    signed_to = vouched.roots[-1].seq if vouched.roots else 0
    notes = []
    if vouched.torn:
        notes.append("the last root was not written to its end; the office makes it anew when it starts")
    if fault is None and held > signed_to:
        notes.append(f"no root covers entries {signed_to + 1} to {held} yet: only their chain vouches for them")
    return Verdict(
        entries=held,
        roots=len(vouched.roots),
        signed_to=min(signed_to, held),
        faults=tuple(one for one in (fault, vouched.fault) if one is not None),
        notes=tuple(notes),
        seconds=time.perf_counter() - began,
    )


def _vouched(path: Path, keys: list[PublicKey]) -> Vouched:
    try:
        text = path.read_bytes().decode(errors="replace")
    except OSError as fault:
        raise RootsError(
            f"{path} cannot be read ({fault.strerror}); give the file of roots with --roots"
        ) from fault
    return read_roots(text, lambda root: signed_by(keys, root), [key.id for key in keys])


def _verify(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    roots = arguments.roots or settings.data_dir / FOLDER / ROOTS_FILE

    def keys() -> list[PublicKey]:
        if arguments.public_key:
            return [PublicKey.read(path) for path in arguments.public_key]
        return [SigningKey.read(settings.data_dir).public]

    verdict = look(
        arguments.database or settings.database,
        roots if arguments.roots or roots.exists() else None,
        keys,
        _Progress() if sys.stderr.isatty() else lambda done, of: None,
    )
    if arguments.json:
        print(json.dumps({"ok": not verdict.faults, **asdict(verdict)}))
    else:
        _print(verdict)
    return 1 if verdict.faults else 0


def _print(verdict: Verdict) -> None:
    for fault in verdict.faults:
        print(f"FAULT at entry {fault.seq} ({fault.kind}): {fault.text}.")
    entries = f"{verdict.entries:,} {'entry holds' if verdict.entries == 1 else 'entries hold'}"
    roots = f"{verdict.roots:,} signed {'root' if verdict.roots == 1 else 'roots'}"
    reach = f" up to entry {verdict.signed_to:,}" if verdict.roots else ""
    print(f"{entries}, {roots}{reach}; {verdict.seconds:.1f} s.")
    for note in verdict.notes:
        print(f"Note: {note}.")


def _public_key(arguments: argparse.Namespace) -> int:
    print(SigningKey.read(settings_of(arguments).data_dir).public.pem, end="")
    return 0


class _Progress:
    """A line on the terminal that counts."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if done == of or now >= self._told + _TELL_SECONDS:
            self._told = now
            end = "\n" if done == of else ""
            print(f"\r{done:,} of {of:,} entries", end=end, file=sys.stderr, flush=True)
