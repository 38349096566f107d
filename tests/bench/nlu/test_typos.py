from __future__ import annotations

from random import Random

import pytest

from tests.bench.nlu.typos import with_typos

TEXT = "when does the dental plan begin to pay for braces"


def changed_words(before: str, after: str) -> int:
    pairs = zip(before.split(), after.split(), strict=True)
    return sum(one != other for one, other in pairs)


@pytest.mark.parametrize("seed", range(50))
def test_one_or_two_long_words_are_misspelt(seed: int) -> None:
    misspelt = with_typos(TEXT, Random(seed))
    # Two mistakes may hit one word; doubling a letter that is left out next brings it back.
    assert changed_words(TEXT, misspelt) in (0, 1, 2)
    assert [w for w in misspelt.split() if w in ("the", "to", "pay", "for")] == [
        "the",
        "to",
        "pay",
        "for",
    ]


def test_mistakes_are_the_same_for_the_same_seed_and_hardly_ever_absent() -> None:
    first, again = ([with_typos(TEXT, Random(seed)) for seed in range(50)] for _ in range(2))
    assert first == again
    assert len(set(first)) > 40
    assert sum(text != TEXT for text in first) >= 48


def test_short_words_stay() -> None:
    assert with_typos("hi to you", Random(0)) == "hi to you"
