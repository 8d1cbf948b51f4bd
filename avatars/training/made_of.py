"""A mark of what a model was made from, so that one of before is never taken for one of now."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def code_of(module: str, without: Iterable[str] = ()) -> list[Path]:
    """The files of a module of `avatars` and of those of its modules that it stands on, sorted.

    Args:
        module: "avatars.training.requests_train".
        without: names of files that have no part in it; nor has what only they stand on.
    """
    left_out, found, waiting = frozenset(without), set[Path](), [module]
    while waiting:
        path = ROOT / f"{waiting.pop().replace('.', '/')}.py"
        if path in found or path.name in left_out or not path.is_file():
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "avatars":
                waiting += [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
    return sorted(found)


def mark(code: Iterable[Path], files: Iterable[Path]) -> str:
    """Twelve letters that change with what code does, and with each byte of other files.

    Args:
        code: Python files; how they are laid out, their comments and docstrings do not count.
        files: others.
    """
    made = hashlib.sha256()
    for path in code:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [part for part in body if not _is_words(part)]  # type: ignore[attr-defined]
        made.update(hashlib.sha256(ast.dump(tree).encode()).digest())
    for path in files:
        made.update(hashlib.sha256(path.read_bytes()).digest())
    return made.hexdigest()[:12]


def _is_words(node: ast.AST) -> bool:
    """Whether it is a docstring."""
    return (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )
