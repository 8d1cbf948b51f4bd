"""The office vouches for its audit: keys, the file of roots, when roots are signed, `atrium audit`."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import text

import server.backup
from server.__main__ import main
from server.audit.errors import AuditKeyError, RootsError
from server.audit.keys import FOLDER, KEY_FILE, PublicKey, SigningKey
from server.audit.notary import Notary
from server.audit.roots_file import ROOTS_FILE, Last, RootsFile
from server.backup import backup, restore
from tests.postgres import postgres_server
from workflows.adapters.sql_store import SqlStore
from workflows.audit import GENESIS
from workflows.engine import Engine
from workflows.roots import Root, line_of, link_of
from workflows.task import TaskDraft
from workflows.tasks import TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
ROOT = Root(number=1, at=NOW, seq=3, hash="a" * 64, previous=GENESIS, key="")


class Watched(RootsFile):
    """Tells what happens to it, from whichever thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._loop = asyncio.get_running_loop()
        self.appended: asyncio.Queue[Root] = asyncio.Queue()
        self.failed = asyncio.Event()

    def last(self) -> Last:
        try:
            return super().last()
        except RootsError:
            self._loop.call_soon_threadsafe(self.failed.set)
            raise

    def append(self, root: Root) -> None:
        super().append(root)
        self._loop.call_soon_threadsafe(self.appended.put_nowait, root)


@dataclass
class Office:
    """A database with tasks, and who vouches for it."""

    data: Path
    store: SqlStore
    tasks: TaskList
    notary: Notary
    file: Watched
    noted: int = 0

    async def note(self, count: int = 1) -> None:
        for _ in range(count):
            self.noted += 1
            await self.tasks.add(TaskDraft(text="Send it"), key=f"{self.noted}", now=NOW)

    async def tamper(self, sql: str) -> None:
        await self.store.database.write(lambda connection: connection.execute(text(sql)))

    async def signed(self) -> tuple[int, int]:
        """Wait for the next root."""
        async with asyncio.timeout(20):
            root = await self.file.appended.get()
        return root.number, root.seq

    def roots(self) -> list[tuple[int, int]]:
        lines = self.file.path.read_text().splitlines() if self.file.path.exists() else []
        return [(one["number"], one["seq"]) for one in map(json.loads, lines)]


@asynccontextmanager
async def opened(data: Path, **more: Any) -> AsyncIterator[Office]:
    store = await SqlStore.open(data / "atrium.db")
    engine = Engine(store, timezone=ZoneInfo("Europe/Berlin"))
    file = Watched(data / FOLDER / ROOTS_FILE)
    notary = Notary(engine, store.rows, SigningKey.open(data), file, lambda: NOW, **more)
    known = len(await store.audit())
    yield Office(data, store, TaskList(engine, store), notary, file, known)
    await store.close()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path / "data") as one:
        yield one


@asynccontextmanager
async def running(notary: Notary) -> AsyncIterator[None]:
    job = asyncio.create_task(notary.run())
    try:
        yield
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


def audit(office: Path, *words: str | Path) -> int:
    return main(["audit", "verify", "--data-dir", str(office), *map(str, words)])


