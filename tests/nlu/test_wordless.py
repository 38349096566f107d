from __future__ import annotations

import pytest

from bot.nlu.wordless import wordless_intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("👍", "affirm"),
        ("👍🏽", "affirm"),
        (":+1::skin-tone-4:", "affirm"),
        (":thumbsup: :joy:", "affirm"),
        (":100:", "affirm"),
        ("👎", "deny"),
        (":x:", "deny"),
        ("🙏🙏🙏", "thanks"),
        ("❤️", "thanks"),
        (":wave:", "greet"),
        ("???", "rephrase"),
        ("¿?", "rephrase"),
        ("🤷‍♀️", "rephrase"),
        ("😂", "reaction"),
        (":joy:", "reaction"),
        (".", "reaction"),
        ("…", "reaction"),
        ("", "reaction"),
        ("   ", "reaction"),
        ("!!!", "reaction"),
        ("😂 🆘", "crisis_danger"),
    ],
)
def test_signs_have_a_meaning(text, intent):
    assert wordless_intent(text) == intent


@pytest.mark.parametrize("text", ["ok", "2", "401k?", "hi 👋", "100", "什么", "thanks :pray:"])
def test_words_and_numbers_are_left_to_the_model(text):
    assert wordless_intent(text) is None
