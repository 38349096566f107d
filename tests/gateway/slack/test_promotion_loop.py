"""Answers for others and edits, over real signed requests; the assistant answers as told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.answers import ContentVersion, Promotion
from bot.db.models import Case, Program
from bot.programs.catalogue import import_programs
from bot.programs.details import details_text
from bot.sandbox.model import Message
from bot.sandbox.seed import CASEY, DANA, ROBIN, SAM
from bot.settings import ROOT

from .desk_loop import DeskLoop, desk_loop, shown

ANSWER = "Yes, Adaeze, on level 2."
FIELDS = {
    "draft_topic": "new",
    "draft_title": "Electric cars",
    "draft_category": "pay",
    "draft_owner": "Facilities",
    "draft_link": "https://hr.cedarvalley.example/cars",
}
NONE_WRONG: dict[str, Any] = {"missed": [], "stolen": []}


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("promoting")) as running:
        with running.database.write() as session:
            import_programs(session, ROOT / "data" / "programs.yml")
        yield running


@pytest.fixture(autouse=True)
def _afresh(loop: DeskLoop) -> None:
    for user in (ROBIN, CASEY, SAM, DANA):
        loop.slack.workspace.clear_modals(user)
    near = {"topic": "pay/payday", "title": "Payday", "question": "when do we get paid"}
    loop.assistant.tells = {"near": {"near": [near]}, "check": NONE_WRONG, "alike": {"cases": []}}


def answered(loop: DeskLoop, question: str, *, share: bool = True, **meaning: Any) -> Case:
    """Let HR answer a question, with the tick; the draft's form is open then."""
    case, card = loop.ask(question, **meaning)
    loop.do(card, "Answer")
    values = {"text": ANSWER, **({"share": ["others"]} if share else {})}
    assert loop.slack.submit(values, user=SAM).errors == {}
    return case


def form(loop: DeskLoop, user: str = SAM) -> str:
    view = loop.slack.open_view(user=user)
    return str(view.content) if view else ""


def draft(loop: DeskLoop, question: str, **fields: str) -> Message:
    """Let Sam propose a draft; return its card."""
    answered(loop, question)
    assert loop.slack.submit({**FIELDS, **fields}, user=SAM).errors == {}
    loop.idle()
    return loop.card("Waiting for approval")


def promotion(loop: DeskLoop) -> Promotion:
    with loop.database.read() as session:
        return session.scalar(select(Promotion).order_by(Promotion.id.desc()))


def test_without_the_tick_there_is_no_draft(loop: DeskLoop) -> None:
    answered(loop, "Is the roof open?", share=False)
    assert loop.slack.open_view(user=SAM) is None


def test_the_draft_has_no_names_and_what_is_near(loop: DeskLoop) -> None:
    answered(loop, "My manager Dmitri Okafor says no; may I charge my car?")
    opened = form(loop)
    assert "when do we get paid" in opened
    assert "Okafor" not in opened
    assert "Adaeze" not in opened
    assert "charge my car" in opened


def test_what_would_take_anothers_question_is_refused_with_the_reason(loop: DeskLoop) -> None:
    stolen = {"question": "payday?", "topic": "pay/payday", "title": "Paydays", "similarity": 0.9}
    missed = {"question": "x", "kind": "crisis", "title": "crisis_danger"}
    loop.assistant.tells["check"] = {"missed": [missed], "stolen": [stolen]}
    answered(loop, "When is my first check?")
    errors = loop.slack.submit(FIELDS, user=SAM).errors
    assert "“payday?” would then get this answer instead of “Paydays”" in errors["draft_questions"]
    assert "sounds like danger" in errors["draft_questions"]
    before = promotion(loop)
    loop.assistant.tells["check"] = NONE_WRONG
    assert loop.slack.submit(FIELDS, user=SAM).errors == {}
    assert promotion(loop) is not before
    asked = [body for route, body in loop.assistant.told if route == "check"][-1]
    assert asked["topic"] == "pay/electric_cars"


