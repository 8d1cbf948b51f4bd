"""The measurements of `benchmarks.workflow`: those in which engines take turns, and those of Atrium's alone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machine import cpu_seconds, load_average
from benchmarks.results import Measurement, Metric, median, percentile, summarise
from benchmarks.workflow_child import NO_STRACE, Child, can_count_syncs, count_syncs
from benchmarks.workflow_peers import DBOS, PEERS, POSTGRES, RAW, SQLITE, Entrant

TRANSITIONS = Metric(
    name="transitions_per_second", label="transitions kept, SQLite", unit="1/s", goal=2000, more_is_better=True
)
TRANSITIONS_POSTGRES = Metric(
    name="transitions_per_second", label="the same, PostgreSQL", unit="1/s", more_is_better=True, store=POSTGRES
)
APPROVAL_P50 = Metric(name="approval_p50_ms", label="click to next state, median", unit="ms", goal=10)
APPROVAL_P99 = Metric(name="approval_p99_ms", label="click to next state, 99 %", unit="ms", goal=50)
SYNCS = Metric(name="fsyncs_per_transition", label="fsyncs for a transition under load", unit="1", goal=0.1)
SERVING = Metric(name="restart_serving_seconds", label="kill -9: until the next approval", unit="s", goal=2)
RUNG = Metric(name="restart_timers_seconds", label="kill -9: until due timers have rung", unit="s", goal=5)
PARKED = Metric(name="parked_rss_mb", label="memory of parked approvals", unit="MB", goal=50)
YEAR = Metric(name="virtual_year_seconds", label="a year in a test", unit="s", goal=1)
AUDIT = Metric(name="audit_verify_seconds", label="audit verified", unit="s", goal=10)
NOISY = Metric(name="noisy_neighbour_p95_increase", label="95 % beside a noisy tenant: more", unit="1", goal=0.2)
METRICS = (
    TRANSITIONS, TRANSITIONS_POSTGRES, APPROVAL_P50, APPROVAL_P99, SYNCS, SERVING, RUNG, PARKED, YEAR, AUDIT,
    NOISY,
)  # fmt: skip
BY_STORE = {SQLITE: TRANSITIONS, POSTGRES: TRANSITIONS_POSTGRES}
WORK_SECONDS, QUICK_SECONDS = 0.02, 0.002
"""Of an effect where one tenant waits beside another: as long as another service takes, and as a call within."""
LONG = 1800.0
"""Seconds that filling a store may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How many times what a peer does Atrium is to do."""

    metric: Metric
    peer: str
    least: float


RATIOS = (
    Ratio(metric=TRANSITIONS, peer=DBOS, least=10),
    Ratio(metric=TRANSITIONS, peer=RAW, least=0.4),
    Ratio(metric=TRANSITIONS_POSTGRES, peer=DBOS, least=2),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much of everything."""

    rounds: int = 3
    warm_seconds: float = 1.5
    load_seconds: float = 5.0
    approvals: int = 100
    """Of a quick engine in each round."""
    slow_approvals: int = 10
    restarted: int = 10_000
    """Runs that wait for an approval when the process is killed."""
    due: int = 1_000
    """Those of them whose timers come due while nobody is there."""
    ring_in: float = 5.0
    parked: int = 100_000
    idle_seconds: float = 3.0
    entries: int = 1_000_000
    queued: int = 10_000
    probes: int = 200


SHORT = Sizes(
    rounds=1, warm_seconds=0.5, load_seconds=1.0, approvals=20, slow_approvals=2, restarted=500, due=100,
    ring_in=2.0, parked=2_000, idle_seconds=1.0, entries=20_000, queued=500, probes=50,
)  # fmt: skip


@dataclass(slots=True)
class Findings:
    """What came of it."""

    say: Callable[[str], None]
    values: dict[tuple[Metric, str | None], list[float]] = field(default_factory=dict)
    counts: dict[tuple[Metric, str | None], int] = field(default_factory=dict)
    """Events behind a value that is no median of runs."""
    notes: list[str] = field(default_factory=list)
    faults: int = 0

    def add(self, metric: Metric, peer: str | None, value: float, count: int | None = None) -> None:
        """Keep one value; several become their median. `count`: the events that it alone stands on."""
        self.values.setdefault((metric, peer), []).append(value)
        if count is not None:
            self.counts[metric, peer] = count

    def note(self, text: str) -> None:
        """Say it now, and again below the table."""
        self.say(text)
        self.notes.append(text)

    def measurements(self) -> list[Measurement]:
        """In the order of the table, Atrium before its peers."""
        found: list[Measurement] = []
        for metric in METRICS:
            for peer in (None, *PEERS):
                if (metric, peer) in self.values:
                    one = summarise(metric, self.values[metric, peer], peer)
                    count = self.counts.get((metric, peer), one.n)
                    found.append(
                        Measurement(
                            name=one.name, value=one.value, unit=one.unit, peer=peer, n=count, store=one.store
                        )
                    )
        return found


