"""Janus AudioBridge as a peer: a C server that decodes, mixes and encodes for each participant.

Its participants send plain RTP, so it is spared ICE, DTLS and SRTP, which our own paths pay for. It knows rooms
and no earshot: each meeting room and table is a room of its own, and the open floor is one room.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.generator import Line
from benchmarks.machine import SERVER_CORE, pin_other
from benchmarks.subjects import Counters
from benchmarks.trace import Office

PROGRAM = "janus"
CONFIGURATION = Path(__file__).parent / "peers" / "janus"
UNPRIVILEGED = "nobody"
"""Who runs it when we are root."""
BITRATE = 64_000
"""Bits per second of each mix, as in Atrium."""
PAYLOAD_TYPE = 111
START_SECONDS = 10.0
START_TRIES = 3


class JanusMissing(Exception):
    """The program is not installed; the message says how."""


class Janus:
    """A Janus of our own, on loopback. Use as `async with`."""

    name = "janus"

    def __init__(self) -> None:
        """Nothing is started yet."""
        self._folder = Path(tempfile.mkdtemp(prefix="janus-"))
        self._process: asyncio.subprocess.Process | None = None
        self._api: _Api | None = None
        self._room_of: dict[str, int] = {}
        self._place_of: dict[str, int] = {}
        self._handles: dict[str, int] = {}
        self._rooms = itertools.count(1)

    @staticmethod
    def find() -> None:
        """Look for the program.

        Raises:
            JanusMissing: it is not there.
        """
        if shutil.which(PROGRAM) is None:
            raise JanusMissing("Janus is not installed. On Debian: apt-get install janus (`make bench` does it).")

    async def __aenter__(self) -> Janus:
        for source in CONFIGURATION.glob("*.jcfg"):
            text = source.read_text(encoding="utf-8").replace("@FOLDER@", str(self._folder))
            (self._folder / source.name).write_text(text, encoding="utf-8")
        drop: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self._folder, UNPRIVILEGED)
            drop = {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
        for attempt in range(START_TRIES):
            try:
                self._api = await self._start(drop)
                break
            except ConnectionError:
                # Now and then it comes up without its socket, and ends.
                await self._end()
                if attempt == START_TRIES - 1:
                    shutil.rmtree(self._folder, ignore_errors=True)
                    raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._api is not None:
            self._api.close()
        await self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    async def enter(self, kind: str, office: Office) -> None:
        """Make a room for each room of the office, and give everybody a place between left and right."""
        assert self._api is not None
        maker = await self._api.attach()
        for people in office.rooms:
            room = next(self._rooms)
            await self._api.message(
                maker, request="create", room=room, permanent=False, sampling_rate=48_000, spatial_audio=True,
                default_bitrate=BITRATE, allow_rtp_participants=True,
            )  # fmt: skip
            for i, person in enumerate(people):
                self._room_of[person] = room
                self._place_of[person] = round(100 * (i + 0.5) / len(people))

    async def join(self, person: str) -> tuple[Line, None]:
        """Let a participant send and receive plain RTP."""
        assert self._api is not None
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        handle = self._handles[person] = await self._api.attach()
        joined = await self._api.message(
            handle, request="join", room=self._room_of[person], display=person, muted=False,
            spatial_position=self._place_of[person],
            rtp={"ip": "127.0.0.1", "port": sock.getsockname()[1], "payload_type": PAYLOAD_TYPE},
        )  # fmt: skip
        sock.connect((joined["rtp"]["ip"], joined["rtp"]["port"]))
        ssrc = random.getrandbits(32)
        return Line(name=person, sock=sock, ssrc=ssrc, payload_type=PAYLOAD_TYPE), None

    async def leave(self, person: str) -> None:
        """Let a participant go."""
        assert self._api is not None
        await self._api.detach(self._handles.pop(person))

    async def counters(self) -> Counters:
        """Janus tells none."""
        return {}

    async def _start(self, drop: dict[str, Any]) -> _Api:
        with (self._folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                PROGRAM, "--configs-folder", str(self._folder), "--disable-colors",
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder, **drop,
            )  # fmt: skip
        api = await self._reach()
        pin_other(self._process.pid, SERVER_CORE)
        return api

    async def _end(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _reach(self) -> _Api:
        assert self._process is not None
        end = asyncio.get_running_loop().time() + START_SECONDS
        while True:
            try:
                return await _Api.open(str(self._folder / "api"))
            except (FileNotFoundError, ConnectionRefusedError) as error:
                if self._process.returncode is not None or asyncio.get_running_loop().time() > end:
                    log = (self._folder / "log").read_text(errors="replace").strip().splitlines()[-12:]
                    raise ConnectionError("Janus did not start:\n" + "\n".join(log)) from error
                await asyncio.sleep(0.05)


class _Api:
    """The JSON API on a Unix socket that keeps the borders of messages."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._session = 0
        asyncio.get_running_loop().add_reader(sock.fileno(), self._read)

    @classmethod
    async def open(cls, path: str) -> _Api:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.setblocking(False)
        try:
            sock.connect(path)
        except OSError:
            sock.close()
            raise
        api = cls(sock)
        api._session = (await api._ask({"janus": "create"}))["data"]["id"]
        return api

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._sock.fileno())
        self._sock.close()

    async def attach(self) -> int:
        """A new handle of the AudioBridge."""
        answer = await self._ask({"janus": "attach", "plugin": "janus.plugin.audiobridge"})
        handle: int = answer["data"]["id"]
        return handle

    async def detach(self, handle: int) -> None:
        await self._ask({"janus": "detach", "handle_id": handle})

    async def message(self, handle: int, **body: Any) -> dict[str, Any]:
        """Send a request to the plugin; returns what it answers."""
        answer = await self._ask({"janus": "message", "handle_id": handle, "body": body})
        data: dict[str, Any] = answer["plugindata"]["data"]
        if "error" in data:
            raise ConnectionError(f"Janus refuses {body['request']}: {data['error']}")
        return data

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        number = str(next(self._numbers))
        if self._session:
            request["session_id"] = self._session
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._sock.send(json.dumps({**request, "transaction": number}).encode())
        async with asyncio.timeout(START_SECONDS):
            got: dict[str, Any] = await answer
        return got

    def _read(self) -> None:
        while True:
            try:
                data = self._sock.recv(1 << 20)
            except BlockingIOError:
                return
            if not data:
                asyncio.get_running_loop().remove_reader(self._sock.fileno())
                return
            message = json.loads(data)
            # "ack" only says that the answer comes later, as an event of the same transaction.
            if message["janus"] == "ack" or message.get("transaction") not in self._waiting:
                continue
            answer = self._waiting.pop(message["transaction"])
            if message["janus"] == "error":
                answer.set_exception(ConnectionError(f"Janus: {message['error']['reason']}"))
            else:
                answer.set_result(message)
