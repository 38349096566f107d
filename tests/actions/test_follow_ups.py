from __future__ import annotations

import pytest

BENEFIT = {"label": "benefits/dental", "kind": "faq", "topic": "benefits/dental"}
SEARCH = {"label": "find_program", "kind": "program", "topic": None}
OFFERS = [
    {**BENEFIT, "title": "Dental", "confidence": 0.4},
    {**SEARCH, "title": "Find a program", "confidence": 0.3},
]
ABOUT_IT = {"label": "program_deadline", "kind": "program", "title": "", "confidence": 0.3}


def ask(talk, text: str, intent: str) -> dict:
    talk.say(text, intent)
    talk.call(f"action_{intent}")
    return talk.answer


def press(talk, title: str, intent: str = "am_i_eligible") -> dict:
    talk.press(title)
    talk.call(f"action_{intent}")
    return talk.answer


@pytest.mark.parametrize("action", ["handover", "clarify"])
@pytest.mark.parametrize("said", ["3/15/2020", "March 15, 2020", "since 2020-03-15"])
def test_a_typed_day_counts_though_nothing_was_understood(talk, action, said):
    ask(talk, "am I eligible for the loan repayment", "am_i_eligible")

    talk.say(said, action)
    talk.call(f"action_{action}")
    assert talk.answer["response"] == "utter_eligible"
    assert "since March 15, 2020" in talk.answer["programs"]


@pytest.mark.parametrize(
    "said", ["is the lab open at night?", "somebody in the lab kitchen stole my lunch today", "x"]
)
def test_another_question_is_no_answer(talk, said):
    ask(talk, "am I eligible for the loan repayment", "am_i_eligible")

    talk.say(said, "handover")
    talk.call("action_handover")
    assert talk.answer["response"] == "utter_handover"


def test_a_day_out_of_the_blue_is_no_answer(talk):
    talk.say("3/15/2020", "handover")
    talk.call("action_handover")
    assert talk.answer["response"] == "utter_handover"


@pytest.mark.parametrize(
    ("said", "response"),
    [
        ("i started in march 2089", "utter_handover"),
        ("i started in march 2020", "utter_eligible"),
        ("did they hire full time in march 2020?", "utter_handover"),
    ],
)
def test_a_correction_counts_though_it_was_not_understood(talk, said, response):
    ask(talk, "am I eligible for tuition assistance at 1.0 fte", "am_i_eligible")
    press(talk, "Full-time")
    talk.say("skip", "handover")
    talk.call("action_handover")
    assert talk.answer["response"] == "utter_perhaps_eligible"
    talk.hear()

    talk.say(said, "handover")
    talk.call("action_handover")
    assert talk.answer["response"] == response


@pytest.mark.parametrize("action", ["handover", "clarify", "rephrase", "reaction"])
@pytest.mark.parametrize("said", ["idk", "I don't know, sorry", "i’d rather not say", "skip"])
def test_what_is_not_said_is_done_without(talk, action, said):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    press(talk, "Full-time")

    talk.say(said, action)
    talk.call(f"action_{action}")
    assert talk.answer["response"] == "utter_perhaps_eligible"
    assert "people who have been here 6 months" in talk.answer["programs"]


def test_why_it_is_asked_is_told_and_the_answer_still_counts(talk):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    talk.say("why do you ask?", "handover")
    talk.call("action_handover")
    assert talk.answer["response"] == "utter_why_about_my_job"

    assert ask(talk, "per diem", "job_stated")["response"] == "utter_not_eligible"


@pytest.mark.parametrize(
    "said", ["why is my paycheck short", "not sure about my pto", "i don't know my badge number"]
)
def test_another_question_in_between_stays_one(talk, said):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    talk.say(said, "handover")
    talk.call("action_handover")

    assert talk.answer["response"] == "utter_handover"


@pytest.mark.parametrize("action", ["handover", "clarify"])
def test_a_program_that_is_named_gets_its_verdict_though_nothing_was_understood(
    talk, known_as, action
):
    known_as(talk, "U0OLDHAND1")
    talk.say("do I qualify for tuition assistance", action)
    talk.call(f"action_{action}")

    assert talk.answer["response"] == "utter_eligible"


@pytest.mark.parametrize(
    "said",
    [
        "do I qualify for the assistance line",
        "who qualifies for tuition assistance",
        "can I get tuition assistance at the vending machine",
    ],
)
def test_what_isnt_surely_meant_is_still_handed_over(talk, said):
    talk.say(said, "handover")
    talk.call("action_handover")

    assert talk.answer["response"] == "utter_handover"


