"""Rehearsals that are written or walk by themselves, what they tell, and what definitions hardly mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.definition import Definition
from workflows.errors import RehearsalError
from workflows.parts import Rules
from workflows.rehearsal import Refuse, Rehearsal
from workflows.remarks import remarks
from workflows.run import OVER, Status
from workflows.script import play, read_script, rehearse
from workflows.story import as_values, told
from workflows.walk import CAST, MOST_STEPS, STARTER, by_chance, cast_for, first_choices, sample
from workflows.written import WrittenWrong, read_definition

SHIPPED = Path(__file__).parents[2] / "assets" / "workflows"
TRIP = """
name: trip
data: {type: object, properties: {to: {type: string}}}
initial: asked
states:
  asked:
    asks:
      consent: {title: "Go to {data.to}?", role: accounting, decisions: {yes: 2, no: 1}, due: 3 days}
    on: {yes.consent: booking, no.consent: stays, overdue.consent: stays, hurry: {do: fast = true}}
  booking:
    calls: {seat: {action: rail.book, with: {to: "{data.to}"}, save: seat, retry: {first: 10, jitter: 0}}}
    on: {done.seat: gone}
  gone: {final: true}
  stays: {final: true}
"""
SCRIPT = """
people: {bo: member, cy: accounting, di: [accounting, member]}
at: 2026-03-02T09:00
timezone: Europe/Berlin
by: bo
data: {to: Oslo}
answers:
  rail.book: [{again: busy}, {late: 20 s, done: 7a}]
steps:
  - {send: hurry, by: bo}
  - {decide: consent, choose: yes, by: cy}
  - {delegate: consent, to: bo, by: di}
  - {operate: pause, by: bo, reason: Lunch}
  - {operate: resume, by: bo}
  - {wait: 1 day}
  - {decide: consent, choose: yes, by: di}
  - expect: {state: booking, status: active, asked: []}
  - {until: 2026-03-04T09:00}
  - expect: {state: gone, data: {seat: 7a, fast: true}}
"""


def definition(text: str) -> Definition:
    return read_definition(text, Rules())


def shipped() -> list[Definition]:
    return [definition((SHIPPED / f"{name}.yaml").read_text("utf-8")) for name in ("onboarding", "purchase")]


def played(script: str) -> Rehearsal:
    read = read_script(script, name="trip.yaml")
    rehearsal = rehearse(read, definition(TRIP), people=CAST)
    for _ in play(read, rehearsal):
        pass
    return rehearsal


# --- scripts -----------------------------------------------------------------------------------------------------


def test_a_script_is_played_step_by_step_and_told() -> None:
    rehearsal = played(SCRIPT)
    assert list(told(rehearsal)) == [
        "2026-03-02 09:00  bo starts it  -> asked",
        "                  asks consent: accounting or bo (yes needs 2), until 2026-03-05 09:00",
        "2026-03-02 09:00  bo sends hurry",
        "2026-03-02 09:00  cy decides consent: yes",
        "2026-03-02 09:00  di passes consent on to bo",
        "2026-03-02 09:00  bo: pause (Lunch)",
        "2026-03-02 09:00  bo: resume (a rehearsal)",
        "2026-03-03 09:00  di decides consent: yes  -> booking",
        '                  calls seat: rail.book {"to": "Oslo"}',
        "2026-03-03 09:00  done.seat  -> gone",
    ]
    values = as_values(rehearsal)
    assert [(one["event"], one["to"]) for one in values[-2:]] == [("$decide", "booking"), ("done.seat", "gone")]
    assert values[-1]["at"] == "2026-03-03T09:00:30+01:00", "ten seconds until it is tried again, twenty to answer"


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("{decide: consent, choose: maybe, by: cy}", "'maybe' cannot be decided here"),
        ("{decide: consent, by: cy}", "say what is decided"),
        ("{decide: other, choose: yes, by: cy}", "what is asked: consent"),
        ("{send: nothing, by: bo}", "possible is: hurry"),
        ("{until: 2026-01-01}", "is over"),
        ("{expect: {state: gone}}", "state is 'asked', not 'gone' as expected"),
        ("{expect: {asked: [consent, other]}}", "asked is \\['consent'\\]"),
        ("{expect: {data: {to: Rome}}}", "the data is not as expected: {'to': 'Oslo'}"),
    ],
)
def test_what_cannot_be_done_or_is_not_so_is_told_with_its_place(step: str, fault: str) -> None:
    text = SCRIPT.split("steps:")[0] + f"steps:\n  - {step}\n"
    with pytest.raises(WrittenWrong, match=rf"trip\.yaml:10:5: .*{fault}"):
        played(text)


def test_a_script_says_what_is_refused() -> None:
    rehearsal = played(
        SCRIPT.split("answers:")[0]
        + """
