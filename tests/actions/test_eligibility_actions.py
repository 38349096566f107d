from __future__ import annotations

import pytest

CAN_I = {
    "label": "am_i_eligible",
    "kind": "program",
    "topic": None,
    "title": "Can I take part?",
    "confidence": 0.3,
}


def ask(talk, text: str, intent: str) -> dict:
    talk.say(text, intent)
    talk.call(f"action_{intent}")
    return talk.answer


def press(talk, title: str, intent: str = "am_i_eligible") -> dict:
    talk.press(title)
    talk.call(f"action_{intent}")
    return talk.answer


def test_who_is_known_hears_yes(talk, known_as):
    known_as(talk, "U0OLDHAND1")
    answer = ask(talk, "am I eligible for tuition assistance", "am_i_eligible")

    assert answer["response"] == "utter_eligible"
    assert answer["name"] == "**Tuition assistance**"
    assert "You have been here since May 1, 2001" in answer["programs"]
    assert answer["metadata"]["audience"] == "employee"


def test_who_is_new_hears_from_when(talk, known_as):
    known_as(talk, "U0NEWHERE1")
    answer = ask(talk, "am I eligible for tuition assistance", "am_i_eligible")

    assert answer["response"] == "utter_not_yet_eligible"
    assert "November 1, 2089" in answer["programs"]


def test_a_no_has_a_reason_and_leads_to_a_person_and_to_others(talk, known_as):
    known_as(talk, "U0PERDIEM1")
    answer = ask(talk, "do I qualify for tuition assistance", "am_i_eligible")

    assert answer["response"] == "utter_not_eligible"
    assert "you are per-diem staff" in answer["programs"]
    assert talk.titles == ["Program details", "What can I get?", "Ask a person"]
    others = press(talk, "What can I get?", "eligible_programs")
    assert "Tuition" not in others["programs"]
    assert "Student loan repayment" in others["programs"]


def test_what_is_not_known_is_asked_and_nothing_else(talk, known_as):
    known_as(talk, "U0PARTLY01")
    answer = ask(talk, "am I eligible for tuition assistance", "am_i_eligible")

    assert answer["response"] == "utter_fact_fte"
    assert press(talk, "20 hours a week or more")["response"] == "utter_eligible"


def test_who_is_unknown_is_asked_twice_at_most(talk):
    assert ask(talk, "am I eligible for tuition assistance", "am_i_eligible")["response"] == (
        "utter_fact_employment_type"
    )
    assert press(talk, "Full-time")["response"] == "utter_fact_tenure"
    answer = press(talk, "6 months or more")
    assert answer["response"] == "utter_perhaps_eligible"
    assert "20 hours a week (0.5 FTE) or more" in answer["programs"]


def test_a_no_needs_no_second_question(talk):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")

    assert press(talk, "Per-diem")["response"] == "utter_not_eligible"


def test_what_was_said_is_not_asked_again(talk):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    press(talk, "Per-diem")

    assert ask(talk, "and for the loan repayment?", "am_i_eligible")["response"] == (
        "utter_fact_tenure"
    )
    assert press(talk, "Less than 1 year")["response"] == "utter_not_yet_eligible"
    assert ask(talk, "am I eligible for tuition", "am_i_eligible")["response"] == (
        "utter_not_eligible"
    )


def test_what_the_question_says_is_not_asked(talk):
    answer = ask(talk, "do I qualify for tuition help as per diem", "am_i_eligible")

    assert answer["response"] == "utter_not_eligible"


def test_what_people_say_wins_over_the_table(talk, known_as):
    known_as(talk, "U0OLDHAND1")
    answer = ask(talk, "would I qualify for tuition as per diem", "am_i_eligible")

    assert answer["response"] == "utter_not_eligible"


def test_an_answer_can_be_typed(talk):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    assert ask(talk, "part time", "job_stated")["response"] == "utter_fact_tenure"
    assert ask(talk, "8 months", "job_stated")["response"] == "utter_perhaps_eligible"


