"""Any endpoint that speaks OpenAI's chat completions, as a Mind: near or far, a vendor's or one's own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from avatars.errors import MindError
from avatars.mind import Message

logger = logging.getLogger(__name__)

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds; who asks to be left alone for longer is."""
LONGEST_ANSWER = 1_000_000
"""Bytes that are read of an answer."""
_CUT = "length"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """Which endpoint, and how much is asked of it."""

    url: str
    """Up to and without `/chat/completions`, as `https://llm.example.org/v1`."""
    model: str
    key: str = field(default="", repr=False)
    """Sent as a bearer token; empty: none is."""
    timeout_seconds: float = 60.0
    """For one answer, from the first byte sent to the last received."""
    most_characters: int = 24_000
    """Of the texts that are sent at once."""


class _Later(Exception):
    """It may work a little later: after `wait` seconds, where the endpoint said so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class ChatMind:
    """Fulfils `avatars.mind.Mind`."""

    def __init__(
        self, settings: ChatSettings, *, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        """`pause` waits between two tries, for so many seconds."""
        self._settings, self._pause = settings, pause
        self._address = settings.url.rstrip("/") + "/chat/completions"

    @property
    def model(self) -> str:
        """See `Mind.model`."""
        return self._settings.model

    @property
    def host(self) -> str:
        """See `Mind.host`."""
        return httpx.URL(self._settings.url).netloc.decode("ascii")

    @property
    def most_characters(self) -> int:
        """See `Mind.most_characters`."""
        return self._settings.most_characters

    async def ask(self, messages: Sequence[Message]) -> str:
        """See `Mind.ask`; a busy or broken endpoint is asked up to `TRIES` times.

        Raises:
            MindError: it does not answer, refuses, or answers nothing that can be used; or too much would be sent.
        """
        size = sum(len(message.text) for message in messages)
        if size > self.most_characters:
            raise MindError(f"{size} characters are too many for {self.host}: chat_request_characters allows less")
        tries = 0
        while True:
            tries += 1
            try:
                return await self._once(messages)
            except _Later as fault:
                wait = fault.wait if fault.wait is not None else float(tries)
                if tries == TRIES or wait > LONGEST_WAIT:
                    when = f"in {wait:.0f} s" if fault.wait is not None else "later"
                    raise MindError(f"{fault}; try again {when}") from fault
            logger.info("an endpoint is asked again", extra={"host": self.host, "seconds": wait})
            await self._pause(wait)

    async def _once(self, messages: Sequence[Message]) -> str:
        body = {
            "model": self.model,
            "messages": [{"role": message.role.value, "content": message.text} for message in messages],
            "stream": False,
        }
        headers = {"Authorization": f"Bearer {self._settings.key}"} if self._settings.key else {}
        seconds = self._settings.timeout_seconds
        try:
            async with (
                asyncio.timeout(seconds),
                self._client() as client,
                client.stream("POST", self._address, json=body, headers=headers) as answer,
            ):
                self._must_be_well(answer)
                return self._text(await self._read(answer))
        except (TimeoutError, httpx.TimeoutException) as fault:
            raise MindError(
                f"{self.host} gave no answer within {seconds:.0f} s; raise chat_timeout_seconds, or use a quicker "
                "model"
            ) from fault
        except httpx.ConnectError as fault:
            raise MindError(f"{self.host} cannot be reached; check chat_url, and that it is running") from fault
        except httpx.TransportError as fault:
            raise _Later(f"the connection to {self.host} broke off") from fault
        except httpx.DecodingError as fault:
            raise MindError(f"{self.host} sends what cannot be unpacked; check chat_url") from fault

    def _client(self) -> httpx.AsyncClient:
        # What stays on this machine goes through no proxy, whatever the environment names for the way out.
        outside = httpx.URL(self._settings.url).host not in _LOOPBACK
        try:
            return httpx.AsyncClient(timeout=self._settings.timeout_seconds, trust_env=outside)
        except (ImportError, ValueError) as fault:
            raise MindError("the proxy that the environment names cannot be used; unset or mend it") from fault

    def _must_be_well(self, answer: httpx.Response) -> None:
        """What the endpoint says of its fault is not passed on: some quote the key."""
        status, host = answer.status_code, self.host
        if answer.is_success:
            return
        if status in (401, 403):
            raise MindError(f"{host} does not take the key ({status}); check chat_key, and what it may use")
        if status == 404:
            raise MindError(
                f"{host} has no chat completions there, or no model {self.model} (404); check chat_url and "
                "chat_model"
            )
        if status == 413:
            raise MindError(f"{host} takes less at once (413); lower chat_request_characters")
        if status == 429:
            raise _Later(f"{host} is asked too much, or its limit is used up (429)", _wait(answer.headers))
        if status >= 500:
            raise _Later(f"{host} is out of order ({status})", _wait(answer.headers))
        if status in (400, 422):
            raise MindError(
                f"{host} does not take what is asked ({status}); check chat_model, or lower "
                "chat_request_characters"
            )
        raise MindError(f"{host} answered {status}; check chat_url")

    async def _read(self, answer: httpx.Response) -> bytes:
        read = bytearray()
        async for piece in answer.aiter_bytes():
            read += piece
            if len(read) > LONGEST_ANSWER:
                raise MindError(f"{self.host} answers without end; check chat_url")
        return bytes(read)

    def _text(self, content: bytes) -> str:
        try:
            choice = json.loads(content)["choices"][0]
            text, finish = choice["message"]["content"], choice.get("finish_reason")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
            raise MindError(
                f"{self.host} does not answer as chat completions do; check that chat_url ends before "
                "/chat/completions, mostly with /v1"
            ) from fault
        if finish == _CUT:
            raise MindError(
                f"the answer of {self.model} was cut at its limit; let it answer longer at {self.host}, or lower "
                "chat_request_characters"
            )
        if not isinstance(text, str) or not text.strip():
            raise MindError(f"{self.model} at {self.host} answered nothing; try again, or use another model")
        return text


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until it may be tried again, as `Retry-After` says; None where it does not."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said[:9])
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