answers: {rail.book: {refuse: sold out}}
steps:
  - {decide: consent, choose: yes, by: cy}
  - {decide: consent, choose: yes, by: di}
  - expect: {state: booking, status: stuck}
"""
    )
    assert rehearsal.look().trouble == "seat: sold out"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("steps: [{by: bo}]", "1:9: a step does one of these: decide,"),
        ("steps: [{wait: 1 h, send: x}]", "1:9: a step does one of these"),
        ("steps: [{wait: soon}]", "1:10: steps.0.wait: 'soon' is no length of time"),
        ("steps: []\nanswers: {a.b: [{done: 1, refuse: no}]}", "2:17: an answer is one of"),
        ("steps: []\ncolour: red", "2:1: 'colour' is not known here"),
        ("people: {}", "1:1: it: steps is missing"),
    ],
)
def test_a_script_that_is_none_is_refused_with_every_place(text: str, fault: str) -> None:
    with pytest.raises(WrittenWrong, match=f"s.yaml:{fault}"):
        read_script(text, name="s.yaml")


# --- walks -------------------------------------------------------------------------------------------------------


def test_first_choices_lead_to_an_end() -> None:
    rehearsal = Rehearsal(*shipped(), people=cast_for(*shipped()))
    rehearsal.start(sample(shipped()[0].data, rehearsal), by=STARTER)
    for _ in first_choices(rehearsal):
        pass
    assert rehearsal.state == "settled"
    assert {run.state for run in rehearsal.runs()} == {"settled", "ordered"}


def test_chance_leads_the_same_way_with_the_same_seed_and_elsewhere_with_others() -> None:
    def walked(seed: int) -> list[str]:
        rehearsal = Rehearsal(*shipped(), people=cast_for(*shipped()))
        rehearsal.start(sample(shipped()[0].data, rehearsal), by=STARTER)
        for _ in by_chance(rehearsal, seed):
            pass
        assert rehearsal.status in OVER
        return list(told(rehearsal))

    ways = [walked(seed) for seed in range(6)]
    assert ways == [walked(seed) for seed in range(6)]
    assert len({tuple(way) for way in ways}) > 3


def test_a_circle_is_left_by_choosing_something_else() -> None:
    circle = definition(
        "name: c\ninitial: a\nstates:\n  a:\n    asks: {q: {title: Q, role: member, decisions: [again, enough]}}\n"
        "    on: {again.q: b, enough.q: z}\n  b: {on: {go: a}}\n  z: {final: true}\n"
    )
    rehearsal = Rehearsal(circle, people=CAST)
    rehearsal.start(by=STARTER)
    for _ in first_choices(rehearsal):
        pass
    assert rehearsal.events() == ["start", "$decide", "go", "$decide"]


def test_a_walk_ends_where_nothing_can_be_done_and_where_it_is_stuck() -> None:
    alone = Rehearsal(definition(TRIP), people=CAST)
    alone.start({"to": "Oslo"}, by=STARTER)
    for _ in first_choices(alone):
        pass
    assert alone.state == "stays", "nobody is of accounting, so time decides"
    stuck = Rehearsal(definition(TRIP), people=cast_for(definition(TRIP)))
    stuck.answer("rail.*", Refuse(reason="sold out"))
    stuck.start({"to": "Oslo"}, by=STARTER)
    for _ in first_choices(stuck):
        pass
    assert stuck.status is Status.STUCK
    assert list(told(stuck))[-1] == "                  it is stuck: seat: sold out; owner has to look at it"


def test_what_is_refused_on_the_way_is_left_for_something_else() -> None:
    guarded = definition(
        "name: g\ninitial: a\nstates:\n  a: {on: {never: {to: z, if: data.sure}, go: b}}\n"
        "  b: {on: {go: z}}\n  z: {final: true}\n"
    )
    rehearsal = Rehearsal(guarded, people=CAST)
    rehearsal.start(by=STARTER)
    for _ in first_choices(rehearsal):
        pass
    assert rehearsal.events() == ["start", "go", "go"]


def test_a_walk_ends_where_nothing_leads_on_and_after_so_many_steps() -> None:
    dead = Rehearsal(definition("name: d\ninitial: a\nstates:\n  a: {on: {go: b}}\n  b: {}\n"), people=CAST)
    dead.start(by=STARTER)
    assert len(list(first_choices(dead))) == 1
    endless = definition("name: e\ninitial: a\nstates:\n  a: {on: {go: b}}\n  b: {on: {go: a}}\n")
    circle = Rehearsal(endless, people=CAST)
    circle.start(by=STARTER)
    assert len(list(by_chance(circle, 1))) == MOST_STEPS


def test_people_are_named_for_every_role_that_is_asked() -> None:
    assert cast_for(definition(TRIP)) == {**CAST, "accounting_1": "accounting", "accounting_2": "accounting"}


def test_made_up_values_fit_their_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 12, "maxLength": 12},
            "whole": {"type": ["integer", "null"], "exclusiveMinimum": 0, "maximum": 5},
            "much": {"type": "number", "minimum": 1000},
            "day": {"type": "string", "format": "date"},
            "who": {"type": "string", "format": "person"},
            "one": {"enum": ["b", "a"]},
            "list": {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
            "always": {"const": 3},
            "often": {"type": "string", "default": "tea"},
            "mail": {"type": "string", "format": "email"},
            "at": {"type": "string", "format": "date-time"},
            "clock": {"type": "string", "format": "time"},
            "none": {"type": "null"},
            "any": True,
        },
    }
    simple = "name: s\ninitial: a\nstates:\n  a: {on: {go: b}}\n  b: {final: true}\n"
    rehearsal = Rehearsal(definition(simple), people=CAST)
    value = sample(schema, rehearsal)
    assert (value["whole"], value["much"], value["one"], value["list"]) == (5, 1000, "b", [True, True])
    assert sample(None, rehearsal) == {}
    with_schema = Rehearsal(definition(simple.replace("initial", f"data: {schema}\ninitial".replace("'", '"'))))
    with_schema.start(value)
    with pytest.raises(RehearsalError, match="does not fit"):
        with_schema.start({**value, "whole": 6})


# --- remarks -----------------------------------------------------------------------------------------------------


def test_what_runs_could_not_get_past_is_remarked() -> None:
    odd = definition("""
