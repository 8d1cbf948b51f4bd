"""Over HTTP: what was missed, the sound that is kept, and who corrected what."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from media.transcriber import Word
from server.exports.record import Line
from server.recordings import Recordings
from server.records import NoteKind
from server.roles import Role
from server.sealed import Sealer
from tests.server.offices import START, TestOffice, open_office
from workflows.task import TaskDraft

SOUND = np.full(8000, 0.1, np.float32)
TEXT = "I will send the butcher by Friday"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestOffice]:
    async with open_office(tmp_path) as opened:
        yield opened


@pytest.fixture
def recordings(office: TestOffice, tmp_path: Path) -> Recordings:
    kept = Recordings(tmp_path / "recordings", Sealer(bytes(32), "recordings"), days=30, wall=lambda: office.now)
    office.app.state.parts = replace(office.app.state.parts, recordings=kept)
    return kept


@pytest.fixture
def corrections(office: TestOffice) -> list[tuple[str, Line, str]]:
    told: list[tuple[str, Line, str]] = []

    async def note(meeting_id: str, line: Line, by_name: str) -> None:
        told.append((meeting_id, line, by_name))

    office.app.state.parts = replace(office.app.state.parts, on_corrected=note)
    return told


async def held(office: TestOffice) -> str:
    meeting = await office.meeting("Fay", "Bo")
    words = [
        Word(text=text, start=0.3 * k, end=0.3 * k + 0.25, confidence=0.9) for k, text in enumerate(TEXT.split())
    ]
    for id, seconds in (("u1", 0.0), ("u2", 600.0)):
        await office.records.append_utterance(
            meeting.id, id=id, speaker_id="bo", speaker_name="Bo", text=TEXT, seconds=3.0, engine="test",
            started_at=START + timedelta(seconds=seconds), words=words, language="en",
        )  # fmt: skip
    return meeting.id


def is_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    return body


async def test_a_line_comes_with_its_words_and_their_times(office: TestOffice) -> None:
    meeting = await held(office)
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        line = (await client.get(f"/v1/meetings/{meeting}")).json()["utterances"][0]
    assert line["words"][0] == ["I", 0.0, 0.25, 0.9]
    assert " ".join(word[0] for word in line["words"]) == line["text"]
    assert (line["language"], line["confidence"]) == ("en", pytest.approx(0.9))
    assert (line["sound_until"], line["edited_by_name"]) == (None, None)


async def test_a_correction_tells_the_name_of_its_author(
    office: TestOffice, corrections: list[tuple[str, Line, str]]
) -> None:
    meeting = await held(office)
    path = f"/v1/meetings/{meeting}/utterances/u1"
    text = "I will send the budget by Friday"
    async with office.client(await office.person("Fay", Role.FACILITATOR)) as client:
        line = (await client.patch(path, json={"text": text})).json()
        assert (line["text"], line["original_text"]) == (text, TEXT)
        assert (line["edited_by"], line["edited_by_name"]) == ("fay", "Fay")
        assert line["words"][4] == ["budget", 1.2, 1.45, 1.0]
        assert (await client.get(f"/v1/meetings/{meeting}")).json()["utterances"][0] == line
        is_problem(await client.patch(path, json={"text": ""}), 422, "invalid")
    [(where, told, by_name)] = corrections
    assert (where, told.id, told.text, by_name) == (meeting, "u1", text, "Fay")


async def test_the_last_minutes_in_a_few_lines(office: TestOffice) -> None:
    meeting = await held(office)
    await office.records.add_note(
        NoteKind.DECISION, meeting, text="We ship", utterance_id="u2", confidence=0.8, now=START, id="d1"
    )
    draft = TaskDraft(text="Send the budget", meeting_id=meeting, source_utterance="u2")
    await office.tasks.add(draft, key="u2", now=START)
    office.wait(minutes=12)
    path = f"/v1/meetings/{meeting}/catch-up"
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        view = (await client.get(path)).json()
        assert [line["id"] for line in view["lines"]] == ["u2"]
        assert [line["id"] for line in view["highlights"]] == ["u2"]
        assert [note["text"] for note in view["decisions"]] == ["We ship"]
        assert [task["text"] for task in view["tasks"]] == ["Send the budget"]
        assert view["speakers"] == [{"id": "bo", "name": "Bo", "seconds": 3.0}]
        assert view["until"] - view["since"] == 300.0
        longer = (await client.get(path, params={"minutes": 15})).json()
        assert [line["id"] for line in longer["lines"]] == ["u1", "u2"]
        for minutes in ("0", "-1", "121", "soon"):
            is_problem(await client.get(path, params={"minutes": minutes}), 422, "invalid")
    async with office.client(await office.person("Lin", Role.MEMBER)) as client:
        is_problem(await client.get(path), 404, "missing")


async def test_sound_is_for_those_who_may_read_the_meeting(office: TestOffice, recordings: Recordings) -> None:
    meeting = await held(office)
    recordings.keep(meeting, "u1", SOUND)
    path = f"/v1/meetings/{meeting}/utterances/u1/audio"
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        detail = (await client.get(f"/v1/meetings/{meeting}")).json()
        until = (START + timedelta(days=30)).timestamp()
        assert detail["sound_until"] == until
        assert [line["sound_until"] for line in detail["utterances"]] == [until, None]
        sound = await client.get(path)
        assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/wav")
        assert sound.headers["cache-control"] == "no-store"
        with wave.open(io.BytesIO(sound.content)) as file:
            assert file.getnframes() / file.getframerate() == pytest.approx(0.5, abs=0.02)
        is_problem(await client.get(path.replace("u1", "u2")), 404, "missing")
        is_problem(await client.get(path.replace("u1", "none")), 404, "missing")
    for name, role in (("Lin", Role.MEMBER), ("Gus", Role.GUEST)):
        async with office.client(await office.person(name, role)) as client:
            is_problem(await client.get(path), 404, "missing")
    async with office.client() as client:
        is_problem(await client.get(path), 401, "not_signed_in")


async def test_sound_whose_time_is_over_is_not_given_even_before_it_is_swept(
    office: TestOffice, recordings: Recordings
) -> None:
    meeting = await held(office)
    recordings.keep(meeting, "u1", SOUND)
    await office.person("Bo", Role.MEMBER)
    office.wait(days=30)
    token = office.identity.issue("bo", Role.MEMBER, now=office.now)
    async with office.client(token) as client:
        is_problem(await client.get(f"/v1/meetings/{meeting}/utterances/u1/audio"), 404, "missing")


@pytest.mark.parametrize(
    ("name", "role", "one", "all_of_it"),
    [
        ("Bo", Role.MEMBER, 204, 403),
        ("Fay", Role.FACILITATOR, 204, 204),
        ("Ana", Role.OWNER, 204, 204),
        ("Flo", Role.FACILITATOR, 403, 403),
        ("Lin", Role.MEMBER, 404, 404),
    ],
)
async def test_ones_own_sound_or_that_of_ones_meeting_can_be_deleted(
    office: TestOffice, recordings: Recordings, name: str, role: Role, one: int, all_of_it: int
) -> None:
    meeting = await held(office)
    recordings.keep(meeting, "u1", SOUND)
    recordings.keep(meeting, "u2", SOUND)
    async with office.client(await office.person(name, role)) as client:
        assert (await client.delete(f"/v1/meetings/{meeting}/utterances/u1/audio")).status_code == one
        assert ("u1" in recordings.kept(meeting)) is (one != 204)
        if one == 204:
            is_problem(await client.delete(f"/v1/meetings/{meeting}/utterances/u1/audio"), 404, "missing")
        assert (await client.delete(f"/v1/meetings/{meeting}/audio")).status_code == all_of_it
        assert bool(recordings.kept(meeting)) is (all_of_it != 204)


async def test_a_meeting_is_deleted_with_its_words_and_its_sound(
    office: TestOffice, recordings: Recordings
) -> None:
    meeting = await held(office)
    await office.records.add_note(
        NoteKind.DECISION, meeting, text="We ship", utterance_id="u2", confidence=0.8, now=START, id="d1"
    )
    draft = TaskDraft(text="Send the budget", meeting_id=meeting, source_utterance="u2")
    await office.tasks.add(draft, key="u2", now=START)
    recordings.keep(meeting, "u1", SOUND)
    path = f"/v1/meetings/{meeting}"
    async with office.client(await office.person("Fay", Role.FACILITATOR)) as client:
        is_problem(await client.delete(path), 403, "forbidden")
    async with office.client(await office.person("Ana", Role.OWNER)) as client:
        is_problem(await client.delete(path), 422, "unacceptable")
        await office.records.end_meeting(meeting, START)
        assert (await client.delete(path)).status_code == 204
        is_problem(await client.delete(path), 404, "missing")
        is_problem(await client.get(path), 404, "missing")
        assert [task["text"] for task in (await client.get("/v1/tasks")).json()["tasks"]] == ["Send the budget"]
    assert recordings.meetings() == []
    for table in ("utterance", "decision", "attendance"):
        assert await office.store.rows.select(table) == []


async def test_an_office_without_recordings_says_so(office: TestOffice) -> None:
    meeting = await held(office)
    async with office.client(await office.person("Fay", Role.FACILITATOR)) as client:
        is_problem(await client.get(f"/v1/meetings/{meeting}/utterances/u1/audio"), 404, "missing")
        is_problem(await client.delete(f"/v1/meetings/{meeting}/audio"), 404, "missing")


async def test_damaged_sound_is_a_problem_that_says_what_to_do(
    office: TestOffice, recordings: Recordings, tmp_path: Path
) -> None:
    meeting = await held(office)
    recordings.keep(meeting, "u1", SOUND)
    [file] = (tmp_path / "recordings" / meeting).iterdir()
    file.write_bytes(b"damaged")
    async with office.client(await office.person("Bo", Role.MEMBER)) as client:
        is_problem(await client.get(f"/v1/meetings/{meeting}/utterances/u1/audio"), 503, "recording")
