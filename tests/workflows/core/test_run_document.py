"""Runs as JSON values: what is written is read again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.run import Doing, Event, Kind, Open, Run, Status
from workflows.run_document import document_of, more_of, read_more, run_from

TEXT = st.text(max_size=8)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
DATA = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=4,
    ),
    max_size=3,
)
NUMBERS = st.integers(1, 9)
OPEN = st.one_of(
    st.builds(Open, kind=st.sampled_from([Kind.CALL, Kind.CHILD, Kind.UNDO]), number=NUMBERS, failed=TEXT),
    st.builds(
        Open,
        kind=st.just(Kind.ASK),
        number=NUMBERS,
        roles=TEXTS,
        people=TEXTS,
        barred=TEXTS,
        subject=TEXT,
        votes=st.dictionaries(TEXT, TEXT, max_size=2),
    ),
)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
SLOTS = st.just(("", 0)) | st.tuples(st.text(min_size=1, max_size=8), NUMBERS)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    slot, number = draw(SLOTS)
    return draw(
        st.builds(
            Run,
            id=TEXT,
            definition=TEXT,
            definition_hash=TEXT,
            key=TEXT,
            state=TEXT,
            data=DATA,
            version=NUMBERS,
            created_at=INSTANTS,
            updated_at=INSTANTS,
            tenant=TEXT,
            started_by=TEXT,
            status=st.sampled_from(Status),
            trouble=TEXT,
            steward=TEXT,
            open=st.dictionaries(TEXT, OPEN, max_size=3),
            undo=st.lists(st.builds(Doing, name=TEXT, action=TEXT, params=DATA), max_size=2).map(tuple),
            cancelling=st.booleans(),
            held=st.lists(
                st.builds(Event, name=TEXT, actor=TEXT, data=DATA, key=st.none(), roles=TEXTS), max_size=2
            ).map(tuple),
            parent=TEXT,
            slot=st.just(slot),
            slot_number=st.just(number),
        )
    )


@given(runs())
def test_any_run_survives_its_document(run: Run) -> None:
    written = json.loads(json.dumps(document_of(run)))
    assert run_from(written) == run
    assert document_of(run_from(written)) == written


PLAIN = Run(
    id="r", definition="d", definition_hash="h", key="k", state="a,b", data={}, version=1,
    created_at=datetime(2026, 11, 20, tzinfo=UTC), updated_at=datetime(2038, 1, 20, tzinfo=UTC),
)  # fmt: skip


def test_what_says_nothing_is_not_written() -> None:
    assert more_of(PLAIN) == {}
    assert read_more({}) == {}
    assert run_from(document_of(PLAIN)) == PLAIN
    assert PLAIN.states == ("a", "b")


def test_all_that_is_under_way_is_written() -> None:
    ask = Open(
        kind=Kind.ASK, number=2, roles=("r",), people=("bo",), barred=("ana",), subject="s", votes={"bo": "y"}
    )
    run = replace(
        PLAIN,
        status=Status.STUCK,
        open={"c": Open(kind=Kind.CALL, number=1, failed="no"), "k": Open(kind=Kind.CHILD, number=1), "q": ask},
        undo=(Doing(name="c", action="t.undo", params={"x": [1]}),),
        held=(Event(name="go", actor="bo", data={"x": 1}, roles=("r",)),),
        cancelling=True,
        parent="p",
        slot="k",
        slot_number=4,
    )
    assert more_of(run) == {
        "open": {
            "c": {"kind": "call", "number": 1, "failed": "no"},
            "k": {"kind": "child", "number": 1},
            "q": {
                "kind": "ask", "number": 2, "roles": ["r"], "people": ["bo"], "barred": ["ana"], "subject": "s",
                "votes": {"bo": "y"},
            },
        },
        "undo": [["c", "t.undo", {"x": [1]}]],
        "held": [["go", "bo", {"x": 1}, ["r"]]],
        "cancelling": True,
        "slot": "k",
        "slot_number": 4,
    }  # fmt: skip
    assert run_from(json.loads(json.dumps(document_of(run)))) == run


@pytest.mark.parametrize("field", ["version", "status", "more"])
def test_a_document_without_one_of_its_parts_is_not_read(field: str) -> None:
    document = document_of(PLAIN)
    del document[field]
    with pytest.raises(KeyError, match=field):
        run_from(document)
