"""A turn: which transitions are taken, in which order content runs, and what is begun and withdrawn by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.charts import charts, events_of
from tests.workflows.core.play import NOW, Play, definition
from workflows.definition import Definition
from workflows.effects import Announce, ClearDeadline, CloseTask, OpenTask, Request, StartChild, Withdraw
from workflows.errors import Endless
from workflows.machine import begin, step
from workflows.parts import Rules
from workflows.run import OVER, Doing, Event, Status


def trace(text: str, *events: str) -> list[str]:
    """Where a run stands after its start and after each event."""
    play = Play(text)
    found = [play.state]
    for event in events:
        play.send(event)
        found.append(play.state)
    return found


# --- which transitions are taken ---------------------------------------------------------------------------------


def test_the_first_whose_guards_agree_is_taken() -> None:
    text = """
        initial: a
        states:
          a:
            on:
              go:
                - {to: b, if: [event.n > 1, event.n < 3]}
                - {to: c, if: event.n > 1}
                - d
          b: {}
          c: {}
          d: {}
    """
    for number, state in ((1, "d"), (2, "b"), (3, "c")):
        play = Play(text)
        play.send("go", {"n": number})
        assert play.state == state


def test_a_guard_and_a_change_may_be_functions() -> None:
    rules = Rules(
        guards={"after_noon": lambda data, event, now: now.hour >= 12},
        changes={"note": lambda data, event, now: {**data, "by": event.actor}},
    )
    text = "{initial: a, states: {a: {on: {go: {to: b, if: after_noon, do: note}}}, b: {}}}"
    play = Play(definition(text, rules), {"x": 1}, now=NOW.replace(hour=9))
    play.send("go")
    assert play.state == "a"
    play.now = NOW.replace(hour=13)
    play.send("go", actor="bo")
    assert (play.state, play.run.data) == ("b", {"x": 1, "by": "bo"})


def test_the_innermost_state_goes_first_and_whole_names_before_patterns_by_their_order() -> None:
    text = """
        initial: out
        states:
          out:
            on: {x.y: far, '*': far}
            states:
              in: {on: {x.*: out2}}
              out2: {}
          far: {}
    """
    assert trace(text, "x.y", "x.y") == ["in", "out2", "far"]
    assert trace(text, "z") == ["in", "far"]


def test_in_parallel_states_each_takes_its_own_way_in_one_step() -> None:
    text = """
        initial: p
        states:
          p:
            parallel: true
            states:
              l: {states: {l1: {on: {go: l2}}, l2: {}}}
              r: {states: {r1: {on: {go: r2}}, r2: {on: {go: r1}}}}
    """
    assert trace(text, "go", "go") == ["l1,r1", "l2,r2", "l2,r1"]


def test_of_two_ways_that_leave_the_same_the_inner_one_is_taken_and_else_the_first() -> None:
    both_leave = """
        initial: p
        states:
          p:
            parallel: true
            states:
              l: {states: {l1: {on: {go: one}}}}
              r: {states: {r1: {on: {go: two}}}}
          one: {}
          two: {}
    """
    assert trace(both_leave, "go") == ["l1,r1", "one"]
    inner_wins = """
        initial: p
        states:
          p:
            parallel: true
            on: {go: far}
            states:
              l: {states: {l1: {}, l2: {}}, on: {jump: l2}}
              r: {states: {r1: {on: {go: r2}}, r2: {}}}
          far: {}
    """
    assert trace(inner_wins, "jump", "go", "go") == ["l1,r1", "l2,r1", "l2,r2", "far"]


def test_a_way_without_a_target_leaves_nothing_and_conflicts_with_nothing() -> None:
    text = """
        initial: p
        states:
          p:
            parallel: true
            states:
              l: {on: {go: {do: x = 1}}}
              r: {states: {r1: {on: {go: r2}}, r2: {}}}
    """
    play = Play(text)
    play.send("go")
    assert (play.state, play.run.data) == ("l,r2", {"x": 1})


def test_what_is_left_is_left_from_inside_and_what_is_entered_is_entered_from_outside() -> None:
    text = """
        initial: a
        states:
          a:
            exit: log = [data.log, 'exit a']
            states:
              a1: {exit: "log = [data.log, 'exit a1']", on: {go: {to: b, do: "log = [data.log, 'way']"}}}
          b:
            entry: log = [data.log, 'enter b']
            states: {b1: {entry: "log = [data.log, 'enter b1']"}}
    """
    play = Play(text)
    play.send("go")
    seen: list[object] = []
    rest: object = play.run.data["log"]
    while isinstance(rest, list):
        rest, last = rest
        seen.insert(0, last)
    assert seen == ["exit a1", "exit a", "way", "enter b", "enter b1"]


# --- run to completion -------------------------------------------------------------------------------------------


def test_what_is_raised_comes_before_anything_from_outside_and_after_ways_without_an_event() -> None:
    text = """
        initial: a
        states:
          a: {on: {go: {to: b, raise: [one, two]}}}
          b: {always: c}
          c: {on: {one: d}}
          d: {on: {two: {to: e, do: who = event.by}}}
          e: {}
    """
    play = Play(text)
    play.send("go", {"n": 5}, actor="bo")
    assert (play.state, play.run.data, play.run.version) == ("e", {"who": "bo"}, 2)
    assert play.of(Announce) == [Announce(run="r", version=2, event="go")]


def test_a_raised_event_carries_the_data_of_its_cause() -> None:
    text = "{initial: a, states: {a: {on: {go: {raise: [more]}, more: {do: x = event.n}}}}}"
    play = Play(text)
    play.send("go", {"n": 5})
    assert play.run.data == {"x": 5}


def test_a_state_is_done_when_a_final_one_in_it_is_entered_and_a_parallel_one_when_all_are() -> None:
    text = """
        initial: p
        states:
          p:
            parallel: true
            on: {done.state.p: end, done.state.l: {do: left = true}}
            states:
              l: {states: {l1: {on: {one: l2}}, l2: {final: true}}}
              r:
                parallel: true
                states:
                  s: {states: {s1: {on: {two: s2}}, s2: {final: true}}}
                  t: {states: {t1: {on: {three: t2}}, t2: {final: true}}}
          end: {final: true}
    """
    play = Play(text)
    for event, state in (("two", "l1,s2,t1"), ("one", "l2,s2,t1"), ("three", "end")):
        play.send(event)
        assert play.state == state
    assert (play.run.data, play.run.status) == ({"left": True}, Status.DONE)


@pytest.mark.parametrize(
    "text",
    [
        "{initial: a, states: {a: {always: b}, b: {always: a}}}",
        "{initial: a, states: {a: {on: {go: {raise: go}}}}}",
    ],
)
def test_a_definition_that_turns_in_a_circle_leaves_the_run_as_it_was(text: str) -> None:
    with pytest.raises(
        Endless, match="the definition 'd' turns in a circle, so 'r' was left as it was"
    ) as refused:
        Play(text).send("go")
    assert refused.value.code == "endless"


def test_the_end_stops_everything() -> None:
    text = """
        initial: a
        states:
          a:
            calls: {c: {action: t.do}}
            asks: {q: {title: "?", role: r}}
            on: {go: {to: end, raise: [again]}}
          end: {final: true}
        deadlines: {late: {in: a, after: 5, event: go}}
    """
    play = Play(text)
    play.send("go")
    assert (play.run.status, play.run.open) == (Status.DONE, {})
    assert [type(one) for one in play.effects] == [Withdraw, CloseTask, ClearDeadline, Announce]


# --- what is done in states --------------------------------------------------------------------------------------


def test_work_begins_only_where_the_run_comes_to_rest() -> None:
    text = """
        initial: a
        states:
          a: {calls: {first: {action: t.do}}, always: b}
          b: {calls: {second: {action: t.do, with: {x: "{data.x}"}}}, entry: x = run.id}
    """
    play = Play(text)
    assert [(one.name, one.params) for one in play.of(Request)] == [("second", {"x": "r"})]
    assert list(play.run.open) == ["second"]


def test_work_is_begun_in_the_order_of_the_document_calls_before_questions_before_children() -> None:
    text = """
        initial: p
        states:
          p:
            parallel: true
            children: {k: {definition: other}}
            calls: {c: {action: t.do}}
            asks: {q: {title: "?", role: r}}
            states: {l: {calls: {in_l: {action: t.do}}}, r: {}}
    """
    play = Play(text)
    assert [type(one) for one in play.effects] == [Request, OpenTask, StartChild, Request, Announce]


def test_a_state_that_is_left_wants_nothing_any_more() -> None:
    text = """
        initial: a
        states:
          a:
            calls: {c: {action: t.do}, bad: {action: t.do}}
            asks: {q: {title: "?", role: r, due: 5}}
            children: {k: {definition: other}}
            on: {go: b}
          b: {}
    """
    play = Play(text)
    play.fail("bad")
    assert play.run.status is Status.STUCK
    play.send("go")
    assert play.of(Withdraw) == [Withdraw(run="r", name="c", number=1), Withdraw(run="r", name="k", number=1)]
    assert [one.decision for one in play.of(CloseTask)] == [""]
    assert (play.run.status, play.run.trouble) == (Status.ACTIVE, ""), "what had failed is left behind"


def test_what_is_done_is_remembered_with_what_takes_it_back() -> None:
    text = """
        initial: a
        states:
          a:
            calls:
              c:
                action: t.do
                save: c
                undo: {action: t.undo, with: {id: "{event.result.id}", x: "{data.x}", c: "{data.c}"}}
            on: {again: a}
    """
    play = Play(text, {"x": 1})
    play.done("c", {"id": 7})
    assert play.run.undo == (Doing(name="c", action="t.undo", params={"id": 7, "x": 1, "c": {"id": 7}}),)
    play.send("again")
    play.done("c", {"id": 8})
    assert [one.params["id"] for one in play.run.undo] == [7, 8]


BACK = """
initial: work
states:
  work:
    calls: {one: {action: t.one, undo: {action: t.undo_one}}, two: {action: t.two, undo: {action: t.undo_two}}}
    on: {back: back}
  back: {undoes: true, on: {done.undo: gone, leave: work}}
  gone: {}
