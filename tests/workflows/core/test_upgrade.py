"""From an older version of a definition to a newer one: where a run goes, and every reason why it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from tests.workflows.charts import charts
from tests.workflows.core.play import NOW, Play, definition
from workflows.definition import Definition
from workflows.effects import Announce, ClearDeadline, Request, SetDeadline
from workflows.errors import CannotUpgrade, Endless
from workflows.machine import Step, begin, step
from workflows.run import Kind, Status
from workflows.upgrade import prepared

OLD = """
initial: a
states:
  a:
    calls: {c: {action: t.do, undo: {action: t.undo}}}
    asks: {q: {title: "?", role: r, due: 1 day, escalate: [{after: 1 h, role: boss}]}}
    children: {k: {definition: other}}
    on: {go: b, back: u, ring: b, stay: a}
  b: {on: {more: c}}
  c: {on: {end: e}}
  u: {undoes: true, on: {done.undo: e}}
  e: {final: true}
deadlines:
  slow: {in: a, after: 2 days, event: ring}
  quick: {in: [a, b], after: 1 day, event: ring}
  due: {in: a, at: data.due, event: ring}
"""


def changed(*swaps: tuple[str, str]) -> Definition:
    """A newer version."""
    text = OLD
    for before, after in swaps:
        assert before in text
        text = text.replace(before, after)
    return definition(text)


def moved(play: Play, new: Definition, renamed: Mapping[str, str] | None = None) -> Step:
    """Let a run follow a newer version."""
    run, event = prepared(play.rules, new, play.run, renamed or {}, "", "eva")
    play.last = step(new, run, event, play.now)
    play.rules = new
    return play.last


def reasons(play: Play, new: Definition, renamed: Mapping[str, str] | None = None) -> list[str]:
    """Why it cannot follow."""
    with pytest.raises(CannotUpgrade) as refused:
        prepared(play.rules, new, play.run, renamed or {}, "", "eva")
    assert str(refused.value) == "; ".join(refused.value.reasons)
    assert (refused.value.run, refused.value.code) == ("r", "cannot_upgrade")
    return refused.value.reasons


def at(*events: str) -> Play:
    play = Play(OLD, {"due": "2026-11-27"})
    for event in events:
        play.send(event)
    return play


# --- where it goes -----------------------------------------------------------------------------------------------


def test_a_run_stays_where_it_stands_and_follows_the_new_version() -> None:
    new = changed(("c: {on: {end: e}}", "c: {on: {end: e, other: a}}"))
    play = at("go", "more")
    before = play.run
    taken = moved(play, new)
    assert (play.state, play.run.definition_hash, play.run.version) == ("c", new.hash, before.version + 1)
    assert taken.entry is not None
    assert (taken.entry.event, taken.entry.actor, taken.entry.data["from"]) == ("$upgrade", "eva", OLD_HASH)
    play.send("other")
    assert play.state == "a"


def test_why_it_is_moved_stands_in_its_history() -> None:
    play, new = at(), changed(("c: {on: {end: e}}", "c: {on: {end: e, other: a}}"))
    _, event = prepared(play.rules, new, play.run, {}, "it is time", "eva")
    assert event.data["reason"] == "it is time"
    taken = moved(play, new)
    assert taken.entry is not None
    assert "reason" not in taken.entry.data, "nobody said why"


OLD_HASH = definition(OLD).hash


def test_work_that_is_under_way_goes_on() -> None:
    play = at()
    before = play.run.open
    taken = moved(play, changed(("c: {on: {end: e}}", "c: {on: {end: e, other: a}}")))
    assert play.run.open == before
    due = datetime(2026, 11, 28, tzinfo=UTC)
    assert taken.effects == (
        ClearDeadline(run="r", name="due"),
        SetDeadline(run="r", name="due", at=due, event="ring"),
        Announce(run="r", version=2, event="$upgrade"),
    ), "questions keep when they are due, deadlines after a while run on; those of the data are read anew"


def test_renamed_states_are_found_by_what_the_version_says_or_whoever_upgrades() -> None:
    play = at("go", "more")
    other = changed(("c: {on: {end: e}}", "d: {on: {end: e}}"), ("more: c", "more: d"))
    assert "it stands in c, which the new version does not have; say which state that becomes" in reasons(
        play, other
    )
    moved(play, other, {"c": "d"})
    assert play.state == "d"
    itself = changed(
        ("c: {on: {end: e}}", "d: {on: {end: e}}"),
        ("more: c", "more: d"),
        ("deadlines:", "renamed: {c: d}\ndeadlines:"),
    )
    play = at("go", "more")
    moved(play, itself)
    assert play.state == "d"
    play = at("go", "more")
    moved(play, itself, {"c": "b"})
    assert play.state == "b", "who upgrades has the last word"


def test_what_is_new_in_the_state_where_it_stands_is_begun() -> None:
    play = at("go", "more")
    moved(play, changed(("c: {on: {end: e}}", "c: {calls: {n: {action: t.new}}, on: {end: e}}")))
    assert [one.action for one in play.of(Request)] == ["t.new"]
    assert play.run.open["n"].number == play.run.version


def test_to_a_state_that_takes_back_it_does_so() -> None:
    play = at()
    play.done("c")
    play.send("go")
    play.send("more")
    moved(play, changed(("c: {on: {end: e}}", "c: {undoes: true, on: {end: e, done.undo: e}}")))
    assert [one.action for one in play.of(Request)] == ["t.undo"]


def test_what_is_being_taken_back_goes_on() -> None:
    play = at()
    play.done("c")
    play.send("back")
    number = play.run.open["undo"].number
    moved(play, changed(("b: {on: {more: c}}", "b: {on: {more: c, x: a}}")))
    assert (play.run.open["undo"].number, play.of(Request)) == (number, [])
    play.done("undo")
    assert play.run.status is Status.DONE


def test_deadlines_that_are_the_same_run_on_and_all_others_begin_anew() -> None:
    play = at()
    play.now += timedelta(hours=1)
    new = changed(
        ("slow: {in: a, after: 2 days", "slow: {in: a, after: 3 days"),
        ("due: {in: a, at: data.due", "due: {in: a, at: data.due"),
    )
    moved(play, new)
    assert {one.name: one.at - NOW for one in play.of(SetDeadline) if one.name != "due"} == {
        "slow": timedelta(days=3, hours=1)
    }
    assert {one.name for one in play.of(ClearDeadline)} == {"slow", "due"}
    assert [one.name for one in play.of(SetDeadline)] == ["slow", "due"]


def test_a_deadline_that_is_no_more_is_cleared_and_a_renamed_state_keeps_its_own() -> None:
    play = at("go")
    new = changed(
        ("  slow: {in: a, after: 2 days, event: ring}\n", ""),
        ("b: {on: {more: c}}", "bb: {on: {more: c}}"),
        ("go: b", "go: bb"),
        ("ring: b", "ring: bb"),
        ("in: [a, b]", "in: [a, bb]"),
        ("deadlines:", "renamed: {b: bb}\ndeadlines:"),
    )
    moved(play, new)
    assert [one for one in play.effects if isinstance(one, SetDeadline | ClearDeadline)] == []
    gone = at()
    moved(gone, new)
    assert {one.name for one in gone.of(ClearDeadline)} == {"slow", "due"}


def test_timers_of_a_question_that_the_new_version_does_not_know_are_cleared() -> None:
    play = at()
    moved(play, changed((", escalate: [{after: 1 h, role: boss}]", "")))
    assert "escalate:q:0" in {one.name for one in play.of(ClearDeadline)}
    assert "due:q" not in {one.name for one in play.of(ClearDeadline)}


# --- why it cannot -----------------------------------------------------------------------------------------------


CALL = "calls: {c: {action: t.do, undo: {action: t.undo}}}"
QUESTION = 'asks: {q: {title: "?", role: r, due: 1 day, escalate: [{after: 1 h, role: boss}]}}'
CHILD = "children: {k: {definition: other}}"
B, C = "b: {on: {more: c}}", "c: {on: {end: e}}"


@pytest.mark.parametrize(
    ("events", "swaps", "renamed", "reason"),
    [
        (
            ("go", "more"),
            (),
            {"c": "gone"},
            "it stands in c, which the new version does not have; say which state",
        ),
        (("go", "more"), (), {"c": "e"}, "e is an end in the new version"),
        (
            ("go", "more"),
            ((C, "c: {on: {end: e}, states: {c1: {}}}"),),
            {},
            "c has states in it; say which of them",
        ),
        (
            ("go", "more"),
            ((C, "c: {on: {end: e}, parallel: true, states: {c1: {}, c2: {}}}"),),
            {"c": "c1"},
            "c1 cannot be active alone in c",
        ),
        ((), ((CALL, ""),), {}, "it waits for the call c, which the new version does not have"),
        ((), ((CHILD, ""),), {}, "it waits for the child k, which the new version does not have"),
        (
            (),
            ((QUESTION, ""), (CHILD, "children: {k: {definition: other}, q: {definition: other}}")),
            {},
            "it waits for the ask q, which the new version does not have",
        ),
        (
            (),
            ((QUESTION, ""), (B, 'b: {asks: {q: {title: "?", role: r}}, on: {more: c}}')),
            {},
            "it waits for q, which belongs to b in the new version",
        ),
    ],
)
def test_where_it_would_not_stand_or_wait_it_cannot_go(
    events: tuple[str, ...], swaps: tuple[tuple[str, str], ...], renamed: dict[str, str], reason: str
) -> None:
    found = reasons(at(*events), changed(*swaps), renamed)
    assert [one for one in found if one.startswith(reason)], found


def test_a_run_that_is_over_in_the_old_version_may_be_so_in_the_new_one() -> None:
    play = at("go", "more", "end")
    moved(play, changed(("b: {on: {more: c}}", "b: {on: {more: c, x: a}}")))
    assert (play.state, play.run.status) == ("e", Status.DONE)


def cancelling() -> Play:
    play = at()
    play.done("c")
    play.operate("cancel")
    assert play.run.open["undo"].kind is Kind.UNDO
    return play


def undoing() -> Play:
    play = at()
    play.done("c")
    play.send("back")
    return play


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (cancelling, "it is being cancelled"),
        (undoing, "it takes work back, which the new version does not do there"),
    ],
)
def test_what_is_being_taken_back_is_waited_for(before: Callable[[], Play], reason: str) -> None:
    new = changed(("u: {undoes: true, on", "u: {on"))
    assert reasons(before(), new) == [reason]


def test_one_region_is_not_left_alone() -> None:
    two = definition(
        "{initial: p, states: {p: {parallel: true, states: {l: {}, r: {}}, on: {go: one}}, one: {on: {back: p}}}}"
    )
    one = definition("{initial: p, states: {p: {states: {l: {on: {x: r}}, r: {}}}}}")
    assert reasons(Play(two), one) == ["l, r cannot be active alone in p"]
    assert reasons(Play(two), two, {"r": "one"}) == [
        "p, one cannot be active alone in d",
        "l cannot be active alone in p",
    ]


@settings(max_examples=15)
@given(charts())
def test_to_a_version_that_is_called_otherwise_every_run_can_go_and_stays_as_it_is(chart: Definition) -> None:
    newer = replace(chart, title="Newer")
    start = {"x": 0, "y": 0}
    try:
        run = begin(chart, run_id="r", key="k", data=start, actor="a", now=NOW).run
    except Endless:
        return
    there, event = prepared(chart, newer, run, {}, "", "eva")
    assert there == run
    assert event.data == {"from": chart.hash, "begin": [], "clear": [], "keep": []}
    after = step(newer, there, event, NOW).run
    assert after == replace(run, definition_hash=newer.hash, version=run.version + 1)


# --- what has to be said ----------------------------------------------------------------------------------------


def unplaced(play: Play, new: Definition, renamed: Mapping[str, str] | None = None) -> list[tuple[str, list[str]]]:
    """Of which states it has to be said what they become, and what they may."""
    with pytest.raises(CannotUpgrade) as refused:
        prepared(play.rules, new, play.run, renamed or {}, "", "eva")
    return [(one.state, [name for name, _ in one.choices]) for one in refused.value.unplaced]


SMALL = "initial: a\nstates:\n  a: {on: {go: b}}\n  b: {on: {end: e}}\n  e: {final: true}\n"


def test_a_state_that_is_no_more_may_become_any_that_can_be_stood_in() -> None:
    play = Play("name: d\n" + SMALL, {})
    new = definition("name: d\n" + SMALL.replace("initial: a", "initial: n").replace("  a:", "  n:"))
    assert unplaced(play, new) == [("a", ["n", "b"])], "no end: it would be over without having been done"
    assert unplaced(play, new, {"a": "nowhere"}) == [("a", ["n", "b"])]
    moved(play, new, {"a": "b"})
    assert play.state == "b"


def test_a_state_that_has_states_in_it_now_may_become_one_of_them() -> None:
    play = Play("name: d\n" + SMALL, {})
    new = definition(
        "name: d\ninitial: a\nstates:\n  a: {initial: x, states: {x: {on: {on: y}}, y: {}}, on: {go: b}}\n"
        "  b: {on: {end: e}}\n  e: {final: true}\n"
    )
    assert unplaced(play, new) == [("a", ["x", "y"])]
    moved(play, new, {"a": "y"})
    assert play.state == "y"


def test_nothing_has_to_be_said_where_it_is_refused_for_another_reason() -> None:
    play = Play("name: d\n" + SMALL, {})
    new = definition("name: d\ninitial: b\nstates:\n  a: {final: true}\n  b: {on: {end: a}}\n")
    assert unplaced(play, new) == []
