"""Effects: what begins and is withdrawn by one event is never asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from workflows.effects import (
    Announce,
    ChangeTask,
    ClearDeadline,
    CloseTask,
    Effect,
    OpenTask,
    Request,
    SetDeadline,
    StartChild,
    Withdraw,
    net,
)
from workflows.parts import Retry


def request(name: str, number: int) -> Request:
    return Request(run="r", name=name, number=number, action="t.do", params={}, retry=Retry(), timeout=60)


def child(name: str, number: int) -> StartChild:
    return StartChild(run="r", name=name, number=number, definition="d", data={})


def question(name: str, number: int) -> OpenTask:
    return OpenTask(
        run="r", name=name, number=number, title="?", roles=("r",), people=(), barred=(), decisions={"yes": 1},
        shown={}, subject="s", form=None, due=None,
    )  # fmt: skip


def withdraw(name: str, number: int) -> Withdraw:
    return Withdraw(run="r", name=name, number=number)


def change(name: str, number: int) -> ChangeTask:
    return ChangeTask(run="r", name=name, number=number, roles=(), people=("bo",))


def close(name: str, number: int, decision: str = "") -> CloseTask:
    return CloseTask(run="r", name=name, number=number, decision=decision, by="")


def test_what_begins_and_is_withdrawn_leaves_nothing() -> None:
    assert net([request("c", 2), child("k", 2), withdraw("c", 2), withdraw("k", 2)]) == []
    assert net([question("q", 2), change("q", 2), close("q", 2)]) == []


def test_what_began_before_is_withdrawn() -> None:
    assert net([withdraw("c", 1), request("c", 2)]) == [withdraw("c", 1), request("c", 2)]
    assert net([close("q", 1)]) == [close("q", 1)]


def test_what_begins_again_afterwards_is_asked_for_once() -> None:
    again: list[Effect] = [request("c", 2), withdraw("c", 2), request("c", 2)]
    assert net(again) == [request("c", 2)]


def test_a_question_that_is_decided_at_once_is_kept_with_its_decision() -> None:
    assert net([question("q", 2), close("q", 2, "yes")]) == [question("q", 2), close("q", 2, "yes")]


def test_all_else_stays_in_its_place() -> None:
    others: list[Effect] = [
        SetDeadline(run="r", name="t", at=datetime(2026, 11, 20, tzinfo=UTC), event="e"),
        ClearDeadline(run="r", name="t"),
        Announce(run="r", version=1, event="e"),
    ]
    mixed: list[Effect] = [others[0], request("c", 2), others[1], withdraw("c", 2), others[2]]
    assert net(mixed) == others


def test_the_key_of_a_request_is_the_same_for_every_attempt() -> None:
    assert request("c", 2).key == "r:2:c"


@given(
    st.lists(
        st.builds(
            lambda make, name, number: make(name, number),
            st.sampled_from([request, child, question, withdraw, change, close]),
            st.sampled_from("ab"),
            st.integers(1, 2),
        ),
        max_size=12,
    )
)
def test_what_is_left_never_withdraws_what_it_began(effects: list[Effect]) -> None:
    left = net(effects)
    begun: set[tuple[str, int]] = set()
    for one in left:
        if isinstance(one, Request | StartChild | OpenTask):
            begun.add((one.name, one.number))
        elif isinstance(one, Withdraw | CloseTask):
            assert (one.name, one.number) not in begun
    assert net(left) == left
