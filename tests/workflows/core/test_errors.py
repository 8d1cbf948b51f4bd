"""Errors: a code of its own each, plain values, and a text that says what to do."""

from __future__ import annotations

import pytest

from workflows import errors
from workflows.durations import DurationError
from workflows.expressions import ExpressionError
from workflows.schedules import ScheduleError
from workflows.written import Fault, WrittenWrong

ALL: list[tuple[errors.WorkflowError, str]] = [
    (errors.DefinitionError("d", "it is wrong"), "the definition 'd' cannot be used: it is wrong"),
    (errors.TaskError("due", "write it as YYYY-MM-DD"), "due: write it as YYYY-MM-DD"),
    (errors.NotFound("r"), "there is no task 'r'; it may have been made in another office"),
    (errors.NotAllowed("r", "open", "fly", ("done", "edit")), "possible is: done, edit"),
    (errors.NotAllowed("r", "open", "fly", ()), "possible is: nothing"),
    (errors.Conflict("r", 1, 2), "you saw version 1, it is now 2); look at it again and repeat the change"),
    (errors.StoreError("choose another folder"), "choose another folder"),
    (errors.Endless("r", "d"), "'d' turns in a circle, so 'r' was left as it was"),
    (
        errors.FunctionBroke("d", "go", "it failed", "try again"),
        "the workflow 'd' cannot take 'go': it failed; try again",
    ),
    (errors.NotYours("r", "q", "ask Ana"), "ask Ana"),
    (errors.Outdated("r", "q"), "look at it again and decide then"),
    (errors.NotPossible("r", "skip", "nothing has failed"), "skip is not possible: nothing has failed"),
    (errors.CannotUpgrade("r", ["one", "two"]), "one; two"),
    (errors.Rival("r"), "'r' was changed at the same moment elsewhere; try again"),
    (errors.Fenced("c"), "the result of 'c' comes too late"),
    (errors.RehearsalError("start it first"), "start it first"),
    (ScheduleError("write five fields"), "write five fields"),
    (DurationError("write it like 30 s"), "write it like 30 s"),
    (ExpressionError("x +", "invalid syntax"), "'x +' cannot be understood: invalid syntax"),
    (WrittenWrong("d.yaml", [Fault(line=2, column=3, text="bad")]), "d.yaml:2:3: bad"),
]


@pytest.mark.parametrize(("error", "text"), ALL)
def test_an_error_says_what_is_wrong(error: errors.WorkflowError, text: str) -> None:
    assert text in str(error)


def test_every_kind_has_a_code_of_its_own() -> None:
    kinds = {type(error) for error, _ in ALL}
    assert kinds == {
        kind for kind in errors.WorkflowError.__subclasses__() if kind.__module__[:10] == "workflows."
    }
    assert len({kind.code for kind in kinds} | {errors.WorkflowError.code}) == len(kinds) + 1


def test_a_definition_error_has_one_problem_at_least() -> None:
    assert errors.DefinitionError("d", "why").problems == (((), "why"),)