# --- keys --------------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = SigningKey.open(tmp_path)
    assert (tmp_path / FOLDER / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert SigningKey.open(tmp_path).public.id == first.public.id
    root = first.signed(ROOT)
    assert first.public.made(root)
    assert not first.public.made(replace(root, seq=4))
    assert not first.public.made(replace(root, signature="no hex"))
    assert not SigningKey.open(tmp_path / "other").public.made(root)


def test_a_key_that_others_may_read_is_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    SigningKey.open(tmp_path)
    (tmp_path / FOLDER / KEY_FILE).chmod(0o644)
    SigningKey.open(tmp_path)
    assert (tmp_path / FOLDER / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert "readable by others" in caplog.text


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(AuditKeyError, match="there is no key"):
        SigningKey.read(tmp_path)
    SigningKey.open(tmp_path)
    path = tmp_path / FOLDER / KEY_FILE
    for content in (
        b"nonsense",
        generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ):
        path.write_bytes(content)
        with pytest.raises(AuditKeyError, match="is damaged"):
            SigningKey.open(tmp_path)
    public = generate_private_key(SECP256R1()).public_key()
    other = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for content, said in ((b"nonsense", "holds no public key"), (other, "another kind of key")):
        path.write_bytes(content)
        with pytest.raises(AuditKeyError, match=said):
            PublicKey.read(path)


# --- the file ----------------------------------------------------------------------------------------------------


def test_roots_are_appended_and_the_last_one_is_found(tmp_path: Path) -> None:
    key, file = SigningKey.open(tmp_path), RootsFile(tmp_path / FOLDER / ROOTS_FILE)
    assert (file.last().root, file.last().link, file.last().seq) == (None, GENESIS, 0)
    one = key.signed(ROOT)
    file.append(one)
    two = key.signed(replace(ROOT, number=2, seq=9, previous=link_of(line_of(one))))
    file.append(two)
    assert file.path.read_text() == f"{line_of(one)}\n{line_of(two)}\n"
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert (file.last().root, file.last().link) == (two, link_of(line_of(two)))


@pytest.mark.parametrize("whole", [0, 1])
def test_a_torn_last_line_is_mended(tmp_path: Path, whole: int, caplog: pytest.LogCaptureFixture) -> None:
    file = RootsFile(tmp_path / ROOTS_FILE)
    line = line_of(SigningKey.open(tmp_path).signed(ROOT))
    for cut in (1, 50, len(line)):
        file.path.write_text(f"{line}\n" * whole + line[:cut])
        assert file.last().seq == 3 * whole
        assert file.path.read_text() == f"{line}\n" * whole
    assert "not written to its end" in caplog.text


def test_a_last_line_that_is_no_root_is_said(tmp_path: Path) -> None:
    file = RootsFile(tmp_path / ROOTS_FILE)
    file.path.write_text("nonsense\n")
    with pytest.raises(RootsError, match="move the file aside"):
        file.last()


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")
    file = RootsFile(tmp_path / "blocked" / ROOTS_FILE)
    with pytest.raises(RootsError, match="cannot be written"):
        file.append(ROOT)
    with pytest.raises(RootsError, match="cannot be read"):
        file.last()


# --- when roots are signed ---------------------------------------------------------------------------------------


async def test_a_root_covers_all_that_is_new_and_nothing_twice(office: Office) -> None:
    assert await office.notary.sign() is None
    await office.note(3)
    root = await office.notary.sign()
    assert root is not None
    entries = await office.store.audit()
    assert (root.number, root.seq, root.hash, root.at) == (1, 3, entries[2].hash, NOW)
    assert await office.notary.sign() is None
    await office.note()
    await office.notary.sign()
    assert office.roots() == [(1, 3), (2, 4)]
    assert office.notary.trouble == ""


async def test_so_many_entries_are_signed_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path / "data", entries=3, seconds=3600.0) as office, running(office.notary):
        await asyncio.sleep(0)  # it looks at what was there before ...
        assert await office.notary.sign() is None  # ... and this waits behind that
        await office.note(2)
        assert office.roots() == []
        await office.note(1)
        assert await office.signed() == (1, 3)
        await office.note(3)
        assert await office.signed() == (2, 6)


async def test_few_entries_are_signed_after_a_while(tmp_path: Path) -> None:
    async with opened(tmp_path / "data", seconds=0.0) as office, running(office.notary):
        await office.note()
        assert await office.signed() == (1, 1)


async def test_what_a_crash_left_unsigned_is_signed_at_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path / "data", seconds=3600.0) as office:
        await office.note(2)
        await office.notary.sign()
        await office.note(2)
    async with opened(tmp_path / "data", seconds=3600.0) as office, running(office.notary):
        assert await office.signed() == (2, 4)
    assert audit(tmp_path / "data") == 0


async def test_an_audit_that_contradicts_its_roots_is_never_signed(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.note(3)
    await office.notary.sign()
    await office.tamper("UPDATE audit SET hash = 'other' WHERE seq = 3")
    await office.note()
    for _ in range(2):
        assert await office.notary.sign() is None
    assert office.roots() == [(1, 3)]
    assert "atrium audit verify" in office.notary.trouble
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 1


async def test_nothing_is_signed_behind_a_line_that_was_not_signed(office: Office) -> None:
    await office.note(2)
    root = await office.notary.sign()
    assert root is not None
    await office.note()
    forged = replace(root, at=root.at.replace(year=2027))
    await asyncio.to_thread(office.file.path.write_text, f"{line_of(forged)}\n")
    assert await office.notary.sign() is None
    assert "does not bear this office's signature" in office.notary.trouble
    assert office.roots() == [(1, 2)]


async def test_what_could_not_be_written_is_tried_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "data", seconds=0.0) as office:
        await office.note()
        office.file.path.mkdir()
        async with running(office.notary):
            async with asyncio.timeout(20):
                await office.file.failed.wait()
            office.file.path.rmdir()
            assert await office.signed() == (1, 1)
        assert await office.notary.sign() is None
        assert office.notary.trouble == ""


async def test_another_key_goes_on_and_both_are_needed_to_verify(tmp_path: Path) -> None:
    data, before = tmp_path / "data", tmp_path / "before.pem"
    async with opened(data) as office:
        await office.note()
        await office.notary.sign()
    before.write_text(SigningKey.read(data).public.pem)
    (data / FOLDER / KEY_FILE).unlink()
    async with opened(data) as office:
        await office.note()
        await office.notary.sign()
        assert office.roots() == [(1, 1), (2, 2)]
    now = tmp_path / "now.pem"
    now.write_text(SigningKey.read(data).public.pem)
    assert audit(data) == 1
    assert audit(data, "--public-key", before) == 1
    assert audit(data, "--public-key", before, "--public-key", now) == 0


