"""A chat endpoint on a port of this machine, and the ways in which endpoints fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from tests.stand_in import serving


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, as bytes."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """The connection ends in the middle of it."""


@dataclass(kw_only=True)
class Endpoint:
    """What it answers; may be changed while it runs."""

    url: str = ""
    replies: list[Reply | str] = field(default_factory=list)
    """The next answers; a text is an answer that is well."""
    answer: Callable[[str], str] = lambda rows: "- Nothing [1]"
    """What is answered when there is no other reply, from the rows that were sent."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Body of each request."""
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    """`Authorization` of each request."""
    may_answer: threading.Event = field(default_factory=threading.Event)
    """Set unless a test holds answers back."""

    @property
    def sent(self) -> str:
        """All texts that were sent."""
        return "\n".join(message["content"] for body in self.asked for message in body["messages"])


def said(text: object, finish: str = "stop") -> bytes:
    """An answer as chat completions give it."""
    message = {"role": "assistant", "content": text}
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": finish}]}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    endpoint: ClassVar[Endpoint]

    def do_POST(self) -> None:
        endpoint = self.endpoint
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        endpoint.asked.append(body)
        endpoint.paths.append(self.path)
        endpoint.keys.append(self.headers.get("Authorization"))
        endpoint.may_answer.wait(10)
        reply = endpoint.replies.pop(0) if endpoint.replies else endpoint.answer(body["messages"][-1]["content"])
        if isinstance(reply, str):
            reply = Reply(body=said(reply))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + (100 if reply.cut else 0)))
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def open_endpoint() -> Iterator[Endpoint]:
    """Run an endpoint until the end of the block."""
    endpoint = Endpoint()
    endpoint.may_answer.set()
    handler = type("Handler", (_Handler,), {"endpoint": endpoint})
    with serving(handler) as address:
        endpoint.url = f"{address}/v1"
        try:
            yield endpoint
        finally:
            endpoint.may_answer.set()
