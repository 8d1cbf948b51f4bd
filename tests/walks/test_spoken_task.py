"""A spoken sentence becomes a task: sound in, caption, board, the colleague's answer, the minutes."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from media.audio import Samples
from server.protocol import messages as m
from server.workers import WorkersBusy
from tests.fakes import FakePeer, InlineWorkers
from tests.house import OpenHouse, Visitor

COMMITMENT = "Bo will send the budget to finance by Friday"


def speech(seconds: float) -> list[Samples]:
    """Frames that an energy detector takes for speech, then for its end."""
    rng = np.random.default_rng(7)
    loud = 0.2 * rng.standard_normal(int(48_000 * seconds)).astype(np.float32)
    quiet = np.zeros(48_000, dtype=np.float32)
    return list(np.concatenate([quiet, loud, quiet]).astype(np.float32).reshape(-1, 960))


async def say(house: OpenHouse, visitor: Visitor, text: str) -> None:
    """Speak into the visitor's sound connection; the scripted recogniser understands `text`."""
    mark = len(house.scripted.peers)
    await visitor.send(m.SoundOffer(sdp="offer", generation=1))
    await visitor.get(m.SoundAnswer)
    await say_more(house, house.scripted.peers[mark], text)


async def say_more(house: OpenHouse, peer: FakePeer, text: str) -> None:
    """Speak into a sound connection that stands."""
    house.scripted.speech.lines.append(text)
    house.scripted.speak(peer, speech(1.5))
    await house.running.listening.settle()


async def start_meeting(house: OpenHouse, ana: Visitor) -> str:
    zone = next(p for p in house.running.office.people() if p.name == "Ana").zone
    await ana.send(m.MeetingStart(zone=zone, title="Planning"))
    delta = await ana.get(m.DeltaMessage, lambda d: "meetings" in d.put)
    return str(next(iter(delta.put["meetings"])))


