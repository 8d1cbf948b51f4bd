"""The command line: `atrium` or `python -m server`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

# One BLAS thread: with more, a small mix can take a whole tick on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from avatars.errors import AvatarError
from media.errors import MediaError
from server import __version__
from server.audit.cli import add_command as add_audit
from server.command_line import settings_of
from server.config import SPEECH_DEVICES, SPEECH_ENGINES, ConfigError
from server.errors import ServerError
from server.mailing import SECURITIES
from server.models.cli import add_command as add_models
from server.selftest.cli import add_command as add_selftest
from server.train import add_command as add_train
from server.transcribe import add_command as add_transcribe
from server.understand import add_command as add_understand
from server.work.cli import add_command as add_workflow
from spatial.errors import PlanError
from workflows.errors import WorkflowError

EXPECTED = (ConfigError, ServerError, MediaError, AvatarError, WorkflowError, PlanError, FileNotFoundError)
"""Faults that say what to do; anything else is a fault of ours and shows its traceback."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit status."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        result: int = arguments.run(arguments)
    except EXPECTED as error:
        print(f"atrium: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="atrium", description="A spatial 3D office with AI colleagues.")
    parser.add_argument("--version", action="version", version=f"Atrium {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="open the office")
    _settings_arguments(serve)
    serve.set_defaults(run=_serve)

    owner = commands.add_parser("owner-link", help="print a new sign-in link for the owner")
    _settings_arguments(owner)
    owner.set_defaults(run=_owner_link)

    demo = commands.add_parser("demo", help="let scripted colleagues hold a meeting")
    demo.add_argument("--script", type=Path, action="append", help="a TOML script; default: the shipped ones")
    demo.add_argument("--headless", action="store_true", help="in a fresh office of its own, without a browser")
    demo.add_argument("--json", action="store_true", help="print the result as one JSON line")
    _settings_arguments(demo)
    demo.set_defaults(run=_demo)

    add_models(commands)
    add_transcribe(commands)
    add_understand(commands)
    add_train(commands)
    add_workflow(commands)
    add_audit(commands)
    add_selftest(commands)

    backup = commands.add_parser("backup", help="write the data folder into one archive")
    backup.add_argument("archive", type=Path, help="the .tar.gz to write")
    _settings_arguments(backup)
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="bring an archive back into the data folder")
    restore.add_argument("archive", type=Path, help="the .tar.gz to read")
    restore.add_argument("--force", action="store_true", help="replace what is in the data folder")
    _settings_arguments(restore)
    restore.set_defaults(run=_restore)
    return parser


def _settings_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings (also ATRIUM_* in the environment, or atrium.toml)")
    group.add_argument("--config", type=Path, help="settings file; default: atrium.toml, if there")
    group.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    group.add_argument("--port", help="port (default 8080)")
    group.add_argument("--data-dir", type=Path, help="where the office keeps its data (default ./data)")
    group.add_argument("--database-url", help="postgresql://user@host/database instead of a file there")
    group.add_argument("--office-name", help="the name on the entrance")
    group.add_argument("--timezone", help="the office's time zone, such as Europe/Berlin")
    group.add_argument("--tls", choices=("off", "self-signed", "files"), help="HTTPS (default off)")
    group.add_argument("--tls-cert", help="certificate chain, PEM")
    group.add_argument("--tls-key", help="private key, PEM")
    group.add_argument("--whisper-model", help="a faster-whisper model: a cached name or a folder")
    group.add_argument("--speech-engine", choices=SPEECH_ENGINES, help="what recognises speech (default auto)")
    group.add_argument("--speech-device", choices=SPEECH_DEVICES, help="where Whisper runs (default auto)")
    group.add_argument("--speech-processes", help="how many processes recognise speech (default 0: as fits)")
    group.add_argument("--models-dir", help="where fetched models lie (default: models in the data folder)")
    group.add_argument("--models-url", help="where models are fetched from (default https://huggingface.co)")
    group.add_argument("--recording-days", help="how long recorded sound is kept (default 30)")
    group.add_argument("--wyoming-stt", help="host:port of a Wyoming speech-to-text server")
    group.add_argument("--wyoming-tts", help="host:port of a Wyoming voice such as Piper")
    group.add_argument("--language", help="the language that is spoken, or auto (default en)")
    group.add_argument(
        "--learn-from-corrections", action="store_true", default=None,
        help="use what was learnt from proposals that people kept or rejected (default off)",
    )  # fmt: skip
    group.add_argument("--today", help="let the office's clock start on this day, for demonstrations")
    group.add_argument("--media-path", choices=("direct", "stock"), help="how sound travels (default direct)")
    group.add_argument("--media-ports", help="UDP port of all media: 0, 40000 or 40000-40010 (default 0: any)")
    group.add_argument("--advertised-address", help="IP addresses under which browsers reach the media port")
    group.add_argument(
        "--single-process", action="store_true", default=None, help="run the sound inside the office's process"
    )
    group.add_argument("--turn-urls", help="relays for browsers behind strict firewalls, as turn:host:3478")
    group.add_argument("--turn-secret", help="the secret shared with the relays; better set ATRIUM_TURN_SECRET")
    group.add_argument("--turn-ttl-seconds", help="how long a relay's credential is valid (default 3600)")
    group.add_argument("--public-url", help="where people open the office, for links in mails and invitations")
    group.add_argument("--smtp-host", help="the mail server by which the office sends (default: none, no mail)")
    group.add_argument("--smtp-port", help="its port (default: as --smtp-security has it)")
    group.add_argument("--smtp-security", choices=SECURITIES, help="how mail is protected (default starttls)")
    group.add_argument("--smtp-user", help="who signs in at the mail server")
    group.add_argument("--smtp-from", help="the address that mail comes from")
    group.add_argument("--chat-url", help="an OpenAI-compatible endpoint that sums meetings up (default: none)")
    group.add_argument("--chat-model", help="the model that is asked there; its key: set ATRIUM_CHAT_KEY")
    group.add_argument("--chat-timeout-seconds", help="how long it has for one answer (default 60)")
    group.add_argument("--chat-request-characters", help="how much is sent to it at once (default 24000)")
    group.add_argument("--log-level", choices=("debug", "info", "warning", "error"))


def _serve(arguments: argparse.Namespace) -> int:
    import uvloop

    from server.serve import check_ground, serve

    settings = settings_of(arguments)
    listener = check_ground(settings)
    try:
        uvloop.run(serve(settings, listener))
    finally:
        listener.close()
    return 0


def _owner_link(arguments: argparse.Namespace) -> int:
    from server.identity import load_secret, make_owner_key

    settings = settings_of(arguments)
    if not settings.data_dir.is_dir():
        raise ConfigError(f"there is no office in {settings.data_dir}: start one first with `atrium serve`")
    key = make_owner_key(load_secret(settings.data_dir), datetime.now(UTC))
    print(f"{settings.origin}/?key={key}")
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from server.demo.run import run_demo

    settings = settings_of(arguments)
    return asyncio.run(run_demo(settings, arguments.script, headless=arguments.headless, as_json=arguments.json))


def _backup(arguments: argparse.Namespace) -> int:
    from server.backup import backup

    settings = settings_of(arguments)
    file = arguments.config or Path("atrium.toml")
    backup(settings.data_dir, arguments.archive, extra=(file,) if file.exists() else ())
    print(f"{arguments.archive} holds the office of {settings.data_dir}.")
    if settings.database_url:
        print("The database is not in it: save it with pg_dump at the same time.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from server.backup import restore

    settings = settings_of(arguments)
    restore(arguments.archive, settings.data_dir, force=arguments.force)
    print(f"The office is back in {settings.data_dir}. Start it with `atrium serve`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
