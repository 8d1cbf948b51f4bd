"""Settings come from file, environment and command line, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.config import ConfigError, load


def test_the_command_line_wins_over_environment_over_file(tmp_path: Path) -> None:
    file = tmp_path / "atrium.toml"
    file.write_text('port = 1\noffice_name = "Harbour"\nhost = "0.0.0.0"\n')
    settings = load({"port": 3, "host": None}, {"ATRIUM_PORT": "2", "ATRIUM_HOST": "10.0.0.1"}, file)
    assert (settings.port, settings.host, settings.office_name) == (3, "10.0.0.1", "Harbour")


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"ATRIUM_PORT": "many"}, "port is a number"),
        ({"ATRIUM_PORT": "70000"}, "port is a number"),
        ({"ATRIUM_TLS": "yes"}, "tls is off"),
        ({"ATRIUM_TLS": "files"}, "tls_cert"),
        ({"ATRIUM_TIMEZONE": "Mars/Base"}, "timezone is a name"),
        ({"ATRIUM_WYOMING_TTS": "piper"}, "host:port"),
        ({"ATRIUM_LOG_LEVEL": "loud"}, "log_level"),
    ],
)
def test_a_wrong_setting_says_what_to_write(environ: dict[str, str], word: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("")
    with pytest.raises(ConfigError, match=word):
        load({}, environ, tmp_path / "a.toml")


def test_an_unknown_name_in_the_file_lists_the_known(tmp_path: Path) -> None:
    file = tmp_path / "atrium.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(ConfigError, match=r"prot is not a setting.*port"):
        load({}, {}, file)


def test_a_broken_file_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "atrium.toml"
    file.write_text("port = \n")
    with pytest.raises(ConfigError, match="line 1"):
        load({}, {}, file)