@pytest.mark.parametrize(
    ("fields", "block", "part"),
    [
        ({"draft_title": ""}, "draft_title", "needs a name"),
        ({"draft_category": ""}, "draft_category", "needs a category"),
        ({"draft_questions": "a\n" * 3 + "\n".join("bcdefghijkl")}, "draft_questions", "one to 10"),
        ({"draft_answer": "See {company.nobody}."}, "draft_answer", "company.nobody"),
        ({"draft_answer": "word " * 130}, "draft_answer", "130 words"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    loop: DeskLoop, fields: dict[str, str], block: str, part: str
) -> None:
    answered(loop, f"Who waters the plants ({part})?")
    errors = loop.slack.submit({**FIELDS, **fields}, user=SAM).errors
    assert part in errors[block]


def test_it_goes_back_is_revised_and_approved_by_a_second(loop: DeskLoop) -> None:
    card = draft(loop, "Can I charge my bike?", draft_title="Bikes")
    loop.do(card, "Approve")
    loop.whispered("Somebody else has to approve")
    loop.do(card, "Send back", user=DANA)
    assert loop.slack.submit({"remark": "Say which bikes."}, user=DANA).errors == {}
    loop.idle()
    loop.told("Say which bikes.", user=SAM)
    assert "What should change" in shown(loop.now(card))
    loop.do(card, "Revise")
    assert "Bikes" in form(loop)
    assert loop.slack.submit({"draft_title": "E-bikes"}, user=SAM).errors == {}
    loop.idle()
    again = loop.card("E-bikes")
    loop.do(again, "Approve", user=DANA)
    loop.idle()
    assert "Live for others" in shown(loop.now(again))
    assert promotion(loop).status == "live"
    loop.do(again, "Take back", user=DANA)
    loop.idle()
    assert promotion(loop).status == "withdrawn"
    assert "Taken back" in shown(loop.now(again))


def test_an_approval_is_checked_once_more(loop: DeskLoop) -> None:
    card = draft(loop, "Can I charge my phone?", draft_title="Phones")
    stolen = {"question": "w2?", "topic": "pay/w2", "title": "W-2", "similarity": 0.9}
    loop.assistant.tells["check"] = {"missed": [], "stolen": [stolen]}
    loop.do(card, "Approve", user=DANA)
    loop.whispered("instead of “W-2”", user=DANA)
    assert promotion(loop).status == "waiting"


def test_questions_alone_keep_the_topics_answer_and_audience(loop: DeskLoop) -> None:
    fields = {"draft_topic": "careers/how_to_apply", "draft_audience": "employee"}
    draft(loop, "Where do I send my resume?", **fields)
    proposed = promotion(loop)
    assert (proposed.topic, proposed.answer) == ("careers/how_to_apply", None)
    assert proposed.audience == "both"


def test_who_asked_the_same_gets_it_with_one_tap_once(loop: DeskLoop) -> None:
    other, _ = loop.ask("Any plug for my car?", user=CASEY)
    card = draft(loop, "Where can I plug in my car?", draft_title="Plugs")
    loop.assistant.tells["alike"] = {"cases": [other.id]}
    loop.do(card, "Approve", user=DANA)
    offer = loop.card("also answers 1 open", user=DANA)
    asked = [body for route, body in loop.assistant.told if route == "alike"][-1]
    assert {"case": other.id, "text": other.question, "audience": "employee"} in asked["questions"]
    loop.do(offer, "Answer them all", user=DANA)
    loop.idle()
    told = loop.told("on level 2", user=CASEY)
    assert other.reference in told.text
    assert loop.case(other.id).status == "answered"
    assert other.reference in shown(loop.now(offer))
    assert "Answer them all" not in shown(loop.now(offer))


def test_hr_edits_an_answer_with_preview_history_and_undo(loop: DeskLoop) -> None:
    loop.slack.command("/hr-desk", "edit dental", user=SAM)
    loop.slack.click("Edit", user=SAM)
    assert "Save, live at once" in form(loop)
    loop.slack.click("Preview", user=SAM)
    assert "Nothing is sent yet" in form(loop)
    loop.slack.close(user=SAM)
    wrong = loop.slack.submit({"text": "Call {company.nobody}."}, user=SAM)
    assert "company.nobody" in str(wrong.errors)
    saved = loop.slack.submit({"text": "A third of it."}, user=SAM)
    assert (saved.errors, saved.is_open) == ({}, True)
    assert "Saved." in form(loop)
    loop.slack.click("Undo the last change", user=SAM)
    assert "Taken back." in form(loop)
    with loop.database.read() as session:
        causes = select(ContentVersion.cause).where(
            ContentVersion.subject == "utter_benefits/dental"
        )
        assert list(session.scalars(causes.order_by(ContentVersion.id))) == ["edited", "undone"]


def test_hr_edits_a_program(loop: DeskLoop) -> None:
    loop.slack.command("/hr-desk", "edit tuition-assistance", user=SAM)
    loop.slack.click("Edit", user=SAM)
    loop.slack.click("Preview", user=SAM)
    assert "How to apply" in form(loop)
    loop.slack.close(user=SAM)
    edited = {
        "summary": "Pays for school.",
        "audience": "employee",
        "link": "https://hr.cedarvalley.example/school",
        "review_by": "2027-06-01",
    }
    assert loop.slack.submit(edited, user=SAM).errors == {}
    assert "Pays tuition" in form(loop), "the history says what was before"
    with loop.database.read() as session:
        program = session.get(Program, "tuition-assistance")
        told = details_text(program, date(2026, 11, 26))
        assert program.review_by == date(2027, 6, 1)
    assert "Pays for school." in told
    assert "https://hr.cedarvalley.example/school" in told
    loop.slack.click("Undo the last change", user=SAM)
    assert "Taken back." in form(loop)
    with loop.database.read() as session:
        program = session.get(Program, "tuition-assistance")
        assert (program.summary[:12], program.review_by) == ("Pays tuition", None)


def test_only_hr_edits_and_only_what_is_theirs(loop: DeskLoop) -> None:
    loop.slack.command("/hr-desk", "edit dental", user=ROBIN)
    loop.whispered("Only people of HR", user=ROBIN)
    loop.slack.command("/hr-desk", "edit relations/harassment", user=SAM)
    loop.whispered("found no answer", user=SAM)
    loop.slack.command("/hr-desk", "edit", user=SAM)
    loop.whispered("Which one?", user=SAM)
