"""Credentials for relays (TURN), valid for a while, from a secret that the relay knows too.

The scheme is coturn's `use-auth-secret` ("A REST API For Access To TURN Services", draft-uberti-behave-turn-rest):
the name says until when, the password is HMAC-SHA1 of the name under the secret.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """Which relays browsers may use."""

    urls: Sequence[str] = ()
    """As `turn:relay.example.org:3478`; none: no relay."""
    secret: str = ""
    ttl_seconds: int = 3600
    """How long a credential is valid."""


def ice_servers(settings: RelaySettings, who: str, now: float) -> tuple[list[dict[str, Any]], float]:
    """RTCIceServer records for one person.

    Args:
        settings: the relays.
        who: stands in the relay's log.
        now: seconds since 1970.

    Returns:
        The records, none without relays, and until when they are valid, in seconds since 1970.
    """
    expires = int(now) + settings.ttl_seconds
    if not settings.urls:
        return [], float(expires)
    name = f"{expires}:{who}"
    password = base64.b64encode(hmac.digest(settings.secret.encode(), name.encode(), "sha1")).decode()
    return [{"urls": list(settings.urls), "username": name, "credential": password}], float(expires)
