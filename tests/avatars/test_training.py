"""Heads and generated talk: reproducible, and files that do not fit are refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from avatars.errors import ModelError
from avatars.heads import KINDS, Heads
from avatars.training import wordlists
from avatars.training.card import scores
from avatars.training.talk import Talk, check
from avatars.training.train import HERE, TrainingSettings, fit, held_out


def test_the_same_seed_gives_the_same_talk() -> None:
    assert Talk(3).examples(50) == Talk(3).examples(50)
    assert Talk(3).examples(50) != Talk(4).examples(50)


def test_no_pattern_is_left_unfilled() -> None:
    assert not [example.text for example in Talk(5).examples(2000) if "{" in example.text]


def test_every_work_phrase_begins_with_a_known_verb() -> None:
    check(wordlists.DO)


def test_held_out_clauses_are_many_and_not_generated() -> None:
    sheets = held_out(HERE / "heldout.tsv")
    hand = [example for sheet in sheets.values() for example in sheet]
    assert len(hand) >= 250
    generated = {example.text for example in Talk(7).examples(5000)}
    long = [example for example in hand if len(example.text.split()) > 7]
    assert not [example.text for example in long if example.text in generated]


def test_heads_learn_what_can_be_learned_and_survive_a_file(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    labels = chance.integers(0, len(KINDS), 600)
    inputs = chance.normal(0, 0.1, (600, 400)).astype(np.float32)
    inputs[np.arange(600), 390 + labels] += 1.0
    heads = fit(inputs, labels.astype(np.int64), TrainingSettings(epochs=40, units=16, vector_scale=1.0))
    heads.save(tmp_path / "heads.npz")
    again = Heads.load(tmp_path / "heads.npz", 400)
    shares = again.probabilities(inputs)
    assert np.allclose(shares.sum(axis=1), 1.0, atol=1e-4)
    assert (shares.argmax(axis=1) == labels).mean() > 0.95


def test_heads_for_another_input_are_refused(tmp_path: Path) -> None:
    heads = Heads(
        scale=np.ones(4, dtype=np.float32),
        hidden=np.ones((4, 2), dtype=np.float32),
        hidden_bias=np.zeros(2, dtype=np.float32),
        output=np.ones((2, len(KINDS)), dtype=np.float32),
        output_bias=np.zeros(len(KINDS), dtype=np.float32),
    )
    heads.save(tmp_path / "heads.npz")
    with pytest.raises(ModelError, match="trained for 4 inputs, this version has 5"):
        Heads.load(tmp_path / "heads.npz", 5)
    (tmp_path / "broken.npz").write_bytes(b"no arrays")
    with pytest.raises(ModelError, match="cannot be read"):
        Heads.load(tmp_path / "broken.npz", 4)


def test_scores_are_precision_and_recall() -> None:
    table = {score.kind: score for score in scores(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]))}
    assert (table["action_item"].precision, table["action_item"].recall, table["action_item"].number) == (
        0.5,
        0.5,
        2,
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "requests"),
        ([], 2, "python -m avatars.training WHAT"),
        (["nonsense"], 2, "python -m avatars.training WHAT"),
        (["requests", "--help"], 0, "--tuning"),
        (["hear", "--help"], 0, "--lines"),
        (["owners", "--help"], 0, "--data"),
    ],
)
def test_one_command_trains_every_model(words: list[str], code: int, said: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "avatars.training", *words], capture_output=True, text=True, check=False
    )
    assert ran.returncode == code
    assert said in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
