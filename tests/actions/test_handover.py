from __future__ import annotations

import json
from datetime import datetime, timezone

from sqlalchemy import select

from bot.db.models import Case, OutboxRow
from bot.desk.cases import open_case
from tests.records import ROUTING

QUESTION = "can I bring my dog to work?\nshe is very calm"
GUESSES = [
    {
        "label": "policies/dress_code",
        "topic": "policies/dress_code",
        "title": "Dress code",
        "confidence": 0.4,
    }
]


def cases_of(server, talk) -> list[Case]:
    with server.database.read() as session:
        query = select(Case).where(Case.conversation_id == talk.conversation).order_by(Case.id)
        return list(session.scalars(query))


def hand_over(talk) -> None:
    talk.say(QUESTION, "handover", candidates=GUESSES)
    talk.call("action_handover")


def test_handover_shows_exactly_what_will_be_sent(talk):
    hand_over(talk)

    assert talk.answer["response"] == "utter_handover"
    assert talk.answer["quote"] == "> can I bring my dog to work?\n> she is very calm"
    assert talk.titles == ["Send to HR", "Send anonymously", "No, thanks"]


def test_a_typed_yes_opens_a_case(server, talk):
    hand_over(talk)
    talk.say("yes please", "affirm")
    talk.call("action_affirm")

    [case] = cases_of(server, talk)
    assert case.question == QUESTION
    assert case.topic == "policies/dress_code"
    assert case.turn_id == talk.events[0]["message_id"]
    assert talk.answer == {
        **talk.answer,
        "response": "utter_case_opened",
        "reference": case.reference,
    }
    assert talk.slots["pending_question"] is None
    with server.database.read() as session:
        assert session.scalar(select(OutboxRow).where(OutboxRow.case_id == case.id)) is not None


def test_the_button_opens_the_same_case_once(server, talk):
    hand_over(talk)
    preview = talk.answer
    for _ in range(2):
        talk.answers.append(preview)
        talk.press("Send to HR")
        talk.call("action_affirm")

    assert [case.reference for case in cases_of(server, talk)] == [talk.answer["reference"]]


def test_a_late_yes_to_something_else_sends_nothing(server, talk):
    hand_over(talk)
    talk.say("when is payday", "pay/payday")
    talk.say("yes", "affirm")
    talk.call("action_affirm")

    assert cases_of(server, talk) == []
    assert talk.answer["response"] == "utter_nothing_pending"


def test_the_button_still_counts_after_another_question(server, talk):
    hand_over(talk)
    talk.say("when is payday", "pay/payday")
    talk.press("Send to HR")
    talk.call("action_affirm")

    assert [case.question for case in cases_of(server, talk)] == [QUESTION]


def test_a_turn_that_is_asked_twice_still_takes_the_yes(server, talk):
    hand_over(talk)
    talk.say("yes", "affirm")
    talk.events += [{"event": "rewind"}, dict(talk.events[-1])]
    talk.call("action_affirm")

    assert len(cases_of(server, talk)) == 1


def test_no_sends_nothing_and_forgets(server, talk):
    hand_over(talk)
    talk.say("no", "deny")
    talk.call("action_deny")
    assert talk.answer["response"] == "utter_not_sent"

    talk.say("yes", "affirm")
    talk.call("action_affirm")
    assert cases_of(server, talk) == []


def test_a_no_to_nothing_and_a_cancel_are_friendly(talk):
    talk.say("no", "deny")
    talk.call("action_deny")
    assert talk.answer["response"] == "utter_deny"

    talk.say("never mind", "cancel")
    talk.call("action_cancel")
    assert talk.answer["response"] == "utter_nothing_to_cancel"


def send(server, talk, text: str) -> str:
    """Send a question to HR; return its number."""
    talk.say(text, "handover")
    talk.call("action_handover")
    talk.press("Send to HR")
    talk.call("action_affirm")
    return talk.answer["reference"]


def cancel(talk, text: str) -> dict:
    talk.say(text, "cancel")
    talk.call("action_cancel")
    return talk.answer


def test_a_question_that_is_named_can_be_taken_back_later(server, talk):
    first = send(server, talk, "who feeds the fish")
    second = send(server, talk, "who waters the fern")
    talk.say("when is payday", "pay/payday")

    assert cancel(talk, "cancel my question please")["reference"] == second
    assert cancel(talk, f"cancel {first}")["reference"] == first
    talk.press("Take it back")
    talk.call("action_withdraw_case")
    assert talk.answer["response"] == "utter_withdrawn"
    assert [case.reference for case in cases_of(server, talk) if case.status == "open"] == [second]


def test_a_question_that_waits_is_cancelled_before_one_that_was_sent(server, talk):
    send(server, talk, "who feeds the fish")
    talk.say("who waters the fern", "handover")
    talk.call("action_handover")

    assert cancel(talk, "cancel that question")["response"] == "utter_cancelled"


def test_without_a_question_in_hrs_hands_there_is_nothing_to_take_back(server, talk):
    assert cancel(talk, "cancel my question")["response"] == "utter_nothing_to_cancel"
    send(server, talk, "who feeds the fish")
    talk.say("when is payday", "pay/payday")
    assert cancel(talk, "never mind")["response"] == "utter_nothing_to_cancel"


