"""Invite links: make, list, withdraw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from server.api.auth import SignedIn
from server.api.parts import Parts
from server.identity import INVITE_HOURS_LIMIT, Invite
from server.roles import Permission, Role, require

router = APIRouter(prefix="/invites", tags=["invites"])


class InviteWish(BaseModel):
    """For whom, and for how long."""

    role: Role = Role.MEMBER
    hours: Annotated[float, Field(gt=0, le=INVITE_HOURS_LIMIT)] = 24


class InviteView(BaseModel):
    """An invite; instants are seconds since the epoch."""

    id: str
    role: Role
    created_by: str
    created_at: float
    expires_at: float
    revoked_at: float | None
    uses: int


class NewInvite(InviteView):
    """An invite with its link, which is shown this once."""

    token: str
    url: str


class Invites(BaseModel):
    """All invites, newest first."""

    invites: list[InviteView]


@router.post("", status_code=201)
async def create_invite(wish: InviteWish, request: Request, session: SignedIn, parts: Parts) -> NewInvite:
    """Invite somebody, never above one's own role."""
    made, secret = await parts.identity.invite(session, role=wish.role, hours=wish.hours, now=parts.now())
    base = (parts.settings.public_url or str(request.base_url)).rstrip("/")
    return NewInvite(**_view(made).model_dump(), token=secret, url=f"{base}/?invite={secret}")


@router.get("")
async def list_invites(session: SignedIn, parts: Parts) -> Invites:
    """List invites, expired and withdrawn ones too; their secrets are not kept."""
    require(session.role, Permission.INVITE)
    return Invites(invites=[_view(made) for made in await parts.identity.invites()])


@router.delete("/{invite_id}", status_code=204)
async def revoke_invite(invite_id: str, session: SignedIn, parts: Parts) -> None:
    """Withdraw an invite; people who came by it stay."""
    require(session.role, Permission.INVITE)
    await parts.identity.revoke_invite(invite_id, now=parts.now())


def _view(made: Invite) -> InviteView:
    return InviteView(
        id=made.id,
        role=made.role,
        created_by=made.created_by,
        created_at=made.created_at.timestamp(),
        expires_at=made.expires_at.timestamp(),
        revoked_at=made.revoked_at.timestamp() if made.revoked_at else None,
        uses=made.uses,
    )
