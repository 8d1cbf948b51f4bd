"""The audit chain: no entry changes, goes or comes unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.audit import GENESIS, AuditEntry, Chain, commitment, digest, link, row_of

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def chain(length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    previous = GENESIS
    for seq in range(1, length + 1):
        entry = link(
            seq=seq,
            at=NOW + timedelta(seconds=seq),
            actor="ana",
            action="purchase.start",
            run="r",
            version=seq,
            digest=digest({"seq": seq}),
            previous=previous,
        )
        entries.append(entry)
        previous = entry.hash
    return entries


def first_fault(entries: Sequence[AuditEntry]) -> int | None:
    fault = Chain().follow([row_of(entry) for entry in entries])
    return None if fault is None else fault.seq


def test_a_whole_chain_has_no_fault() -> None:
    assert first_fault([]) is None
    assert first_fault(chain(5)) is None


@pytest.mark.parametrize("name", [field.name for field in fields(AuditEntry)])
def test_a_change_to_any_field_is_found(name: str) -> None:
    entries = chain(4)
    value = getattr(entries[2], name)
    other: Any = (
        value + 1 if isinstance(value, int) else value + timedelta(1) if name == "at" else value[:-1] + "-"
    )
    changed = [*entries[:2], replace(entries[2], **{name: other}), entries[3]]
    assert first_fault(changed) == 3


@given(st.data())
def test_an_entry_that_goes_or_comes_or_moves_is_found(data: st.DataObject) -> None:
    entries = chain(data.draw(st.integers(2, 8)))
    shuffled = data.draw(st.permutations(entries) | st.lists(st.sampled_from(entries), max_size=8))
    untouched = shuffled == entries[: len(shuffled)]
    assert (first_fault(shuffled) is None) is untouched


def test_the_zone_that_an_instant_is_written_in_does_not_matter() -> None:
    entry = chain(1)[0]
    moved = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=2))))
    assert first_fault([moved]) is None


def test_a_digest_depends_on_the_values_and_not_on_their_order() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})
    assert len(digest(None)) == 64


def test_a_commitment_says_nothing_without_its_key() -> None:
    made = commitment(b"key", {"amount": 5})
    assert made == commitment(b"key", {"amount": 5})
    assert made not in (commitment(b"other", {"amount": 5}), digest({"amount": 5}))
