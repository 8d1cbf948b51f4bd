"""What is wrong with a definition: found when it is built, so that no run ever meets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from workflows.chart import chart_of
from workflows.errors import DefinitionError
from workflows.expressions import ExpressionError, check_templates, compile_expression
from workflows.parts import Ask, Call, Child, State, Transition, Whole

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,119}(?<!\.)|[A-Za-z][A-Za-z0-9_.]{0,117}\.\*|\*|")
_ASSIGNMENT = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(.+)", re.DOTALL)
RESULTS = ("done", "failed", "overdue")
"""Events of these families come of themselves: `done.NAME`."""

_Wrong = Callable[[str], DefinitionError]


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
        DefinitionError: the first thing that is wrong.
    """

    def wrong(reason: str) -> DefinitionError:
        return DefinitionError(definition.name, reason)

    try:
        _check_states(definition, wrong)
        _check_work(definition, wrong)
        _check_transitions(definition, wrong)
        _check_deadlines(definition, wrong)
        _check_reach(definition, wrong)
    except ExpressionError as fault:
        raise wrong(str(fault)) from fault


def _check_states(definition: Whole, wrong: _Wrong) -> None:
    known: dict[str, State] = {}
    for state in definition.states:
        if state.name in known:
            raise wrong(f"the state {state.name!r} is listed twice")
        if not _NAME.fullmatch(state.name):
            raise wrong(f"the state {state.name!r} needs a name of letters, digits and _")
        if state.parent and state.parent not in known:
            raise wrong(f"state {state.name}: there is no state {state.parent!r} before it to stand in")
        if state.parent and known[state.parent].final:
            raise wrong(f"state {state.name}: {state.parent} is final, nothing stands in it")
        known[state.name] = state
    top = [state.name for state in definition.states if not state.parent]
    if definition.initial not in top:
        raise wrong(f"its initial state {definition.initial!r} is not among its states")
    children: dict[str, list[str]] = {name: [] for name in known}
    for state in definition.states:
        if state.parent:
            children[state.parent].append(state.name)
    for state in definition.states:
        own = children[state.name]
        if state.initial and state.initial not in own:
            raise wrong(f"state {state.name}: its initial state {state.initial!r} does not stand in it")
        if state.parallel and (len(own) < 2 or state.initial):
            raise wrong(f"state {state.name}: a parallel state needs two children at least, and no initial one")
    for old, new in definition.renamed.items():
        if new not in known:
            raise wrong(f"renamed: {old} is to become {new!r}, which is no state")


def _check_work(definition: Whole, wrong: _Wrong) -> None:
    seen: set[str] = set()
    for state in definition.states:
        for one in state.work:
            where = f"state {state.name}: {one.name}"
            if one.name == "undo":
                raise wrong(f"{where}: that name is kept for what takes work back")
            if one.name in seen:
                raise wrong(f"{where}: that name is taken; each call, question and child needs one of its own")
            if not _NAME.fullmatch(one.name):
                raise wrong(f"{where} needs a name of letters, digits and _")
            seen.add(one.name)
            _check_one(one, where, wrong)
        if state.final and (state.calls or state.asks or state.children or state.undoes):
            raise wrong(f"state {state.name}: it is final, nothing is done in it")
        _check_changes(wrong, f"state {state.name}", (*state.entry, *state.exit), definition)


def _check_one(one: Call | Ask | Child, where: str, wrong: _Wrong) -> None:
    match one:
        case Call():
            check_templates(one.params)
            check_templates(one.undo.params if one.undo else {})
            retry = one.retry
            if retry.attempts < 1 or min(retry.first, retry.jitter) < 0 or retry.factor < 1 or one.timeout <= 0:
                raise wrong(f"{where}: attempts and factor must be 1 at least, timeout above 0, nothing negative")
        case Ask():
            check_templates([one.title, one.person, *one.apart_from, *(step.person for step in one.escalate)])
            for expression in one.shows:
                compile_expression(expression)
            if not one.role and not one.person:
                raise wrong(f"{where}: say who is asked: a role or a person")
            if not one.decisions or min(one.decisions.values()) < 1:
                raise wrong(f"{where}: it needs decisions, each of one vote at least")
            if bad := [name for name in one.decisions if not _NAME.fullmatch(name) or name in RESULTS]:
                raise wrong(f"{where}: {bad[0]!r} cannot be a decision")
            if any(not step.role and not step.person for step in one.escalate):
                raise wrong(f"{where}: an escalation needs a role or a person")
        case Child():
            check_templates(one.params)


