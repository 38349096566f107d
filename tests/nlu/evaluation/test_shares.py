import pytest

from bot.nlu.evaluation.shares import Share


def test_a_share_counts_what_holds():
    share = Share.among([1, 2, 3, 4], lambda number: number > 3)
    assert (share.count, share.of, share.value, str(share)) == (1, 4, 0.25, "25.0 %")


def test_the_interval_is_wilsons():
    # Wilson's score interval for 3 of 100, worked out by hand from its formula with z = 1.96.
    z, p, n = 1.959964, 0.03, 100
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    assert Share(3, 100).interval == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_all_of_a_few_is_not_certain():
    low, high = Share(12, 12).interval
    assert 0.7 < low < 0.8
    assert high == 1.0


def test_of_nothing_nothing_is_known():
    nothing = Share(0, 0)
    assert (nothing.value, nothing.interval, str(nothing)) == (0.0, (0.0, 1.0), "–")


def test_a_share_as_json():
    told = Share(1, 4).as_dict()
    assert told == {"count": 1, "of": 4, "share": 0.25, "low": 0.0456, "high": 0.6994}
