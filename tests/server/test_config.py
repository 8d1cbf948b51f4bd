"""Settings come from file, environment and command line, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.adapters import real_adapters
from server.config import ConfigError, load


def test_the_command_line_wins_over_environment_over_file(tmp_path: Path) -> None:
    file = tmp_path / "atrium.toml"
    file.write_text('port = 1\noffice_name = "Harbour"\nhost = "0.0.0.0"\n')
    settings = load({"port": 3, "host": None}, {"ATRIUM_PORT": "2", "ATRIUM_HOST": "10.0.0.1"}, file)
    assert (settings.port, settings.host, settings.office_name) == (3, "10.0.0.1", "Harbour")


def _chat(url: str, **more: str) -> dict[str, str]:
    return {"ATRIUM_CHAT_URL": url, "ATRIUM_CHAT_MODEL": "small", **more}


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
        ({"ATRIUM_MEDIA_PATH": "scenic"}, "media_path is direct or stock"),
        ({"ATRIUM_MEDIA_PORTS": "40000-"}, "media_ports is 0, a UDP port or a range"),
        ({"ATRIUM_MEDIA_PORTS": "40010-40000"}, "media_ports"),
        ({"ATRIUM_MEDIA_PORTS": "0-10"}, "media_ports"),
        ({"ATRIUM_MEDIA_PORTS": "70000"}, "media_ports"),
        ({"ATRIUM_MEDIA_PORTS": "-1"}, "media_ports"),
        ({"ATRIUM_MEDIA_PORTS": "1-2-3"}, "media_ports"),
        ({"ATRIUM_ADVERTISED_ADDRESS": "203.0.113.7,office"}, "advertised_address is an IP address.*'office'"),
        ({"ATRIUM_SINGLE_PROCESS": "perhaps"}, "single_process is true or false"),
        ({"ATRIUM_TURN_URLS": "relay.example.org", "ATRIUM_TURN_SECRET": "s"}, "turn_urls begin with turn:"),
        ({"ATRIUM_TURN_URLS": "turn:relay.example.org"}, "belong together"),
        ({"ATRIUM_TURN_SECRET": "s"}, "belong together"),
        ({"ATRIUM_TURN_TTL_SECONDS": "59"}, "turn_ttl_seconds is a number of seconds, at least 60"),
        ({"ATRIUM_PUBLIC_URL": "office.example.org"}, "public_url begins with https://"),
        ({"ATRIUM_SMTP_HOST": "mail.example.org"}, "smtp_host and smtp_from belong together"),
        ({"ATRIUM_SMTP_FROM": "a@example.org"}, "smtp_host and smtp_from belong together"),
        ({"ATRIUM_SMTP_HOST": "m", "ATRIUM_SMTP_FROM": "us"}, "smtp_from: 'us' is no mail address"),
        ({"ATRIUM_SMTP_USER": "us"}, "smtp_user and smtp_password belong together"),
        ({"ATRIUM_SMTP_SECURITY": "some"}, "smtp_security is starttls, tls, none"),
        ({"ATRIUM_CHAT_URL": "https://llm.example.org/v1"}, "chat_url and chat_model belong together"),
        ({"ATRIUM_CHAT_MODEL": "small"}, "chat_url and chat_model belong together"),
        ({"ATRIUM_CHAT_KEY": "sk"}, "chat_key needs chat_url"),
        (_chat("llm.example.org/v1"), "chat_url is an address"),
        (_chat("ftp://llm.example.org"), "chat_url is an address"),
        (_chat("http://[::1"), "chat_url is an address"),
        (_chat("http://llm:99999/v1"), "chat_url is an address"),
        (_chat("https:///v1"), "chat_url is an address"),
        (_chat("https://llm.example.org/v 1"), "chat_url is an address"),
        (_chat("https://me:secret@llm.example.org/v1"), "has no user"),
        (_chat("https://llm.example.org/v1?key=secret"), "has no user, no ?"),
        (_chat("https://llm.example.org/v1/chat/completions/"), "ends before /chat/completions"),
        (_chat("http://llm.example.org/v1", ATRIUM_CHAT_KEY="sk"), "in the clear"),
        (_chat("https://llm.example.org/v1", ATRIUM_CHAT_KEY="s k"), "chat_key is letters"),
        (_chat("https://llm.example.org/v1", ATRIUM_CHAT_KEY="schlüssel"), "chat_key is letters"),
        (_chat("http://[::1]:1/v1", ATRIUM_CHAT_TIMEOUT_SECONDS="4"), "chat_timeout_seconds is a number"),
        (_chat("http://llm/v1", ATRIUM_CHAT_REQUEST_CHARACTERS="7999"), "chat_request_characters is a number"),
        ({"ATRIUM_SMTP_PORT": "-1"}, "smtp_port is a number from 1 to 65535"),
        (
            {
                "ATRIUM_SMTP_HOST": "m",
                "ATRIUM_SMTP_FROM": "a@example.org",
                "ATRIUM_SMTP_SECURITY": "none",
                "ATRIUM_SMTP_USER": "us",
                "ATRIUM_SMTP_PASSWORD": "s",
            },
            "in the clear",
        ),
        ({"ATRIUM_TURN_TTL_SECONDS": "soon"}, "turn_ttl_seconds is a number of seconds, at least 60"),
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


@pytest.mark.parametrize("ports", ["0", "40000", "40000-40010", "1-65535"])
def test_ports_of_media_are_any_one_or_a_range(ports: str) -> None:
    assert load({}, {"ATRIUM_MEDIA_PORTS": ports}).media_ports == ports


def test_lists_are_separated_by_commas() -> None:
    settings = load(
        {
            "advertised_address": "203.0.113.7, 2001:db8::7",
            "turn_urls": "turn:a.example.org:3478,turns:b.example.org",
            "turn_secret": "s",
        },
        {},
    )
    assert settings.advertised == ("203.0.113.7", "2001:db8::7")
    assert settings.relays == ("turn:a.example.org:3478", "turns:b.example.org")
    assert load({}, {}).advertised == load({}, {}).relays == ()


@pytest.mark.parametrize(("text", "chosen"), [("true", True), ("1", True), ("No", False), ("0", False)])
def test_a_switch_in_the_environment_is_read_as_a_word(text: str, chosen: bool) -> None:
    assert load({}, {"ATRIUM_SINGLE_PROCESS": text}).single_process is chosen


def test_a_switch_in_the_file_is_a_truth_value(tmp_path: Path) -> None:
    file = tmp_path / "atrium.toml"
    file.write_text("single_process = true\nturn_ttl_seconds = 600\n")
    settings = load({"single_process": None}, {}, file)
    assert settings.single_process is True
    assert settings.turn_ttl_seconds == 600


@pytest.mark.parametrize(
    ("security", "port", "used"),
    [("starttls", "", 587), ("tls", "", 465), ("none", "", 25), ("tls", "2465", 2465)],
)
def test_mail_goes_to_the_usual_port_unless_another_is_named(security: str, port: str, used: int) -> None:
    chosen = {"smtp_host": "mail.example.org", "smtp_from": "a@example.org", "smtp_security": security}
    mail = load({**chosen, "smtp_port": port or None}, {}).mail
    assert mail is not None
    assert (mail.port, mail.security, mail.sender, mail.name) == (used, security, "a@example.org", "Atrium")


def test_an_office_without_a_mail_server_sends_no_mail() -> None:
    assert load({}, {}).mail is None


def test_an_endpoint_may_be_near_or_far_and_is_no_adapter_unless_it_is_named() -> None:
    assert real_adapters(load({}, {})).mind is None
    near = load(
        {}, _chat("http://127.0.0.1:11434/v1", ATRIUM_CHAT_KEY="sk", ATRIUM_CHAT_REQUEST_CHARACTERS="9000")
    )
    mind = real_adapters(near).mind
    assert mind is not None
    assert (mind.model, mind.host, mind.most_characters) == ("small", "127.0.0.1:11434", 9000)
    far = real_adapters(load({}, _chat("https://llm.example.org/v1/", ATRIUM_CHAT_KEY="sk"))).mind
    assert far is not None
    assert far.host == "llm.example.org"
