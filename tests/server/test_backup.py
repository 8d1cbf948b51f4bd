"""What was backed up comes back; what is not ours, or damaged, does not."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from server.backup import MANIFEST, backup, restore
from server.errors import BackupError
from server.identity import SECRET_FILE, load_secret
from server.recordings import Recordings
from server.sealed import Sealer
from server.spool import Kept, Spool
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.schema import HEAD
from workflows.task import TaskDraft
from workflows.tasks import TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


async def put_task(store: SqlStore, text: str) -> None:
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    await TaskList(engine, store).add(TaskDraft(text=text), key=text, now=NOW)


async def texts(data: Path) -> list[str]:
    store = await SqlStore.open(data / "atrium.db")
    try:
        tasks = TaskList(Engine(store, timezone=ZoneInfo("UTC")), store)
        return [task.text for task in await tasks.all()]
    finally:
        await store.close()


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A data folder with a task and a secret, closed."""
    folder = tmp_path / "data"
    load_secret(folder)
    store = await SqlStore.open(folder / "atrium.db")
    await put_task(store, "Send the budget")
    await store.close()
    return folder


@pytest.fixture
def archive(data: Path, tmp_path: Path) -> Path:
    target = tmp_path / "out" / "office.tar.gz"
    backup(data, target)
    return target


