"""Diagrams as pictures, for pages without scripts, documents and mail."""

from __future__ import annotations

from collections.abc import Collection

from starlette.responses import Response

from server.work.wording import definition_title
from workflows.definition import Definition
from workflows.diagram import picture_of
from workflows.svg import svg


class SvgResponse(Response):
    """A picture as SVG."""

    media_type = "image/svg+xml"


def drawing(definition: Definition, *, active: Collection[str] = ()) -> SvgResponse:
    """Draw a definition, with these states marked."""
    title = definition_title(definition, definition.name)
    return SvgResponse(svg(picture_of(definition), title=title, active=active))
