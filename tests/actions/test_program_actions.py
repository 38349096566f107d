from __future__ import annotations


def ask(talk, text: str, intent: str) -> dict:
    talk.say(text, intent)
    talk.call(f"action_{intent}")
    return talk.answer


def test_a_search_lists_programs_and_names_its_audience(talk):
    found = ask(talk, "help paying for my RN", "find_program")

    assert found["response"] == "utter_programs_found"
    assert found["metadata"]["audience"] == "employee"
    assert set(talk.titles) == {"Tuition assistance", "Student loan repayment"}


def test_a_button_tells_the_details(talk):
    ask(talk, "help paying for my RN", "find_program")
    talk.press("Student loan repayment")
    talk.call("action_program_details")

    assert talk.answer["programs"].startswith("**Student loan repayment**")


def test_the_second_one_and_then_its_deadline(talk):
    ask(talk, "help paying for my RN", "find_program")
    second = talk.titles[1]

    assert ask(talk, "tell me about the second one", "program_details")["programs"].startswith(
        f"**{second}**"
    )
    deadline = ask(talk, "and when does it close?", "program_deadline")
    assert deadline["programs"].startswith(f"**{second}:**")


def test_a_deadline_after_the_topic_about_the_program(talk):
    talk.say("how much is tuition reimbursement", "development/tuition_assistance")

    deadline = ask(talk, "and the deadline?", "program_deadline")
    assert deadline["programs"] == "**Tuition assistance:** Spring 2090: apply by January 15, 2090."


def test_a_deadline_of_nothing_lists_them_all(talk):
    deadlines = ask(talk, "when is the deadline", "program_deadline")

    assert deadlines["response"] == "utter_deadlines"
    assert len(deadlines["programs"].splitlines()) == 3


def test_details_of_nothing_ask_which(talk):
    assert ask(talk, "tell me more", "program_details")["response"] == "utter_which_program"


def test_nothing_found_offers_a_person(talk):
    assert ask(talk, "program for juggling", "find_program")["response"] == "utter_no_program"

    talk.press("Ask a person")
    talk.call("action_handover")
    assert talk.answer["quote"] == "> program for juggling"


def test_candidates_get_public_programs_only(candidate_talk):
    assert (
        "Tuition" not in ask(candidate_talk, "what programs are there", "find_program")["programs"]
    )
    assert candidate_talk.answer["metadata"]["audience"] == "both"
    assert "Tuition" not in ask(candidate_talk, "deadlines", "list_deadlines")["programs"]
    assert ask(candidate_talk, "tuition assistance", "program_details")["programs"] == ""
    assert ask(candidate_talk, "tuition deadline", "program_deadline")["programs"] == (
        "- **March 1, 2090:** Nurse Residency Program (July cohort)"
    )


def test_a_candidate_cannot_open_an_internal_program_by_its_id(candidate_talk):
    candidate_talk.say("Tuition", "program_details", choice=True)
    candidate_talk.events[-1]["parse_data"]["entities"] = [
        {"entity": "program", "value": "tuition"}
    ]
    candidate_talk.call("action_program_details")

    assert candidate_talk.answer["response"] == "utter_no_program"


def test_without_a_named_audience_people_are_outsiders(talk):
    talk.audience = ""

    assert "Tuition" not in ask(talk, "what programs are there", "find_program")["programs"]


def test_the_deadlines_of_those_just_listed(talk):
    ask(talk, "help paying for my RN", "find_program")
    deadlines = ask(talk, "and the deadline?", "program_deadline")

    assert len(deadlines["programs"].splitlines()) == 2
    assert "Residency" not in deadlines["programs"]


def test_tell_me_more_after_a_list_asks_which_of_them(talk):
    ask(talk, "help paying for my RN", "find_program")

    assert ask(talk, "tell me more", "program_details")["response"] == "utter_which_of_these"
    assert set(talk.titles) == {"Tuition assistance", "Student loan repayment"}


def test_more_after_the_whole_list_and_after_one_program(talk):
    assert ask(talk, "more", "more_programs")["response"] == "utter_which_program"
    ask(talk, "help paying for my RN", "find_program")
    assert ask(talk, "more", "more_programs")["response"] == "utter_no_more_programs"
    ask(talk, "tell me about the second one", "program_details")
    assert ask(talk, "more", "more_programs")["response"] == "utter_program_details"


def test_more_goes_on_where_the_list_stopped(talk):
    talk.slots["programs_rest"] = ["residency", "loans"]
    talk.slots["programs_shown"] = ["tuition"]
    answer = ask(talk, "more", "more_programs")

    assert answer["response"] == "utter_more_programs"
    assert talk.slots["programs_shown"] == ["residency", "loans"]
    assert talk.slots["programs_rest"] == []
    assert ask(talk, "the second one", "program_details")["programs"].startswith("**Student loan")


def test_more_never_shows_an_outsider_what_is_internal(candidate_talk):
    candidate_talk.slots["programs_rest"] = ["tuition", "residency"]

    assert "Tuition" not in ask(candidate_talk, "more", "more_programs")["programs"]


def test_a_list_of_deadlines_by_time(talk):
    assert ask(talk, "what closes this month", "list_deadlines")["response"] == (
        "utter_no_deadlines_then"
    )


def test_a_topic_with_its_programs(talk):
    talk.say("Programs", "find_program", choice=True)
    talk.events[-1]["parse_data"]["entities"] = [
        {"entity": "topic", "value": "development/tuition_assistance"}
    ]
    talk.call("action_find_program")

    assert talk.slots["program"] == "tuition"


def test_a_list_to_choose_from_is_no_answer_yet_and_details_are(talk):
    some = ask(talk, "what programs are there", "find_program")
    one = ask(talk, "tell me about tuition assistance", "program_details")
    assert (some["metadata"]["is_answer"], one["metadata"]["is_answer"]) == (False, True)
    assert len(one["metadata"]["programs"]) == 1
    assert len(some["metadata"]["programs"]) > 1


def test_more_deadlines_show_their_days(talk):
    talk.slots |= {"programs_rest": ["loans", "residency"], "rest_from": "2026-11-23"}
    answer = ask(talk, "more", "more_programs")

    assert answer["response"] == "utter_more_programs"
    assert answer["programs"].splitlines() == [
        "- **February 15, 2090:** Student loan repayment (Payments 2090)",
        "- **March 1, 2090:** Nurse Residency Program (July cohort)",
    ]
    assert (talk.slots["programs_rest"], talk.slots["rest_from"]) == ([], "2026-11-23")
