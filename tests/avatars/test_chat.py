"""A chat endpoint as a mind, over real sockets: what is asked, and each way in which it fails."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from avatars.adapters.chat import LONGEST_ANSWER, LONGEST_WAIT, TRIES, ChatMind, ChatSettings
from avatars.errors import MindError
from avatars.mind import Message, Role, described
from tests.chat_endpoint import Endpoint, Reply, open_endpoint, said

ASKED = [Message(role=Role.SYSTEM, text="Sum it up."), Message(role=Role.USER, text='[1] "Ada": "Hello"')]
KEY = "sk-of-a-test"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with open_endpoint() as opened:
        yield opened


class Asking:
    """A mind, and how long it waited between two tries."""

    def __init__(self, endpoint: Endpoint, **settings: object) -> None:
        self.waits: list[float] = []
        chosen = {"url": endpoint.url, "model": "small", "key": KEY} | settings
        self.mind = ChatMind(ChatSettings(**chosen), pause=self._pause)  # type: ignore[arg-type]

    async def _pause(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def fault(self) -> str:
        with pytest.raises(MindError) as caught:
            await self.mind.ask(ASKED)
        assert caught.value.code == "mind"
        return str(caught.value)


async def test_it_is_asked_as_chat_completions_are_and_gives_the_text(endpoint: Endpoint) -> None:
    endpoint.replies = ["All is well. [1]"]
    asking = Asking(endpoint, url=endpoint.url + "/")
    assert await asking.mind.ask(ASKED) == "All is well. [1]"
    assert endpoint.paths == ["/v1/chat/completions"]
    assert endpoint.keys == [f"Bearer {KEY}"]
    assert endpoint.asked == [
        {
            "model": "small",
            "messages": [
                {"role": "system", "content": "Sum it up."},
                {"role": "user", "content": '[1] "Ada": "Hello"'},
            ],
            "stream": False,
        }
    ]
    assert described(asking.mind) == f"small at {endpoint.url.removeprefix('http://').removesuffix('/v1')}"


async def test_without_a_key_none_is_sent(endpoint: Endpoint) -> None:
    endpoint.replies = ["Yes [1]"]
    await Asking(endpoint, key="").mind.ask(ASKED)
    assert endpoint.keys == [None]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=401, body=b"Incorrect API key provided: sk-of-a-test"), "check chat_key"),
        (Reply(status=403), "check chat_key"),
        (Reply(status=404), "check chat_url and chat_model"),
        (Reply(status=400), "check chat_model"),
        (Reply(status=422), "lower chat_request_characters"),
        (Reply(status=413), "lower chat_request_characters"),
        (Reply(status=301, headers={"Location": "http://127.0.0.1:9/v1"}), "answered 301; check chat_url"),
        (Reply(status=418), "answered 418"),
        (Reply(body=b"<html>Welcome</html>"), "mostly with /v1"),
        (Reply(body=b"\xff\xfe"), "mostly with /v1"),
        (Reply(body=b"[" * 100_000), "mostly with /v1"),
        (Reply(body=b"[]"), "mostly with /v1"),
        (Reply(body=b'{"choices": []}'), "mostly with /v1"),
        (Reply(body=b'{"choices": ["text"]}'), "mostly with /v1"),
        (Reply(body=b"ab", headers={"Content-Encoding": "gzip"}), "cannot be unpacked"),
        (Reply(body=said("")), "answered nothing"),
        (Reply(body=said(" \n")), "answered nothing"),
        (Reply(body=said(None)), "answered nothing"),
        (Reply(body=said("The budget was", "length")), "was cut at its limit"),
        (Reply(body=b" " * (LONGEST_ANSWER + 1)), "answers without end"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else f"{value.status}",
)
async def test_what_cannot_be_used_is_said_with_what_to_do_and_not_tried_again(
    endpoint: Endpoint, reply: Reply, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.replies = [reply]
    asking = Asking(endpoint)
    fault = await asking.fault()
    assert words in fault
    assert KEY not in fault + caplog.text
    assert len(endpoint.asked) == 1


async def test_who_is_busy_is_asked_again_after_the_time_it_names(endpoint: Endpoint) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    endpoint.replies = [
        Reply(status=429, headers={"Retry-After": "7"}),
        Reply(status=503, headers={"Retry-After": until}),
        "At last [1]",
    ]
    asking = Asking(endpoint)
    assert await asking.mind.ask(ASKED) == "At last [1]"
    first, second = asking.waits
    assert first == 7
    assert 15 < second <= 20


async def test_who_is_busy_and_does_not_say_how_long_is_asked_a_few_times(endpoint: Endpoint) -> None:
    endpoint.replies = [Reply(status=500), Reply(status=429, headers={"Retry-After": "soon"}), Reply(status=502)]
    asking = Asking(endpoint)
    assert "out of order (502); try again later" in await asking.fault()
    assert (asking.waits, len(endpoint.asked)) == ([1, 2], TRIES)


async def test_who_asks_for_a_long_time_gets_it(endpoint: Endpoint) -> None:
    endpoint.replies = [Reply(status=429, headers={"Retry-After": "86400"})]
    asking = Asking(endpoint)
    assert "try again in 86400 s" in await asking.fault()
    assert (asking.waits, len(endpoint.asked)) == ([], 1)
    assert LONGEST_WAIT < 86400


async def test_a_connection_that_breaks_off_is_tried_again(endpoint: Endpoint) -> None:
    endpoint.replies = [Reply(body=b'{"choi', cut=True), "Whole [1]"]
    assert await Asking(endpoint).mind.ask(ASKED) == "Whole [1]"
    endpoint.replies = [Reply(body=b'{"choi', cut=True)] * TRIES
    assert "broke off; try again later" in await Asking(endpoint).fault()


async def test_nobody_there_is_said(endpoint: Endpoint) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asking = Asking(endpoint, url=f"http://127.0.0.1:{port}/v1")
    assert f"127.0.0.1:{port} cannot be reached; check chat_url" in await asking.fault()


async def test_who_takes_too_long_is_given_up(endpoint: Endpoint) -> None:
    endpoint.may_answer.clear()
    asking = Asking(endpoint, timeout_seconds=0.2)
    assert "gave no answer within 0 s; raise chat_timeout_seconds" in await asking.fault()
    assert len(endpoint.asked) == 1


async def test_more_than_may_be_sent_is_not(endpoint: Endpoint) -> None:
    asking = Asking(endpoint, most_characters=20)
    assert "28 characters are too many" in await asking.fault()
    assert endpoint.asked == []


async def test_on_this_machine_no_proxy_is_used_and_outside_one_that_cannot_be_is_said(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:9")
    endpoint.replies = ["Near [1]"]
    assert await Asking(endpoint).mind.ask(ASKED) == "Near [1]"
    assert "proxy" in await Asking(endpoint, url="http://llm.example.org/v1").fault()
