"""How exports write times, states and other people's words."""

from __future__ import annotations

from datetime import datetime, tzinfo

from workflows.task import TaskState

_EMOJI_JOINER = "\u200d"

STATE_NAMES = {
    TaskState.PROPOSED: "Proposed",
    TaskState.OPEN: "Open",
    TaskState.ACCEPTED: "Accepted",
    TaskState.DONE: "Done",
    TaskState.DECLINED: "Declined",
    TaskState.OVERDUE: "Overdue",
    TaskState.REJECTED: "Rejected",
}


def one_line(text: str) -> str:
    """Give a text on one line; what cannot be seen (controls, direction marks) becomes a space."""
    return " ".join("".join(c if c.isprintable() or c == _EMOJI_JOINER else " " for c in text).split())


def clock(seconds: float, *, millis: bool = False) -> str:
    """Write a span as HH:MM:SS, or HH:MM:SS.mmm."""
    whole = max(0, round(seconds * 1000))
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours:02}:{minutes:02}:{rest // 1000:02}"
    return f"{text}.{rest % 1000:03}" if millis else text


def moment(at: datetime, timezone: tzinfo) -> str:
    """Write an instant in the office's time zone, as in `Friday, 20 November 2026, 14:05`."""
    local = at.astimezone(timezone)
    return f"{local:%A}, {local.day} {local:%B %Y, %H:%M}"


def percent(confidence: float) -> str:
    """Write a confidence as whole percent."""
    return f"{confidence:.0%}"
