"""What is installed and pinned, and what the documents promise."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lock import pinned_lines

ROOT = Path(__file__).parents[1]
OURS = ("server", "avatars", "spatial", "media", "workflows", "benchmarks")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "assets").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The [project] table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


@pytest.fixture(scope="module")
def pinned() -> dict[str, str]:
    """Package -> version of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="ascii").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.mark.parametrize("name", OURS)
def test_no_other_distribution_provides_our_packages(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"atrium-office"}


def test_every_direct_dependency_is_pinned_above_its_lower_bound(
    project: dict[str, Any], pinned: dict[str, str]
) -> None:
    for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in constraints.txt; run make lock"
        assert requirement.specifier.contains(version), f"{requirement} is not met by {version}"


def test_every_dependency_has_a_lower_bound(project: dict[str, Any]) -> None:
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for line in [*project["dependencies"], *extras]:
        assert any(part.operator in (">=", "==") for part in Requirement(line).specifier), line


def test_the_plain_install_brings_no_torch(project: dict[str, Any], pinned: dict[str, str]) -> None:
    plain = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    heavy = {"torch", "transformers", "tensorflow"}
    assert not heavy & (plain | pinned.keys())


def test_constraints_hold_nothing_but_versions(pinned: dict[str, str]) -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="ascii")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines == pinned_lines(text)
    assert len(lines) == len(pinned)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        path, _, anchor = unquote(target).partition("#")
        linked = (page.parent / path).resolve()
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor and linked.suffix == ".md":
            assert anchor in _anchors(linked), f"{page.name} links to {target}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_generated_reference_is_up_to_date() -> None:
    from scripts.reference import pages

    for page, text in pages().items():
        assert page.read_text(encoding="utf-8") == text, f"run make docs: {page.name} has fallen behind the code"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
