"""The language model's parts: distributions sum to 1, names get pronunciations, text becomes words."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import ModelMissing, SettingsError
from media.language.backoff import NEVER, BackoffModel, interpolate, pruned
from media.language.display import written
from media.language.estimate import estimate
from media.language.files import GENERAL_MODEL, package_model
from media.language.grammar import read_grammar
from media.language.letters import LetterRules, continental, learn, plain
from media.language.names import NameList, Pronouncer, name_parts, terms_of
from media.language.text import meeting_sentences, spoken_words
from media.language.trie import read_trie, write_trie
from tests.media.measure_speech import SCRIPTS, read_script

SENTENCES = st.lists(
    st.lists(st.sampled_from(["we", "send", "the", "budget", "report"]), min_size=1, max_size=6).map(" ".join),
    min_size=3,
    max_size=30,
)


def total(model: BackoffModel, first: int, second: int) -> float:
    every = np.arange(len(model.words))
    logs = model.trigram(np.full_like(every, first), np.full_like(every, second), every)
    return float(np.sum(10.0**logs))


def assert_sums_to_one(model: BackoffModel) -> None:
    start = model.words.index("<s>")
    for second in range(len(model.words)):
        if model.words[second] not in ("<s>", "</s>") and model.one[second] > NEVER:
            assert total(model, start, second) == pytest.approx(1.0, abs=0.02)


@given(SENTENCES)
@settings(max_examples=25, deadline=None)
def test_an_estimated_model_is_a_distribution(sentences: list[str]) -> None:
    assert_sums_to_one(estimate(sentences))


@given(SENTENCES, SENTENCES, st.floats(0.1, 0.9))
@settings(max_examples=15, deadline=None)
def test_a_mixed_and_pruned_model_is_one_too(one: list[str], two: list[str], weight: float) -> None:
    models = [estimate(one), estimate(two)]
    words = tuple(dict.fromkeys(models[0].words + models[1].words))
    mixed = interpolate([model.with_words(words) for model in models], [weight, 1.0 - weight])
    assert_sums_to_one(mixed)
    assert_sums_to_one(pruned(mixed, bigrams=6, trigrams=4))


def test_what_was_said_more_often_is_likelier() -> None:
    model = estimate(["we send the budget"] * 3 + ["we send the report", "send we"])
    ids = {word: np.array([number]) for number, word in enumerate(model.words)}
    assert model.trigram(ids["send"], ids["the"], ids["budget"]) > model.trigram(
        ids["send"], ids["the"], ids["report"]
    )


def test_rare_n_grams_of_a_corpus_are_not_listed() -> None:
    model = estimate(["we send the budget"] * 2 + ["secret words of one person"], min_count=2)
    listed = {model.words[number] for row in model.rows_two().tolist() for number in row}
    assert "secret" not in listed
    assert {"send", "budget"} <= listed


def test_models_over_other_words_are_not_mixed() -> None:
    with pytest.raises(SettingsError, match="vocabulary"):
        interpolate([estimate(["a b"]), estimate(["a c"])], [0.5, 0.5])


@given(SENTENCES)
@settings(max_examples=15, deadline=None)
def test_a_written_model_is_read_back(sentences: list[str]) -> None:
    model = estimate(sentences)
    with tempfile.TemporaryDirectory() as folder:
        write_trie(model, Path(folder) / "small.lm.bin")
        again = read_trie(Path(folder) / "small.lm.bin")
    assert again.words == model.words
    assert np.array_equal(again.two_key, model.two_key)
    assert np.array_equal(again.three_key, model.three_key)
    np.testing.assert_allclose(again.three, model.three, atol=0.001)
    np.testing.assert_allclose(again.two_back, model.two_back, atol=0.001)


def test_pocketsphinx_reads_a_written_model_as_we_do(tmp_path: Path) -> None:
    from pocketsphinx import Config, LogMath, NGramModel

    model = estimate(["we send the budget", "we keep the report", "send the report"])
    write_trie(model, tmp_path / "small.lm.bin")
    theirs = NGramModel(Config(), LogMath(), str(tmp_path / "small.lm.bin"))
    ids = {word: np.array([number]) for number, word in enumerate(model.words)}
    for words in (["we", "send", "the"], ["keep", "the", "budget"], ["<s>", "send", "the"]):
        log10 = float(model.trigram(*(ids[word] for word in words))[0])
        assert theirs.prob(words[::-1]) * np.log10(1.0001) == pytest.approx(log10, abs=0.003)


def test_pocketsphinxs_own_model_is_read_exactly() -> None:
    from pocketsphinx import Config, LogMath, NGramModel

    path = package_model() / GENERAL_MODEL
    model, own = read_trie(path), NGramModel(Config(), LogMath(), str(path))
    ids = {word: np.array([number]) for number, word in enumerate(model.words)}
    for words in (["in", "the", "end"], ["move", "the", "launch"], ["<s>", "good", "morning"]):
        log10 = float(model.trigram(*(ids[word] for word in words))[0])
        assert log10 / np.log10(1.0001) == pytest.approx(own.prob(words[::-1]), abs=2.0)


def test_another_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"something else")
    with pytest.raises(ModelMissing):
        read_trie(tmp_path / "x.bin")


def test_the_grammar_says_the_same_for_the_same_seed_and_nothing_unfilled() -> None:
    grammar = read_grammar()
    said = list(grammar.sentences(300, 5))
    assert said == list(grammar.sentences(300, 5))
    assert not any("{" in sentence or "[" in sentence for sentence in said)


def test_the_scripts_of_the_measurements_are_not_in_the_grammar() -> None:
    lines = {" ".join(spoken_words(line.text)) for path in SCRIPTS.glob("*.txt") for line in read_script(path)}
    assert not lines & set(read_grammar().sentences(20_000, 7))


def test_a_broken_grammar_says_where(tmp_path: Path) -> None:
    path = tmp_path / "g.txt"
    path.write_text("sentence = hello {nobody}\n")
    with pytest.raises(SettingsError, match="nobody"):
        read_grammar(path)
    path.write_text("just words\n")
    with pytest.raises(SettingsError, match="line 1"):
        read_grammar(path)


def test_letters_are_learnt_from_words(tmp_path: Path) -> None:
    entries = [("bat", "B AE T"), ("tab", "T AE B"), ("bit", "B IH T"), ("nab", "N AE B"), ("tin", "T IH N")] * 3
    rules = learn(entries)
    assert rules.read("ban") == "B AE N"
    rules.save(tmp_path / "rules.gz")
    assert LetterRules.load(tmp_path / "rules.gz") == rules


def test_foreign_names_get_a_reading() -> None:
    assert continental("Tomasz") == "T OW M AA SH"
    assert continental("Zoë") == "Z OW EH"
    assert plain("Łukasz-Joaquín") == "wukaszjoaquin"


def listed(vocabulary: list[str], dictionary: str = "", common: frozenset[str] = frozenset()) -> NameList:
    return NameList.of(terms_of(vocabulary, lambda word: word.lower() in common), Pronouncer(dictionary, None))


def test_each_pronunciation_points_to_its_name() -> None:
    dictionary = "bo B OW\nana AA N AH\nana(2) AE N AH\n"
    names = listed(["Bo", "Ana Silva", "Bo"], dictionary, frozenset({"bo", "ana", "silva"}))
    assert names.display["_person"] == "Bo"
    assert set(names.display.values()) == {"Bo", "Ana", "Silva", "Bo's", "Ana's", "Silva's"}
    assert any(line.endswith("AE N AH") for line in names.lines)
    assert len(names.lines) == len(names.display)
    assert names.spelled == {}, "common words keep the case that the sentence gives them"


def test_words_of_a_term_that_are_common_need_no_help() -> None:
    common = frozenset({"reading", "launch", "plan", "will"})
    said = terms_of(["Reading nook", "launch plan", "kafka", "Will"], lambda word: word.lower() in common)
    assert [(term.text, term.name, term.rare) for term in said] == [
        ("nook", False, True),
        ("kafka", False, True),
        ("Will", True, False),
    ]


def test_a_rare_term_may_stand_where_things_stand() -> None:
    names = listed(["kafka"], "project P R AA JH EH K T\nproject(2) P R OW JH EH K T\n")
    assert names.display["project(3)"] == "kafka"
    assert "project" not in names.display
    assert names.spelled == {"kafka": "kafka"}


def test_abbreviations_are_read_letter_by_letter_and_joined_words_by_their_parts() -> None:
    pronouncer = Pronouncer("git G IH T\nhub HH AH B\n", None)
    assert pronouncer.pronunciations("CRM")[0] == "S IY AA R EH M"
    assert pronouncer.pronunciations("GitHub")[0] == "G IH T HH AH B"


@given(st.text(max_size=12))
def test_any_name_is_taken(name: str) -> None:
    names = listed([name])
    for line in names.lines:
        assert all(part.isupper() for part in line.split()[1:])
    assert len({line.split()[0] for line in names.lines}) == len(names.lines)
    assert len(name_parts([name, name])) == len(set(name_parts([name])))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'll send it, Ana!", "i'll send it ana"),
        ("By the 23rd of May", "by the twenty third of may"),
        ("It costs 1250 euros", "it costs one thousand two hundred fifty euros"),
        ("OK, at 3 pm.", "okay at three p.m."),
    ],
)
def test_text_becomes_spoken_words(text: str, words: str) -> None:
    assert " ".join(spoken_words(text)) == words


def test_fillers_and_stutter_are_left_out() -> None:
    assert meeting_sentences("Um well this is our our project. Mm-hmm. Go on") == [
        "well this is our project",
        "go on",
    ]


def test_display_form() -> None:
    names = {"bo": "Bo"}
    said = ["good", "i'll", "bo", "bo's", "friday", "budget"]
    shown = [written(word, names, first=index == 0) for index, word in enumerate(said)]
    assert shown == ["Good", "I'll", "Bo", "Bo's", "Friday", "budget"]
