"""The sound process of a whole office dies: the room goes on, everybody is told, calls again and hears again."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from media.adapters.webrtc import WebRtcCaller
from media.audio import RATE, Samples, dbfs
from server.adapters import Adapters
from server.protocol import messages as m
from server.sound_link import SoundLink
from server.sound_port import MediaSettings
from tests.fakes import Scripted
from tests.house import OpenHouse, Visitor

LIMIT = 30.0
TONE: Samples = (0.3 * np.sin(2 * np.pi * 440 * np.arange(30 * RATE) / RATE)).astype(np.float32)


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the office that is opened next have its sound as in earnest."""
    scripted = Scripted.adapters

    def adapters(self: Scripted) -> Adapters:
        return replace(scripted(self), sound=partial(SoundLink, MediaSettings(), log_level="error"))

    monkeypatch.setattr(Scripted, "adapters", adapters)


class Call:
    """A visitor's sound connection."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.end = WebRtcCaller(on_frame=self._hear)

    def _hear(self, frame: Samples) -> None:
        if dbfs(frame) > -45.0:
            self.heard.set()

    async def dial(self, visitor: Visitor, generation: int) -> None:
        await visitor.send(m.SoundOffer(sdp=await self.end.offer(), generation=generation))
        answer = await visitor.get(m.SoundAnswer, lambda answer: answer.generation == generation)
        await self.end.accept(answer.sdp)
        await self.end.connected.wait()


async def test_all_hear_again_after_the_sound_process_was_killed(own_process: None, house: OpenHouse) -> None:
    link = house.running.sound
    assert isinstance(link, SoundLink)
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    calls: list[Call] = []
    async with asyncio.timeout(LIMIT):
        try:
            for epoch in (1, 2):
                for visitor in (ana, bo):
                    await visitor.get(m.SoundState, lambda state, epoch=epoch: state.up and state.epoch == epoch)  # type: ignore[misc]
                speaks, hears = Call(), Call()
                calls += [speaks, hears]
                await speaks.dial(ana, generation=epoch)
                await hears.dial(bo, generation=epoch)
                speaks.end.push(TONE)
                await hears.heard.wait()
                if epoch == 1:
                    assert link.pid is not None
                    os.kill(link.pid, signal.SIGKILL)
                    await bo.get(m.SoundState, lambda state: not state.up)
                    # The room does not wait for its sound.
                    await bo.send(m.Chat(id="c-1", text="I hear nothing"))
                    await ana.get(m.ChatMessage)
        finally:
            await asyncio.gather(*(call.end.close() for call in calls))
