"""How dense, how quick and how frugal the sound is: `python -m benchmarks.sound --json`.

The server under test runs in a process of its own on one core, those who load it on another; packets cross the
loopback as real SRTP. Paths and peers take turns in the same run, and the median of the rounds counts. With
`--json` lines of JSON go to the standard output and the table for people to the standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import crowds, delays, mixing
from benchmarks.crowds import Load, Make
from benchmarks.delays import Journey, Pair
from benchmarks.generator import Generator, Heard
from benchmarks.janus import Janus, JanusMissing
from benchmarks.machine import CLIENT_CORE, CORES, favour, load_average, pin
from benchmarks.recordings import Recordings, record
from benchmarks.results import Measurement, Metric, as_lines, percentile, summarise, table
from benchmarks.subjects import OwnServer

DIRECT, STOCK, JANUS = "direct", "stock", "janus"
PARTS = ("crowd", "office", "mix", "delay")
CURVE = (10, 20, 40, 60, 80, 100)
"""People of the plotted curves."""

CPU = Metric(
    name="cpu_us_per_participant_tick", label="CPU per participant and tick, all talking", unit="us", goal=150
)
PEOPLE = Metric(
    name="people_per_core", label="people on a core, office", unit="people", goal=100, more_is_better=True
)
ENCODES = Metric(
    name="encodes_per_listener_tick", label="encodes per listener and tick, office", unit="1", goal=0.35
)
PANNED = Metric(name="mix_panned_us", label="mix per listener and tick, panned", unit="us", goal=3)
BINAURAL = Metric(name="mix_binaural_us", label="mix per listener and tick, 8 binaural", unit="us", goal=35)
DELAY = Metric(name="added_delay_p95_ms", label="RTP in to RTP out, 95 %", unit="ms", goal=45)
RECOVERY = Metric(name="loss_recovery_seconds", label="delay back after 5 % loss", unit="s", goal=2)
TAIL = Metric(name="dtx_tail_ms", label="end of an utterance held", unit="ms", goal=40)
JOIN = Metric(name="join_to_sound_ms", label="join to first sound", unit="ms", goal=300)
OFFICE_CPU = Metric(
    name="office_cpu_us_per_participant_tick", label="CPU per participant and tick, office", unit="us"
)
OFFICE_CORE = Metric(
    name="people_per_core_by_cost", label="people / CPU share, office", unit="people", more_is_better=True
)
PANNED_STILL = Metric(name="mix_panned_still_us", label="mix, panned, nobody moves", unit="us")
BINAURAL_STILL = Metric(name="mix_binaural_still_us", label="mix, 8 binaural, nobody moves", unit="us")
GAPS = Metric(name="loss_gaps", label="gaps over 20 ms under loss", unit="1", goal=0)
CLICKS = Metric(name="loss_clicks", label="clicks under loss", unit="1", goal=0)
HEADLINE = (CPU, PEOPLE, ENCODES, PANNED, BINAURAL, DELAY, RECOVERY, TAIL, JOIN)
MORE = (OFFICE_CPU, OFFICE_CORE, PANNED_STILL, BINAURAL_STILL, GAPS, CLICKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure, and how long."""

    subjects: tuple[str, ...]
    participants: int = 40
    parts: tuple[str, ...] = PARTS
    rounds: int = 3
    window_seconds: float = 8.0
    delay_seconds: float = 30.0
    loss_seconds: float = 60.0
    utterances: int = 10
    joins: int = 12
    curve: tuple[int, ...] = ()


