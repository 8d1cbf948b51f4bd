"""The REST API, as programs and browsers use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.api.auth import COOKIE
from server.records import NoteKind
from server.roles import Role
from tests.server.offices import ADDRESS, LOOK, START, TestOffice, open_office
from workflows.task import TaskDraft

BO = {"name": "Bo", "look": LOOK}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestOffice]:
    async with open_office(tmp_path) as opened:
        yield opened


def is_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"]
    assert body["title"]
    assert body["detail"]
    return body


async def invite(office: TestOffice, role: str = "member") -> str:
    owner = await office.person("Owner", Role.OWNER)
    async with office.client(owner) as client:
        made = (await client.post("/v1/invites", json={"role": role, "hours": 1})).json()
    token: str = made["token"]
    assert made["url"] == f"{ADDRESS}/?invite={token}"
    return token


async def test_the_owner_signs_in_by_the_link_and_stays_by_cookie(office: TestOffice) -> None:
    key = office.identity.owner_key(now=office.now)
    async with office.client() as client:
        assert (await client.get("/v1/lobby", params={"key": key})).status_code == 200
        signed = await client.post("/v1/sessions", json={**BO, "key": key})
        assert signed.status_code == 201
        session = signed.json()["session"]
        assert (session["name"], session["role"], session["look"]) == ("Bo", "owner", LOOK)
        assert "invite" in session["may"]
        cookie = signed.headers["set-cookie"]
        assert all(part in cookie for part in (f"{COOKIE}=", "HttpOnly", "SameSite=lax", "Path=/"))
        assert "Secure" not in cookie
        assert (await client.get("/v1/me")).json()["session"] == session
        again = await client.post("/v1/sessions", json={"name": "Bo Li", "look": LOOK, "key": key})
        assert again.json()["session"] | {"name": "Bo"} == session
    async with office.client() as stranger:
        is_problem(await stranger.post("/v1/sessions", json={**BO, "key": key}), 401, "not_signed_in")
        is_problem(await stranger.get("/v1/lobby", params={"key": key}), 401, "not_signed_in")


async def test_over_tls_the_cookie_is_secure(tmp_path: Path) -> None:
    async with open_office(tmp_path, secure=True) as office, office.client() as client:
        key = office.identity.owner_key(now=office.now)
        assert "Secure" in (await client.post("/v1/sessions", json={**BO, "key": key})).headers["set-cookie"]


async def test_without_a_right_nobody_enters(office: TestOffice) -> None:
    async with office.client() as client:
        body = is_problem(await client.post("/v1/sessions", json=BO), 401, "not_signed_in")
        assert "invite link" in body["detail"]
        for path in ("/v1/me", "/v1/lobby", "/v1/tasks", "/v1/meetings", "/v1/invites", "/v1/lobby?invite=x"):
            is_problem(await client.get(path), 401, "not_signed_in")


async def test_an_invite_makes_a_new_person_each_time(office: TestOffice) -> None:
    secret = await invite(office)
    ids = set()
    for name in ("Bo", "Lin"):
        async with office.client() as client:
            assert (await client.get("/v1/lobby", params={"invite": secret})).json()["people"][0]["name"] == "Ada"
            signed = await client.post("/v1/sessions", json={"name": name, "look": LOOK, "invite": secret})
            assert signed.json()["session"]["role"] == "member"
            ids.add(signed.json()["session"]["id"])
    assert len(ids) == 2
    owner = await office.person("Owner", Role.OWNER)
    async with office.client(owner) as client:
        listed = (await client.get("/v1/invites")).json()["invites"]
        assert listed[0]["uses"] == 2
        assert "token" not in listed[0]
        assert (await client.delete(f"/v1/invites/{listed[0]['id']}")).status_code == 204
    async with office.client() as late:
        is_problem(await late.post("/v1/sessions", json={**BO, "invite": secret}), 401, "not_signed_in")


async def test_a_better_invite_raises_the_same_person(office: TestOffice) -> None:
    guest = await office.person("Bo", Role.GUEST)
    better, worse = await invite(office, "facilitator"), await invite(office, "guest")
    async with office.client(guest) as client:
        raised = (await client.post("/v1/sessions", json={**BO, "invite": better})).json()
        assert (raised["session"]["id"], raised["session"]["role"]) == ("bo", "facilitator")
    async with office.client(raised["token"]) as client:
        kept = (await client.post("/v1/sessions", json={**BO, "invite": worse})).json()
        assert (kept["session"]["id"], kept["session"]["role"]) == ("bo", "facilitator")


async def test_one_changes_oneself_and_signs_out(office: TestOffice) -> None:
    token = await office.person("Bo", Role.MEMBER)
    async with office.client(token) as client:
        changed = await client.patch("/v1/me", json={"name": "Bo Li"})
        assert changed.json()["session"]["name"] == "Bo Li"
        is_problem(await client.patch("/v1/me", json={"look": [9, 9, 9, 9, 9]}), 422, "invalid")
        is_problem(await client.patch("/v1/me", json={"name": "\u202e"}), 422, "unacceptable")
        assert (await client.delete("/v1/sessions/current")).status_code == 204
        is_problem(await client.get("/v1/me"), 401, "not_signed_in")


async def test_too_many_sign_ins_from_one_address_are_slowed(tmp_path: Path) -> None:
    async with open_office(tmp_path, sign_ins_a_minute=6, sign_in_burst=2) as office, office.client() as client:
        wrong = {**BO, "invite": "guess"}
        for _ in range(2):
            is_problem(await client.post("/v1/sessions", json=wrong), 401, "not_signed_in")
        slowed = await client.post("/v1/sessions", json=wrong)
        is_problem(slowed, 429, "too_often")
        assert slowed.headers["retry-after"] == "10"
        async with office.client(host="10.0.0.8") as other:
            assert (await other.post("/v1/sessions", json=wrong)).status_code == 401
        office.wait(seconds=10)
        assert (await client.post("/v1/sessions", json=wrong)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_sites_page_cannot_write_with_our_cookie(
    office: TestOffice, headers: dict[str, str]
) -> None:
    token = await office.person("Bo", Role.MEMBER)
    async with office.client(cookies={COOKIE: token}) as client:
        is_problem(await client.post("/v1/tasks", json={"text": "x"}, headers=headers), 403, "forbidden")
        ours = await client.post("/v1/tasks", json={"text": "x"}, headers={"Origin": ADDRESS})
        assert ours.status_code == 201
        assert (await client.get("/v1/tasks", headers=headers)).status_code == 200


async def test_a_task_lives_over_rest(office: TestOffice) -> None:
    token = await office.person("Bo", Role.MEMBER)
    async with office.client(token) as client:
        made = await client.post("/v1/tasks", json={"text": " Send  it ", "owner_id": "bo", "due": "2026-11-27"})
        task = made.json()
        assert (made.status_code, task["text"], task["owner_name"], task["state"], task["version"]) == (
            201, "Send it", "Bo", "open", 1,
        )  # fmt: skip
        moved = await client.post(f"/v1/tasks/{task['id']}/events", json={"event": "accept", "version": 1})
        assert (moved.json()["state"], moved.json()["version"]) == ("accepted", 2)
        changed = await client.patch(f"/v1/tasks/{task['id']}", json={"version": 2, "due": None})
        assert (changed.json()["due"], changed.json()["owner_name"]) == (None, "Bo")
        renamed = await client.patch(f"/v1/tasks/{task['id']}", json={"version": 3, "owner_name": "Somebody"})
        assert (renamed.json()["owner_id"], renamed.json()["owner_name"]) == (None, "Somebody")
        same = await client.patch(f"/v1/tasks/{task['id']}", json={"version": 4, "text": "Send it"})
        assert same.json()["version"] == 4
        assert [t["id"] for t in (await client.get("/v1/tasks")).json()["tasks"]] == [task["id"]]
    assert [(t.state, t.version) for t in office.changed_tasks] == [
        ("open", 1), ("accepted", 2), ("accepted", 3), ("accepted", 4),
    ]  # fmt: skip


async def test_task_faults_say_what_to_do(office: TestOffice) -> None:
    token = await office.person("Bo", Role.MEMBER)
    async with office.client(token) as client:
        task = (await client.post("/v1/tasks", json={"text": "Send it"})).json()
        path = f"/v1/tasks/{task['id']}"
        body = is_problem(await client.patch(path, json={"version": 7, "text": "x"}), 409, "conflict")
        assert "look at it again" in body["detail"]
        is_problem(await client.post(f"{path}/events", json={"event": "reopen", "version": 1}), 409, "not_allowed")
        is_problem(await client.post(f"{path}/events", json={"event": "deadline", "version": 1}), 422, "invalid")
        is_problem(await client.patch(path, json={"version": 1, "text": None}), 422, "unacceptable")
        is_problem(await client.patch(path, json={"version": 1, "text": "  "}), 422, "task")
        is_problem(await client.patch(path, json={"version": 1, "due": "Friday"}), 422, "invalid")
        is_problem(await client.post("/v1/tasks", json={"text": "x", "owner_id": "who"}), 422, "unacceptable")
        is_problem(await client.post("/v1/tasks", json={"text": "x", "meeting": "none"}), 404, "missing")
        is_problem(
            await client.post("/v1/tasks/none/events", json={"event": "done", "version": 1}), 404, "not_found"
        )
        is_problem(await client.post("/v1/tasks", content=b"{"), 422, "invalid")
        is_problem(await client.get("/v1/nothing"), 404, "not_found")
        is_problem(await client.put("/v1/tasks"), 405, "method_not_allowed")
    assert len(office.changed_tasks) == 1


async def test_an_idempotency_key_never_makes_two(office: TestOffice) -> None:
    token = await office.person("Bo", Role.MEMBER)
    async with office.client(token) as client:
        made = [
            (await client.post("/v1/tasks", json={"text": "x"}, headers={"Idempotency-Key": "k"})).json()
            for _ in range(2)
        ]
    assert made[0] == made[1]
    assert len(office.changed_tasks) == 1


async def test_guests_touch_only_their_own_tasks(office: TestOffice) -> None:
    member, guest = await office.person("Bo", Role.MEMBER), await office.person("Gus", Role.GUEST)
    async with office.client(member) as client:
        other = (await client.post("/v1/tasks", json={"text": "Bo's"})).json()
        given = (await client.post("/v1/tasks", json={"text": "Gus's", "owner_id": "gus"})).json()
    async with office.client(guest) as client:
        own = (await client.post("/v1/tasks", json={"text": "own"})).json()
        event = {"event": "done", "version": 1}
        is_problem(await client.post(f"/v1/tasks/{other['id']}/events", json=event), 403, "forbidden")
        for task in (own, given):
            assert (await client.post(f"/v1/tasks/{task['id']}/events", json=event)).status_code == 200
        seen = {task["id"] for task in (await client.get("/v1/tasks")).json()["tasks"]}
        assert seen == {own["id"], given["id"]}
        is_problem(await client.post("/v1/invites", json={}), 403, "forbidden")
        is_problem(await client.get("/v1/invites"), 403, "forbidden")


async def held(office: TestOffice) -> str:
    meeting = await office.meeting("Fay", "Bo", title="Stand-up / \U0001f389")
    await office.records.append_utterance(
        meeting.id,
        id="u1",
        speaker_id="bo",
        speaker_name="Bo",
        text="I will send the butcher by Friday",
        started_at=START,
        seconds=3.0,
        engine="test",
    )
    await office.records.add_note(
        NoteKind.DECISION, meeting.id, text="We ship", utterance_id="u1", confidence=0.8, now=START, id="d1"
    )
    await office.records.add_note(
        NoteKind.QUESTION, meeting.id, text="When?", utterance_id="u1", confidence=0.8, now=START, id="q1"
    )
    draft = TaskDraft(
        text="Send the budget", owner_name="Bo", due=date(2026, 11, 27), meeting_id=meeting.id, confidence=0.9
    )
    await office.tasks.add(draft, key="u1", now=START)
    return meeting.id


async def test_those_who_were_in_and_facilitators_read_a_meeting(office: TestOffice) -> None:
    meeting = await held(office)
    for name, role, allowed in (
        ("Bo", Role.MEMBER, True),
        ("Lin", Role.MEMBER, False),
        ("Fay", Role.FACILITATOR, True),
        ("Flo", Role.FACILITATOR, True),
        ("Gus", Role.GUEST, False),
    ):
        async with office.client(await office.person(name, role)) as client:
            listed = (await client.get("/v1/meetings")).json()["meetings"]
            assert bool(listed) is allowed
            for path in ("", "/minutes.md", "/tasks.csv", "/transcript.vtt"):
                response = await client.get(f"/v1/meetings/{meeting}{path}")
                if allowed:
                    assert response.status_code == 200
                else:
                    is_problem(response, 404, "missing")
            is_problem(await client.get("/v1/meetings/none"), 404, "missing")


async def test_a_meeting_shows_all_that_was_kept(office: TestOffice) -> None:
    meeting = await held(office)
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        detail = (await client.get(f"/v1/meetings/{meeting}")).json()
    assert detail["zone_name"] == "Cedar"
    assert detail["ended_at"] is None
    assert {p["name"] for p in detail["people"]} == {"Fay", "Bo"}
    assert detail["utterances"][0]["offset"] == 0.0
    assert detail["decisions"][0] == {"id": "d1", "text": "We ship", "utterance_id": "u1", "confidence": 0.8}
    assert detail["questions"][0]["text"] == "When?"
    assert (detail["tasks"][0]["due"], detail["tasks"][0]["meeting"]) == ("2026-11-27", meeting)


async def test_a_meeting_can_be_corrected_and_the_rooms_are_told(office: TestOffice) -> None:
    meeting = await held(office)
    base = f"/v1/meetings/{meeting}"
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        renamed = await client.patch(base, json={"title": "Weekly"})
        assert renamed.json()["title"] == "Weekly"
        line = await client.patch(f"{base}/utterances/u1", json={"text": "I will send the budget by Friday"})
        assert line.json()["original_text"] == "I will send the butcher by Friday"
        assert (await client.patch(f"{base}/decisions/d1", json={"text": "We wait"})).json()["text"] == "We wait"
        assert (await client.delete(f"{base}/decisions/d1")).status_code == 204
        is_problem(await client.delete(f"{base}/decisions/d1"), 404, "missing")
        assert (await client.patch(f"{base}/questions/q1", json={"text": "Where?"})).status_code == 200
        assert (await client.delete(f"{base}/questions/q1")).status_code == 204
    assert [m.title for m in office.changed_meetings] == ["Weekly"] * 6
    async with office.client(await office.person("Lin", Role.MEMBER)) as client:
        is_problem(await client.patch(base, json={"title": "Mine"}), 404, "missing")


async def test_guests_correct_only_their_own_words(office: TestOffice) -> None:
    meeting = await held(office)
    await office.records.attend(meeting, "gus", "Gus", at=START)
    base = f"/v1/meetings/{meeting}"
    async with office.client(await office.person("Gus", Role.GUEST)) as client:
        is_problem(await client.patch(f"{base}/utterances/u1", json={"text": "No"}), 403, "forbidden")
        is_problem(await client.patch(base, json={"title": "No"}), 403, "forbidden")
        is_problem(await client.delete(f"{base}/decisions/d1"), 403, "forbidden")


async def test_downloads_come_as_named_files(office: TestOffice) -> None:
    meeting = await held(office)
    expected = {
        "minutes.md": ("text/markdown", "Send the budget"),
        "tasks.csv": ("text/csv", "Send the budget"),
        "tasks.json": ("application/json", "Send the budget"),
        "tasks.ics": ("text/calendar", "BEGIN:VTODO"),
        "transcript.vtt": ("text/vtt", "<v Bo>I will send"),
        "transcript.txt": ("text/plain", "Bo: I will send"),
    }
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        for name, (kind, words) in expected.items():
            response = await client.get(f"/v1/meetings/{meeting}/{name}")
            assert response.headers["content-type"].startswith(kind)
            stem, _, ending = name.partition(".")
            wanted = f'attachment; filename="2026-11-20-stand-up-{stem}.{ending}"'
            assert response.headers["content-disposition"].startswith(wanted)
            assert words in response.text


async def test_plan_health_and_metrics(office: TestOffice) -> None:
    async with office.client() as client:
        assert (await client.get("/v1/rooms/hq/plan")).json() == {"walls": []}
        is_problem(await client.get("/v1/rooms/attic/plan"), 404, "missing")
        health = (await client.get("/healthz")).json()
        assert (health["status"], health["parts"]) == ("ok", {"models": "ok (test)"})
        is_problem(await client.get("/metrics"), 401, "not_signed_in")
    async with office.client(host="127.0.0.1") as local:
        assert (await local.get("/metrics")).text == "atrium_people 1\n"
        forwarded = await local.get("/metrics", headers={"X-Forwarded-For": "9.9.9.9"})
        is_problem(forwarded, 401, "not_signed_in")
    async with office.client(await office.person("Bo", Role.MEMBER)) as member:
        is_problem(await member.get("/metrics"), 403, "forbidden")


async def test_the_api_describes_itself(office: TestOffice) -> None:
    async with office.client() as client:
        paths = (await client.get("/v1/openapi.json")).json()["paths"]
    assert {"/v1/sessions", "/v1/meetings/{meeting_id}/minutes.md", "/v1/tasks/{task_id}/events"} <= set(paths)
