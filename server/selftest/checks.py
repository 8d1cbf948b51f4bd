"""What must hold after the crash and the recovery: nothing lost, nothing doubled, nothing stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflows.adapters.sql_store import SqlStore
from workflows.run import HistoryEntry, Run
from workflows.store import RunFilter

Notes = Sequence[Mapping[str, Any]]
Expected = Mapping[str, Sequence[str]]
"""What an undisturbed office ends with: a run -> its end, and all that happened to it."""


class Kind(StrEnum):
    """What is wrong."""

    LOST = "lost"
    """Something was answered, or happened, and is not there."""
    DOUBLED = "doubled"
    """Something happened twice, or more than it should."""
    STUCK = "stuck"
    """Something does not go on."""
    REUSED = "keys_reused"
    """A connector got one key for two different requests."""
    AUDIT = "audit_faults"
    """The audit chain does not hold, or does not say what the history says."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class _Whole:
    """All runs with their histories."""

    runs: Mapping[str, Run]
    histories: Mapping[str, Sequence[HistoryEntry]]


async def summary(store: SqlStore) -> Expected:
    """Say how every run ended, and what happened to it in any order: the same wherever the office crashed."""
    whole = await _whole(store)
    return {_name(run): [_end(run), *sorted(_events(whole.histories[run.id]))] for run in whole.runs.values()}


async def findings(store: SqlStore, answered: Notes, called: Notes, expected: Expected) -> list[Finding]:
    """List all that is wrong.

    Args:
        store: the office's, at rest.
        answered: the customer's ledger.
        called: the shop's ledger.
        expected: see `summary`.
    """
    whole = await _whole(store)
    found = [*_answers(whole, answered), *_histories(whole), *_ends(whole, expected), *_calls(called)]
    found += await _rest(store, whole)
    found += await _audit(store, whole)
    return found


async def _whole(store: SqlStore) -> _Whole:
    runs = {run.id: run for run in await store.find(RunFilter())}
    return _Whole(runs, {id: await store.history(id) for id in runs})


def _answers(whole: _Whole, answered: Notes) -> Iterator[Finding]:
    """What was answered is there, and no run went back."""
    for note in answered:
        run = whole.runs.get(note["run"])
        if run is None:
            yield Finding(Kind.LOST, f"the run of {note['key']}")
            continue
        key = note["key"].rpartition(":")[2]
        events = {entry.key for entry in whole.histories[run.id]}
        if run.version < note["version"]:
            yield Finding(Kind.LOST, f"version {note['version']} of {_name(run)}")
        elif key != "start" and key not in events:
            yield Finding(Kind.LOST, f"{key!r} of {_name(run)}")


def _histories(whole: _Whole) -> Iterator[Finding]:
    """A history is as long as its run's version says, without a gap, and no key stands in it twice."""
    for run in whole.runs.values():
        history = whole.histories[run.id]
        numbers = [entry.seq for entry in history]
        if numbers != list(range(1, run.version + 1)):
            kind = Kind.LOST if len(numbers) < run.version else Kind.DOUBLED
            yield Finding(kind, f"{_name(run)} is at version {run.version}, but has the events {numbers}")
        keys = Counter(entry.key for entry in history if entry.key is not None)
        for key in (key for key, times in keys.items() if times > 1):
            yield Finding(Kind.DOUBLED, f"{key!r} of {_name(run)}")


def _ends(whole: _Whole, expected: Expected) -> Iterator[Finding]:
    """Every run ended as it would have without a crash, by the same events."""
    names = Counter(_name(run) for run in whole.runs.values())
    for name, times in names.items():
        if times > 1 or name not in expected:
            yield Finding(Kind.DOUBLED, f"there are {times} runs {name!r}")
    for name in expected.keys() - names.keys():
        yield Finding(Kind.STUCK, f"{name!r} was never started")
    for run in whole.runs.values():
        if _name(run) not in expected:
            continue
        end, *events = expected[_name(run)]
        if _end(run) != end:
            yield Finding(Kind.STUCK, f"{_name(run)} is {_end(run)}, not {end} {run.trouble}")
        seen, wanted = Counter(_events(whole.histories[run.id])), Counter(events)
        for event in seen - wanted:
            yield Finding(Kind.DOUBLED, f"{event} of {_name(run)}: {seen[event]} times, not {wanted[event]}")
        for event in wanted - seen:
            yield Finding(Kind.LOST, f"{event} of {_name(run)}: {seen[event]} times, not {wanted[event]}")


def _calls(called: Notes) -> Iterator[Finding]:
    """The same request always came with the same key, and one key never with two requests."""
    keys: dict[str, set[str]] = {}
    requests: dict[str, set[str]] = {}
    for note in called:
        request = f"{note['verb']} {sorted(note['params'].items())}"
        requests.setdefault(note["key"], set()).add(request)
        keys.setdefault(request, set()).add(note["key"])
    for key, some in requests.items():
        if len(some) > 1:
            yield Finding(Kind.REUSED, f"{key} was used for {sorted(some)}")
    for request, used in keys.items():
        if len(used) > 1:
            yield Finding(Kind.DOUBLED, f"{request} was asked for as {sorted(used)}")


async def _rest(store: SqlStore, whole: _Whole) -> list[Finding]:
    """Nothing is left in the outbox, before people, or on a timer."""
    found = []
    for run in whole.runs.values():
        for request in await store.requests(run.id):
            if request.status in ("waiting", "running"):
                found.append(Finding(Kind.STUCK, f"the request {request.name} of {_name(run)}: {request.status}"))
        for timer in await store.timers(run.id):
            found.append(Finding(Kind.STUCK, f"the timer {timer.name} of {_name(run)}"))
    for task in await store.human_tasks(only_open=True):
        found.append(Finding(Kind.STUCK, f"the question {task.title!r}"))
    return found


async def _audit(store: SqlStore, whole: _Whole) -> list[Finding]:
    """The chain holds, and has one entry for each entry of a history."""
    found = []
    fault = await store.audit_fault()
    if fault is not None:
        found.append(Finding(Kind.AUDIT, f"entry {fault.seq}: {fault.text}"))
    said = Counter((entry.run, entry.version) for entry in await store.audit())
    happened = Counter((entry.run, entry.seq) for history in whole.histories.values() for entry in history)
    if said != happened:
        more, less = said - happened, happened - said
        found.append(Finding(Kind.AUDIT, f"the chain says {sorted(more)} too much, {sorted(less)} too little"))
    return found


def _name(run: Run) -> str:
    """The same in every office, unlike its id."""
    return f"{run.definition}:{run.data.get('what') or run.data.get('of')}"


def _end(run: Run) -> str:
    return f"{run.status.value} in {run.state}"


def _events(history: Sequence[HistoryEntry]) -> list[str]:
    return [f"{entry.event} ({entry.outcome.value})" for entry in history]
