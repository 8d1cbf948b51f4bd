"""The shipped definitions, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workflows.definition import Definition
from workflows.library.action_item import ACTION_ITEM

LIBRARY: Mapping[str, Definition] = MappingProxyType({ACTION_ITEM.name: ACTION_ITEM})
