"""Settings: defaults, then `atrium.toml`, then `ATRIUM_*`, then the command line."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal

from avatars.mind import LEAST_CHARACTERS
from server.mailing import PORTS, SECURITIES, MailSettings, NoAddress, Security, address_of
from server.turn import SHORTEST_TTL, is_relay_url

SPEECH_ENGINES = ("auto", "whisper", "torch", "wyoming", "embedded")
SPEECH_DEVICES = ("auto", "cpu", "cuda")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NUMBERS = {
    "port": "from 1 to 65535",
    "turn_ttl_seconds": f"of seconds, at least {SHORTEST_TTL}",
    "speech_processes": "from 0 to 16",
    "recording_days": "of days, from 1 to 3650",
    "smtp_port": "from 1 to 65535, or 0",
    "chat_timeout_seconds": "of seconds, from 5 to 600",
    "chat_request_characters": f"of characters, from {LEAST_CHARACTERS} to 1000000",
}
_SWITCHES = frozenset({"learn_from_corrections", "single_process"})


DATABASE_FILE = "atrium.db"
"""Within the data folder."""


class ConfigError(Exception):
    """A setting that cannot be used; the text says which and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the person who runs an office may choose."""

    host: str = "127.0.0.1"
    """The address to listen on; other than loopback, browsers need HTTPS for the microphone."""

    port: int = 8080
    """The TCP port of pages, API and room socket."""

    data_dir: Path = Path("data")
    """Where the office keeps its database and keys."""

    database_url: str = ""
    """A PostgreSQL database instead of a file in the data folder, as `postgresql://atrium@db.example.org/atrium`.
    With a password, better set as `ATRIUM_DATABASE_URL` than in a file. Keys and sound stay in the folder."""

    office_name: str = "Atrium"
    """The name on the entrance."""

    timezone: str = ""
    """The office's time zone (`Europe/Berlin`); empty: this machine's."""

    tls: str = "off"
    """`off`, `self-signed`, or `files` with `tls_cert` and `tls_key`."""

    tls_cert: str = ""
    """Certificate chain, PEM."""

    tls_key: str = ""
    """Private key, PEM."""

    whisper_model: str = ""
    """A faster-whisper model: a name already in the cache, or a folder; empty: the best that is cached."""

    wyoming_stt: str = ""
    """`host:port` of a Wyoming speech-to-text server."""

    wyoming_tts: str = ""
    """`host:port` of a Wyoming voice such as Piper."""

    language: str = "en"
    """The language that is spoken, as `en`; `auto`: what the recogniser hears."""

    speech_engine: str = "auto"
    """What turns sound into words: `auto` (the best that this machine has), `whisper`, `torch` (Whisper on torch,
    for cards that the other does not know), `wyoming` or `embedded`."""

    speech_device: str = "auto"
    """Where Whisper runs: `auto`, `cpu` or `cuda`."""

    speech_processes: int = 0
    """How many processes recognise speech; 0: as fits the machine and the engine."""

    models_dir: str = ""
    """Where fetched models lie; empty: `models` in the data folder."""

    models_url: str = "https://huggingface.co"
    """Where `atrium models pull` fetches from: the hub, or a mirror of it."""

    recording_days: int = 30
    """How long sound is kept where a room's owner has it recorded; then it is deleted."""

    learn_from_corrections: bool = False
    """Let `atrium train` learn from what people keep and reject of what colleagues heard, and use what it learnt.
    Nothing leaves the machine."""

    today: str = ""
    """`YYYY-MM-DD`: let the office's clock start on this day, for demonstrations; empty: the real day."""

    media_path: str = "direct"
    """How sound reaches people: `direct`, by our own media path; `stock`, by aiortc's, which takes more of the
    machine and carries no video."""

    media_ports: str = "0"
    """The UDP port of all sound and video on the direct path: `0` any, `40000` this one, `40000-40010` the first
    free one of them."""

    advertised_address: str = ""
    """IP addresses, separated by commas, under which browsers reach that port, where they are not this machine's
    own (NAT, containers)."""

    single_process: bool = False
    """Run the sound inside the office's own process, for debugging."""

    turn_urls: str = ""
    """Relays for browsers behind strict firewalls, separated by commas: `turn:relay.example.org:3478`."""

    turn_secret: str = ""
    """The secret shared with the relays (coturn: `static-auth-secret`), from which credentials are made."""

    turn_ttl_seconds: int = 3600
    """How long such a credential is valid; it is renewed at three quarters of the time. At least 60."""

    public_url: str = ""
    """Where people open the office, as `https://office.example.org`: for links in mails and invitations; empty: no
    links in mails."""

    smtp_host: str = ""
    """The mail server by which the office sends; empty: it sends no mail."""

    smtp_port: int = 0
    """Its TCP port; 0: 587, 465 or 25, as `smtp_security` has it."""

    smtp_security: str = "starttls"
    """`starttls`, `tls` from the first byte, or `none`, for a server on this machine."""

    smtp_user: str = ""
    """Who signs in there; empty: nobody."""

    smtp_password: str = ""
    """With what; better set as `ATRIUM_SMTP_PASSWORD` than in a file."""

    smtp_from: str = ""
    """The address that mail comes from, as `atrium@example.org`."""

    chat_url: str = ""
    """An endpoint that speaks OpenAI's chat completions, up to and without `/chat/completions`, as
    `http://127.0.0.1:11434/v1`: it sums up meetings that are over, and gets the words of people in them; empty:
    none does, and they stay here."""

    chat_model: str = ""
    """The model that is asked there."""

    chat_key: str = ""
    """With what the office signs in there; better set as `ATRIUM_CHAT_KEY` than in a file. Empty: with nothing."""

    chat_timeout_seconds: int = 60
    """How long it has for one answer, from 5 to 600."""

    chat_request_characters: int = 24000
    """How much is sent to it at once, at least 8000; a longer meeting is read in parts."""

    log_level: str = "info"
    """debug, info, warning or error."""

    @property
    def advertised(self) -> tuple[str, ...]:
        """`advertised_address`, one by one."""
        return _parts(self.advertised_address)

    @property
    def spoken(self) -> str:
        """The language that is spoken, ISO 639-1; empty: what the recogniser hears."""
        return "" if self.language == "auto" else self.language

    @property
    def models(self) -> Path:
        """Where fetched models lie."""
        return Path(self.models_dir).expanduser() if self.models_dir else self.data_dir / "models"

    @property
    def relays(self) -> tuple[str, ...]:
        """`turn_urls`, one by one."""
        return _parts(self.turn_urls)

    @property
    def mail(self) -> MailSettings | None:
        """By which server mail is sent, and from whom; None: it is not."""
        if not self.smtp_host:
            return None
        security = cast(Security, self.smtp_security)
        return MailSettings(
            host=self.smtp_host,
            port=self.smtp_port or PORTS[security],
            security=security,
            sender=address_of(self.smtp_from),
            name=self.office_name,
            user=self.smtp_user,
            password=self.smtp_password,
        )

    @property
    def database(self) -> str | Path:
        """Where the office's rows are kept: a file, or the address of a database."""
        return self.database_url or self.data_dir / DATABASE_FILE

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the office."""
        return self.host in LOOPBACK

    @property
    def clock_offset(self) -> timedelta:
        """What to add to the real time, from `today`."""
        if not self.today:
            return timedelta()
        return date.fromisoformat(self.today) - datetime.now(self.zone).date()

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def origin(self) -> str:
        """The address to open in a browser on this machine."""
        scheme = "http" if self.tls == "off" else "https"
        name = "localhost" if self.loopback or self.host in ("0.0.0.0", "::") else self.host
        return f"{scheme}://{name}:{self.port}"


def load(
    arguments: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Gather and check the settings.

    Args:
        arguments: from the command line; None values are not set.
        environ: the environment; only `ATRIUM_*` is read.
        file: a TOML file; default `atrium.toml` in the working folder, if there.

    Raises:
        ConfigError: a file that does not parse, an unknown name, a value out of range.
    """
    environ = os.environ if environ is None else environ
    known = {f.name for f in fields(Settings)}
    values: dict[str, Any] = {}
    path = file or Path("atrium.toml")
    if file is not None or path.exists():
        values |= _from_file(path, known)
    values |= {key: value for key in known if (value := environ.get(f"ATRIUM_{key.upper()}")) not in (None, "")}
    values |= {key: value for key, value in (arguments or {}).items() if value is not None and key in known}
    return _checked(replace(Settings(), **{key: _cast(key, value) for key, value in values.items()}))


