"""A hub of models on a port of this machine, and the ways in which hubs fail."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from tests.stand_in import serving

REPOSITORY = "Systran/faster-whisper-tiny.en"
COMMIT = "0d3d19a32d3338f10357c0889762bd8d64bbdeba"


def _content() -> dict[str, bytes]:
    draw = random.Random(7)
    return {
        "model.bin": draw.randbytes(300_000),
        "config.json": b'{"alignment_heads": [[1, 0]]}',
        "tokenizer.json": b'{"model": {"type": "BPE"}}',
        "vocabulary.txt": b"a\nb\n",
        "README.md": b"# not part of the model\n",
        "extra/model.bin": b"neither",
    }


@dataclass(kw_only=True)
class Hub:
    """What the hub holds and how it behaves; may be changed while it runs."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=_content)
    large: frozenset[str] = frozenset({"model.bin"})
    """Files that are kept apart and are known by their SHA-256."""
    licence: str = "mit"
    commit: str = COMMIT
    cuts: list[int] = field(default_factory=list)
    """After so many bytes the next answers with model.bin break off."""
    spoiled: list[str] = field(default_factory=list)
    """Files of which the next answer has one wrong byte."""
    failures: list[int] = field(default_factory=list)
    """Status codes of the next answers."""
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and `Range` of each request for content."""
    hosts: list[str] = field(default_factory=list)
    """Whole address of each request that came as to a proxy."""

    def tree(self) -> list[dict[str, Any]]:
        """The files as the hub lists them."""
        listed: list[dict[str, Any]] = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": "extra"}]
        for path, content in self.files.items():
            entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": git_sha1(content)}
            if path in self.large:
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 134}
            listed.append(entry)
        return listed


def git_sha1(content: bytes) -> str:
    """As git names content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: ClassVar[Hub]

    def do_GET(self) -> None:
        hub = self.hub
        if "://" in self.path:
            hub.hosts.append(self.path)
        path = unquote(urlsplit(self.path).path)
        if hub.failures:
            self._answer(hub.failures.pop(0), b"not now")
        elif path == f"/api/models/{REPOSITORY}/revision/main":
            self._json({"id": REPOSITORY, "sha": hub.commit, "cardData": {"license": hub.licence}})
        elif path == f"/api/models/{REPOSITORY}/tree/{hub.commit}":
            self._json(hub.tree())
        elif path.startswith(f"/{REPOSITORY}/resolve/{hub.commit}/"):
            self.send_response(302)
            self.send_header("Location", f"/store/{path.rpartition('/')[2]}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/store/") and (name := path.removeprefix("/store/")) in hub.files:
            hub.asked.append((name, self.headers.get("Range", "")))
            self._content(name)
        else:
            self._answer(404, b"Repository not found")

    def _content(self, name: str) -> None:
        hub, content, status, start = self.hub, self.hub.files[name], 200, 0
        if name in hub.spoiled:
            hub.spoiled.remove(name)
            content = bytes([content[0] ^ 1]) + content[1:]
        asked = self.headers.get("Range")
        if asked is not None and hub.ranges:
            start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            if start >= len(content):
                return self._answer(416, b"")
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) - start))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        rest = content[start:]
        if name == "model.bin" and hub.cuts:
            rest = rest[: hub.cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(rest)

    def _json(self, value: object) -> None:
        self._answer(200, json.dumps(value).encode(), "application/json")

    def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def open_hub() -> Iterator[Hub]:
    """Run a hub until the end of the block."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    with serving(handler) as address:
        hub.url = address
        yield hub
