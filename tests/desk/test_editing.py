"""What HR edits is found by words, checked, live, in its history, and undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.db.session import Database
from bot.desk import editing, editing_views
from bot.desk.editing import Subject
from bot.desk.editing_views import EditForm
from bot.faq import content
from bot.faq.book import AnswerBook, Variant, load_book
from bot.faq.content import ContentError
from bot.faq.live import changed_answers
from bot.programs.catalogue import import_programs
from bot.sandbox.blocks import check_view
from bot.settings import ROOT

from .made import SAY, mention, shown

META = {
    "audience": "employee",
    "title": "Dental plan",
    "source": "Benefits guide",
    "link": "https://hr.cedar.example/dental",
    "owner": "Benefits",
    "reviewed": "2026-10-01",
}
BOOK = AnswerBook(
    {
        "utter_benefits/dental": (Variant("Half. Call {company.dental_phone}.", "employee", META),),
        "utter_benefits/vision": (
            Variant("Glasses.", "employee", {**META, "title": "Vision plan"}),
        ),
    }
)
DENTAL = Subject(content.ANSWER, "utter_benefits/dental")
TUITION = Subject(content.PROGRAM, "tuition-assistance")
FACTS = ["company.dental_phone"]


@pytest.fixture
def catalogue(database: Database) -> Database:
    with database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
    return database


def fields_of(database: Database, subject: Subject) -> dict[str, Any]:
    with database.read() as session:
        return editing.current(session, BOOK, subject)


def save(database: Database, now: datetime, subject: Subject, seen: int, **fields: Any) -> None:
    with database.write() as session:
        given = {**editing.current(session, BOOK, subject), **fields}
        editing.save(session, BOOK, subject, given, now, person_id=None, seen=seen)


def test_words_find_names_before_texts(catalogue: Database) -> None:
    with catalogue.read() as session:
        titles = [found.title for found in editing.find(session, BOOK, "Dental")]
        exact = editing.find(session, BOOK, "benefits/vision")
        programs = editing.find(session, BOOK, "tuition")
        assert editing.find(session, BOOK, "  ") == []
        assert editing.find(session, BOOK, "zeppelin") == []
    assert titles[0] == "Dental plan"
    assert [found.subject.name for found in exact] == ["utter_benefits/vision"]
    topics = {found.subject: found.topic for found in programs}
    assert topics[TUITION] == "development/tuition_assistance"


def test_an_edited_answer_is_live_and_undone(database: Database, now: datetime) -> None:
    save(database, now, DENTAL, 0, text="A third.", audience="both", review_by="2027-01-31")
    with database.read() as session:
        (variant,) = changed_answers(session, BOOK)[DENTAL.name]
        seen = editing.version_of(session, DENTAL)
        (version,) = content.history(session, content.ANSWER, DENTAL.name)
    assert (variant.text, variant.audience) == ("A third.", "both")
    assert variant.metadata == {**META, "audience": "both", "review_by": "2027-01-31"}
    assert set(editing.changes_in(version, 0)) == {"text", "audience", "review_by"}
    with pytest.raises(ContentError, match="colleague"):
        save(database, now, DENTAL, 0, text="A quarter.")
    with database.write() as session:
        editing.undo(session, BOOK, DENTAL, now, person_id=None, seen=seen)
    assert fields_of(database, DENTAL)["text"] == "Half. Call {company.dental_phone}."


def test_an_edited_program_is_live_and_undone(catalogue: Database, now: datetime) -> None:
    before = fields_of(catalogue, TUITION)
    save(catalogue, now, TUITION, 0, summary="Pays for school.")
    assert fields_of(catalogue, TUITION)["summary"] == "Pays for school."
    with catalogue.write() as session:
        seen = editing.version_of(session, TUITION)
        editing.undo(session, BOOK, TUITION, now, person_id=None, seen=seen)
    assert fields_of(catalogue, TUITION) == before


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"text": "Call {company.nobody}."}, "company.nobody"),
        ({"text": "word " * 121}, "121 words"),
        ({"owner": None}, "owner"),
        ({"audience": "both"}, "Outsiders can't open"),
        ({"link": "ftp://x"}, "https://"),
    ],
)
def test_what_lint_would_refuse_is_refused_at_once(fields: dict[str, Any], part: str) -> None:
    given = {"text": "Half.", **META, "review_by": None, "link": "https://hr.x.example", **fields}
    (problem,) = editing.problems(DENTAL, given, FACTS)
    assert part in problem


def test_what_is_in_order_has_no_problems(catalogue: Database) -> None:
    assert editing.problems(DENTAL, fields_of(catalogue, DENTAL), FACTS) == []
    fields = fields_of(catalogue, TUITION)
    assert editing.problems(TUITION, fields, []) == []
    assert editing.problems(TUITION, {**fields, "how_to_apply": None}, []) == [
        "“how to apply” can't be empty."
    ]


def test_what_is_gone_can_not_be_edited(database: Database) -> None:
    with database.read() as session, pytest.raises(ContentError, match="isn't there"):
        editing.current(session, BOOK, Subject(content.ANSWER, "utter_pay/gone"))
    with database.read() as session, pytest.raises(ContentError, match="catalogue"):
        editing.current(session, BOOK, Subject(content.PROGRAM, "gone"))


def test_forms_of_everything_are_what_slack_takes(catalogue: Database) -> None:
    book = load_book(ROOT / "data", ROOT / "domain.yml")
    with catalogue.read() as session:
        found = [
            one
            for words in ("dental", "tuition", "residency", "payday", "apply", "leave")
            for one in editing.find(session, book, words)
        ]
        for one in found:
            form = EditForm(one.subject.value(), 0, one.title)
            fields = editing.current(session, book, one.subject)
            assert check_view(editing_views.edit_modal(form, fields, SAY)) == []
    assert len(found) > 20


def test_the_history_says_what_was_before(database: Database, now: datetime) -> None:
    form = EditForm(DENTAL.value(), 0, "Dental plan")
    empty = editing_views.history_modal(form, [], mention, SAY)
    assert check_view(empty) == []
    assert "as in its file" in shown(empty["blocks"])
    save(database, now, DENTAL, 0, text="A third.", owner="Pay team")
    with database.read() as session:
        versions = content.history(session, content.ANSWER, DENTAL.name)
    view = editing_views.history_modal(form, versions, mention, SAY, remark="Saved.")
    assert check_view(view) == []
    text = shown(view["blocks"])
    assert "Half. Call {company.dental_phone}." in text
    assert "Benefits" in text
    assert "Pay team" in text
    assert "Undo" in text
