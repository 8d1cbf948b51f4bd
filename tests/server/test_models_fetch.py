"""Fetching models from a hub and from folders: cuts, wrong content, full disks."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.models.catalog import CATALOG, belongs, find_offer
from server.models.errors import DamagedModel, ModelError
from server.models.fetch import SPARE, TRIES, Hooks, Progress, pull
from server.models.manifest import Format, Manifest, is_plain_path, read_manifest
from server.models.sources import Hub, Mirror
from server.models.store import chosen_model, installed, look_at, verify
from tests.server.model_hub import COMMIT, REPOSITORY, git_sha1, open_hub
from tests.server.model_hub import Hub as StandIn

OFFER = CATALOG["tiny.en"]
PARTS = ["config.json", "model.bin", "tokenizer.json", "vocabulary.txt"]


@dataclass(kw_only=True)
class Watch:
    """Notes what a fetch does."""

    seen: list[Progress] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    free: int = 10**12
    stop_at: int | None = None

    def hooks(self) -> Hooks:
        return Hooks(
            progress=self._progress,
            say=self.said.append,
            wait=self.waits.append,
            free=lambda folder: self.free,
            now=lambda: 1_700_000_000.0,
        )

    def _progress(self, progress: Progress) -> None:
        self.seen.append(progress)
        if self.stop_at is not None and progress.done >= self.stop_at:
            raise KeyboardInterrupt


@pytest.fixture
def hub() -> Iterator[StandIn]:
    with open_hub() as running:
        yield running


CLIENT = httpx.Client(follow_redirects=True, trust_env=False, verify=False)
"""One for all: to make one takes longer than to fetch a small model."""


@pytest.fixture(autouse=True, scope="module")
def closed() -> Iterator[None]:
    with CLIENT:
        yield


def fetch(hub: StandIn, folder: Path, watch: Watch | None = None) -> Manifest:
    return pull(Hub(hub.url, client=CLIENT), OFFER, folder, (watch or Watch()).hooks())


def test_a_model_comes_in_whole_with_its_manifest(hub: StandIn, tmp_path: Path) -> None:
    watch = Watch()
    manifest = fetch(hub, tmp_path, watch)
    assert sorted(manifest.files) == PARTS
    assert (manifest.revision, manifest.licence, manifest.repository) == (COMMIT, "MIT", REPOSITORY)
    for path, file in manifest.files.items():
        content = (tmp_path / "tiny.en" / path).read_bytes()
        assert content == hub.files[path]
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert read_manifest(tmp_path / "tiny.en") == manifest
    assert verify(tmp_path, "tiny.en") == []
    assert [model.name for model in installed(tmp_path)] == ["tiny.en"]
    assert not (tmp_path / ".tiny.en.part").exists()
    assert (watch.seen[-1].done, watch.seen[-1].total) == (manifest.size, manifest.size)
    assert watch.waits == []


def test_a_cut_is_gone_on_from(hub: StandIn, tmp_path: Path) -> None:
    hub.cuts = [100_000, 50_000]
    watch = Watch()
    manifest = fetch(hub, tmp_path, watch)
    asked = [asked for path, asked in hub.asked if path == "model.bin"]
    assert asked == ["", "bytes=100000-", "bytes=150000-"]
    assert (tmp_path / "tiny.en" / "model.bin").read_bytes() == hub.files["model.bin"]
    assert watch.waits == [1.0, 1.0]
    done = [progress.done for progress in watch.seen]
    assert done == sorted(done)
    assert watch.seen[-1].done == watch.seen[-1].fresh == manifest.size


def test_a_stopped_fetch_goes_on_another_day(hub: StandIn, tmp_path: Path) -> None:
    hub.cuts = [120_000]
    watch = Watch(stop_at=120_000)
    with pytest.raises(KeyboardInterrupt):
        fetch(hub, tmp_path, watch)
    assert installed(tmp_path) == []
    hub.cuts, hub.asked = [], []
    watch = Watch()
    fetch(hub, tmp_path, watch)
    assert [(path, asked) for path, asked in hub.asked if path == "model.bin"] == [("model.bin", "bytes=120000-")]
    assert watch.seen[0].fresh < watch.seen[0].done
    assert verify(tmp_path, "tiny.en") == []


def test_it_gives_up_when_nothing_comes_in(hub: StandIn, tmp_path: Path) -> None:
    hub.failures = [503] * TRIES
    watch = Watch()
    with pytest.raises(ModelError, match=r"busy or out of order \(503\).*goes on from there"):
        fetch(hub, tmp_path, watch)
    assert watch.waits == [1.0, 2.0, 4.0, 8.0]


def test_a_source_that_cannot_resume_is_asked_anew(hub: StandIn, tmp_path: Path) -> None:
    hub.cuts, hub.ranges = [100_000], False
    watch = Watch()
    manifest = fetch(hub, tmp_path, watch)
    assert (tmp_path / "tiny.en" / "model.bin").read_bytes() == hub.files["model.bin"]
    assert watch.seen[-1].done == manifest.size


def test_wrong_content_is_thrown_away(hub: StandIn, tmp_path: Path) -> None:
    hub.spoiled = ["model.bin"]
    with pytest.raises(DamagedModel, match=r"model\.bin of tiny\.en came in, but is not what its checksum says"):
        fetch(hub, tmp_path)
    assert installed(tmp_path) == []
    fetch(hub, tmp_path)
    assert verify(tmp_path, "tiny.en") == []


def test_small_files_are_checked_too(hub: StandIn, tmp_path: Path) -> None:
    hub.spoiled = ["tokenizer.json"]
    with pytest.raises(DamagedModel, match=r"tokenizer\.json"):
        fetch(hub, tmp_path)


def test_a_damaged_first_half_is_fetched_once_more(hub: StandIn, tmp_path: Path) -> None:
    hub.cuts = [100_000]
    hub.spoiled = ["model.bin"]
    watch = Watch(stop_at=100_000)
    with pytest.raises(KeyboardInterrupt):
        fetch(hub, tmp_path, watch)
    watch = Watch()
    manifest = fetch(hub, tmp_path, watch)
    assert any("once more from the start" in line for line in watch.said)
    assert verify(tmp_path, "tiny.en") == []
    assert watch.seen[-1].done == manifest.size


def test_an_unfinished_file_longer_than_the_whole_is_begun_anew(hub: StandIn, tmp_path: Path) -> None:
    part = tmp_path / ".tiny.en.part"
    part.mkdir()
    tag = hashlib.sha256(hub.files["model.bin"]).hexdigest()[:16]
    (part / f"model.bin.{tag}.part").write_bytes(b"x" * 400_000)
    fetch(hub, tmp_path)
    assert verify(tmp_path, "tiny.en") == []


def test_an_unknown_model_is_said_so_at_once(hub: StandIn, tmp_path: Path) -> None:
    watch = Watch()
    with pytest.raises(ModelError, match="it has no model someone/else"):
        pull(Hub(hub.url, client=CLIENT), find_offer("someone/else"), tmp_path, watch.hooks())
    assert watch.waits == []


def test_a_repository_without_a_model_is_said_so(hub: StandIn, tmp_path: Path) -> None:
    del hub.files["model.bin"]
    with pytest.raises(ModelError, match=r"no speech model that Atrium can load: it has no model\.bin"):
        fetch(hub, tmp_path)


@pytest.mark.parametrize("status", [401, 403])
def test_a_sign_in_is_said_so(hub: StandIn, tmp_path: Path, status: int) -> None:
    hub.failures = [status]
    with pytest.raises(ModelError, match=rf"not give this to everybody \({status}\).*--from FOLDER"):
        fetch(hub, tmp_path)


def test_something_that_is_no_hub_is_said_so(hub: StandIn, tmp_path: Path) -> None:
    hub.files["../outside.json"] = b"{}"
    with pytest.raises(ModelError, match=r"not the hub's.*check --url"):
        fetch(hub, tmp_path)
    with pytest.raises(ModelError, match="no address of a hub"):
        Hub("huggingface.co")


def test_a_full_disk_is_seen_before_the_first_byte(hub: StandIn, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"needs 67 MB on the disk of .*, and 67 MB are free; make room"):
        fetch(hub, tmp_path, Watch(free=SPARE + 200_000))
    assert hub.asked == []
    fetch(hub, tmp_path, Watch(free=SPARE + 400_000))


def test_a_folder_that_cannot_be_written_is_said_so(hub: StandIn, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        fetch(hub, tmp_path / "file" / "models")


def test_what_is_here_is_not_fetched_again(hub: StandIn, tmp_path: Path) -> None:
    fetch(hub, tmp_path)
    hub.asked, watch = [], Watch()
    fetch(hub, tmp_path, watch)
    assert hub.asked == []
    assert watch.said == ["tiny.en is here already, and as the source has it."]


def test_a_pull_repairs_what_is_damaged_and_only_that(hub: StandIn, tmp_path: Path) -> None:
    fetch(hub, tmp_path)
    config = tmp_path / "tiny.en" / "config.json"
    config.write_bytes(b"X" * config.stat().st_size)
    assert verify(tmp_path, "tiny.en") == ["config.json is not what its checksum says"]
    hub.asked = []
    fetch(hub, tmp_path)
    assert hub.asked == [("config.json", "")]
    assert verify(tmp_path, "tiny.en") == []


def test_a_new_revision_takes_the_old_ones_place(hub: StandIn, tmp_path: Path) -> None:
    fetch(hub, tmp_path)
    (tmp_path / "active").write_text("tiny.en\n")
    hub.files["config.json"], hub.commit, hub.asked = b'{"new": 1}', "f" * 40, []
    manifest = fetch(hub, tmp_path)
    assert hub.asked == [("config.json", "")]
    assert manifest.revision == "f" * 40
    assert (tmp_path / "tiny.en" / "config.json").read_bytes() == b'{"new": 1}'
    assert chosen_model(tmp_path) == tmp_path / "tiny.en"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".tiny.en.lock", "active", "tiny.en"]


def test_another_repository_of_the_same_name_does_not_take_its_place(hub: StandIn, tmp_path: Path) -> None:
    fetch(hub, tmp_path)
    with pytest.raises(ModelError, match=r"lies here already, and is Systran/.*atrium models remove tiny\.en"):
        pull(Hub(hub.url, client=CLIENT), find_offer("someone/tiny.en"), tmp_path, Watch().hooks())
    assert verify(tmp_path, "tiny.en") == []


def test_two_fetches_of_a_model_do_not_meet(hub: StandIn, tmp_path: Path) -> None:
    with (tmp_path / ".tiny.en.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="being fetched by another command"):
            fetch(hub, tmp_path)


def test_proxies_of_the_environment_are_used(
    hub: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", hub.url)
    source = Hub("http://models.example")
    pull(source, OFFER, tmp_path, Watch().hooks())
    source.close()
    assert f"http://models.example/api/models/{REPOSITORY}/revision/main" in hub.hosts
    assert verify(tmp_path, "tiny.en") == []


@pytest.mark.parametrize("place", ["", "tiny.en", REPOSITORY, "faster-whisper-tiny.en"])
def test_a_folder_from_another_office_is_a_mirror(hub: StandIn, tmp_path: Path, place: str) -> None:
    fetch(hub, tmp_path / "there")
    shutil.copytree(tmp_path / "there" / "tiny.en", tmp_path / "stick" / place)
    hub.asked = []
    manifest = pull(Mirror(tmp_path / "stick"), OFFER, tmp_path / "here", Watch().hooks())
    assert (manifest.revision, hub.asked) == (COMMIT, [])
    assert verify(tmp_path / "here", "tiny.en") == []


def test_a_mirror_is_checked_as_the_hub_is(hub: StandIn, tmp_path: Path) -> None:
    fetch(hub, tmp_path / "stick")
    model = tmp_path / "stick" / "tiny.en" / "model.bin"
    whole = model.read_bytes()
    model.write_bytes(b"X" + whole[1:])
    with pytest.raises(DamagedModel, match=r"model\.bin"):
        pull(Mirror(tmp_path / "stick"), OFFER, tmp_path / "here", Watch().hooks())
    model.write_bytes(whole[:-1])
    with pytest.raises(ModelError, match="has 299999 bytes and should have 300000; copy it again"):
        pull(Mirror(tmp_path / "stick"), OFFER, tmp_path / "here", Watch().hooks())
    model.unlink()
    with pytest.raises(ModelError, match=r"holds no model|is missing"):
        pull(Mirror(tmp_path / "stick" / "tiny.en"), OFFER, tmp_path / "here", Watch().hooks())
    assert installed(tmp_path / "here") == []


def test_plain_files_need_their_sums(hub: StandIn, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for path in PARTS:
        (stick / path).write_bytes(hub.files[path])
    with pytest.raises(ModelError, match=r"sha256sum \* > SHA256SUMS"):
        pull(Mirror(stick), OFFER, tmp_path / "here", Watch().hooks())
    lines = [f"{hashlib.sha256(hub.files[path]).hexdigest()}  {path}" for path in PARTS]
    (stick / "SHA256SUMS").write_text("\n".join(lines) + "\n")
    manifest = pull(Mirror(stick), OFFER, tmp_path / "here", Watch().hooks())
    assert sorted(manifest.files) == PARTS
    assert manifest.revision == ""


def test_the_hubs_own_cache_is_a_mirror(hub: StandIn, tmp_path: Path) -> None:
    cached = tmp_path / "hub" / f"models--{REPOSITORY.replace('/', '--')}"
    (cached / "blobs").mkdir(parents=True)
    (cached / "snapshots" / COMMIT).mkdir(parents=True)
    for path in PARTS:
        content = hub.files[path]
        name = hashlib.sha256(content).hexdigest() if path in hub.large else git_sha1(content)
        (cached / "blobs" / name).write_bytes(content)
        (cached / "snapshots" / COMMIT / path).symlink_to(cached / "blobs" / name)
    manifest = pull(Mirror(tmp_path / "hub"), OFFER, tmp_path / "here", Watch().hooks())
    assert (manifest.revision, sorted(manifest.files)) == (COMMIT, PARTS)
    model = look_at(tmp_path / "here", "tiny.en")
    assert model is not None
    assert not any(path.is_symlink() for path in model.folder.iterdir())


def test_a_mirror_without_the_model_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--from takes the folder"):
        Mirror(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"holds no model tiny\.en"):
        pull(Mirror(tmp_path), OFFER, tmp_path / "here", Watch().hooks())


def test_the_catalogue_says_what_is_needed_to_choose() -> None:
    for offer in CATALOG.values():
        assert offer.purpose.endswith(".")
        assert offer.licence
        assert offer.size > 50_000_000
        assert offer.memory_float16 > 0
        assert offer.memory_int8 > 0 or offer.format is Format.TRANSFORMERS
        assert find_offer(offer.repository) is offer
    with pytest.raises(ModelError, match=r"no model 'smal\.en'; known are tiny\.en"):
        find_offer("smal.en")
    own = find_offer("someone/faster-whisper-small-da")
    assert (own.name, own.repository) == ("faster-whisper-small-da", "someone/faster-whisper-small-da")


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("model.bin", Format.CTRANSLATE2, True),
        ("vocabulary.json", Format.CTRANSLATE2, True),
        ("extra/model.bin", Format.CTRANSLATE2, False),
        ("vocabulary.d/x", Format.CTRANSLATE2, False),
        ("README.md", Format.CTRANSLATE2, False),
        ("model.safetensors", Format.TRANSFORMERS, True),
        ("pytorch_model.bin", Format.TRANSFORMERS, False),
    ],
)
def test_only_files_of_the_model_come_in(path: str, kind: Format, expected: bool) -> None:
    assert belongs(path, kind) is expected


@pytest.mark.parametrize(
    ("path", "plain"),
    [("a", True), ("a/b", True), ("", False), (".", False), ("/a", False), ("../a", False), ("a//b", False)],
)
def test_paths_stay_inside(path: Any, plain: bool) -> None:
    assert is_plain_path(path) is plain
