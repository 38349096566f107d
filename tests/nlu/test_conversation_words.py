import pytest

from bot.errors import DataFileError
from bot.nlu.conversation_words import ConversationWords, shipped_words


@pytest.mark.parametrize(
    "text",
    [
        "what about dental?",
        "and for my wife?",
        "ok and how do i send it",
        "thanks! and the deadline",
        "how much is it",
        "do they pay for that",
        "Even if I call out the day before?",
    ],
)
def test_what_goes_on_with_the_turn_before(text):
    assert shipped_words().is_opened(text)


@pytest.mark.parametrize(
    "text",
    [
        "when do we get paid",
        "dental",
        "ok",
        "is there a trombone choir?",
        "My manager says it isn't allowed to swap shifts in the same week, is that true?",
        "and now that my wife has a new job with benefits I want to know how to drop her from it",
    ],
)
def test_what_stands_alone(text):
    assert not shipped_words().is_opened(text)


def test_acknowledgements_do_not_make_a_message_longer():
    assert shipped_words().is_very_short("ok thanks, until when?")
    assert not shipped_words().is_very_short("until when can I enrol this year")


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "When is payday? And is dental covered?",
            ["When is payday?", "And is dental covered?"],
        ),
        (
            "how many pto days do i get and also when is payday",
            ["how many pto days do i get", "when is payday"],
        ),
        ("My boss denied it. Can he do that?", []),
        ("Why? When? How?", []),
        ("when is payday", []),
        ("What is a? What is b c? What is d e? What is f g? What is h i?", []),
    ],
)
def test_several_questions_are_told_apart(text, questions):
    found = shipped_words().questions(text)
    assert [one.removeprefix("And ").strip() for one in found] == [
        one.removeprefix("And ").strip() for one in questions
    ]


@pytest.mark.parametrize(
    ("text", "asked", "aside"),
    [
        ("I'm not asking about FMLA, I want sick days", "I want sick days", "FMLA"),
        ("how do I get leave, not talking about vacation", "how do I get leave", "vacation"),
        ("i dont mean dental but vision", "vision", "dental"),
        ("not asking about the 401k", "", "the 401k"),
    ],
)
def test_what_is_not_meant_is_set_apart(text, asked, aside):
    found = shipped_words().set_apart(text)
    assert found is not None
    assert (found[0].strip(" ,"), found[1]) == (asked, aside)


def test_other_negations_stay():
    assert shipped_words().set_apart("why am I not paid for lunch") is None


def test_a_missing_list_is_named(tmp_path):
    file = tmp_path / "words.yml"
    file.write_text("acknowledgements: [ok]\nopeners: []\n")
    with pytest.raises(DataFileError, match="openers must be a list"):
        ConversationWords.load(file)
    with pytest.raises(DataFileError, match="can't be read"):
        ConversationWords.load(tmp_path / "gone.yml")
