"""A table of entries is verified: what it is made of, and what is found when somebody has been at it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.audit import GENESIS, AuditEntry, Chain, Fault, Head, Row, link, row_of, verify, written

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def chain(count: int, *, actor: str = "ana", start: datetime = NOW) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for seq in range(1, count + 1):
        entries.append(
            link(
                seq=seq,
                at=start + timedelta(milliseconds=300 * seq),
                actor=actor,
                action="task.add",
                run=f"run-{seq}",
                version=1,
                digest=f"{seq:064x}",
                previous=entries[-1].hash if entries else GENESIS,
            )
        )
    return entries


class Listed:
    """A table of entries in memory."""

    def __init__(self, entries: Sequence[AuditEntry | Row], head: AuditEntry | None = None) -> None:
        self.all = [row_of(one) if isinstance(one, AuditEntry) else one for one in entries]
        seq, hash = (head.seq, head.hash) if head else (self.all[-1][0], self.all[-1][8])
        self._head = Head(seq=seq, hash=hash, last=self.all[-1][0])

    def head(self) -> Head:
        return self._head

    def rows(self, after: int | None, limit: int) -> Sequence[Row]:
        return [row for row in self.all if after is None or row[0] > after][:limit]


def fault_of(entries: Sequence[AuditEntry | Row], vouched: dict[int, str] | None = None) -> Fault:
    fault = verify(Listed(entries), vouched)[1]
    assert fault is not None
    return fault


@given(st.integers(), *[st.text(st.characters(codec=None)) for _ in range(6)], st.integers())
def test_what_is_hashed_is_json(
    seq: int, at: str, actor: str, action: str, run: str, digest: str, previous: str, version: int
) -> None:
    values = [seq, at, actor, action, run, version, digest, previous]
    expected = json.dumps(values, sort_keys=True, separators=(",", ":"))
    assert written(seq, at, actor, action, run, version, digest, previous) == expected


@given(st.datetimes(timezones=st.just(UTC)), st.text(), st.text())
def test_a_row_of_any_instant_and_text_holds(at: datetime, actor: str, action: str) -> None:
    made = link(seq=1, at=at, actor=actor, action=action, run="r", version=1, digest="0" * 64, previous=GENESIS)
    assert Chain().follow([row_of(made)]) is None


def test_a_whole_chain_holds_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    entries = chain(20_001)
    assert verify(Listed(entries), progress=lambda done, of: told.append((done, of))) == (20_001, None)
    assert told == [(20_000, 20_001), (20_001, 20_001)]


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "bob"}, {"action": "task.drop"}, {"run": "run-9"}, {"version": 2}, {"digest": "0" * 64},
        {"at": NOW}, {"hash": "f" * 64},
    ],
)  # fmt: skip
def test_a_changed_entry_is_found(change: dict[str, object]) -> None:
    entries = chain(4)
    entries[1] = replace(entries[1], **change)  # type: ignore[arg-type]
    fault = fault_of(entries)
    assert (fault.seq, fault.kind) == (2, "changed")
    assert "entry 2 was changed" in fault.text


@pytest.mark.parametrize("place", [1, 2, 5])
@pytest.mark.parametrize("value", [None, b"x", 1.5, "1"])
def test_a_column_of_another_type_is_a_changed_entry(place: int, value: object) -> None:
    rows: list[AuditEntry | Row] = [row_of(one) for one in chain(3)]
    row: list[object] = list(row_of(chain(3)[1]))
    row[place] = value
    rows[1] = tuple(row)  # type: ignore[assignment]
    assert fault_of(rows).kind == "changed"


def test_an_entry_that_was_written_anew_does_not_fit_its_follower() -> None:
    entries = chain(3)
    one = entries[1]
    entries[1] = link(
        seq=2, at=one.at, actor="bob", action=one.action, run=one.run, version=1, digest=one.digest,
        previous=one.previous,
    )  # fmt: skip
    fault = fault_of(entries)
    assert (fault.seq, fault.kind) == (3, "replaced")


def test_removed_entries_are_named() -> None:
    entries = chain(6)
    fault = fault_of([*entries[:2], *entries[4:]])
    assert (fault.seq, fault.kind) == (3, "removed")
    assert "entries 3 to 4" in fault.text
    assert fault_of(entries[1:]).text.startswith("entry 1 is missing")


def test_an_entry_before_the_first_is_found() -> None:
    entries = chain(2)
    stray = link(seq=0, at=NOW, actor="bob", action="a.b", run="r", version=1, digest="0" * 64, previous=GENESIS)
    assert fault_of([stray, *entries]).kind == "added"


def test_an_end_that_was_cut_off_is_found() -> None:
    entries = chain(5)
    held, fault = verify(Listed(entries[:3], head=entries[4]))
    assert held == 3
    assert fault is not None
    assert (fault.seq, fault.kind) == (4, "cut")
    signed = fault_of(entries[:3], {2: entries[1].hash, 5: entries[4].hash})
    assert (signed.seq, signed.kind) == (4, "cut")
    assert "a signed root vouches for entries 4 to 5" in signed.text


def test_entries_that_go_while_one_looks_are_found() -> None:
    class Vanishing(Listed):
        def rows(self, after: int | None, limit: int) -> Sequence[Row]:
            return [] if after else super().rows(after, 3)

    held, fault = verify(Vanishing(chain(5)))
    assert held == 3
    assert fault is not None
    assert (fault.seq, fault.kind) == (4, "cut")


def test_what_was_added_behind_the_end_is_found() -> None:
    entries = chain(5)
    _, fault = verify(Listed(entries, head=entries[3]))
    assert fault is not None
    assert (fault.seq, fault.kind) == (5, "added")
    _, fault = verify(Listed(chain(5, actor="bob"), head=entries[4]))
    assert fault is not None
    assert fault.kind == "added"


def test_a_chain_that_was_written_anew_as_a_whole_contradicts_its_roots() -> None:
    before, after = chain(6), chain(6, actor="bob")
    assert verify(Listed(after))[1] is None
    forged = [*before[:3], *after[3:]]
    for place in range(3, 6):
        one = forged[place]
        forged[place] = link(
            seq=one.seq, at=one.at, actor=one.actor, action=one.action, run=one.run, version=1, digest=one.digest,
            previous=forged[place - 1].hash,
        )  # fmt: skip
    assert verify(Listed(forged))[1] is None
    fault = fault_of(forged, {2: before[1].hash, 5: before[4].hash})
    assert (fault.seq, fault.kind) == (3, "rewritten")
    assert verify(Listed(before), {2: before[1].hash, 5: before[4].hash}) == (6, None)
