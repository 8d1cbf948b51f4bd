"""From the network of the training to the folder that faster-whisper loads."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from media.training import sound
from media.training.network import MOST_TOKENS, POSITIONS, Network, Shape
from media.training.tokens import Tokens
from media.training.train import GUIDED_HEADS
from media.training.voices import RATE

CHECKPOINT = "model.safetensors"


def keep(network: Network, folder: Path) -> None:
    """Write the weights in half precision, so that training can be taken up again."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.half().contiguous() for name, weight in network.state_dict().items()}
    save_file(weights, str(folder / CHECKPOINT))


def take_up(network: Network, path: Path) -> None:
    """Read weights that `keep` wrote."""
    network.load_state_dict({name: weight.float() for name, weight in load_file(str(path)).items()})


def convert(network: Network, tokens: Tokens, out: Path) -> None:
    """Write model.bin (int8) and everything that faster-whisper reads with it.

    Args:
        network: trained.
        tokens: its vocabulary.
        out: the folder, which may exist.
    """
    from ctranslate2.converters import TransformersConverter  # type: ignore[import-untyped, unused-ignore]
    from transformers import GenerationConfig, WhisperForConditionalGeneration

    shape = network.shape
    end, start = tokens.control("endoftext"), tokens.control("startoftranscript")
    model = WhisperForConditionalGeneration(_config(shape, start, end))
    weights = {name: weight for name, weight in network.state_dict().items() if name.startswith("model.")}
    missing = model.load_state_dict(weights, strict=False)
    if missing.unexpected_keys or missing.missing_keys not in ([], ["proj_out.weight"]):
        raise ValueError(f"the weights do not fit: {missing}")
    model.generation_config = GenerationConfig(
        decoder_start_token_id=start,
        eos_token_id=end,
        pad_token_id=end,
        bos_token_id=end,
        suppress_tokens=[],
        begin_suppress_tokens=[],
        alignment_heads=[[shape.mouth_layers - 1, head] for head in range(GUIDED_HEADS)],
    )
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tokens.tokenizer.save(f"{folder}/tokenizer.json")
        (Path(folder) / "preprocessor_config.json").write_text(
            json.dumps(
                {
                    "feature_size": sound.MELS,
                    "sampling_rate": RATE,
                    "hop_length": sound.HOP,
                    "n_fft": sound.FFT,
                    "chunk_length": sound.WINDOW_SECONDS,
                },
                indent=2,
            )
            + "\n"
        )
        copied = ["tokenizer.json", "preprocessor_config.json"]
        out.mkdir(parents=True, exist_ok=True)
        TransformersConverter(folder, copy_files=copied).convert(str(out), quantization="int8", force=True)


def _config(shape: Shape, start: int, end: int) -> object:
    from transformers import WhisperConfig

    return WhisperConfig(
        vocab_size=shape.vocabulary,
        num_mel_bins=sound.MELS,
        d_model=shape.width,
        encoder_layers=shape.ear_layers,
        decoder_layers=shape.mouth_layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=4 * shape.width,
        decoder_ffn_dim=4 * shape.width,
        max_source_positions=POSITIONS,
        max_target_positions=MOST_TOKENS,
        decoder_start_token_id=start,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )


def load(path: Path, tokens: Tokens) -> Network:
    """A network with the weights of a checkpoint or of an unfinished course."""
    network = Network(Shape(vocabulary=tokens.size))
    if path.suffix == ".pt":
        network.load_state_dict(torch.load(path, weights_only=True)["network"])
    else:
        take_up(network, path)
    network.eval()
    return network
