"""How well and how fast meetings are understood: `python -m benchmarks.understanding --json --data FOLDER`.

The corpus lies outside of the project; `docs/howto/train-understanding.md` says how it has to look. Without
`--data` only what needs no corpus is measured. Scored is the development part, over the meetings in which
annotators linked something, as published results are.

- Numbers of the nets are those of models that learnt from five seeds each, the mean of them; nets that are not
  in `--work` yet learn first, about three minutes for each seed and seven for the thresholds on two cores. The
  thresholds come from meetings of the training part that the nets did not see. `--seeds 0` scores only the model
  that is shipped, as the office runs it.
- Requests are those of two sheets written by hand. The heads of one seed are the shipped ones; those of the others
  learn first, about four minutes each, and stay in `--work` until what they learn from changes.
- The speed is that of the shipped model on one core, beside the same encoder in PyTorch in the same run.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from avatars import dates
from avatars.adapters.bert import Encoder
from avatars.adapters.meeting_model import MeetingModel, mode_name
from avatars.adapters.owner_weights import load_owner_weights
from avatars.meeting_input import REACH, Line
from avatars.training import owners as owner_training
from avatars.training import requests_train
from avatars.training.meetings.corpus import FIELDS, read_split
from avatars.training.meetings.score import score
from avatars.words import norms, tokenise
from benchmarks.environments import PeerMissing, environment
from benchmarks.results import Measurement, Metric, as_lines, median, percentile, table
from scripts.console import ROOT

ASSETS = ROOT / "assets" / "models" / "understanding"
DATES = ROOT / "tests" / "avatars" / "date_expressions.tsv"
PARTS = ("corpus", "owners", "requests", "dates", "speed")
NEED_DATA = ("corpus", "owners")
SEEDS = 5
BATCH = 32
TORCH = "torch"
ACTION = Metric(name="action_f1", label="action items, F1", unit="1", goal=0.48, more_is_better=True)
WORDS = Metric(name="action_f1_words_only", label="… by words only, F1", unit="1", goal=0.4, more_is_better=True)
COVERAGE = Metric(name="item_coverage", label="items found", unit="1", goal=0.82, more_is_better=True)
HEARD = Metric(name="action_f1_recognised", label="… as recognised, F1", unit="1", goal=0.42, more_is_better=True)
DECISION = Metric(name="decision_f1", label="decisions, F1", unit="1", goal=0.22, more_is_better=True)
OWNER = Metric(name="owner_accuracy", label="owners, of those told", unit="1", goal=0.78, more_is_better=True)
REQUEST = Metric(name="intent_macro_f1", label="requests, macro F1", unit="1", goal=0.95, more_is_better=True)
SLOT = Metric(name="slot_f1", label="… their slots, F1", unit="1", goal=0.92, more_is_better=True)
DATE = Metric(name="date_accuracy", label="dates, unseen", unit="1", goal=0.98, more_is_better=True)
INVENTED = Metric(name="dates_invented", label="dates invented, unseen", unit="1", goal=0)
ERROR = Metric(name="calibration_error", label="calibration error", unit="1", goal=0.05)
RATE = Metric(name="utterances_per_second", label="utterances, one core", unit="1/s", more_is_better=True)
LATENCY = Metric(name="latency_p95_ms", label="one utterance, 95 %", unit="ms", goal=20)
SPEEDUP = Metric(name="speedup_over_torch", label="times as fast as torch", unit="1", goal=3, more_is_better=True)
METRICS = (
    ACTION,
    WORDS,
    COVERAGE,
    HEARD,
    DECISION,
    OWNER,
    REQUEST,
    SLOT,
    DATE,
    INVENTED,
    ERROR,
    RATE,
    LATENCY,
    SPEEDUP,
)
SCORED: Sequence[tuple[Metric, str, str, str]] = (
    (ACTION, "known-written", "actions", "f1"),
    (WORDS, "words-written", "actions", "f1"),
    (COVERAGE, "known-written", "actions", "coverage"),
    (HEARD, "known-recognised", "actions", "f1"),
    (DECISION, "known-written", "decisions", "f1"),
    (ERROR, "known-written", "actions", "calibration_error"),
)
"""Metric, mode, label and number of a report."""
Report = Mapping[str, Mapping[str, Mapping[str, float]]]
SPOKEN = (
    "okay so the next thing is the budget", "i will send the numbers to finance by friday", "yeah", "mm hmm",
    "can you check with the designers whether that colour is possible", "i think we agreed on the small battery",
    "so for the next meeting you will be working on the look and feel", "what about the price", "right",
    "we should have tested this much earlier but nobody asked us to do so", "let us move on",
    "the supplier wrote that invoice four four one two is not paid yet", "no i do not think so",
)  # fmt: skip
"""What the speed is measured with; a number is put before each, so that none is known."""


class Findings:
    """What was measured, and what is to be said of it."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.measured: list[Measurement] = []
        self.notes: list[str] = []
        self.seeds: dict[Metric, Sequence[float]] = {}
        """What the models of all seeds reached."""
        self._began = time.monotonic()

    def add(self, metric: Metric, values: Sequence[float], peer: str | None = None, n: int | None = None) -> None:
        """Add the median of these."""
        self.measured.append(
            Measurement(
                name=metric.name, value=median(values), unit=metric.unit, peer=peer, n=n or len(values)
            )
        )  # fmt: skip

    def say(self, words: str) -> None:
        """Tell how far it is."""
        print(f"[{time.monotonic() - self._began:5.0f} s] {words}", file=sys.stderr, flush=True)


