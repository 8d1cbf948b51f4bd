"""What can go wrong with work: one base, one stable code a kind, plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WorkflowError(Exception):
    """Base of every error of this package."""

    code: str = "workflow"


class DefinitionError(WorkflowError):
    """A definition contradicts itself or names something that does not exist."""

    code = "definition"

    def __init__(
        self, definition: str, reason: str, problems: Sequence[tuple[tuple[str | int, ...], str]] = ()
    ) -> None:
        super().__init__(f"the definition {definition!r} cannot be used: {reason}")
        self.definition = definition
        self.reason = reason
        self.problems = tuple(problems) or (((), reason),)
        """All that is wrong, each with its path in the document."""


class TaskError(WorkflowError):
    """A task's text, owner or date cannot be taken as given."""

    code = "task"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotFound(WorkflowError):
    """There is no run with this id."""

    code = "not_found"

    def __init__(self, run: str) -> None:
        super().__init__(f"there is no task {run!r}; it may have been made in another office")
        self.run = run


class NotAllowed(WorkflowError):
    """The run's state has no transition for this event."""

    code = "not_allowed"

    def __init__(self, run: str, state: str, event: str, possible: tuple[str, ...]) -> None:
        ways = ", ".join(possible) or "nothing"
        super().__init__(f"{event!r} is not possible while the task is {state}; possible is: {ways}")
        self.run = run
        self.state = state
        self.event = event
        self.possible = possible


class Conflict(WorkflowError):
    """Somebody else changed the run first."""

    code = "conflict"

    def __init__(self, run: str, expected: int, actual: int) -> None:
        super().__init__(
            f"the task was changed meanwhile (you saw version {expected}, it is now {actual}); "
            "look at it again and repeat the change"
        )
        self.run = run
        self.expected = expected
        self.actual = actual


class StoreError(WorkflowError):
    """The database cannot be opened or used; the text says what to do."""

    code = "store"


class Endless(WorkflowError):
    """A definition goes round in circles."""

    code = "endless"

    def __init__(self, run: str, definition: str) -> None:
        super().__init__(f"the definition {definition!r} turns in a circle, so {run!r} was left as it was")
        self.run = run


class NotYours(WorkflowError):
    """This person may not decide this."""

    code = "not_yours"

    def __init__(self, run: str, task: str, reason: str) -> None:
        super().__init__(reason)
        self.run = run
        self.task = task


class Outdated(WorkflowError):
    """Something else was shown than what stands there now."""

    code = "outdated"

    def __init__(self, run: str, task: str) -> None:
        super().__init__("what you decided about has changed since you saw it; look at it again and decide then")
        self.run = run
        self.task = task


class NotPossible(WorkflowError):
    """A run cannot be moved so now."""

    code = "not_possible"

    def __init__(self, run: str, operation: str, reason: str) -> None:
        super().__init__(f"{operation} is not possible: {reason}")
        self.run = run


class FunctionBroke(WorkflowError):
    """A function that a definition names failed on what somebody did; the text says what became of it."""

    code = "function_broke"

    def __init__(self, definition: str, event: str, fault: str, what_now: str, run: str = "") -> None:
        super().__init__(f"the workflow {definition!r} cannot take {event!r}: {fault}; {what_now}")
        self.definition = definition
        self.event = event
        self.run = run
        """Empty where none was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A state that a run stands in, and for which the newer version of its definition has no place."""

    state: str
    title: str
    choices: tuple[tuple[str, str], ...]
    """Name and title of the states that it may become."""


class CannotUpgrade(WorkflowError):
    """A run cannot follow a newer version of its definition."""

    code = "cannot_upgrade"

    def __init__(self, run: str, reasons: list[str], unplaced: Sequence[Unplaced] = ()) -> None:
        super().__init__("; ".join(reasons))
        self.run = run
        self.reasons = reasons
        self.unplaced = tuple(unplaced)
        """Of which states it has to be said what they become; said so, it may be tried again."""


class Rival(WorkflowError):
    """Another process changed a run at the same moment; the unit of work is done again."""

    code = "rival"

    def __init__(self, run: str) -> None:
        super().__init__(f"{run!r} was changed at the same moment elsewhere; try again")
        self.run = run


class Fenced(WorkflowError):
    """A result came from one who does not hold the lease any more: another works on it, or nobody wants it."""

    code = "fenced"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the result of {name!r} comes too late: it was given to another, or is not wanted any more"
        )
        self.name = name


class RehearsalError(WorkflowError):
    """What was asked of a rehearsal cannot be done there, or not as it was said."""

    code = "rehearsal"
