"""Letters go out over a real connection, and what becomes of one says whether to try again."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.mailing import Letter, Mailer, MailSettings, NoAddress, Security, address_of
from server.tls import self_signed
from tests.post_office import PASSWORD, USER, post_office
from workflows.connector import Answer, Did, Refuse, TryAgain

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def settings(
    port: int,
    security: Security = "none",
    *,
    user: str = "",
    password: str = "",
    trust: ssl.SSLContext | None = None,
) -> MailSettings:
    return MailSettings(
        host="localhost",
        port=port,
        security=security,
        sender="atrium@example.org",
        name="Harbour",
        user=user,
        password=password,
        trust=trust,
    )


def letter(*to: str, key: str = "run-1:2:letter", subject: str = "Ten chairs", text: str = "They came.") -> Letter:
    return Letter(to=to or ("ana@example.org",), subject=subject, text=text, key=key)


async def sent(mail: MailSettings, one: Letter) -> Answer:
    return await Mailer(mail).send(one, now=NOW)


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with post_office() as post:
        answer = await sent(
            settings(post.port), letter("ana@example.org", "bo@example.org", text="Grüße\n\nfrom us")
        )
        (arrived,) = post.letters
    assert arrived["From"] == "Harbour <atrium@example.org>"
    assert arrived["To"] == "ana@example.org, bo@example.org"
    assert (arrived["Subject"], arrived["Auto-Submitted"]) == ("Ten chairs", "auto-generated")
    assert arrived.get_content().splitlines() == ["Grüße", "", "from us"]
    assert post.to == [["ana@example.org", "bo@example.org"]]
    assert answer == Did(result={"id": arrived["Message-ID"], "refused": []})


async def test_the_same_key_is_the_same_letter_to_whoever_reads_it() -> None:
    async with post_office() as post:
        for key in ("a", "a", "b"):
            await sent(settings(post.port), letter(key=key))
        first, again, other = (one["Message-ID"] for one in post.letters)
    assert first == again != other
    assert first.endswith("@example.org>")


async def test_a_subject_begins_no_other_header() -> None:
    async with post_office() as post:
        await sent(settings(post.port), letter(subject="Chairs\r\nBcc: eve@example.org"))
        (arrived,) = post.letters
    assert arrived["Subject"] == "Chairs Bcc: eve@example.org"
    assert arrived["Bcc"] is None


async def test_a_text_that_no_mail_can_hold_is_refused() -> None:
    async with post_office() as post:
        answer = await sent(settings(post.port), letter(text="half a sign: \ud83d"))
    assert isinstance(answer, Refuse)
    assert "cannot be written as a mail" in answer.reason


async def test_an_address_that_the_server_refuses_is_not_tried_again() -> None:
    async with post_office() as post:
        post.recipients["no@example.org"] = "550 nobody of that name"
        answer = await sent(settings(post.port), letter("no@example.org"))
        assert isinstance(answer, Refuse)
        assert "no@example.org: 550 nobody of that name" in answer.reason
        some = await sent(settings(post.port), letter("no@example.org", "ana@example.org"))
    assert isinstance(some, Did)
    assert some.result["refused"] == ["no@example.org"]
    assert post.to == [["ana@example.org"]]


@pytest.mark.parametrize(
    ("recipient", "data", "kind"),
    [
        ("450 come back later", "", TryAgain),
        ("", "451 no room just now", TryAgain),
        ("", "554 this looks like spam", Refuse),
    ],
)
async def test_the_servers_answer_says_whether_to_try_again(recipient: str, data: str, kind: type) -> None:
    async with post_office() as post:
        if recipient:
            post.recipients["ana@example.org"] = recipient
        post.data = data
        answer = await sent(settings(post.port), letter())
    assert isinstance(answer, kind)
    assert (recipient or data) in getattr(answer, "reason", "")


async def test_a_server_that_cannot_be_reached_is_tried_again() -> None:
    async with post_office() as post:
        gone = settings(post.port)
    answer = await sent(gone, letter())
    assert isinstance(answer, TryAgain)
    assert f"localhost:{gone.port} cannot be reached" in answer.reason


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What the server shows, and who trusts it."""
    file, key = self_signed(tmp_path, "127.0.0.1")
    shows = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shows.load_cert_chain(file, key)
    return shows, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_it_signs_in_under_a_certificate_that_it_trusts(
    security: Security, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    shows, trusts = certificate
    where = {"starttls": shows} if security == "starttls" else {"tls": shows}
    async with post_office(sign_in=True, **where) as post:
        known = settings(post.port, security, user=USER, password=PASSWORD, trust=trusts)
        assert isinstance(await sent(known, letter()), Did)
        stranger = await sent(settings(post.port, security, user=USER, password=PASSWORD), letter())
        assert isinstance(stranger, TryAgain), "a certificate that nobody vouches for is not trusted"
        wrong = await sent(replace(known, password="another"), letter())
    assert isinstance(wrong, Refuse)
    assert "ATRIUM_SMTP_PASSWORD" in wrong.reason
    assert "another" not in wrong.reason
    assert len(post.letters) == 1


async def test_nothing_is_sent_in_the_clear_where_starttls_is_wanted() -> None:
    async with post_office() as post:
        answer = await sent(settings(post.port, "starttls"), letter())
    assert isinstance(answer, Refuse)
    assert "ATRIUM_SMTP_SECURITY" in answer.reason
    assert post.letters == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ana@example.org", "ana@example.org"),
        (" ana.b+office@mail.example.org ", "ana.b+office@mail.example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
    ],
)
def test_addresses(text: str, written: str) -> None:
    assert address_of(text) == written


@pytest.mark.parametrize(
    "text",
    ["", "ana", "ünal@example.org", "@example.org", "ana@", "ana@example", "a b@example.org",
     "Ana <ana@example.org>", "ana@example.org\r\nBcc: eve@example.org", "a@b.c, d@e.f",
     "x" * 250 + "@example.org"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(NoAddress, match="write it like"):
        address_of(text)


def test_a_password_is_not_shown() -> None:
    assert PASSWORD not in repr(settings(25, user=USER, password=PASSWORD))
