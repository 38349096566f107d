import pytest

from bot.nlu.repair import TypoRepair, words_of

PHRASINGS = [
    "is dental covered by the plan",
    "does the plan pay for dental braces",
    "tuition assistance for my bsn",
    "does tuition assistance pay for my msn",
    "what is the shift differential for nights",
    "weekend differential and night shift",
    "direct deposit form for my paycheck",
    "when do i get my paycheck",
    "do nurses with rbs training get more",
    "when is the next payday",
    "wierd spelling of tuitoin",
]
ENGLISH = ["what", "weather", "ribs", "parking", "marking", "payday", "spelling", "renew", "want"]


@pytest.fixture(scope="module")
def repair():
    return TypoRepair.from_phrasings(PHRASINGS, ENGLISH).repair


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("is dentl covered", "is dental covered"),
        ("is dnetal covered?", "is dental covered?"),
        ("tutition asistance", "tuition assistance"),
        ("shift diferencial", "shift differential"),
        ("Paychek", "paycheck"),
        ("depositt form", "deposit form"),
    ],
)
def test_mistakes_are_repaired(repair, typed, meant):
    assert repair(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "RBS pay",  # an abbreviation
        "rbs training",  # a word of the phrasings, beside the English "ribs"
        "parking weather",  # English, though not in the phrasings
        "form W-2 401k 403b",  # digits
        "go rn on wifi",  # short
        "renewed differentials",  # another form of a known word
        "antal",  # begins otherwise
        "dont",
        "mail me at dentl@example.com",
        "https://plann.example/dentl",
        "",
    ],
)
def test_everything_else_stays(repair, typed):
    assert repair(typed) == typed


def test_a_typo_in_one_phrasing_does_not_become_a_word(repair):
    assert repair("tuitoin") == "tuition"


def test_a_rare_term_of_the_phrasings_is_a_word_of_its_own():
    repair = TypoRepair.from_phrasings([*PHRASINGS, "is orthodontia covered"], ENGLISH).repair
    assert repair("orthodontia") == "orthodontia"
    assert repair("orthadontia") == "orthodontia"


def test_of_two_equally_near_words_the_more_frequent_one_wins():
    repair = TypoRepair({"nurse": 1, "nudge": 9}).repair
    assert repair("nurge") == "nudge"


def test_words_of_a_text():
    assert words_of("I can't, see W-2 (PTO)!") == ["i", "can't", "see", "w", "pto"]
