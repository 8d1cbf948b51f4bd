"""The suite of checks: fixed, whole, judged as said; and what is no suite is named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.behaviour import ALIKE, MOST_SHOWN, SLACK, Label, Suite, Test, Verdict, judge, passes, read_suite
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


def oracle(suite: Suite) -> dict[str, Verdict]:
    """What a model tells that passes all checks which do not contradict each other."""
    wanted = {check.text for check in suite.checks if check.test is Test.ACTION}
    return {
        text: Verdict(action=1.0, found=ACTION) if text in wanted else Verdict(action=0.0)
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
    assert found.names == ("Bo", "Mei"), 'and nobody because of "about" and "meeting"'
    assert SUITE.conversation("MEI WILL CALL").names == ("Mei",)


def test_whoever_is_right_passes_and_whoever_is_silent_fails_what_is_said_outright() -> None:
    results = {result.capability: result for result in judge(SUITE, oracle(SUITE))}
    for name in ("outright", "talk", "question", "past", "conditional", "negation"):
        assert results[name].passed == results[name].checks
        assert results[name].failing == ()
    silent = judge(SUITE, {text: Verdict(action=0.0) for text in SUITE.texts()})
    outright = next(result for result in silent if result.capability == "outright")
    assert outright.passed == 0
    assert len(outright.failing) == MOST_SHOWN
    assert '"I will send the budget to finance" is not an action (0.00)' in outright.failing


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
        (Test.SAME, Verdict(action=0.6 + ALIKE + 0.01), Verdict(action=0.6), False),
        (Test.NOT_LOWER, Verdict(action=0.6), Verdict(action=0.6 + SLACK - 0.01), True),
        (Test.NOT_LOWER, Verdict(action=0.6, found=ACTION), Verdict(action=0.6 + SLACK + 0.01), False),
        (Test.NOT_LOWER, Verdict(action=0.9), Verdict(action=0.1), True),
    ],
)
def test_a_check_asks_for_what_it_says(test: Test, now: Verdict, before: Verdict | None, expected: bool) -> None:
    assert passes(test, now, before) is expected


@pytest.mark.parametrize("test", [Test.SAME, Test.NOT_LOWER])
def test_nothing_is_compared_with_nothing(test: Test) -> None:
    with pytest.raises(ValueError, match="compares"):
        passes(test, Verdict(action=0.5), None)


@given(VERDICTS)
def test_a_text_is_the_same_as_itself(verdict: Verdict) -> None:
    assert passes(Test.SAME, verdict, verdict)
    assert passes(Test.NOT_LOWER, verdict, verdict)
    assert passes(Test.ACTION, verdict, None) is not passes(Test.NO_ACTION, verdict, None)


@given(VERDICTS, VERDICTS)
def test_sameness_has_no_direction(one: Verdict, other: Verdict) -> None:
    assert passes(Test.SAME, one, other) is passes(Test.SAME, other, one)


@given(st.data())
def test_every_check_is_counted_once(data: st.DataObject) -> None:
    small = read_suite(
        FRAME + FILL + ONE + '[[capability]]\nname = "b"\ntest = "same"\nchanges = ["upper", "names"]\n'
        'texts = ["{name} {did}"]\n'
    )
    told = {text: data.draw(VERDICTS) for text in small.texts()}
    results = judge(small, told)
    assert [result.capability for result in results] == ["a", "b"]
    assert sum(result.checks for result in results) == len(small.checks) == 3
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
