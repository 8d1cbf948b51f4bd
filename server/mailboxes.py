"""Where people hear by mail of what waits for them, if they want to. No other person is shown an address.

An address counts after it was confirmed by a code that was sent there: letters say what an office decides about,
and one wrong sign would send them to a stranger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.errors import CodeOver, Missing, Unacceptable, WrongCode
from server.mail_codes import MOST_TRIES, MailCodes, SentCode
from server.mailing import NoAddress, address_of
from server.rows import Rows

_ANOTHER = "have another one sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """What somebody gave."""

    address: str = field(repr=False)
    """Empty: none."""
    wanted: bool
    """Whether they want to hear of what waits for them."""
    confirmed: bool = False
    """Whether they have shown that letters to the address reach them."""
    code_until: datetime | None = None
    """Until when the code that was sent there can be entered; None: no code would be taken."""


class Mailboxes:
    """Reads and writes addresses. They stand with the person, and go with them."""

    def __init__(self, rows: Rows, codes: MailCodes | None = None) -> None:
        """One office.

        Args:
            rows: the plain tables of its database.
            codes: sends what confirms an address; None where it sends no mail.
        """
        self._rows, self._codes = rows, codes

    @property
    def sends(self) -> bool:
        """Whether the office has a mail server."""
        return self._codes is not None

    async def of(self, person: str, now: datetime) -> Mailbox:
        """Give what somebody gave; nothing where nobody is known of that id."""
        rows = await self._rows.select("person", {"id": person})
        return _mailbox(rows[0], now) if rows else Mailbox(address="", wanted=False)

    async def put(self, person: str, *, address: str, wanted: bool, now: datetime) -> Mailbox:
        """Keep an address, or none; to one that is new a code is sent first.

        Raises:
            Unacceptable: it is no address.
            TooOften: too many letters were sent.
            NotSent: no letter can be sent there; what was kept stays.
            Missing: nobody is known of that id.
        """
        try:
            new = address_of(address) if address.strip() else ""
        except NoAddress as fault:
            raise Unacceptable(str(fault)) from fault
        changes: dict[str, Any] = {"mailed": wanted}
        if new != (await self._row(person))["mail"]:
            sent = await self._codes.send(person, new, now) if new and self._codes else None
            changes |= {"mail": new, "mail_confirmed_at": None, **_kept(sent)}
        await self._rows.update("person", changes, {"id": person})
        return await self.of(person, now)

    async def send_code(self, person: str, now: datetime) -> Mailbox:
        """Send a new code to an address that waits to be confirmed; those of before are worth nothing then.

        Raises:
            Unacceptable: there is no address, or no mail server.
            TooOften: too many letters were sent.
            NotSent: no letter can be sent there; a code of before stays good.
            Missing: nobody is known of that id.
        """
        row = await self._row(person)
        if not row["mail"]:
            raise Unacceptable("there is no address to send a code to; save one first")
        if self._codes is None:
            raise Unacceptable("this office sends no mail yet; its owner can set a mail server")
        if row["mail_confirmed_at"] is None:
            sent = await self._codes.send(person, row["mail"], now)
            # Not where another address was kept meanwhile: its code would be lost.
            await self._rows.update("person", _kept(sent), {"id": person, "mail": row["mail"]})
        return await self.of(person, now)

    async def confirm(self, person: str, code: str, now: datetime) -> Mailbox:
        """Take the code that was sent; the address counts from here on.

        Raises:
            WrongCode: it is not what was sent.
            CodeOver: no code would be taken; another one has to be sent.
            Missing: nobody is known of that id.
        """
        while True:
            row = await self._row(person)
            before = _mailbox(row, now)
            if before.confirmed:
                return before
            if self._codes is None or before.code_until is None:
                raise CodeOver(f"no code is good any more; {_ANOTHER}")
            right = self._codes.fits(code, row["mail_code"], person=person, address=row["mail"])
            left = MOST_TRIES - row["mail_code_tries"] - 1
            changes: dict[str, Any] = {"mail_code_tries": row["mail_code_tries"] + 1}
            if right:
                changes = {"mail_confirmed_at": now, **_kept(None)}
            elif not left:
                changes = _kept(None)
            seen = {"id": person, "mail_code": row["mail_code"], "mail_code_tries": row["mail_code_tries"]}
            if not await self._rows.update("person", changes, seen):
                continue  # another try came between, and counts
            if right:
                return await self.of(person, now)
            if not left:
                raise CodeOver(f"this is not the code, and it was tried {MOST_TRIES} times; {_ANOTHER}")
            tries = "1 try is" if left == 1 else f"{left} tries are"
            raise WrongCode(f"this is not the code; take the one of the newest letter. {tries} left")

    async def wanted(self) -> dict[str, str]:
        """Give the confirmed addresses of those who want to hear, by person."""
        rows = await self._rows.select("person", {"mailed": True})
        return {row["id"]: row["mail"] for row in rows if row["mail"] and row["mail_confirmed_at"] is not None}

    async def _row(self, person: str) -> Mapping[str, Any]:
        rows = await self._rows.select("person", {"id": person})
        if not rows:
            raise Missing("this office does not know you any more; ask for a new invite")
        return rows[0]


def _kept(sent: SentCode | None) -> dict[str, Any]:
    """What a row keeps of a code."""
    return {
        "mail_code": sent.hash if sent else "",
        "mail_code_until": sent.until if sent else None,
        "mail_code_tries": 0,
    }


def _mailbox(row: Mapping[str, Any], now: datetime) -> Mailbox:
    until = row["mail_code_until"]
    return Mailbox(
        address=row["mail"],
        wanted=row["mailed"],
        confirmed=row["mail_confirmed_at"] is not None,
        code_until=until if until is not None and now < until else None,
    )
