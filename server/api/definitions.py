"""Definitions: what work there is, how it goes, and how much of it stands where."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter

from server.api.auth import SignedIn
from server.api.drawings import SvgResponse, drawing
from server.api.parts import HttpParts, Parts
from server.api.run_models import (
    DefinitionDetail,
    DefinitionFault,
    DefinitionState,
    DefinitionsView,
    DefinitionView,
    PersonView,
    Reloaded,
    RunMoved,
    RunRefused,
    Upgraded,
)
from server.api.run_views import picture_view
from server.api.runs import NewerVersion
from server.errors import Missing
from server.identity import Session
from server.roles import Permission, may, require
from server.work.definitions import FileFault
from server.work.sight import Standing
from server.work.wording import definition_title, state_title
from workflows.definition import Definition
from workflows.diagram import mermaid, picture_of

router = APIRouter(prefix="/definitions", tags=["runs"])


class NewestForAll(NewerVersion):
    """Why all open runs are to follow the newest version of their workflow."""

    dry: bool = False
    """Only look whether they could."""


@router.get("")
async def list_definitions(session: SignedIn, parts: Parts) -> DefinitionsView:
    """List what work there is, by title; for owners with how many runs stand where, and files that are wrong."""
    require(session.role, Permission.START_RUNS)
    views = [await _view(parts, session, one) for one in parts.engine.library.values()]
    faults = parts.shelf.faults if may(session.role, Permission.OPERATE_RUNS) else ()
    return DefinitionsView(
        definitions=sorted(views, key=lambda one: one.title.casefold()),
        faults=_faults(faults),
        people=[PersonView(id=one.id, name=one.name) for one in await parts.sight.deciders()],
    )


@router.post("/reload")
async def reload_definitions(session: SignedIn, parts: Parts) -> Reloaded:
    """Read the files again that hold workflows; runs follow the version that they began with. For owners."""
    require(session.role, Permission.OPERATE_RUNS)
    change = await parts.shelf.reload()
    return Reloaded(
        new=list(change.new),
        changed=list(change.changed),
        gone=list(change.gone),
        faults=_faults(parts.shelf.faults),
    )


@router.get("/{name}")
async def read_definition(name: str, session: SignedIn, parts: Parts) -> DefinitionDetail:
    """Give a kind of work with its diagram."""
    definition = _definition(parts, session, name)
    picture = picture_of(definition)
    view = await _view(parts, session, definition)
    return DefinitionDetail(**view.model_dump(), picture=picture_view(picture), mermaid=mermaid(picture))


@router.get("/{name}/diagram.svg", response_class=SvgResponse)
async def draw_definition(name: str, session: SignedIn, parts: Parts) -> SvgResponse:
    """Draw a kind of work."""
    return drawing(_definition(parts, session, name))


@router.post("/{name}/upgrade")
async def upgrade_runs(name: str, wish: NewestForAll, session: SignedIn, parts: Parts) -> Upgraded:
    """Let all open runs follow the newest version, or none where one cannot. For owners."""
    plan = await parts.desk.upgrade_all(
        session, name, renamed=wish.renamed, reason=wish.reason, dry=wish.dry, now=parts.now()
    )
    return Upgraded(
        version=plan.version,
        newest=plan.newest,
        moved=[RunMoved(run=run, before=before, after=after) for run, (before, after) in plan.moved.items()],
        refused=[RunRefused(run=run, reasons=reasons) for run, reasons in plan.refused.items()],
        done=plan.done,
    )


def _definition(parts: HttpParts, session: Session, name: str) -> Definition:
    require(session.role, Permission.START_RUNS)
    definition = parts.engine.library.get(name)
    if definition is None:
        raise Missing(f"there is no workflow {name!r}")
    return definition


def _faults(faults: Iterable[FileFault]) -> list[DefinitionFault]:
    return [DefinitionFault(file=f.file, line=f.line, column=f.column, text=f.text) for f in faults]


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
    )
