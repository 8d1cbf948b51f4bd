"""Identity: signed session tokens, invites, and the owner's one-time key."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from itsdangerous import BadData, URLSafeSerializer

from server.errors import Forbidden, Missing, NotSignedIn, SecretError, Unacceptable
from server.records import Rows
from server.roles import Permission, Role, may, require

__all__ = ["Grant", "Identity", "Invite", "Permission", "Role", "Session", "load_secret", "make_owner_key", "may"]

logger = logging.getLogger(__name__)

SECRET_FILE = "secret.key"
SESSION_DAYS = 30
OWNER_KEY_HOURS = 48
INVITE_HOURS_LIMIT = 24 * 90
"""Longest life of an invite."""
TOKEN_LIMIT = 1024
"""Longest token that is looked at, in characters."""
_SECRET_BYTES = 32
_ENDED, _ERASED = "ended_session", "erased_person"
"""Settings under these names, each with an id behind a colon, say whose tokens are worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is asking: what a valid token says."""

    id: str
    person: str
    role: Role
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an owner key or an invite allows."""

    role: Role
    person: str | None = None
    """The person to be, where it is a known one (the owner)."""
    invite: str | None = None
    """Id of the invite it came from."""
    owner_key: str | None = None
    """Id of the owner key it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """An invitation, as it may be listed; its secret is nowhere in the database."""

    id: str
    role: Role
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    uses: int


def load_secret(data_dir: Path) -> bytes:
    """Read the secret that signs tokens; the first time, make it (readable by its owner alone).

    Raises:
        SecretError: it cannot be read or made, or it is damaged.
    """
    path = data_dir / SECRET_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(_SECRET_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
            logger.warning("the secret file was readable by others; that is closed now")
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise SecretError(f"{path} cannot be read or written ({fault}); check the data folder") from fault
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) < _SECRET_BYTES:
        raise SecretError(
            f"{path} is damaged; restore it from a backup, or delete it: then everybody signs in anew"
        )
    return secret


def make_owner_key(secret: bytes, now: datetime) -> str:
    """Make a key that signs its bearer in as owner, once, within OWNER_KEY_HOURS."""
    return _serializer(secret, "owner").dumps({"i": uuid.uuid4().hex, "t": int(now.timestamp())})


def issue_token(secret: bytes, person: str, role: Role, *, now: datetime) -> str:
    """Make a session token, valid for SESSION_DAYS."""
    payload = {"i": uuid.uuid4().hex, "p": person, "r": role.value, "t": int(now.timestamp())}
    return _serializer(secret, "session").dumps(payload)


class Identity:
    """Says who somebody is. Tokens are checked without the database.

    Args:
        secret: what signs tokens; see `load_secret`.
        rows: the plain tables: invite and setting.
        revoked: ids of sessions that were ended early; `open` reads them.
        refused: ids of people who were erased; `open` reads them.
    """

    def __init__(
        self,
        secret: bytes,
        rows: Rows,
        *,
        revoked: frozenset[str] = frozenset(),
        refused: frozenset[str] = frozenset(),
    ) -> None:
        self._secret = secret
        self._rows = rows
        self._revoked, self._refused = set(revoked), set(refused)
        self._sessions = _serializer(secret, "session")
        self._owner_keys = _serializer(secret, "owner")

    @classmethod
    async def open(cls, data_dir: Path, rows: Rows, *, now: datetime) -> Self:
        """Read the secret and the ended sessions; forget what has expired anyway.

        Raises:
            SecretError: the secret cannot be read or made.
        """
        secret = load_secret(data_dir)
        kept: dict[str, set[str]] = {_ENDED: set(), _ERASED: set()}
        for row in await rows.select("setting"):
            if row["expires_at"] is not None and row["expires_at"] <= now:
                await rows.delete("setting", {"name": row["name"]})
                continue
            kind, _, id = row["name"].partition(":")
            if kind in kept:
                kept[kind].add(id)
        return cls(secret, rows, revoked=frozenset(kept[_ENDED]), refused=frozenset(kept[_ERASED]))

    # Sessions

    def issue(self, person: str, role: Role, *, now: datetime) -> str:
        """Make a session token, valid for SESSION_DAYS."""
        return issue_token(self._secret, person, role, now=now)

    def authenticate(self, token: str | None, *, now: datetime) -> Session:
        """Read a session token.

        Raises:
            NotSignedIn: there is none, it is not ours, it has expired, or the session was ended.
        """
        if not token:
            raise NotSignedIn("you are not signed in; open your invite link, or ask for one")
        payload = _payload(self._sessions, token)
        if payload is None:
            raise NotSignedIn("this session is not valid here; open your invite link again")
        if payload["p"] in self._refused:
            raise NotSignedIn("this office does not know you any more; ask for a new invite")
        issued = datetime.fromtimestamp(payload["t"], UTC)
        if now >= issued + timedelta(days=SESSION_DAYS) or payload["i"] in self._revoked:
            raise NotSignedIn("this session has ended; open your invite link again, or ask for a new one")
        return Session(id=payload["i"], person=payload["p"], role=Role(payload["r"]), issued_at=issued)

    async def end(self, session: Session) -> None:
        """End a session before its time; its token is worth nothing from here on."""
        self._revoked.add(session.id)
        expires = session.issued_at + timedelta(days=SESSION_DAYS)
        await self._rows.put("setting", {"name": f"{_ENDED}:{session.id}", "value": True, "expires_at": expires})

    async def refuse(self, person: str, *, now: datetime) -> None:
        """End all sessions of somebody, for good; their tokens are worth nothing from here on."""
        self._refused.add(person)
        expires = now + timedelta(days=SESSION_DAYS)
        await self._rows.put("setting", {"name": f"{_ERASED}:{person}", "value": True, "expires_at": expires})

    # The owner's key

    def owner_key(self, *, now: datetime) -> str:
        """Make a one-time key for the owner; see `make_owner_key`."""
        return make_owner_key(self._secret, now)

    async def has_owner(self) -> bool:
        """Say whether an owner has ever signed in."""
        return bool(await self._rows.select("setting", {"name": "owner_person"}))

    async def check_owner_key(self, key: str, *, now: datetime) -> Grant:
        """Look at an owner key without using it up.

        Raises:
            NotSignedIn: it is not ours, has expired or was used.
        """
        again = "print a new one with `atrium owner-link`"
        payload = _payload(self._owner_keys, key)
        if payload is None:
            raise NotSignedIn(f"this owner link is not valid here; {again}")
        if now.timestamp() >= payload["t"] + OWNER_KEY_HOURS * 3600:
            raise NotSignedIn(f"this owner link has expired; {again}")
        if await self._rows.select("setting", {"name": f"owner_key:{payload['i']}"}):
            raise NotSignedIn(f"this owner link was used before; {again}")
        known = await self._rows.select("setting", {"name": "owner_person"})
        person = str(known[0]["value"]) if known else None
        return Grant(role=Role.OWNER, person=person, owner_key=payload["i"])

    # Invites

    async def invite(self, by: Session, *, role: Role, hours: float, now: datetime) -> tuple[Invite, str]:
        """Make an invite; its secret is shown once and only its hash is kept.

        Returns:
            The invite, and the secret that goes into the link.

        Raises:
            Forbidden: the session may not invite, or not for this role.
            Unacceptable: `hours` is not in (0, INVITE_HOURS_LIMIT].
        """
        require(by.role, Permission.INVITE)
        if role.rank > by.role.rank:
            raise Forbidden(f"you are {by.role}; an invite for {role} is above that. Choose {by.role} or less")
        if not 0 < hours <= INVITE_HOURS_LIMIT:
            raise Unacceptable(
                f"an invite lives for more than 0 and at most {INVITE_HOURS_LIMIT} hours, not {hours}"
            )
        secret = secrets.token_urlsafe(24)
        values: dict[str, Any] = {
            "id": uuid.uuid4().hex[:16],
            "role": role.value,
            "created_by": by.person,
            "created_at": now,
            "expires_at": now + timedelta(hours=hours),
            "revoked_at": None,
            "uses": 0,
        }
        await self._rows.put("invite", {**values, "secret_hash": _hash(secret)})
        return _invite(values), secret

    async def invites(self) -> list[Invite]:
        """List invites, newest first; expired and revoked ones too."""
        return [_invite(row) for row in await self._rows.select("invite", order=("-created_at", "id"))]

    async def revoke_invite(self, id: str, *, now: datetime) -> None:
        """Make an invite worth nothing; people who came by it stay.

        Raises:
            Missing: there is no such invite.
        """
        known = await self._rows.select("invite", {"id": id})
        if not known:
            raise Missing(f"there is no invite {id!r}")
        await self._rows.update("invite", {"revoked_at": now}, {"id": id, "revoked_at": None})

    async def check_invite(self, secret: str, *, now: datetime) -> Grant:
        """Look at an invite without counting its use.

        Raises:
            NotSignedIn: there is none, it has expired or was revoked.
        """
        rows = (
            await self._rows.select("invite", {"secret_hash": _hash(secret)}) if len(secret) <= TOKEN_LIMIT else []
        )
        ask = "ask the one who invited you for a new link"
        if not rows:
            raise NotSignedIn(f"this invite link is not valid here; {ask}")
        if rows[0]["revoked_at"] is not None:
            raise NotSignedIn(f"this invite was withdrawn; {ask}")
        if now >= rows[0]["expires_at"]:
            raise NotSignedIn(f"this invite has expired; {ask}")
        return Grant(role=Role(rows[0]["role"]), invite=rows[0]["id"])

    async def redeem(self, grant: Grant, *, person: str, now: datetime) -> None:
        """Use a grant for a person: count the invite, or use up the owner key.

        Raises:
            NotSignedIn: somebody else used the owner key in this moment.
        """
        if grant.owner_key is not None:
            expires = now + timedelta(hours=OWNER_KEY_HOURS)
            values = {"name": f"owner_key:{grant.owner_key}", "value": person, "expires_at": expires}
            if not await self._rows.add("setting", values):
                raise NotSignedIn("this owner link was used before; print a new one with `atrium owner-link`")
            await self._rows.add("setting", {"name": "owner_person", "value": person, "expires_at": None})
        if grant.invite is not None:
            uses = (await self._rows.select("invite", {"id": grant.invite}))[0]["uses"]
            await self._rows.update("invite", {"uses": uses + 1}, {"id": grant.invite})


def _serializer(secret: bytes, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"atrium.{purpose}.1", signer_kwargs={"digest_method": hashlib.sha256})


def _payload(serializer: URLSafeSerializer, token: str) -> Mapping[str, Any] | None:
    if len(token) > TOKEN_LIMIT:
        return None
    try:
        payload: Mapping[str, Any] = serializer.loads(token)
    except BadData:
        return None
    return payload


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _invite(row: Mapping[str, Any]) -> Invite:
    return Invite(
        id=row["id"],
        role=Role(row["role"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        uses=row["uses"],
    )