def corpus(data: Path, work: Path, seeds: int, findings: Findings) -> None:
    """Score the models of all seeds on the development part; 0: the shipped one."""
    try:
        found = [_shipped(data)] if seeds == 0 else _trained(data, work, seeds)
    except PeerMissing as missing:
        findings.notes.append(f"{missing} Nets cannot learn; --seeds 0 scores the model that is shipped.")
        return
    for metric, mode, label, number in SCORED:
        values = [float(one[mode][label][number]) for one in found]
        mean, spread = statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0
        findings.add(metric, [mean], n=len(values))
        findings.seeds[metric] = values
        findings.notes.append(
            f"{metric.name}: {', '.join(f'{value:.3f}' for value in values)}; "
            f"mean {mean:.3f} with a standard deviation of {spread:.3f} between seeds."
        )


def _trained(data: Path, work: Path, seeds: int) -> Sequence[Report]:
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "report.json"
        command = [str(environment(TORCH)), "-m", "avatars.training.meetings", "--data", str(data.resolve())]
        command += ["--work", str(work.resolve()), "--report", str(target), "--seeds", str(seeds)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
        found: Sequence[Report] = json.loads(target.read_text(encoding="utf-8"))["dev"]
    return found


def _shipped(data: Path) -> Report:
    model, dev = MeetingModel(ASSETS), read_split(data, "dev")
    report: dict[str, dict[str, dict[str, float]]] = {}
    for known, recognised in itertools.product((True, False), repeat=2):
        read = {
            one.id: model.read(one.lines(FIELDS[recognised]), recognised=recognised, known=known).told
            for one in dev
        }
        report[mode_name(known=known, recognised=recognised)] = {
            label: asdict(
                score(
                    dev,
                    label,
                    {name: np.array([one.confidence[label] for one in told]) for name, told in read.items()},
                    {name: np.array([one.found[label] for one in told]) for name, told in read.items()},
                )
            )
            for label in dict.fromkeys(label for _, _, label, _ in SCORED)
        }
    return report


def owners(data: Path, findings: Findings) -> None:
    """Tell who takes on each action that has one owner, given the utterances that are linked to it."""
    found = owner_training.score(owner_training.read_items(data, "dev"), load_owner_weights(ASSETS))
    findings.add(OWNER, [found.accuracy], n=found.told)
    findings.notes.append(f"owner_accuracy: {found.right} of {found.told} told, of {found.items} in all.")


def requests(work: Path, seeds: int, findings: Findings) -> None:
    """Read requests that no pattern was made for, by the shipped heads and by those of other seeds."""
    runs, kept = [requests_train.shipped()], requests_train.shipped_seed()
    others = [seed for seed in range(requests_train.SEED, requests_train.SEED + seeds + 1) if seed != kept]
    for seed in others[: max(seeds - 1, 0)]:
        findings.say(f"requests, heads of seed {seed}")
        runs.append(requests_train.evaluate(seed, work))
    for metric in (REQUEST, SLOT):
        values = [run[metric.name] for run in runs]
        findings.add(metric, [statistics.fmean(values)], n=len(values))
        findings.notes.append(
            f"{metric.name}: {', '.join(f'{value:.3f}' for value in values)}, the shipped first."
        )


def date_table(findings: Findings) -> None:
    """Read the expressions that no rule was made for."""
    right = invented = total = 0
    with DATES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["section"] != "unseen":
                continue
            now = datetime.fromisoformat(row["moment"]).astimezone(ZoneInfo(row["zone"]))
            found = dates.strongest(dates.find(norms(tokenise(row["text"])), now))
            day = found.day.isoformat() if found is not None and found.day is not None else "-"
            total, right = total + 1, right + (day == row["day"])
            invented += row["day"] == "-" and day != "-"
    findings.add(DATE, [right / total], n=total)
    findings.add(INVENTED, [float(invented)], n=total)


def speed(findings: Findings, count: int) -> None:
    """Read many utterances at once, and one after the other as they are said."""
    sentences = [f"{number} {SPOKEN[number % len(SPOKEN)]}" for number in range(count)]
    lines = [
        Line(id=str(number), speaker="ABCD"[number % 4], start=3.0 * number, end=3.0 * number + 2, text=text)
        for number, text in enumerate(sentences)
    ]
    encoder = Encoder(ASSETS)
    encoder.encode(sentences[:BATCH])
    ours, theirs, batches = [], [], [sentences[at : at + BATCH] for at in range(0, count, BATCH)]
    try:
        python: Path | None = environment(TORCH)
    except PeerMissing as missing:
        findings.notes.append(f"{missing} Measured without it.")
        python = None
    for number in range(3):
        began = time.perf_counter()
        for batch in batches:
            encoder.encode(batch)
        ours.append(count / (time.perf_counter() - began))
        if python is not None:
            asked = json.dumps({"sentences": sentences, "batch": BATCH})
            answer = subprocess.run(
                [str(python), "-m", "benchmarks.understanding_torch"], cwd=ROOT, check=True, input=asked,
                text=True, stdout=subprocess.PIPE,
            ).stdout  # fmt: skip
            theirs.append(float(json.loads(answer.splitlines()[-1])["per_second"]))
        findings.say(f"speed, round {number + 1}: {ours[-1]:.0f} utterances/s, torch {theirs[-1:] or 'not there'}")
    findings.add(RATE, ours)
    if theirs:
        findings.add(RATE, theirs, TORCH)
    model, waited = MeetingModel(ASSETS), []
    for end in range(2 * REACH + 1, count):
        began = time.perf_counter()
        model.read(lines[end - 2 * REACH - 1 : end], recognised=True, known=False)
        waited.append(1e3 * (time.perf_counter() - began))
    findings.add(LATENCY, [percentile(waited, 0.95)], n=len(waited))
    if theirs:
        findings.add(SPEEDUP, [mine / other for mine, other in zip(ours, theirs, strict=True)], TORCH)


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="JSON lines on the standard output")
    parser.add_argument("--data", type=Path, help="folder with the corpus")
    parser.add_argument("--work", type=Path, default=Path("build/understanding"), help="nets are kept here")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--utterances", type=int, default=960, help="for the speed")
    parser.add_argument("--plots", type=Path, help="draw a picture into this folder")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part only; may be repeated")
    arguments = parser.parse_args()
    findings = Findings()
    parts: dict[str, Callable[[], None]] = {
        "corpus": lambda: corpus(arguments.data, arguments.work, arguments.seeds, findings),
        "owners": lambda: owners(arguments.data, findings),
        "requests": lambda: requests(arguments.work, arguments.seeds, findings),
        "dates": lambda: date_table(findings),
        "speed": lambda: speed(findings, arguments.utterances),
    }
    for name in arguments.only or PARTS:
        if name in NEED_DATA and arguments.data is None:
            findings.notes.append(f"{name}: needs --data; not measured.")
            continue
        findings.say(name)
        parts[name]()
    if arguments.plots is not None and findings.seeds:
        from benchmarks.understanding_plots import draw

        draw(findings.seeds, arguments.plots)
    out = sys.stderr if arguments.json else sys.stdout
    print("", table(METRICS, findings.measured), "", *findings.notes, sep="\n", file=out)
    if arguments.json:
        print(as_lines(findings.measured))


if __name__ == "__main__":
    main()
