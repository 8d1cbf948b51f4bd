"""Mailbox: where one hears by mail of what waits, once the address is confirmed; nobody else is shown it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server.api.auth import SignedIn
from server.api.parts import HttpParts, Parts
from server.mailboxes import Mailbox
from server.mailing import MOST_ADDRESS

router = APIRouter(prefix="/me/mailbox", tags=["sessions"])


MOST_CODE = 40
"""Characters; people copy spaces with it."""


class MailboxView(BaseModel):
    """One's own mailbox."""

    address: str
    """Empty: none."""
    wanted: bool
    """Whether one wants to hear of questions that wait for one."""
    sends: bool
    """Whether the office has a mail server."""
    confirmed: bool
    """Whether the code that was sent there was entered; no letter about questions goes there before."""
    code_until: float | None
    """Until when a code can be entered, in seconds since 1970; null: none was sent, or it is over."""


class MailboxWish(BaseModel):
    """What to keep."""

    address: Annotated[str, Field(max_length=MOST_ADDRESS)]
    wanted: bool


class CodeGiven(BaseModel):
    """What the letter says."""

    code: Annotated[str, Field(max_length=MOST_CODE)]


@router.get("")
async def read_mailbox(session: SignedIn, parts: Parts) -> MailboxView:
    """Give the address that one gave."""
    return _view(await parts.mailboxes.of(session.person, parts.now()), parts)


@router.put("")
async def write_mailbox(wish: MailboxWish, session: SignedIn, parts: Parts) -> MailboxView:
    """Give an address, to which a code is sent, or take it back with an empty one."""
    kept = await parts.mailboxes.put(session.person, address=wish.address, wanted=wish.wanted, now=parts.now())
    return _view(kept, parts)


@router.post("/code")
async def send_code(session: SignedIn, parts: Parts) -> MailboxView:
    """Have another code sent to the address that one gave."""
    return _view(await parts.mailboxes.send_code(session.person, parts.now()), parts)


@router.post("/confirm")
async def confirm(given: CodeGiven, session: SignedIn, parts: Parts) -> MailboxView:
    """Enter the code."""
    return _view(await parts.mailboxes.confirm(session.person, given.code, parts.now()), parts)


def _view(kept: Mailbox, parts: HttpParts) -> MailboxView:
    return MailboxView(
        address=kept.address,
        wanted=kept.wanted,
        sends=parts.mailboxes.sends,
        confirmed=kept.confirmed,
        code_until=kept.code_until.timestamp() if kept.code_until else None,
    )
