"""A PostgreSQL server of one's own on loopback, for the self-test, tests and benchmarks."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import MetaData, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from server.selftest.errors import SelftestError

SERVER_PROGRAMS = Path("/usr/lib/postgresql")
"""Where Debian puts them, by version."""
USER = "atrium"
_PATIENCE = "60"
"""Seconds to come up or go down."""


class PostgresMissing(Exception):
    """There is no PostgreSQL server on this machine."""


def programs() -> Path:
    """Return the folder with initdb and pg_ctl of the newest version.

    Raises:
        PostgresMissing: there is none.
    """
    found = sorted(SERVER_PROGRAMS.glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise PostgresMissing("there is no PostgreSQL server here; install Debian's package postgresql")
    return found[-1].parent


class PostgresServer:
    """One server in a folder of its own."""

    def __init__(self, folder: Path, *, safe: bool) -> None:
        """Prepare the files.

        Args:
            folder: an empty one that the server's user may enter.
            safe: commits wait for the disk; tests of what is not about the disk go without.
        """
        self._bin, self._data, self._log = programs(), folder / "data", folder / "server.log"
        self.port = _free_port()
        self._owner = _unprivileged()
        if self._owner is not None:
            shutil.chown(folder, self._owner)
        self._run(self._bin / "initdb", "-D", self._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = {
            "listen_addresses": "'127.0.0.1'",
            "port": self.port,
            "unix_socket_directories": f"'{folder}'",
            "fsync": "on" if safe else "off",
            "max_connections": 60,
            "shared_buffers": "'64MB'",
        }
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run(self._bin / "pg_ctl", "-D", self._data, "-l", self._log, "-w", "-t", _PATIENCE, "start")

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it; `immediate` is as hard as a crash: what was committed has to be recovered."""
        mode = "immediate" if immediate else "fast"
        self._run(self._bin / "pg_ctl", "-D", self._data, "-m", mode, "-w", "-t", _PATIENCE, "stop")

    def database(self) -> str:
        """Make an empty database; returns its address."""
        name = f"t{uuid.uuid4().hex}"
        self._run(self._bin / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name)
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def _run(self, *command: str | Path) -> None:
        words = [str(word) for word in command]
        if self._owner is not None:
            words = ["setpriv", f"--reuid={self._owner}", f"--regid={self._owner}", "--clear-groups", *words]
        done = subprocess.run(
            words, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{Path(words[-1]).name} of PostgreSQL failed: {done.stderr.strip()}")


@contextmanager
def postgres_server(*, safe: bool = False) -> Iterator[PostgresServer]:
    """Run a server while the block lasts.

    Raises:
        PostgresMissing: there is none on this machine.
    """
    programs()
    folder = Path(tempfile.mkdtemp(prefix="atrium-postgres-"))
    folder.chmod(0o755)
    server: PostgresServer | None = None
    try:
        server = PostgresServer(folder, safe=safe)
        yield server
    finally:
        if server is not None:
            server.stop(immediate=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def borrowed(url: str) -> Iterator[None]:
    """Use a database of somebody else's server while the block lasts; it is as empty afterwards as before.

    Raises:
        SelftestError: it cannot be reached, or is not empty.
    """
    try:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
        if not url.startswith("postgresql://"):
            raise ArgumentError("it does not begin with postgresql://")
        tables = inspect(engine).get_table_names()
    except (ArgumentError, DBAPIError) as fault:
        raise SelftestError(f"{url!r} cannot be used ({fault}); write postgresql://user@host/database") from fault
    if tables:
        raise SelftestError(f"{url!r} is not empty, and all that is in it would be deleted; make a new database")
    try:
        yield
    finally:
        made = MetaData()
        made.reflect(engine)
        made.drop_all(engine)


def _unprivileged() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise PostgresMissing("PostgreSQL does not run as root, and there is no other user to run it as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
