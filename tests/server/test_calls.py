"""A person's sound over the room socket: offers, hang-ups, and how the sound is."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from media.errors import NegotiationError
from server.flows.calls import Calls
from server.protocol import messages as m
from server.sound_port import Sound, SoundCounters, SoundRestarting, SoundState
from server.telemetry import sound_in_words
from tests.house import OpenHouse


class Away:
    """The sound while its process is not there."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __call__(self, participant_id: str, offer_sdp: str, **switches: bool) -> str:
        raise self._error


async def test_an_offer_is_answered_and_the_sound_is_reported(house: OpenHouse) -> None:
    ana = await house.enter()
    state = await ana.get(m.SoundState)
    assert (state.up, state.epoch, state.path, state.load, state.people) == (True, 1, "stock", "normal", 0)
    await ana.send(m.SoundCheck())
    assert not (await ana.get(m.SoundReport)).connected
    await ana.send(m.SoundOffer(sdp="v=0", generation=4))
    answer = await ana.get(m.SoundAnswer)
    assert (answer.sdp, answer.generation) == ("answer to v=0", 4)
    mark = len(ana.received)
    await ana.send(m.SoundCheck())
    report = await ana.get(m.SoundReport, since=mark)
    assert report.connected
    assert report.packets_lost == 0
    await ana.send(m.SoundClose())
    await ana.settled()
    assert house.scripted.peers[0].closed


@pytest.mark.parametrize(
    ("error", "reason"),
    [(SoundRestarting("the sound is restarting"), "restarting"), (NegotiationError("no audio"), "offer")],
)
async def test_an_offer_that_cannot_be_answered_says_why(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    ana = await house.enter()
    monkeypatch.setattr(house.running.sound, "connect", Away(error))
    await ana.send(m.SoundOffer(sdp="v=0", generation=1))
    refused = await ana.get(m.SoundError)
    assert refused.reason == reason
    assert refused.text


def told(state: SoundState, people: int = 3) -> Sound:
    """Sound of which only the state is asked."""
    return cast(Sound, SimpleNamespace(state=state, counters=SoundCounters(peers=people)))


async def test_a_change_of_the_sound_reaches_everybody_at_once(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    state = SoundState(up=False, epoch=2, load="saving", detail={"reason": "killed"})
    Calls(house.running.office, told(state)).changed(state)
    for visitor in (ana, bo):
        heard = await visitor.get(m.SoundState, lambda state: not state.up)
        assert (heard.epoch, heard.load, heard.people, heard.detail) == (2, "saving", 3, {"reason": "killed"})


async def test_everybody_hears_of_the_sound_again_and_again(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.flows.calls.TELL_SECONDS", 0.0)
    ana = await house.enter()
    telling = asyncio.create_task(Calls(house.running.office, told(SoundState(up=True, epoch=7))).keep_telling())
    for _ in range(3):
        await ana.get(m.SoundState, lambda state: state.epoch == 7, since=len(ana.received))
    telling.cancel()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SoundState(up=True, epoch=1, load="saving"), "ok (direct, saving)"),
        (SoundState(up=False, epoch=1), "restarting"),
        (SoundState(up=False, epoch=1, detail={"reason": "killed"}), "restarting: killed"),
    ],
)
def test_how_the_sound_is_stands_in_the_health_of_the_office(state: SoundState, words: str) -> None:
    assert sound_in_words(told(state)) == words


async def test_health_and_metrics_tell_of_the_sound(house: OpenHouse) -> None:
    health = (await house.owner.get("/healthz")).json()
    assert health["parts"]["sound"] == "ok (stock, normal)"
    metrics = (await house.owner.get("/metrics")).text.splitlines()
    assert {"atrium_sound_up 1", "atrium_sound_restarts_total 0", "atrium_sound_peers 0"} <= set(metrics)
    assert "# TYPE atrium_sound_encodes_total counter" in metrics
