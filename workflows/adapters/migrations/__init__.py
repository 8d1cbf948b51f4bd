"""The schema's migrations: each revision once, in order; run by `migrate`, from packaged files."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_HERE = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    """Give Alembic's settings for the packaged migrations, without any file of the user's."""
    settings = Config()
    settings.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring a database to a revision. The caller owns the transaction: all of it is kept, or none."""
    command.upgrade(config(connection), revision)
