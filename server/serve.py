"""`atrium serve`: check the ground, open the office, say where it is."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from server import __version__
from server.adapters import real_adapters
from server.app import open_office
from server.config import ConfigError, Settings
from server.protocol.codec import MAX_BYTES
from server.tls import self_signed

logger = logging.getLogger(__name__)


def check_ground(settings: Settings) -> socket.socket:
    """Take the port and look at the data folder, before anything slow.

    Raises:
        ConfigError: the port is taken, the address is not ours, or the folder cannot be written.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            f"the data folder {folder} cannot be made ({error.strerror}); choose another: --data-dir"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"the data folder {folder} is not writable for you; choose another: --data-dir")
    for file in filter(None, (settings.tls_cert, settings.tls_key)):
        if not os.access(file, os.R_OK):
            raise ConfigError(f"{file} cannot be read; name an existing PEM file")
    return _listen(settings)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f'port {settings.port} is in use; choose another: make run ARGS="--port {settings.port + 1}"'
            ) from error
        if error.errno == errno.EACCES:
            raise ConfigError(
                f"port {settings.port} needs rights that you do not have; choose one above 1023"
            ) from error
        raise ConfigError(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    except OverflowError as error:
        listener.close()
        raise ConfigError(f"port is a number from 1 to 65535, not {settings.port}") from error
    listener.set_inheritable(True)
    return listener


class Server(uvicorn.Server):
    """Stops at a signal and then returns, so that everything behind it is closed in order too."""

    def __init__(self, config: uvicorn.Config, on_open: Callable[[], None]) -> None:
        """`on_open` is called when the first request can be answered."""
        super().__init__(config)
        self._on_open = on_open

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_open()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's own: the signal is not raised again after the last request."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Run until interrupted."""
    async with open_office(settings, real_adapters(settings)) as running:
        certificate, key = _tls(settings)
        config = uvicorn.Config(
            running.http,
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=MAX_BYTES + 1024,
            ws_ping_interval=None,
            timeout_graceful_shutdown=2,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            server_header=False,
        )
        port = listener.getsockname()[1]
        owner_key = None
        if not await running.identity.has_owner():
            owner_key = running.identity.owner_key(now=running.office.wall())
        await Server(config, lambda: _say_where(settings, port, owner_key)).serve(sockets=[listener])


def _tls(settings: Settings) -> tuple[str | None, str | None]:
    if settings.tls == "files":
        return settings.tls_cert, settings.tls_key
    if settings.tls == "self-signed":
        certificate, key = self_signed(settings.data_dir / "tls", settings.host)
        return str(certificate), str(key)
    return None, None


def _say_where(settings: Settings, port: int, owner_key: str | None) -> None:
    origin = settings.origin.rpartition(":")[0] + f":{port}"
    lines = [f"Atrium {__version__} is open. Stop it with Ctrl+C.", ""]
    if owner_key:
        lines += ["Open this link once; it signs you in as the owner:", f"  {origin}/?key={owner_key}"]
    else:
        lines += [f"  {origin}/", "  (a new sign-in link for the owner: atrium owner-link)"]
    if not settings.loopback:
        scheme = origin.partition(":")[0]
        name = socket.gethostname() if settings.host in ("0.0.0.0", "::") else settings.host
        lines += ["", f"Others open the invite links that you make, at {scheme}://{name}:{port}/."]
    if not settings.loopback and settings.tls == "off":
        lines += [
            "",
            "Others can reach this office, but browsers give a page the microphone only over HTTPS.",
            "Start with --tls self-signed, or with --tls-cert and --tls-key.",
        ]
    if not (Path(__file__).parent / "web" / "index.html").exists():
        lines += ["", "The web client is not built yet: run `make web`, then reload the page."]
    print("\n".join(lines), file=sys.stdout, flush=True)
