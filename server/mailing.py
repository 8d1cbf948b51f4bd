"""Mail goes out by SMTP: one letter at a time, and what became of it in words for people."""

from __future__ import annotations

import hashlib
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

import aiosmtplib

from workflows.connector import Answer, Did, Refuse, TryAgain

logger = logging.getLogger(__name__)

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
SECURITIES = tuple(PORTS)
MOST_ADDRESS = 254
"""Characters; more cannot be sent to (RFC 5321)."""


class NoAddress(ValueError):
    """A text is no mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """By which server, and from whom."""

    host: str
    port: int
    security: Security
    sender: str
    """As `atrium@example.org`."""
    name: str
    """Whose name stands beside it: the office's."""
    user: str = ""
    """Empty: without signing in."""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 20.0
    """For each step of the exchange."""
    trust: ssl.SSLContext | None = None
    """Whose certificates count; None: those that this machine trusts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is sent, in plain text."""

    to: Sequence[str]
    subject: str
    text: str
    key: str
    """The same for each attempt: its hash is the letter's Message-ID, by which mail programs tell repeats."""
    about: str = ""
    """The same for letters that belong together: mail programs show them as one exchange."""


def address_of(text: str) -> str:
    """Give a mail address as it is written to servers: its domain in ASCII.

    Raises:
        NoAddress: it is none.
    """
    stripped = text.strip()
    wrong = NoAddress(f"{stripped[:80]!r} is no mail address; write it like ana@example.org")
    try:
        address = Address(addr_spec=stripped)
        domain = address.domain.encode("idna").decode()
    except (ValueError, HeaderParseError, IndexError) as fault:
        raise wrong from fault
    plain = stripped.isprintable() and " " not in stripped and len(stripped) <= MOST_ADDRESS
    if not plain or not address.username or "." not in domain.strip("."):
        raise wrong
    return f"{address.username}@{domain}"


class Mailer:
    """Sends letters. Each has a connection of its own: an office sends few, and none may hold up another."""

    def __init__(self, settings: MailSettings) -> None:
        """Nothing is connected before there is something to send."""
        self._settings = settings

    async def send(self, letter: Letter, *, now: datetime) -> Answer:
        """Send a letter; says whether the server took it, will not, or cannot now."""
        settings = self._settings
        try:
            message = self._message(letter, now)
            refused, _ = await aiosmtplib.send(
                message,
                sender=settings.sender,
                recipients=list(letter.to),
                hostname=settings.host,
                port=settings.port,
                username=settings.user or None,
                password=settings.password or None,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                tls_context=settings.trust,
                timeout=settings.timeout_seconds,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
            return _what_now(fault, f"{settings.host}:{settings.port}")
        if refused:
            logger.warning("a letter was refused for some", extra={"key": letter.key, "refused": len(refused)})
        return Did(result={"id": message["Message-ID"], "refused": sorted(refused)})

    def _message(self, letter: Letter, now: datetime) -> EmailMessage:
        settings = self._settings
        message = EmailMessage()
        message["From"] = Address(display_name=_plain(settings.name), addr_spec=settings.sender)
        message["To"] = [Address(addr_spec=one) for one in letter.to]
        message["Subject"] = _plain(letter.subject)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = self._id(letter.key)
        if letter.about:
            message["References"] = self._id(letter.about)
        # So that nobody's "I am on holiday" answers the office.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text.rstrip() + "\n")
        return message

    def _id(self, key: str) -> str:
        domain = self._settings.sender.rpartition("@")[2]
        return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _what_now(fault: Exception, server: str) -> Answer:
    """Tell what may go well another time from what will not."""
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        texts = "; ".join(f"{one.recipient}: {one.code} {_plain(one.message)}" for one in fault.recipients)
        later = any(one.code < 500 for one in fault.recipients)
        return TryAgain(reason=texts) if later else Refuse(reason=f"{texts}. Correct the address")
    if isinstance(fault, aiosmtplib.SMTPAuthenticationError) and fault.code >= 500:
        return Refuse(
            reason=f"{server} refuses to sign the office in: {fault.code} {_plain(fault.message)}. "
            "Set ATRIUM_SMTP_USER and ATRIUM_SMTP_PASSWORD to what it knows"
        )
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        words = f"{server} answered {fault.code} {_plain(fault.message)}"
        return Refuse(reason=words) if 500 <= fault.code < 600 else TryAgain(reason=words)
    # Of STARTTLS and signing in that a server does not know the library speaks by its base class alone.
    if isinstance(fault, aiosmtplib.SMTPNotSupported) or type(fault) is aiosmtplib.SMTPException:
        return Refuse(reason=f"{server} cannot do what this needs: {_plain(str(fault))}. See ATRIUM_SMTP_SECURITY")
    if isinstance(fault, aiosmtplib.SMTPException | OSError):
        return TryAgain(reason=f"{server} cannot be reached: {_plain(str(fault)) or type(fault).__name__}")
    return Refuse(reason=f"this cannot be written as a mail: {_plain(str(fault))}")


def _plain(text: str) -> str:
    """One line without control signs: a header must not begin another."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
