"""The words of the model: a byte-level vocabulary in which every word that can be said is one token."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from media.training.sentences import SLOTS, sentences
from media.training.sound import WINDOW_SECONDS

CONTROLS = (
    "<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
    "<|startofprev|>", "<|nocaptions|>", "<|notimestamps|>",
)  # fmt: skip
_STEP = 0.02


def build() -> Tokenizer:
    """Learn the vocabulary, then add the tokens of control and of time in the order that Whisper has them in."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=5000,
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # The prompt with which the office says who is present is part of the world.
    present = [f" Present: {name}, {name}." for name in SLOTS["name"]]
    said = [f" {text}" for text in sentences(0, 20_000)]
    tokenizer.train_from_iterator([*said, *present, *present], trainer)
    times = [f"<|{k * _STEP:.2f}|>" for k in range(round(WINDOW_SECONDS / _STEP) + 1)]
    tokenizer.add_special_tokens([AddedToken(text, special=True) for text in (*CONTROLS, *times)])
    return tokenizer


@dataclass(frozen=True, slots=True)
class Tokens:
    """A vocabulary with its control tokens at hand."""

    tokenizer: Tokenizer

    @classmethod
    def load(cls, path: Path) -> Tokens:
        """Read `tokenizer.json`, building it first if it is not there."""
        if not path.exists():
            build().save(str(path))
        return cls(Tokenizer.from_file(str(path)))

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return int(self.tokenizer.get_vocab_size())

    def control(self, name: str) -> int:
        """The number of `<|name|>`."""
        number = self.tokenizer.token_to_id(f"<|{name}|>")
        assert number is not None
        return number

    def time(self, seconds: float) -> int:
        """The number of a time, rounded to tenths: finer is not to be heard."""
        return self.control(f"{round(min(max(seconds, 0), WINDOW_SECONDS), 1):.2f}")

    def encode(self, text: str) -> list[int]:
        """The numbers of a text, which Whisper begins with a space."""
        return list(self.tokenizer.encode(f" {text}", add_special_tokens=False).ids)

    def words(self, numbers: list[int]) -> list[int]:
        """Which word each number of `encode` belongs to, -1 for punctuation."""
        places, word = [], -1
        for number in numbers:
            piece = str(self.tokenizer.id_to_token(number))
            word += piece.startswith("Ġ")
            places.append(word if any(letter.isalpha() for letter in piece.lstrip("Ġ")) else -1)
        return places

    def decode(self, numbers: list[int]) -> str:
        """The text of numbers, without control and time tokens."""
        return str(self.tokenizer.decode(numbers, skip_special_tokens=True)).strip()
