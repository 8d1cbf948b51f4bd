"""Credentials for relays (TURN), valid for a while, from a secret that the relay knows too.

The scheme is coturn's `use-auth-secret` ("A REST API For Access To TURN Services",
draft-uberti-behave-turn-rest-00): the name says until when, the password is HMAC-SHA1 of the name under the
secret. The relay needs no list of names, and the office no word with the relay.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from typing import Any, Final

SHORTEST_TTL: Final = 60
"""Seconds; less would renew credentials all the time."""
RENEWED_AFTER: Final = 0.75
"""The part of its life after which a credential is replaced: time enough is left to use the next one."""
SPREAD: Final = 0.05
"""By how much of its life earlier or later, so that a crowd that came at once does not renew at once."""

_URL: Final = re.compile(
    r"turns?:(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?(?:\?transport=(?:udp|tcp))?", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """Which relays browsers may use."""

    urls: tuple[str, ...] = ()
    """As `turn:relay.example.org:3478?transport=udp`; none: no relay."""
    secret: str = ""
    """What the relay has as `static-auth-secret`."""
    ttl_seconds: int = 3600
    """How long a credential is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one session may use."""

    servers: tuple[dict[str, Any], ...]
    """RTCIceServer records, as browsers take them."""
    expires: float
    """Until when, in seconds since 1970; no new way through the relay can be opened after that."""
    renewed_at: float
    """When it is to be replaced, in seconds since 1970."""


def grant(settings: RelaySettings, token: str, now: float, draw: float) -> Grant:
    """Mint credentials for one session.

    Args:
        settings: the relays; at least one.
        token: whose they are, for the relay's log and quotas: opaque, without a colon.
        now: seconds since 1970, real time: the relay compares it with its own clock.
        draw: from 0 to 1, where in the span of renewal this session's turn is.
    """
    expires = int(now) + settings.ttl_seconds
    name = f"{expires}:{token}"
    password = base64.b64encode(hmac.digest(settings.secret.encode(), name.encode(), "sha1")).decode()
    part = RENEWED_AFTER + SPREAD * (2 * draw - 1)
    return Grant(
        servers=({"urls": list(settings.urls), "username": name, "credential": password},),
        expires=float(expires),
        renewed_at=now + part * settings.ttl_seconds,
    )


def is_relay_url(text: str) -> bool:
    """Whether browsers take this as the address of a relay (RFC 7065); any other ends the whole call."""
    found = _URL.fullmatch(text)
    return found is not None and 0 < int(found[2] or 3478) < 65536
