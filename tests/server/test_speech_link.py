"""The office's end of the speech processes: one queue, real processes, and all that may happen to them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from media.schedule import Urgency
from media.suppression import Reason
from media.transcriber import Hypothesis
from server.engines import Engine, EnginePlan
from server.processes import SupervisionSettings
from server.speech_link import COMMAND, SpeechLink
from server.speech_port import LOADING, Recognised, Segment, SpeechFailed, SpeechState
from tests.media.measure_speech import heard

LIMIT = 60.0
QUICK = SupervisionSettings(check_seconds=0.05, silent_checks=400, wait_seconds=0.01)
PLANS = (
    EnginePlan(engine=Engine.WHISPER, why="a test", model=Path("model")),
    EnginePlan(engine=Engine.EMBEDDED, why="always there"),
)

SCRIPTED = """
import asyncio, os, socket, sys, time
from server.line import Line
from server.speech_wire import *
from server.wire import *

class Play:
    words = ()
    held = ()
    def __init__(self):
        self.line = Line(on_message=self.take)
    def engines(self, current=0, reason=""):
        one = dict(name="whisper", ready=True, detail="W", fault="", embedded=False, batch=2, agreement=2,
                   hold_seconds=0.5, languages=["en", "de"], punctuation=True, vocabulary=True, incremental=False)
        self.line.control(Engines(engines=[one, {**one, "name": "pocketsphinx", "batch": 1}], current=current,
                                  reason=reason))
    def take(self, kind, payload):
        match decode_control(payload):
            case Start() as start:
                self.words = start.vocabulary
                self.engines()
                self.line.control(Ready(version=VERSION))
            case Vocabulary() as said:
                self.words = said.words
            case Recognise() as asked:
                self.asked(asked)
            case Forget() as said:
                self.forget(said.streams)
    def forget(self, streams):
        pass
    def asked(self, asked):
        self.answer(asked)
    def answer(self, asked):
        streams = [request[0] for request in asked.requests]
        said = [["", [[" ".join([stream, *self.words]), 0.0, 1.0, 0.9]], "en",
                 [["loop", 3, 0.5]]] for stream in streams]
        self.line.control(Done(number=asked.number, engine="whisper", outcomes=said, work_seconds=0.01))

async def play(kind):
    one = kind()
    await asyncio.get_running_loop().create_unix_connection(
        lambda: one.line, sock=socket.socket(fileno=int(sys.argv[-1]))
    )
    await one.line.gone.wait()
