"""Sound that is kept is sealed, comes back, and goes when its time is over."""

from __future__ import annotations

import io
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from media.transcriber import Samples
from server.recordings import RecordingError, Recordings
from server.sealed import Sealer

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
SECRET = bytes(range(32))


def tone(seconds: float = 0.5, hertz: float = 300.0) -> Samples:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(16_000 * seconds)) / 16_000)).astype(np.float32)


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def recordings(tmp_path: Path, clock: list[datetime]) -> Recordings:
    return Recordings(tmp_path / "recordings", Sealer(SECRET, "recordings"), days=30, wall=lambda: clock[0])


def heard(wav: bytes | None) -> tuple[float, float]:
    """Seconds, and the loudest frequency."""
    assert wav is not None
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 16_000, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)
    spectrum = np.abs(np.fft.rfft(pcm))
    return len(pcm) / 16_000, float(np.argmax(spectrum)) * 16_000 / len(pcm)


def test_sound_comes_back_as_it_was_said(recordings: Recordings) -> None:
    recordings.keep("m1", "u1", tone(1.0, 300.0))
    recordings.keep("m1", "u2", tone(0.3, 800.0))
    seconds, hertz = heard(recordings.wav("m1", "u1"))
    assert seconds == pytest.approx(1.0, abs=0.03)
    assert hertz == pytest.approx(300.0, abs=8.0)
    assert heard(recordings.wav("m1", "u2"))[1] == pytest.approx(800.0, abs=8.0)
    assert recordings.wav("m1", "u3") is None
    assert recordings.wav("m2", "u1") is None


def test_what_lies_on_disk_is_small_sealed_and_private(recordings: Recordings, tmp_path: Path) -> None:
    recordings.keep("m1", "u1", tone(2.0))
    [path] = (tmp_path / "recordings" / "m1").iterdir()
    data = path.read_bytes()
    assert b"Ogg" not in data
    assert b"Opus" not in data
    assert len(data) < 2.0 * 16_000 * 2 / 4
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_it_says_until_when_and_is_gone_then(recordings: Recordings, clock: list[datetime]) -> None:
    recordings.keep("m1", "u1", tone())
    clock[0] += timedelta(days=10)
    recordings.keep("m1", "u2", tone())
    recordings.keep("m1", "u1", tone())
    assert recordings.kept("m1") == {"u1": NOW + timedelta(days=30), "u2": NOW + timedelta(days=40)}
    clock[0] = NOW + timedelta(days=30)
    assert recordings.wav("m1", "u1") is None
    assert recordings.sweep({"m1"}) == 1
    assert list(recordings.kept("m1")) == ["u2"]
    clock[0] = NOW + timedelta(days=41)
    assert recordings.sweep({"m1"}) == 1
    assert recordings.meetings() == []
    assert recordings.sweep(set()) == 0


def test_a_copy_from_a_backup_lives_no_longer(recordings: Recordings, tmp_path: Path) -> None:
    recordings.keep("m1", "u1", tone())
    [path] = (tmp_path / "recordings" / "m1").iterdir()
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)  # with the time of now, as a restored file has
    assert recordings.kept("m1") == {"u1": NOW + timedelta(days=30)}


def test_sound_goes_with_its_meeting(recordings: Recordings) -> None:
    for meeting in ("m1", "m2", "m3"):
        recordings.keep(meeting, "u1", tone())
        recordings.keep(meeting, "u2", tone())
    assert recordings.sweep({"m1", "m3"}) == 2
    assert recordings.meetings() == ["m1", "m3"]
    assert recordings.forget("m1") == 2
    assert recordings.meetings() == ["m3"]
    assert recordings.remove("m3", "u1")
    assert not recordings.remove("m3", "u1")
    assert list(recordings.kept("m3")) == ["u2"]


def test_sound_of_one_utterance_is_never_taken_for_that_of_another(recordings: Recordings, tmp_path: Path) -> None:
    recordings.keep("m1", "u1", tone())
    [path] = (tmp_path / "recordings" / "m1").iterdir()
    path.rename(path.with_name(path.name.replace("u1", "u2")))
    with pytest.raises(RecordingError, match="cannot be read"):
        recordings.wav("m1", "u2")


def test_damaged_sound_and_another_secret_say_what_to_do(recordings: Recordings, tmp_path: Path) -> None:
    recordings.keep("m1", "u1", tone())
    other = Recordings(tmp_path / "recordings", Sealer(bytes(32), "recordings"), wall=lambda: NOW)
    with pytest.raises(RecordingError, match="one backup"):
        other.wav("m1", "u1")


@pytest.mark.parametrize(
    ("meeting", "utterance"), [("..", "u"), ("m/1", "u"), ("m", "../u"), ("", "u"), ("m", "")]
)
def test_an_id_that_could_be_a_path_reaches_nothing(recordings: Recordings, meeting: str, utterance: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        recordings.keep(meeting, utterance, tone())
    assert recordings.wav(meeting, utterance) is None
    assert not recordings.remove(meeting, utterance)


def test_a_full_or_closed_disk_says_so(recordings: Recordings, tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file")
    with pytest.raises(RecordingError, match="free some disk space"):
        recordings.keep("m1", "u1", tone())


def test_silence_of_no_length_is_not_kept(recordings: Recordings) -> None:
    recordings.keep("m1", "u1", tone(0.0))
    recordings.keep("m1", "u2", tone(0.0001))
    assert list(recordings.kept("m1")) == ["u2"]
    assert recordings.wav("m1", "u2") is not None
