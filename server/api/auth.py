"""Who is asking: by cookie or bearer; and whether a page of ours made the browser ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Response
from starlette.requests import HTTPConnection, Request

from server.api.parts import Parts, parts_of
from server.errors import Forbidden, NotSignedIn
from server.identity import SESSION_DAYS, Session
from server.roles import Role

COOKIE = "atrium_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def token_of(connection: HTTPConnection) -> str | None:
    """Give the token of a request or socket: the bearer's, else the cookie's."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return connection.cookies.get(COOKIE)


def current_session(connection: HTTPConnection) -> Session:
    """Give the session of a request.

    Raises:
        NotSignedIn: it has no valid token.
    """
    parts = parts_of(connection)
    return parts.identity.authenticate(token_of(connection), now=parts.now())


def session_if_any(connection: HTTPConnection) -> Session | None:
    """Give the session of a request, or None."""
    try:
        return current_session(connection)
    except NotSignedIn:
        return None


def same_site(request: Request, parts: Parts) -> None:
    """Refuse what another site's page makes a browser ask with our cookie.

    Browsers say where a request comes from; programs with a bearer token need not.

    Raises:
        Forbidden: it comes from elsewhere.
    """
    if request.method in _SAFE_METHODS or request.headers.get("authorization"):
        return
    if not comes_from_us(request, parts.settings.trusted_origins):
        raise Forbidden("this request came from another site's page; open the office itself and try again")


def comes_from_us(connection: HTTPConnection, trusted: frozenset[str] = frozenset()) -> bool:
    """Say whether a browser's request comes from our own page, as far as its headers say. Sockets too."""
    origin = connection.headers.get("origin")
    if origin is not None:
        return origin in trusted or urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
    return connection.headers.get("sec-fetch-site") in (None, "same-origin", "none")


def set_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Keep a session token in the browser, out of reach of scripts."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_DAYS * 86400,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def clear_cookie(response: Response, *, secure: bool) -> None:
    """Forget the session token in the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=secure)


SignedIn = Annotated[Session, Depends(current_session)]
MaybeSignedIn = Annotated[Session | None, Depends(session_if_any)]


def for_owner(what: str) -> Callable[[SignedIn], None]:
    """Make a dependency that lets only the office's owner pass.

    Args:
        what: the beginning of the sentence that others read, as in "models are".
    """

    def check(session: SignedIn) -> None:
        if session.role is not Role.OWNER:
            raise Forbidden(f"{what} for the office's owner; you are {session.role}")

    return check
