"""The HTTP side as a browser sees it: pages, files, headers, limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.http import BODY_LIMIT, IMMUTABLE, content_policy
from server.roles import Role
from tests.server.offices import TestOffice, open_office


def build_client(folder: Path) -> None:
    """Put what a client build leaves into a folder."""
    (folder / "app").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Atrium</title>" + "x" * 2000)
    (folder / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "app" / "main-abc123.js").write_text("console.log(1)")
    (folder.parent / "secret.txt").write_text("not for the web")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestOffice]:
    build_client(tmp_path / "web")
    (tmp_path / "rooms").mkdir()
    (tmp_path / "rooms" / "hq.json").write_text("{}")
    async with open_office(tmp_path, rooms_dir=tmp_path / "rooms") as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/meetings", "/meetings/abc", "/meetings/abc?x=1"])
async def test_every_page_is_the_client(office: TestOffice, path: str) -> None:
    async with office.client() as client:
        response = await client.get(path)
    assert response.status_code == 200
    assert response.text.startswith("<!doctype html><title>Atrium</title>")
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-encoding"] == "gzip"


async def test_hashed_files_are_kept_for_ever_others_for_a_while(office: TestOffice) -> None:
    async with office.client() as client:
        hashed = await client.get("/app/main-abc123.js")
        assert (hashed.status_code, hashed.headers["cache-control"]) == (200, IMMUTABLE)
        assert "javascript" in hashed.headers["content-type"]
        icon = await client.get("/icon.svg")
        assert (icon.status_code, icon.headers["cache-control"]) == (200, "public, max-age=3600")
        assert (await client.get("/assets/rooms/hq.json")).json() == {}


@pytest.mark.parametrize(
    "path",
    [
        "/app/none.js",
        "/none.js",
        "/v1/none",
        "/assets/none",
        "/ws",
        "/assets/models/x.onnx",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/app/..%2f..%2fsecret.txt",
    ],
)
async def test_what_is_not_there_is_a_problem(office: TestOffice, path: str) -> None:
    async with office.client() as client:
        response = await client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/app/main-abc123.js", "/v1/me", "/none.js", "/healthz"])
async def test_every_answer_carries_the_security_headers(office: TestOffice, path: str) -> None:
    async with office.client() as client:
        headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    for part in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy.split("; ")
    assert "connect-src 'self' ws://office.test wss://office.test" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "microphone=(self)" in headers["permissions-policy"]


async def test_answers_of_the_api_are_not_kept(office: TestOffice) -> None:
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        assert (await client.get("/v1/tasks")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.test; script-src *", "a b", "", "'unsafe-inline'"])
def test_a_strange_host_does_not_get_into_the_policy(host: str) -> None:
    assert "connect-src 'self';" in content_policy(host)


async def test_large_bodies_are_refused_announced_or_not(office: TestOffice) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 1000 + 2):
            yield b" " * 1000

    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        announced = await client.post("/v1/tasks", content=b" " * (BODY_LIMIT + 1))
        streamed = await client.post("/v1/tasks", content=pieces())
    for response in (announced, streamed):
        assert response.status_code == 413
        assert response.headers["content-type"] == "application/problem+json"


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office, office.client() as client:
        response = await client.get("/")
        assert response.status_code == 503
        assert "make web" in response.text
        assert (await client.get("/healthz")).status_code == 200


async def test_a_fault_of_ours_tells_nothing_of_its_inside(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(office.tasks, "all", fail)
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        response = await client.get("/v1/tasks")
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert "swordfish" not in response.text
    assert "a request met a fault" in caplog.text
