from __future__ import annotations


def open_case(talk, question: str) -> str:
    talk.say(question, "handover")
    talk.call("action_handover")
    talk.say("yes", "affirm")
    talk.call("action_affirm")
    return talk.answer["reference"]


def ask(talk) -> dict:
    talk.say("where is my question", "my_cases")
    talk.call("action_my_cases")
    return talk.answer


def test_somebody_without_cases_is_told_so(talk):
    assert ask(talk)["response"] == "utter_no_cases"


def test_own_cases_are_listed_newest_first_and_shortened(talk):
    first = open_case(talk, "is there a chapel " + "somewhere " * 20)
    second = open_case(talk, "who feeds the fish")

    lines = ask(talk)["cases"].splitlines()
    assert lines[0].startswith(f"- **{second}**, asked on ")
    assert ", waiting for someone in HR: “who feeds the fish” HR wants to reply by " in lines[0]
    assert lines[1].startswith(f"- **{first}**")
    assert "somewhere …”" in lines[1]
    assert talk.titles[:2] == [f"Add something ({second})", f"Take it back ({second})"]


def test_cases_of_others_are_not_listed(talk, candidate_talk):
    open_case(talk, "who feeds the fish")

    assert ask(candidate_talk)["response"] == "utter_no_cases"


def test_cases_are_not_listed_where_others_read(talk):
    open_case(talk, "who feeds the fish")
    talk.place = "shared"

    assert ask(talk)["response"] == "utter_cases_in_private"