async def test_a_commitment_in_a_meeting_becomes_a_task_and_stands_in_the_minutes(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    meeting = await start_meeting(house, ana)
    await say(house, ana, COMMITMENT)

    caption = await bo.get(m.Caption, lambda c: c.final and c.kind == "human")
    assert (caption.name, caption.text) == ("Ana", COMMITMENT)
    delta = await bo.get(m.DeltaMessage, lambda d: "cards" in d.put)
    (card,) = delta.put["cards"].values()
    assert (card["text"], card["owner_name"], card["state"]) == ("Send the budget to finance", "Bo", "proposed")
    assert card["source_words"] == COMMITMENT

    await ana.send(m.MeetingEnd(meeting=meeting))
    await ana.get(m.Notice, lambda n: n.link == f"/meetings/{meeting}")
    minutes = (await house.owner.get(f"/v1/meetings/{meeting}")).json()
    assert [u["text"] for u in minutes["utterances"] if u["speaker_name"] == "Ana"] == [COMMITMENT]
    assert [t["text"] for t in minutes["tasks"]] == ["Send the budget to finance"]
    assert "Send the budget to finance" in (await house.owner.get(f"/v1/meetings/{meeting}/minutes.md")).text


HANDED_OUT = (
    "For the next meeting the industrial designer will be working on the working design",
    "And you will be looking at the user interface",
)


async def test_what_nobody_noted_is_proposed_when_the_meeting_is_over_and_once(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    meeting = await start_meeting(house, ana)
    await say(house, ana, HANDED_OUT[0])
    await say_more(house, house.scripted.peers[-1], HANDED_OUT[1])
    await say(house, bo, "Okay")
    noted = [task.source_words for task in await house.running.tasks.all()]
    await ana.send(m.MeetingEnd(meeting=meeting))
    await ana.get(m.Notice, lambda n: "may have been agreed" in n.text and n.link == f"/meetings/{meeting}")

    page = (await house.owner.get(f"/v1/meetings/{meeting}")).json()
    found = [task for task in page["tasks"] if task["source_words"] not in noted]
    assert found
    assert {task["source_words"] for task in found} <= set(HANDED_OUT)
    assert {(task["state"], task["created_by"]) for task in found} == {("proposed", "avatar-ada")}
    version = found[0]["version"]
    await house.owner.post(f"/v1/tasks/{found[0]['id']}/events", json={"event": "reject", "version": version})
    again = await house.owner.post(f"/v1/meetings/{meeting}/review")
    assert (again.status_code, again.json()) == (200, {"new": 0})
    assert len((await house.owner.get(f"/v1/meetings/{meeting}")).json()["tasks"]) == len(page["tasks"]) - 1

    digest = (await house.owner.get(f"/v1/meetings/{meeting}/digest")).json()
    said = {line["id"] for line in page["utterances"]}
    assert digest["summary"]
    assert set(digest["summary"]) <= said
    [topic] = digest["topics"]
    assert topic["utterance"] in said
    assert topic["end"] > topic["start"] >= 0
    assert digest["model"] == "encoder.onnx"
    written = (await house.owner.get(f"/v1/meetings/{meeting}/written")).json()
    assert (written["state"], written["model"], written["can_ask"]) == ("off", "", False)
    refused = await house.owner.post(f"/v1/meetings/{meeting}/written")
    assert (refused.status_code, "chat_url" in refused.json()["detail"]) == (422, True)
    minutes = (await house.owner.get(f"/v1/meetings/{meeting}/minutes.md")).text
    assert "## Summary" in minutes
    assert "## Topics" in minutes


async def test_without_the_models_a_meeting_is_summed_up_from_its_words_and_says_so(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await house.enter()
    meeting = await start_meeting(house, ana)
    await say(house, ana, COMMITMENT)

    async def busy(*_: object) -> None:
        raise WorkersBusy("everything waits")

    monkeypatch.setattr(InlineWorkers, "run", busy)
    digest = (await house.owner.get(f"/v1/meetings/{meeting}/digest")).json()
    assert (digest["model"], digest["topics"], len(digest["summary"])) == ("", [], 1)
    refused = await house.owner.post(f"/v1/meetings/{meeting}/review")
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert "try again" in refused.json()["detail"]


async def test_while_the_models_do_not_answer_tasks_are_told_by_rules_and_everybody_is_told(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await house.enter()
    await start_meeting(house, ana)
    with monkeypatch.context() as away:

        async def broken(*_: object) -> None:
            raise BrokenProcessPool("the process died twice")

        away.setattr(InlineWorkers, "run", broken)
        await say(house, ana, COMMITMENT)
        peer = house.scripted.peers[-1]
        await say_more(house, peer, "I will also book the room for the workshop")
        tasks = await house.running.tasks.all()
        assert [(task.text, task.state, task.confidence) for task in tasks] == [
            ("Send the budget to finance", "proposed", 0.55),
            ("Book the room for the workshop", "proposed", 0.55),
        ]
        assert (await house.owner.get("/healthz")).json()["parts"]["understanding"].startswith("by rules")
    await say_more(house, peer, "I will call the printer tomorrow")
    assert (await house.owner.get("/healthz")).json()["parts"]["understanding"] == "ok"
    await ana.settled()
    told = [notice for notice in ana.received if isinstance(notice, m.Notice) and "simple rules" in notice.text]
    assert len(told) == 1


async def test_without_a_meeting_captions_are_shown_and_nothing_is_stored(house: OpenHouse) -> None:
    ana = await house.enter()
    await say(house, ana, COMMITMENT)
    await ana.get(m.Caption, lambda c: c.final)
    assert (await house.owner.get("/v1/meetings")).json() == {"meetings": []}
    assert await house.running.tasks.all() == []


async def test_who_refuses_is_never_recognised(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member", transcribed=False)
    await start_meeting(house, ana)
    await say(house, bo, COMMITMENT)
    assert house.scripted.speech.heard == []
    assert not [c for c in bo.received if isinstance(c, m.Caption)]


async def test_who_refuses_later_is_not_recognised_from_then_on(house: OpenHouse) -> None:
    ana = await house.enter()
    await ana.send(m.Consent(transcribed=False))
    await ana.settled()
    await say(house, ana, COMMITMENT)
    assert house.scripted.speech.heard == []


async def test_ada_answers_aloud_when_she_hears_an_agreement(house: OpenHouse) -> None:
    ana = await house.enter()
    home = house.running.office.plan.home("ada")
    assert home is not None
    await ana.walk(home.x, home.z - 1.5)
    await start_meeting(house, ana)
    await say(house, ana, "I will book the workshop room by Friday")
    speech_started = await ana.get(m.Speech, lambda s: s.seconds > 0)
    assert "Noted" in speech_started.text
    caption = await ana.get(m.Caption, lambda c: c.kind == "avatar")
    assert caption.text == speech_started.text
    peer = house.scripted.peers[0]
    assert max(float(np.abs(frame).max()) for frame in peer.sent[-200:]) > 0.0 or house.scripted.voice.said


async def test_ada_changes_and_closes_a_task_that_she_is_asked_about(house: OpenHouse) -> None:
    ana, _ = await house.enter(), await house.enter("Bo", "member")
    home = house.running.office.plan.home("ada")
    assert home is not None
    await ana.walk(home.x, home.z - 1.5)
    await start_meeting(house, ana)
    await say(house, ana, COMMITMENT)
    peer = house.scripted.peers[-1]
    await say_more(house, peer, "Ada, give the budget task to Ana please")
    [task] = await house.running.tasks.all()
    assert (task.owner_name, task.state) == ("Ana", "proposed")
    await say_more(house, peer, "Ada, please mark the budget as done")
    [task] = await house.running.tasks.all()
    assert task.state == "done"
    people = {p.name: p.id for p in house.running.office.people()}
    moves = [(entry.event, entry.actor) for entry in await house.running.tasks.history(task.id)]
    assert moves[-2:] == [("edit", people["Ana"]), ("done", people["Ana"])]
    await ana.get(m.Speech, lambda s: s.text.startswith("Changed. Ana sends the budget"))


async def test_a_closed_room_keeps_its_words(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    room = next(z for z in house.running.office.plan.zones if z.enclosed)
    x, z = house.running.office.middle(room.id)
    await bo.walk(x, z)
    for _ in range(2):  # the door, if it is open, falls shut
        house.running.ticker.tick()
        house.scripted.clock.skip(5.0)
    house.running.ticker.tick()
    assert not any(house.running.office.room.doors_open.values())
    await say(house, bo, "The new product is called Heron")
    await bo.get(m.Caption, lambda c: c.final)
    await ana.settled()
    assert not [c for c in ana.received if isinstance(c, m.Caption)]


async def test_a_sentence_cut_off_by_a_lost_line_is_kept(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await bo.send(m.SoundOffer(sdp="offer", generation=1))
    await bo.get(m.SoundAnswer)
    house.scripted.speech.lines.append(COMMITMENT)
    house.scripted.speak(house.scripted.peers[-1], speech(1.5)[:-50])  # no silence at the end
    assert house.scripted.speech.heard == []
    bo.socket.transport.abort()
    caption = await ana.get(m.Caption, lambda c: c.final)
    assert (caption.name, caption.text) == ("Bo", COMMITMENT)
