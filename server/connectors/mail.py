"""`mail.send`: sends a letter to addresses, or to people whose address the office knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from server.connectors.verbs import Unfit, only, text_of
from server.mailing import Letter, Mailer, NoAddress, address_of
from workflows.connector import Answer, Did, Refuse
from workflows.erased import NO_MAIL

MOST_SUBJECT = 200
MOST_TEXT = 20_000
MOST_ADDRESSES = 20
HOW_TO = "this office sends no mail; set ATRIUM_SMTP_HOST and ATRIUM_SMTP_FROM, then try it again"


class Post:
    """Reads a letter from what a definition gives."""

    def __init__(self, mailer: Mailer | None, wall: Callable[[], datetime]) -> None:
        """Without a `mailer` every letter is refused, with what to set; `wall` is the office's clock."""
        self._mailer, self._wall = mailer, wall

    async def send(self, params: Mapping[str, Any], key: str) -> Answer:
        """Send `text` under `subject` `to` an address, or to several.

        To whoever was erased nothing is sent, and the run goes on.

        Raises:
            Unfit: something is missing, or an address is none.
        """
        only(params, "to", "subject", "text")
        subject = text_of(params, "subject", most=MOST_SUBJECT)
        text = text_of(params, "text", most=MOST_TEXT, lines=True)
        to = _addresses(params.get("to"))
        if self._mailer is None:
            return Refuse(reason=HOW_TO)
        to = tuple(one for one in to if one != NO_MAIL)
        if not to:
            return Did(result={"id": "", "refused": []})
        return await self._mailer.send(Letter(to=to, subject=subject, text=text, key=key), now=self._wall())


def _addresses(given: Any) -> tuple[str, ...]:
    several = given if isinstance(given, list | tuple) else [given]
    if not several or given in (None, ""):
        raise Unfit("to is missing or empty")
    if len(several) > MOST_ADDRESSES:
        raise Unfit(f"to may hold {MOST_ADDRESSES} addresses, this has {len(several)}")
    try:
        return tuple(dict.fromkeys(address_of(str(one)) for one in several))
    except NoAddress as fault:
        raise Unfit(f"to: {fault}") from fault
