"""Roots of the audit: signed lines that vouch for the chain up to an entry, each linked to the line before.

The chain alone can be written anew as a whole by whoever may write the database. A root that lies elsewhere
tells: it holds the hash of an entry, and so of all before it, as they were when it was signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from workflows.audit import GENESIS, Fault

_PURPOSE = b"atrium audit root 1\n"
"""Stands before what is signed, so that the signature is good for nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Vouches for all entries up to one."""

    number: int
    """From 1, without gaps."""
    at: datetime
    seq: int
    """Of the last entry that it covers."""
    hash: str
    """Of that entry."""
    previous: str
    """SHA-256 (hex) of the line before; of the first root `GENESIS`."""
    key: str
    """Id of the key that signed it."""
    signature: str = ""
    """Ed25519 (hex) over `signed_bytes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """What lines of roots say, as far as they can be believed."""

    roots: tuple[Root, ...]
    fault: Fault | None
    """In the first line that cannot be believed."""
    torn: bool
    """The last line was not written to its end: the office was stopped over it, and mends it when it starts."""

    @property
    def hashes(self) -> Mapping[int, str]:
        """Which hash the entries have to have, by seq."""
        return {root.seq: root.hash for root in self.roots}


class NoRoot(ValueError):
    """A line holds no root."""


def signed_bytes(root: Root) -> bytes:
    """Give what a root's signature is made over."""
    return _PURPOSE + _json(_values(root)).encode()


def line_of(root: Root) -> str:
    """Write a signed root as a line, without its end."""
    return _json(_values(root) | {"signature": root.signature})


def link_of(line: str) -> str:
    """Give what the root after this line has as `previous`."""
    return hashlib.sha256(line.encode()).hexdigest()


def root_of(line: str) -> Root:
    """Read a line.

    Raises:
        NoRoot: it holds none, or is not written as `line_of` does.
    """
    try:
        values = json.loads(line)
        root = Root(**values | {"at": datetime.fromisoformat(values["at"])})
        exact = type(root.number) is type(root.seq) is int and line_of(root) == line
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise NoRoot("it holds no root") from fault
    if not exact:
        raise NoRoot("it is not written as the office writes it")
    return root


def read_roots(text: str, genuine: Callable[[Root], bool], keys: Iterable[str]) -> Vouched:
    """Read lines of roots, up to the first that cannot be believed.

    Args:
        text: the lines.
        genuine: whether the signature of a root is right; asked only of roots by one of the keys.
        keys: ids of the keys that are trusted.
    """
    trusted = frozenset(keys)
    lines = text.split("\n")
    torn = lines.pop() != ""
    roots: list[Root] = []
    before, seq = GENESIS, 0
    for number, line in enumerate(lines, start=1):
        try:
            root = root_of(line)
        except NoRoot as fault:
            return Vouched(
                roots=tuple(roots), fault=_fault(seq, f"line {number} of the roots: {fault}"), torn=torn
            )
        wrong = _wrong(root, number, before, seq, trusted) or (
            "" if genuine(root) else f"root {number} does not bear the signature of its key: it was changed"
        )
        if wrong:
            return Vouched(roots=tuple(roots), fault=_fault(seq, wrong), torn=torn)
        roots.append(root)
        before, seq = link_of(line), root.seq
    return Vouched(roots=tuple(roots), fault=None, torn=torn)


def _wrong(root: Root, number: int, before: str, seq: int, trusted: frozenset[str]) -> str:
    """What is wrong with a root beside its signature; empty: nothing."""
    if root.number != number:
        return f"root {number} is missing: root {root.number} stands in its place"
    if root.key not in trusted:
        known = ", ".join(sorted(trusted))
        return (
            f"root {number} is signed by another key ({root.key}) than the one that is trusted ({known}); "
            "if the office had that key before, give its public key too"
        )
    if root.previous != before:
        return f"root {number} does not follow from the line before it: one of the two was changed"
    if root.seq <= seq:
        return f"root {number} covers no more than the root before it"
    return ""


def _fault(seq: int, text: str) -> Fault:
    return Fault(seq=seq + 1, kind="root", text=text)


def _values(root: Root) -> dict[str, object]:
    return {
        "number": root.number,
        "at": root.at.isoformat(),
        "seq": root.seq,
        "hash": root.hash,
        "previous": root.previous,
        "key": root.key,
    }


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, separators=(",", ":"))
