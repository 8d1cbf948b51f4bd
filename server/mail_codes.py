"""Codes that show that letters reach whoever gave an address: six digits, sent there, good for a while."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from server.errors import NotSent
from server.limits import Limiter
from server.mailing import Letter, Mailer
from workflows.connector import Did, TryAgain

logger = logging.getLogger(__name__)

CODE_DIGITS = 6
GOOD_FOR = timedelta(minutes=30)
MOST_TRIES = 5
"""Wrong codes after which another letter is needed."""
LETTERS_AT_ONCE = 3
LETTERS_A_MINUTE = 0.2
"""One each five minutes, after those at once: nobody can have the office fill somebody's mailbox."""
_PURPOSE = b"atrium.mailbox.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode:
    """What is kept of a code; the code itself stands in the letter alone."""

    hash: str
    until: datetime


class MailCodes:
    """Sends codes, and tells whether one is what was sent."""

    def __init__(self, mailer: Mailer, *, secret: bytes, office: str, timezone: tzinfo) -> None:
        """One office.

        Args:
            mailer: sends.
            secret: the office's: of a hash without it a million codes are soon tried.
            office: its name.
            timezone: in which letters name times.
        """
        self._mailer, self._office, self._timezone = mailer, office, timezone
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self._letters = Limiter(a_minute=LETTERS_A_MINUTE, burst=LETTERS_AT_ONCE)

    async def send(self, person: str, address: str, now: datetime) -> SentCode:
        """Send a new code to an address.

        Raises:
            TooOften: this person had too many letters sent.
            NotSent: the mail server does not take it.
        """
        self._letters.take(person, now)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        until = now + GOOD_FOR
        answer = await self._mailer.send(self._letter(address, code, until), now=now)
        if not isinstance(answer, Did):
            # The address is nobody's business who reads the log.
            reason = answer.reason.replace(address, "the address")
            logger.warning("a code was not sent", extra={"person": person, "reason": reason})
            later = isinstance(answer, TryAgain)
            what_now = "Try again in a minute" if later else "Check the address, or ask who runs this office"
            raise NotSent(f"no letter went to {address}: {answer.reason}. {what_now}")
        return SentCode(hash=self._hash(person, address, code), until=until)

    def fits(self, given: str, hash: str, *, person: str, address: str) -> bool:
        """Tell whether somebody gave the code that was sent to this address; spaces do not count."""
        code = "".join(given.split())
        return hmac.compare_digest(self._hash(person, address, code), hash)

    def _hash(self, person: str, address: str, code: str) -> str:
        said = "\0".join((person, address, code))
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()

    def _letter(self, address: str, code: str, until: datetime) -> Letter:
        """Whose wish it is stays out: a name is a text that anybody could choose for a stranger to read."""
        half = CODE_DIGITS // 2
        lines = (
            f"This address was given to {self._office}, to hear there of what waits for a decision.",
            "",
            f"Code: {code[:half]} {code[half:]}",
            "",
            "Enter it in the office, under Settings, Mail. It holds until "
            f"{until.astimezone(self._timezone):%a %d %b %Y, %H:%M}.",
            "",
            "If it was not you, there is nothing to do: without the code nothing more is sent here.",
        )
        return Letter(
            to=(address,),
            subject=f"Confirm your address for {self._office}",
            text="\n".join(lines),
            key=f"mailbox:{uuid.uuid4().hex}",
        )
