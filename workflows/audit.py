"""The audit chain: each entry's hash covers the one before, so that no entry can change unseen."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as _quoted
from typing import Protocol

GENESIS = "0" * 64
"""What the first entry follows."""
AT_ONCE = 20_000
"""Entries that are held in memory together while a chain is verified."""

Row = tuple[int, str, str, str, str, int, str, str, str]
"""An entry as it lies in the table: seq, at, actor, action, run, version, digest, previous, hash.

`at` is UTC, written `2026-11-20 14:00:00.123456`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of the chain. It holds ids and a digest, never words or names."""

    seq: int
    at: datetime
    actor: str
    action: str
    """Definition and event, as in `action_item.accept`."""
    run: str
    version: int
    digest: str
    """Commitment (hex) to the event's data with the actor's key; of entries older than the keys its SHA-256."""
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a table of entries ends."""

    seq: int
    """Of the last entry, as the office noted it; 0: there is none."""
    hash: str
    last: int
    """Of the last entry that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that does not hold."""

    seq: int
    """The first entry that is concerned."""
    kind: str
    """`changed`, `replaced`, `removed`, `added`, `cut`, `rewritten`; of roots `root`."""
    text: str
    """What it means, for people."""


class Entries(Protocol):
    """A table of entries to read."""

    def head(self) -> Head:
        """Say where it ends."""

    def rows(self, after: int | None, limit: int) -> Sequence[Row]:
        """Give entries in order, from the first or from behind one."""


def digest(data: object) -> str:
    """Give the SHA-256 (hex) of JSON values."""
    return hashlib.sha256(_canonical(data)).hexdigest()


def commitment(key: bytes, data: object) -> str:
    """Give the HMAC-SHA-256 (hex) of JSON values: without the key nobody can find out, or test, what they were."""
    return hmac.digest(key, _canonical(data), "sha256").hex()


def link(
    *, seq: int, at: datetime, actor: str, action: str, run: str, version: int, digest: str, previous: str
) -> AuditEntry:
    """Make the entry that follows the hash `previous`; `digest` is that of the event's data."""
    text = written(seq, at.astimezone(UTC).isoformat(), actor, action, run, version, digest, previous)
    return AuditEntry(
        seq=seq,
        at=at,
        actor=actor,
        action=action,
        run=run,
        version=version,
        digest=digest,
        previous=previous,
        hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def written(seq: int, at: str, actor: str, action: str, run: str, version: int, digest: str, previous: str) -> str:
    """Write what an entry's hash is made of: a JSON list without spaces, put together by hand for speed."""
    return (
        f"[{seq},{_quoted(at)},{_quoted(actor)},{_quoted(action)},{_quoted(run)},{version},"
        f"{_quoted(digest)},{_quoted(previous)}]"
    )


class Chain:
    """Follows a chain from its beginning.

    `vouched` holds hashes by seq that the entries there have to have: those of signed roots.
    """

    def __init__(self, vouched: Mapping[int, str] | None = None) -> None:
        """Begin before the first entry."""
        self.seq, self.hash = 0, GENESIS
        """Of the last entry that holds."""
        self._vouched = vouched or {}
        self._signed = 0

    def follow(self, rows: Iterable[Row]) -> Fault | None:
        """Go on over the next entries, up to the first that does not hold."""
        sha256, vouched = hashlib.sha256, self._vouched
        seq, previous = self.seq, self.hash
        for row in rows:
            number, at, actor, action, run, version, digest, before, own = row
            try:
                text = written(number, _iso(at), actor, action, run, version, digest, before)
            except (AttributeError, TypeError):  # a column holds something of another type
                return self._stopped(seq, previous, _changed(seq + 1))
            holds = type(version) is int and own == sha256(text.encode()).hexdigest()
            if number != seq + 1 or before != previous or not holds:
                return self._stopped(seq, previous, _told(row, seq + 1, previous))
            if number in vouched:
                if vouched[number] != own:
                    return self._stopped(seq, previous, self._rewritten(number))
                self._signed = number
            seq, previous = number, own
        self.seq, self.hash = seq, previous
        return None

    def end(self, head: Head) -> Fault | None:
        """Say whether the chain has to go on, after the last entry that is there."""
        signed = max(self._vouched, default=0)
        if signed > self.seq:
            return _cut(self.seq, signed, "a signed root vouches for")
        if head.seq > self.seq:
            return _cut(self.seq, head.seq, "the office had noted")
        if head.seq < self.seq or head.hash != self.hash:
            return Fault(
                seq=min(self.seq, head.seq + 1),
                kind="added",
                text=f"the office had noted entry {head.seq} as the last one, with another hash than is there: "
                "what follows was not written by the office",
            )
        return None

    def _stopped(self, seq: int, previous: str, fault: Fault) -> Fault:
        self.seq, self.hash = seq, previous
        return fault

    def _rewritten(self, seq: int) -> Fault:
        return Fault(
            seq=self._signed + 1,
            kind="rewritten",
            text=f"entries {self._signed + 1} to {seq} are not those that a signed root vouches for: "
            "they follow from each other, but were written anew",
        )


def verify(
    entries: Entries,
    vouched: Mapping[int, str] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[int, Fault | None]:
    """Verify a table of entries as it is now; more may be written meanwhile.

    Args:
        entries: the table.
        vouched: hashes by seq that signed roots vouch for, read before.
        progress: told how many of how many entries are done.

    Returns:
        How many entries hold, and the first fault.
    """
    chain, head = Chain(vouched), entries.head()
    after: int | None = None
    while chain.seq < head.last:
        rows = entries.rows(after, min(AT_ONCE, head.last - chain.seq))
        if not rows:
            break
        fault = chain.follow(rows)
        if fault is not None:
            return chain.seq, fault
        after = chain.seq
        progress(chain.seq, head.last)
    return chain.seq, chain.end(head)


def row_of(entry: AuditEntry) -> Row:
    """Give an entry as it lies in the table."""
    at = entry.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    who = (entry.actor, entry.action, entry.run)
    return (entry.seq, at, *who, entry.version, entry.digest, entry.previous, entry.hash)


def _iso(at: str) -> str:
    """The instant of a row as `link` wrote it: without a fraction of a second where there was none."""
    if at.endswith(".000000"):
        at = at[:-7]
    return f"{at[:10]}T{at[11:]}+00:00"


def _told(row: Row, seq: int, previous: str) -> Fault:
    """What is wrong with an entry that does not hold."""
    number, at, actor, action, run, version, digest, before, own = row
    if number > seq:
        gone = f"entry {seq} is" if number == seq + 1 else f"entries {seq} to {number - 1} are"
        return Fault(seq=seq, kind="removed", text=f"{gone} missing: removed from the table")
    if number < seq:
        return Fault(seq=number, kind="added", text=f"entry {number} does not belong to the chain: it was added")
    text = written(number, _iso(at), actor, action, run, version, digest, before)
    if type(version) is not int or own != hashlib.sha256(text.encode()).hexdigest():
        return _changed(seq)
    return Fault(
        seq=seq,
        kind="replaced",
        text=f"entry {seq} does not follow from entry {seq - 1}: one of the two was written anew",
    )


def _changed(seq: int) -> Fault:
    return Fault(
        seq=seq, kind="changed", text=f"entry {seq} was changed: what it says is not what its hash was made of"
    )


def _cut(last: int, known: int, who: str) -> Fault:
    more = f"entry {known}" if known == last + 1 else f"entries {last + 1} to {known}"
    return Fault(seq=last + 1, kind="cut", text=f"the table ends at entry {last}, but {who} {more}: cut off")


def _canonical(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
