"""What any model of understanding has to do: a fixed suite of checks by small texts, and how many of them pass.

The suite is data (`behaviour.toml`); here it is read, filled in and judged. Its checks are of four kinds, after
CheckList (Ribeiro et al. 2020): what is said outright, what must not count, what means nothing, what only adds.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from avatars.errors import ModelError
from avatars.rewording import is_change, renamed, reworded

ALIKE = 0.25
"""By how much a confidence may move over a change that means nothing."""
SLACK = 0.05
"""By how much a confidence may fall over a change that only adds: less is noise."""
MOST_SHOWN = 5
"""Failing examples of a capability that are kept."""
_NAME = "{name}"
_WORD = re.compile(r"[^\W\d_]+")


class Label(StrEnum):
    """What a model may tell of an utterance; not every model tells all."""

    ACTION = "action"
    DECISION = "decision"
    QUESTION = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a model tells of one utterance."""

    action: float
    """How surely it is an action, 0 … 1."""
    found: frozenset[Label] = frozenset()
    """Told so surely that the office would show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One utterance of a made-up meeting."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A made-up meeting, or a part of one."""

    turns: tuple[Turn, ...]
    names: tuple[str, ...] = ()
    """People who are there, beside the speakers."""
    asked: tuple[int, ...] = ()
    """Places of the turns that are to be told."""
    whole: bool = False
    """A meeting from its beginning to its end, written down by people; else a part of one, as it is heard."""


class Test(StrEnum):
    """What a check asks for."""

    __test__ = False  # pytest would collect it

    ACTION = "action"
    NO_ACTION = "no_action"
    SAME = "same"
    NOT_LOWER = "not_lower"


