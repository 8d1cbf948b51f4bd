"""The HTTP side: REST API, the built client, floor plans; security headers on everything."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import __version__
from server.api import (
    catch_up,
    definitions,
    digests,
    downloads,
    health,
    inbox,
    invites,
    lobby,
    mailbox,
    meetings,
    models,
    people,
    problems,
    recordings,
    rooms,
    runs,
    schedules,
    sessions,
    tasks,
    understanding,
)
from server.api.auth import same_site
from server.api.parts import HttpParts
from server.errors import Problem
from server.limits import Limiter

BODY_LIMIT = 64 * 1024
"""Largest request body, in bytes."""
IMMUTABLE = "public, max-age=31536000, immutable"
NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Atrium</title>
<h1>The office is running, but its pages are not built yet</h1>
<p>Run <code>make web</code> in the checkout, then reload this page.</p>
<p>The API is at <a href="/v1/openapi.json">/v1/openapi.json</a>.</p></html>
"""
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_API_PATHS = ("/v1/", "/app/", "/assets/", "/ws")

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_http(parts: HttpParts, *, lifespan: Lifespan | None = None) -> FastAPI:
    """Build the application; a room socket can be added to it afterwards.

    Args:
        parts: everything it calls.
        lifespan: opens and closes what lives as long as the application.
    """
    app = FastAPI(
        title="Atrium",
        version=__version__,
        summary="The office over HTTP: sign in, meetings, tasks, downloads.",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere, which the content policy forbids
        redoc_url=None,
        lifespan=lifespan,
    )
    settings = parts.settings
    app.state.parts = parts
    app.state.sign_ins = Limiter(a_minute=settings.sign_ins_a_minute, burst=settings.sign_in_burst)
    problems.install(app)
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(same_site)])
    meeting_parts = (meetings, digests, catch_up, recordings, downloads)
    work = (tasks, runs, inbox, definitions, schedules)
    owners = (models, understanding, people)
    for resource in (sessions, mailbox, lobby, invites, *meeting_parts, *work, rooms, *owners):
        v1.include_router(resource.router)
    app.include_router(v1)
    app.include_router(health.router)
    if settings.rooms_dir is not None and settings.rooms_dir.is_dir():
        app.mount("/assets/rooms", StaticFiles(directory=settings.rooms_dir), name="rooms")
    _mount_client(app, settings.web_dir)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(SecurityHeaders)
    return app


def content_policy(host: str) -> str:
    """Give the content security policy: everything from here alone, the room socket included."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )


class SecurityHeaders:
    """Adds the headers that keep a browser from being used against its owner."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = content_policy(host)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Permissions-Policy"] = "microphone=(self), camera=(self), display-capture=(self)"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                if scope["path"].startswith("/v1/"):
                    headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses request bodies that are too large, also where their length was not announced.

    Args:
        app: what the requests go on to.
        limit: largest body, in bytes.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > self._limit:
            await self._refuse(scope, receive, send)
            return
        left = self._limit

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, f"a request may carry {self._limit} bytes")
            return message

        await self._app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem(
            status=413,
            code="too_large",
            title="Too large",
            detail=f"a request may carry {self._limit} bytes; send less",
        )
        await problems.problem_response(problem)(scope, receive, send)


class HashedFiles(StaticFiles):
    """Files whose names carry their content's hash: kept by browsers for ever."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Answer with a file."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = IMMUTABLE
        return response


def _mount_client(app: FastAPI, web_dir: Path) -> None:
    """Serve the built client: its files by name, its page for every address of a page."""
    app.mount("/app", HashedFiles(directory=web_dir / "app", check_dir=False), name="app")
    root = web_dir.resolve()

    async def page(request: Request) -> Response:
        path = request.url.path
        if any(path.startswith(start) for start in _API_PATHS):
            raise HTTPException(404)
        named = (root / path.lstrip("/")).resolve()
        if path != "/" and named.is_relative_to(root) and named.is_file() and named.name != "index.html":
            return FileResponse(named, headers={"Cache-Control": "public, max-age=3600"})
        if "." in path.rpartition("/")[2]:
            raise HTTPException(404)
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
        return FileResponse(index, media_type="text/html", headers={"Cache-Control": "no-cache"})

    app.add_api_route("/{path:path}", page, methods=["GET", "HEAD"], include_in_schema=False)
