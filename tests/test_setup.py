"""The set-up commands: what they say when something is missing, and what they remember."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import console, debian, house_rules, preflight, stamps
from scripts.console import Stop
from scripts.lock import pinned_lines

ROOT = Path(__file__).parents[1]


def program(folder: Path, name: str, prints: str, status: int = 0) -> None:
    """Put a program into a folder that prints a line."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{prints}'\nexit {status}\n")
    path.chmod(0o755)


def launch(path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher with only the shell's own programs and those in `path`."""
    for name in ("dirname",):
        (path / name).symlink_to(shutil.which(name) or name)
    return subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "setup.sh"), "setup"],
        env={"PATH": str(path), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_python_says_what_to_install(tmp_path: Path) -> None:
    done = launch(tmp_path)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, found no python3" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_an_old_python_is_named(tmp_path: Path) -> None:
    program(tmp_path, "python3", "Python 3.9.2", status=0)
    (tmp_path / "python3").write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    assert "found Python 3.9.2" in launch(tmp_path).stderr


def test_a_wrong_choice_of_python_is_refused(tmp_path: Path) -> None:
    assert "PYTHON=/nowhere/python is not" in launch(tmp_path, PYTHON="/nowhere/python").stderr


@pytest.mark.parametrize(
    ("version", "fine"), [("v18.20.4", False), ("v20.18.0", False), ("v20.19.0", True), ("v24.1.0", True)]
)
def test_node_must_be_new_enough(
    version: str, fine: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "node", version)
    monkeypatch.setenv("NODE", str(tmp_path / "node"))
    if fine:
        assert preflight.find_node() == tmp_path / "node"
    else:
        with pytest.raises(Stop, match=r"20\.19 or newer is needed"):
            preflight.find_node()


def test_no_node_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NODE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Stop, match="no node was found"):
        preflight.find_node()


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(ROOT)._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Stop, match=r"1\.0 GB are free"):
        preflight.check_disk()


def test_without_root_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(Stop, match="sudo apt-get install --no-install-recommends flite"):
        debian.install(["flite"], "testing")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own."""
    monkeypatch.setattr(console, "LOGS", tmp_path / ".setup" / "logs")
    for module in (console, stamps):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(stamps, "STATE", tmp_path / ".setup")
    return tmp_path


def test_a_stamp_holds_until_a_source_changes(state: Path) -> None:
    source = state / "src"
    source.mkdir()
    (source / "a.ts").write_text("1")
    stamps.stamp("client", stamps.fingerprint([source]))
    assert stamps.is_fresh("client", stamps.fingerprint([source]))
    (source / "a.ts").write_text("2")
    assert not stamps.is_fresh("client", stamps.fingerprint([source]))
    stamps.forget("client")
    assert not stamps.is_fresh("client", stamps.fingerprint([source]))


def test_a_failing_step_shows_its_last_lines_and_its_log(state: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = "for n in $(seq 40); do echo line $n; done; exit 3"
    with pytest.raises(Stop) as caught:
        console.step("Trying", ["/bin/sh", "-c", script], log="try", hint="Do this.", cwd=state)
    message = str(caught.value)
    assert "line 40" in message
    assert "line 25\n" not in message
    assert "Do this. Full output: .setup/logs/try.log" in message
    assert capfd.readouterr().out.startswith("Trying ... failed")


def test_a_lost_network_is_recognised(state: Path) -> None:
    command = ["/bin/sh", "-c", "echo npm error ENOTFOUND; exit 1"]
    with pytest.raises(Stop, match="network seems out of reach"):
        console.step("Trying", command, log="try", hint="", cwd=state, online=True)


def test_a_lock_holds_versions_only() -> None:
    frozen = "numpy==2.4.6\natrium-office==0.1.0\n-e /somewhere\n# a comment\nx @ file:///tmp/x\npip==26.3\nAlembic==1.20.1"
    assert pinned_lines(frozen) == ["Alembic==1.20.1", "numpy==2.4.6"]


def test_house_rules_name_the_file_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text("")
    (tmp_path / "long.py").write_text("x = 1\n" * (house_rules.LONGEST + 1))
    (tmp_path / "quiet.py").write_text("try:\n    run()\nexcept Exception:\n    pass\n")
    files = [Path("tests/__init__.py"), Path("long.py"), Path("quiet.py"), Path("gone.py")]
    found = list(house_rules.faults(tmp_path, files))
    assert [line.split(":")[0] for line in found] == ["tests/__init__.py", "long.py", "quiet.py"]


@pytest.mark.parametrize(("value", "words"), [(0.44, "0.4 s"), (12.0, "12 s"), (125.0, "2 min 05 s")])
def test_durations_read_well(value: float, words: str) -> None:
    assert console.seconds(value) == words
