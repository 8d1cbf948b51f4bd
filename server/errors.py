"""What the roof can refuse, and the one table from exceptions to problems a client reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.errors import (
    CannotUpgrade,
    Conflict,
    DefinitionError,
    Endless,
    Fenced,
    FunctionBroke,
    NotAllowed,
    NotFound,
    NotPossible,
    NotYours,
    Outdated,
    Rival,
    StoreError,
    TaskError,
    WorkflowError,
)
from workflows.schedules import ScheduleError


class ServerError(Exception):
    """Base of the errors of this package; its text is for people and says what to do."""

    code: str = "server"
    status: int = 500
    title: str = "Something went wrong"


class NotSignedIn(ServerError):
    """There is no token, or it is not valid."""

    code = "not_signed_in"
    status = 401
    title = "Not signed in"


class Forbidden(ServerError):
    """The person is known, but their role does not allow this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class Missing(ServerError):
    """There is no such thing, or not for this person."""

    code = "missing"
    status = 404
    title = "Not found"


class Busy(ServerError):
    """Something that is needed has too much to do, or is being started again."""

    code = "busy"
    status = 503
    title = "Busy just now"


class Unacceptable(ServerError):
    """A value cannot be taken as given."""

    code = "unacceptable"
    status = 422
    title = "Cannot be taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One thing that is wrong with what was filled in."""

    field: str
    """Its path, with dots; empty for the whole."""
    label: str
    """What people call it."""
    reason: str


class DoesNotFit(Unacceptable):
    """What was filled in does not fit its form."""

    code = "does_not_fit"

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("; ".join(f"{one.label or 'this'} {one.reason}" for one in faults[:3]))
        self.faults = tuple(faults)


class WrongCode(Unacceptable):
    """It is not the code that was sent; there are tries left."""

    code = "wrong_code"
    title = "Not the code"


class CodeOver(Unacceptable):
    """There is no code that could be right: none was sent, it is too old, or it was tried too often."""

    code = "code_over"
    title = "This code is over"


class NotSent(ServerError):
    """A letter that somebody waits for could not be sent."""

    code = "not_sent"
    status = 409
    title = "No letter was sent"


class TooOften(ServerError):
    """Too many tries in too short a time."""

    code = "too_often"
    status = 429
    title = "Too many requests"

    def __init__(self, retry_seconds: int) -> None:
        """`retry_seconds` is how long to wait."""
        super().__init__(f"too many tries; wait {retry_seconds} s and try again")
        self.retry_seconds = retry_seconds


class SecretError(ServerError):
    """The secret that signs tokens cannot be read or made."""

    code = "secret"


class BackupError(ServerError):
    """A backup cannot be written, or an archive cannot be restored."""

    code = "backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a client reads of an error (RFC 9457)."""

    status: int
    code: str
    title: str
    detail: str
    retry_seconds: int | None = None


_WORKFLOW_STATUS: dict[type[WorkflowError], tuple[int, str]] = {
    NotFound: (404, "Not found"),
    NotAllowed: (409, "Not possible now"),
    Conflict: (409, "Changed meanwhile"),
    NotPossible: (409, "Not possible now"),
    NotYours: (403, "Not yours to decide"),
    Outdated: (409, "Changed meanwhile"),
    CannotUpgrade: (409, "Cannot follow the new version"),
    Fenced: (409, "Too late"),
    Rival: (409, "Changed meanwhile"),
    DefinitionError: (409, "This workflow cannot be used"),
    Endless: (409, "This workflow turns in a circle"),
    FunctionBroke: (409, "This workflow has a fault"),
    TaskError: (422, "Cannot be taken"),
    ScheduleError: (422, "Cannot be taken"),
    StoreError: (503, "The office cannot save"),
}


def problem_of(error: Exception) -> Problem:
    """Translate an error; what is not ours says nothing of its inside."""
    match error:
        case ServerError():
            retry = error.retry_seconds if isinstance(error, TooOften) else None
            return Problem(
                status=error.status,
                code=error.code,
                title=error.title,
                detail=str(error),
                retry_seconds=retry,
            )
        case WorkflowError():
            status, title = _WORKFLOW_STATUS.get(type(error), (500, "Something went wrong"))
            return Problem(status=status, code=error.code, title=title, detail=str(error))
        case _:
            return Problem(
                status=500,
                code="internal",
                title="Something went wrong",
                detail="The office met a fault of its own; it is in the log. Try again.",
            )