def _check_transitions(definition: Whole, wrong: _Wrong) -> None:
    states = {state.name: state for state in definition.states}
    closed: set[tuple[str, str]] = set()
    for t in definition.transitions:
        where = f"transition {t.source} --{t.event or 'always'}--> {t.target or t.source}"
        for name in (t.source, t.target or t.source):
            if name not in states:
                raise wrong(f"{where}: there is no state {name!r}")
        if not _EVENT.fullmatch(t.event):
            raise wrong(f"{where}: {t.event!r} is no name of an event")
        if states[t.source].final:
            raise wrong(f"{where}: {t.source} is final, nothing leaves it")
        if not t.event and not t.target:
            raise wrong(f"{where}: it would be taken for ever; give it an event or a target")
        _check_guards(wrong, where, t, definition.rules.guards)
        _check_changes(wrong, where, t.changes, definition)
        for event in t.raises:
            if not _NAME.fullmatch(event.replace(".", "_")):
                raise wrong(f"{where}: {event!r} is no name of an event")
        if (t.source, t.event) in closed:
            raise wrong(f"{where} can never be taken: one before it has no guard")
        if not t.guards:
            closed.add((t.source, t.event))


def _check_guards(wrong: _Wrong, where: str, t: Transition, known: Mapping[str, object]) -> None:
    for guard in t.guards:
        if guard in known:
            continue
        if guard.isidentifier():
            raise wrong(f"{where}: there is no guard {guard!r}; known are {', '.join(sorted(known)) or 'none'}")
        compile_expression(guard)


def _check_changes(wrong: _Wrong, where: str, changes: Iterable[str], definition: Whole) -> None:
    known = definition.rules.changes
    for change in changes:
        if change in known:
            continue
        set_to = assignment(change)
        if set_to is None:
            raise wrong(f"{where}: there is no change {change!r}; known are {', '.join(sorted(known)) or 'none'}")
        compile_expression(set_to[1])


def _check_deadlines(definition: Whole, wrong: _Wrong) -> None:
    states = {state.name for state in definition.states}
    seen: set[str] = set()
    for d in definition.deadlines:
        where = f"deadline {d.name}"
        if d.name in seen:
            raise wrong(f"{where} is there twice")
        seen.add(d.name)
        if (d.after is None) == (not d.at):
            raise wrong(f"{where}: say when, with `after` or with `at`")
        known = definition.rules.instants
        if d.at and d.at not in known:
            if d.at.isidentifier():
                raise wrong(
                    f"{where}: there is no instant {d.at!r}; known are {', '.join(sorted(known)) or 'none'}"
                )
            compile_expression(d.at)
        if unknown := set(d.states) - states:
            raise wrong(f"{where}: there is no state {min(unknown)!r}")
        if not any(matches(t.event, d.event) for t in definition.transitions):
            raise wrong(f"{where}: no transition takes the event {d.event!r}")


def _check_reach(definition: Whole, wrong: _Wrong) -> None:
    chart = chart_of(definition.states)
    reached = set(chart.entered(definition.initial, ""))
    while True:
        targets = {t.target for t in definition.transitions if t.target and t.source in reached}
        more = {name for target in targets for name in chart.entered(target, "")} - reached
        if not more:
            break
        reached |= more
    if lost := set(chart.order) - reached:
        raise wrong(f"the state {min(lost)!r} cannot be reached")
