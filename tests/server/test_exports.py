"""What people leave with, read back as other programs read it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from avatars.reviewing import Digest, Passage
from avatars.writing import Sentence
from media.transcriber import Word
from server.exports.data import tasks_json
from server.exports.digest import needs_title, suggested_title
from server.exports.ical import tasks_ics
from server.exports.markdown import escape, minutes
from server.exports.record import Attendee, Line, MeetingRecord, Note, WrittenSummary
from server.exports.table import COLUMNS, guarded, tasks_csv
from server.exports.text import transcript_txt
from server.exports.timing import timed
from server.exports.webvtt import transcript_vtt
from server.exports.words import clock
from workflows.task import Task, TaskId, TaskState

BERLIN = ZoneInfo("Europe/Berlin")
NO_DIGEST = Digest(topics=(), summary=(), model="", seconds=0.0)
START = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
HOSTILE = [
    "=cmd()",
    "<b>bold</b>",
    "a, b; c",
    'say "hi"',
    "two\nlines\r\nhere",
    "pipe | pipe",
    "🎉 fête",
    "--> & <v X>",
]


def task(number: int = 1, **changes: object) -> Task:
    made = Task(
        id=TaskId(f"t{number}"),
        text="Send the budget",
        owner_id="bo",
        owner_name="Bo",
        due=date(2026, 11, 27),
        due_phrase="by Friday",
        state=TaskState.OPEN,
        source_words="Bo will send the budget by Friday",
        source_utterance="u1",
        confidence=0.934,
        meeting_id="m",
        created_by="ada",
        created_at=START,
        updated_at=START + timedelta(minutes=1, microseconds=7),
        version=2,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def line(number: int, text: str, at: float, name: str = "Bo", **changes: object) -> Line:
    made = Line(
        id=f"u{number}",
        speaker_id=name.lower(),
        speaker_name=name,
        text=text,
        started_at=START + timedelta(seconds=at),
        seconds=2.5,
        engine="test",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def record(**changes: object) -> MeetingRecord:
    made = MeetingRecord(
        id="m",
        title="Stand-up",
        room="hq",
        zone="meeting-a",
        zone_name="Cedar",
        facilitator_id="bo",
        facilitator_name="Bo",
        started_at=START,
        ended_at=START + timedelta(minutes=20),
        people=(
            Attendee(id="bo", name="Bo", kind="human"),
            Attendee(id="ada", name="Ada", kind="avatar"),
        ),
        utterances=(line(1, "Bo will send the budget by Friday", 65.0), line(2, "Good", 70.25, "Lin")),
        decisions=(Note(id="d", text="We ship on Monday", utterance_id="u2", confidence=0.8),),
        tasks=(task(),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_minutes_tell_the_meeting() -> None:
    text = minutes(record(), NO_DIGEST, timezone=BERLIN)
    assert text.startswith("# Stand-up\n")
    assert "- **When:** Friday, 20 November 2026, 14:30 to 14:50 (Europe/Berlin)" in text
    assert "- **Where:** Cedar" in text
    assert "- **People:** Bo, Ada (AI colleague)" in text
    assert "- We ship on Monday (80% sure)" in text
    assert "| Send the budget | Bo | 2026-11-27 | Open | 93% | “Bo will send the budget by Friday” |" in text
    assert "**Bo** (00:01:05): Bo will send the budget by Friday" in text


def test_the_minutes_sum_up_and_name_topics_with_times() -> None:
    digest = Digest(
        topics=(Passage(title="Budget | plan", lines=("u1", "gone", "u2")), Passage(title="", lines=("gone",))),
        summary=("u2", "gone"),
        model="m",
        seconds=0.1,
    )
    text = minutes(record(), digest, timezone=BERLIN)
    assert "## Summary\n\n- Good (Lin, 00:01:10)\n" in text
    assert "## Topics\n\n- 00:01:05 to 00:01:12: Budget \\| plan\n" in text
    assert "## Summary" not in minutes(record(), NO_DIGEST, timezone=BERLIN)


def test_the_minutes_of_an_empty_meeting_say_so() -> None:
    empty = record(utterances=(), decisions=(), tasks=(), people=(), ended_at=None)
    text = minutes(empty, NO_DIGEST, timezone=BERLIN)
    for said in ("No decisions", "No action items", "Nothing was transcribed", "still going on", "nobody"):
        assert said in text


def test_a_written_summary_comes_first_with_who_said_what_it_rests_on() -> None:
    written = WrittenSummary(
        title="",
        sentences=(Sentence(text="Bo sends the *budget*.", utterances=("u1", "u2")),),
        dropped=2,
        outdated=True,
        model="small_7b",
        host="127.0.0.1:11434",
    )
    digest = Digest(topics=(), summary=("u2",), model="m", seconds=0.1)
    text = minutes(record(), digest, written, timezone=BERLIN)
    assert "## Summary\n\n- Bo sends the \\*budget\\*. (Bo 00:01:05, Lin 00:01:10)\n\n" in text
    assert "*Summarised by small\\_7b at 127.0.0.1:11434. 2 sentences were left out" in text
    assert "have changed since.*\n\n## Main lines\n\n- Good (Lin" in text


def test_a_title_is_suggested_where_nobody_gave_one_and_the_language_is_known() -> None:
    said = (
        line(1, "The printer is broken", 1.0),
        line(2, "We buy a printer", 9.0),
        line(3, "Ada's dream", 12.0, "Ada"),
    )
    unnamed = record(title="Meeting in Cedar", utterances=said)
    assert needs_title(unnamed)
    assert not needs_title(record())
    assert not needs_title(replace(unnamed, ended_at=None))
    topic = Digest(
        topics=(Passage(title="", lines=("u1", "u2", "gone")), Passage(title="", lines=())),
        summary=(),
        model="",
        seconds=0,
    )
    assert suggested_title(unnamed, topic) == "Printer"
    assert suggested_title(unnamed, NO_DIGEST) == "Printer"
    german = replace(unnamed, utterances=(replace(said[0], language="de"), said[1]))
    assert suggested_title(german, NO_DIGEST) == ""
    once = replace(unnamed, utterances=(line(1, "Bo will send the budget", 1.0),), tasks=())
    assert suggested_title(once, NO_DIGEST) == ""
    assert suggested_title(replace(once, tasks=(task(),)), NO_DIGEST) == "Budget"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_in_their_cell_of_the_minutes(hostile: str) -> None:
    text = minutes(
        record(title=hostile, tasks=(task(text=hostile, owner_name=hostile),)), NO_DIGEST, timezone=BERLIN
    )
    row = next(line for line in text.splitlines() if "2026-11-27" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert "<b>" not in text.replace("\\<", "")
    assert text.splitlines()[1] == ""


@pytest.mark.parametrize(
    ("text", "safe"), [("- x", "\\- x"), ("12. x", "12\\. x"), ("# x", "\\# x"), ("=", "\\=")]
)
def test_a_text_cannot_begin_a_list_or_a_heading(text: str, safe: str) -> None:
    assert escape(text) == safe


def read_csv(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def test_the_table_reads_back() -> None:
    rows = read_csv(tasks_csv([task(), task(2, owner_name=None, due=None, state=TaskState.OVERDUE)]))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["Task"] == "Send the budget"
    assert rows[0]["Confidence"] == "0.93"
    assert (rows[1]["Owner"], rows[1]["Due"], rows[1]["State"]) == ("", "", "Overdue")


@given(st.text(min_size=1), st.text())
def test_no_cell_is_a_formula_or_breaks_the_table(text: str, owner: str) -> None:
    rows = read_csv(tasks_csv([task(text=text, owner_name=owner, source_words=text)]))
    assert len(rows) == 1
    assert None not in rows[0]
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in rows[0].values())


def test_a_guarded_cell_keeps_its_words() -> None:
    assert guarded("=cmd()") == "'=cmd()"
    assert guarded(" \t@SUM(A1)") == "'@SUM(A1)"
    assert guarded("a=b") == "a=b"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (TaskState.OPEN, "NEEDS-ACTION"),
        (TaskState.ACCEPTED, "IN-PROCESS"),
        (TaskState.OVERDUE, "NEEDS-ACTION"),
        (TaskState.DONE, "COMPLETED"),
        (TaskState.DECLINED, "CANCELLED"),
    ],
)
def test_a_todo_says_how_it_stands(state: TaskState, status: str) -> None:
    todo = Calendar.from_ical(tasks_ics([task(state=state)], name="x")).walk("VTODO")[0]
    assert todo["STATUS"] == status
    assert todo["UID"] == "t1@atrium"
    assert todo.decoded("DUE") == date(2026, 11, 27)
    assert ("COMPLETED" in todo) is (state is TaskState.DONE)


def test_what_nobody_has_looked_at_is_in_the_minutes_and_the_table_but_in_no_calendar() -> None:
    proposed = task(state=TaskState.PROPOSED)
    assert not Calendar.from_ical(tasks_ics([proposed], name="x")).walk("VTODO")
    assert [row["State"] for row in read_csv(tasks_csv([proposed]))] == ["Proposed"]
    assert "| Proposed |" in minutes(record(tasks=(proposed,)), NO_DIGEST, timezone=BERLIN)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_survive_the_calendar(hostile: str) -> None:
    written = tasks_ics([task(text=hostile, owner_name=hostile), task(2, due=None)], name=hostile)
    assert all(len(row) <= 75 for row in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    calendar = Calendar.from_ical(written)
    assert not calendar.errors
    todos = calendar.walk("VTODO")
    assert len(todos) == 2
    assert str(todos[0]["SUMMARY"]) == " ".join(hostile.split())
    assert str(todos[0]["DESCRIPTION"]).startswith("Owner: " + " ".join(hostile.split()))
    assert "DUE" not in todos[1]


CUE = re.compile(r"(\d+)\n(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})\n<v ([^>\n]+)>([^\n]*)")


def read_vtt(text: str) -> list[tuple[float, float, str, str]]:
    blocks = text.rstrip("\n").split("\n\n")
    assert blocks[0] == "WEBVTT"
    cues = []
    for block in blocks[1:]:
        found = CUE.fullmatch(block)
        assert found, block
        assert "-->" not in found[11]
        assert "<" not in found[11]
        h1, m1, s1, ms1, h2, m2, s2, ms2 = (int(part) for part in found.groups()[1:9])
        start, end = h1 * 3600 + m1 * 60 + s1 + ms1 / 1000, h2 * 3600 + m2 * 60 + s2 + ms2 / 1000
        cues.append((start, end, found[10], found[11]))
    return cues


def test_subtitles_name_the_speaker_and_the_time() -> None:
    cues = read_vtt(transcript_vtt(record()))
    assert cues == [(65.0, 67.5, "Bo", "Bo will send the budget by Friday"), (70.25, 72.75, "Lin", "Good")]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_in_their_cue(hostile: str) -> None:
    cues = read_vtt(transcript_vtt(record(utterances=(line(1, hostile, 1.0, hostile), line(2, "x", 2.0)))))
    assert len(cues) == 2
    told = cues[0][3].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert told == " ".join(hostile.split())


@given(st.lists(st.tuples(st.floats(-10, 90_000), st.floats(0, 60)), max_size=8))
def test_cues_never_go_back_and_never_end_before_they_start(times: list[tuple[float, float]]) -> None:
    lines = tuple(line(n, "x", at, seconds=seconds) for n, (at, seconds) in enumerate(times))
    cues = read_vtt(transcript_vtt(record(utterances=lines)))
    assert [cue[0] for cue in cues] == sorted(cue[0] for cue in cues)
    assert all(start < end for start, end, _, _ in cues)


def spoken(text: str, *, step: float = 0.5, start: float = 0.0) -> tuple[Word, ...]:
    return tuple(
        Word(text=word, start=start + step * k, end=start + step * k + 0.4, confidence=0.8)
        for k, word in enumerate(text.split())
    )


def test_subtitles_carry_the_times_of_the_words() -> None:
    told = line(1, "Tom & I agree", 65.0, seconds=2.0, words=spoken("Tom & I agree", start=0.1))
    text = transcript_vtt(record(utterances=(told,)))
    assert "00:01:05.100 --> 00:01:07.000\n" in text
    assert "<v Bo>Tom <00:01:05.600>&amp; <00:01:06.100>I <00:01:06.600>agree\n" in text


def test_long_speech_is_cut_into_cues_that_can_be_read() -> None:
    talk = " ".join(f"word{k}" for k in range(60))
    text = transcript_vtt(record(utterances=(line(1, talk, 5.0, seconds=30.0, words=spoken(talk)),)))
    cues = text.split("\n\n")[1:]
    assert len(cues) > 4
    shown = [re.sub(r"<[^>]+>", "", cue.splitlines()[2]) for cue in cues]
    assert " ".join(" ".join(shown).split()) == talk
    assert max(len(cue) for cue in shown) <= 84


def test_a_pause_begins_another_cue() -> None:
    words = (*spoken("we ship"), *spoken("agreed", start=6.0))
    text = transcript_vtt(record(utterances=(line(1, "we ship agreed", 0.0, seconds=7.0, words=words),)))
    assert [block.splitlines()[1] for block in text.split("\n\n")[1:]] == [
        "00:00:00.000 --> 00:00:00.900",
        "00:00:06.000 --> 00:00:06.500",
    ]


TIMED = st.tuples(st.floats(0, 30), st.floats(0, 3), st.sampled_from(["a", "->", "<c>", "\n"]))


@given(st.lists(TIMED, max_size=12), st.floats(0, 90_000))
def test_the_times_within_a_cue_rise_and_stay_in_it(times: list[tuple[float, float, str]], at: float) -> None:
    words = tuple(Word(text=t, start=s, end=s + d, confidence=1.0) for s, d, t in sorted(times))
    text = transcript_vtt(record(utterances=(line(1, "x", at, words=words), line(2, "y", at + 1))))
    starts = []
    for block in text.rstrip("\n").split("\n\n")[1:]:
        head, cue = block.splitlines()[1:]
        start, end = (_seconds(part) for part in head.split(" --> "))
        inner = [_seconds(found) for found in re.findall(r"<(\d\d:[^>]+)>", cue)]
        assert all(a < b for a, b in zip([start, *inner], [*inner, end], strict=True))
        starts.append(start)
    assert starts == sorted(starts)


def _seconds(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


@pytest.mark.parametrize(
    ("corrected", "expected"),
    [
        ("send the budget", "send 0.0-0.4 the 0.5-0.9 budget 1.0-1.4"),
        ("send the new bud get", "send 0.0-0.4 the 0.5-0.9 new 1.0-1.133 bud 1.133-1.267 get 1.267-1.4"),
        ("the butcher", "the 0.5-0.9 butcher 1.0-1.4"),
        ("please send the butcher", "please 0.0-0.0 send 0.0-0.4 the 0.5-0.9 butcher 1.0-1.4"),
        ("send the butcher now", "send 0.0-0.4 the 0.5-0.9 butcher 1.0-1.4 now 1.4-2.5"),
    ],
)
def test_corrected_words_take_the_time_of_those_they_replace(corrected: str, expected: str) -> None:
    words = timed(line(1, corrected, 0.0, words=spoken("send the butcher"), original_text="send the butcher"))
    assert " ".join(f"{w.text} {round(w.start, 3)}-{round(w.end, 3)}" for w in words) == expected


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8), st.lists(st.sampled_from("abcd"), max_size=8))
def test_a_correction_keeps_all_its_words_in_rising_time(heard: list[str], wanted: list[str]) -> None:
    told = line(1, " ".join(wanted), 0.0, words=spoken(" ".join(heard)), original_text=" ".join(heard))
    words = timed(told)
    assert [word.text for word in words] == wanted
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(word.start <= word.end for word in words)


def test_a_line_without_times_has_none_after_a_correction() -> None:
    assert timed(line(1, "x", 0.0, original_text="y")) == ()


def test_the_plain_transcript_has_a_line_an_utterance() -> None:
    text = transcript_txt(record(utterances=(line(1, "one\ntwo", 3700.0),)), timezone=BERLIN)
    assert text.splitlines() == [
        "Stand-up",
        "Friday, 20 November 2026, 14:30, Cedar",
        "",
        "[01:01:40] Bo: one two",
    ]


def test_the_json_names_the_meeting_and_every_field() -> None:
    document = json.loads(tasks_json(record(title="🎉")))
    assert document["meeting"]["title"] == "🎉"
    assert document["tasks"][0]["due"] == "2026-11-27"
    assert document["tasks"][0]["created_at"] == "2026-11-20T13:30:00+00:00"


def test_times_are_rounded_as_a_whole() -> None:
    assert clock(59.9996, millis=True) == "00:01:00.000"
    assert clock(-1) == "00:00:00"