def _from_file(path: Path, known: set[str]) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    if unknown := table.keys() - known:
        raise ConfigError(
            f"{path}: {', '.join(sorted(unknown))} is not a setting; the settings are {', '.join(sorted(known))}"
        )
    return table


def _cast(key: str, value: Any) -> Any:
    if key in _NUMBERS:
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ConfigError(f"{key} is a number {_NUMBERS[key]}, not {value!r}") from None
    if key == "data_dir":
        return Path(str(value)).expanduser()
    if key in _SWITCHES:
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if (chosen := known.get(str(value).lower())) is None:
            raise ConfigError(f"{key} is true or false, not {value!r}")
        return chosen
    if not isinstance(value, str):
        raise ConfigError(f"{key} is a text, not {value!r}: put it in quotes")
    return value


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _checked(settings: Settings) -> Settings:
    _check_media(settings)
    _check_speech(settings)
    _check_mail(settings)
    _check_chat(settings)
    if not 0 <= settings.port <= 65535:
        raise ConfigError(f"port is a number from 1 to 65535, not {settings.port}")
    if settings.tls not in ("off", "self-signed", "files"):
        raise ConfigError(f"tls is off, self-signed or files, not {settings.tls!r}")
    if settings.tls == "off" and (settings.tls_cert or settings.tls_key):
        settings = replace(settings, tls="files")
    if settings.tls == "files" and not (settings.tls_cert and settings.tls_key):
        raise ConfigError("tls = files needs tls_cert and tls_key, two PEM files")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise ConfigError(f"log_level is debug, info, warning or error, not {settings.log_level!r}")
    try:
        date.fromisoformat(settings.today or "2000-01-01")
    except ValueError:
        raise ConfigError(f"today is a day such as 2026-11-27, not {settings.today!r}") from None
    for key in ("wyoming_stt", "wyoming_tts"):
        value = getattr(settings, key)
        if value and not (value.rpartition(":")[2].isdigit() and value.rpartition(":")[0]):
            raise ConfigError(f"{key} is host:port, such as 127.0.0.1:10200, not {value!r}")
    settings = replace(settings, timezone=settings.timezone or tzlocal.get_localzone_name() or "UTC")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"timezone is a name such as Europe/Berlin, not {settings.timezone!r}") from None
    return settings


