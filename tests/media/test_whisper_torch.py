"""Whisper on torch with small stand-ins for model and processor; with the real torch where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from media.adapters.whisper_torch import TorchSettings, TorchTranscriber, torch_device
from media.errors import EngineUnavailable, ModelMissing
from media.transcriber import RATE, Hypothesis, Request, text_of

SPEECH = (np.sin(np.arange(16_000) / 9) * 0.3).astype(np.float32)
WORDS = [" We", " send", " the", " bud", "get", "."]
END, START, GERMAN, ENGLISH, TASK, BARE = 6, 7, 8, 9, 10, 11
"""Marks, after all words as in every Whisper."""


class Tensor:
    """As much of a tensor as is used: numbers with a device."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)
        self.placed: tuple[Any, ...] = ()

    def to(self, *where: Any) -> Tensor:
        self.placed = where
        return self

    def float(self) -> Tensor:
        return self

    def softmax(self, axis: int) -> Any:
        powers = np.exp(self.values)
        return powers / powers.sum(axis)

    def __getitem__(self, at: int) -> Any:
        return Tensor(self.values[at]) if self.values.ndim > 1 else self.values[at]

    def __iter__(self) -> Any:
        return iter(self.values)


class Tokenizer:
    eos_token_id = END

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(WORDS[token] for token in tokens)

    def convert_ids_to_tokens(self, tokens: Sequence[int]) -> list[str]:
        marks = {GERMAN: "<|de|>", ENGLISH: "<|en|>"}
        return [marks.get(token, "x") for token in tokens]


class Processor:
    tokenizer = Tokenizer()

    def __init__(self) -> None:
        self.given: list[list[int]] = []

    def __call__(self, sounds: Sequence[Any], **_: Any) -> SimpleNamespace:
        self.given.append([len(sound) for sound in sounds])
        return SimpleNamespace(input_features=Tensor([0.0]), attention_mask=Tensor([1.0]))

    def get_prompt_ids(self, text: str, **_: Any) -> Tensor:
        return Tensor([ord(letter) for letter in text])


class Model:
    """Says "We send the budget." to every sound, the first word with probability one half."""

    dtype = "float16"

    def __init__(self, *, multilingual: bool = True, timed: bool = True, fault: str = "") -> None:
        self.generation_config = SimpleNamespace(
            lang_to_id={"<|de|>": GERMAN, "<|en|>": ENGLISH} if multilingual else None,
            alignment_heads=[[0, 0]] if timed else None,
        )
        self.timed, self.fault = timed, fault
        self.asked: list[dict[str, Any]] = []

    def generate(self, features: Tensor, **options: Any) -> dict[str, Any]:
        if self.fault:
            raise RuntimeError(self.fault)
        self.asked.append(options | {"features": features})
        rows = options["attention_mask"].values.shape[0] * 4
        opening = [START, GERMAN if options.get("language") == "de" else ENGLISH, TASK, BARE]
        tokens = [*opening, *range(len(WORDS)), END, END]
        scores = []
        for step, token in enumerate(tokens[len(opening) :]):
            row = np.full(12, -50.0)
            row[token] = 1.0
            row[END if step else 5] = 1.0 if not step else row[END]
            scores.append(Tensor([row] * rows))
        times = [0.0] * len(opening) + [0.2, 0.4, 0.5, 0.7, 0.8, 0.9, 1.0, 1.0]
        given: dict[str, Any] = {"sequences": Tensor([tokens] * rows), "scores": scores}
        return given | ({"token_timestamps": Tensor([times] * rows)} if self.timed else {})


def hypotheses(transcriber: TorchTranscriber, *requests: Request) -> list[Hypothesis]:
    outcomes = transcriber.transcribe(requests)
    assert all(isinstance(outcome, Hypothesis) for outcome in outcomes), outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Hypothesis)]


def test_tokens_become_words_with_times_and_chances() -> None:
    transcriber = TorchTranscriber(Model(), Processor(), TorchSettings(language=""), label="tiny")
    (result,) = hypotheses(transcriber, Request(samples=SPEECH))
    assert [word.text for word in result.words] == ["We", "send", "the", "budget."]
    assert [(word.start, word.end) for word in result.words] == [(0.0, 0.2), (0.2, 0.4), (0.4, 0.5), (0.5, 0.9)]
    assert result.words[0].confidence == pytest.approx(0.5)
    assert result.words[1].confidence == pytest.approx(1.0)
    assert result.language == "en"
    assert transcriber.capabilities.languages == ()
    assert "tiny, float16 on cuda" in transcriber.describe()


def test_a_model_without_times_has_them_spread_and_one_language() -> None:
    model = Model(multilingual=False, timed=False)
    transcriber = TorchTranscriber(model, Processor(), TorchSettings())
    (result,) = hypotheses(transcriber, Request(samples=SPEECH))
    assert result.words[0].start == 0.0
    assert result.words[-1].end == pytest.approx(1.0)
    assert result.language == "en"
    assert "language" not in model.asked[0]
    assert transcriber.capabilities.languages == ("en",)


