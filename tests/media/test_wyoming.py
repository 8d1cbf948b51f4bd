"""The Wyoming adapter against a small server that speaks the protocol through Wyoming's own library."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, read_event, write_event
from wyoming.info import AsrProgram, Attribution, Describe, Info

from media.adapters.wyoming import WyomingSettings, WyomingTranscriber, spread
from media.errors import EngineUnavailable
from media.transcriber import Hypothesis, Request

BY = Attribution(name="test", url="http://localhost")
SPEECH = (np.sin(np.arange(20_000) / 9) * 0.3).astype(np.float32)


class Office(socketserver.ThreadingTCPServer):
    """Answers with how much sound it got; `silent` never answers, `broken` answers nonsense."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mode: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.mode = mode
        self.languages: list[str | None] = []
        self.contexts: list[dict[str, Any] | None] = []


class Handler(socketserver.StreamRequestHandler):
    rfile: Any
    wfile: Any

    def handle(self) -> None:
        office: Any = self.server
        received = 0
        while (event := read_event(self.rfile)) is not None:
            if Describe.is_type(event.type):
                program = AsrProgram(
                    name="tester", attribution=BY, installed=True, description=None, version=None, models=[]
                )
                write_event(Info(asr=[program]).event(), self.wfile)
            elif Transcribe.is_type(event.type):
                asked = Transcribe.from_event(event)
                office.languages.append(asked.language)
                office.contexts.append(asked.context)
            elif AudioStart.is_type(event.type):
                assert AudioStart.from_event(event).rate == 16_000
            elif AudioChunk.is_type(event.type):
                received += len(AudioChunk.from_event(event).audio) // 2
            elif AudioStop.is_type(event.type):
                self.answer(office.mode, received)

    def answer(self, mode: str, received: int) -> None:
        if mode == "broken":
            self.wfile.write(b"{]\n")
        elif mode == "error":
            write_event(Event(type="error", data={"text": "no model"}), self.wfile)
        elif mode != "silent":
            write_event(Event(type="transcript-start", data={}), self.wfile)
            write_event(Transcript(text=f" Got {received} samples. ").event(), self.wfile)


@pytest.fixture
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    with Office(getattr(request, "param", "good")) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def transcriber(office: Office, seconds: float = 5.0, **changes: Any) -> WyomingTranscriber:
    port = office.server_address[1]
    return WyomingTranscriber(WyomingSettings(port=port, answer_seconds=seconds, **changes))


def test_all_sound_arrives_and_the_text_comes_back(office: Office) -> None:
    request = Request(samples=SPEECH, vocabulary=("Ana", "Harbour"))
    (outcome,) = transcriber(office).transcribe([request])
    assert isinstance(outcome, Hypothesis)
    assert [word.text for word in outcome.words] == ["Got", "20000", "samples."]
    assert outcome.words[-1].end == pytest.approx(1.25)
    assert outcome.language == "en"
    assert office.languages == ["en"]
    assert office.contexts == [{"initial_prompt": "Ana, Harbour"}]


def test_a_persons_language_goes_before_the_setting_and_none_leaves_it_to_the_server(office: Office) -> None:
    transcriber(office).transcribe([Request(samples=SPEECH, language="de")])
    transcriber(office, language="").transcribe([Request(samples=SPEECH)])
    assert office.languages == ["de", None]


def test_silence_asks_no_server(office: Office) -> None:
    (outcome,) = transcriber(office).transcribe([Request(samples=np.zeros(20_000, np.float32))])
    assert isinstance(outcome, Hypothesis)
    assert outcome.suppressed
    assert office.languages == []


def test_it_tells_which_program_answers(office: Office) -> None:
    recogniser = transcriber(office)
    assert recogniser.check() == "tester"
    assert "tester" in recogniser.describe()


@pytest.mark.parametrize(("office", "message"), [("broken", "proper"), ("error", "no model")], indirect=["office"])
def test_a_bad_answer_is_a_clear_fault(office: Office, message: str) -> None:
    with pytest.raises(EngineUnavailable, match=message):
        transcriber(office).transcribe([Request(samples=SPEECH)])


@pytest.mark.parametrize("office", ["silent"], indirect=True)
def test_no_answer_ends_after_the_time_given(office: Office) -> None:
    with pytest.raises(EngineUnavailable, match="in time"):
        transcriber(office, seconds=0.1, answer_factor=0.1).transcribe([Request(samples=SPEECH)])


def test_no_server_is_a_clear_fault() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as taken:
        port = taken.server_address[1]
    with pytest.raises(EngineUnavailable, match="does not answer"):
        WyomingTranscriber(WyomingSettings(port=port)).transcribe([Request(samples=SPEECH)])


def test_spread_words_fill_the_utterance_in_order() -> None:
    words = spread(["a", "longer", "sentence"], 3.0)
    assert words[0].start == 0.0
    assert words[-1].end == pytest.approx(3.0)
    assert all(first.end == second.start for first, second in pairwise(words))
    assert spread([], 1.0) == []
