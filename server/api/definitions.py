"""Definitions: what work there is, how it goes, and how much of it stands where."""

from __future__ import annotations

from fastapi import APIRouter

from server.api.auth import SignedIn
from server.api.parts import HttpParts, Parts
from server.api.run_models import (
    DefinitionDetail,
    DefinitionFault,
    DefinitionState,
    DefinitionsView,
    DefinitionView,
    PersonView,
)
from server.api.run_views import definition_title, picture_view, state_title
from server.errors import Missing
from server.identity import Session
from server.roles import Permission, may, require
from server.work.sight import Standing
from workflows.definition import Definition
from workflows.diagram import mermaid, picture_of

router = APIRouter(prefix="/definitions", tags=["runs"])


@router.get("")
async def list_definitions(session: SignedIn, parts: Parts) -> DefinitionsView:
    """List what work there is, by title; for owners with how many runs stand where, and files that are wrong."""
    require(session.role, Permission.START_RUNS)
    views = [await _view(parts, session, one) for one in parts.engine.library.values()]
    faults = parts.definition_faults if may(session.role, Permission.OPERATE_RUNS) else ()
    return DefinitionsView(
        definitions=sorted(views, key=lambda one: one.title.casefold()),
        faults=[DefinitionFault(file=f.file, line=f.line, column=f.column, text=f.text) for f in faults],
        people=[PersonView(id=one.id, name=one.name) for one in await parts.sight.deciders()],
    )


@router.get("/{name}")
async def read_definition(name: str, session: SignedIn, parts: Parts) -> DefinitionDetail:
    """Give a kind of work with its diagram."""
    require(session.role, Permission.START_RUNS)
    definition = parts.engine.library.get(name)
    if definition is None:
        raise Missing(f"there is no workflow {name!r}")
    picture = picture_of(definition)
    view = await _view(parts, session, definition)
    return DefinitionDetail(**view.model_dump(), picture=picture_view(picture), mermaid=mermaid(picture))


async def _view(parts: HttpParts, session: Session, definition: Definition) -> DefinitionView:
    standing: Standing | None = None
    if may(session.role, Permission.READ_RUNS):
        standing = (await parts.sight.standing()).get(definition.name)
    return DefinitionView(
        name=definition.name,
        title=definition_title(definition, definition.name),
        startable=definition in parts.desk.startable(),
        data=dict(definition.data) if definition.data is not None else None,
        states=[
            DefinitionState(
                name=state.name,
                title=state_title(definition, state.name),
                parent=state.parent,
                final=state.final,
                runs=None if standing is None else standing.states.get(state.name, 0),
            )
            for state in definition.states
        ],
        open=None if standing is None else standing.open,
        stuck=None if standing is None else standing.stuck,
        more=standing is not None and standing.more,
    )
