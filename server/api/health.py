"""How the office is: for supervisors and Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from server import __version__
from server.api.auth import current_session
from server.api.parts import Parts
from server.roles import Permission, require

router = APIRouter(tags=["health"])

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


class Health(BaseModel):
    """`ok`, or `degraded` where a part's state does not begin with `ok`."""

    status: str
    version: str
    parts: dict[str, str]


@router.get("/healthz")
async def read_health(parts: Parts) -> Health:
    """Say whether all is well."""
    states = dict(parts.health())
    well = all(state.split(" ", 1)[0] == "ok" for state in states.values())
    return Health(status="ok" if well else "degraded", version=__version__, parts=states)


@router.get("/metrics", response_class=Response)
async def read_metrics(request: Request, parts: Parts) -> Response:
    """Give Prometheus text: to programs on this machine, and to facilitators."""
    local = request.client is not None and request.client.host in _LOOPBACK
    if not local or "x-forwarded-for" in request.headers:
        require(current_session(request).role, Permission.READ_METRICS)
    return Response(parts.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")
