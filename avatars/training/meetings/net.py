"""The net: two layers of local self-attention over sentence vectors, with speaker, moment, place, role and words.

Attention is that of Vaswani et al., "Attention is all you need" (2017), over the utterances within `REACH`, with a
learnt bias for the distance and for whether the same person speaks (as in Shaw et al., 2018).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatars.adapters.bert import WIDTH
from avatars.meeting_input import MOMENT, PLACE, ROLE, WINDOW, WORD_PLACES
from avatars.training.meetings.corpus import LABELS

UNITS = 256
LAYERS = 2
ATTENTION_HEADS = 4
WORD_UNITS = 48
DROPPED = 0.3
"""Share of what is dropped inside; of the sentence vector it is `DROPPED_INPUT`."""
DROPPED_INPUT = 0.1
VECTOR_SCALE = 8.0
"""Sentence vectors have length 1: so large, the other inputs do not drown them."""
FIRST_BIAS = (-5.0, -4.0, -3.5, -2.0)
"""About how rare each label is, as log odds."""
INPUTS = ("vectors", "words", "moments", "places", "roles", "neighbours", "same")


class Layer(nn.Module):  # type: ignore[misc, unused-ignore]
    """Attention to the neighbours, then a feed-forward part, both before-normed."""

    def __init__(self) -> None:
        """Start from random weights."""
        super().__init__()
        self.first, self.second = nn.LayerNorm(UNITS), nn.LayerNorm(UNITS)
        self.ask, self.tell, self.out = (
            nn.Linear(UNITS, UNITS),
            nn.Linear(UNITS, 2 * UNITS),
            nn.Linear(UNITS, UNITS),
        )
        self.distance = nn.Parameter(torch.zeros(ATTENTION_HEADS, WINDOW))
        self.same = nn.Parameter(torch.zeros(ATTENTION_HEADS, WINDOW))
        self.forward_part = nn.Sequential(
            nn.Linear(UNITS, 2 * UNITS), nn.GELU(), nn.Dropout(DROPPED), nn.Linear(2 * UNITS, UNITS)
        )
        self.drop = nn.Dropout(DROPPED)

    def forward(self, state: Tensor, neighbours: Tensor, same: Tensor, outside: Tensor) -> Tensor:
        """(utterances, UNITS) -> the same."""
        width = UNITS // ATTENTION_HEADS
        normed = self.first(state)
        asked = self.ask(normed).view(-1, 1, ATTENTION_HEADS, width)
        told = functional.pad(self.tell(normed), (0, 0, 0, 1))[neighbours]
        keys, values = told.view(-1, WINDOW, 2, ATTENTION_HEADS, width).unbind(2)
        fit = (asked * keys).sum(-1).transpose(1, 2) / width**0.5
        fit = fit + self.distance + self.same * same[:, None]
        shares = (fit - 1e4 * outside[:, None]).softmax(-1)
        seen = (shares.transpose(1, 2)[..., None] * values).sum(1).reshape(-1, UNITS)
        state = state + self.drop(self.out(seen))
        changed: Tensor = state + self.drop(self.forward_part(self.second(state)))
        return changed


class Net(nn.Module):  # type: ignore[misc, unused-ignore]
    """Log odds of each label for each utterance; while it learns also the kind of dialogue act."""

    def __init__(self, acts: int) -> None:
        """Start from random weights; `acts`: kinds of dialogue acts in the corpus."""
        super().__init__()
        self.vector, self.moment = nn.Linear(WIDTH, UNITS), nn.Linear(MOMENT, UNITS)
        self.place = nn.Sequential(nn.Linear(PLACE, 32), nn.GELU(), nn.Linear(32, UNITS))
        self.role = nn.Linear(ROLE, UNITS, bias=False)
        self.words, self.word = (
            nn.Embedding(WORD_PLACES + 1, WORD_UNITS, padding_idx=0),
            nn.Linear(WORD_UNITS, UNITS),
        )
        self.drop_vector, self.drop = nn.Dropout(DROPPED_INPUT), nn.Dropout(DROPPED)
        self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
        self.norm, self.label, self.act = (
            nn.LayerNorm(UNITS),
            nn.Linear(UNITS, len(LABELS)),
            nn.Linear(UNITS, acts),
        )
        with torch.no_grad():
            self.words.weight[1:].normal_(std=0.05)
            self.label.bias.copy_(torch.tensor(FIRST_BIAS))

    def forward(
        self, vectors: Tensor, words: Tensor, moments: Tensor, places: Tensor, roles: Tensor, neighbours: Tensor,
        same: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """(utterances, LABELS) and (utterances, acts)."""
        state = self.vector(self.drop_vector(VECTOR_SCALE * vectors)) + self.moment(moments)
        state = state + self.place(places) + self.role(roles) + self.word(self.drop(self.words(words).sum(1)))
        state = self.drop(state)
        outside = (neighbours == vectors.shape[0]).to(vectors.dtype)
        for layer in self.layers:
            state = layer(state, neighbours, same, outside)
        state = self.norm(state)
        return self.label(state), self.act(state)


class Together(nn.Module):  # type: ignore[misc, unused-ignore]
    """Several nets that learnt from other random weights: the mean of their log odds."""

    def __init__(self, nets: Sequence[Net]) -> None:
        """Join these."""
        super().__init__()
        self.nets = nn.ModuleList(nets)

    def forward(self, *inputs: Tensor) -> Tensor:
        """(utterances, LABELS)."""
        return torch.stack([net(*inputs)[0] for net in self.nets]).mean(0)
