"""Speech that waits survives a crash, in order, sealed, and within its bounds."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.transcriber import Samples
from server.sealed import Sealer
from server.spool import Kept, Spool, SpoolCounters, SpoolError

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
SEALER = Sealer(bytes(range(32)), "spool")


def sound(seconds: float = 0.1, seed: int = 0) -> Samples:
    noise = np.random.default_rng(seed).uniform(-0.9, 0.9, int(16_000 * seconds))
    return noise.astype(np.float32)


def kept(id: str, *, after: float = 0.0, speaker: str = "ana", seconds: float = 0.1, **fields: Any) -> Kept:
    values: Mapping[str, Any] = {
        "id": id,
        "speaker": speaker,
        "speaker_name": "Ana Ruiz",
        "room": "hq",
        "zone": "kitchen",
        "started_at": NOW + timedelta(seconds=after),
        "seconds": seconds,
        "samples": sound(seconds),
    }
    return Kept(**{**values, **fields})


def opened(folder: Path, *, now: datetime = NOW, **bounds: Any) -> Spool:
    return Spool.open(folder, SEALER, wall=lambda: now, **bounds)


def test_a_stretch_comes_back_as_it_was_after_a_crash(tmp_path: Path) -> None:
    first = kept("one", meeting="m1", audience=frozenset({"ana", "bo"}), language="de", speaker_name="Ana Ruíz")
    opened(tmp_path / "spool").put(first)
    [again] = opened(tmp_path / "spool").waiting()
    np.testing.assert_allclose(again.samples, first.samples, atol=1e-4)
    for field in ("id", "speaker", "speaker_name", "room", "zone", "meeting", "audience", "language", "seconds"):
        assert getattr(again, field) == getattr(first, field)
    assert again.started_at == NOW


def test_what_waits_is_given_oldest_first_whatever_the_order_it_came_in(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for id, after in (("c", 3.0), ("a", -10.0), ("b", 0.5)):
        spool.put(kept(id, after=after))
    assert [k.id for k in spool.waiting()] == ["a", "b", "c"]
    assert opened(tmp_path).ids() == ["a", "b", "c"]


def test_what_has_been_handled_is_gone_also_from_the_disk(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.put(kept("one"))
    spool.remove("one")
    spool.remove("one")
    assert spool.waiting() == []
    assert spool.read("one") is None
    assert list(tmp_path.iterdir()) == []
    assert spool.counters == SpoolCounters(waiting=0, bytes=0, lost=0, unreadable=0)


def test_one_of_the_same_id_is_kept_once(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.put(kept("one"))
    spool.put(kept("one", after=2.0, zone="lounge"))
    spool.put(kept("one", after=2.0, zone="library"))
    assert [k.zone for k in spool.waiting()] == ["library"]
    assert spool.counters.bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 1


def test_a_person_is_forgotten_and_nobody_else(tmp_path: Path) -> None:
    opened(tmp_path).put(kept("a1"))
    spool = opened(tmp_path)
    spool.put(kept("b1", after=1.0, speaker="bo"))
    spool.put(kept("a2", after=2.0))
    assert spool.forget("ana") == ["a1", "a2"]
    assert [k.id for k in opened(tmp_path).waiting()] == ["b1"]


def test_nothing_readable_and_nothing_for_others_lies_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    opened(folder).put(kept("one"))
    [path] = folder.iterdir()
    data = path.read_bytes()
    assert b"Ana" not in data
    assert b"kitchen" not in data
    assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_when_it_is_full_the_oldest_goes_and_is_counted(tmp_path: Path) -> None:
    size = 3_600  # a tenth of a second takes 3200 bytes and its head
    spool = opened(tmp_path, most_bytes=3 * size)
    for number in range(5):
        spool.put(kept(f"u{number}", after=float(number)))
    assert spool.ids() == ["u2", "u3", "u4"]
    assert spool.counters.lost == 2
    assert spool.counters.bytes <= 3 * size
    spool.put(kept("long", after=9.0, seconds=2.0))
    assert spool.counters.lost == 6
    assert spool.ids() == []


def test_smaller_bounds_are_kept_from_the_start(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for number in range(4):
        spool.put(kept(f"u{number}", after=float(number)))
    assert opened(tmp_path, most_bytes=8_000).ids() == ["u2", "u3"]


def test_what_is_too_old_goes_at_the_start_and_when_more_comes(tmp_path: Path) -> None:
    hours = [0.0]
    spool = Spool.open(tmp_path, SEALER, most_hours=2, wall=lambda: NOW + timedelta(hours=hours[0]))
    spool.put(kept("old"))
    hours[0] = 3.0
    spool.put(kept("new", after=3 * 3600.0))
    assert spool.ids() == ["new"]
    assert spool.counters.lost == 1
    later = opened(tmp_path, now=NOW + timedelta(hours=9), most_hours=2)
    assert later.waiting() == []
    assert later.counters.lost == 1


def test_what_has_waited_too_long_goes_when_somebody_looks(tmp_path: Path) -> None:
    hours = [0.0]
    spool = Spool.open(tmp_path, SEALER, most_hours=24, wall=lambda: NOW + timedelta(hours=hours[0]))
    spool.put(kept("one"))
    hours[0] = 24.0
    assert spool.expire() == 0
    hours[0] = 24.1
    assert spool.expire() == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "sound", "renamed"])
def test_a_damaged_file_is_set_aside_and_the_others_are_read(tmp_path: Path, damage: str) -> None:
    spool = opened(tmp_path)
    spool.put(kept("bad"))
    spool.put(kept("good", after=1.0))
    path = min(tmp_path.iterdir())
    data = bytearray(path.read_bytes())
    whole = bytes(data)
    if damage == "renamed":
        path.rename(path.with_name(f"{0:018d}-bad.segment"))
    else:
        data[-1 if damage == "sound" else 40] ^= 1
        path.write_bytes({"cut": whole[:50], "empty": b""}.get(damage, bytes(data)))
    again = opened(tmp_path)
    assert [k.id for k in again.waiting()] == ["good"]
    assert again.counters.unreadable == 1
    assert again.counters.waiting == 1
    assert len(list(tmp_path.glob("*.unreadable"))) == 1
    assert opened(tmp_path).counters.unreadable == 0


def test_with_another_secret_nothing_is_read_and_nothing_is_fatal(tmp_path: Path) -> None:
    opened(tmp_path).put(kept("one"))
    other = Spool.open(tmp_path, Sealer(bytes(32), "spool"), wall=lambda: NOW)
    assert other.waiting() == []
    assert other.counters.unreadable == 1


def test_what_a_crash_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "000000000000000001-x.tmp").write_bytes(b"half")
    aside = tmp_path / "000000000000000001-y.unreadable"
    aside.write_bytes(b"old")
    os.utime(aside, (0, 0))
    spool = opened(tmp_path)
    assert spool.counters.unreadable == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("id", ["", "../../etc", "a/b", "x" * 81, "ä"])
def test_an_id_that_could_be_a_path_is_refused(tmp_path: Path, id: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        opened(tmp_path).put(kept(id))


def test_a_start_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="aware"):
        opened(tmp_path).put(kept("one", started_at=datetime(2026, 11, 20)))


def test_a_folder_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(SpoolError, match="check the data folder"):
        opened(tmp_path / "spool")


def test_a_write_that_fails_says_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    spool = opened(folder)
    spool.put(kept("one"))
    moved = folder.rename(tmp_path / "elsewhere")
    with pytest.raises(SpoolError, match="free some disk space"):
        spool.put(kept("two", after=1.0))
    moved.rename(folder)
    assert spool.ids() == ["one"]
    assert [k.id for k in spool.waiting()] == ["one"]


def test_putting_five_seconds_aside_is_quick(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    stretches = [kept(f"u{i}", after=i, seconds=5.0) for i in range(20)]
    times = []
    for stretch in stretches:
        began = time.perf_counter()
        spool.put(stretch)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.005  # about 1 ms; the rest is for a busy machine


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["put", "remove", "forget", "restart"]), st.integers(0, 5)), max_size=25
    )
)
def test_the_disk_and_the_spool_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool, expected = opened(folder), dict[str, tuple[float, str]]()
    for step, number in steps:
        id, speaker = f"u{number}", "ab"[number % 2]
        if step == "put":
            spool.put(kept(id, after=float(-number), speaker=speaker, samples=sound(0.01)))
            expected[id] = (-number, speaker)
        elif step == "remove":
            spool.remove(id)
            expected.pop(id, None)
        elif step == "forget":
            spool.forget(speaker)
            expected = {k: v for k, v in expected.items() if v[1] != speaker}
        else:
            spool = opened(folder)
        assert spool.ids() == sorted(expected, key=lambda id: expected[id][0])
        assert spool.counters.bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert [k.id for k in spool.waiting()] == spool.ids()
