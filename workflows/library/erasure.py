"""Erasing a person: erasing -> gone. An owner asks for it; the office's connector `people` does it."""

from __future__ import annotations

from workflows.definition import Definition
from workflows.parts import Call, State, Transition

ERASURE = Definition(
    name="erasure",
    title="Erase a person",
    initial="erasing",
    states=(
        State(
            name="erasing",
            title="Being erased",
            calls=(
                Call(
                    name="erase",
                    action="people.erase",
                    params={"person": "{data.person}", "by": "{run.started_by}"},
                    save="erased",
                ),
            ),
        ),
        State(name="gone", title="Erased", final=True),
    ),
    transitions=(Transition(source="erasing", event="done.erase", target="gone"),),
    data={
        "type": "object",
        "required": ["person"],
        "properties": {"person": {"type": "string", "title": "Who"}},
    },
)
"""It is recorded as all work is, so the audit tells who had whom erased, and when; by then the id says nothing."""