def test_talk_to_a_person_takes_the_question_just_answered(talk):
    talk.say("why is my check short", "pay/payday")
    talk.say("talk to a human", "talk_to_person")
    talk.call("action_talk_to_person")

    assert talk.answer["quote"] == "> why is my check short"
    assert talk.slots["pending_topic"] == "pay/payday"


def test_talk_to_a_person_prefers_own_words_to_a_button(talk):
    talk.say("teeth thing for my kid", "clarify", candidates=GUESSES)
    talk.say("Dental coverage", "benefits/dental", choice=True)
    talk.say("talk to a human", "talk_to_person")
    talk.call("action_talk_to_person")

    assert talk.answer["quote"] == "> teeth thing for my kid"


def test_talk_to_a_person_without_a_question_asks_for_one(talk):
    talk.say("hi", "greet")
    talk.say("talk to a human", "talk_to_person")
    response = talk.call("action_talk_to_person").json()

    assert response["responses"] == []
    assert {"event": "followup", "timestamp": None, "name": "hr_question_form"} in response[
        "events"
    ]


def test_in_a_thread_the_person_chooses_where_the_answer_goes(server, talk):
    talk.place = "shared"
    hand_over(talk)
    assert talk.titles == [
        "Send to HR",
        "Send, answer in this thread",
        "Send anonymously",
        "No, thanks",
    ]

    talk.press("Send, answer in this thread")
    talk.call("action_affirm")
    assert talk.answer["response"] == "utter_case_opened"
    assert cases_of(server, talk)[0].answer_here is True


def test_in_a_thread_the_answer_is_private_by_default(server, talk):
    talk.place = "shared"
    hand_over(talk)
    talk.say("yes", "affirm")
    talk.call("action_affirm")

    assert talk.answer["response"] == "utter_case_opened_privately"
    assert cases_of(server, talk)[0].answer_here is False


def test_clarify_offers_three_choices_and_a_way_out(talk):
    guesses = [
        {
            "label": f"benefits/{n}",
            "topic": f"benefits/{n}",
            "title": n.title(),
            "confidence": 0.3,
        }
        for n in ("dental", "vision", "hsa", "fsa")
    ]
    talk.say("teeth", "clarify", candidates=guesses)
    talk.call("action_clarify")
    assert talk.titles == [
        "Dental coverage",
        "Vision coverage",
        "Health savings account (HSA)",
        "None of these",
    ]

    talk.press("None of these")
    talk.call("action_handover")
    assert talk.answer["quote"] == "> teeth"
    assert talk.slots["pending_topic"] == "benefits/dental"


def test_clarify_without_candidates_hands_over(talk):
    talk.say("hmm", "clarify")
    talk.call("action_clarify")

    assert talk.answer["response"] == "utter_handover"


def test_an_internal_question_of_a_candidate_can_go_to_a_person(candidate_talk):
    candidate_talk.say("how much is the night differential", "internal_only", candidates=[])
    candidate_talk.call("action_internal_only")
    candidate_talk.press("Ask a person")
    candidate_talk.call("action_handover")

    assert candidate_talk.answer["quote"] == "> how much is the night differential"


def test_sending_without_a_name_is_the_gateways_and_names_every_turn_that_must_go(talk):
    hand_over(talk)
    (sent,) = [b for b in talk.answer["buttons"] if b["title"] == "Send anonymously"]
    assert json.loads(sent["payload"]) == {
        "gateway": "open_case",
        "anonymous": True,
        "question": QUESTION,
        "topic": "policies/dress_code",
        "candidates": ["policies/dress_code"],
        "sensitive": False,
        "turns": [talk.events[0]["message_id"]] * 2,
    }


def test_a_candidate_is_offered_no_anonymity(candidate_talk):
    candidate_talk.say("is there parking", "handover")
    candidate_talk.call("action_handover")
    assert candidate_talk.titles == ["Send to HR", "No, thanks"]


def test_a_sent_question_can_be_added_to_and_taken_back(server, talk):
    hand_over(talk)
    talk.say("yes", "affirm")
    talk.call("action_affirm")
    [case] = cases_of(server, talk)
    assert [json.loads(b["payload"]) for b in talk.answer["buttons"]] == [
        {"gateway": "case", "do": "add", "case": case.id},
        {"gateway": "case", "do": "withdraw", "case": case.id},
    ]
    assert case.candidates == ["policies/dress_code"]


def test_on_the_careers_page_only_the_form_sends_a_question(server, web_talk):
    hand_over(web_talk)
    web_talk.say("yes please", "affirm")
    web_talk.call("action_affirm")
    assert cases_of(server, web_talk) == []
    assert web_talk.answer["response"] == "utter_preview_question"
    assert web_talk.titles == ["Send to HR", "No, thanks"]
    assert web_talk.answer["quote"].startswith("> can I bring my dog to work?")


def test_on_the_careers_page_a_yes_to_what_is_sent_names_its_case(server, web_talk):
    hand_over(web_talk)
    with server.database.write() as session:
        case = open_case(
            session,
            turn_id=web_talk.events[0]["message_id"],
            conversation_id=web_talk.conversation,
            question=QUESTION,
            topic=None,
            routing=ROUTING,
            now=datetime(2026, 11, 23, tzinfo=timezone.utc),
        )
    web_talk.say("yes please", "affirm")
    web_talk.call("action_affirm")
    assert web_talk.answer["response"] == "utter_case_opened"
    assert web_talk.answer["reference"] == case.reference
    assert len(cases_of(server, web_talk)) == 1