"""


def script(body: str = "    pass") -> tuple[str, ...]:
    return ("-c", f"{SCRIPTED}\nclass Scene(Play):\n{body}\nasyncio.run(play(Scene))")


class House:
    """A link, and what it told."""

    def __init__(self, command: tuple[str, ...], processes: int = 1, plans: Sequence[EnginePlan] = PLANS) -> None:
        self.states: list[SpeechState] = []
        self._news = asyncio.Event()
        self.link = SpeechLink(
            plans,
            on_state=self._state,
            processes=processes,
            log_level="warning",
            command=command,
            supervision=QUICK,
        )

    def _state(self, state: SpeechState) -> None:
        self.states.append(state)
        self._news.set()

    async def up(self) -> None:
        while not self.link.state.up:
            self._news.clear()
            await self._news.wait()

    async def all_up(self) -> None:
        while not all(process.up for process in self.link.state.processes):
            self._news.clear()
            await self._news.wait()

    async def say(
        self, stream: str, urgency: Urgency = Urgency.FINAL, *, seconds: float = 1.0, speaker: str = ""
    ) -> str | None:
        done = await self.recognise(stream, urgency, seconds=seconds, speaker=speaker)
        return None if done is None else done.hypothesis.words[0].text

    async def recognise(
        self, stream: str, urgency: Urgency = Urgency.FINAL, *, seconds: float = 1.0, speaker: str = ""
    ) -> Recognised | None:
        return await self.link.recognise(
            Segment(
                stream=stream,
                speaker=speaker or f"who says {stream}",
                room="cedar",
                samples=np.full(round(16_000 * seconds), 0.1, np.float32),
                urgency=urgency,
            )
        )


@asynccontextmanager
async def house(command: tuple[str, ...], processes: int = 1) -> AsyncIterator[House]:
    here = House(command, processes)
    async with asyncio.timeout(LIMIT), here.link:
        yield here


async def test_what_is_asked_before_a_process_is_there_is_answered_when_it_is() -> None:
    async with house(script()) as here:
        assert here.link.state.engine == LOADING
        assert await here.say("u1") == "u1"
        assert here.link.state.up
        assert here.link.state.engine.name == "Whisper"
        assert here.link.capabilities.languages == ("en", "de")
        assert here.link.counters.recognised == 1
        assert here.link.counters.suppressed == {Reason.LOOP: 1}
        assert here.link.counters.realtime_factor == pytest.approx(0.01)


async def test_each_process_knows_the_words_of_the_office() -> None:
    async with house(script()) as here:
        here.link.set_vocabulary(["Ana", "Cedar", "Ana"])
        assert await here.say("u1") == "u1 Ana Cedar"
        here.link.set_vocabulary(["Bo"])
        assert await here.say("u2") == "u2 Bo"


async def test_many_are_worked_on_together_and_each_gets_their_own() -> None:
    async with house(script(), processes=2) as here:
        said = await asyncio.gather(*(here.say(f"u{n}") for n in range(40)))
        assert all(f"u{n}" in str(words) for n, words in enumerate(said))
        assert here.link.stats.running == 0


async def test_who_spoke_before_is_heard_by_the_same_process_if_it_has_time() -> None:
    tells = script("""
    def answer(self, asked):
        said = [["", [[str(os.getpid()), 0.0, 1.0, 0.9]], "en", []] for _ in asked.requests]
        self.line.control(Done(number=asked.number, engine="whisper", outcomes=said, work_seconds=0.01))
""")
    async with house(tells, processes=2) as here:
        await here.all_up()
        ana, bo = await asyncio.gather(here.say("u1", speaker="ana"), here.say("u2", speaker="bo"))
        assert ana != bo
        assert [await here.say(f"u{n}", speaker="ana") for n in range(3, 6)] == [ana] * 3
        assert [await here.say(f"u{n}", speaker="bo") for n in range(6, 9)] == [bo] * 3


async def test_the_end_of_what_is_followed_waits_for_the_process_that_follows_it() -> None:
    follows = script(
        HELD
        + """
    def engines(self, current=0, reason=""):
        one = dict(name="pocketsphinx", ready=True, detail="P", fault="", embedded=True, batch=1, agreement=2,
                   hold_seconds=0.5, languages=["en"], punctuation=False, vocabulary=True, incremental=True)
        self.line.control(Engines(engines=[one], current=current, reason=reason))
    def answer(self, asked):
        said = [["", [[str(os.getpid()), 0.0, 1.0, 0.9]], "en", []]]
        self.line.control(Done(number=asked.number, engine="pocketsphinx", outcomes=said, work_seconds=0.01))
"""
    )
    async with house(follows, processes=2) as here:
        await here.all_up()
        early = asyncio.ensure_future(here.say("u1", Urgency.PARTIAL, speaker="ana"))
        await begun(here)
        final = asyncio.ensure_future(here.say("u1", seconds=2.0, speaker="ana"))
        another = asyncio.ensure_future(here.say("u2", speaker="bo"))
        await asyncio.sleep(0)
        assert here.link.stats.running == 2
        assert here.link.stats.depth[Urgency.FINAL] == 1
        here.link.set_vocabulary(["go"])
        assert await early == await final != await another


async def test_a_process_that_dies_over_its_work_costs_no_utterance() -> None:
    dies = script("""
    def asked(self, asked):
        flag = os.environ["ATRIUM_TEST_FLAG"]
        if os.path.exists(flag):
            self.answer(asked)
        else:
            open(flag, "w").close()
            os.kill(os.getpid(), 9)