@dataclass(slots=True)
class Findings:
    """Everything that came of it; for plots, too."""

    values: dict[tuple[Metric, str], list[float]] = field(default_factory=dict)
    curves: dict[str, list[Load]] = field(default_factory=dict)
    journeys: dict[str, Journey] = field(default_factory=dict)
    counts: dict[tuple[Metric, str], int] = field(default_factory=dict)
    """Events behind a value that is no median of runs."""
    notes: list[str] = field(default_factory=list)

    def add(self, metric: Metric, subject: str, value: float) -> None:
        """Keep one value; several of one metric become their median."""
        self.values.setdefault((metric, subject), []).append(value)

    def measurements(self) -> list[Measurement]:
        """In the order of the table: Atrium, then its peers' cost, then all else."""
        found = {key: summarise(key[0], values, _peer(key[1])) for key, values in self.values.items()}
        found |= {key: replace(found[key], n=count) for key, count in self.counts.items()}
        order = [(metric, DIRECT) for metric in HEADLINE] + [(CPU, JANUS), (CPU, STOCK)]
        order += [key for metric in (*HEADLINE, *MORE) for key in found if key[0] is metric and key not in order]
        return [found[key] for key in order if key in found]


def _peer(subject: str) -> str | None:
    return None if subject == DIRECT else subject


def maker(subject: str) -> Make:
    """What makes a server of this name."""
    if subject == JANUS:
        return Janus
    return lambda: OwnServer(subject)


async def run(plan: Plan, say: Callable[[str], None]) -> Findings:
    """Measure everything of the plan."""
    findings = Findings()
    say("speaking and encoding what people say")
    recordings = record()
    # Nothing may stop the beat of the talkers for long; there is little garbage here.
    gc.collect()
    gc.freeze()
    pin(CLIENT_CORE)
    if not favour():
        findings.notes.append("Not run before other work (needs root): on a busy machine ticks come late.")
    if len(CORES) == 1:
        findings.notes.append("One core only: server and load share it, so capacities are too low.")
    if "crowd" in plan.parts:
        await _crowd(plan, recordings, findings, say)
    if "office" in plan.parts:
        await _office(plan, recordings, findings, say)
    if "mix" in plan.parts and DIRECT in plan.subjects:
        await _mix(plan, findings, say)
    if "delay" in plan.parts:
        await _delay(plan, recordings, findings, say)
    await _curve(plan, recordings, findings, say)
    return findings


async def _crowd(plan: Plan, recordings: Recordings, findings: Findings, say: Callable[[str], None]) -> None:
    """All talk and hear each other. A server that cannot carry so many is measured with as many as it can."""
    people = dict.fromkeys(plan.subjects, plan.participants)
    for number in range(plan.rounds):
        for subject in plan.subjects:
            while True:
                load = await crowds.measure(
                    maker(subject), "crowd", people[subject], recordings, seconds=plan.window_seconds
                )
                say(f"all talking, round {number + 1}, {subject}: {_words(load)}")
                if load.kept_up or people[subject] <= 5:
                    break
                people[subject] //= 2
            findings.add(CPU, subject, load.cpu_us)
            _note_load(findings, f"all talking, {subject}", load)
    for subject, count in people.items():
        if count < plan.participants:
            findings.notes.append(
                f"{subject} cannot carry {plan.participants} on a core; its cost is that of {count}."
            )


async def _office(plan: Plan, recordings: Recordings, findings: Findings, say: Callable[[str], None]) -> None:
    """The office trace: its cost with 100 present, then the largest that fits on a core."""
    expected: dict[str, float] = {}
    for number in range(plan.rounds):
        for subject in plan.subjects:
            people = 25 if subject == STOCK else 100
            load = await crowds.measure(maker(subject), "office", people, recordings, seconds=plan.window_seconds)
            say(f"office, round {number + 1}, {subject}: {_words(load)}")
            findings.add(OFFICE_CPU, subject, load.cpu_us)
            findings.add(OFFICE_CORE, subject, load.per_core)
            if subject != JANUS:
                findings.add(ENCODES, subject, load.encodes)
            expected[subject] = load.per_core
            _note_load(findings, f"office, {subject}", load)
    for subject in plan.subjects:
        say(f"looking for the largest office of {subject}")
        good, bad = await crowds.largest(
            maker(subject), recordings, seconds=plan.window_seconds, say=say, expected=expected[subject]
        )
        if bad is not None and not bad.generator_kept_up:
            findings.notes.append(f"{subject}: the load generator failed first; people per core is people / CPU.")
            findings.add(PEOPLE, subject, good.per_core)
        elif not good.kept_up:
            findings.add(PEOPLE, subject, good.per_core)
        else:
            findings.add(PEOPLE, subject, good.people)
            _note_load(findings, f"the largest office of {subject}", good)