def test_outsiders_get_no_verdict_by_words(candidate_talk):
    candidate_talk.say("am I eligible for the nurse residency program", "handover")
    candidate_talk.call("action_handover")

    assert candidate_talk.answer["response"] == "utter_handover"


@pytest.mark.parametrize("action", ["handover", "clarify", "find_program"])
@pytest.mark.parametrize("said", ["and the second?", "number 2", "i meant the second one", "#2"])
def test_a_place_in_the_list_counts_though_it_was_not_understood(talk, action, said):
    ask(talk, "help paying for my RN", "find_program")
    second = talk.titles[1]
    talk.say(said, action)
    talk.call(f"action_{action}")

    assert talk.answer["programs"].startswith(f"**{second}**")


@pytest.mark.parametrize("said", ["my second job", "number 2 pencils", "second shift pay"])
def test_a_number_beside_something_else_is_no_place(talk, said):
    ask(talk, "help paying for my RN", "find_program")
    talk.say(said, "handover")
    talk.call("action_handover")

    assert talk.answer["response"] == "utter_handover"


@pytest.mark.parametrize(
    ("said", "response"),
    [("the first one", "utter_benefits/dental"), ("the second one", "utter_programs_found")],
)
def test_an_offered_choice_is_taken_by_its_place(talk, said, response):
    talk.say("pay for my RN smile", "clarify", candidates=OFFERS)
    talk.call("action_clarify")
    talk.hear()

    assert ask(talk, said, "program_details")["response"] == response


@pytest.mark.parametrize("action", ["handover", "clarify"])
@pytest.mark.parametrize(
    ("said", "response"),
    [("None of these.", "utter_handover"), ("dental coverage", "utter_benefits/dental")],
)
def test_an_offered_choice_is_taken_by_its_title(talk, action, said, response):
    talk.say("pay for my RN smile", "clarify", candidates=OFFERS)
    talk.call("action_clarify")
    talk.hear()

    assert ask(talk, said, action)["response"] == response


def test_a_number_of_something_else_is_no_choice(talk):
    talk.say("pay for my RN smile", "clarify", candidates=OFFERS)
    talk.call("action_clarify")
    talk.hear()
    talk.say("no, my first paycheck", "handover")
    talk.call("action_handover")

    assert talk.answer["response"] == "utter_handover"


def test_ways_out_have_no_place_among_the_choices(talk):
    talk.say("pay for my RN smile", "clarify", candidates=OFFERS)
    talk.call("action_clarify")
    talk.hear()

    assert ask(talk, "the third one", "program_details")["response"] == "utter_which_program"


def test_what_is_unclear_is_about_the_program_talked_about(talk):
    ask(talk, "tell me about the loan repayment", "program_details")
    talk.say("how long is it", "clarify", candidates=[ABOUT_IT])
    talk.call("action_clarify")

    assert talk.answer["response"] == "utter_program_deadline"
    assert talk.answer["programs"].startswith("**Student loan repayment:**")


@pytest.mark.parametrize("said", ["how much does it cost", "where is it held", "how long is that"])
def test_what_anybody_asks_of_a_program_is_told_with_its_details(talk, said):
    ask(talk, "tell me about the loan repayment", "program_details")
    talk.say(said, "handover")
    talk.call("action_handover")

    assert talk.answer["programs"].startswith("**Student loan repayment**")


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("no the other one", "clarify"),
        ("who do I call about it", "handover"),
        ("is it taxable", "clarify"),
        ("what?", "rephrase"),
        ("ok", "reaction"),
    ],
)
def test_what_is_not_about_it_is_not_taken_for_it(talk, said, action):
    ask(talk, "tell me about the loan repayment", "program_details")
    guesses = [{**ABOUT_IT, "label": "program_details"}] if action == "clarify" else ()
    talk.say(said, action, candidates=guesses)
    talk.call(f"action_{action}")

    assert talk.answer["response"] in {
        "utter_clarify",
        "utter_handover",
        "utter_rephrase_person",
        "utter_reaction",
    }


def test_what_is_unclear_out_of_the_blue_is_asked_back(talk):
    talk.say("how long is it", "clarify", candidates=[ABOUT_IT])
    talk.call("action_clarify")

    assert talk.answer["response"] == "utter_clarify"
