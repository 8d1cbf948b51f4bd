"""`atrium models`: list, pull, verify, use, remove; and, for models of understanding, evaluate and promote."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from server.command_line import add_places, settings_of
from server.models.bar import Bar
from server.models.catalog import CATALOG, find_offer
from server.models.errors import DamagedModel, ModelError
from server.models.fetch import Hooks, megabytes, pull
from server.models.promotion_cli import add_deeds, models_as_json, print_models, print_table, verify_models
from server.models.registry import is_id
from server.models.sources import Hub, Mirror
from server.models.store import Installed, choose, chosen_name, installed, is_name, remove, verify

AUTO = "auto"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `models` to the commands of the command line."""
    models = commands.add_parser("models", help="fetch, check and choose models")
    deeds = models.add_subparsers(title="deeds", required=True, metavar="DEED")

    deed = deeds.add_parser("list", help="what lies here and what can be fetched")
    deed.add_argument("--json", action="store_true", help="print one JSON object")
    _common(deed)
    deed.set_defaults(run=_list)

    deed = deeds.add_parser("pull", help="fetch a model, or go on where a fetch was cut off")
    deed.add_argument("name", help="as `list` shows it, or a repository as owner/name")
    deed.add_argument("--from", dest="mirror", type=Path, metavar="DIR", help="take it from a folder, offline")
    deed.add_argument("--url", dest="models_url", help="a mirror of the hub (default https://huggingface.co)")
    deed.add_argument("--revision", default="main", help="branch, tag or commit (default main)")
    deed.add_argument("--use", action="store_true", help="choose it when it is here")
    _common(deed)
    deed.set_defaults(run=_pull)

    deed = deeds.add_parser("verify", help="compare models with their checksums")
    deed.add_argument("names", nargs="*", metavar="NAME", help="default: all that lie here")
    _common(deed)
    deed.set_defaults(run=_verify)

    deed = deeds.add_parser("use", help="choose the model that the office starts with")
    deed.add_argument("name", help=f"a model that lies here, or `{AUTO}`: the office chooses by itself")
    _common(deed)
    deed.set_defaults(run=_use)

    deed = deeds.add_parser("remove", help="delete models")
    deed.add_argument("names", nargs="+", metavar="NAME")
    _common(deed)
    deed.set_defaults(run=_remove)

    add_deeds(deeds, _common)


def _common(parser: argparse.ArgumentParser) -> None:
    add_places(parser)
    parser.add_argument("--models-dir", help="where models lie (default: `models` in the data folder)")


def _list(arguments: argparse.Namespace) -> int:
    models_dir = settings_of(arguments).models
    here, chosen = installed(models_dir), chosen_name(models_dir)
    if arguments.json:
        table = _as_json(models_dir, here, chosen)
        print(json.dumps({**table, "understanding": models_as_json(models_dir)}, ensure_ascii=False))
        return 0
    if here:
        print(f"In {models_dir}:")
        print_table([_row(model, chosen) for model in here])
    else:
        print(f"No models lie in {models_dir} yet.")
    if chosen is not None and chosen not in {model.name for model in here}:
        print(f"{chosen} was chosen, but is not here or not whole: atrium models pull {chosen}")
    print("\nCan be fetched with `atrium models pull NAME`:")
    rows = [("name", "size", "memory cpu / gpu", "licence", "languages", "for")]
    names = {model.name for model in here}
    for offer in CATALOG.values():
        if offer.name not in names:
            memory = f"{_memory(offer.memory_int8)} / {_memory(offer.memory_float16)}"
            rows.append((offer.name, megabytes(offer.size), memory, offer.licence, offer.languages, offer.purpose))
    print_table(rows)
    print_models(models_dir)
    return 0


