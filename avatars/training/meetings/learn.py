"""One net learns: multi-task, with the place in the meeting and the roles hidden now and then.

What is hidden for whole meetings while learning may be unknown later: one net serves a meeting that is over and
one that goes on, and does not lean on who usually says a thing and when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from avatars.meeting_input import arrange
from avatars.training.meetings.corpus import FIELDS, Meeting
from avatars.training.meetings.net import INPUTS, Net, Together

Vectors = Mapping[tuple[str, str], NDArray[np.float16]]
"""By meeting and field: (utterances, WIDTH) sentence vectors."""
UNKNOWN_ACT = -100


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How it learns. Found by trying on the development part."""

    laps: int = 6
    """Times that each meeting is seen."""
    rate: float = 1e-3
    decay: float = 0.02
    rising: float = 0.15
    """Share of the steps in which the rate rises."""
    longest_step: float = 1.0
    recognised: float = 0.35
    """How often recognised text stands for written text."""
    hidden: float = 0.4
    """How often the places, and how often the roles, are hidden."""
    positive: tuple[float, ...] = (4.0, 3.0, 2.0, 1.5)
    """How much a positive counts for each label."""
    share: tuple[float, ...] = (1.0, 0.5, 0.5, 0.5)
    """How much each label counts."""
    labels: float = 4.0
    acts: float = 0.3
    """How much all labels count, and the dialogue act."""


def inputs_of(meeting: Meeting, field: str, vectors: Vectors, *, whole: bool, roles: bool) -> list[Tensor]:
    """The net's inputs for a meeting, in the order of `INPUTS`."""
    arrays = {
        "vectors": vectors[meeting.id, field].astype(np.float32),
        **arrange(meeting.lines(field), whole=whole, roles=roles).arrays(),
    }
    return [torch.from_numpy(arrays[name]) for name in INPUTS]


def learn(meetings: Sequence[Meeting], vectors: Vectors, seed: int, settings: Settings) -> Net:
    """Fit a net.

    Args:
        meetings: to learn from.
        vectors: of their utterances.
        seed: of the weights, the order and what is hidden.
        settings: how.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    kinds = {act: number for number, act in enumerate(sorted(_acts(meetings)))}
    prepared = [_Prepared(meeting, vectors, kinds) for meeting in meetings]
    net = Net(len(kinds))
    descent = torch.optim.AdamW(net.parameters(), lr=settings.rate, weight_decay=settings.decay)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        descent, settings.rate, total_steps=settings.laps * len(meetings), pct_start=settings.rising
    )
    positive, share = torch.tensor(settings.positive), torch.tensor(settings.share)
    net.train()
    for _ in range(settings.laps):
        for place in chance.permutation(len(prepared)):
            one = prepared[place]
            field = FIELDS[int(chance.random() < settings.recognised)]
            whole, roles = chance.random(2) >= settings.hidden
            told, acts = net(*one.inputs(field, whole=bool(whole), roles=bool(roles)))
            losses = functional.binary_cross_entropy_with_logits(
                told, one.gold, weight=one.weights, pos_weight=positive, reduction="none"
            ).mean(0)
            loss = settings.labels * (losses * share).sum() + settings.acts * functional.cross_entropy(
                acts, one.acts, ignore_index=UNKNOWN_ACT
            )
            descent.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), settings.longest_step)
            descent.step()
            pace.step()
    net.eval()
    return net


def tell(
    nets: Sequence[Net], meetings: Sequence[Meeting], vectors: Vectors, field: str, *, known: bool
) -> dict[str, NDArray[np.float32]]:
    """Log odds by meeting: (utterances, LABELS). `known`: places and roles are."""
    together = Together(nets).eval()
    with torch.no_grad():
        return {
            meeting.id: together(*inputs_of(meeting, field, vectors, whole=known, roles=known)).numpy()
            for meeting in meetings
        }


class _Prepared:
    """A meeting as tensors, with what must not change from lap to lap done once."""

    def __init__(self, meeting: Meeting, vectors: Vectors, kinds: Mapping[str, int]) -> None:
        self.gold, self.weights = torch.from_numpy(meeting.gold()), torch.from_numpy(meeting.weights())
        self.acts = torch.tensor([kinds.get(row.get("da") or "", UNKNOWN_ACT) for row in meeting.rows])
        self._all = {
            (field, known): inputs_of(meeting, field, vectors, whole=known, roles=known)
            for field in FIELDS
            for known in (False, True)
        }

    def inputs(self, field: str, *, whole: bool, roles: bool) -> list[Tensor]:
        """The net's inputs, with places and roles or without."""
        chosen = {name: tensor for name, tensor in zip(INPUTS, self._all[field, False], strict=True)}
        known = dict(zip(INPUTS, self._all[field, True], strict=True))
        if whole:
            chosen["places"] = known["places"]
        if roles:
            chosen["roles"] = known["roles"]
        return [chosen[name] for name in INPUTS]


def _acts(meetings: Sequence[Meeting]) -> set[str]:
    return {row["da"] for meeting in meetings for row in meeting.rows if row.get("da")}
