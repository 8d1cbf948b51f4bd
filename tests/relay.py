"""A real relay (coturn) on this machine, with the configuration that the documents show."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from media.adapters.mux import own_addresses
from server.tls import self_signed

PAGE = Path(__file__).parent.parent / "docs" / "howto" / "reach-people.md"
PATIENCE = 20.0


class Relay:
    """A running relay: where it is, what it knows, what it wrote."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("turnserver")
        assert program is not None, "these tests need coturn: apt-get install --no-install-recommends coturn"
        self.host = next(address for address in own_addresses() if ":" not in address)
        self.port, self.tls_port = _free_port(self.host), _free_port(self.host)
        self.certificate, key = self_signed(folder, self.host)
        text = _documented()
        self.secret = text["static-auth-secret"][0]
        own = {
            "listening-port": str(self.port),
            "tls-listening-port": str(self.tls_port),
            "cert": str(self.certificate),
            "pkey": str(key),
            "userdb": str(folder / "turndb"),
            "pidfile": str(folder / "pid"),
            "log-file": "stdout",
            "simple-log": "",
            "verbose": "",
        }
        lines = [f"{name}={value}" if value else name for name, value in own.items()]
        for name, values in text.items():
            if name not in own and name != "syslog":
                here = [re.sub(r"203\.0\.113\.\d+", self.host, value) for value in values]
                lines += [f"{name}={value}" if value else name for value in here]
        file = folder / "turnserver.conf"
        file.write_text("\n".join(lines) + "\n")
        self.log: list[str] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [program, "-c", str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        at = re.escape(self.host)
        for opened in (
            rf"UDP listener opened on *: {at}:{self.port}",
            rf"TCP listener opened on *: {at}:{self.tls_port}",
        ):
            self.wrote(opened)

    def wrote(self, pattern: str) -> str:
        """Wait for a line of its log."""

        def found() -> str | None:
            return next((line for line in self.log if re.search(pattern, line)), None)

        with self._news:
            self._news.wait_for(lambda: found() is not None or self._process.poll() is not None, PATIENCE)
            line = found()
        assert line is not None, f"coturn did not write {pattern!r}:\n{''.join(self.log)}"
        return line

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.log.append(line)
                self._news.notify_all()


@contextmanager
def open_relay(folder: Path) -> Iterator[Relay]:
    """Start one; its files are in `folder`."""
    relay = Relay(folder)
    try:
        yield relay
    finally:
        relay.close()


class Echo(asyncio.DatagramProtocol):
    """Stands where the office's media port is, and gives back what it gets."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


def _documented() -> dict[str, list[str]]:
    """The settings of the page, each with its values; a name alone has one empty value."""
    shown = re.search(r"```ini\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None, f"{PAGE} shows no configuration"
    settings: dict[str, list[str]] = {}
    for line in shown[1].splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            settings.setdefault(name, []).append(value)
    return settings


def _free_port(host: str) -> int:
    """One that is free for UDP and TCP."""
    while True:
        with socket.create_server((host, 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            port = int(tcp.getsockname()[1])
            try:
                udp.bind((host, port))
            except OSError:
                continue
            return port