async def _mix(plan: Plan, findings: Findings, say: Callable[[str], None]) -> None:
    for number in range(max(3, plan.rounds)):
        found = await asyncio.to_thread(mixing.measure)
        say(
            f"mixer alone, round {number + 1}: "
            + ", ".join(f"{name} {value:.1f} us" for name, value in found.items())
        )
        findings.add(PANNED, DIRECT, found["panned_moving"])
        findings.add(BINAURAL, DIRECT, found["binaural_moving"])
        findings.add(PANNED_STILL, DIRECT, found["panned_still"])
        findings.add(BINAURAL_STILL, DIRECT, found["binaural_still"])


async def _delay(plan: Plan, recordings: Recordings, findings: Findings, say: Callable[[str], None]) -> None:
    """One talker and one listener on each server, all at the same time; only joins take turns."""
    delays.hum(), delays.utterance()
    generator = Generator()
    joined: dict[str, list[tuple[float, list[Heard]]]] = {name: [] for name in plan.subjects}
    try:
        async with contextlib.AsyncExitStack() as stack:
            pairs = [Pair(await stack.enter_async_context(maker(name)()), generator) for name in plan.subjects]
            for pair in pairs:
                await pair.connect(2 + plan.joins, recordings)
            say(f"delay of steady talk, {plan.delay_seconds:.0f} s")
            steady = await delays.steady(pairs, generator, seconds=plan.delay_seconds)
            say(f"ends of {plan.utterances} utterances")
            ends = await delays.endings(pairs, generator, recordings, count=plan.utterances)
            for pair in pairs:
                pair.talker.say(recordings.talk(0))
            for number in range(plan.joins):
                for pair in pairs:
                    if pair.subject.name != JANUS:
                        name = pair.subject.name
                        joined[name].append(await delays.join(pair, generator, f"listener{number + 1}"))
            say(f"5 % loss for {plan.loss_seconds:.0f} s")
            lossy = await delays.under_loss(pairs, seconds=plan.loss_seconds)
            generator.close()
    finally:
        generator.close()
    for name, talk, tails, loss in zip(plan.subjects, steady, ends, lossy, strict=True):
        found = [1e3 * delay for _, delay in delays.delays(talk)]
        journey = findings.journeys[name] = delays.journey(loss)
        say(
            f"{name}: delay {percentile(found, 0.5):.0f} ms in the middle, {percentile(found, 0.95):.0f} at 95 %; "
            f"under loss {journey.blemishes.gaps} gaps (longest {1e3 * journey.blemishes.longest_gap:.0f} ms), "
            f"{journey.blemishes.clicks} clicks"
        )
        findings.values[DELAY, name] = [percentile(found, 0.95)]
        findings.counts[DELAY, name] = len(found)
        findings.add(RECOVERY, name, journey.recovery_seconds)
        findings.add(GAPS, name, journey.blemishes.gaps)
        findings.add(CLICKS, name, journey.blemishes.clicks)
        findings.values[TAIL, name] = [1e3 * one for one in delays.held(tails)[1:]]
        if joined[name]:
            findings.values[JOIN, name] = [1e3 * delays.until_sound(*one) for one in joined[name]]


async def _curve(plan: Plan, recordings: Recordings, findings: Findings, say: Callable[[str], None]) -> None:
    """CPU against people, all talking, for the plot; a server that no longer keeps up ends its curve."""
    for people in plan.curve:
        for subject in plan.subjects:
            curve = findings.curves.setdefault(subject, [])
            if not curve or curve[-1].kept_up:
                curve.append(
                    await crowds.measure(
                        maker(subject), "crowd", people, recordings, seconds=plan.window_seconds / 2
                    )
                )
                say(f"curve, {subject}: {_words(curve[-1])}")


