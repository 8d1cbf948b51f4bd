"""Who may use the relays: credentials with the welcome, and new ones while people are here."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import time

import pytest

from server.flows import relays
from server.flows.relays import Relays
from server.protocol import messages as m
from server.turn import RelaySettings
from spatial.participant import ParticipantId
from tests.house import OpenHouse, Visitor

URLS = ("turn:relay.example.org:3478?transport=udp", "turns:relay.example.org:443?transport=tcp")
SETTINGS = RelaySettings(urls=URLS, secret="north", ttl_seconds=1000)
NOON = 1_800_000_000.0


@pytest.fixture
def chosen() -> dict[str, str]:
    """An office with relays, whose own time of day is far from the real one."""
    return {"turn_urls": ", ".join(URLS), "turn_secret": "north", "today": "2020-02-29"}


def told(visitor: Visitor) -> list[m.IceServers]:
    """What somebody was sent after the welcome."""
    return [message for message in visitor.received if isinstance(message, m.IceServers)]


def token(server: m.Record) -> str:
    return str(server["username"]).partition(":")[2]


async def test_a_welcome_brings_credentials_that_the_relay_takes(house: OpenHouse) -> None:
    ana = await house.enter()
    (server,) = (await ana.get(m.Welcome)).ice_servers
    assert server["urls"] == list(URLS)
    expires = int(server["username"].partition(":")[0])
    assert 3500 < expires - time.time() <= 3600, "by the relay's clock, not by the office's shifted one"
    digest = hmac.new(b"north", server["username"].encode(), hashlib.sha1).digest()
    assert server["credential"] == base64.b64encode(digest).decode()


async def test_credentials_do_not_tell_the_relay_who_somebody_is(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    (first,), (his,) = [(await one.get(m.Welcome)).ice_servers for one in (ana, bo)]
    again = await house.enter()
    (second,) = (await again.get(m.Welcome)).ice_servers
    tokens = {token(first), token(his), token(second)}
    assert len(tokens) == 3, "another for each session, also of the same person"
    assert not any(part in word for word in tokens for part in ("Ana", "Bo", ana.id, bo.id))


async def test_each_session_is_sent_new_credentials_when_its_own_are_due(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    sessions = house.running.office.sessions
    draws = iter([0.0, 1.0, 0.5, 0.5, 0.5])
    flow = Relays(house.running.office, SETTINGS, clock=lambda: NOON, draw=lambda: next(draws))
    admitted = {one.name: flow.admit(sessions[ParticipantId(one.id)])[0] for one in (ana, bo)}

    flow.renew(NOON + 699)
    flow.renew(NOON + 701)
    hers = await ana.get(m.IceServers)
    assert hers.expires == NOON + 1701
    assert hers.servers[0]["username"] == f"{NOON + 1701:.0f}:{token(admitted['Ana'])}"
    await bo.settled()
    assert told(bo) == []

    flow.renew(NOON + 801)
    assert (await bo.get(m.IceServers)).expires == NOON + 1801
    flow.renew(NOON + 701 + 749)
    await ana.settled()
    assert len(told(ana)) == 1, "the new ones are good for a while"
    flow.renew(NOON + 701 + 751)
    await ana.get(m.IceServers, lambda sent: sent.expires == NOON + 2452)


async def test_who_has_gone_is_forgotten(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    flow = Relays(house.running.office, SETTINGS, clock=lambda: NOON, draw=lambda: 0.5)
    flow.admit(house.running.office.sessions[ParticipantId(bo.id)])
    await bo.socket.close()
    await ana.get(m.DeltaMessage, lambda d: "'present': False" in str(d.patch))
    flow.renew(NOON)
    assert len(flow) == 0


async def test_credentials_are_looked_at_by_themselves(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "CHECK_SECONDS", 0.0)
    ana = await house.enter()
    now = [NOON]
    flow = Relays(house.running.office, SETTINGS, clock=lambda: now[0])
    flow.admit(house.running.office.sessions[ParticipantId(ana.id)])
    watch = asyncio.create_task(flow.keep_renewing())
    now[0] += 900
    assert (await ana.get(m.IceServers)).expires == NOON + 1900
    watch.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watch


async def test_without_relays_nobody_is_given_any_and_nothing_is_watched(house: OpenHouse) -> None:
    ana = await house.enter()
    flow = Relays(house.running.office, RelaySettings(), clock=lambda: NOON)
    assert flow.admit(house.running.office.sessions[ParticipantId(ana.id)]) == []
    assert len(flow) == 0
    async with asyncio.timeout(5):
        await flow.keep_renewing()
