"""The meters of the scheduler: what was there lately, who used it, what work costs."""

from __future__ import annotations

import pytest

from media.share import Cost, Recent, Use


def test_work_fades_and_is_taken_back_and_small_change_is_left_out() -> None:
    use = Use(10.0)
    use.add("ana", 2.0, 0.0)
    use.add("bo", 1.0, 0.0)
    assert use.of("ana", 10.0) == pytest.approx(2.0 / 2.718, rel=1e-3)
    assert use.equal_share(0.0) == pytest.approx(1.5)
    use.add("ana", -5.0, 10.0)
    assert use.of("ana", 10.0) == 0.0
    use.add("cem", 1.0, 500.0)
    assert use.equal_share(500.0) == pytest.approx(1.0), "who used nothing lately does not count"


@pytest.mark.parametrize(
    ("batches", "of_one", "of_eight"),
    [
        ([(0.1, 1)], 0.1, 0.8),
        ([(0.06, 1), (0.14, 9)] * 20, 0.06, 0.13),
        ([(0.1, 1), (0.8, 8)] * 20, 0.1, 0.8),
        ([(0.2, 1), (0.1, 8)] * 20, 0.15, 0.15),
    ],
    ids=["one size says nothing of others", "a fixed part", "no fixed part", "more never costs less"],
)
def test_what_a_batch_costs(batches: list[tuple[float, int]], of_one: float, of_eight: float) -> None:
    cost = Cost(0.2)
    assert cost.of_batch(3) == pytest.approx(0.6)
    for work, jobs in batches:
        cost.learn(work, float(jobs), jobs)
    assert cost.of_batch(1) == pytest.approx(of_one, rel=0.1)
    assert cost.of_batch(8) == pytest.approx(of_eight, rel=0.1)


def test_what_was_there_lately() -> None:
    recent = Recent(10.0)
    assert recent.rate(5.0) == 0.0
    recent.add(5.0, 0.0)
    assert recent.rate(0.0) == pytest.approx(0.5)
    recent.add(1.0, 10.0)
    assert recent.amount(10.0) == pytest.approx(5.0 / 2.718 + 1.0, rel=1e-3)
