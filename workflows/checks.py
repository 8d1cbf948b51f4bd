"""What is wrong with a definition: found when it is built, so that no run ever meets it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from workflows.chart import chart_of
from workflows.errors import DefinitionError
from workflows.expressions import NAMES, WORK_NAMES, ExpressionError, Path, compile_expression, template_faults
from workflows.parts import UNDO, Ask, Call, Child, Deadline, State, Transition, Whole

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_EVENT = re.compile(r"(?=.{1,120}$)[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")
_ASSIGNMENT = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(.+)", re.DOTALL)
RESULTS = ("done", "failed", "overdue")
"""Events of these families come of themselves: `done.NAME`."""

Problem = tuple[Path, str]
"""Where in the document something is wrong, and what."""


def matches(pattern: str, event: str) -> bool:
    """Whether a transition for `pattern` takes an event of this name."""
    if pattern == event:
        return bool(event)
    if not event or not pattern.endswith("*"):
        return False
    return pattern == "*" or (pattern.endswith(".*") and event.startswith(pattern[:-1]))


def assignment(change: str) -> tuple[str, str] | None:
    """Read a change `field = expression`; None where it is the name of a function."""
    found = _ASSIGNMENT.fullmatch(change)
    return (found[1], found[2].strip()) if found else None


def check(definition: Whole) -> None:
    """Look at all of it.

    Raises:
        DefinitionError: something is wrong; all that is, as far as it can be told.
    """
    for look in (_in_states, _in_tree, _in_content, _in_reach):
        problems = list(look(definition))
        if problems:
            raise DefinitionError(definition.name, problems[0][1], problems)


# --- states ------------------------------------------------------------------------------------------------------


def _paths(definition: Whole) -> Mapping[str, Path]:
    """Where the states stand in the document; of "" the document itself."""
    paths: dict[str, Path] = {"": ()}
    for state in definition.states:
        paths[state.name] = (*paths.get(state.parent, ()), "states", state.name)
    return paths


def _in_states(definition: Whole) -> Iterator[Problem]:
    paths = _paths(definition)
    known: dict[str, State] = {}
    for state in definition.states:
        for reason in _about_state(state, known):
            yield paths[state.name], reason
        known[state.name] = state
    if definition.initial not in {state.name for state in definition.states if not state.parent}:
        yield ("initial",), f"its initial state {definition.initial!r} is not among its states"
    for old, new in definition.renamed.items():
        if new not in known:
            yield ("renamed", old), f"renamed: {old} is to become {new!r}, which is no state"


def _about_state(state: State, known: Mapping[str, State]) -> Iterator[str]:
    if state.name in known:
        yield f"the state {state.name!r} is listed twice"
    if not _NAME.fullmatch(state.name):
        yield f"the state {state.name!r} needs a name of letters, digits and _"
    if not state.parent:
        return
    above = known.get(state.parent)
    if above is None:
        yield f"state {state.name}: there is no state {state.parent!r} before it to stand in"
    elif above.final:
        yield f"state {state.name}: {state.parent} is final, nothing stands in it"
    elif above.parallel and state.final:
        yield f"state {state.name}: it is final, but {state.parent} is parallel; put it into one of its children"


def _in_tree(definition: Whole) -> Iterator[Problem]:
    paths, chart = _paths(definition), chart_of(definition.states)
    for state in definition.states:
        at, own = paths[state.name], chart.children[state.name]
        if state.initial and state.initial not in own:
            yield (*at, "initial"), f"state {state.name}: its initial state {state.initial!r} does not stand in it"
        if state.parallel and (len(own) < 2 or state.initial):
            yield (
                (*at, "parallel"),
                f"state {state.name}: a parallel state needs two children at least, and no initial one",
            )
    for one, other in combinations([state.name for state in definition.states if state.undoes], 2):
        if chart.together(one, other):
            reason = f"state {other}: it and {one} are active together; only one of them can take work back"
            yield (*paths[other], "undoes"), reason


def _in_reach(definition: Whole) -> Iterator[Problem]:
    chart = chart_of(definition.states)
    reached = set(chart.entered(definition.initial, ""))
    more = reached
    while more:
        targets = {t.target for t in definition.transitions if t.target and t.source in reached}
        more = {name for target in targets for name in chart.entered(target, "")} - reached
        reached |= more
    paths = _paths(definition)
    for state in definition.states:
        if state.name not in reached and (not state.parent or state.parent in reached):
            yield paths[state.name], f"the state {state.name!r} cannot be reached"


# --- what is done in them ----------------------------------------------------------------------------------------


def _in_content(definition: Whole) -> Iterator[Problem]:
    yield from _in_work(definition)
    yield from _in_transitions(definition)
    yield from _in_deadlines(definition)


def _in_work(definition: Whole) -> Iterator[Problem]:
    paths = _paths(definition)
    seen: set[str] = set()
    for state in definition.states:
        at, where = paths[state.name], f"state {state.name}"
        if state.final and (state.work or state.undoes):
            yield at, f"{where}: it is final, nothing is done in it"
        yield from _in_changes((*at, "entry"), where, state.entry, definition)
        yield from _in_changes((*at, "exit"), where, state.exit, definition)
        for kind, several in (("calls", state.calls), ("asks", state.asks), ("children", state.children)):
            for one in several:
                place, words = (*at, kind, one.name), f"{where}: {one.name}"
                for reason in _about_name(one.name, seen):
                    yield place, f"{words}: {reason}"
                for below, reason in _in_one(one):
                    yield (*place, *below), f"{words}: {reason}"
                seen.add(one.name)


def _about_name(name: str, seen: set[str]) -> Iterator[str]:
    if name == UNDO:
        yield "that name is kept for what takes work back"
    if name in seen:
        yield "that name is taken; each call, question and child needs one of its own"
    if not _NAME.fullmatch(name):
        yield "it needs a name of letters, digits and _"


def _in_one(one: Call | Ask | Child) -> Iterator[Problem]:
    match one:
        case Call():
            yield from _in_texts({"with": one.params})
            yield from _in_texts({"undo": {"with": one.undo.params if one.undo else {}}}, NAMES)
            retry = one.retry
            if retry.attempts < 1 or retry.factor < 1 or min(retry.first, retry.most, retry.jitter) < 0:
                yield ("retry",), "attempts and factor must be 1 at least, and nothing negative"
            if one.timeout <= 0:
                yield ("timeout",), "timeout must be above 0"
        case Ask():
            yield from _in_ask(one)
        case _:
            yield from _in_texts({"with": one.params})


def _in_ask(ask: Ask) -> Iterator[Problem]:
    people = [{"person": step.person} for step in ask.escalate]
    yield from _in_texts(
        {"title": ask.title, "person": ask.person, "apart_from": ask.apart_from, "escalate": people}
    )
    for number, expression in enumerate(ask.shows):
        yield from _in_expression(("shows", number), expression, WORK_NAMES)
    if not ask.role and not ask.person:
        yield (), "say who is asked: a role or a person"
    if not ask.decisions:
        yield ("decisions",), "it needs decisions"
    for name, votes in ask.decisions.items():
        if not _NAME.fullmatch(name) or name in RESULTS:
            yield ("decisions", name), f"{name!r} cannot be a decision"
        if votes < 1:
            yield ("decisions", name), f"{name} needs one vote at least"
    for number, step in enumerate(ask.escalate):
        if not step.role and not step.person:
            yield ("escalate", number), "an escalation needs a role or a person"


def _in_texts(value: object, known: frozenset[str] = WORK_NAMES) -> Iterator[Problem]:
    for at, fault in template_faults(value, known):
        yield at, str(fault)


def _in_expression(at: Path, expression: str, known: frozenset[str] = NAMES) -> Iterator[Problem]:
    try:
        compile_expression(expression, known)
    except ExpressionError as fault:
        yield at, str(fault)


def _in_changes(at: Path, where: str, changes: Iterable[str], definition: Whole) -> Iterator[Problem]:
    known = definition.rules.changes
    for number, change in enumerate(changes):
        if change in known:
            continue
        set_to = assignment(change)
        if set_to is None:
            yield (*at, number), f"{where}: there is no change {change!r}; known are {_listed(known)}"
            continue
        for place, reason in _in_expression((*at, number), set_to[1]):
            yield place, f"{where}: {reason}"


# --- transitions and deadlines -----------------------------------------------------------------------------------


def _in_transitions(definition: Whole) -> Iterator[Problem]:
    paths = _paths(definition)
    states = {state.name: state for state in definition.states}
    places: Counter[tuple[str, str]] = Counter()
    closed: list[Transition] = []
    for t in definition.transitions:
        where = f"transition {t.source} --{t.event or 'always'}--> {t.target or t.source}"
        if t.source not in states:
            yield (), f"{where}: there is no state {t.source!r}"
            continue
        event = ("on", t.event) if t.event else ("always",)
        at = (*paths[t.source], *event, places[t.source, t.event])
        places[t.source, t.event] += 1
        for below, reason in _in_transition(t, where, states, definition):
            yield (*at, *below), reason
        if any(_covers(one, t) for one in closed):
            yield at, f"{where} can never be taken: one before it has no guard"
        if not t.guards:
            closed.append(t)


def _covers(before: Transition, later: Transition) -> bool:
    """Whether all events of a transition are taken by one that is tried before it."""
    same = before.event == later.event
    return before.source == later.source and (same or matches(before.event, later.event))


def _in_transition(t: Transition, where: str, states: Mapping[str, State], definition: Whole) -> Iterator[Problem]:
    if t.target and t.target not in states:
        yield ("to",), f"{where}: there is no state {t.target!r}"
    if t.event not in ("", "*") and not _EVENT.fullmatch(t.event.removesuffix(".*")):
        yield (), f"{where}: {t.event!r} is no name of an event"
    if states[t.source].final:
        yield (), f"{where}: {t.source} is final, nothing leaves it"
    if not t.event and not t.target:
        yield (), f"{where}: it would be taken for ever; give it an event or a target"
    guards = definition.rules.guards
    for number, guard in enumerate(t.guards):
        yield from _in_named(("if", number), where, "guard", guard, guards, NAMES)
    yield from _in_changes(("do",), where, t.changes, definition)
    for number, event in enumerate(t.raises):
        if not _EVENT.fullmatch(event):
            yield ("raise", number), f"{where}: {event!r} is no name of an event"


def _in_named(
    at: Path, where: str, kind: str, text: str, functions: Mapping[str, object], known: frozenset[str]
) -> Iterator[Problem]:
    """Something that is the name of a function, or an expression."""
    if text in functions:
        return
    if text.isidentifier():
        yield at, f"{where}: there is no {kind} {text!r}; known are {_listed(functions)}"
        return
    for place, reason in _in_expression(at, text, known):
        yield place, f"{where}: {reason}"


def _in_deadlines(definition: Whole) -> Iterator[Problem]:
    seen: set[str] = set()
    for deadline in definition.deadlines:
        at, where = ("deadlines", deadline.name), f"deadline {deadline.name}"
        if deadline.name in seen:
            yield at, f"{where} is there twice"
        seen.add(deadline.name)
        for below, reason in _in_deadline(deadline, where, definition):
            yield (*at, *below), reason


def _in_deadline(deadline: Deadline, where: str, definition: Whole) -> Iterator[Problem]:
    if not _NAME.fullmatch(deadline.name):
        yield (), f"{where} needs a name of letters, digits and _"
    if (deadline.after is None) == (not deadline.at):
        yield (), f"{where}: say when, with `after` or with `at`"
    elif deadline.at:
        instants = definition.rules.instants
        yield from _in_named(("at",), where, "instant", deadline.at, instants, frozenset({"data"}))
    elif deadline.after is not None and deadline.after < 0:
        yield ("after",), f"{where}: `after` must not be negative"
    if not deadline.states:
        yield ("in",), f"{where}: say in which states"
    known = {state.name for state in definition.states}
    for number, name in enumerate(deadline.states):
        if name not in known:
            yield ("in", number), f"{where}: there is no state {name!r}"
    if not _EVENT.fullmatch(deadline.event):
        yield ("event",), f"{where}: {deadline.event!r} is no name of an event"
    elif not any(matches(t.event, deadline.event) for t in definition.transitions):
        yield ("event",), f"{where}: no transition takes the event {deadline.event!r}"


def _listed(known: Mapping[str, object]) -> str:
    return ", ".join(sorted(known)) or "none"
