"""The entrance: which office this is and who is in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from server import __version__
from server.api.auth import MaybeSignedIn
from server.api.parts import Parts
from server.api.sessions import grant_of
from server.errors import NotSignedIn
from server.identity import TOKEN_LIMIT

router = APIRouter(tags=["lobby"])

Credential = Annotated[str | None, Query(max_length=TOKEN_LIMIT)]


class LobbyPersonView(BaseModel):
    """Somebody who is in."""

    name: str
    zone: str
    look: list[int]
    kind: str


class Lobby(BaseModel):
    """The office from outside its door."""

    office: str
    people: list[LobbyPersonView]
    engine: dict[str, Any]
    version: str


@router.get("/lobby")
async def read_lobby(
    parts: Parts, session: MaybeSignedIn, key: Credential = None, invite: Credential = None
) -> Lobby:
    """Say who is in. It needs a session, or a valid key or invite, which is not used up by this."""
    if session is None and await grant_of(parts, key, invite) is None:
        raise NotSignedIn("entering needs an invite link; ask somebody of this office for one")
    view = parts.office_view()
    people = [LobbyPersonView(name=p.name, zone=p.zone, look=list(p.look), kind=p.kind) for p in view.people]
    return Lobby(office=parts.settings.office_name, people=people, engine=dict(view.engine), version=__version__)
