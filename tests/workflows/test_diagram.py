"""Diagrams: boxes, arrows and words on them."""

from __future__ import annotations

from workflows.diagram import mermaid, picture_of, words_of
from workflows.parts import Rules
from workflows.written import read_definition

TRIP = read_definition(
    """
name: trip
initial: planning
states:
  planning:
    title: "Planning: where to"
    asks:
      budget: {title: Budget, role: owner, decisions: {approve: 2, send_back: 1}}
    on:
      approve.budget: {to: booking, if: event.form.amount < 1000}
      send_back.budget: gone
      overdue.budget: gone
      note: {do: note = event.text}
      too_late: gone
  booking:
    parallel: true
    on: {done.state.booking: end}
    states:
      train:
        calls: {seat: {action: rail.book}}
        states:
          seek: {on: {done.seat: found, failed.seat: found}}
          found: {final: true}
      bed:
        children: {room: {definition: stay}}
        states:
          look:
            always:
              - {to: paid, if: data.paid}
              - asked
          asked: {on: {pay: paid}}
          paid: {final: true}
  end: {final: true}
  gone: {final: true}
deadlines:
  late: {in: planning, after: 2 days, event: too_late}
""",
    Rules(),
)


def test_every_state_is_a_box_with_what_is_done_in_it() -> None:
    boxes = {box.name: box for box in picture_of(TRIP).boxes}
    assert boxes["planning"].notes == ("asks owner",)
    assert (boxes["train"].parent, boxes["train"].notes) == ("booking", ("rail.book",))
    assert boxes["bed"].notes == ("starts stay",)
    assert {name for name, box in boxes.items() if box.first} == {"planning", "seek", "look"}
    assert boxes["booking"].parallel
    assert boxes["gone"].final


def test_ways_between_the_same_states_are_one_arrow_with_short_words() -> None:
    arrows = {(one.source, one.target): one.labels for one in picture_of(TRIP).arrows}
    assert arrows == {
        ("planning", "booking"): ("approve",),
        ("planning", "gone"): ("send back", "overdue", "after 2 days"),
        ("booking", "end"): ("all done",),
        ("seek", "found"): ("done", "fails"),
        ("look", "paid"): ("if paid",),
        ("look", "asked"): ("otherwise",),
        ("asked", "paid"): ("pay",),
    }
    assert picture_of(TRIP).arrows[0].details == ("approve.budget if event.form.amount < 1000",)


def test_mermaid_nests_states_divides_parallel_ones_and_marks_what_is_active() -> None:
    text = mermaid(picture_of(TRIP), active=["booking", "look"])
    assert text.splitlines()[:2] == ["stateDiagram-v2", '  state "Planning  where to" as planning']
    assert '  state "Booking" as booking {' in text
    assert "    --\n" in text
    assert "  booking --> end_ : all done" in text, "what Mermaid keeps for itself is called otherwise"
    assert text.endswith("  classDef active stroke-width:3px\n  class booking,look active\n")


MORE = read_definition(
    """
name: more
initial: asking
states:
  asking:
    asks:
      one: {title: x, person: "{run.started_by}"}
      two: {title: x, person: "{data.line_manager}"}
      three: {title: x, person: "{data.a.b}"}
      four: {title: x, person: ana}
      five: {title: x, role: boss}
      six: {title: x, role: boss}
    on:
      '*': {to: back, if: [event.amount > data.limit and event.amount < 100000, ready]}
      due: back
      stay: {do: x = 1}
    states:
      first: {on: {x.y: second, go: {to: second, if: data.x}}}
      second: {states: {in: {always: out}, out: {final: true}}, on: {done.state.second: first}}
  back: {undoes: true, on: {done.undo: end}}
  end: {final: true}
deadlines:
  due: {in: asking, at: data.due, event: due}
""",
    Rules(guards={"ready": lambda data, event, now: True}),
)


def test_whoever_is_asked_is_named_as_far_as_the_definition_does() -> None:
    boxes = {box.name: box for box in picture_of(MORE).boxes}
    assert boxes["asking"].notes == ("asks who started it", "asks line manager", "asks a person", "asks boss")
    assert boxes["back"].notes == ("takes back what was done",)


def test_arrows_say_in_a_few_words_when_they_are_taken() -> None:
    arrows = {(one.source, one.target): one for one in picture_of(MORE).arrows}
    assert {way: one.labels for way, one in arrows.items()} == {
        ("asking", "back"): ("anything", "due"),
        ("first", "second"): ("x", "go"),
        ("second", "first"): ("done",),
        ("in", "out"): (),
        ("back", "end"): ("taken back",),
    }
    assert arrows["asking", "back"].details == (
        "* if event.amount > data.limit and event.amount < 100000 and ready",
        "due",
    )
    assert arrows["in", "out"].details == ("at once",)


def test_long_conditions_are_cut_and_functions_written_in_words() -> None:
    text = """
name: d
initial: a
states:
  a: {always: [{to: b, if: [is_ready, data.amount > 1000 and data.amount < 5000]}, {to: b, if: is_ready}]}
  b: {}
"""
    rules = Rules(guards={"is_ready": lambda data, event, now: True})
    (arrow,) = picture_of(read_definition(text, rules)).arrows
    assert arrow.labels == ("if is ready and amount > 1000 and…", "if is ready")


def test_an_arrow_without_words_and_a_picture_without_marks_are_written_plainly() -> None:
    text = mermaid(picture_of(MORE))
    assert "\n  in --> out\n" in text
    assert "classDef" not in text
    assert mermaid(picture_of(MORE), active=["gone"]) == text


def test_names_are_written_in_words() -> None:
    assert (words_of("not_needed"), words_of("needed_by"), words_of("x")) == ("Not needed", "Needed by", "X")
