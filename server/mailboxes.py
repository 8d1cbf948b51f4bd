"""Where people hear by mail of what waits for them, if they want to. No other person is shown an address."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.errors import Unacceptable
from server.mailing import NoAddress, address_of
from server.rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """What somebody gave."""

    address: str = field(repr=False)
    """Empty: none."""
    wanted: bool
    """Whether they want to hear of what waits for them."""


class Mailboxes:
    """Reads and writes addresses. They stand with the person, and go with them."""

    def __init__(self, rows: Rows) -> None:
        """`rows` are the plain tables of the office's database."""
        self._rows = rows

    async def of(self, person: str) -> Mailbox:
        """Give what somebody gave; nothing where nobody is known of that id."""
        rows = await self._rows.select("person", {"id": person})
        return (
            Mailbox(address=rows[0]["mail"], wanted=rows[0]["mailed"])
            if rows
            else Mailbox(address="", wanted=False)
        )

    async def put(self, person: str, *, address: str, wanted: bool) -> Mailbox:
        """Keep an address, or none.

        Raises:
            Unacceptable: it is no address.
        """
        try:
            kept = Mailbox(address=address_of(address) if address.strip() else "", wanted=wanted)
        except NoAddress as fault:
            raise Unacceptable(str(fault)) from fault
        await self._rows.update("person", {"mail": kept.address, "mailed": kept.wanted}, {"id": person})
        return kept

    async def wanted(self) -> dict[str, str]:
        """Give the addresses of those who want to hear, by person."""
        rows = await self._rows.select("person", {"mailed": True})
        return {row["id"]: row["mail"] for row in rows if row["mail"]}
