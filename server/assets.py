"""Where the shipped files lie: inside the installed package, or beside the checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def assets_dir() -> Path:
    """The folder of rooms, personas, scripts and models.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for folder in (_HERE / "assets", _HERE.parent / "assets"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("the assets folder is missing: install Atrium again")


def asset(path: str) -> Path:
    """One shipped file, such as `rooms/hq.json`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    file = assets_dir() / path
    if not file.is_file():
        raise FileNotFoundError(f"{path} is missing from the assets: install Atrium again")
    return file
