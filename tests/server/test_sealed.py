"""What is sealed comes back whole, to whom it belongs, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sealed import OVERHEAD, SealBroken, Sealer

SECRET = bytes(range(32))
SEALER = Sealer(SECRET, "spool")


@given(data=st.binary(max_size=2000), about=st.binary(max_size=60))
def test_what_was_sealed_is_opened_again(data: bytes, about: bytes) -> None:
    sealed = SEALER.seal(data, about)
    assert len(sealed) == len(data) + OVERHEAD
    assert SEALER.open(sealed, about) == data
    assert Sealer(SECRET, "spool").open(sealed, about) == data


@given(data=st.binary(min_size=1, max_size=200), place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_no_bit_of_a_sealed_file_can_be_changed(data: bytes, place: int, bit: int) -> None:
    sealed = bytearray(SEALER.seal(data, b"it"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        SEALER.open(bytes(sealed), b"it")


@given(data=st.binary(max_size=200), kept=st.integers(min_value=0))
def test_a_cut_off_file_is_not_opened(data: bytes, kept: int) -> None:
    sealed = SEALER.seal(data, b"it")
    with pytest.raises(SealBroken):
        SEALER.open(sealed[: kept % len(sealed)], b"it")


def test_another_secret_purpose_or_subject_opens_nothing() -> None:
    sealed = SEALER.seal(b"words", b"it")
    for sealer, about in (
        (Sealer(bytes(32), "spool"), b"it"),
        (Sealer(SECRET, "recordings"), b"it"),
        (SEALER, b"something else"),
    ):
        with pytest.raises(SealBroken):
            sealer.open(sealed, about)


def test_the_same_words_never_look_the_same() -> None:
    assert SEALER.seal(b"words", b"it") != SEALER.seal(b"words", b"it")
    assert b"words" not in SEALER.seal(b"words", b"it")


@pytest.mark.parametrize(("secret", "purpose"), [(b"", "spool"), (b"short", "spool"), (SECRET, "")])
def test_a_seal_needs_a_secret_and_a_purpose(secret: bytes, purpose: str) -> None:
    with pytest.raises(ValueError, match="needs a secret"):
        Sealer(secret, purpose)
