"""How quick, how right and how fair speech becomes words: `python -m benchmarks.speech --json`.

A real office runs in processes of its own. People who are not there enter it by its socket, speak as Opus in SRTP,
and what counts are the captions that their sockets bring.

- Speech ends when the last packet goes out that carries voice: the last frame of 20 ms with a sample louder than
  1 % of the loudest of the sentence. From there, less the 0.6 s of silence that end an utterance, the delay of a
  final caption is counted.
- A word has been spoken when the synthesiser says so: flite tells where each sound ends, espeak-ng where each word
  begins. A word counts as shown with the first caption that has it, settled or not.
- Whose words they are is known by words that only one person says.

The numbers without a peer are of the office as it is installed, with the embedded recogniser; `office-whisper` is
the same office with the small Whisper of the tests. With `--json` lines of JSON go to the standard output and the
table for people to the standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks import speech_parts as parts
from benchmarks.machine import CORES, load_average
from benchmarks.results import as_lines, table
from benchmarks.speech_office import SpokenOffice
from benchmarks.speech_parts import METRICS, SHORT, Findings, Sizes
from benchmarks.speech_sounds import Booth
from server.processes import ROOT

WHISPER = "office-whisper"
MODEL = ROOT / "tests" / "models" / WHISPER
EMBEDDED_PARTS = ("attribution", "delay", "kill", "crowd", "silence")
PARTS = (*EMBEDDED_PARTS, "whisper", "gpu")
LEAST_SECONDS = 1.6
"""The sentences that the test model knows are short; shorter ones are left out of the delays."""


async def run(chosen: Sequence[str], sizes: Sizes, model: Path, findings: Findings) -> None:
    """Measure what was chosen."""
    with Booth() as booth:
        if any(part in chosen for part in EMBEDDED_PARTS):
            await _embedded(chosen, sizes, booth, findings)
        if "whisper" in chosen:
            await _whisper(sizes, model, booth, findings)
    if "gpu" in chosen:
        from benchmarks import speech_gpu

        people, counts = await speech_gpu.measure(findings)
        findings.add(parts.GPU, people, counts)


async def _embedded(chosen: Sequence[str], sizes: Sizes, booth: Booth, findings: Findings) -> None:
    """The office as it is installed; each part has one of its own, so that none has the people of another."""
    clips = await asyncio.to_thread(parts.office_talk, booth, sizes.utterances) if "delay" in chosen else []
    measured: dict[str, Callable[[SpokenOffice], Awaitable[object]]] = {
        "attribution": lambda office: parts.attribution(office, booth, sizes, findings),
        "delay": lambda office: parts.one_speaker(office, booth, clips, findings),
        "kill": lambda office: parts.kills(office, booth, sizes, findings),
        "crowd": lambda office: parts.crowd(office, booth, sizes, findings),
        "silence": lambda office: parts.silence(office, sizes, findings),
    }
    for name in EMBEDDED_PARTS:
        if name in chosen:
            async with SpokenOffice(["--speech-engine", "embedded"]) as office:
                await measured[name](office)
                await _look_back(name, office, findings)


async def _whisper(sizes: Sizes, model: Path, booth: Booth, findings: Findings) -> None:
    if not (model / "model.bin").is_file():
        findings.note(f"there is no model in {model}, so nothing is measured with it.")
        return
    clips = await asyncio.to_thread(parts.unseen_talk, booth, sizes.utterances, LEAST_SECONDS)
    async with SpokenOffice(["--speech-engine", "whisper", "--whisper-model", str(model)]) as office:
        heard = await parts.one_speaker(office, booth, clips, findings, WHISPER)
        await parts.word_error_rate(office, booth, sizes, findings, heard, WHISPER)
        await _look_back(WHISPER, office, findings)


async def _look_back(name: str, office: SpokenOffice, findings: Findings) -> None:
    """What the office says of itself."""
    speech = await office.speech()
    speed = speech["speed"]
    findings.say(
        f"{name}: {speech['engines'][0]['label']}, real-time factor {speed['real_time_factor']}, "
        f"not believed {speech['suppressed']}, dropped {speech['queue']['dropped']}"
    )
    if any(one["instead_of"] != one["engine"] and "loaded" not in one["reason"] for one in speech["fallbacks"]):
        findings.note(f"{name}: another engine stood in for a while: {speech['fallbacks']}")
    if office.complaints:
        findings.say(f"{name}: the office's log:\n{office.complaints}")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.speech", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--json", action="store_true", help="one line of JSON for each measurement")
    options.add_argument("--short", action="store_true", help="a little of everything, to see that it works")
    options.add_argument("--only", action="append", choices=PARTS, help="this part only; may be repeated")
    options.add_argument("--model", type=Path, default=MODEL, help="another Whisper model than that of the tests")
    options.add_argument(
        "--plots", type=Path, metavar="FOLDER", help="write a picture there (needs the bench extra)"
    )
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and draw."""
    arguments = parser().parse_args(argv)
    if shutil.which("flite") is None:
        print("flite, which speaks for the people, is missing: apt-get install flite", file=sys.stderr)
        return 1
    started, load = time.monotonic(), load_average()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {text}", file=sys.stderr, flush=True)

    findings = Findings(say)
    gc.collect()
    gc.freeze()
    asyncio.run(run(arguments.only or PARTS, SHORT if arguments.short else Sizes(), arguments.model, findings))
    order = [metric.name for metric in METRICS]
    found = sorted(findings.found, key=lambda one: (order.index(one.name), one.peer or ""))
    people = sys.stderr if arguments.json else sys.stdout
    print(f"\n{table(METRICS, found)}\n", file=people)
    notes = [f"{len(CORES)} cores, load average {load:.1f} before, {time.monotonic() - started:.0f} s."]
    print("\n".join([*notes, *findings.notes]), file=people)
    if arguments.json:
        print(as_lines(found))
    if arguments.plots:
        from benchmarks.speech_plots import draw

        draw(findings.delays, arguments.plots)
        (arguments.plots / "speech.jsonl").write_text(as_lines(found) + "\n", encoding="utf-8")
        print(f"Picture and numbers are in {arguments.plots}.", file=people)
    return 0


if __name__ == "__main__":
    sys.exit(main())
