"""Who may use the relays (TURN), and until when: credentials for each session, renewed before they end.

A relay takes a credential only when a new way through it is opened, so an old one ends no call by itself: it ends
the next change of the network. The browser therefore always has one that is still good.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Callable

from server.office import Office
from server.protocol import messages as m
from server.protocol.codec import encode
from server.session import Session
from server.turn import Grant, RelaySettings, grant

CHECK_SECONDS = 1.0
"""How often it is asked whose credentials are due."""


class Relays:
    """Hands out credentials when somebody comes in, and new ones in time.

    Args:
        office: its sessions are served.
        settings: the relays; without any nobody is told anything.
        clock: seconds since 1970. Not the office's time of day, which a demonstration may shift.
        draw: from 0 to 1, spreads the renewals.
    """

    def __init__(
        self,
        office: Office,
        settings: RelaySettings,
        *,
        clock: Callable[[], float] = time.time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._office, self._settings, self._clock, self._draw = office, settings, clock, draw
        self._held: dict[Session, tuple[str, Grant]] = {}

    def __len__(self) -> int:
        """How many sessions hold credentials."""
        return len(self._held)

    def admit(self, session: Session) -> list[m.Record]:
        """The RTCIceServer records for a session that begins; none without relays."""
        if not self._settings.urls:
            return []
        return list(self._mint(session, secrets.token_hex(8), self._clock()).servers)

    async def keep_renewing(self) -> None:
        """Renew until cancelled; returns at once without relays."""
        while self._settings.urls:
            await asyncio.sleep(CHECK_SECONDS)
            self.renew(self._clock())

    def renew(self, now: float) -> None:
        """Send new credentials to each session whose own are due, and forget sessions that are gone.

        Args:
            now: seconds since 1970.
        """
        here = set(self._office.sessions.values())
        self._held = {session: held for session, held in self._held.items() if session in here}
        for session, (token, held) in list(self._held.items()):
            if now >= held.renewed_at:
                fresh = self._mint(session, token, now)
                session.send(encode(m.IceServers(servers=list(fresh.servers), expires=fresh.expires)))

    def _mint(self, session: Session, token: str, now: float) -> Grant:
        minted = grant(self._settings, token, now, self._draw())
        self._held[session] = (token, minted)
        return minted