""")
    async with house(dies) as here:
        assert sorted(map(str, await asyncio.gather(here.say("u1"), here.say("u2")))) == ["u1", "u2"]
        assert here.link.counters.repeated >= 1
        assert here.link.state.processes[0].restarts == 1


@pytest.fixture(autouse=True)
def _flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_TEST_FLAG", str(tmp_path / "flag"))


async def test_an_utterance_over_which_every_process_dies_is_given_up_and_the_next_is_not() -> None:
    poisoned = script("""
    def asked(self, asked):
        if any(request[0] == "poison" for request in asked.requests):
            os.kill(os.getpid(), 9)
        self.answer(asked)
""")
    async with house(poisoned) as here:
        with pytest.raises(SpeechFailed, match="3 processes ended"):
            await here.say("poison")
        assert await here.say("u2") == "u2"
        assert here.link.counters.failed == 1


async def test_an_early_caption_is_dropped_with_its_process() -> None:
    dies = script("""
    def asked(self, asked):
        os.kill(os.getpid(), 9)
""")
    async with house(dies) as here:
        assert await here.say("u1", Urgency.PARTIAL) is None


async def test_what_an_engine_cannot_make_out_fails_alone() -> None:
    fails = script("""
    def asked(self, asked):
        outcomes = [["mumbled"] if r[0] == "u1" else ["", [], "", []] for r in asked.requests]
        self.line.control(Done(number=asked.number, engine="whisper", outcomes=outcomes, work_seconds=0.0))
""")
    async with house(fails) as here:
        with pytest.raises(SpeechFailed, match="mumbled"):
            await here.say("u1")
        silent = await here.recognise("u2")
        assert silent is not None
        assert silent.hypothesis == Hypothesis()
        assert await here.recognise("u1", Urgency.LIKELY) is None


HELD = """
    def take(self, kind, payload):
        super().take(kind, payload)
        if self.words:
            for asked in self.held:
                self.answer(asked)
            self.held = ()
    def asked(self, asked):
        self.held = (*self.held, asked)
"""
HOLDS = script(HELD)
"""Answers nothing until it is told some words."""


async def begun(here: House) -> None:
    """Until the process has what was asked."""
    await here.up()
    await asyncio.sleep(0)
    assert here.link.stats.running


async def test_the_end_of_an_utterance_waits_for_the_work_on_the_same_sound() -> None:
    async with house(HOLDS) as here:
        await here.up()
        likely = asyncio.ensure_future(here.say("u1", Urgency.LIKELY))
        await begun(here)
        final = asyncio.ensure_future(here.say("u1"))
        more = asyncio.ensure_future(here.say("u1", seconds=2.0))
        await asyncio.sleep(0)
        assert here.link.stats.depth[Urgency.FINAL] == 1, "only what is longer is asked anew"
        here.link.set_vocabulary(["go"])
        assert await likely == await final == await more == "u1 go"
        assert here.link.counters.recognised == 2


async def test_whoever_waits_for_the_same_sound_is_asked_for_anew_when_the_process_dies() -> None:
    async with house(HOLDS) as here:
        await here.up()
        likely = asyncio.ensure_future(here.say("u1", Urgency.LIKELY))
        await begun(here)
        final = asyncio.ensure_future(here.say("u1"))
        await asyncio.sleep(0)
        pid = here.link.state.processes[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert await likely is None
        await begun(here)
        here.link.set_vocabulary(["go"])
        assert await final == "u1 go"


async def test_another_engine_is_told_with_its_reason() -> None:
    changes = script("""
    def asked(self, asked):
        self.engines(current=1, reason="the card is gone")
        self.answer(asked)
