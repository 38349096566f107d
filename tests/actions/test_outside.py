from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.db.models import Case


@pytest.mark.parametrize(
    ("said", "label", "action"),
    [
        ("a trombone choir?", "handover", "action_handover"),
        ("talk to a person", "talk_to_person", "action_talk_to_person"),
        ("yes", "affirm", "action_affirm"),
        ("no", "deny", "action_deny"),
        ("not that", "rephrase", "action_rephrase"),
        ("useless", "complaint", "action_complaint"),
    ],
)
def test_nothing_that_somebody_outside_says_leads_to_a_person(
    server, candidate_talk, said, label, action
):
    candidate_talk.is_outside = True
    candidate_talk.say(said, label)
    candidate_talk.call(action)
    answer = candidate_talk.answer
    assert answer["metadata"] == {"audience": "both", "refused": "handover"}
    assert not answer["buttons"]


def test_a_yes_from_outside_sends_nothing_that_was_shown_inside(server, talk):
    talk.say("can I bring my dog to work?", "handover")
    talk.call("action_handover")
    talk.is_outside = True
    talk.press("Send to HR")
    talk.call("action_affirm")
    with server.database.read() as session:
        mine = select(Case).where(Case.conversation_id == talk.conversation)
        assert session.scalar(mine) is None


def test_an_answer_stays_an_answer_outside(candidate_talk):
    candidate_talk.is_outside = True
    candidate_talk.say("what programs are there", "find_program")
    candidate_talk.call("action_find_program")
    assert "refused" not in candidate_talk.answer["metadata"]