"""


def test_a_state_that_takes_back_does_so_one_by_one_the_last_first() -> None:
    play = Play(BACK)
    play.done("one")
    play.done("two")
    play.send("back")
    assert [one.action for one in play.of(Request)] == ["t.undo_two"]
    play.done("undo")
    assert [one.action for one in play.of(Request)] == ["t.undo_one"]
    play.done("undo")
    assert (play.state, play.run.undo) == ("gone", ())


def test_where_nothing_was_done_nothing_is_taken_back() -> None:
    play = Play(BACK)
    play.send("back")
    assert (play.state, play.of(Request)) == ("gone", [])


def test_a_state_that_takes_back_and_is_left_stops() -> None:
    play = Play(BACK)
    play.done("one")
    play.send("back")
    number = play.run.open["undo"].number
    play.send("leave")
    assert play.of(Withdraw) == [Withdraw(run="r", name="undo", number=number)]
    assert len(play.run.undo) == 1
    assert play.send("done.undo", {"number": number}).refused


def test_what_is_done_while_something_is_taken_back_is_taken_back_after_it() -> None:
    text = """
        initial: p
        states:
          p:
            parallel: true
            states:
              l:
                states:
                  first: {calls: {one: {action: t.one, undo: {action: t.undo_one}}}, on: {back: back}}
                  back: {undoes: true}
              r: {calls: {two: {action: t.two, undo: {action: t.undo_two}}}}
    """
    play = Play(text)
    play.done("one")
    play.send("back")
    play.done("two")
    assert [one.name for one in play.run.undo] == ["two", "one"]
    play.done("undo")
    assert [one.action for one in play.of(Request)] == ["t.undo_two"]


def test_two_failures_are_looked_at_one_after_the_other() -> None:
    calls = "{c: {action: t.do}, e: {action: t.do}, f: {action: t.do}}"
    text = f"{{owner: clerk, initial: a, states: {{a: {{calls: {calls}}}}}}}"
    play = Play(text)
    play.fail("c", "one")
    play.fail("e", "two")
    assert play.run.trouble == "e: two"
    play.done("f")
    assert (play.run.status, play.run.trouble) == (Status.STUCK, "c: one")
    play.operate("reassign", to="bo")
    play.operate("skip", call="c")
    assert (play.run.status, play.run.trouble, play.run.steward) == (Status.STUCK, "e: two", "bo")


# --- any chart ---------------------------------------------------------------------------------------------------


@settings(max_examples=15)
@given(st.data(), charts())
def test_a_run_of_any_chart_always_stands_in_a_whole_configuration(data: st.DataObject, chart: Definition) -> None:
    names = data.draw(st.lists(events_of(chart), max_size=8))
    now = NOW
    try:
        run = begin(chart, run_id="r", key="k", data={"x": 0, "y": 0}, actor="a", now=now).run
        for name in names:
            now += timedelta(seconds=1)
            taken = step(chart, run, Event(name=name, actor="a"), now)
            assert taken.entry is None or taken.run.version == run.version + 1 == taken.entry.seq
            run = taken.run
            active = {state for leaf in run.states for state in chart.chart.line[leaf]}
            assert list(run.states) == chart.chart.sorted(run.states)
            for state in ("", *active):
                inside = [child for child in chart.chart.children[state] if child in active]
                children = len(chart.chart.children[state])
                assert len(inside) == (children if state in chart.chart.parallel else min(1, children))
            ended = [state for state in active if chart.by_name[state].final and not chart.by_name[state].parent]
            assert (run.status in OVER) == bool(ended)
    except Endless:
        return
