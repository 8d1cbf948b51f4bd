"""The shipped definitions, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workflows.definition import Definition
from workflows.library.action_item import ACTION_ITEM
from workflows.library.erasure import ERASURE

LIBRARY: Mapping[str, Definition] = MappingProxyType({one.name: one for one in (ACTION_ITEM, ERASURE)})
INNER = frozenset(LIBRARY)
"""What the office itself starts, as tasks that are noted; nobody chooses it from a list."""