def _check_speech(settings: Settings) -> None:
    for key, choices in (("speech_engine", SPEECH_ENGINES), ("speech_device", SPEECH_DEVICES)):
        if (value := getattr(settings, key)) not in choices:
            raise ConfigError(f"{key} is {', '.join(choices[:-1])} or {choices[-1]}, not {value!r}")
    if settings.speech_engine == "wyoming" and not settings.wyoming_stt:
        raise ConfigError("speech_engine wyoming needs wyoming_stt, as 127.0.0.1:10300")
    if settings.language != "auto" and not (settings.language.isalpha() and len(settings.language) in (2, 3)):
        raise ConfigError(f"language is auto or a code such as en, not {settings.language!r}")
    if not 0 <= settings.speech_processes <= 16:
        raise ConfigError(f"speech_processes is a number from 0 to 16, not {settings.speech_processes}")
    if not 1 <= settings.recording_days <= 3650:
        raise ConfigError(f"recording_days is a number of days, from 1 to 3650, not {settings.recording_days}")
    if settings.database_url and not settings.database_url.startswith("postgresql://"):
        raise ConfigError("database_url must be empty or like postgresql://user@host/database")
    if not settings.models_url.startswith(("http://", "https://")):
        raise ConfigError(f"models_url begins with https:// or http://, not {settings.models_url!r}")


