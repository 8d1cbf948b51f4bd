"""Builds the shipped speech files: `python -m media.language.build --corpus train.jsonl.gz ...`.

Without corpora it builds from the office grammar and the package's general model alone; the result is a
little worse on free talk. The same inputs give the same files.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from media.language.backoff import interpolate, pruned
from media.language.estimate import END, START, estimate
from media.language.files import (
    ADDITIONS,
    DICTIONARY,
    GENERAL_MODEL,
    LANGUAGE_MODEL,
    LETTERS,
    package_model,
)
from media.language.grammar import read_grammar
from media.language.letters import LetterRules, learn
from media.language.names import PERSON, PERSONS
from media.language.text import meeting_sentences
from media.language.trie import read_trie, write_trie


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """Sizes and weights; chosen on development sentences that are no part of any test."""

    sentences: int = 150_000
    seed: int = 7
    corpus_count: int = 2
    """N-grams that a corpus holds less often are left out."""
    general: float = 0.4
    office: float = 0.4
    meetings: float = 0.2
    bigrams: int = 500_000
    trigrams: int = 1_000_000


def build(corpora: Sequence[Path], output: Path, settings: BuildSettings) -> None:
    """Write language model, extra words and letter rules into `output`."""
    package = package_model()
    entries = dict(_entries(package / DICTIONARY))
    rules = learn((word, phones) for word, phones in entries.items() if "(" not in word and "'" not in word)
    output.mkdir(parents=True, exist_ok=True)
    rules.save(output / LETTERS)
    print(f"letter rules: {len(rules.table)}", flush=True)

    office = estimate(_office(settings))
    models, weights = [read_trie(package / GENERAL_MODEL), office], [settings.general, settings.office]
    if corpora:
        models.append(estimate(_meetings(corpora, entries), min_count=settings.corpus_count))
        weights.append(settings.meetings)
    words = [
        word
        for word in dict.fromkeys(word for model in models for word in model.words)
        if word in entries or word in office.words or word in (START, END)
    ]
    mixed = interpolate(
        [model.with_words(words) for model in models], [weight / sum(weights) for weight in weights]
    )
    small = pruned(mixed, settings.bigrams, settings.trigrams)
    _write_words(output / ADDITIONS, [word for word in office.words if word not in entries], rules)
    write_trie(small, output / LANGUAGE_MODEL)
    print(f"words {len(words)}, bigrams {len(small.two)}, trigrams {len(small.three)}", flush=True)


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text().splitlines():
        word, _, phones = line.partition(" ")
        yield word, phones.strip()


def _office(settings: BuildSettings) -> Iterator[str]:
    for sentence in read_grammar().sentences(settings.sentences, settings.seed):
        named = sentence.replace("<persons>", PERSONS).replace("<person>", PERSON)
        yield f" {named} ".replace(" p m ", " p.m. ").replace(" a m ", " a.m. ").strip()


def _meetings(corpora: Iterable[Path], known: dict[str, str]) -> Iterator[str]:
    """Sentences of corpora in JSON lines with a field `text`; those with unknown words are left out."""
    for path in corpora:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for line in lines:
                for sentence in meeting_sentences(json.loads(line)["text"]):
                    if all(word in known for word in sentence.split()):
                        yield sentence


def _write_words(path: Path, words: Sequence[str], rules: LetterRules) -> None:
    """Words of the office that the general dictionary lacks: from the hand-made list, else by letters."""
    by_hand = dict(_entries(Path(__file__).with_name("words.dict")))
    lines = [
        f"{word} {by_hand.get(word) or rules.read(word)}"
        for word in sorted({*words, *by_hand})
        if word not in (START, END, PERSON, PERSONS)
    ]
    path.write_text("\n".join(lines) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(prog="python -m media.language.build", description=__doc__)
    parser.add_argument("--corpus", type=Path, nargs="*", default=[], help="JSON lines with a field text")
    parser.add_argument("--output", type=Path, default=Path("assets/models/speech"))
    parser.add_argument("--sentences", type=int, default=BuildSettings().sentences)
    chosen = parser.parse_args(arguments)
    missing = [str(path) for path in chosen.corpus if not path.is_file()]
    if missing:
        parser.error(f"no such corpus: {', '.join(missing)}")
    build(chosen.corpus, chosen.output, BuildSettings(sentences=chosen.sentences))


if __name__ == "__main__":
    main()
