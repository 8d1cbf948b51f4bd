"""People who are here hear at once when the questions before them change; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from server.protocol import messages as m
from tests.house import OpenHouse, Visitor

PURCHASE = {"definition": "purchase", "data": {"what": "Ten chairs", "amount": 900, "why": "New colleagues"}}


@pytest.fixture
def chosen(tmp_path: Path) -> dict[str, str]:
    """An office that has a workflow of its own, and one that is wrong."""
    folder = tmp_path / "data" / "workflows"
    folder.mkdir(parents=True)
    text = "name: walk\ninitial: out\nstates:\n  out: {on: {back: home}}\n"
    (folder / "walk.yaml").write_text(f"{text}  home: {{final: true}}\n")
    (folder / "wrong.yaml").write_text(text.replace("walk", "wrong"))
    return {}


def as_(house: OpenHouse, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=house.owner.base_url, headers={"Authorization": f"Bearer {token}"})


async def told(visitor: Visitor, since: int = 0) -> int:
    """How often somebody was told, once everything sent until now has been dealt with."""
    await visitor.settled()
    return sum(isinstance(one, m.InboxChanged) for one in visitor.received[since:])


@contextmanager
def marked(*visitors: Visitor) -> Iterator[list[int]]:
    yield [len(visitor.received) for visitor in visitors]


async def test_those_who_are_asked_are_told_when_a_question_comes_and_when_it_goes(house: OpenHouse) -> None:
    fay_token, bo_token = await house.admit("Fay", "facilitator"), await house.admit("Bo")
    fay = await house.enter("Fay", token=fay_token)
    bo = await house.enter("Bo", token=bo_token)
    gus = await house.enter("Gus", "guest")
    async with as_(house, bo_token) as http, as_(house, fay_token) as hers:
        run = (await http.post("/v1/runs", json=PURCHASE)).json()
        await fay.get(m.InboxChanged)
        assert await told(bo) == 0, "who asked for it may not decide it"
        (task,) = (await hers.get("/v1/inbox")).json()["tasks"]
        with marked(fay, bo) as (of_fay, of_bo):
            body = {"decision": "approve", "subject": task["subject"]}
            decided = await hers.post(f"/v1/inbox/{run['id']}/approval/decision", json=body)
            assert decided.status_code == 200, decided.text
            assert await told(fay, of_fay) == 1, "it is gone from her inbox"
            assert await told(bo, of_bo) == 1, "he is to order now"
        assert [one["title"] for one in (await http.get("/v1/inbox")).json()["tasks"]] == ["Order: Ten chairs"]
    assert await told(gus) == 0


async def test_a_wrong_workflow_file_does_not_keep_the_office_from_opening(house: OpenHouse) -> None:
    listed = (await house.owner.get("/v1/definitions")).json()
    assert {one["name"] for one in listed["definitions"]} == {
        "action_item",
        "erasure",
        "onboarding",
        "purchase",
        "walk",
    }
    (fault,) = listed["faults"]
    assert (fault["file"], fault["line"]) == ("workflows/wrong.yaml", 4)
    assert "there is no state 'home'" in fault["text"]
    async with as_(house, await house.admit("Bo")) as http:
        assert (await http.get("/v1/definitions")).json()["faults"] == [], "files are the owner's to mend"
