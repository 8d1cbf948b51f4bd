"""Speech models and the office's glossary, for its owner."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from server.api.advice import advice, is_of
from server.api.auth import for_owner
from server.api.parts import Parts
from server.api.speech_view import EngineView, SpeechView
from server.models.catalog import CATALOG, Offer
from server.models.glossary import MOST_CHARACTERS, MOST_TERMS, load_terms, save_terms
from server.models.store import Installed, chosen_name, installed

_MOST_LINES = 10_000


router = APIRouter(tags=["models"], dependencies=[Depends(for_owner("models and glossary are"))])


class InstalledView(BaseModel):
    """A model that lies here."""

    name: str
    size: int
    """Bytes."""
    format: str
    """`ctranslate2` or `transformers`."""
    repository: str
    """Empty: put here by hand."""
    revision: str
    licence: str
    purpose: str
    languages: str
    chosen: bool
    """By `atrium models use`."""
    in_use: bool
    """An engine has it loaded."""


class OfferView(BaseModel):
    """A model that could be fetched; memory in MB, None where it cannot run so."""

    name: str
    size: int
    licence: str
    languages: str
    purpose: str
    memory_int8_mb: int | None
    memory_float16_mb: int | None
    command: str


class MindView(BaseModel):
    """Who sums meetings up that are over."""

    model: str
    host: str
    """What people said in them goes there."""


class ModelsView(BaseModel):
    """What recognises here, what lies here, and what could."""

    mind: MindView | None
    """Null: nobody sums meetings up."""
    speech: SpeechView
    """Its `missing` holds all that is known to be missing."""
    folder: str
    chosen: str | None
    installed: list[InstalledView]
    offers: list[OfferView]


class Glossary(BaseModel):
    """The office's own words."""

    terms: list[str]
    most_terms: int = MOST_TERMS
    most_characters: int = MOST_CHARACTERS


class GlossaryWish(BaseModel):
    """A new glossary in place of the old one."""

    terms: Annotated[list[str], Field(max_length=_MOST_LINES)]


@router.get("/models")
async def read_models(parts: Parts) -> ModelsView:
    """Say which engines run, how fast, and what is missing."""
    folder = parts.settings.models_dir
    view = parts.speech_view()
    models, chosen = await asyncio.to_thread(_look, folder)
    here = {model.name for model in models}
    more = {
        "missing": advice(view, models, chosen, cores=os.cpu_count() or 1),
        "engines": [_with_model(engine, models) for engine in view.engines],
    }
    return ModelsView(
        mind=MindView(model=parts.mind.model, host=parts.mind.host) if parts.mind is not None else None,
        speech=view.model_copy(update=more),
        folder=str(folder),
        chosen=chosen,
        installed=[_installed(model, chosen, view) for model in models],
        offers=[_offer(offer) for offer in CATALOG.values() if offer.name not in here],
    )


@router.get("/glossary")
async def read_glossary(parts: Parts) -> Glossary:
    """Give the office's own words."""
    return Glossary(terms=list(await asyncio.to_thread(load_terms, parts.settings.data_dir)))


@router.put("/glossary")
async def change_glossary(wish: GlossaryWish, parts: Parts) -> Glossary:
    """Keep new words in place of the old ones; recognisers are told at once."""
    terms = await asyncio.to_thread(save_terms, parts.settings.data_dir, wish.terms)
    await parts.on_glossary_changed(terms)
    return Glossary(terms=list(terms))


def _look(folder: Path) -> tuple[list[Installed], str | None]:
    return installed(folder), chosen_name(folder)


def _with_model(engine: EngineView, models: Sequence[Installed]) -> EngineView:
    """Add what is known of an engine's model: its licence and revision, and about what it takes."""
    model = next((model for model in models if is_of(engine, model.name)), None)
    offer = next((offer for offer in CATALOG.values() if is_of(engine, offer.name)), None)
    more: dict[str, object] = {}
    if model is not None and model.manifest is not None:
        more = {"licence": model.manifest.licence or engine.licence, "revision": model.manifest.revision}
    if offer is not None and engine.memory_mb is None:
        on_card = "float16" in engine.compute or engine.device.startswith("cuda")
        more["memory_mb"] = (offer.memory_float16 if on_card else offer.memory_int8) or None
    return engine.model_copy(update=more)


def _installed(model: Installed, chosen: str | None, view: SpeechView) -> InstalledView:
    manifest, offer = model.manifest, CATALOG.get(model.name)
    return InstalledView(
        name=model.name,
        size=model.size,
        format=model.format.value,
        repository=manifest.repository if manifest else "",
        revision=manifest.revision if manifest else "",
        licence=manifest.licence if manifest else "",
        purpose=offer.purpose if offer else "",
        languages=offer.languages if offer else "",
        chosen=model.name == chosen,
        in_use=any(is_of(engine, model.name) and engine.use != "off" for engine in view.engines),
    )


def _offer(offer: Offer) -> OfferView:
    return OfferView(
        name=offer.name,
        size=offer.size,
        licence=offer.licence,
        languages=offer.languages,
        purpose=offer.purpose,
        memory_int8_mb=offer.memory_int8 or None,
        memory_float16_mb=offer.memory_float16 or None,
        command=f"atrium models pull {offer.name}",
    )
