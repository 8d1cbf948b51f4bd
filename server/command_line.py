"""What the commands share: where the office's settings and data are, and how these are read."""

from __future__ import annotations

import argparse
from pathlib import Path

from server.config import Settings, load
from server.logs import set_up_logging


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the office is."""
    parser.add_argument("--config", type=Path, help="settings file; default: atrium.toml, if there")
    parser.add_argument("--data-dir", type=Path, help="where the office keeps its data (default ./data)")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Read the settings as this command line has them; from here on it is logged as they say."""
    settings = load(vars(arguments), file=arguments.config)
    set_up_logging(settings.log_level)
    return settings
