"""Floor plans."""

from __future__ import annotations

from fastapi import APIRouter, Response

from server.api.parts import Parts
from server.errors import Missing

router = APIRouter(prefix="/rooms", tags=["rooms"])


@router.get("/{room}/plan", response_class=Response)
async def read_plan(room: str, parts: Parts) -> Response:
    """Give a room's floor plan."""
    plan = parts.plans.get(room)
    if plan is None:
        raise Missing(f"there is no room {room!r}; there are {', '.join(sorted(parts.plans))}")
    return Response(plan, media_type="application/json", headers={"Cache-Control": "no-cache"})
