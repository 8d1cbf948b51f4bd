"""Credentials for relays: as the draft computes them, and as a real relay takes them."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aioice import stun
from aioice.turn import create_turn_endpoint
from hypothesis import given
from hypothesis import strategies as st

from server.turn import Grant, RelaySettings, grant, is_relay_url
from tests.relay import PATIENCE, Echo, Relay, open_relay

URLS = ("turn:relay.example.org:3478?transport=udp", "turns:relay.example.org:443?transport=tcp")


@pytest.mark.parametrize(
    ("secret", "now", "ttl", "token", "name", "password"),
    [  # passwords: openssl dgst -sha1 -hmac SECRET -binary | base64
        ("north", 1433892318.9, 3600, "ninefingers", "1433895918:ninefingers", "jy8hTxmOO7UtEKXqSkSlvakPVYA="),
        (
            "s3cret/with+signs= and spaces", 1800000000, 3600, "4f1c9a0b7d2e6358",
            "1800003600:4f1c9a0b7d2e6358", "sFgTsIO3ufRzCqNqiueuJ4XejUo=",
        ),
        ("schlüssel", 1800000000, 60, "a", "1800000060:a", "3YZsibpBxRHoEIgsZSaXVYcbXsk="),
    ],
)  # fmt: skip
def test_name_and_password_are_those_of_the_draft(
    secret: str, now: float, ttl: int, token: str, name: str, password: str
) -> None:
    minted = grant(RelaySettings(urls=URLS, secret=secret, ttl_seconds=ttl), token, now, 0.5)
    assert minted.servers == ({"urls": list(URLS), "username": name, "credential": password},)
    assert minted.expires == int(name.partition(":")[0])


@given(ttl=st.integers(60, 10**6), now=st.floats(0, 4e9), draw=st.floats(0, 1))
def test_a_credential_is_renewed_while_a_fifth_of_its_life_is_left(ttl: int, now: float, draw: float) -> None:
    minted = grant(RelaySettings(urls=URLS, secret="s", ttl_seconds=ttl), "t", now, draw)
    assert 0.69 * ttl < minted.renewed_at - now < 0.81 * ttl
    assert minted.expires - minted.renewed_at > 0.19 * ttl - 1


def test_a_crowd_that_came_at_once_does_not_renew_at_once() -> None:
    turns = [grant(RelaySettings(urls=URLS, secret="s"), "t", 0.0, draw / 10).renewed_at for draw in range(11)]
    assert turns == sorted(turns)
    assert turns[-1] - turns[0] == pytest.approx(360)


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("turn:relay.example.org", True),
        ("turn:relay.example.org:3478?transport=udp", True),
        ("turns:relay.example.org:443?transport=tcp", True),
        ("turn:203.0.113.9:3478", True),
        ("turn:[2001:db8::9]:3478", True),
        ("stun:relay.example.org", False),
        ("turn://relay.example.org", False),
        ("turn:", False),
        ("turn:relay.example.org:99999", False),
        ("turn:relay.example.org:0", False),
        ("turn:relay.example.org?transport=sctp", False),
        ("turn:relay.example.org:3478 ", False),
    ],
)
def test_what_browsers_refuse_is_no_relay(url: str, right: bool) -> None:
    assert is_relay_url(url) is right


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """One for all tests of this page."""
    with open_relay(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_a_relay_takes_what_was_minted_and_passes_packets_on_to_the_office(relay: Relay, way: str) -> None:
    loop = asyncio.get_running_loop()
    office, _ = await loop.create_datagram_endpoint(Echo, local_addr=(relay.host, 0))
    async with allocated(relay, minted(relay), way) as (transport, browser):
        transport.sendto(b"hello", office.get_extra_info("sockname"))
        assert await browser.next() == b"hello"
    office.close()


@pytest.mark.parametrize("elsewhere", ["10.0.0.1", "127.0.0.1", "198.51.100.9", "224.0.0.9"])
async def test_a_relay_as_documented_passes_nothing_on_to_other_places(relay: Relay, elsewhere: str) -> None:
    async with allocated(relay, minted(relay), "udp") as (transport, browser):
        transport.sendto(b"hello", (elsewhere, 40_000))
        with pytest.raises(stun.TransactionFailed, match="403"):
            await browser.next()


async def test_a_relay_refuses_what_has_expired(relay: Relay) -> None:
    await refused(relay, minted(relay, ago=3601))


async def test_a_relay_refuses_what_another_secret_made(relay: Relay) -> None:
    await refused(relay, minted(relay, secret="guessed"))


async def test_a_relay_refuses_a_life_made_longer(relay: Relay) -> None:
    server = dict(minted(relay).servers[0])
    server["username"] = f"{int(time.time()) + 10**6}:token"
    await refused(relay, Grant(servers=(server,), expires=0, renewed_at=0))


# What a browser does, in short


class Browser(asyncio.DatagramProtocol):
    """Gets what comes through the relay."""

    def __init__(self) -> None:
        self._came: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._came.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self._came.put_nowait(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set_result(None)

    async def next(self) -> bytes:
        """The next packet; raises what went wrong instead of it."""
        async with asyncio.timeout(PATIENCE):
            came = await self._came.get()
        if isinstance(came, Exception):
            raise came
        return came


def minted(relay: Relay, *, secret: str = "", ago: float = 0) -> Grant:
    """Credentials, made some seconds ago."""
    settings = RelaySettings(urls=URLS, secret=secret or relay.secret)
    return grant(settings, "token", time.time() - ago, 0.5)


@asynccontextmanager
async def allocated(relay: Relay, held: Grant, way: str) -> AsyncIterator[tuple[Any, Browser]]:
    """A way through the relay."""
    while True:
        try:
            transport, browser = await _allocate(relay, held, way)
            break
        except stun.TransactionFailed as failed:
            # A question that was sent twice on a slow day makes the first answer stale; browsers ask again.
            if failed.response.error_code != 438:
                raise
    try:
        yield transport, browser
    finally:
        transport.close()
        await browser.closed


async def _allocate(relay: Relay, held: Grant, way: str) -> tuple[Any, Browser]:
    (server,) = held.servers
    return await create_turn_endpoint(
        Browser,
        (relay.host, relay.tls_port if way == "tls" else relay.port),
        server["username"],
        server["credential"],
        ssl=ssl.create_default_context(cafile=str(relay.certificate)) if way == "tls" else None,
        transport="udp" if way == "udp" else "tcp",
    )


async def refused(relay: Relay, held: Grant) -> None:
    """No way is opened with these."""
    with pytest.raises(stun.TransactionFailed, match="401"):
        async with allocated(relay, held, "udp"):
            pass
