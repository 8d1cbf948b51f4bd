"""Lines of signed roots: what is believed, and what is found when somebody has been at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from workflows.audit import GENESIS
from workflows.roots import NoRoot, Root, Vouched, line_of, link_of, read_roots, root_of, signed_bytes

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def signed(root: Root) -> Root:
    """A signature that is good enough for a test: what was signed, turned round."""
    return replace(root, signature=signed_bytes(root)[::-1].hex())


def roots(count: int, *, key: str = "one") -> list[Root]:
    made: list[Root] = []
    for number in range(1, count + 1):
        made.append(
            signed(
                Root(
                    number=number,
                    at=NOW + timedelta(minutes=number),
                    seq=10 * number,
                    hash=f"{number:064x}",
                    previous=link_of(line_of(made[-1])) if made else GENESIS,
                    key=key,
                )
            )
        )
    return made


def text_of(lines: list[Root]) -> str:
    return "".join(f"{line_of(one)}\n" for one in lines)


def read(text: str, *keys: str) -> Vouched:
    return read_roots(text, lambda root: root == signed(root), keys or ("one",))


def test_a_line_is_read_as_it_was_written() -> None:
    for root in roots(2):
        assert root_of(line_of(root)) == root


def test_whole_roots_are_believed() -> None:
    whole = roots(3)
    assert read(text_of(whole)) == Vouched(roots=tuple(whole), fault=None, torn=False)
    assert read(text_of(whole)).hashes == {root.seq: root.hash for root in whole}
    assert read("") == Vouched(roots=(), fault=None, torn=False)


def test_a_torn_last_line_is_named_and_the_others_are_believed() -> None:
    whole = roots(3)
    found = read(text_of(whole)[:-20])
    assert (found.roots, found.fault, found.torn) == (tuple(whole[:2]), None, True)


@pytest.mark.parametrize(
    "line",
    [
        "", "nonsense", "[]", "{}", '{"number":1}',
        line_of(roots(1)[0]).replace(":", ": "),
        line_of(roots(1)[0]).replace('"number":1', '"number":1.0'),
        line_of(roots(1)[0]).replace('"number":1', '"number":true'),
        line_of(roots(1)[0]).replace("}", ',"more":1}'),
    ],
)  # fmt: skip
def test_what_is_no_root_is_refused(line: str) -> None:
    with pytest.raises(NoRoot):
        root_of(line)
    fault = read(f"{line}\n").fault
    assert fault is not None
    assert fault.text.startswith("line 1 of the roots")


def test_a_missing_root_is_found() -> None:
    whole = roots(3)
    found = read(text_of([whole[0], whole[2]]))
    assert found.roots == (whole[0],)
    assert found.fault is not None
    assert (found.fault.kind, found.fault.seq) == ("root", 11)
    assert "root 2 is missing" in found.fault.text


def test_a_root_of_another_key_is_found_until_that_key_is_trusted() -> None:
    one, two = roots(1)[0], roots(2, key="two")[1]
    two = signed(replace(two, previous=link_of(line_of(one))))
    fault = read(text_of([one, two])).fault
    assert fault is not None
    assert "root 2 is signed by another key (two)" in fault.text
    assert read(text_of([one, two]), "one", "two").fault is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hash": "f" * 64}, "does not bear the signature"),
        ({"at": NOW}, "does not bear the signature"),
        ({"signature": "00"}, "does not bear the signature"),
        ({"previous": GENESIS}, "does not follow"),
        ({"seq": 10}, "covers no more"),
    ],
)
def test_a_changed_root_is_found(change: dict[str, object], said: str) -> None:
    whole = roots(3)
    whole[1] = replace(whole[1], **change)  # type: ignore[arg-type]
    found = read(text_of(whole))
    assert found.roots == (whole[0],)
    assert found.fault is not None
    assert said in found.fault.text