def test_the_first_day_can_be_picked(talk):
    ask(talk, "am I eligible for the loan repayment", "am_i_eligible")
    assert talk.answer["response"] == "utter_fact_tenure"
    talk.pick("2020-05-04")
    talk.call("action_am_i_eligible")

    assert talk.answer["response"] == "utter_eligible"
    assert "You have been here since May 4, 2020" in talk.answer["programs"]
    assert talk.slots["stated_job"]["hire_date"] == "2020-05-04"


def test_a_day_is_picked_for_several_programs_too(talk):
    ask(talk, "help paying for my RN", "find_program")
    ask(talk, "which of these can I get now?", "eligible_programs")
    press(talk, "Full-time", "eligible_programs")
    talk.pick("2020-05-04")
    talk.call("action_eligible_programs")

    assert talk.answer["response"] == "utter_eligible_of_these"
    assert "- **Student loan repayment**: yes;" in talk.answer["programs"]


def test_a_day_is_asked_for_only_where_it_counts(talk):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    assert talk.answer["custom"] == {}


def test_what_is_said_after_a_verdict_changes_it(talk):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    press(talk, "Full-time")
    press(talk, "6 months or more")
    talk.hear()

    assert ask(talk, "36 hours a week", "job_stated")["response"] == "utter_eligible"
    talk.hear()
    assert ask(talk, "oh, I mean per diem", "job_stated")["response"] == "utter_not_eligible"


def test_what_is_said_after_a_list_changes_it(talk):
    ask(talk, "what can I get", "eligible_programs")
    press(talk, "Full-time", "eligible_programs")
    press(talk, "1 year or more", "eligible_programs")
    assert "Tuition" in talk.answer["programs"]
    talk.hear()
    answer = ask(talk, "no wait, per diem", "job_stated")

    assert answer["response"] == "utter_eligible_programs"
    assert "Tuition" not in answer["programs"]


def test_typed_later_it_is_no_answer_but_kept_in_mind(talk):
    ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    talk.say("dental?", "benefits/dental")

    assert ask(talk, "part time", "job_stated")["response"] == "utter_job_noted"
    assert talk.titles == ["What can I get?"]
    answer = ask(talk, "am I eligible for tuition assistance", "am_i_eligible")
    assert answer["response"] == "utter_fact_tenure"


def test_this_is_the_program_of_the_topic_just_answered(talk, known_as):
    known_as(talk, "U0OLDHAND1")
    talk.say("how much is tuition reimbursement", "development/tuition_assistance")

    assert ask(talk, "am I eligible", "am_i_eligible")["name"] == "**Tuition assistance**"


def test_the_details_lead_here(talk, known_as):
    known_as(talk, "U0OLDHAND1")
    ask(talk, "tell me about tuition assistance", "program_details")

    assert press(talk, "Am I eligible?")["response"] == "utter_eligible"


def test_which_of_these(talk, known_as):
    known_as(talk, "U0PERDIEM1")
    ask(talk, "help paying for my RN", "find_program")
    answer = ask(talk, "which of these can I get now?", "eligible_programs")

    assert answer["response"] == "utter_eligible_of_these"
    assert "- **Tuition assistance**: no;" in answer["programs"]
    assert "- **Student loan repayment**: yes;" in answer["programs"]
    assert "Residency" not in answer["programs"]


def test_which_of_these_asks_first_and_still_means_these(talk):
    ask(talk, "help paying for my RN", "find_program")
    assert ask(talk, "which of these can I get now?", "eligible_programs")["response"] == (
        "utter_fact_employment_type"
    )
    assert press(talk, "Per-diem", "eligible_programs")["response"] == "utter_fact_tenure"
    answer = press(talk, "1 year or more", "eligible_programs")
    assert answer["response"] == "utter_eligible_of_these"
    assert ask(talk, "tell me about the first one", "program_details")["programs"].startswith("**")


def test_nothing_named_asks_which(talk):
    assert ask(talk, "am I eligible", "am_i_eligible")["response"] == "utter_which_program"
    assert talk.titles == ["What can I get?"]


