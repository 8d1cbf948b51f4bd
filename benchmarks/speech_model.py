"""A Whisper of an ordinary shape that says the same whatever it hears: a fair load where no real model is at hand.

The weights are drawn at random. Only what follows on what is set: each place of the output pulls towards a word of
a fixed text, and after the text towards its end, so that the work for each sound is always that of one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media.training.tokens import Tokens, build

TEXT = "Please send the budget to Ana by Friday. Book the small meeting room for Tuesday morning. Hugo will pay."
"""About 25 tokens: what people say in some five seconds."""
_PULL = 20.0
"""How much stronger the place is than the word before it."""
_POSITIONS = 448


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a Whisper is; these numbers are those of small.en."""

    width: int = 768
    layers: int = 12
    heads: int = 12
    vocabulary: int = 51864
    mels: int = 80
    window: int = 1500
    """Positions of the encoder, 20 ms each."""


def write(folder: Path, shape: Shape | None = None, *, compute: str = "float16", seed: int = 1) -> Path:
    """Write a model as faster-whisper reads it.

    Args:
        folder: is made.
        shape: how large.
        compute: how its numbers are written, as CTranslate2 calls it.
        seed: of the weights.
    """
    from ctranslate2.specs.model_spec import visit_spec  # type: ignore[import-untyped, unused-ignore]
    from ctranslate2.specs.whisper_spec import WhisperSpec  # type: ignore[import-untyped, unused-ignore]

    shape = shape or Shape()
    folder.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(build())
    spec = WhisperSpec(shape.layers, shape.heads, shape.layers, shape.heads)
    weights = _weights(shape, tokens, np.random.default_rng(seed))

    def fill(layer: Any, name: str, value: object) -> None:
        left_out = name == "decoder/projection/bias"
        if value is None or (name.endswith(("/bias", "/encodings")) and not left_out):
            setattr(layer, name.rpartition("/")[2], weights(name))

    visit_spec(spec, fill)
    known = [tokens.tokenizer.id_to_token(number) for number in range(tokens.size)]
    vocabulary = [*known, *(f"<|unused {number}|>" for number in range(shape.vocabulary - len(known)))]
    spec.register_vocabulary(vocabulary)
    last = shape.layers - 1
    spec.config.suppress_ids = spec.config.suppress_ids_begin = spec.config.lang_ids = []
    spec.config.alignment_heads = [(last, 0), (last, 1)]
    spec.validate()
    spec.optimize(quantization=compute)
    spec.save(str(folder))
    tokens.tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "feature_size": shape.mels, "sampling_rate": 16_000, "hop_length": 160, "n_fft": 400,
        "chunk_length": shape.window // 50,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(settings) + "\n")
    return folder


def _weights(shape: Shape, tokens: Tokens, chance: np.random.Generator) -> Any:
    """What gives an array for the name of each variable."""
    d = shape.width
    words = chance.normal(0, d**-0.5, (shape.vocabulary, d)).astype(np.float32)
    said = tokens.encode(TEXT)
    ends = [tokens.control("endoftext")] * (_POSITIONS - len(said))
    shapes: dict[str, Sequence[int]] = {
        "encoder/conv1/weight": (d, shape.mels, 3),
        "encoder/conv2/weight": (d, d, 3),
        "self_attention/linear_0/weight": (3 * d, d),
        "self_attention/linear_1/weight": (d, d),
        "/attention/linear_0/weight": (d, d),
        "/attention/linear_1/weight": (2 * d, d),
        "/attention/linear_2/weight": (d, d),
        "ffn/linear_0/weight": (4 * d, d),
        "ffn/linear_1/weight": (d, 4 * d),
        "self_attention/linear_0/bias": (3 * d,),
        "/attention/linear_1/bias": (2 * d,),
        "ffn/linear_0/bias": (4 * d,),
    }

    def give(name: str) -> np.typing.NDArray[np.float32]:
        if name in ("decoder/embeddings/weight", "decoder/projection/weight"):
            return words
        if name == "decoder/position_encodings/encodings":
            # What stands at a place is the token that comes after it.
            return _PULL * words[[*said, *ends]]
        if name == "encoder/position_encodings/encodings":
            return chance.normal(0, 1, (shape.window, d)).astype(np.float32)
        if name.endswith("gamma"):
            return np.ones(d, np.float32)
        size = next((size for end, size in shapes.items() if name.endswith(end)), (d,))
        spread = 0.0 if len(size) == 1 else 0.01
        return chance.normal(0, spread, size).astype(np.float32)

    return give
