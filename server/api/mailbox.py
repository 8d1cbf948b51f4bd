"""Mailbox: where one hears by mail of what waits for one; nobody else is shown it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server.api.auth import SignedIn
from server.api.parts import Parts
from server.mailing import MOST_ADDRESS

router = APIRouter(prefix="/me/mailbox", tags=["sessions"])


class MailboxView(BaseModel):
    """One's own mailbox."""

    address: str
    """Empty: none."""
    wanted: bool
    """Whether one wants to hear of questions that wait for one."""
    sends: bool
    """Whether the office has a mail server."""


class MailboxWish(BaseModel):
    """What to keep."""

    address: Annotated[str, Field(max_length=MOST_ADDRESS)]
    wanted: bool


@router.get("")
async def read_mailbox(session: SignedIn, parts: Parts) -> MailboxView:
    """Give the address that one gave."""
    kept = await parts.mailboxes.of(session.person)
    return MailboxView(address=kept.address, wanted=kept.wanted, sends=parts.settings.sends_mail)


@router.put("")
async def write_mailbox(wish: MailboxWish, session: SignedIn, parts: Parts) -> MailboxView:
    """Give an address, or take it back with an empty one."""
    kept = await parts.mailboxes.put(session.person, address=wish.address, wanted=wish.wanted)
    return MailboxView(address=kept.address, wanted=kept.wanted, sends=parts.settings.sends_mail)