def _pull(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    offer = find_offer(arguments.name)
    bar = Bar(sys.stderr, offer.name)
    source = (
        Mirror(arguments.mirror) if arguments.mirror else Hub(settings.models_url, revision=arguments.revision)
    )
    try:
        manifest = pull(source, offer, settings.models, Hooks(progress=bar.show, say=bar.say))
    except KeyboardInterrupt:
        bar.say("Stopped. What came in stays: the same command goes on from there.")
        raise
    finally:
        bar.close()
        if isinstance(source, Hub):
            source.close()
    print(f"{offer.name} lies in {settings.models / offer.name}, {megabytes(manifest.size)}, checked.")
    if arguments.use:
        return _choose(settings.models, offer.name)
    print(f"The office may choose it by itself when it starts. To have it chosen: atrium models use {offer.name}")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    models_dir = settings_of(arguments).models
    bad = 0
    for name in arguments.names or _to_verify(models_dir):
        try:
            faults = verify(models_dir, name, on_file=partial(_tell, name))
        except DamagedModel as fault:
            faults = [str(fault)]
        except ModelError as fault:
            if arguments.names:
                raise
            print(f"{name}: not checked. {fault}")
            continue
        for line in faults:
            print(f"{name}: {line}")
        if faults:
            bad += 1
            print(f"{name}: damaged. To fetch what is damaged again: atrium models pull {name}")
        else:
            print(f"{name}: as it was fetched.")
    if not arguments.names:
        bad += verify_models(models_dir, print)
    return 1 if bad else 0


def _to_verify(models_dir: Path) -> list[str]:
    names = [
        folder.name for folder in sorted(models_dir.glob("[!.]*")) if folder.is_dir() and is_name(folder.name)
    ]
    if not names:
        print(f"No models lie in {models_dir} yet.")
    return names


def _use(arguments: argparse.Namespace) -> int:
    _no_id(arguments.name)
    return _choose(settings_of(arguments).models, arguments.name)


def _choose(models_dir: Path, name: str) -> int:
    choose(models_dir, None if name == AUTO else name)
    print("The office chooses by itself." if name == AUTO else f"The office uses {name} from its next start.")
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    models_dir = settings_of(arguments).models
    for name in arguments.names:
        _no_id(name)
        print(f"{name} is deleted; {megabytes(remove(models_dir, name))} are free again.")
    return 0


def _no_id(name: str) -> None:
    if is_id(name):
        raise ModelError(
            f"{name} is a model of understanding: `atrium models promote {name}` has it used; it is kept, so that "
            "one can go back to it"
        )


def _tell(name: str, path: str) -> None:
    print(f"{name}: reading {path}", file=sys.stderr, flush=True)


def _row(model: Installed, chosen: str | None) -> tuple[str, ...]:
    offer, manifest = CATALOG.get(model.name), model.manifest
    licence = manifest.licence if manifest is not None else ""
    return (
        f"* {model.name}" if model.name == chosen else f"  {model.name}",
        megabytes(model.size),
        licence or "licence not known",
        f"{manifest.repository} {manifest.revision[:8]}".strip() if manifest is not None else "put here by hand",
        offer.purpose if offer is not None else "",
        "(chosen)" if model.name == chosen else "",
    )


def _as_json(models_dir: Path, here: Sequence[Installed], chosen: str | None) -> dict[str, object]:
    return {
        "folder": str(models_dir),
        "chosen": chosen,
        "installed": [
            {
                "name": model.name,
                "size": model.size,
                "format": model.format.value,
                "repository": model.manifest.repository if model.manifest else None,
                "revision": model.manifest.revision if model.manifest else None,
                "licence": model.manifest.licence if model.manifest else None,
            }
            for model in here
        ],
        "offers": [
            {
                "name": offer.name,
                "repository": offer.repository,
                "format": offer.format.value,
                "size": offer.size,
                "memory_int8_mb": offer.memory_int8 or None,
                "memory_float16_mb": offer.memory_float16 or None,
                "licence": offer.licence,
                "languages": offer.languages,
                "purpose": offer.purpose,
            }
            for offer in CATALOG.values()
        ],
    }


def _memory(mb: int) -> str:
    return f"{mb / 1000:.1f} GB" if mb else "-"
