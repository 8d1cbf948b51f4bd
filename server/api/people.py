"""People: whom the office knows, and how it forgets somebody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from server.api.auth import SignedIn
from server.api.parts import Parts
from server.roles import Permission, Role, require

router = APIRouter(prefix="/people", tags=["people"])

Id = Annotated[str, Path(max_length=64)]


class PersonView(BaseModel):
    """Somebody whom the office knows; instants are seconds since the epoch."""

    id: str
    name: str
    role: Role
    created_at: float
    seen_at: float


class PeopleView(BaseModel):
    """All of them, longest known first."""

    people: list[PersonView]


class ErasureView(BaseModel):
    """The run that erases somebody: `GET /v1/runs/ID` says how far it is."""

    run: str


@router.get("")
async def list_people(session: SignedIn, parts: Parts) -> PeopleView:
    """List whom the office knows; for owners."""
    require(session.role, Permission.ERASE_PEOPLE)
    return PeopleView(
        people=[
            PersonView(
                id=one.id,
                name=one.name,
                role=one.role,
                created_at=one.created_at.timestamp(),
                seen_at=one.seen_at.timestamp(),
            )
            for one in await parts.records.people()
        ]
    )


@router.delete("/{person_id}", status_code=202)
async def erase_person(person_id: Id, session: SignedIn, parts: Parts) -> ErasureView:
    """Erase somebody: name, words, sound, what they gave with what they did. It cannot be taken back."""
    return ErasureView(run=(await parts.erasure.begin(session, person_id)).id)
