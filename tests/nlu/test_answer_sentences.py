from bot.nlu.answer_sentences import answer_sentences


def test_sentences_carry_the_title_and_no_mark_up():
    said = answer_sentences(
        ["*Cleanings* are free twice a year.\n- Braces: {company.braces} for children.\nOk."],
        "Dental coverage",
    )
    assert said == [
        "Dental coverage",
        "Dental coverage: Cleanings are free twice a year.",
        "Dental coverage: Braces:  for children.",
    ]


def test_nothing_said_gives_nothing():
    assert answer_sentences([""]) == []