def verdicts(found: Sequence[Measurement]) -> list[str]:
    """Say of each ratio to a peer whether it is what was aimed for; those that were not measured are left out."""
    values = {(one.name, one.store, one.peer): one.value for one in found}
    said: list[str] = []
    for ratio in RATIOS:
        own = values.get((ratio.metric.name, ratio.metric.store, None))
        theirs = values.get((ratio.metric.name, ratio.metric.store, ratio.peer))
        if own is not None and theirs:
            times = own / theirs
            judged = "ok" if times >= ratio.least else "MISSED"
            said.append(f"{ratio.metric.label}: {times:.3g} times {ratio.peer} (goal ≥ {ratio.least:g}): {judged}")
    return said


# --- engines take turns -----------------------------------------------------------------------------------------


def transitions(
    store: str, entrants: Sequence[Entrant], place: Callable[[str], str], sizes: Sizes, findings: Findings
) -> None:
    """Everybody under load, round by round; the raw loop with a commit for each transition, too, to compare.

    Args:
        store: `sqlite` or `postgres`.
        entrants: who takes part, as far as they know the store.
        place: gives the path or the address of an empty store for a name.
        sizes: how long, and how often.
        findings: take what is found.
    """
    taking_part = [one for one in entrants if store in one.callers]
    loads = [(one, one.callers[store]) for one in taking_part]
    loads += [(one, 1) for one in taking_part if one.peer == RAW]
    alone: list[float] = []
    with contextlib.ExitStack() as stack:
        children = {one.name: stack.enter_context(Child(one)) for one in taking_part}
        for name, child in children.items():
            child.ask("open", store=place(name))
        for number in range(sizes.rounds):
            for one, callers in loads:
                found = children[one.name].ask(
                    "load", callers=callers, warm=sizes.warm_seconds, seconds=sizes.load_seconds
                )
                rate = found["transitions"] / found["seconds"]
                findings.say(
                    f"{store}, round {number + 1}, {one.name}, {callers} at a time: {rate:.0f} transitions/s, "
                    f"load average {load_average():.1f}"
                )
                if callers == one.callers[store]:
                    findings.add(BY_STORE[store], one.peer, rate)
                else:
                    alone.append(rate)
        for child in children.values():
            child.ask("close")
    if alone:
        what = "a commit for each transition" if store == SQLITE else "one connection"
        findings.note(f"{store}: raw with {what}: {median(alone):.0f} transitions/s.")


def approvals(
    store: str, entrants: Sequence[Entrant], place: Callable[[str], str], sizes: Sizes, findings: Findings
) -> None:
    """A person approves one purchase after the other; nobody else is there. On PostgreSQL it is only noted."""
    taking_part = [one for one in entrants if store in one.callers and one.approves]
    seconds: list[list[float]] = [[] for _ in taking_part]
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(Child(one)) for one in taking_part]
        for one, child in zip(taking_part, children, strict=True):
            child.ask("open", store=place(f"{one.name}-approvals"))
        for _ in range(sizes.rounds):
            for one, child, found in zip(taking_part, children, seconds, strict=True):
                number = sizes.approvals if one.quick else sizes.slow_approvals
                found += child.ask("approvals", number=number)["seconds"]
        for child in children:
            child.ask("close")
    for one, found in zip(taking_part, seconds, strict=True):
        p50, p99 = 1e3 * median(found), 1e3 * percentile(found, 0.99)
        words = (
            f"{store}: approval, {one.name}: {p50:.2f} ms in the middle, 99 % {p99:.2f} ms, {len(found)} clicks."
        )
        if store == SQLITE:
            findings.say(words)
            findings.add(APPROVAL_P50, one.peer, p50, len(found))
            findings.add(APPROVAL_P99, one.peer, p99, len(found))
        else:
            findings.note(words)


def syncs(entrants: Sequence[Entrant], folder: Path, sizes: Sizes, findings: Findings) -> None:
    """What is forced to the disk under load on SQLite, counted from outside."""
    if not can_count_syncs():
        findings.note(f"fsyncs are not counted: {NO_STRACE}.")
        return
    for number in range(sizes.rounds):
        for one in (one for one in entrants if one.approves and SQLITE in one.callers):
            written = folder / f"{one.name}-{number}.strace"
            with Child(one, syncs=written) as child:
                child.ask("open", store=str(folder / f"{one.name}-{number}-syncs.db"))
                found = child.ask(
                    "load", callers=one.callers[SQLITE], warm=sizes.warm_seconds, seconds=sizes.load_seconds
                )
                child.ask("close")
            with written.open(encoding="utf-8", errors="replace") as lines:
                count = count_syncs(lines, found["opened"], found["closed"])
            moved = int(found["transitions"])
            findings.say(f"fsyncs, round {number + 1}, {one.name}: {count} for {moved} transitions")
            if moved:
                findings.add(SYNCS, one.peer, count / moved)


