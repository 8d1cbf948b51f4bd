"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from server.errors import DoesNotFit, Problem, ServerError, problem_of
from workflows.errors import CannotUpgrade, FunctionBroke, Unplaced, WorkflowError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


def problem_response(problem: Problem, **more: Any) -> Response:
    """Write a problem."""
    body = {
        "type": f"urn:atrium:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        **more,
    }
    headers = {"Cache-Control": "no-store"}
    if problem.retry_seconds is not None:
        headers["Retry-After"] = str(problem.retry_seconds)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of this application with a problem."""
    app.add_exception_handler(ServerError, _ours)
    app.add_exception_handler(WorkflowError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


async def _ours(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if problem.status >= 500:
        logger.error("a request failed", extra={"path": request.url.path, "code": problem.code})
    if isinstance(error, FunctionBroke):
        fields = {"definition": error.definition, "event": error.event, "run": error.run}
        logger.error("a function of a workflow failed", extra=fields, exc_info=error.__cause__)
    match error:
        case DoesNotFit():
            errors = [{"field": one.field, "reason": one.reason} for one in error.faults]
            return problem_response(problem, errors=errors)
        case CannotUpgrade():
            reasons = [{"run": error.run, "reason": one} for one in error.reasons]
            return problem_response(problem, errors=reasons, unplaced=[_unplaced(one) for one in error.unplaced])
        case _:
            return problem_response(problem)


def _unplaced(one: Unplaced) -> dict[str, Any]:
    choices = [{"name": name, "title": title} for name, title in one.choices]
    return {"name": one.state, "title": one.title, "choices": choices}


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"][1:]), "reason": fault["msg"]}
        for fault in error.errors()
    ]
    detail = "; ".join(f"{f['field'] or 'body'}: {f['reason']}" for f in faults[:3])
    problem = Problem(status=422, code="invalid", title="Cannot be taken", detail=detail)
    return problem_response(problem, errors=faults)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    code = title.lower().replace(" ", "_")
    detail = str(error.detail) if error.detail != title else f"{request.method} {request.url.path}: {title}"
    problem = Problem(status=error.status_code, code=code, title=title, detail=detail)
    return problem_response(problem)


async def _fault(request: Request, error: Exception) -> Response:
    logger.error("a request met a fault", extra={"path": request.url.path}, exc_info=error)
    return problem_response(problem_of(error))
