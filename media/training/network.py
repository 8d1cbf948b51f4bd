"""The network: Whisper's, with its names for the weights, and an ear that is taught sounds on the side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from media.training import phones, sound

POSITIONS = sound.FRAMES // 2
MOST_TOKENS = 448
"""As many as faster-whisper may ask for."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the network is."""

    vocabulary: int
    width: int = 192
    heads: int = 4
    ear_layers: int = 4
    mouth_layers: int = 2


class _Attention(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, memory: Tensor, hidden: Tensor, *, tell: bool) -> tuple[Tensor, Tensor | None]:
        """Returns what was attended to (batch, queries, width), and if asked the logarithm of how much of each."""
        query, key, value = (
            projection(of).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for projection, of in ((self.q_proj, x), (self.k_proj, memory), (self.v_proj, memory))
        )
        if not tell:
            # Quicker, but keeps the weights to itself.
            attended = F.scaled_dot_product_attention(query, key, value, attn_mask=~hidden)
            return self.out_proj(attended.transpose(1, 2).flatten(2)), None
        scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])
        weights = scores.masked_fill(hidden, -1e9).log_softmax(-1)
        return self.out_proj((weights.exp() @ value).transpose(1, 2).flatten(2)), weights


class _Layer(nn.Module):  # type: ignore[misc, unused-ignore]
    """Attention to itself, to the ear if it is the mouth's, and a step of thought; each after a norm."""

    def __init__(self, shape: Shape, *, listens: bool) -> None:
        super().__init__()
        self.self_attn = _Attention(shape.width, shape.heads)
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        if listens:
            self.encoder_attn = _Attention(shape.width, shape.heads)
            self.encoder_attn_layer_norm = nn.LayerNorm(shape.width)
        self.fc1 = nn.Linear(shape.width, 4 * shape.width)
        self.fc2 = nn.Linear(4 * shape.width, shape.width)
        self.final_layer_norm = nn.LayerNorm(shape.width)

    def forward(
        self,
        x: Tensor,
        hidden: Tensor,
        heard: Tensor | None,
        unheard: Tensor | None,
        drop: float,
        *,
        tell: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        normed = self.self_attn_layer_norm(x)
        x = x + F.dropout(self.self_attn(normed, normed, hidden, tell=False)[0], drop, self.training)
        weights = None
        if heard is not None:
            attended, weights = self.encoder_attn(self.encoder_attn_layer_norm(x), heard, unheard, tell=tell)
            x = x + F.dropout(attended, drop, self.training)
        step = self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))
        return x + F.dropout(step, drop, self.training), weights


class _Encoder(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(sound.MELS, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding.from_pretrained(_waves(POSITIONS, shape.width), freeze=True)
        self.layers = nn.ModuleList(_Layer(shape, listens=False) for _ in range(shape.ear_layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, features: Tensor, hidden: Tensor, drop: float) -> Tensor:
        x = F.gelu(self.conv1(features))
        # The office gives the model exactly what was heard; what only fills up the batch must not shine in.
        x = x * ~hidden.repeat_interleave(2, dim=1)[:, None, : x.shape[2]]
        x = F.gelu(self.conv2(x)).transpose(1, 2)
        x = F.dropout(x + self.embed_positions.weight[: x.shape[1]], drop, self.training)
        for layer in self.layers:
            x, _ = layer(x, hidden[:, None, None], None, None, drop)
        return self.layer_norm(x)  # type: ignore[no-any-return, unused-ignore]


class _Decoder(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.embed_positions = nn.Embedding(MOST_TOKENS, shape.width)
        self.layers = nn.ModuleList(_Layer(shape, listens=True) for _ in range(shape.mouth_layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, tokens: Tensor, heard: Tensor, unheard: Tensor, drop: float) -> tuple[Tensor, Tensor]:
        length = tokens.shape[1]
        x = self.embed_tokens(tokens) + self.embed_positions.weight[:length]
        x = F.dropout(x, drop, self.training)
        later = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        weights = x
        # Only the last layer knows enough to find each word, so only it is asked where it looks.
        for k, layer in enumerate(self.layers):
            x, weights = layer(x, later, heard, unheard[:, None, None], drop, tell=k == len(self.layers) - 1)
        return self.layer_norm(x) @ self.embed_tokens.weight.T, weights


class _Both(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.encoder = _Encoder(shape)
        self.decoder = _Decoder(shape)


class Network(nn.Module):  # type: ignore[misc, unused-ignore]
    """An ear (encoder), a mouth (decoder), and a judge of sounds that is thrown away after training."""

    def __init__(self, shape: Shape) -> None:
        """Begin with small random weights."""
        super().__init__()
        self.shape = shape
        self.model = _Both(shape)
        self.sounds = nn.Linear(shape.width, len(phones.NAMES))
        for name, weight in self.named_parameters():
            if weight.dim() == 2 and "embed" not in name:
                nn.init.xavier_uniform_(weight)
        nn.init.normal_(self.model.decoder.embed_tokens.weight, std=shape.width**-0.5)
        nn.init.normal_(self.model.decoder.embed_positions.weight, std=0.02)

    def hear(self, features: Tensor, frames: Tensor, drop: float = 0.0) -> tuple[Tensor, Tensor]:
        """Hear a batch.

        Args:
            features: (batch, mels, frames).
            frames: (batch,), how many of them are sound and not filling.
            drop: share of dropout.

        Returns:
            (batch, positions, width) and which of the positions are filling, (batch, positions).
        """
        count = (features.shape[2] + 1) // 2
        hidden = torch.arange(count, device=features.device) >= ((frames + 1) // 2)[:, None]
        return self.model.encoder(features, hidden, drop), hidden

    def speak(self, tokens: Tensor, heard: Tensor, unheard: Tensor, drop: float = 0.0) -> tuple[Tensor, Tensor]:
        """What comes after each token.

        Args:
            tokens: (batch, tokens).
            heard: from `hear`.
            unheard: from `hear`.
            drop: share of dropout.

        Returns:
            Logits (batch, tokens, vocabulary), and the logarithm of the last layer's attention
            (batch, heads, tokens, positions).
        """
        return self.model.decoder(tokens, heard, unheard, drop)  # type: ignore[no-any-return, unused-ignore]


def _waves(length: int, width: int) -> Tensor:
    """Whisper's positions: sines, then cosines, (length, width)."""
    slower = torch.exp(-math.log(10_000) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * slower[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)
