"""What people made of proposals corrects how sure a colleague is: the more examples, the more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from avatars.corrections import Corrections
from avatars.errors import TooFew
from avatars.intent import Intent, IntentKind
from avatars.office_head import (
    FOLDS,
    LEAST_EXAMPLES,
    OfficeHead,
    check_enough,
    compared,
    cross_validated,
    fit,
    folds,
)
from avatars.review import LEAST, Item
from avatars.reviewing import Review

LENGTH = 8
UNCHANGED = OfficeHead(shift=0.0, slope=0.0, weights=(0.0,) * LENGTH)
SHARES = st.floats(0.0, 1.0)
VERDICTS = st.lists(st.booleans(), min_size=1, max_size=30)


def directions(number: int, seed: int = 3) -> NDArray[np.float64]:
    """Vectors of length 1."""
    drawn = np.random.default_rng(seed).normal(size=(number, LENGTH))
    found: NDArray[np.float64] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return found


def two_kinds(number: int) -> tuple[NDArray[np.float64], NDArray[np.float64], list[bool], list[str]]:
    """Every other example is right; right ones point one way, wrong ones another, and all were heard alike."""
    right = [place % 2 == 0 for place in range(number)]
    vectors = directions(number) * 0.3
    vectors[:, 0] = [1.0 if one else -1.0 for one in right]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors, np.full(number, 0.8), right, [f"words {place}" for place in range(number)]


@given(st.lists(SHARES, min_size=1, max_size=20))
def test_a_head_that_learnt_nothing_changes_nothing(shares: list[float]) -> None:
    found = UNCHANGED.corrected(directions(len(shares)), np.array(shares))
    assert found == pytest.approx(np.array(shares), abs=2e-6)


@pytest.mark.parametrize(
    ("shift", "slope", "weights", "heard", "corrected"),
    [
        (-math.log(4), 0.0, (0.0, 0.0), 0.8, 0.5),
        (0.0, -1.0, (0.0, 0.0), 0.8, 0.5),
        (0.0, 0.0, (math.log(4), 0.0), 0.5, 0.8),
        (0.0, 0.0, (0.0, 9.0), 0.5, 0.5),
        (9.0, 0.0, (0.0, 0.0), 0.0, 1e-6 * math.exp(9) / (1 + 1e-6 * math.exp(9))),
    ],
)
def test_shift_slope_and_weights_are_added_to_the_log_odds(
    shift: float, slope: float, weights: tuple[float, ...], heard: float, corrected: float
) -> None:
    head = OfficeHead(shift=shift, slope=slope, weights=weights)
    assert head.corrected(np.array([[1.0, 0.0]]), np.array([heard]))[0] == pytest.approx(corrected, rel=1e-4)


def test_vectors_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="size"):
        UNCHANGED.corrected(np.ones((1, LENGTH + 1)), np.array([0.5]))


@given(st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=30), st.integers(0, 9))
@settings(deadline=None)
def test_it_is_always_a_confidence_and_always_the_same(pairs: list[tuple[float, bool]], seed: int) -> None:
    vectors, heard = directions(len(pairs), seed), np.array([share for share, _ in pairs])
    right = [verdict for _, verdict in pairs]
    head = fit(vectors, heard, right)
    assert head == fit(vectors, heard, right)
    found = head.corrected(vectors, heard)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()


@given(st.lists(st.tuples(st.floats(0.05, 0.95), st.booleans()), min_size=2, max_size=30))
@settings(deadline=None)
def test_no_small_step_from_what_was_learnt_is_more_likely(pairs: list[tuple[float, bool]]) -> None:
    vectors, heard = directions(len(pairs)), np.array([share for share, _ in pairs])
    wanted = np.array([float(verdict) for _, verdict in pairs])
    head = fit(vectors, heard, [verdict for _, verdict in pairs])
    fitted = np.array([head.shift, head.slope, *head.weights])

    def likely(point: NDArray[np.float64]) -> float:
        moved = OfficeHead(shift=point[0], slope=point[1], weights=tuple(point[2:]))
        found = moved.corrected(vectors, heard)
        told = (wanted * np.log(found) + (1 - wanted) * np.log(1 - found)).sum()
        return float(told - 4.0 * (point[:2] ** 2).sum() - 1.0 * (point[2:] ** 2).sum())

    best = likely(fitted)
    for step in np.eye(len(fitted)) * 1e-3:
        assert likely(fitted + step) <= best + 1e-9
        assert likely(fitted - step) <= best + 1e-9


def test_the_more_examples_the_more_it_trusts_them() -> None:
    moved = []
    for number in (2, 8, 40, 200):
        vectors, heard, _, _ = two_kinds(number)
        head = fit(vectors, heard, [False] * number)
        moved.append(float(heard[0] - head.corrected(vectors[:1], heard[:1])[0]))
    assert moved == sorted(moved)
    assert moved[0] < 0.1, "two rejected proposals say little"
    assert moved[-1] > 0.6, "two hundred say enough"


def test_wrong_ones_are_withheld_and_right_ones_kept() -> None:
    vectors, heard, right, words = two_kinds(120)
    after = cross_validated(vectors, heard, right, words)
    found = compared(heard, after, right, np.full(120, 0.5))
    assert (found.before.wrong, found.before.right) == (60, 60)
    assert found.withheld == 60
    assert found.lost == 0
    assert found.after.brier < 0.1 < found.before.brier
    assert found.after.calibration < found.before.calibration
    assert found.better


def test_what_nobody_could_learn_is_not_called_better() -> None:
    chance = np.random.default_rng(11)
    heard = chance.uniform(0.5, 0.95, 150)
    right = [bool(one) for one in chance.random(150) < heard]
    after = cross_validated(directions(150), heard, right, [str(place) for place in range(150)])
    assert not compared(heard, after, right, np.full(150, 0.5)).better


@pytest.mark.parametrize(
    ("before", "after", "right", "withheld", "lost", "better"),
    [
        ([0.8, 0.8], [0.8, 0.8], [True, False], 0, 0, False),
        ([0.8, 0.8], [0.9, 0.4], [True, False], 1, 0, False),
        ([0.8] * 8, [0.9, 0.4] * 4, [True, False] * 4, 4, 0, True),
        ([0.8, 0.8, 0.8], [0.4, 0.4, 0.1], [True, True, False], 1, 2, False),
        ([0.8, 0.8], [0.4, 0.9], [True, False], 0, 1, False),
        ([0.5], [0.5], [True], 0, 0, False),
    ],
)
def test_better_is_more_than_chance_and_loses_no_more_than_it_withholds(
    before: list[float], after: list[float], right: list[bool], withheld: int, lost: int, better: bool
) -> None:
    found = compared(np.array(before), np.array(after), right, np.full(len(right), 0.5))
    assert (found.withheld, found.lost, found.better) == (withheld, lost, better)


def test_each_is_held_against_the_threshold_that_counts_there() -> None:
    heard, after = np.array([0.6, 0.6]), np.array([0.45, 0.45])
    assert compared(heard, after, [False, False], np.array([0.5, LEAST])).withheld == 1


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.booleans()), min_size=1, max_size=60))
def test_every_example_is_in_one_fold_and_the_same_words_in_the_same(pairs: list[tuple[str, bool]]) -> None:
    words = [f"{' ' * (place % 3)}{word.upper() if place % 2 else word}" for place, (word, _) in enumerate(pairs)]
    right = [verdict for _, verdict in pairs]
    parts = list(folds(words, right))
    assert 1 <= len(parts) <= FOLDS
    assert (np.sum(parts, axis=0) == 1).all()
    for part in parts:
        inside = {word for (word, _), held in zip(pairs, part, strict=True) if held}
        outside = {word for (word, _), held in zip(pairs, part, strict=True) if not held}
        assert not inside & outside
    assert [part.tolist() for part in folds(words, right)] == [part.tolist() for part in parts]


@given(VERDICTS)
def test_folds_have_about_as_many_of_both_verdicts(right: list[bool]) -> None:
    parts = list(folds([str(place) for place in range(len(right))], right))
    for verdict in (True, False):
        counts = [sum(held and one is verdict for held, one in zip(part, right, strict=True)) for part in parts]
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    ("kept", "rejected", "words"),
    [
        (0, 0, "there are 0 tasks"),
        (10, 9, "there are 19 tasks that were heard and looked at, 10 kept or changed and 9 rejected; 20 are"),
        (30, 0, "30 kept or changed and 0 rejected"),
        (0, 30, "0 kept or changed and 30 rejected"),
    ],
)
def test_too_few_examples_are_refused_with_how_many_are_needed(kept: int, rejected: int, words: str) -> None:
    with pytest.raises(TooFew, match=words):
        check_enough([True] * kept + [False] * rejected)


def test_enough_are_taken() -> None:
    check_enough([True] * (LEAST_EXAMPLES - 1) + [False])


def intent(kind: IntentKind, confidence: float = 0.8) -> Intent:
    """Something that was heard."""
    return Intent(kind=kind, confidence=confidence, text="I'll Send It ", span=(0, 12), what="Send it")


def test_only_work_is_corrected_and_what_was_heard_first_is_kept() -> None:
    asked: list[list[str]] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.append(list(texts))
        return np.ones((len(texts), 1), np.float32)

    head = OfficeHead(shift=-math.log(4), slope=0.0, weights=(0.0,))
    corrections = Corrections(head, encode)
    heard = [intent(kind) for kind in IntentKind]
    found = corrections.intents(heard)
    assert asked == [["i'll send it"]]
    assert found[0].confidence == pytest.approx(0.5)
    assert found[0] == replace(heard[0], confidence=found[0].confidence, heard_with=0.8)
    assert found[1:] == heard[1:]
    assert corrections.intents(heard[1:]) == heard[1:]
    assert len(asked) == 1, "where there is no work nothing is encoded"


def test_a_review_leaves_out_work_that_is_not_worth_a_look_any_more() -> None:
    items = tuple(Item(line=f"u{share}", text="Do it", words="do it", confidence=share) for share in (0.5, 0.9))
    review = Review(actions=items, decisions=items, model="m", sha256="s", seconds=0.0)
    head = OfficeHead(shift=-math.log(4), slope=0.0, weights=(0.0,))
    found = Corrections(head, lambda texts: np.ones((len(texts), 1), np.float32)).review(review)
    assert [(item.line, item.heard_with) for item in found.actions] == [("u0.9", 0.9)]
    assert found.actions[0].confidence == pytest.approx(9 / 13)
    assert found.decisions == items