# --- atrium audit ------------------------------------------------------------------------------------------------


async def test_a_whole_audit_is_said_to_hold(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(office.data) == 0
    await office.note(4)
    await office.notary.sign()
    await office.note()
    assert audit(office.data) == 0
    said = capsys.readouterr().out
    assert "5 entries hold, 1 signed root up to entry 4" in said
    assert "no root covers entries 5 to 5 yet" in said
    assert audit(office.data, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["entries"], found["roots"], found["signed_to"]) == (True, 5, 1, 4)


@pytest.mark.parametrize(
    ("sql", "kind", "seq"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE seq = 2", "changed", 2),
        ("DELETE FROM audit WHERE seq = 2", "removed", 2),
        ("DELETE FROM audit WHERE seq > 2", "cut", 3),
        ("UPDATE audit_head SET seq = 3", "added", 4),
    ],
)
async def test_what_somebody_did_is_named(
    office: Office, capsys: pytest.CaptureFixture[str], sql: str, kind: str, seq: int
) -> None:
    await office.note(4)
    await office.notary.sign()
    await office.tamper(sql)
    assert audit(office.data, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["ok"]
    assert [(one["kind"], one["seq"]) for one in found["faults"]] == [(kind, seq)]
    assert audit(office.data) == 1
    assert f"FAULT at entry {seq} ({kind})" in capsys.readouterr().out


async def test_roots_kept_elsewhere_tell_of_what_the_office_has_forgotten(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await office.note(4)
    await office.notary.sign()
    kept, key = tmp_path / "kept.jsonl", tmp_path / "key.pem"
    kept.write_bytes(office.file.path.read_bytes())
    assert main(["audit", "public-key", "--data-dir", str(office.data)]) == 0
    key.write_text(capsys.readouterr().out)
    office.file.path.unlink()
    await office.tamper("DELETE FROM audit WHERE seq > 2")
    await office.tamper("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)")
    assert audit(office.data) == 0
    assert audit(office.data, "--roots", kept, "--public-key", key, "--json") == 1
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(one["kind"], one["seq"]) for one in found["faults"]] == [("cut", 3)]


async def test_a_changed_root_is_named(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    await office.note()
    await office.notary.sign()
    line = office.file.path.read_text()
    office.file.path.write_text(line.replace('"at":"2026', '"at":"2027'))
    assert audit(office.data) == 1
    assert "does not bear the signature" in capsys.readouterr().out


async def test_an_audit_on_postgres_is_verified_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with postgres_server() as running_server:
        address = running_server.database()
        store = await SqlStore.open(address)
        await TaskList(Engine(store, timezone=UTC), store).add(TaskDraft(text="Send it"), key="k", now=NOW)
        await store.close()
        assert audit(tmp_path, "--database", address) == 0
        assert "1 entry holds, 0 signed roots" in capsys.readouterr().out


def test_what_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(tmp_path / "none") == 2
    assert audit(tmp_path, "--roots", tmp_path / "none.jsonl", "--public-key", tmp_path / "none.pem") == 2
    assert "--data-dir" in capsys.readouterr().err


async def test_a_backup_holds_no_root_for_what_its_database_does_not_know_yet(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.note(2)
    await office.notary.sign()
    first = office.file.path.read_bytes()
    await office.note()
    await office.notary.sign()
    grown = office.file.path.read_bytes()
    office.file.path.write_bytes(first)
    await office.tamper("DELETE FROM audit WHERE seq = 3")
    await office.tamper("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)")
    copy = server.backup._copy_database

    def copy_while_it_grows(source: Path, target: Path) -> str | None:
        """An entry and its root come right after the database was copied."""
        made = copy(source, target)
        office.file.path.write_bytes(grown)
        return made

    monkeypatch.setattr(server.backup, "_copy_database", copy_while_it_grows)
    backup(office.data, tmp_path / "office.tar.gz")
    restore(tmp_path / "office.tar.gz", tmp_path / "back")
    assert audit(tmp_path / "back") == 0


async def test_an_audit_holds_after_a_backup_of_the_running_office_came_back(
    office: Office, tmp_path: Path
) -> None:
    await office.note(3)
    await office.notary.sign()
    backup(office.data, tmp_path / "office.tar.gz")
    restore(tmp_path / "office.tar.gz", tmp_path / "back")
    assert audit(tmp_path / "back") == 0
    async with opened(tmp_path / "back") as again:
        await again.note()
        await again.notary.sign()
        assert again.roots() == [(1, 3), (2, 4)]
    assert audit(tmp_path / "back") == 0