_COMPARING = (Test.SAME, Test.NOT_LOWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One text and what is asked of it."""

    capability: str
    test: Test
    text: str
    base: str = ""
    """The text before the change, for tests that compare; else empty."""
    action: bool = True
    """Whether both are actions, where the test is `SAME`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """All checks, and what is said around each text."""

    checks: tuple[Check, ...]
    names: tuple[str, ...]
    """That stand in texts."""
    speaker: str
    """Who says each text."""
    before: tuple[Turn, ...]
    after: tuple[Turn, ...]

    def texts(self) -> tuple[str, ...]:
        """Every text that is to be told, each once."""
        return tuple(dict.fromkeys(text for check in self.checks for text in (check.base, check.text) if text))

    def conversation(self, text: str) -> Conversation:
        """A text with what is said around it; its place is asked for."""
        said = Turn(speaker=self.speaker, text=text)
        words = set(_WORD.findall(text.lower()))
        return Conversation(
            turns=(*self.before, said, *self.after),
            names=tuple(name for name in self.names if name.lower() in words),
            asked=(len(self.before),),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one capability came out."""

    capability: str
    passed: int
    checks: int
    failing: tuple[str, ...]
    """The first of the failing examples, with what was told."""


def judge(suite: Suite, told: Mapping[str, Verdict]) -> tuple[Result, ...]:
    """Hold a model to the suite.

    Args:
        suite: the checks.
        told: for each of `suite.texts()` what the model tells of it.

    Returns:
        One result for each capability, in the suite's order.

    Raises:
        KeyError: a text was not told.
    """
    totals: Counter[str] = Counter(check.capability for check in suite.checks)
    passed: Counter[str] = Counter()
    failing: dict[str, list[str]] = {}
    for check in suite.checks:
        verdict, base = told[check.text], told[check.base] if check.base else None
        if passes(check, verdict, base):
            passed[check.capability] += 1
        else:
            failing.setdefault(check.capability, []).append(_in_words(check, verdict, base))
    return tuple(
        Result(
            capability=name,
            passed=passed[name],
            checks=total,
            failing=tuple(failing.get(name, ())[:MOST_SHOWN]),
        )
        for name, total in totals.items()
    )


def passes(check: Check, verdict: Verdict, base: Verdict | None) -> bool:
    """Whether what was told of a text is what its check asks for.

    Args:
        check: what is asked.
        verdict: of the text.
        base: of the text before the change; needed by tests that compare.

    Raises:
        ValueError: the test compares, and there is nothing to compare with.
    """
    found = Label.ACTION in verdict.found
    if check.test not in _COMPARING:
        return found is (check.test is Test.ACTION)
    if base is None:
        raise ValueError(f"{check.test} compares with the text before the change")
    if check.test is Test.NOT_LOWER:
        return verdict.action >= base.action - SLACK
    rightly = found is check.action and (Label.ACTION in base.found) is check.action
    return rightly and abs(verdict.action - base.action) <= ALIKE


def _in_words(check: Check, verdict: Verdict, base: Verdict | None) -> str:
    told = f'"{check.text}" {_told(verdict)}'
    return told if base is None else f'{told}; "{check.base}" {_told(base)}'


def _told(verdict: Verdict) -> str:
    return f"{'is' if Label.ACTION in verdict.found else 'is not'} an action ({verdict.action:.2f})"


def read_suite(text: str, source: str = "behaviour.toml") -> Suite:
    """Read a suite and fill in its texts.

    Args:
        text: TOML, as in `assets/models/understanding/behaviour.toml`.
        source: the file's name, for messages.

    Raises:
        ModelError: something is missing, unknown or of the wrong kind; the text says what.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(source, f"is no TOML: {error}") from error
    reader = _Reader(source)
    reader.keys(table, "the file", {"frame", "fill", "capability"})
    frame, fill = reader.table(table, "frame"), reader.table(table, "fill")
    reader.keys(frame, "[frame]", {"speaker", "before", "after"})
    reader.keys(fill, "[fill]", {"name", "task"})
    names = reader.texts(fill["name"], "[fill] name")
    tasks = [reader.task(task) for task in reader.filled(fill["task"], "[fill] task")]
    checks = [
        check
        for one in reader.filled(table["capability"], "[[capability]]")
        for check in _checks(reader.capability(one), names, tasks)
    ]
    return Suite(
        checks=tuple(dict.fromkeys(checks)),
        names=names,
        speaker=reader.text(frame["speaker"], "[frame] speaker"),
        before=reader.turns(frame["before"], "[frame] before"),
        after=reader.turns(frame["after"], "[frame] after"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Capability:
    name: str
    test: Test
    each: int
    texts: tuple[str, ...]
    talk: tuple[str, ...]
    """Further texts, which are no actions."""
    changes: tuple[str, ...]


def _checks(one: _Capability, names: Sequence[str], tasks: Sequence[Mapping[str, str]]) -> Iterator[Check]:
    """The k-th filling of the t-th text takes the next task and the next name, so that all have their turn."""
    for number, text in enumerate((*one.texts, *one.talk)):
        for filling in range(one.each):
            place = number * one.each + filling
            task, name = tasks[place % len(tasks)], names[place % len(names)]
            base = text.format(name=name, **task)
            if one.test not in _COMPARING:
                yield Check(capability=one.name, test=one.test, text=base)
                continue
            for change in one.changes:
                others = renamed(base, name, names) if change == "names" else [reworded(base, change)]
                for other in others:
                    if other != base:
                        action = number < len(one.texts)
                        yield Check(capability=one.name, test=one.test, text=other, base=base, action=action)


class _Reader:
    """Takes a suite's tables apart; what is wrong is named with its place."""

    def __init__(self, source: str) -> None:
        self._source = source

    def wrong(self, where: str, reason: str) -> ModelError:
        return ModelError(self._source, f"{where} {reason}")

    def keys(self, table: Mapping[str, Any], where: str, needed: set[str], more: set[str] | None = None) -> None:
        if missing := sorted(needed - table.keys()):
            raise self.wrong(where, f"lacks {', '.join(missing)}")
        if unknown := sorted(table.keys() - needed - (more or set())):
            raise self.wrong(where, f"has {', '.join(unknown)}, which is not known: take it out")

    def table(self, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        if not isinstance(table[name], dict):
            raise self.wrong(f"[{name}]", "has to be a table")
        found: Mapping[str, Any] = table[name]
        return found

    def filled(self, value: Any, where: str) -> list[Any]:
        if not isinstance(value, list) or not value:
            raise self.wrong(where, "has to be a list that holds something")
        return value

    def text(self, value: Any, where: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(where, f"has to be a text, and not {value!r}")
        return value

    def texts(self, value: Any, where: str) -> tuple[str, ...]:
        return tuple(self.text(one, where) for one in self.filled(value, where))

    def task(self, value: Any) -> Mapping[str, str]:
        if not isinstance(value, dict):
            raise self.wrong("[fill] task", "has to be tables with do, did and done")
        self.keys(value, "[fill] task", {"do", "did", "done"})
        return {key: self.text(one, f"[fill] task {key}") for key, one in value.items()}

    def turns(self, value: Any, where: str) -> tuple[Turn, ...]:
        pairs = self.filled(value, where)
        if any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
            raise self.wrong(where, "has to be pairs of a speaker and a text")
        return tuple(Turn(speaker=self.text(who, where), text=self.text(what, where)) for who, what in pairs)

    def capability(self, value: Any) -> _Capability:
        if not isinstance(value, dict):
            raise self.wrong("[[capability]]", "has to be a table")
        self.keys(value, "[[capability]]", {"name", "test", "texts"}, {"each", "changes", "talk"})
        name = self.text(value["name"], "[[capability]] name")
        where = f"capability {name}:"
        if value["test"] not in list(Test):
            raise self.wrong(where, f"test has to be one of {', '.join(Test)}, and not {value['test']!r}")
        test, each = Test(value["test"]), value.get("each", 1)
        if not isinstance(each, int) or isinstance(each, bool) or each < 1:
            raise self.wrong(where, f"each has to be a number from 1, and not {each!r}")
        changes = self.texts(value["changes"], f"{where} changes") if "changes" in value else ()
        if bool(changes) != (test in _COMPARING):
            raise self.wrong(where, "changes go with the tests same and not_lower, and with no other")
        for change in changes:
            if not is_change(change):
                raise self.wrong(where, f"{change!r} is no change that is known")
        texts = self.texts(value["texts"], f"{where} texts")
        talk = self.texts(value["talk"], f"{where} talk") if "talk" in value else ()
        if talk and test is not Test.SAME:
            raise self.wrong(where, "talk goes with the test same, and with no other")
        for text in (*texts, *talk):
            self._fillable(text, where)
            if "names" in changes and _NAME not in text:
                raise self.wrong(where, f'"{text}" has no {_NAME} to change')
        return _Capability(name=name, test=test, each=each, texts=texts, talk=talk, changes=changes)

    def _fillable(self, text: str, where: str) -> None:
        try:
            text.format(name="", do="", did="", done="")
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise self.wrong(where, f'"{text}" may hold {{name}}, {{do}}, {{did}} and {{done}}') from error
