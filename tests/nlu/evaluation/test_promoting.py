from __future__ import annotations

from bot.nlu.evaluation.promoting import measure
from bot.nlu.promoted import ANSWER_FIT, OFFER_FIT


def test_the_better_it_must_fit_the_less_is_taken(selector) -> None:
    taken = measure(selector, 2, (0.3, OFFER_FIT, ANSWER_FIT, 1.2))
    rights, wrongs = [one.right for one in taken], [one.wrong for one in taken]
    assert rights == sorted(rights, reverse=True)
    assert wrongs == sorted(wrongs, reverse=True)
    assert rights[0] > 0
    assert {(one.own, one.others) for one in taken} == {(5 * 6, 5 * 72 - 5 * 8)}
    assert all(0 <= one.precision <= 1 for one in taken)


def test_the_same_seed_measures_the_same(selector) -> None:
    assert measure(selector, 1) == measure(selector, 1)