def _check_mail(settings: Settings) -> None:
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise ConfigError(f"public_url begins with https:// or http://, not {settings.public_url!r}")
    if settings.smtp_security not in SECURITIES:
        raise ConfigError(f"smtp_security is {', '.join(SECURITIES)}, not {settings.smtp_security!r}")
    if not 0 <= settings.smtp_port <= 65535:
        raise ConfigError(f"smtp_port is a number from 1 to 65535, or 0, not {settings.smtp_port}")
    if bool(settings.smtp_host) != bool(settings.smtp_from):
        raise ConfigError("smtp_host and smtp_from belong together: set both or none")
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        raise ConfigError("smtp_user and smtp_password belong together: set both or none")
    if settings.smtp_user and settings.smtp_security == "none" and settings.smtp_host not in LOOPBACK:
        raise ConfigError("smtp_security none would send smtp_password in the clear: use starttls or tls")
    if settings.smtp_from:
        try:
            address_of(settings.smtp_from)
        except NoAddress as fault:
            raise ConfigError(f"smtp_from: {fault}") from fault


def _check_chat(settings: Settings) -> None:
    url, key = settings.chat_url, settings.chat_key
    if bool(url) != bool(settings.chat_model):
        raise ConfigError("chat_url and chat_model belong together: set both or none")
    if key and not url:
        raise ConfigError("chat_key needs chat_url and chat_model: set all three, or no key")
    if url:
        _check_chat_url(url, key)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError("chat_key is letters, digits and signs without a space; copy it again")
    if not 5 <= settings.chat_timeout_seconds <= 600:
        raise ConfigError(
            f"chat_timeout_seconds is a number of seconds, from 5 to 600, not {settings.chat_timeout_seconds}"
        )
    if not LEAST_CHARACTERS <= settings.chat_request_characters <= 1_000_000:
        raise ConfigError(
            f"chat_request_characters is a number of characters, from {LEAST_CHARACTERS} to 1000000, not "
            f"{settings.chat_request_characters}"
        )


def _check_chat_url(url: str, key: str) -> None:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        fits = None
    if not fits or any(not letter.isprintable() or letter == " " for letter in url):
        raise ConfigError("chat_url is an address such as https://llm.example.org/v1; yours is none")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            "chat_url has no user, no ? and no #: what signs in is chat_key, as in https://llm.example.org/v1"
        )
    if parts.path.rstrip("/").endswith("/chat/completions"):
        raise ConfigError("chat_url ends before /chat/completions, which the office adds: mostly with /v1")
    if key and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigError("chat_url with http would send chat_key in the clear: use https")


def _check_media(settings: Settings) -> None:
    if settings.media_path not in ("direct", "stock"):
        raise ConfigError(f"media_path is direct or stock, not {settings.media_path!r}")
    first, dash, last = settings.media_ports.partition("-")
    ports = [int(part) if part.isdecimal() else -1 for part in ((first, last) if dash else (first,))]
    fit = all(1 <= port <= 65535 for port in ports) and ports[0] <= ports[-1]
    if not fit and settings.media_ports != "0":
        raise ConfigError(
            f"media_ports is 0, a UDP port or a range such as 40000-40010, not {settings.media_ports!r}"
        )
    for address in settings.advertised:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise ConfigError(
                f"advertised_address is an IP address such as 203.0.113.7, not {address!r}"
            ) from None
    for url in settings.relays:
        if not is_relay_url(url):
            raise ConfigError(
                "turn_urls begin with turn: or turns:, as turn:relay.example.org:3478 or "
                f"turns:relay.example.org:443?transport=tcp, not {url!r}"
            )
    if bool(settings.relays) != bool(settings.turn_secret):
        raise ConfigError("turn_urls and turn_secret belong together: set both or none")
    if settings.turn_ttl_seconds < SHORTEST_TTL:
        raise ConfigError(
            f"turn_ttl_seconds is a number of seconds, at least {SHORTEST_TTL}, not {settings.turn_ttl_seconds}"
        )
