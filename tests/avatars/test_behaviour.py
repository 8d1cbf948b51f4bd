"""The suite of checks: fixed, whole, judged as said; and what is no suite is named."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.behaviour import (
    ALIKE,
    MOST_SHOWN,
    SLACK,
    Check,
    Label,
    Suite,
    Test,
    Verdict,
    judge,
    passes,
    read_suite,
)
from avatars.errors import ModelError

FILE = Path(__file__).parents[2] / "assets" / "models" / "understanding" / "behaviour.toml"
SUITE = read_suite(FILE.read_text(encoding="utf-8"))
ACTION, NOTHING = frozenset({Label.ACTION}), frozenset[Label]()
FRAME = '[frame]\nspeaker = "Ana"\nbefore = [["Tom", "so"]]\nafter = [["Tom", "okay"]]\n'
FILL = '[fill]\nname = ["Bo", "Mei"]\ntask = [{ do = "call", did = "called", done = "called" }]\n'
ONE = '[[capability]]\nname = "a"\ntest = "action"\ntexts = ["{name} will {do}"]\n'
VERDICTS = st.builds(
    Verdict, action=st.floats(0, 1), found=st.sampled_from([NOTHING, ACTION, frozenset({Label.DECISION})])
)


def check(test: Test) -> Check:
    """One of an action."""
    return Check(capability="c", test=test, text="I will call", base="I will call you")


def oracle(suite: Suite) -> dict[str, Verdict]:
    """What a model tells that passes all checks."""
    none = {check.text for check in suite.checks if check.test is Test.NO_ACTION}
    talk = {text for check in suite.checks if not check.action for text in (check.text, check.base)}
    return {
        text: Verdict(action=0.0) if text in none | talk else Verdict(action=1.0, found=ACTION)
        for text in suite.texts()
    }


def test_the_suite_that_is_shipped_is_large_and_the_same_each_time() -> None:
    counts = Counter(check.capability for check in SUITE.checks)
    assert len(SUITE.checks) >= 200
    assert min(counts.values()) >= 36, "one check fewer is less than the tolerance"
    assert set(Test) == {check.test for check in SUITE.checks}
    assert len(set(SUITE.checks)) == len(SUITE.checks)
    assert read_suite(FILE.read_text(encoding="utf-8")) == SUITE


def test_every_text_is_filled_in() -> None:
    for text in SUITE.texts():
        assert "{" not in text
        assert text == text.strip()
        assert "  " not in text


def test_a_comparison_has_two_texts_and_nothing_else_has() -> None:
    for check in SUITE.checks:
        assert bool(check.base) is (check.test in (Test.SAME, Test.NOT_LOWER))
        assert check.base != check.text


def test_a_text_stands_in_its_frame_with_those_it_names() -> None:
    found = SUITE.conversation("Bo will talk about Mei in the meeting")
    (place,) = found.asked
    assert found.turns[place].text.startswith("Bo will")
    assert found.turns[place].speaker == "Ana"
    assert len(found.turns) > 4
    assert not found.whole
    assert found.names == ("Bo", "Mei"), 'and nobody because of "about" and "meeting"'
    assert SUITE.conversation("MEI WILL CALL").names == ("Mei",)


def test_whoever_is_right_passes_all_of_it() -> None:
    for result in judge(SUITE, oracle(SUITE)):
        assert (result.passed, result.failing) == (result.checks, ()), result.capability


def test_whoever_is_silent_gains_nothing_by_it() -> None:
    silent = {one.capability: one for one in judge(SUITE, {text: Verdict(action=0.0) for text in SUITE.texts()})}
    assert silent["outright"].passed == 0
    for name in ("names", "casing", "punctuation", "misheard", "fillers"):
        assert silent[name].passed < 0.6 * silent[name].checks, "talk alone is told rightly"
    assert len(silent["outright"].failing) == MOST_SHOWN
    assert '"I will send the budget to finance" is not an action (0.00)' in silent["outright"].failing


@pytest.mark.parametrize(
    ("test", "now", "before", "expected"),
    [
        (Test.ACTION, Verdict(action=0.6, found=ACTION), None, True),
        (Test.ACTION, Verdict(action=0.6), None, False),
        (Test.NO_ACTION, Verdict(action=0.6), None, True),
        (Test.NO_ACTION, Verdict(action=0.6, found=ACTION), None, False),
        (Test.NO_ACTION, Verdict(action=0.1, found=frozenset({Label.DECISION})), None, True),
        (Test.SAME, Verdict(action=0.6, found=ACTION), Verdict(action=0.7, found=ACTION), True),
        (Test.SAME, Verdict(action=0.6, found=ACTION), Verdict(action=0.6), False),
        (Test.SAME, Verdict(action=0.6), Verdict(action=0.6, found=ACTION), False),
        (Test.SAME, Verdict(action=0.6), Verdict(action=0.6), False),
        (Test.SAME, Verdict(action=0.6 + ALIKE + 0.01, found=ACTION), Verdict(action=0.6, found=ACTION), False),
        (Test.NOT_LOWER, Verdict(action=0.6), Verdict(action=0.6 + SLACK - 0.01), True),
        (Test.NOT_LOWER, Verdict(action=0.6, found=ACTION), Verdict(action=0.6 + SLACK + 0.01), False),
        (Test.NOT_LOWER, Verdict(action=0.9), Verdict(action=0.1), True),
    ],
)
def test_a_check_asks_for_what_it_says(test: Test, now: Verdict, before: Verdict | None, expected: bool) -> None:
    assert passes(check(test), now, before) is expected


def test_talk_has_to_stay_talk() -> None:
    talk = replace(check(Test.SAME), action=False)
    found, nothing = Verdict(action=0.6, found=ACTION), Verdict(action=0.6)
    assert passes(talk, nothing, nothing)
    assert not any(passes(talk, *pair) for pair in ((found, nothing), (nothing, found), (found, found)))


@pytest.mark.parametrize("test", [Test.SAME, Test.NOT_LOWER])
def test_nothing_is_compared_with_nothing(test: Test) -> None:
    with pytest.raises(ValueError, match="compares"):
        passes(check(test), Verdict(action=0.5), None)


@given(VERDICTS)
def test_a_text_is_the_same_as_itself(verdict: Verdict) -> None:
    right = replace(check(Test.SAME), action=Label.ACTION in verdict.found)
    assert passes(right, verdict, verdict)
    assert not passes(replace(right, action=not right.action), verdict, verdict)
    assert passes(check(Test.NOT_LOWER), verdict, verdict)
    assert passes(check(Test.ACTION), verdict, None) is not passes(check(Test.NO_ACTION), verdict, None)


@given(VERDICTS, VERDICTS)
def test_sameness_has_no_direction(one: Verdict, other: Verdict) -> None:
    assert passes(check(Test.SAME), one, other) is passes(check(Test.SAME), other, one)


@given(st.data())
def test_every_check_is_counted_once(data: st.DataObject) -> None:
    small = read_suite(
        FRAME + FILL + ONE + '[[capability]]\nname = "b"\ntest = "same"\nchanges = ["upper", "names"]\n'
        'texts = ["{name} will {do}"]\ntalk = ["{name} {did}"]\n'
    )
    told = {text: data.draw(VERDICTS) for text in small.texts()}
    results = judge(small, told)
    assert [result.capability for result in results] == ["a", "b"]
    assert sum(result.checks for result in results) == len(small.checks) == 5
    assert [check.action for check in small.checks] == [True, True, True, False, False]
    for result in results:
        assert result.passed + len(result.failing) == result.checks
    assert judge(small, told) == results


def test_a_text_that_was_not_told_is_a_fault() -> None:
    with pytest.raises(KeyError):
        judge(SUITE, {})


def test_fillings_take_turns() -> None:
    suite = read_suite(FRAME + FILL + ONE + "each = 4\n")
    assert [check.text for check in suite.checks] == ["Bo will call", "Mei will call"], "each text once"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "is no TOML"),
        (FRAME + FILL, "lacks capability"),
        (FRAME + ONE, "lacks fill"),
        (f'more = "x"\n{FRAME}{FILL}{ONE}', "has more, which is not known"),
        ('frame = "x"\n' + FILL + ONE, r"\[frame\] has to be a table"),
        (FRAME.replace("[[", "[").replace("]]", "]") + FILL + ONE, "pairs of a speaker and a text"),
        (FRAME.replace('"so"', "1") + FILL + ONE, "has to be a text, and not 1"),
        (FRAME + FILL.replace('["Bo", "Mei"]', "[]") + ONE, r"name has to be a list that holds"),
        (FRAME + FILL.replace(', done = "called"', "") + ONE, "task lacks done"),
        (FRAME + FILL.replace("{ do", '{ a = "b", do') + ONE, "task has a, which"),
        (FRAME + FILL + ONE.replace('"action"', '"maybe"'), "capability a: test has to be one of"),
        (FRAME + FILL + ONE + "each = 0\n", "each has to be a number from 1"),
        (FRAME + FILL + ONE + "each = true\n", "each has to be a number from 1"),
        (FRAME + FILL + ONE + 'changes = ["upper"]\n', "changes go with"),
        (FRAME + FILL + ONE.replace('"action"', '"same"'), "changes go with"),
        (FRAME + FILL + ONE.replace('"action"', '"same"') + 'changes = ["louder"]\n', "'louder' is no change"),
        (FRAME + FILL + ONE.replace("{do}", "{redo}"), "may hold {name}"),
        (FRAME + FILL + ONE.replace("{do}", "{"), "may hold {name}"),
        (FRAME + FILL + ONE + 'talk = ["good"]\n', "talk goes with"),
        (
            FRAME + FILL + ONE.replace('"action"', '"same"').replace("{name}", "Bo") + 'changes = ["names"]\n',
            "has no {name} to change",
        ),
    ],
)
def test_what_is_no_suite_is_named(text: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        read_suite(text)


@given(
    st.dictionaries(st.sampled_from(["name", "test", "texts", "each", "changes"]), st.integers() | st.booleans())
)
def test_a_capability_without_words_is_refused(values: dict[str, Any]) -> None:
    lines = "".join(f"{key} = {str(value).lower()}\n" for key, value in values.items())
    with pytest.raises(ModelError):
        read_suite(f"{FRAME}{FILL}[[capability]]\n{lines}")
