"""Shelf: the workflows that come from files, as the engine has them; read again when the owner says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.work.definitions import FileFault, Loaded, load_definitions
from workflows.engine import Engine
from workflows.library import LIBRARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What came of reading the files again: names of workflows."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    """They have another version now; runs follow theirs until they are upgraded."""
    gone: tuple[str, ...]
    """Nobody can start them any more; runs go on. Empty while a file has faults."""


class Shelf:
    """Brings workflows from files to the engine."""

    def __init__(self, engine: Engine, shipped: Path, own: Path, actions: Sequence[str] | None = None) -> None:
        """Nothing is read before `load`.

        Args:
            engine: gets them.
            shipped: the folder that comes with Atrium.
            own: the office's; it need not exist.
            actions: what can be asked for, as `mail.send`; None: that is not looked at.
        """
        self._engine, self._shipped, self._own, self._actions = engine, shipped, own, actions
        self._hashes: dict[str, str] = {}
        """Of what was read last, by name."""
        self.faults: Sequence[FileFault] = ()
        """Of the files, as they were read last."""

    def load(self) -> Change:
        """Read the files, and bring what they hold to the engine."""
        return self._take(self._read())

    async def reload(self) -> Change:
        """Read the files again, aside from all else that goes on."""
        return self._take(await asyncio.to_thread(self._read))

    def _read(self) -> Loaded:
        return load_definitions(self._shipped, self._own, known=LIBRARY, actions=self._actions)

    def _take(self, loaded: Loaded) -> Change:
        before, self.faults = self._hashes, loaded.faults
        # While a file has faults, nobody knows what it is to hold: what was there before stays.
        kept = before if loaded.faults else {}
        self._hashes = kept | {one.name: one.hash for one in loaded.definitions}
        for definition in loaded.definitions:
            if before.get(definition.name) != definition.hash:
                self._engine.put(definition)
        gone = tuple(sorted(before.keys() - self._hashes.keys()))
        for name in gone:
            self._engine.take_out(name)
        return Change(
            new=tuple(sorted(self._hashes.keys() - before.keys())),
            changed=tuple(sorted(name for name in before if self._hashes.get(name, before[name]) != before[name])),
            gone=gone,
        )
