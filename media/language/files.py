"""Where the speech files are: those the office ships, and those the PocketSphinx package carries."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from media.errors import ModelMissing

LANGUAGE_MODEL = "office.lm.bin"
ADDITIONS = "office.dict"
LETTERS = "letters.json.gz"
GENERAL_MODEL = "en-us.lm.bin"
DICTIONARY = "cmudict-en-us.dict"


def package_model() -> Path:
    """Return the folder of the acoustic model, dictionary and general model that the package carries.

    Raises:
        ModelMissing: pocketsphinx is not installed.
    """
    spec = importlib.util.find_spec("pocketsphinx")
    if spec is None or spec.origin is None:
        raise ModelMissing("pocketsphinx is not installed: pip install pocketsphinx")
    return Path(spec.origin).parent / "model" / "en-us"


def shipped_model() -> Path | None:
    """Return the folder with the office's language model, inside the wheel or beside the checkout."""
    root = Path(__file__).resolve().parents[2]
    folders = (root / "server" / "assets" / "models" / "speech", root / "assets" / "models" / "speech")
    return next((folder for folder in folders if (folder / LANGUAGE_MODEL).is_file()), None)
