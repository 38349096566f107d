from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from bot.listening.intervals import Share


@given(st.integers(1, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_is_that_of_scipy(counts: tuple[int, int]) -> None:
    share = Share(*counts)
    theirs = binomtest(*counts).proportion_ci(method="wilson")
    assert share.interval == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert share.interval[0] <= share.value <= share.interval[1]


@pytest.mark.parametrize("counts", [(0, 0), (-1, 3), (4, 3)])
def test_what_is_no_share_is_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no share"):
        Share(*counts)
