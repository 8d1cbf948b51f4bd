"""Reads what was learnt about owners from its file."""

from __future__ import annotations

import json
from pathlib import Path

from avatars.errors import ModelError
from avatars.owners import OwnerWeights


def load_owner_weights(folder: Path) -> OwnerWeights:
    """Read `owners.json` of the model's folder.

    Raises:
        ModelError: it is missing, or is no such file.
    """
    path = folder / "owners.json"
    try:
        return OwnerWeights(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            path.name, f"cannot be read in {folder}: fetch assets/models/understanding again"
        ) from error
