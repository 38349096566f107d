from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.nlu.decision import CLARIFY, Decision, Label
from bot.nlu.eligibility_words import Asking, EligibilityWords, shipped_words, turned_to_eligibility
from bot.nlu.parse_data import parse_data_from

TUITION = Label.named("development/tuition_assistance", title="Tuition assistance")


@pytest.mark.parametrize(
    "text",
    [
        "Am I eligible for tuition assistance?",
        "am i even eligible for that",
        "when will I be eligible for loan repayment",
        "how do i know if i'm eligible for the gym thing",
        "Do I still qualify for tuition if I go part time?",
        "would i qualify for the academy",
        "not sure whether I qualify for adoption help",
        "am I allowed to apply for the leadership academy yet",
        "is backup childcare open to me?",
        "ive been here 4 months, have i been here long enough for tuition",
    ],
)
def test_who_asks_surely(text: str) -> None:
    assert shipped_words().asking(text).surely


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Can I get tuition reimbursement?", "tuition reimbursement"),
        ("so could i also get the relocation money", "so the relocation money"),
        ("can I join the mentoring circle", "the mentoring circle"),
    ],
)
def test_who_asks_perhaps_says_more(text: str, rest: str) -> None:
    asking = shipped_words().asking(text)
    assert not asking.surely
    assert asking.rest.split() == rest.split()


@pytest.mark.parametrize(
    "text",
    [
        "who is eligible for tuition assistance",
        "is my wife eligible for dental",
        "what makes a nurse qualify for loan repayment",
        "how much is tuition help",
        "what do i need to qualify for it",
        "my manager says i can get lost",
        "eligibility rules for the 403b",
        "how much PTO do I get",
        "",
    ],
)
def test_who_asks_something_else(text: str) -> None:
    assert shipped_words().asking(text) is None


def test_an_employees_answer_turns_and_its_topic_stands() -> None:
    decision = Decision.answering(TUITION, 0.8)
    turned = turned_to_eligibility(decision, "can i get tuition help", "employee")
    assert (turned.intent, turned.topic, turned.topics, turned.kind) == (
        "am_i_eligible",
        "development/tuition_assistance",
        ("development/tuition_assistance",),
        "faq",
    )
    parsed = parse_data_from(turned)
    assert parsed["intent"] == {"name": "am_i_eligible", "confidence": 0.8}
    assert parsed["decision"]["topic"] == "development/tuition_assistance"


@pytest.mark.parametrize(
    ("decision", "text", "audience"),
    [
        (Decision.answering(TUITION, 0.8), "can i get tuition help", "candidate"),
        (Decision.answering(TUITION, 0.8), "how much is tuition help", "employee"),
        (Decision(CLARIFY, "faq", 0.3), "am i eligible for tuition help", "employee"),
        (Decision.answering(Label.named("relations/union"), 0.8), "am i eligible", "employee"),
        (Decision.answering(Label.named("talk_to_person"), 0.8), "can i get hr", "employee"),
    ],
)
def test_all_else_stays_as_it_is(decision: Decision, text: str, audience: str) -> None:
    assert turned_to_eligibility(decision, text, audience) is decision


@pytest.mark.parametrize("content", ["surely: [a]\n", "perhaps: [a]\nsurely: x\n", "- a\n", "a: ["])
def test_a_wrong_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "eligibility.yml"
    path.write_text(content)
    with pytest.raises(DataFileError, match=r"eligibility\.yml"):
        EligibilityWords.load(path)
    with pytest.raises(DataFileError, match=r"none\.yml"):
        EligibilityWords.load(tmp_path / "none.yml")


def test_phrases_are_whole_words(tmp_path: Path) -> None:
    path = tmp_path / "eligibility.yml"
    path.write_text("surely: [am i ... in]\nperhaps: [may i]\n")
    words = EligibilityWords.load(path)
    assert words.asking("am I in?") == Asking(True, " ")
    assert words.asking("Am I really in") == Asking(True, " ")
    assert words.asking("spam i in") is None
    assert words.asking("am i inside") is None
    assert words.asking("am i not yet in") is None
