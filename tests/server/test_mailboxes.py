"""An address counts once its owner entered the code that was sent there; nobody else is shown it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.mail_codes import GOOD_FOR, LETTERS_AT_ONCE, MOST_TRIES
from tests.post_office import PostOffice, post_office
from tests.server.offices import START
from tests.server.work_offices import WorkOffice, got, open_work, refused

BOX = "/v1/me/mailbox"
UNTIL = (START + GOOD_FOR).timestamp()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """An office with a mail server, and Lin who gives an address."""

    work: WorkOffice
    post: PostOffice
    lin: httpx.AsyncClient

    async def gives(self, address: str = "lin@example.org", *, wanted: bool = True) -> httpx.Response:
        return await self.lin.put(BOX, json={"address": address, "wanted": wanted})

    async def gave(self, address: str = "lin@example.org") -> Mapping[str, Any]:
        """The mailbox after an address was taken."""
        reply = await self.gives(address)
        assert reply.status_code == 200, reply.text
        box: Mapping[str, Any] = reply.json()
        return box

    async def enters(self, code: str) -> httpx.Response:
        return await self.lin.post(f"{BOX}/confirm", json={"code": code})

    async def another(self) -> httpx.Response:
        """Another code is asked for."""
        return await self.lin.post(f"{BOX}/code")

    def wrong(self) -> str:
        """A code that was not sent."""
        return f"{(int(self.post.code().replace(' ', '')) + 1) % 1_000_000:06}"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with post_office() as post, open_work(tmp_path, post=post) as work:
        yield Desk(work=work, post=post, lin=await work.who("Lin"))


async def test_an_address_counts_once_its_code_is_entered(desk: Desk) -> None:
    none = {"address": "", "wanted": True, "sends": True, "confirmed": False, "code_until": None}
    assert await got(desk.lin, BOX) == none
    assert await desk.gave(" lin@example.org ") == none | {"address": "lin@example.org", "code_until": UNTIL}
    (letter,) = desk.post.letters
    assert (letter["To"], letter["Subject"]) == ("lin@example.org", "Confirm your address for Harbour")
    text = letter.get_content()
    assert "It holds until Fri 20 Nov 2026, 15:30." in text, "in the office's time zone"
    assert "Lin" not in text
    assert "http" not in text
    confirmed = await desk.enters(desk.post.code())
    assert confirmed.json() == none | {"address": "lin@example.org", "confirmed": True}
    again = await desk.enters("000000")
    assert again.json()["confirmed"], "to press twice does no harm"
    assert (await desk.gives(wanted=False)).json()["confirmed"], "the same address stays confirmed"
    assert (await desk.another()).json()["confirmed"]
    assert len(desk.post.letters) == 1, "there is nothing to confirm"


async def test_nobody_else_is_shown_an_address_and_a_code_is_kept_nowhere(desk: Desk) -> None:
    await desk.gave()
    bo = await desk.work.who("Bo")
    assert (await got(bo, BOX))["address"] == ""
    shown = [await bo.get(path) for path in ("/v1/inbox", "/v1/definitions")] + [await desk.lin.get("/v1/me")]
    assert "lin@example.org" not in "".join(one.text for one in shown)
    refused(await bo.post(f"{BOX}/confirm", json={"code": desk.post.code()}), 422, "code_over")
    rows = await desk.work.office.store.rows.select("person")
    assert desk.post.code().replace(" ", "") not in str(rows)


async def test_what_is_no_address_is_refused_with_an_example(desk: Desk) -> None:
    wrong = refused(await desk.gives("lin"), 422, "unacceptable")
    assert "write it like ana@example.org" in wrong["detail"]
    assert desk.post.letters == []


async def test_a_code_is_over_after_a_while_and_another_one_is_sent(desk: Desk) -> None:
    await desk.gave()
    old = desk.post.code()
    desk.work.office.wait(minutes=30)
    assert (await got(desk.lin, BOX))["code_until"] is None
    over = refused(await desk.enters(old), 422, "code_over")
    assert over["detail"] == "no code is good any more; have another one sent"
    assert (await desk.another()).json()["code_until"] == UNTIL + GOOD_FOR.total_seconds()
    first, second = desk.post.letters
    assert first["Message-ID"] != second["Message-ID"]
    refused(await desk.enters(old if old != desk.post.code() else desk.wrong()), 422, "wrong_code")
    assert (await desk.enters(desk.post.code())).json()["confirmed"]


async def test_a_code_can_be_tried_a_few_times(desk: Desk) -> None:
    await desk.gave()
    wrong = desk.wrong()
    for left in ("4 tries are", "3 tries are", "2 tries are", "1 try is"):
        detail = refused(await desk.enters(wrong), 422, "wrong_code")["detail"]
        assert detail == f"this is not the code; take the one of the newest letter. {left} left"
    over = refused(await desk.enters(wrong), 422, "code_over")
    assert over["detail"] == "this is not the code, and it was tried 5 times; have another one sent"
    refused(await desk.enters(desk.post.code()), 422, "code_over")
    assert (await got(desk.lin, BOX))["code_until"] is None
    await desk.another()
    assert (await desk.enters(desk.post.code())).json()["confirmed"]


async def test_tries_at_once_are_as_many_as_tries_one_by_one(desk: Desk) -> None:
    await desk.gave()
    wrong = desk.wrong()
    replies = await asyncio.gather(*(desk.enters(wrong) for _ in range(4 * MOST_TRIES)))
    codes = [one.json()["code"] for one in replies]
    assert codes.count("wrong_code") == MOST_TRIES - 1
    assert codes.count("code_over") == len(codes) - codes.count("wrong_code")


async def test_another_address_asks_for_another_proof(desk: Desk) -> None:
    await desk.gave()
    first = desk.post.code()
    await desk.enters(first)
    box = await desk.gave("lin@home.example")
    assert (box["address"], box["confirmed"]) == ("lin@home.example", False)
    assert desk.post.to[-1] == ["lin@home.example"]
    assert (await desk.enters(desk.post.code())).json()["confirmed"]
    box = await desk.gave("")
    assert (box["address"], box["confirmed"], box["code_until"]) == ("", False, None)
    refused(await desk.another(), 422, "unacceptable")


async def test_an_address_that_takes_no_letters_is_not_kept(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await desk.gave()
    await desk.enters(desk.post.code())
    desk.post.recipients |= {"no@example.org": "550 nobody", "later@example.org": "450 full"}
    never = refused(await desk.gives("no@example.org"), 409, "not_sent")["detail"]
    assert never.startswith("no letter went to no@example.org: ")
    assert "550 nobody" in never
    assert never.endswith("Check the address, or ask who runs this office")
    later = refused(await desk.gives("later@example.org"), 409, "not_sent")["detail"]
    assert "450 full" in later
    assert later.endswith("Try again in a minute")
    logged = [str(vars(one)) for one in caplog.records if one.getMessage() == "a code was not sent"]
    assert len(logged) == 2
    assert "example.org" not in "".join(logged), "addresses stay out of the log"
    box = await got(desk.lin, BOX)
    assert (box["address"], box["confirmed"]) == ("lin@example.org", True), "what was kept stays"


async def test_nobody_can_fill_a_mailbox(desk: Desk) -> None:
    for number in range(LETTERS_AT_ONCE):
        await desk.gave(f"lin{number}@example.org")
    slow = refused(await desk.another(), 429, "too_often")
    assert slow["detail"] == "too many tries; wait 300 s and try again"
    refused(await desk.gives(), 429, "too_often")
    assert len(desk.post.letters) == LETTERS_AT_ONCE
    assert (await desk.enters(desk.post.code())).json()["confirmed"], "the last letter still counts"


async def test_an_office_without_a_mail_server_keeps_an_address_for_later(tmp_path: Path) -> None:
    async with open_work(tmp_path) as work:
        lin = await work.who("Lin")
        kept = await lin.put(BOX, json={"address": "lin@example.org", "wanted": True})
        none = {"confirmed": False, "code_until": None, "wanted": True}
        assert kept.json() == none | {"address": "lin@example.org", "sends": False}
        no_mail = refused(await lin.post(f"{BOX}/code"), 422, "unacceptable")
        assert "its owner can set a mail server" in no_mail["detail"]
        refused(await lin.post(f"{BOX}/confirm", json={"code": "123456"}), 422, "code_over")


async def test_who_was_erased_has_no_mailbox(desk: Desk) -> None:
    await desk.work.office.store.rows.delete("person", {"id": "lin"})
    assert (await got(desk.lin, BOX))["address"] == ""
    refused(await desk.gives(), 404, "missing")
    assert desk.post.letters == []
