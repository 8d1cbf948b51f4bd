"""Plain forms, two orders in one breath, and what little words point to."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.coordination import parts
from avatars.paraphrase import plainly
from avatars.recognizer import Present
from avatars.reference import (
    agrees,
    recaps,
    same_thing,
    says_when,
    share_thing,
    thing_of,
    thing_of_light,
    with_thing,
)
from avatars.words import norms, tokenise

NOW = datetime(2026, 11, 20, 10, 0)
WORDS = [
    "leave",
    "could",
    "you",
    "bo",
    "lin",
    "please",
    "your",
    "task",
    "is",
    "to",
    "me",
    "make",
    "sure",
    "the",
    "it",
    "i",
    "will",
]
PRESENT = (Present(id="bo", name="Bo"), Present(id="lin", name="Lin"))


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("leave the catering to me", "i will do the catering"),
        ("please leave the photos to lin", "lin will do the photos"),
        ("your task is to test the page", "you will test the page"),
        ("lin's job is to test the page", "lin will test the page"),
        ("could you bo please check the page", "bo could you please check the page"),
        ("can i ask you to check the page", "could you check the page"),
        ("it would be great if lin could check the page", "could lin check the page"),
        ("i would be happy to show the page", "i will show the page"),
        ("please make sure to lock the door", "please lock the door"),
        ("no problem you will have the slides on friday", "no problem i will send the slides on friday"),
        ("let lin write the report", "lin will write the report"),
        ("no but i will ask", "but i will ask"),
        ("i plan to write the report by friday", "i will write the report by friday"),
        ("i plan to write a book", "i plan to write a book"),
        ("leave the door open", "leave the door open"),
        ("i would be happy to help you", "i would be happy to help you"),
        ("it would be nice if you came", "it would be nice if you came"),
    ],
)
def test_plain_form(said: str, plain: str) -> None:
    assert " ".join(norms(plainly(tokenise(said), PRESENT))) == plain


@given(st.lists(st.sampled_from(WORDS)))
def test_plain_words_stand_where_the_spoken_ones_do(words: list[str]) -> None:
    text = " ".join(words)
    for token in plainly(tokenise(text), PRESENT):
        assert 0 <= token.start <= token.end <= len(text)


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("i will call the bank tomorrow and send the invoice on monday", 2),
        ("i will write the tests and fix the links by thursday", 2),
        ("bo please order paper and clean the desk", 2),
        ("i will write the report and send it to bo", 1),
        ("i will call the bank and ask for a card", 1),
        ("i will go and see the customer", 1),
        ("i will order paper and pens", 1),
        ("i wrote the report and sent the invoice", 1),
    ],
)
def test_pieces_of_work(said: str, pieces: int) -> None:
    assert len(parts(tokenise(said), PRESENT, NOW)) == pieces


def test_a_day_at_the_end_counts_for_both_and_one_between_for_the_first() -> None:
    both = parts(tokenise("i will write the tests and fix the links by thursday"), PRESENT, NOW)
    assert [[due.phrase for due in part.reading.dues] for part in both] == [["by thursday"], ["by thursday"]]
    first = parts(tokenise("i will call the bank tomorrow and fix the links"), PRESENT, NOW)
    assert [[due.phrase for due in part.reading.dues] for part in first] == [["tomorrow"], []]


@pytest.mark.parametrize(
    ("task", "thing"),
    [
        ("Prepare the test report for the board", "the test report"),
        ("Take care of the bus", "the bus"),
        ("Get the photos ready", "the photos"),
        ("Send it to Bo", ""),
        ("Ask him", ""),
    ],
)
def test_the_thing_of_a_task(task: str, thing: str) -> None:
    assert thing_of(task) == thing


def test_it_and_them_take_a_thing_that_fits() -> None:
    assert with_thing("Send it to Bo", "the report") == "Send the report to Bo"
    assert agrees("Send it to Bo", "the report")
    assert not agrees("Send it to Bo", "the reports")
    assert agrees("Send them", "the list of names") is False
    assert agrees("Send them the money", "the reports") is False


def test_light_words_say_the_same_as_the_work_itself() -> None:
    assert thing_of_light("Take care of the bus") == "the bus"
    assert same_thing("Take care of the bus", "Book the bus")
    assert not same_thing("Clean the bus", "Book the bus")
    assert share_thing("Prepare the photos for the website", "Get the photos ready")
    assert says_when("Have it done")
    assert not says_when("Have the car repaired")
    assert recaps("So, to sum up, Bo writes the report")
    assert not recaps("I also write the report")