name: odd
initial: a
states:
  a:
    asks:
      q: {title: Q, role: owner, decisions: [yes, no], due: 1 day}
      late: {title: Late, role: owner, decisions: [ok], due: 1 day, escalate: [{after: 1 h, role: member}]}
    calls: {tell: {action: x.y}}
    children: {sub: {definition: other}}
    on: {yes.q: c, ok.late: back}
  b: {}
  c:
    calls: {do: {action: x.y}, other: {action: x.y}}
    on: {done.other: b}
  back: {undoes: true, on: {go: end}}
  end: {final: true}
""")
    assert [(path[-1], text.split(":")[0]) for path, text in remarks(odd)] == [
        ("no", "q"),
        ("due", "q"),
        ("sub", "sub"),
        ("b", "state b"),
        ("do", "do"),
        ("undoes", "state back"),
    ]
    assert "write no.q under `on`" in remarks(odd)[0][1]


def test_what_atrium_brings_gives_no_cause_for_remarks() -> None:
    assert [text for one in shipped() for _, text in remarks(one)] == []


def test_a_field_whose_name_the_parser_keeps_for_itself_is_told_with_a_way_out() -> None:
    text = "name: k\ninitial: a\nstates:\n  a: {on: {go: {to: z, if: data.from > 1}}}\n  z: {final: true}\n"
    with pytest.raises(WrittenWrong, match=r"'from' cannot stand after a dot; write \['from'\]"):
        definition(text)
    rehearsal = Rehearsal(definition(text.replace("data.from > 1", "\"data['from'] > 1\"")))
    rehearsal.start({"from": 2})
    assert rehearsal.send("go").state == "z"
    with pytest.raises(WrittenWrong, match="invalid syntax"):
        definition(text.replace("data.from > 1", "data.x >"))