def _words(load: Load) -> str:
    late = f", {100 * load.late_share:.1f} % late" if load.late_share else ""
    effort = f", {load.effort}" if load.effort not in ("", "normal") else ""
    slow = "" if load.generator_kept_up else f", load generator late {100 * load.generator_late:.0f} %"
    return (
        f"{load.people} people, {load.cpu_us:.0f} us per participant and tick, "
        f"{load.packets:.1f} packets/s{late}{effort}{slow}"
    )


def _note_load(findings: Findings, where: str, load: Load) -> None:
    note = f"{where}: the server worked {load.effort}, so the sound was not at its best."
    if load.effort not in ("", "normal") and note not in findings.notes:
        findings.notes.append(note)


def plan_of(arguments: argparse.Namespace) -> Plan:
    """What the command line asks for."""
    if arguments.path:
        subjects = [arguments.path, *arguments.peer]
    else:
        subjects = [DIRECT, *(arguments.peer or (STOCK, JANUS))]
    plan = Plan(
        subjects=tuple(dict.fromkeys(subjects)),
        participants=arguments.participants,
        parts=tuple(arguments.only or PARTS),
        rounds=arguments.rounds,
        loss_seconds=arguments.loss_seconds,
        curve=CURVE if arguments.plots else (),
    )
    if arguments.quick:
        plan = replace(
            plan, rounds=1, window_seconds=4.0, delay_seconds=10.0, loss_seconds=10.0, utterances=4, joins=3
        )
    return plan


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.sound", description=__doc__)
    options.add_argument("--json", action="store_true", help="one line of JSON for each measurement")
    options.add_argument("--participants", type=int, default=40, help="how many talk at once (40)")
    options.add_argument(
        "--path", choices=(DIRECT, STOCK), help="this media path only; without it direct, and its peers"
    )
    options.add_argument(
        "--peer", action="append", default=[], choices=(STOCK, JANUS), help="also this one; repeatable"
    )
    options.add_argument("--only", action="append", choices=PARTS, help="this part only; may be repeated")
    options.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    options.add_argument("--loss-seconds", type=float, default=60.0, help="how long packets are lost (60)")
    options.add_argument("--quick", action="store_true", help="one short round of everything")
    options.add_argument(
        "--plots", type=Path, metavar="FOLDER", help="write pictures there (needs the bench extra)"
    )
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and draw."""
    arguments = parser().parse_args(argv)
    plan = plan_of(arguments)
    started, load = time.monotonic(), load_average()
    notes: list[str] = []
    if JANUS in plan.subjects:
        try:
            Janus.find()
        except JanusMissing as missing:
            if JANUS in arguments.peer:
                print(missing, file=sys.stderr)
                return 1
            notes.append(f"{missing} Measured without it.")
            plan = replace(plan, subjects=tuple(name for name in plan.subjects if name != JANUS))

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {text}", file=sys.stderr, flush=True)

    findings = asyncio.run(run(plan, say))
    found = findings.measurements()
    people = sys.stderr if arguments.json else sys.stdout
    print(f"\n{table((*HEADLINE, *MORE), found)}\n", file=people)
    notes += [
        f"{len(CORES)} cores, load average {load:.1f} before the run, {time.monotonic() - started:.0f} s.",
        *findings.notes,
    ]
    print("\n".join(notes), file=people)
    if arguments.json:
        print(as_lines(found))
    if arguments.plots:
        from benchmarks.plots import draw

        draw(findings.curves, findings.journeys, arguments.plots)
        (arguments.plots / "sound.jsonl").write_text(as_lines(found) + "\n", encoding="utf-8")
        print(f"Pictures and numbers are in {arguments.plots}.", file=people)
    return 0


if __name__ == "__main__":
    sys.exit(main())