def test_requests_of_one_language_and_vocabulary_go_together() -> None:
    model, processor = Model(), Processor()
    transcriber = TorchTranscriber(model, processor, TorchSettings(batch=2, device="xpu"))
    requests = [
        Request(samples=SPEECH),
        Request(samples=SPEECH, language="de", vocabulary=("Ana", "Bo")),
        Request(samples=SPEECH[:8_000]),
        Request(samples=SPEECH[:9_000]),
    ]
    results = hypotheses(transcriber, *requests)
    assert processor.given == [[16_000, 8_000], [9_000], [16_000]]
    assert [result.language for result in results] == ["en", "de", "en", "en"]
    assert [asked.get("language") for asked in model.asked] == ["en", "en", "de"]
    assert "".join(map(chr, model.asked[2]["prompt_ids"])) == "Present: Ana, Bo."
    assert model.asked[0]["features"].placed == ("xpu", "float16")


def test_silence_asks_nothing_and_a_lost_card_is_a_lost_engine() -> None:
    model = Model(fault="HIP error: device lost")
    transcriber = TorchTranscriber(model, Processor(), TorchSettings())
    (quiet,) = hypotheses(transcriber, Request(samples=np.zeros(RATE, np.float32)))
    assert quiet.words == ()
    with pytest.raises(EngineUnavailable, match="device lost"):
        transcriber.transcribe([Request(samples=SPEECH)])


def test_a_closed_recogniser_and_an_incomplete_folder_say_so(tmp_path: Path) -> None:
    transcriber = TorchTranscriber(Model(), Processor(), TorchSettings())
    transcriber.close()
    assert not isinstance(transcriber.transcribe([Request(samples=SPEECH)])[0], Hypothesis)
    with pytest.raises(ModelMissing, match=r"model\.safetensors"):
        TorchTranscriber.load(tmp_path)


@pytest.mark.gpu
@pytest.mark.skipif(not torch_device(), reason="torch has no card here")
def test_a_real_model_runs_on_the_card(tmp_path: Path) -> None:
    """Of random weights: what it says is of no interest, that it says it in time and within the sound is."""
    folder = random_model(tmp_path)
    transcriber = TorchTranscriber.load(folder, TorchSettings(batch=4, language="", device=torch_device()))
    draw = np.random.default_rng(1)
    sounds = [(draw.standard_normal(count) * 0.1).astype(np.float32) for count in (16_000, 40_000, 33 * RATE)]
    for result, sound in zip(
        hypotheses(transcriber, *(Request(samples=sound, vocabulary=("Ana",)) for sound in sounds)),
        sounds,
        strict=True,
    ):
        assert result.language in ("en", "de")
        assert all(0.0 <= word.start <= word.end <= len(sound) / RATE for word in result.words)
        assert text_of(result.words) == text_of(result.words).strip()


def random_model(folder: Path) -> Path:
    """Save a Whisper of random weights with its tokenizer."""
    import tokenizers
    import transformers

    marks = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>"]
    marks += ["<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    bare = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={x: k for k, x in enumerate(letters)}, merges=[]))
    bare.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = tokenizers.decoders.ByteLevel()
    bare.add_special_tokens([tokenizers.AddedToken(mark, special=True) for mark in marks])
    bare.add_tokens([f"<|{0.02 * k:.2f}|>" for k in range(1501)])
    number = bare.token_to_id
    end = {f"{kind}_token_id": number(marks[0]) for kind in ("eos", "bos", "pad")}
    sizes = dict.fromkeys(("encoder_layers", "decoder_layers"), 1) | dict.fromkeys(
        ("encoder_attention_heads", "decoder_attention_heads"), 2
    )
    config = transformers.WhisperConfig(
        vocab_size=bare.get_vocab_size(),
        d_model=32,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        decoder_start_token_id=number(marks[1]),
        suppress_tokens=None,
        begin_suppress_tokens=None,
        **sizes,
        **end,
    )
    model = transformers.WhisperForConditionalGeneration(config)
    generation = transformers.GenerationConfig(decoder_start_token_id=number(marks[1]), max_length=40, **end)
    generation.is_multilingual = True
    generation.lang_to_id = {"<|en|>": number("<|en|>"), "<|de|>": number("<|de|>")}
    generation.task_to_id = {task: number(f"<|{task}|>") for task in ("transcribe", "translate")}
    generation.no_timestamps_token_id, generation.alignment_heads = number("<|notimestamps|>"), [[0, 0]]
    generation.prev_sot_token_id = number("<|startofprev|>")
    model.generation_config = generation
    model.save_pretrained(folder)
    ends = {f"{kind}_token": marks[0] for kind in ("bos", "eos", "unk", "pad")}
    transformers.WhisperTokenizer(tokenizer_object=bare, **ends).save_pretrained(folder)
    bare.save(str(folder / "tokenizer.json"))
    transformers.WhisperFeatureExtractor().save_pretrained(folder)
    return folder