@pytest.mark.parametrize(
    "said",
    ["am I eligible yet?", "do i qualify as a part timer", "i'm a CNA, am i eligble", "can i"],
)
def test_without_a_name_it_is_the_program_talked_about(talk, known_as, said):
    known_as(talk, "U0OLDHAND1")
    ask(talk, "tell me about tuition assistance", "program_details")

    assert ask(talk, said, "am_i_eligible")["name"] == "**Tuition assistance**"


def test_what_nobody_offers_leads_to_a_person(talk):
    ask(talk, "tell me about tuition assistance", "program_details")

    assert ask(talk, "am I eligible for the pension", "am_i_eligible")["response"] == (
        "utter_no_program"
    )
    assert talk.titles == ["Ask a person"]


def test_the_list_that_is_asked_about_is_named_as_one(talk):
    ask(talk, "help paying for my RN", "find_program")
    assert ask(talk, "which of these can I get now?", "eligible_programs")["name"] == (
        "**these programs**"
    )
    assert ask(talk, "what can I get", "eligible_programs")["name"] == (
        "**the programs that are open to you**"
    )


def understood_as(talk, text: str, topic: str) -> dict:
    """Say something that is a topic's question and asks for eligibility by its words."""
    talk.say(text, "am_i_eligible", topic=topic, kind="faq")
    talk.call("action_am_i_eligible")
    return talk.answer


@pytest.mark.parametrize(
    "said",
    [
        "am I eligible for tuition assistance if I study in Spain",
        "can I get tuition assistance?",
        "could i get money for school as a full timer for my masters",
    ],
)
def test_a_topics_program_that_is_named_gets_its_verdict(talk, known_as, said):
    known_as(talk, "U0OLDHAND1")
    answer = understood_as(talk, said, "development/tuition_assistance")

    assert (answer["response"], answer["name"]) == ("utter_eligible", "**Tuition assistance**")


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("can I get tuition assistance for my masters", "development/tuition_assistance"),
        ("am I eligible for FMLA", "leave/fmla"),
        ("am I eligible for FMLA if it is my mom", "leave/fmla"),
        ("can I get tuition assistance", "leave/fmla"),
    ],
)
def test_else_the_topic_is_answered(talk, known_as, said, topic):
    known_as(talk, "U0OLDHAND1")
    ask(talk, "tell me about the loan repayment", "program_details")

    assert understood_as(talk, said, topic)["response"] == f"utter_{topic}"


def test_a_clarified_question_keeps_its_words(talk):
    talk.say("could somebody per-diem get the tuition thing", "clarify", candidates=[CAN_I])
    talk.call("action_clarify")
    press(talk, "Can I take part?")

    assert talk.answer["response"] == "utter_not_eligible"
    assert talk.answer["name"] == "**Tuition assistance**"


def test_outsiders_hear_the_posting_and_are_asked_nothing(candidate_talk, known_as):
    known_as(candidate_talk, "U0OLDHAND1")
    answer = ask(candidate_talk, "am I eligible for the residency", "am_i_eligible")

    assert answer["response"] == "utter_eligibility_posting"
    assert answer["metadata"]["audience"] == "both"
    many = ask(candidate_talk, "which programs am I eligible for", "eligible_programs")
    assert many["response"] == "utter_eligibility_postings"
    assert "Tuition" not in many["programs"]


def test_outsiders_learn_nothing_of_internal_programs(candidate_talk):
    answer = ask(candidate_talk, "am I eligible for tuition assistance", "am_i_eligible")

    assert answer["response"] == "utter_no_program"


def test_where_others_read_along_nothing_is_said_of_the_person(talk, known_as):
    known_as(talk, "U0PERDIEM1")
    talk.place = "shared"
    answer = ask(talk, "am I eligible for tuition assistance", "am_i_eligible")

    assert answer["response"] == "utter_eligibility_in_private"
    assert "per-diem" not in answer["programs"]
    assert ask(talk, "what am I eligible for", "eligible_programs")["response"] == (
        "utter_eligibility_of_many_in_private"
    )
