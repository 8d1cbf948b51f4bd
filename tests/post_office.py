"""A mail server on loopback that keeps what it takes, and refuses what it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from server.mailing import MailSettings

USER, PASSWORD = "office", "a secret"


@dataclass(kw_only=True)
class PostOffice:
    """Letters are taken with 250 unless an answer for the recipient, or for all letters, stands here."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)
    """Address -> what is answered to RCPT."""
    data: str = ""
    """What is answered to each letter; empty: it is taken."""
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        async with self.arrived:
            self.letters.append(letter)
            self.to.append(list(envelope.rcpt_tos))
            self.arrived.notify_all()
        return "250 taken"

    def settings(self) -> MailSettings:
        """How an office sends by it."""
        return MailSettings(
            host="localhost", port=self.port, security="none", sender="atrium@example.org", name="Harbour"
        )

    def code(self) -> str:
        """The code that the newest letter tells, with its space."""
        text: str = self.letters[-1].get_content()
        return text.partition("Code: ")[2].splitlines()[0]

    async def count(self, letters: int) -> list[EmailMessage]:
        """Wait until so many have arrived."""
        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(self.letters) >= letters)
        return self.letters


def _sign_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@asynccontextmanager
async def post_office(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, sign_in: bool = False
) -> AsyncIterator[PostOffice]:
    """Open one on a port of its own."""
    here = PostOffice()

    def session() -> SMTP:
        return SMTP(
            here,
            hostname="post.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=sign_in,
            auth_require_tls=starttls is not None,
            authenticator=_sign_in if sign_in else None,
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        await server.wait_closed()
