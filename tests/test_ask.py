"""`hrbot ask` through the trained model, the answer book and the catalogue, without servers."""

from datetime import date

import pytest

from bot.ask import Asker
from bot.settings import ROOT, load_settings


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    database = tmp_path_factory.mktemp("ask") / "ask.db"
    settings = load_settings({"DATABASE_URL": f"sqlite:///{database}"}, ROOT / "none.env")
    return Asker(settings, date(2026, 11, 23))


def test_an_approved_answer_is_said_with_its_facts(asker):
    asked = asker.ask("when do we get paid", "employee")
    assert (asked.decision.decision, asked.decision.topic) == ("answer", "pay/payday")
    assert "{" not in asked.answer
    assert asked.as_dict()["topics"] == ["pay/payday"]


def test_two_questions_get_both_answers(asker):
    both = asker.ask("When is payday? Is dental covered?", "employee")
    each = [asker.ask(text, "employee").answer for text in ("payday", "dental")]
    assert both.decision.topics == ("pay/payday", "benefits/dental")
    assert all(answer in both.answer for answer in each)


def test_a_candidate_hears_nothing_internal(asker):
    internal = asker.ask("when do we get paid", "employee").answer
    asked = asker.ask("when do we get paid", "candidate")
    assert asked.decision.decision != "answer"
    assert internal not in asked.answer


def test_programs_come_from_the_catalogue(asker):
    asked = asker.ask("tell me about the nurse residency program", "employee")
    assert "residency" in asked.answer.lower()
    assert asker.ask("what closes this month", "employee").decision.kind == "program"


def test_what_is_not_understood_is_quoted_for_hr(asker):
    asked = asker.ask("my parrot speaks latin", "employee")
    assert asked.decision.decision == "handover"
    assert "> my parrot speaks latin" in asked.answer


def test_context_is_used(asker):
    decision = asker.decide("and is it taxed?", "employee", ["how much is the referral bonus"])
    assert "policies/referral_bonus" in {
        decision.topic,
        *(one.label.topic for one in decision.candidates),
    }
