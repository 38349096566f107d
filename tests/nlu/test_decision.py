import json

import pytest

from bot.nlu.decision import Candidate, Decision, Label, kind_of, topic_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("benefits/dental", "faq"),
        ("relations/harassment", "sensitive"),
        ("find_program", "program"),
        ("crisis_self_harm", "crisis"),
        ("out_of_scope", "oos"),
        ("greet", "dialogue"),
        ("talk_to_person", "dialogue"),
    ],
)
def test_a_name_tells_the_kind(name, kind):
    assert kind_of(name) == kind


def test_talking_to_a_person_has_a_topic():
    assert topic_of("talk_to_person") == "employment/contact_hr"
    assert topic_of("greet") is None


@pytest.mark.parametrize(
    ("label_audience", "asker", "is_open"),
    [
        ("employee", "employee", True),
        ("employee", "candidate", False),
        ("both", "candidate", True),
        ("candidate", "employee", True),
        ("candidate", "candidate", True),
    ],
)
def test_only_internal_labels_are_closed_and_only_to_candidates(label_audience, asker, is_open):
    assert Label.named("pay/payday", audience=label_audience).is_open_to(asker) is is_open


@pytest.mark.parametrize(
    ("decision", "intent"),
    [
        (Decision.answering(Label.named("benefits/dental"), 0.9), "benefits"),
        (Decision.answering(Label.named("greet"), 0.9), "greet"),
        (Decision("clarify", "faq", 0.4), "clarify"),
        (Decision("handover", "faq", 0.1), "handover"),
        (Decision("handover", "faq", 0.1, reason="internal"), "internal_only"),
    ],
)
def test_one_intent_serves_each_decision(decision, intent):
    assert decision.intent == intent


def test_a_decision_travels_as_json():
    label = Label.named("benefits/dental", title="Dental coverage")
    told = Decision.answering(label, 0.91234, (Candidate(label, 0.91234, 8.0),)).as_dict()
    assert json.loads(json.dumps(told)) == {
        "decision": "answer",
        "kind": "faq",
        "label": "benefits/dental",
        "topic": "benefits/dental",
        "topics": ["benefits/dental"],
        "confidence": 0.9123,
        "candidates": [
            {
                "label": "benefits/dental",
                "kind": "faq",
                "topic": "benefits/dental",
                "title": "Dental coverage",
                "confidence": 0.9123,
            }
        ],
        "reason": None,
    }
