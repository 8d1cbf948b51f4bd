"""`make test` and `make check`: every suite runs, a short table says how each went."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from scripts import debian, preflight
from scripts.console import ROOT, Stop, say, seconds
from scripts.environment import (
    CLIENT,
    VENV,
    VENV_PYTHON,
    install_client_packages,
    node_env,
    prepare,
)

PYTHON_FOLDERS = ("server", "avatars", "spatial", "media", "workflows", "scripts", "benchmarks", "tests")
MODULES = CLIENT / "node_modules"
PYTEST = (str(VENV_PYTHON), "-m", "pytest", "-q")
WORKFLOW_TESTS = Path("tests", "workflows")
CORE_TESTS = (
    "core", "test_action_item.py", "test_definition.py", "test_diagram.py", "test_engine.py", "test_memory.py",
    "test_reading.py", "test_rehearsal.py", "test_script.py", "test_svg.py",
)  # fmt: skip
"""Those of the workflows' tests that without chance take every branch of the core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One program that judges the checkout."""

    name: str
    command: Sequence[str]
    cwd: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict)
    beside: bool = False
    """It mostly waits: it runs beside the first one that is not, and what it says is shown when that is over."""


def test(only: Sequence[str]) -> None:
    """Run pytest, the coverage of the workflows' core, vitest and the browser tests.

    Args:
        only: names of suites to run; all when empty.

    Raises:
        Stop: a suite failed or is not known, or a program that the tests need is missing.
    """
    missing = debian.missing_test_packages()
    if missing:
        debian.install(missing, "testing")
    prepare(dev=True)
    node = preflight.find_node()
    suites = [
        Suite(name="pytest", command=[*PYTEST, f"--ignore={WORKFLOW_TESTS}"]),
        Suite(name="workflows", command=[*PYTEST, str(WORKFLOW_TESTS)], beside=True),
        _core_coverage(),
        _node_suite(node, "vitest", "vitest/vitest.mjs", "run"),
    ]
    if (CLIENT / "playwright.config.ts").is_file():
        suites.append(_node_suite(node, "browser", "@playwright/test/cli.js", "test"))
    _run_all(_chosen(suites, only))


def check(only: Sequence[str]) -> None:
    """Check format, lint, types, import rules and the house rules.

    Args:
        only: names of suites to run; all when empty.

    Raises:
        Stop: a suite found something, or is not known.
    """
    prepare(dev=True, client=False)
    node = preflight.find_node()
    install_client_packages()
    tools = VENV / "bin"
    folders = [name for name in PYTHON_FOLDERS if (ROOT / name).is_dir()]
    suites = [
        Suite(name="format", command=[str(tools / "ruff"), "format", "--check", "."]),
        Suite(name="lint", command=[str(tools / "ruff"), "check", "."]),
        Suite(name="types", command=[str(tools / "mypy"), *folders]),
        Suite(name="imports", command=[str(tools / "lint-imports"), "--cache-dir", ".import_linter_cache"]),
        Suite(name="house-rules", command=[str(VENV_PYTHON), "-m", "scripts.house_rules"]),
        _node_suite(node, "client-types", "typescript/bin/tsc", "--noEmit"),
        _node_suite(node, "client-lint", "eslint/bin/eslint.js", ".", "--max-warnings", "0"),
    ]
    _run_all(_chosen(suites, only))


def _core_coverage() -> Suite:
    """Fail where a branch of `workflows/*.py` is taken by no test, or by Hypothesis alone: by chance."""
    config = WORKFLOW_TESTS / "core" / "coverage.ini"
    chosen = ["-m", "not hypothesis", "--cov", f"--cov-config={config}"]
    tests = [str(WORKFLOW_TESTS / name) for name in CORE_TESTS]
    return Suite(name="core-coverage", command=[*PYTEST, *chosen, *tests], beside=True)


def _node_suite(node: Path, name: str, program: str, *arguments: str) -> Suite:
    command = [str(node), str(MODULES / program), *arguments]
    return Suite(name=name, command=command, cwd=CLIENT, env=node_env(node))


def _chosen(suites: Sequence[Suite], only: Sequence[str]) -> list[Suite]:
    unknown = set(only) - {suite.name for suite in suites}
    if unknown:
        known = ", ".join(suite.name for suite in suites)
        raise Stop(f"atrium: no suite named {', '.join(sorted(unknown))}. There are: {known}.")
    return [suite for suite in suites if not only or suite.name in only]


def _run_all(suites: Sequence[Suite]) -> None:
    alone = [suite for suite in suites if not suite.beside]
    beside = [suite for suite in suites if suite.beside]
    if not alone:
        alone, beside = beside, []
    results: list[tuple[str, bool, float]] = []
    with ThreadPoolExecutor(1) as pool:
        others = [pool.submit(_quietly, suite) for suite in beside]
        for suite in alone:
            say(f"\n== {suite.name}")
            results.append(_run(suite))
            for other, running in zip(beside, others, strict=True):
                result, said = running.result()
                say(f"\n== {other.name}\n{said}")
                results.append(result)
            beside, others = [], []
    say("")
    for name, passed, took in results:
        say(f"{'ok    ' if passed else 'FAILED'}  {name:<14} {seconds(took):>12}")
    failed = [name for name, passed, _ in results if not passed]
    if failed:
        raise Stop(f"atrium: {', '.join(failed)} failed; the output is above.")


def _run(suite: Suite, output: IO[str] | None = None) -> tuple[str, bool, float]:
    started = time.monotonic()
    env = {**os.environ, **suite.env}
    told = None if output is None else subprocess.STDOUT
    done = subprocess.run(suite.command, cwd=suite.cwd, env=env, check=False, stdout=output, stderr=told)
    return suite.name, done.returncode == 0, time.monotonic() - started


def _quietly(suite: Suite) -> tuple[tuple[str, bool, float], str]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        result = _run(suite, output)
        output.seek(0)
        return result, output.read()
