"""Tokens, invites and the owner's key."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from server.errors import Forbidden, Missing, NotSignedIn, SecretError, Unacceptable
from server.identity import SECRET_FILE, Identity, Session, load_secret, make_owner_key
from server.roles import PERMISSIONS, Permission, Role, may, require
from tests.server.offices import START, TestOffice, open_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestOffice]:
    async with open_office(tmp_path) as opened:
        yield opened


def session(office: TestOffice, role: Role) -> Session:
    return office.identity.authenticate(office.identity.issue("me", role, now=START), now=START)


def files_beginning(folder: Path, start: str) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob(f"{start}*"))


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    secret = load_secret(folder)
    assert len(secret) == 32
    assert load_secret(folder) == secret
    assert stat.S_IMODE((folder / SECRET_FILE).stat().st_mode) == 0o600
    (folder / SECRET_FILE).chmod(0o644)
    load_secret(folder)
    assert stat.S_IMODE((folder / SECRET_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "not hex", "abcd"])
def test_a_damaged_secret_is_not_used(tmp_path: Path, text: str) -> None:
    (tmp_path / SECRET_FILE).write_text(text)
    with pytest.raises(SecretError, match="damaged"):
        load_secret(tmp_path)


async def test_a_token_says_who_for_thirty_days(office: TestOffice) -> None:
    token = office.identity.issue("bo", Role.MEMBER, now=START)
    found = office.identity.authenticate(token, now=START + timedelta(days=29))
    assert (found.person, found.role, found.issued_at) == ("bo", Role.MEMBER, START)
    with pytest.raises(NotSignedIn, match="has ended"):
        office.identity.authenticate(token, now=START + timedelta(days=30))


async def test_a_token_that_is_not_ours_is_refused(office: TestOffice) -> None:
    token = office.identity.issue("bo", Role.MEMBER, now=START)
    stranger = Identity(b"x" * 32, office.store.rows)
    owner_key = office.identity.owner_key(now=START)
    for wrong in (
        None,
        "",
        "x",
        token[:-2],
        token + "A" * 2000,
        "é",
        stranger.issue("bo", Role.OWNER, now=START),
        owner_key,
    ):
        with pytest.raises(NotSignedIn):
            office.identity.authenticate(wrong, now=START)


async def test_an_ended_session_stays_ended_after_a_restart(office: TestOffice, tmp_path: Path) -> None:
    token = office.identity.issue("bo", Role.MEMBER, now=START)
    await office.identity.end(office.identity.authenticate(token, now=START))
    with pytest.raises(NotSignedIn):
        office.identity.authenticate(token, now=START)
    again = await Identity.open(tmp_path, office.store.rows, now=START)
    with pytest.raises(NotSignedIn):
        again.authenticate(token, now=START)
    await Identity.open(tmp_path, office.store.rows, now=START + timedelta(days=31))
    assert await office.store.rows.select("setting") == []


async def test_the_owner_key_signs_in_once(office: TestOffice, tmp_path: Path) -> None:
    key = make_owner_key(load_secret(tmp_path), START)
    grant = await office.identity.check_owner_key(key, now=START)
    assert (grant.role, grant.person) == (Role.OWNER, None)
    assert not await office.identity.has_owner()
    await office.identity.redeem(grant, person="bo", now=START)
    assert await office.identity.has_owner()
    with pytest.raises(NotSignedIn, match="atrium owner-link"):
        await office.identity.check_owner_key(key, now=START)
    with pytest.raises(NotSignedIn, match="used before"):
        await office.identity.redeem(grant, person="eve", now=START)
    again = await office.identity.check_owner_key(office.identity.owner_key(now=START), now=START)
    assert again.person == "bo"


async def test_an_old_owner_key_is_refused(office: TestOffice) -> None:
    key = office.identity.owner_key(now=START)
    with pytest.raises(NotSignedIn, match="expired"):
        await office.identity.check_owner_key(key, now=START + timedelta(hours=48))
    with pytest.raises(NotSignedIn, match="not valid"):
        await office.identity.check_owner_key(key[::-1], now=START)


async def test_an_invite_lets_in_until_it_expires_or_is_withdrawn(office: TestOffice) -> None:
    by = session(office, Role.FACILITATOR)
    invite, secret = await office.identity.invite(by, role=Role.MEMBER, hours=2, now=START)
    assert (await office.identity.check_invite(secret, now=START)).role is Role.MEMBER
    with pytest.raises(NotSignedIn, match="expired"):
        await office.identity.check_invite(secret, now=START + timedelta(hours=2))
    await office.identity.revoke_invite(invite.id, now=START)
    with pytest.raises(NotSignedIn, match="withdrawn"):
        await office.identity.check_invite(secret, now=START)
    with pytest.raises(NotSignedIn, match="not valid"):
        await office.identity.check_invite(invite.id, now=START)


async def test_the_database_does_not_hold_what_opens_the_door(office: TestOffice, tmp_path: Path) -> None:
    by = session(office, Role.OWNER)
    _, secret = await office.identity.invite(by, role=Role.GUEST, hours=2, now=START)
    held = files_beginning(tmp_path, "office.db")
    assert secret.encode() not in held
    assert load_secret(tmp_path).hex().encode() not in held


async def test_nobody_invites_above_their_own_role(office: TestOffice) -> None:
    by = session(office, Role.FACILITATOR)
    with pytest.raises(Forbidden, match="an invite for owner is above that"):
        await office.identity.invite(by, role=Role.OWNER, hours=1, now=START)
    with pytest.raises(Forbidden, match="you need to be facilitator; you are member"):
        await office.identity.invite(session(office, Role.MEMBER), role=Role.GUEST, hours=1, now=START)
    with pytest.raises(Unacceptable, match="hours"):
        await office.identity.invite(by, role=Role.GUEST, hours=-1, now=START)
    with pytest.raises(Missing):
        await office.identity.revoke_invite("none", now=START)


def test_a_higher_role_may_all_that_a_lower_may() -> None:
    ordered = sorted(Role, key=lambda role: role.rank)
    for lower, higher in pairwise(ordered):
        assert PERMISSIONS[lower] <= PERMISSIONS[higher]
    assert PERMISSIONS[Role.OWNER] == frozenset(Permission)


def test_what_a_role_lacks_is_refused_with_the_role_it_needs() -> None:
    assert may("facilitator", Permission.HOLD_MEETINGS)
    assert not may("king", Permission.ENTER)
    with pytest.raises(Forbidden, match="hold meetings you need to be facilitator; you are guest"):
        require(Role.GUEST, Permission.HOLD_MEETINGS)
