"""Sign in by an owner key or an invite, look at oneself, change name and look, sign out."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from server.api.auth import MaybeSignedIn, SignedIn, clear_cookie, set_cookie
from server.api.parts import HttpParts, Parts, SignIns
from server.errors import NotSignedIn
from server.identity import TOKEN_LIMIT, Grant, Session
from server.records import LOOK_CHOICES, LOOK_PARTS, NAME_LIMIT, Person
from server.roles import PERMISSIONS, Role

router = APIRouter(tags=["sessions"])

LookPart = Annotated[int, Field(ge=0, lt=LOOK_CHOICES)]
Look = Annotated[list[LookPart], Field(min_length=LOOK_PARTS, max_length=LOOK_PARTS)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT * 2)]
Key = Annotated[str, Field(min_length=1, max_length=TOKEN_LIMIT)]


class SignIn(BaseModel):
    """Who wants to enter, and by what right; without key and invite, by the session they have."""

    key: Key | None = None
    invite: Key | None = None
    name: Name
    look: Look


class MeChange(BaseModel):
    """What to change of oneself."""

    name: Name | None = None
    look: Look | None = None


class SessionView(BaseModel):
    """Who one is in this office."""

    id: str
    name: str
    role: Role
    look: list[int]
    may: list[str]
    """What the role allows."""


class Me(BaseModel):
    """The session of the one who asks."""

    session: SessionView


class SignedInNow(Me):
    """A new session; browsers keep it as a cookie, programs send the token as bearer."""

    token: str


@router.post("/sessions", status_code=201)
async def sign_in(
    wish: SignIn, request: Request, response: Response, parts: Parts, sign_ins: SignIns, before: MaybeSignedIn
) -> SignedInNow:
    """Sign in. Somebody who is signed in already stays the same person and never loses rights."""
    now = parts.now()
    sign_ins.take(request.client.host if request.client else "?", now)
    grant = await _grant(parts, wish, before)
    person_id = grant.person or (before.person if before else None) or uuid.uuid4().hex
    keeps = before is not None and before.person == person_id
    role = max(grant.role, before.role, key=lambda r: r.rank) if keeps and before else grant.role
    await parts.identity.redeem(grant, person=person_id, now=now)
    person = await parts.records.put_person(id=person_id, name=wish.name, role=role, look=wish.look, now=now)
    token = parts.identity.issue(person_id, role, now=now)
    set_cookie(response, token, secure=parts.settings.secure)
    response.headers["Cache-Control"] = "no-store"
    return SignedInNow(session=_view(person, role), token=token)


@router.get("/me")
async def read_me(session: SignedIn, parts: Parts) -> Me:
    """Say who is asking."""
    return Me(session=_view(await _person(parts, session), session.role))


@router.patch("/me")
async def change_me(change: MeChange, session: SignedIn, parts: Parts) -> Me:
    """Change name or look."""
    person = await _person(parts, session)
    name, look = change.name or person.name, change.look or person.look
    await parts.records.save_person(person.id, name, look)
    return Me(session=_view(await _person(parts, session), session.role))


@router.delete("/sessions/current", status_code=204)
async def sign_out(session: SignedIn, parts: Parts, response: Response) -> None:
    """Sign out: the token is worth nothing from here on."""
    await parts.identity.end(session)
    clear_cookie(response, secure=parts.settings.secure)


async def grant_of(parts: HttpParts, key: str | None, invite: str | None) -> Grant | None:
    """Look at a key or an invite; None where neither was given.

    Raises:
        NotSignedIn: it is not valid.
    """
    if key is not None:
        return await parts.identity.check_owner_key(key, now=parts.now())
    if invite is not None:
        return await parts.identity.check_invite(invite, now=parts.now())
    return None


async def _grant(parts: HttpParts, wish: SignIn, before: Session | None) -> Grant:
    try:
        grant = await grant_of(parts, wish.key, wish.invite)
    except NotSignedIn:
        if before is None:
            raise
        grant = None
    if grant is not None:
        return grant
    if before is None:
        raise NotSignedIn("entering needs an invite link; ask somebody of this office for one")
    return Grant(role=before.role, person=before.person)


async def _person(parts: HttpParts, session: Session) -> Person:
    person = await parts.records.person(session.person)
    if person is None:
        raise NotSignedIn("this office does not know you any more; open your invite link again")
    return person


def _view(person: Person, role: Role) -> SessionView:
    allowed = sorted(p.value for p in PERMISSIONS[role])
    return SessionView(id=person.id, name=person.name, role=role, look=list(person.look), may=allowed)
