import pytest

from bot.nlu.evaluation.phrasings import Alike, Astray, check_phrasings
from tests.nlu.conftest import OTHERS, TOPICS, phrasings

BLOCKS = {name: phrasings(block) for name, block in {**TOPICS, **OTHERS}.items()}


def astray(found):
    return [one for one in found if isinstance(one, Astray)]


def alike(found):
    return [one for one in found if isinstance(one, Alike)]


def test_a_phrasing_under_the_wrong_topic_is_found_with_its_cause(encoder):
    misplaced = "when do we get our paycheck"
    blocks = {**BLOCKS, "benefits/dental": [*BLOCKS["benefits/dental"], misplaced]}
    worst = astray(check_phrasings(blocks, encoder))[0]
    assert (worst.text, worst.topic, worst.nearer_to) == (
        misplaced,
        "benefits/dental",
        "pay/payday",
    )
    assert worst.phrasing in BLOCKS["pay/payday"]
    assert worst.gap > 0.2
    assert f"“{misplaced}” is nearer to pay/payday" in str(worst)


def test_warnings_come_worst_first_and_are_about_topics(encoder):
    found = check_phrasings(BLOCKS, encoder)
    gaps = [one.gap for one in astray(found)]
    assert gaps == sorted(gaps, reverse=True)
    assert all("/" in one.topic for one in astray(found))
    assert alike(found) == []


def test_topics_that_share_their_meaning_cannot_be_told_apart(encoder):
    blocks = {
        **BLOCKS,
        "benefits/teeth": [
            "dental coverage",
            "does the medical plan include dental",
            "braces for my kid, does our insurance pay",
            "price of a crown with the dental plan",
            "are teeth cleanings covered twice a year",
            "coverage at the dentist",
            "is a root canal covered",
            "what do i pay per check for dental",
        ],
    }
    (pair,) = alike(check_phrasings(blocks, encoder))
    assert (pair.first, pair.second) == ("benefits/dental", "benefits/teeth")
    assert pair.of == (8, 8)
    assert min(pair.lost) >= 2
    assert "can hardly be told apart" in str(pair)


def test_labels_that_mean_the_same_are_no_rivals(encoder):
    blocks = {
        **BLOCKS,
        "employment/contact_hr": ["i want to talk to a person from hr", "call somebody in hr"],
    }
    assert [one for one in astray(check_phrasings(blocks, encoder)) if "person" in one.text] == []


@pytest.mark.parametrize("blocks", [{}, {"pay/payday": ["payday"]}])
def test_one_topic_alone_has_no_rivals(blocks, encoder):
    assert check_phrasings(blocks, encoder) == []
