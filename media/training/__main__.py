"""Speaks, trains, converts, evaluates: `python -m media.training --out FOLDER [--minutes N] [--resume FOLDER]`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from media.training.convert import CHECKPOINT, convert, keep, take_up
from media.training.data import synthesize
from media.training.evaluate import report
from media.training.tokens import Tokens
from media.training.train import Course
from media.training.trial import trials
from media.training.voices import UNSEEN


def main() -> None:
    """Do it all. Broken off and started again, it goes on where it was."""
    arguments = argparse.ArgumentParser(prog="python -m media.training", description=__doc__)
    arguments.add_argument("--out", type=Path, required=True, help="folder of the finished model")
    arguments.add_argument("--work", type=Path, help="folder of the data and the course; by default FOLDER/work")
    arguments.add_argument("--minutes", type=float, default=67, help="how long to train, on one core")
    arguments.add_argument("--parts", type=int, default=80, help="how many times 500 sentences to speak")
    arguments.add_argument("--resume", type=Path, help="a model.safetensors or model's folder to begin with")
    arguments.add_argument("--tests", type=int, default=300, help="how many sentences to test with in the end")
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    work = chosen.work or chosen.out / "work"
    (work / "parts").mkdir(parents=True, exist_ok=True)
    for part in range(chosen.parts):
        synthesize(work / "parts", part)
        print(f"spoken: {part + 1} of {chosen.parts} parts", flush=True)
    vocabulary = work / "tokenizer.json"
    if chosen.resume:
        checkpoint = chosen.resume / "checkpoint" / CHECKPOINT if chosen.resume.is_dir() else chosen.resume
        # Its numbers mean the words of its own vocabulary.
        vocabulary.write_bytes((checkpoint.parent.parent / "tokenizer.json").read_bytes())
    tokens = Tokens.load(vocabulary)
    course = Course(work, tokens, chosen.minutes)
    if chosen.resume and not course.steps:
        take_up(course.network, checkpoint)
        course.ear_alone = 0.0
    course.run(trials(UNSEEN, 200, opus=True))
    convert(course.network.eval(), tokens, chosen.out)
    keep(course.network, chosen.out / "checkpoint")
    print(report(chosen.out, chosen.tests))


if __name__ == "__main__":
    main()
