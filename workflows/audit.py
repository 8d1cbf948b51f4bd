"""The audit chain: each entry's hash covers the one before, so that no entry can change unseen."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

GENESIS = "0" * 64
"""What the first entry follows."""


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
    return AuditEntry(
        seq=seq,
        at=at,
        actor=actor,
        action=action,
        run=run,
        version=version,
        digest=digest,
        previous=previous,
        hash=_hash(seq, at, actor, action, run, version, digest, previous),
    )


def _hash(*values: object) -> str:
    plain = [value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for value in values]
    return hashlib.sha256(_canonical(plain)).hexdigest()


def first_fault(entries: Iterable[AuditEntry]) -> int | None:
    """Give the seq of the first entry that does not follow from those before, or None where all is well."""
    previous = GENESIS
    for seq, entry in enumerate(entries, start=1):
        made = _hash(seq, entry.at, entry.actor, entry.action, entry.run, entry.version, entry.digest, previous)
        if entry.seq != seq or entry.previous != previous or entry.hash != made:
            return seq
        previous = entry.hash
    return None


def _canonical(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