def members(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        found = {member.name: tar.extractfile(member) for member in tar}
        return {name: file.read() for name, file in found.items() if file is not None}


def write(archive: Path, contents: dict[str, bytes], *more: tarfile.TarInfo) -> Path:
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in more:
            tar.addfile(info)
    return archive


def with_manifest(archive: Path, **changes: Any) -> dict[str, bytes]:
    contents = members(archive)
    manifest = json.loads(contents[MANIFEST]) | changes
    return contents | {MANIFEST: json.dumps(manifest).encode()}


async def test_what_was_backed_up_comes_back(data: Path, tmp_path: Path) -> None:
    settings = tmp_path / "atrium.toml"
    settings.write_text("port = 9000\n")
    archive, home = tmp_path / "office.tar.gz", tmp_path / "elsewhere" / "data"
    made = backup(data, archive, extra=(settings, tmp_path / "none.toml"))
    assert restore(archive, home) == made
    assert made.schema == HEAD
    assert set(made.files) == {"data/atrium.db", f"data/{SECRET_FILE}", "extra/atrium.toml"}
    assert await texts(home) == ["Send the budget"]
    assert load_secret(home) == load_secret(data)
    assert (home / "extra" / "atrium.toml").read_text() == "port = 9000\n"
    assert stat.S_IMODE((home / SECRET_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert sorted(path.name for path in home.parent.iterdir()) == ["data"]


async def test_a_running_office_is_backed_up_as_of_one_moment(data: Path, tmp_path: Path) -> None:
    store = await SqlStore.open(data / "atrium.db")
    try:
        await put_task(store, "In the log still")
        backup(data, tmp_path / "office.tar.gz")
        await put_task(store, "Too late")
        with pytest.raises(BackupError, match="an office is running"):
            restore(tmp_path / "office.tar.gz", data, force=True)
    finally:
        await store.close()
    restore(tmp_path / "office.tar.gz", tmp_path / "again")
    assert sorted(await texts(tmp_path / "again")) == ["In the log still", "Send the budget"]


def test_a_backup_into_the_data_folder_does_not_hold_itself(data: Path) -> None:
    target = data / "office.tar.gz"
    backup(data, target)
    assert set(backup(data, target).files) == {"data/atrium.db", f"data/{SECRET_FILE}"}
    assert not list(data.glob("*.tmp"))


async def test_a_folder_with_something_in_it_is_not_overwritten(archive: Path, data: Path) -> None:
    with pytest.raises(BackupError, match="not empty"):
        restore(archive, data)
    restore(archive, data, force=True)
    assert await texts(data) == ["Send the budget"]
    aside = next(data.parent.glob("data.before-restore-*"))
    assert (aside / SECRET_FILE).exists()


def keep_sound(data: Path, *utterances: str) -> Recordings:
    recordings = Recordings(data / "recordings", Sealer(load_secret(data), "recordings"), wall=lambda: NOW)
    for utterance in utterances:
        recordings.keep("m1", utterance, np.full(4000, 0.2, np.float32))
    return recordings


def test_kept_sound_comes_back_and_can_be_heard_for_no_longer_than_before(data: Path, tmp_path: Path) -> None:
    before = keep_sound(data, "u1", "u2")
    archive, home = tmp_path / "office.tar.gz", tmp_path / "elsewhere"
    made = backup(data, archive)
    assert len([path for path in made.files if path.startswith("data/recordings/m1/")]) == 2
    assert not any(b"OggS" in content for content in members(archive).values())
    restore(archive, home)
    again = keep_sound(home)
    assert again.kept("m1") == before.kept("m1")
    assert again.wav("m1", "u1") == before.wav("m1", "u1")


def test_speech_that_waits_and_fetched_models_are_not_backed_up(data: Path, tmp_path: Path) -> None:
    spool = Spool.open(data / "spool", Sealer(load_secret(data), "spool"), wall=lambda: NOW)
    spool.put(
        Kept(
            id="u1", speaker="bo", speaker_name="Bo", room="hq", zone="cedar", started_at=NOW, seconds=0.1,
            samples=np.zeros(1600, np.float32),
        )
    )  # fmt: skip
    (data / "models" / "tiny").mkdir(parents=True)
    (data / "models" / "tiny" / "model.bin").write_bytes(b"large")
    (data / "models" / "understanding" / ".candidate-x").mkdir(parents=True)
    (data / "models" / "understanding" / ".candidate-x" / "heads.npz").write_bytes(b"unfinished")
    (data / "models" / "understanding" / "registry.json").write_text("what was promoted stays")
    (data / "models.txt").write_text("a file of that name stays")
    files = set(backup(data, tmp_path / "office.tar.gz").files)
    kept = {"data/models.txt", "data/models/understanding/registry.json"}
    assert files == {"data/atrium.db", f"data/{SECRET_FILE}", *kept}


def test_sound_that_is_deleted_during_a_backup_is_left_out(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = keep_sound(data, "u1", "u2")
    copy = shutil.copyfile

    def copy_as_one_goes(source: Path, target: Path) -> Path:
        if source.name.endswith("-u1.sound"):
            recordings.remove("m1", "u1")
        return copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", copy_as_one_goes)
    files = backup(data, tmp_path / "office.tar.gz").files
    assert [path[-8:] for path in files if path.endswith(".sound")] == ["u2.sound"]
    restore(tmp_path / "office.tar.gz", tmp_path / "new")


def test_nothing_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="not a folder"):
        backup(tmp_path / "none", tmp_path / "office.tar.gz")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BackupError, match="holds nothing"):
        backup(tmp_path / "empty", tmp_path / "office.tar.gz")
    assert not (tmp_path / "office.tar.gz").exists()


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(data: Path, tmp_path: Path) -> None:
    (data / "atrium.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(BackupError):
        backup(data, tmp_path / "office.tar.gz")
    assert not (tmp_path / "office.tar.gz").exists()


def test_a_changed_byte_is_noticed(archive: Path, tmp_path: Path) -> None:
    contents = members(archive)
    contents[f"data/{SECRET_FILE}"] = contents[f"data/{SECRET_FILE}"][::-1]
    with pytest.raises(BackupError, match="damaged"):
        restore(write(tmp_path / "bad.tar.gz", contents), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_archive_that_ends_early_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupError):
        restore(tmp_path / "cut.tar.gz", tmp_path / "new")
    contents = members(archive)
    del contents[f"data/{SECRET_FILE}"]
    with pytest.raises(BackupError, match="is missing"):
        restore(write(tmp_path / "less.tar.gz", contents), tmp_path / "new")


@pytest.mark.parametrize("name", ["../evil", "data/../../evil", "/etc/evil", "data\\..\\evil", "evil", "data"])
def test_a_path_out_of_the_folder_is_refused(archive: Path, tmp_path: Path, name: str) -> None:
    contents = with_manifest(archive, files={name: "0" * 64})
    bad = {MANIFEST: contents[MANIFEST], name: b"evil"}
    with pytest.raises(BackupError):
        restore(write(tmp_path / "bad.tar.gz", bad), tmp_path / "deep" / "new")
    assert not list(tmp_path.rglob("evil"))


def test_links_are_refused(archive: Path, tmp_path: Path) -> None:
    link = tarfile.TarInfo("data/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    manifest = {MANIFEST: with_manifest(archive, files={"data/link": "0" * 64})[MANIFEST]}
    with pytest.raises(BackupError, match="no backup of ours"):
        restore(write(tmp_path / "bad.tar.gz", manifest, link), tmp_path / "new")


@pytest.mark.parametrize("changes", [{"schema": "9999"}, {"format": 2}])
def test_a_backup_of_a_newer_atrium_is_refused(archive: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    newer = write(tmp_path / "newer.tar.gz", with_manifest(archive, version="9.0", **changes))
    with pytest.raises(BackupError, match=r"made by Atrium 9\.0"):
        restore(newer, tmp_path / "new")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Bo")
    with pytest.raises(BackupError, match="cannot be restored"):
        restore(tmp_path / "letter.txt", tmp_path / "new")
    with pytest.raises(BackupError, match="does not begin with a manifest"):
        restore(write(tmp_path / "other.tar.gz", {"readme": b"hi"}), tmp_path / "new")
    with pytest.raises(BackupError, match="manifest cannot be read"):
        restore(write(tmp_path / "bad.tar.gz", {MANIFEST: b"[]"}), tmp_path / "new")
    with pytest.raises(BackupError):
        restore(tmp_path / "none.tar.gz", tmp_path / "new")


def test_the_copy_needs_nothing_beside_it(archive: Path, tmp_path: Path) -> None:
    restore(archive, tmp_path / "new")
    with closing(sqlite3.connect(tmp_path / "new" / "atrium.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
