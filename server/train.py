"""`atrium train`: what people made of proposals becomes a head of this office, if that is better than none."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from avatars.corrections import Encode, sentence_vectors
from avatars.office_head import Comparison, OfficeHead, check_enough, compared, cross_validated, fit
from avatars.review import LEAST
from avatars.reviewing import KEY
from server.command_line import add_places, settings_of
from server.config import Settings
from server.errors import ServerError
from server.models.office_head import Kept, encoder_hash, forget, keep
from server.models.promotion_cli import account, print_table
from server.models.registered import shipped_dir
from workflows.adapters.heard_reader import HeardTask, read_heard
from workflows.task import Verdict

NOT_BETTER = 1
"""Exit status where nothing was kept."""


class LearningOff(ServerError):
    """This office does not learn from corrections."""

    code = "learning_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A proposal, and what people made of it."""

    words: str
    confidence: float
    """With which it was heard, before anything corrected it."""
    right: bool
    """They kept or changed it."""
    threshold: float
    """From which confidence on it is proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A head of all examples, and how heads of four fifths each did on the last fifth."""

    head: OfficeHead
    comparison: Comparison


def examples_of(heard: Sequence[HeardTask], live: float) -> list[Example]:
    """Examples from tasks that were heard: those that somebody looked at and whose words are still there.

    Args:
        heard: the tasks.
        live: from which confidence on a colleague proposes what it hears at once.
    """
    return [
        Example(
            words=one.task.source_words,
            confidence=one.task.heard_confidence,
            right=one.task.verdict is not Verdict.REJECTED,
            threshold=LEAST if one.key.startswith(KEY) else live,
        )
        for one in heard
        if one.looked_at and one.task.verdict is not Verdict.WAITING and one.task.source_words.strip()
    ]


def train(examples: Sequence[Example], encode: Encode) -> Trained:
    """Learn from examples, and compare.

    Args:
        examples: in any order that stays.
        encode: the office's encoder.

    Raises:
        TooFew: there are not enough.
    """
    right = [one.right for one in examples]
    check_enough(right)
    words = [one.words for one in examples]
    vectors = sentence_vectors(words, encode)
    before = np.array([one.confidence for one in examples])
    after = cross_validated(vectors, before, right, words)
    thresholds = np.array([one.threshold for one in examples])
    return Trained(head=fit(vectors, before, right), comparison=compared(before, after, right, thresholds))


def add_command(commands: Any) -> None:
    """Add `train` to the command line."""
    parser = commands.add_parser("train", help="learn from what people keep and reject of what colleagues heard")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--from-corrections", action="store_true", help="learn, compare, and keep what is better")
    what.add_argument("--forget", action="store_true", help="remove what was learnt")
    parser.add_argument("--keep", action="store_true", help="keep it even where it is not better")
    parser.add_argument("--by", metavar="NAME", help="who has it trained (default: your account's name)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_places(parser)
    parser.add_argument("--models-dir", help="where models lie (default: `models` in the data folder)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    return _forget(settings, arguments) if arguments.forget else _learn(settings, arguments)


def _forget(settings: Settings, arguments: argparse.Namespace) -> int:
    gone = forget(settings.models)
    if arguments.json:
        print(json.dumps({"forgotten": gone}))
    elif gone:
        print("What was learnt from corrections is removed. The office is without it from its next start.")
    else:
        print("Nothing was learnt from corrections; nothing was changed.")
    return 0


def _learn(settings: Settings, arguments: argparse.Namespace) -> int:
    if not settings.learn_from_corrections:
        raise LearningOff(
            "this office does not learn from corrections: set learn_from_corrections = true in atrium.toml "
            "(or ATRIUM_LEARN_FROM_CORRECTIONS=true) first, with the consent of its people"
        )
    from avatars.adapters.bert import Encoder  # these load ONNX Runtime, which forgetting does without
    from server.adapters import colleague

    examples = examples_of(read_heard(settings.database), colleague().thresholds.action_item)
    check_enough([one.right for one in examples])
    trained = train(examples, Encoder(shipped_dir()).encode)
    file = None
    if trained.comparison.better or arguments.keep:
        right = sum(one.right for one in examples)
        kept = Kept(
            head=trained.head,
            encoder=encoder_hash(),
            by=account() if arguments.by is None else arguments.by,
            at=datetime.now(UTC).replace(microsecond=0),
            right=right,
            wrong=len(examples) - right,
        )
        file = keep(settings.models, kept)
    if arguments.json:
        print(json.dumps(_as_json(trained.comparison, examples, file)))
    else:
        _print(trained.comparison, examples, file)
    return 0 if file is not None else NOT_BETTER


def _print(found: Comparison, examples: Sequence[Example], file: Path | None) -> None:
    right = sum(one.right for one in examples)
    print(f"{len(examples)} tasks that were heard and looked at: {right} right, {len(examples) - right} wrong.")
    print("Each told by what was learnt from the others:\n")
    before, after = found.before, found.after
    print_table(
        [
            ("", "as heard", "corrected", ""),
            ("wrong ones proposed", str(before.wrong), str(after.wrong), f"{found.withheld} withheld"),
            ("right ones proposed", str(before.right), str(after.right), f"{found.lost} lost"),
            ("Brier score", f"{before.brier:.3f}", f"{after.brier:.3f}", f"chance: {found.chance:.3f}"),
            ("calibration error", f"{before.calibration:.3f}", f"{after.calibration:.3f}", ""),
        ]
    )
    print()
    if not found.better:
        print("It is not better: the Brier score falls by no more than chance, or more is lost than withheld.")
    if file is None:
        print("Nothing was kept. With --keep it would be.")
    else:
        print(f"Kept in {file}. The office uses it from its next start.")
        print("To go back: atrium train --forget")


def _as_json(found: Comparison, examples: Sequence[Example], file: Path | None) -> dict[str, Any]:
    right = sum(one.right for one in examples)
    return {
        "examples": len(examples),
        "right": right,
        "wrong": len(examples) - right,
        "before": asdict(found.before),
        "after": asdict(found.after),
        "withheld": found.withheld,
        "lost": found.lost,
        "chance": found.chance,
        "better": found.better,
        "kept": str(file) if file is not None else None,
    }
