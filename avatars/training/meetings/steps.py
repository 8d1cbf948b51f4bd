"""The steps from corpus to model. What is computed is kept: a run that was stopped goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from avatars.adapters.bert import Encoder
from avatars.adapters.meeting_model import LABELS, mode_name, sentence_vectors
from avatars.calibration import Calibration, calibrate
from avatars.training.meetings import onnx_export
from avatars.training.meetings.corpus import FIELDS, Meeting, read_split
from avatars.training.meetings.learn import Settings, Vectors, learn, tell
from avatars.training.meetings.net import Net
from avatars.training.meetings.score import Told, joined, judged, score

NETS = 3
"""Nets of one model, whose log odds are averaged."""
FOLDS = 5
CALIBRATING = 1000
"""The first seed of the nets that only calibrate."""
GIVEN_UP = {FIELDS[0]: 0.12, FIELDS[1]: 0.04}
"""Share of the best F1 given up to find more of what was agreed, by field: people look at what is found before
anything comes of it. Less of recognised text, where misheard words draw in more that is wrong. Chosen on the
development part."""
MODES = tuple((known, field) for known in (True, False) for field in FIELDS)
"""Whether places and roles are known; written or recognised text."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is made from what."""

    data: Path
    models: Path
    work: Path
    seeds: int
    workers: int
    report: Path | None = None
    """Where to write only how well the models of all seeds do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """One net to be fitted."""

    target: Path
    train: Sequence[Meeting]
    work: Path
    seed: int


def make(plan: Plan, say: Say) -> None:
    """Train, calibrate, evaluate on the development part, and write the first model."""
    plan.work.mkdir(parents=True, exist_ok=True)
    train, dev = read_split(plan.data, "train"), read_split(plan.data, "dev")
    for split, meetings in (("train", train), ("dev", dev)):
        _encode(meetings, split, plan, say)
    lessons = [
        *(_lesson(plan, train, fold, CALIBRATING + number) for fold in range(FOLDS) for number in range(NETS)),
        *(
            _lesson(plan, train, None, seed * NETS + number)
            for seed in range(plan.seeds)
            for number in range(NETS)
        ),
    ]
    _fit_all(lessons, plan.workers, say)
    calibrations = _calibrations(plan, train)
    vectors = load_vectors(plan.work, "dev")
    findings = []
    for seed in range(plan.seeds):
        nets = _nets(plan, None, range(seed * NETS, (seed + 1) * NETS))
        told = {mode: tell(nets, dev, vectors, mode[1], known=mode[0]) for mode in MODES}
        findings.append(_evaluate(dev, told, calibrations))
        say(f"seed {seed}: " + json.dumps({mode: one["actions"]["f1"] for mode, one in findings[-1].items()}))
    report = {"seeds": plan.seeds, "nets": NETS, "train": len(train), "dev": findings}
    target = plan.report or plan.models / "meetings-report.json"
    target.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if plan.report is not None:
        return
    onnx_export.write(
        _nets(plan, None, range(NETS)), plan.models, {name: asdict(one) for name, one in calibrations.items()}
    )
    say(f"written to {plan.models}")


def _name(mode: tuple[bool, str]) -> str:
    return mode_name(known=mode[0], recognised=mode[1] != FIELDS[0])


def load_vectors(work: Path, split: str) -> Vectors:
    """What `_encode` kept."""
    found = {}
    for field in FIELDS:
        with np.load(work / f"{split}-{field}.npz") as arrays:
            found.update({(name, field): arrays[name] for name in arrays.files})
    return found


def _encode(meetings: Sequence[Meeting], split: str, plan: Plan, say: Say) -> None:
    for field in FIELDS:
        target = plan.work / f"{split}-{field}.npz"
        if target.is_file():
            continue
        encoder = Encoder(plan.models)
        texts = sorted({line.text for meeting in meetings for line in meeting.lines(field)})
        known = dict(zip(texts, sentence_vectors(encoder, texts).astype(np.float16), strict=True))
        found: Any = {
            meeting.id: np.stack([known[line.text] for line in meeting.lines(field)]) for meeting in meetings
        }
        np.savez(target, **found)
        say(f"{split}, {field}: {len(texts)} sentences are encoded")


def _lesson(plan: Plan, train: Sequence[Meeting], fold: int | None, seed: int) -> _Lesson:
    chosen = train if fold is None else [one for one in train if _fold_of(one, train) != fold]
    return _Lesson(target=_net_file(plan, fold, seed), train=chosen, work=plan.work, seed=seed)


def _fold_of(meeting: Meeting, train: Sequence[Meeting]) -> int:
    return sorted({one.group for one in train}).index(meeting.group) % FOLDS


def _net_file(plan: Plan, fold: int | None, seed: int) -> Path:
    return plan.work / ("net" if fold is None else f"fold-{fold}") / f"{seed}.pt"


def _fit_all(lessons: Sequence[_Lesson], workers: int, say: Say) -> None:
    left = [lesson for lesson in lessons if not lesson.target.is_file()]
    if not left:
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for number, lesson in enumerate(pool.map(_fit, left), start=1):
            say(f"net {number} of {len(left)}: {lesson}")


def _fit(lesson: _Lesson) -> str:
    torch.set_num_threads(1)
    net = learn(lesson.train, load_vectors(lesson.work, "train"), lesson.seed, Settings())
    lesson.target.parent.mkdir(parents=True, exist_ok=True)
    part = lesson.target.with_suffix(".part")
    torch.save({"acts": net.act.out_features, "state": net.state_dict()}, part)
    part.replace(lesson.target)
    return f"{lesson.target.parent.name}/{lesson.target.stem}"


def _nets(plan: Plan, fold: int | None, seeds: Iterable[int]) -> list[Net]:
    nets = []
    for seed in seeds:
        kept = torch.load(_net_file(plan, fold, seed), weights_only=True)
        net = Net(kept["acts"])
        net.load_state_dict(kept["state"])
        nets.append(net.eval())
    return nets


def _calibrations(plan: Plan, train: Sequence[Meeting]) -> dict[str, Calibration]:
    """By mode and label, from what nets tell of meetings of groups that they did not learn from."""
    vectors = load_vectors(plan.work, "train")
    told: dict[tuple[bool, str], Told] = {mode: {} for mode in MODES}
    for fold in range(FOLDS):
        nets = _nets(plan, fold, range(CALIBRATING, CALIBRATING + NETS))
        kept = [meeting for meeting in train if _fold_of(meeting, train) == fold]
        for mode in MODES:
            told[mode] = {**told[mode], **tell(nets, kept, vectors, mode[1], known=mode[0])}
    return {
        f"{_name(mode)}-{label}": calibrate(*joined(train, told[mode], label), given_up=GIVEN_UP[mode[1]])
        for mode in MODES
        for label in LABELS
    }


def _evaluate(
    dev: Sequence[Meeting], told: Mapping[tuple[bool, str], Told], calibrations: Mapping[str, Calibration]
) -> dict[str, dict[str, dict[str, float]]]:
    return {
        _name(mode): {
            label: {
                name: round(value, 4)
                for name, value in asdict(
                    score(dev, label, *judged(told[mode], label, calibrations[f"{_name(mode)}-{label}"]))
                ).items()
            }
            for label in LABELS
        }
        for mode in MODES
    }
