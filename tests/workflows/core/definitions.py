"""Random definitions with all that one can say: charts (`tests.workflows.charts`) with work and deadlines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.workflows.charts import charts
from workflows.definition import Definition
from workflows.parts import Ask, Call, Child, Deadline, Escalation, Retry, State, Undo

WORDS = st.sampled_from(["yes", "on", "null", "1e5", "0o7", "~", "a: b", "# x", "ümläut", " ", "", "é\n", "<<"])
TEXTS = WORDS | st.text(alphabet=st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=12)
"""Texts that YAML must put into quotes, and any others; without placeholders."""
SECONDS = st.floats(0, 1e9) | st.integers(0, 10**6).map(float)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
PARAMS = st.dictionaries(TEXTS, _JSON | st.just("{data.x}"), max_size=2)
_RETRIES = st.builds(
    Retry,
    attempts=st.integers(1, 9),
    first=SECONDS,
    factor=st.floats(1, 9),
    most=SECONDS,
    jitter=st.floats(0, 1),
)
_UNDOS = st.builds(Undo, action=st.just("test.undo"), params=PARAMS)
_STEPS = st.builds(Escalation, after=SECONDS, role=st.just("boss"), person=TEXTS)


def _calls(name: str) -> st.SearchStrategy[Call]:
    return st.builds(
        Call,
        name=st.just(name),
        action=st.just("test.do"),
        params=PARAMS,
        save=st.sampled_from(["", "x"]),
        retry=_RETRIES | st.just(Retry()),
        timeout=st.floats(0.1, 1e6) | st.just(60.0),
        undo=st.none() | _UNDOS,
    )


def _asks(name: str) -> st.SearchStrategy[Ask]:
    return st.builds(
        Ask,
        name=st.just(name),
        title=TEXTS,
        role=st.just("owner"),
        person=st.sampled_from(["", "ana", "{run.started_by}"]),
        decisions=st.dictionaries(st.sampled_from(["approve", "no", "yes"]), st.integers(1, 3), min_size=1),
        apart_from=st.lists(TEXTS, max_size=2).map(tuple),
        shows=st.sampled_from([(), ("data.x",), ("data.x", "run.id")]),
        form=st.none() | st.just({}) | st.just({"type": "object"}),
        due=st.none() | SECONDS,
        escalate=st.lists(_STEPS, max_size=2).map(tuple),
    )


def _children(name: str) -> st.SearchStrategy[Child]:
    return st.builds(Child, name=st.just(name), definition=st.just("chart"), params=PARAMS, save=st.just("y"))


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """A chart in whose states work is done, with deadlines."""
    chart = draw(charts())
    states = [_with_work(draw, state) for state in chart.states]
    events = sorted({t.event for t in chart.transitions if t.event and "*" not in t.event})
    values: dict[str, Any] = {
        "title": draw(TEXTS),
        "owner": draw(TEXTS),
        "data": draw(st.none() | st.just({}) | st.just({"type": "object"})),
        "renamed": draw(st.dictionaries(TEXTS, st.sampled_from([one.name for one in states]), max_size=2)),
        "deadlines": tuple(
            Deadline(
                name=f"d{number}",
                states=tuple(
                    draw(st.lists(st.sampled_from([one.name for one in states]), min_size=1, max_size=2))
                ),
                event=draw(st.sampled_from(events)),
                **({"after": draw(SECONDS)} if draw(st.booleans()) else {"at": "data.x"}),
            )
            for number in range(draw(st.integers(0, 2)))
        ),
    }
    return replace(chart, states=tuple(states), **values)


def _with_work(draw: st.DrawFn, state: State) -> State:
    kinds = draw(st.sampled_from(["", "", "", "c", "a", "k", "cak"])) if not state.final else ""
    return replace(
        state,
        title=draw(st.just("") | TEXTS),
        calls=(draw(_calls(f"c_{state.name}")),) if "c" in kinds else (),
        asks=(draw(_asks(f"a_{state.name}")),) if "a" in kinds else (),
        children=(draw(_children(f"k_{state.name}")),) if "k" in kinds else (),
    )