# --- Atrium's own alone -----------------------------------------------------------------------------------------


def restart(own: Entrant, folder: Path, sizes: Sizes, findings: Findings) -> None:
    """The process is killed under many runs that wait; timers come due while nobody is there."""
    for number in range(sizes.rounds):
        store = str(folder / f"restart-{number}.db")
        with Child(own) as child:
            child.ask("open", store=store)
            child.ask("park", number=sizes.restarted - sizes.due, patience=LONG)
            child.ask("park", number=sizes.due, ring_in=sizes.ring_in, patience=LONG)
            parked = time.monotonic()
            child.kill()
        time.sleep(max(0.0, parked + sizes.ring_in - time.monotonic()))
        began = time.monotonic()
        with Child(own) as child:
            child.ask("open", store=store)
            child.ask("decide")
            serving = time.monotonic() - began
            child.ask("rung", number=sizes.due)
            rung = time.monotonic() - began
            child.ask("close")
        findings.say(f"restart {number + 1}: an approval after {serving:.2f} s, all timers after {rung:.2f} s")
        findings.add(SERVING, None, serving)
        findings.add(RUNG, None, rung)
    findings.note(
        f"restart: from the start of the interpreter; {sizes.restarted} runs were parked, {sizes.due} timers due."
    )


def parked(own: Entrant, folder: Path, sizes: Sizes, findings: Findings) -> None:
    """What many runs cost that wait for a person: in the process that started them, and in a later one."""
    store = str(folder / "parked.db")
    with Child(own) as child:
        child.ask("open", store=store)
        child.ask("park", number=1)
        tasks, threads, before = child.ask("look")["tasks"], child.threads(), child.memory()
        child.ask("park", number=sizes.parked, patience=LONG)
        tasks, threads = child.ask("look")["tasks"] - tasks, child.threads() - threads
        grown = child.memory() - before
        used = cpu_seconds(child.pid)
        time.sleep(sizes.idle_seconds)
        used = (cpu_seconds(child.pid) - used) / sizes.idle_seconds
        child.ask("close")
    with Child(own) as child:
        child.ask("open", store=store)
        child.ask("look")
        later = child.memory() - before
        child.ask("close")
    findings.add(PARKED, None, max(grown, later) / 1e6, 1)
    findings.note(
        f"parked: {sizes.parked} approvals took {grown / 1e6:.1f} MB in the process that started them, "
        f"{later / 1e6:.1f} MB in a new one; {tasks} tasks and {threads} threads more; "
        f"{100 * used:.1f} % of a core while nothing happened."
    )


def year(own: Entrant, folder: Path, sizes: Sizes, findings: Findings) -> None:
    """A workflow over a year, with a clock that is moved by hand."""
    with Child(own) as child:
        child.ask("open", store=str(folder / "year.db"))
        for _ in range(sizes.rounds):
            findings.add(YEAR, None, child.ask("year")["seconds"])
        child.ask("close")


def audit(own: Entrant, folder: Path, sizes: Sizes, findings: Findings) -> None:
    """A long audit is verified."""
    with Child(own) as child:
        child.ask("open", store=str(folder / "audit.db"))
        findings.say(f"audit: writing {sizes.entries} entries")
        seconds = child.ask("audit", entries=sizes.entries, patience=LONG)["seconds"]
        child.ask("close")
    findings.add(AUDIT, None, seconds, 1)
    findings.note(f"audit: {sizes.entries} entries.")


def noisy(own: Entrant, folder: Path, sizes: Sizes, findings: Findings) -> None:
    """How much longer one tenant's effects take while another has very many waiting."""
    with Child(own) as child:
        child.ask("open", store=str(folder / "noisy.db"))
        for number in range(sizes.rounds):
            more = _noisy(child, sizes, WORK_SECONDS, f"noisy, round {number + 1}", findings)
            findings.add(NOISY, None, more)
        quick = _noisy(child, sizes, QUICK_SECONDS, "noisy, quick effects", findings)
        child.ask("close")
    findings.note(
        f"noisy: {sizes.queued} of another tenant's waited, {sizes.probes} probes, effects of "
        f"{1e3 * WORK_SECONDS:.0f} ms; with effects of {1e3 * QUICK_SECONDS:.0f} ms {100 * quick:+.0f} %."
    )


def _noisy(child: Child, sizes: Sizes, work: float, what: str, findings: Findings) -> float:
    alone = child.ask("noisy", queued=0, probes=sizes.probes, work=work)["seconds"]
    beside = child.ask("noisy", queued=sizes.queued, probes=sizes.probes, work=work, patience=LONG)["seconds"]
    quiet, loud = percentile(alone, 0.95), percentile(beside, 0.95)
    findings.say(f"{what}: 95 % {1e3 * quiet:.1f} ms alone, {1e3 * loud:.1f} ms beside")
    return loud / quiet - 1
