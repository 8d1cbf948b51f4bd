"""The office that a demo plays in: a fresh one in a temporary folder, or the one that runs already."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import httpx

from server.config import Settings
from server.demo.errors import DemoError
from server.demo.guest import sign_in
from server.identity import issue_token, load_secret
from server.roles import Role

START_SECONDS = 60.0
_LINK = re.compile(r"(https?://\S+?)/(\?key=(\S+))?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An open office and the right to invite into it."""

    origin: str
    link: str
    """What a person opens."""
    http: httpx.AsyncClient
    """Signed in as somebody who may do everything; never enters the room."""
    fresh: bool
    """Whether it was opened for the demo and is gone afterwards."""


@asynccontextmanager
async def fresh_house(today: date | None, timezone: str, port: int = 0) -> AsyncIterator[House]:
    """Start an office of its own; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="atrium-demo-") as folder:
        arguments = ["--port", str(port), "--data-dir", folder, "--timezone", timezone, "--log-level", "warning"]
        if today is not None:
            arguments += ["--today", today.isoformat()]
        async with _process(arguments) as link, _host(link, Path(folder), today, fresh=True) as house:
            yield house


@asynccontextmanager
async def open_house(settings: Settings, today: date | None) -> AsyncIterator[House]:
    """The office of these settings if it is running, else a fresh one at its port."""
    try:
        async with httpx.AsyncClient(base_url=settings.origin, verify=False) as probe:
            running = (await probe.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        running = False
    if running:
        async with _host(f"{settings.origin}/", settings.data_dir, None, fresh=False) as house:
            yield house
        return
    async with fresh_house(today, settings.timezone, settings.port) as house:
        yield house


@asynccontextmanager
async def _process(arguments: list[str]) -> AsyncIterator[str]:
    """Run `atrium serve` and give the link that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "serve", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    complaints: deque[str] = deque(maxlen=20)
    draining = asyncio.create_task(_drain(process.stderr, complaints))
    try:
        try:
            link = await asyncio.wait_for(_link(process.stdout), START_SECONDS)
        except TimeoutError:
            link = None
        if link is None:
            raise DemoError("the office did not open:\n" + "".join(complaints))
        rest = asyncio.create_task(_drain(process.stdout, deque(maxlen=1)))
        yield link
        rest.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await draining
        if complaints:
            sys.stderr.write("".join(complaints))


async def _link(stream: asyncio.StreamReader) -> str | None:
    while line := (await stream.readline()).decode():
        if found := _LINK.search(line):
            return found.group(0).strip()
    return None


async def _drain(stream: asyncio.StreamReader, kept: deque[str]) -> None:
    while line := await stream.readline():
        kept.append(line.decode(errors="replace"))


@asynccontextmanager
async def _host(link: str, data_dir: Path, today: date | None, *, fresh: bool) -> AsyncIterator[House]:
    """Somebody who may invite but never enters, by right of who can read the data folder."""
    now = datetime.now(UTC)
    if today is not None:
        now = datetime.combine(today, now.timetz())
    origin = link.partition("/?")[0].rstrip("/")
    token = issue_token(load_secret(data_dir), "demo-host", Role.OWNER, now=now)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=origin, timeout=30.0, verify=False, headers=headers) as http:
        yield House(origin=origin, link=link, http=http, fresh=fresh)


async def admit(house: House, name: str, role: str, look: tuple[int, ...]) -> str:
    """Invite a scripted colleague and sign them in; give their token."""
    invite = await house.http.post("/v1/invites", json={"role": role, "hours": 4})
    if invite.status_code >= 400:
        raise DemoError(f"no invite for {name}: {invite.text}")
    async with httpx.AsyncClient(base_url=house.origin, timeout=30.0, verify=False) as http:
        return await sign_in(http, invite.json()["token"], name, look)
