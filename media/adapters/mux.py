"""One UDP port for all media: who a datagram is for is told by its ICE user name, later by where it comes from.

RFC 7983 says by the first byte what a datagram is: STUN, DTLS, or SRTP and SRTCP.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ifaddr
from aioice import stun

from media.adapters.ice import Address, IceLite
from media.errors import NegotiationError

logger = logging.getLogger(__name__)

LOOPBACK: Final = "127.0.0.1"
_BUFFER: Final = 4 * 1024 * 1024
"""Bytes asked of the system for each direction: a hundred people's packets of a second."""
_ADDRESSES: Final = 16
"""From which one browser's packets are taken."""
_CROWD: Final = 16
"""From so many people on ..."""
_PAUSE: Final = 0.003
"""... the port is left alone for so many seconds after each look: the tick comes every 20 ms only, and to be woken
for each packet costs more than to take it. The jitter buffers see it as jitter of that size."""
_AT_ONCE: Final = 128
"""Datagrams read in a row before other work gets its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MuxSettings:
    """Where media arrives."""

    ports: range = range(0, 1)
    """The first free one is taken; 0 lets the system choose."""
    advertised: tuple[str, ...] = ()
    """IP addresses to tell browsers in place of our own: where a router or a cloud forwards the port to us."""
    loopback_only: bool = False
    """Listen on 127.0.0.1 alone. Browsers do not reach it; other programs of this machine do."""


@dataclass(slots=True, kw_only=True)
class MuxCounters:
    """What came in; all only grow."""

    datagrams: int = 0
    strangers: int = 0
    """From an address nobody has proved to own."""
    malformed: int = 0
    """Neither STUN that can be read, nor DTLS, nor SRTP."""
    refused: int = 0
    """Checks with an unknown user name or a wrong password."""


def own_addresses() -> list[str]:
    """Addresses under which others may reach this machine; 127.0.0.1 when it has none."""
    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ipaddress.ip_address(text)
            if not (address.is_loopback or address.is_link_local or address.is_unspecified):
                found.append(text)
    return found or [LOOPBACK]


class UdpMux:
    """The sockets (one for each address of this machine, all with the same port) and who is behind them."""

    def __init__(self, settings: MuxSettings | None = None) -> None:
        """Nothing is opened yet."""
        self.settings = settings or MuxSettings()
        self.counters = MuxCounters()
        self.port = 0
        self._sockets: dict[str, socket.socket] = {}
        self._by_ufrag: dict[str, IceLite] = {}
        self._by_address: dict[Address, IceLite] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Take a port and listen; called in the event loop.

        Raises:
            NegotiationError: no port of the range is free.
        """
        self._loop = asyncio.get_running_loop()
        for port in self.settings.ports:
            try:
                self._listen(port)
                return
            except OSError as error:
                logger.info("media port taken", extra={"port": port, "error": error.strerror})
                self._release()
        wanted = self.settings.ports
        raise NegotiationError(
            f"no UDP port from {wanted.start} to {wanted.stop - 1} is free for sound; choose others: --media-ports"
        )

    def refresh(self) -> None:
        """Listen also on addresses that this machine got since; those it lost are closed."""
        wanted = self._wanted()
        for address in self._sockets.keys() - set(wanted):
            self._drop(address)
        for address in wanted:
            if address not in self._sockets:
                try:
                    self._bind(address, self.port)
                except OSError as error:
                    logger.warning("address not usable for media", extra={"error": error.strerror})

    def close(self) -> None:
        """Give back the port."""
        self._release()
        self._by_ufrag.clear()
        self._by_address.clear()

    def candidates(self) -> list[tuple[str, int]]:
        """Addresses and port to tell browsers, the best first."""
        hosts = self.settings.advertised or tuple(self._sockets)
        return [(host, self.port) for host in sorted(hosts, key=lambda host: ":" in host)]

    def add(self, agent: IceLite) -> None:
        """Route checks with this agent's present user name to it."""
        self._by_ufrag[agent.ufrag] = agent

    def remove(self, agent: IceLite) -> None:
        """Forget an agent with all its names and addresses."""
        for names in (self._by_ufrag, self._by_address):
            for key in [key for key, found in names.items() if found is agent]:
                del names[key]  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(set(map(id, self._by_ufrag.values())))

    def receive(self, out: socket.socket, data: bytes, address: Address, now: float) -> None:
        """Hand a datagram to whom it is for. Whatever it is, nothing is raised."""
        self.counters.datagrams += 1
        first = data[0] if data else 255
        if first < 4:
            self._check(out, data, address, now)
        elif not (128 <= first < 192 or 20 <= first < 64):
            self.counters.malformed += 1
        elif (agent := self._by_address.get(address)) is None:
            self.counters.strangers += 1
        elif first >= 128:
            agent.on_media(data, now)
        else:
            agent.take_handshake(data)

    def _check(self, out: socket.socket, data: bytes, address: Address, now: float) -> None:
        try:
            message = stun.parse_message(data)
            is_request = (
                message.message_method == stun.Method.BINDING and message.message_class == stun.Class.REQUEST
            )
            name = str(message.attributes.get("USERNAME", ""))
        except (ValueError, KeyError, IndexError, UnicodeDecodeError, OverflowError) as error:
            self.counters.malformed += 1
            logger.debug("STUN message not readable", extra={"error": str(error)})
            return
        if not is_request:
            self.counters.refused += 1
            return
        agent = self._by_ufrag.get(name.partition(":")[0])
        if agent is None or not message.check_message_integrity(agent.password.encode()):
            self.counters.refused += 1
            return
        if self._by_address.get(address) is not agent:
            self._by_address[address] = agent
            self._forget_old(agent, address)
        agent.checked(message, out, address, now)

    def _forget_old(self, agent: IceLite, newest: Address) -> None:
        """One browser has a handful of addresses at most; more than that only fill our memory."""
        agent.seen_at.append(newest)
        while len(agent.seen_at) > _ADDRESSES:
            oldest = agent.seen_at.popleft()
            if oldest == agent.address:
                agent.seen_at.append(oldest)
            elif self._by_address.get(oldest) is agent:
                del self._by_address[oldest]

    # Sockets

    def _wanted(self) -> list[str]:
        return [LOOPBACK] if self.settings.loopback_only else own_addresses()

    def _listen(self, port: int) -> None:
        for address in self._wanted():
            self._bind(address, port or self.port)
            self.port = self._sockets[address].getsockname()[1]

    def _bind(self, address: str, port: int) -> None:
        assert self._loop is not None
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
            sock.bind((address, port))
        except OSError:
            sock.close()
            raise
        self._sockets[address] = sock
        self._loop.add_reader(sock.fileno(), self._read, sock)

    def _drop(self, address: str) -> None:
        assert self._loop is not None
        sock = self._sockets.pop(address)
        self._loop.remove_reader(sock.fileno())
        sock.close()

    def _release(self) -> None:
        for address in list(self._sockets):
            self._drop(address)
        self.port = 0

    def _look_again(self, sock: socket.socket) -> None:
        if self._loop is not None and sock.fileno() >= 0:
            self._loop.add_reader(sock.fileno(), self._read, sock)

    def _read(self, sock: socket.socket) -> None:
        now = time.monotonic()
        for _ in range(_AT_ONCE):
            try:
                data, address = sock.recvfrom(2048)
            except BlockingIOError:
                if self._loop is not None and len(self._by_address) >= _CROWD:
                    self._loop.remove_reader(sock.fileno())
                    self._loop.call_later(_PAUSE, self._look_again, sock)
                return
            except OSError as error:
                # Linux reports an unreachable receiver of an earlier packet here; it says nothing of the others.
                logger.debug("media socket", extra={"error": error.strerror})
                continue
            self.receive(sock, data, address, now)


def parse_ports(text: str) -> range:
    """ "40000" or "40000-40010" as a range of UDP ports; "0" lets the system choose.

    Raises:
        ValueError: it is neither.
    """
    first, dash, last = text.partition("-")
    numbers = range(int(first), int(last if dash else first) + 1)
    if not numbers or numbers.start < 0 or numbers.stop > 65536 or (dash and numbers.start == 0):
        raise ValueError(f"{text!r} is no port or range of ports from 1 to 65535")
    return numbers


def advertised_hosts(addresses: Sequence[str]) -> tuple[str, ...]:
    """Checked IP addresses.

    Raises:
        ValueError: one is not an IP address.
    """
    return tuple(str(ipaddress.ip_address(address)) for address in addresses)
