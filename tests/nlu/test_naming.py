from bot.nlu.decision import Label
from bot.nlu.naming import naming_words

LABELS = [
    Label.named("policies/dress_code", title="Dress code and appearance"),
    Label.named("pay/payday", title="Paydays"),
    Label.named("greet", title="Hello"),
]
EXAMPLES = [
    ("what color scrubs do nurses have to buy here", 0),
    ("do i have to buy my own scrubs or not", 0),
    ("are the old green scrubs still ok on nights", 0),
    ("nose ring", 0),
    ("when is the check coming to my account", 1),
    ("hiya", 2),
]


def test_words_of_titles_short_phrasings_and_own_words_name_a_topic():
    named = naming_words(EXAMPLES, LABELS)
    assert named["appearance"] == [0]
    assert named["ring"] == [0]
    assert named["scrubs"] == [0]


def test_chance_words_stop_words_and_small_talk_name_nothing():
    named = naming_words(EXAMPLES, LABELS)
    assert not {"nurses", "check", "account", "and", "the", "hiya", "hello"} & named.keys()
