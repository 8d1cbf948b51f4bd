"""Where models come from: a hub over HTTP, or a folder of this machine. Both say what a file must be."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, urlsplit

import httpx

from server.models.errors import ModelError
from server.models.manifest import NEEDED, is_plain_path, read_manifest

BLOCK = 1024 * 1024
SUMS = "SHA256SUMS"
_HEX64 = re.compile(r"[0-9a-f]{64}")
_HEX40 = re.compile(r"[0-9a-f]{40}")
_SUMS_LINE = re.compile(r"\\?([0-9a-fA-F]{64}) [ *](.+)")
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


class SourceLost(ModelError):
    """The source does not answer or broke off; a later try may go on from there."""

    code = "source_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file that can be fetched, and what it must be; one of the two sums is known."""

    path: str
    size: int
    """Bytes."""
    sha256: str = ""
    git_sha1: str = ""
    """As git names a file's content."""

    @property
    def tag(self) -> str:
        """Tells this content of the file from another."""
        return (self.sha256 or self.git_sha1)[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a source has of one model."""

    revision: str
    """The commit; empty: not known."""
    licence: str
    """As the source calls it; empty: it does not say."""
    files: tuple[RemoteFile, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """Content that comes in."""

    start: int
    """Of which byte the first block begins; 0 although more was asked for: the source cannot resume."""
    blocks: Iterator[bytes]


class Source(Protocol):
    """Something that models can be fetched from."""

    def listing(self, repository: str, name: str) -> Listing:
        """List a model's files.

        Raises:
            SourceLost: it does not answer now.
            ModelError: it has no such model, or no checksums of it.
        """

    def open(
        self, repository: str, name: str, revision: str, path: str, start: int
    ) -> AbstractContextManager[Stream]:
        """Open a file from a byte on.

        Raises:
            SourceLost: it does not answer or breaks off; also while blocks are read.
            ModelError: it has no such file.
        """


class Hub:
    """The Hugging Face hub, or a mirror that speaks as it does.

    Args:
        url: where it is, as `https://huggingface.co`.
        revision: a branch, tag or commit.
        client: for requests; default: one that minds the proxies of the environment.

    Raises:
        ModelError: the address is none.
    """

    def __init__(self, url: str, *, revision: str = "main", client: httpx.Client | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ModelError(f"{url!r} is no address of a hub; write it as https://huggingface.co")
        self._url = url.rstrip("/")
        self._host = parts.netloc
        self._revision = revision
        try:
            self._client = client or httpx.Client(follow_redirects=True, timeout=_TIMEOUT)
        except (ImportError, ValueError) as fault:
            raise ModelError(f"the proxy that the environment names cannot be used: {fault}") from fault

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def listing(self, repository: str, name: str) -> Listing:
        """List a model's files, of one commit; see `Source.listing`."""
        base = f"{self._url}/api/models/{repository}"
        about = self._json(f"{base}/revision/{quote(self._revision, safe='')}", repository)
        try:
            revision = str(about["sha"])
            licence = str((about.get("cardData") or {}).get("license") or "")
            tree = self._json(f"{base}/tree/{quote(revision, safe='')}?recursive=true", repository)
            files = tuple(_remote_file(entry) for entry in tree if entry["type"] == "file")
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise ModelError(
                f"{self._host} answers in a way that is not the hub's ({fault!r}); check --url"
            ) from fault
        return Listing(revision=revision, licence=licence, files=files)

    @contextmanager
    def open(self, repository: str, name: str, revision: str, path: str, start: int) -> Iterator[Stream]:
        """Open a file from a byte on; see `Source.open`."""
        address = f"{self._url}/{repository}/resolve/{quote(revision, safe='')}/{quote(path)}"
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        with self._lost(), self._client.stream("GET", address, headers=headers) as answer:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                yield Stream(0, iter(()))  # what is here is longer than what is there: begin anew
                return
            self._must_be_well(answer, f"{repository} has no file {path}")
            begin = _first_byte(answer) if answer.status_code == httpx.codes.PARTIAL_CONTENT else 0
            # Without a size for blocks: a block that a cut leaves unfinished would be lost.
            yield Stream(begin, answer.iter_bytes())

    def _json(self, address: str, repository: str) -> Any:
        with self._lost():
            answer = self._client.get(address, headers={"Accept": "application/json"})
        self._must_be_well(answer, f"it has no model {repository} (or not this revision of it)")
        try:
            return answer.json()
        except ValueError as fault:
            raise ModelError(f"{self._host} does not answer in JSON; check --url") from fault

    def _must_be_well(self, answer: httpx.Response, absent: str) -> None:
        status = answer.status_code
        if answer.is_success:
            return
        if status == 429 or status >= 500:
            raise SourceLost(f"{self._host} is busy or out of order ({status})")
        if status == 404:
            raise ModelError(f"{self._host} says {absent}")
        if status in (401, 403):
            raise ModelError(
                f"{self._host} does not give this to everybody ({status}): the name is wrong or a sign-in is "
                "needed. Fetch it by other means and use --from FOLDER"
            )
        raise ModelError(f"{self._host} answered {status} for {answer.request.url}")

    @contextmanager
    def _lost(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as fault:
            raise SourceLost(f"{self._host} does not answer") from fault
        except httpx.TransportError as fault:
            raise SourceLost(f"the connection to {self._host} failed ({fault or type(fault).__name__})") from fault
        except (httpx.InvalidURL, httpx.TooManyRedirects, httpx.DecodingError) as fault:
            raise ModelError(f"{self._host} cannot be fetched from: {fault}") from fault


class Mirror:
    """A folder with models: what another office fetched, a copy of the hub's cache, or files with SHA256SUMS.

    Args:
        folder: the folder of one model, or one with a folder for each, by name or as `owner/name`.

    Raises:
        ModelError: there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ModelError(f"{folder} is not a folder; --from takes the folder that holds the model")
        self._folder = folder

    def listing(self, repository: str, name: str) -> Listing:
        """List a model's files; see `Source.listing`."""
        folder = self._find(repository, name)
        manifest = read_manifest(folder)
        if manifest is not None:
            listed = tuple(RemoteFile(path=p, size=f.size, sha256=f.sha256) for p, f in manifest.files.items())
            for entry in listed:
                _must_have(folder / entry.path, entry.size)
            return Listing(revision=manifest.revision, licence=manifest.licence, files=listed)
        sums = _read_sums(folder)
        files = []
        for file in sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS):
            sha256, git_sha1 = sums.get(file.name, ""), ""
            if not sha256:
                # In the hub's cache a file is a link to a blob that is named by its checksum.
                blob = file.resolve().name
                sha256 = blob if _HEX64.fullmatch(blob) else ""
                git_sha1 = blob if _HEX40.fullmatch(blob) else ""
            if sha256 or git_sha1:
                files.append(
                    RemoteFile(path=file.name, size=file.stat().st_size, sha256=sha256, git_sha1=git_sha1)
                )
        if not files:
            raise ModelError(
                f"{folder} says nothing of checksums: where its files are known to be right, "
                f"run `sha256sum * > {SUMS}` there and take the file along"
            )
        revision = folder.name if folder.parent.name == "snapshots" else ""
        return Listing(revision=revision, licence="", files=tuple(files))

    @contextmanager
    def open(self, repository: str, name: str, revision: str, path: str, start: int) -> Iterator[Stream]:
        """Open a file from a byte on; see `Source.open`."""
        file = self._find(repository, name) / path
        try:
            content = file.open("rb")
        except OSError as fault:
            raise ModelError(f"{file} cannot be read: {fault.strerror}") from fault
        with content:
            content.seek(start)
            yield Stream(start, _blocks(content, file))

    def _find(self, repository: str, name: str) -> Path:
        root = self._folder
        near = [root / name, root / repository, root / repository.rpartition("/")[2]]
        cached = root / f"models--{repository.replace('/', '--')}" / "snapshots"
        with contextlib.suppress(FileNotFoundError):
            near += sorted(cached.iterdir(), reverse=True)
        for folder in (*near, root):
            if any((folder / files[0]).is_file() for files in NEEDED.values()):
                return folder
        raise ModelError(
            f"{root} holds no model {name}: neither model.bin in it nor a folder {name} or {repository}"
        )


def _must_have(file: Path, size: int) -> None:
    if not file.is_file():
        raise ModelError(f"{file} is missing; copy the whole folder of the model")
    if (found := file.stat().st_size) != size:
        raise ModelError(f"{file} has {found} bytes and should have {size}; copy it again")


def _blocks(content: BinaryIO, file: Path) -> Iterator[bytes]:
    try:
        while block := content.read(BLOCK):
            yield block
    except OSError as fault:
        raise ModelError(f"{file} cannot be read: {fault.strerror}") from fault


def _remote_file(entry: Mapping[str, Any]) -> RemoteFile:
    path, size = str(entry["path"]), int(entry["size"])
    if not is_plain_path(path) or size < 0:
        raise ValueError(f"the file {path!r} of {size} bytes")
    large = entry.get("lfs")
    if large is None:
        return RemoteFile(path=path, size=size, git_sha1=_sum(entry["oid"], _HEX40))
    return RemoteFile(path=path, size=int(large["size"]), sha256=_sum(large["oid"], _HEX64))


def _sum(value: object, pattern: re.Pattern[str]) -> str:
    text = str(value).removeprefix("sha256:").lower()
    if not pattern.fullmatch(text):
        raise ValueError(f"{value!r} is no checksum")
    return text


def _first_byte(answer: httpx.Response) -> int:
    found = re.match(r"bytes (\d+)-", answer.headers.get("content-range", ""))
    if found is None:
        raise SourceLost("the source says not from where it goes on")
    return int(found[1])


def _read_sums(folder: Path) -> dict[str, str]:
    try:
        text = (folder / SUMS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as fault:
        raise ModelError(f"{folder / SUMS} cannot be read: {fault}") from fault
    found = (_SUMS_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return {match[2].removeprefix("./"): match[1].lower() for match in found if match is not None}