""")
    async with house(changes) as here:
        await here.say("u1")
        engine = here.states[-1].engine
        assert (engine.name, engine.stands_in_for) == ("PocketSphinx", "Whisper")
        assert engine.reason == "the card is gone"
        (change,) = here.link.state.changes
        assert (change.engine, change.instead_of) == ("pocketsphinx", "whisper")
        assert change.reason == "the card is gone"


async def test_a_process_tells_since_when_it_is_up_and_how_fast_it_is() -> None:
    async with house(script()) as here:
        await here.up()
        (before,) = here.link.state.processes
        assert before.up_since is not None
        assert before.real_time_factor is None
        await here.say("u1", seconds=2.0)
        (after,) = here.link.state.processes
        assert after.real_time_factor == pytest.approx(0.005)


async def test_sound_that_is_looked_at_again_counts_once_and_the_work_each_time() -> None:
    async with house(script()) as here:
        await here.up()
        for seconds in (1.0, 2.0, 2.0):
            await here.say("u1", seconds=seconds)
        assert here.link.counters.sound_seconds == pytest.approx(2.0)
        assert here.link.counters.work_seconds == pytest.approx(0.03)
        here.link.end("u1")
        await here.say("u2")
        assert here.link.counters.realtime_factor == pytest.approx(0.04 / 3.0)


async def test_a_process_in_which_nothing_works_is_replaced() -> None:
    undone = script("""
    def asked(self, asked):
        flag = os.environ["ATRIUM_TEST_FLAG"]
        if os.path.exists(flag):
            return self.answer(asked)
        open(flag, "w").close()
        self.line.control(Undone(number=asked.number, text="no engine works"))
""")
    async with house(undone) as here:
        assert await here.say("u1") == "u1"
        assert here.link.state.processes[0].restarts == 1


async def test_a_process_that_cannot_load_anything_says_why() -> None:
    fails = script("""
    def take(self, kind, payload):
        if isinstance(decode_control(payload), Start):
            self.line.control(Failed(text="no dictionary here"))
""")
    async with house(fails) as here:
        while here.link.state.engine.detail != "no dictionary here":
            here._news.clear()
            await here._news.wait()
        assert not here.link.state.up


@pytest.mark.parametrize(
    "answer",
    [
        "self.line.control(Done(number=77, engine='x', outcomes=[], work_seconds=0.0))",
        "self.line.control(Done(number=asked.number, engine='x', outcomes=[], work_seconds=0.0))",
        "self.line.control(Done(number=asked.number, engine='x', outcomes=[['', [1], '', []]], work_seconds=0.0))",
        "self.line.control(Forget(streams=[]))",
        "self.line._transport.write(b'GET / HTTP/1.1')",
    ],
)
async def test_a_process_that_says_what_nobody_agreed_on_is_replaced(answer: str) -> None:
    wild = script(f"""
    def asked(self, asked):
        flag = os.environ["ATRIUM_TEST_FLAG"]
        if os.path.exists(flag):
            return self.answer(asked)
        open(flag, "w").close()
        {answer}
""")
    async with house(wild) as here:
        assert await here.say("u1") == "u1"
        assert here.link.state.processes[0].restarts == 1


async def test_forgetting_somebody_drops_what_waits_of_them() -> None:
    async with house(HOLDS) as here:
        await here.up()
        held = asyncio.ensure_future(here.say("held"))
        waits = asyncio.ensure_future(here.say("u1"))
        await begun(here)
        here.link.forget("who says u1")
        assert await waits is None
        held.cancel()


async def test_the_embedded_recogniser_killed_in_the_middle_of_its_work_loses_and_doubles_nothing() -> None:
    (sound,) = heard("rms", "we decided to use the new supplier", "opus")
    here = House(COMMAND, processes=2, plans=[EnginePlan(engine=Engine.EMBEDDED, why="a test")])
    link = here.link
    async with asyncio.timeout(LIMIT), link:
        segments = [
            Segment(stream=f"u{n}", speaker=f"s{n}", room="cedar", samples=sound, urgency=Urgency.FINAL)
            for n in range(2)
        ]
        await here.up()
        asked = [asyncio.ensure_future(link.recognise(segment)) for segment in segments]
        await asyncio.sleep(0)
        assert link.stats.running
        for process in link.state.processes:
            if process.pid is not None:
                os.kill(process.pid, signal.SIGKILL)
        done = await asyncio.gather(*asked)
        texts = [" ".join(word.text for word in one.hypothesis.words) for one in done if one is not None]
        assert len(texts) == 2
        assert all("supplier" in text for text in texts)
        assert link.counters.recognised == 2
