"""From the database into the files and back: nothing is lost, nothing comes twice."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.db.answers import PromotedPhrasing, Promotion
from bot.db.session import Database
from bot.faq import content
from bot.faq.book import load_book
from bot.faq.export import pending
from bot.faq.exporting import export_all
from bot.faq.phrasings import phrasings_in_folder
from bot.faq.promoted import LIVE, WITHDRAWN
from bot.settings import ROOT

DOMAIN = ROOT / "domain.yml"
NAME, QUESTION = "utter_pay/expenses", "is lunch with a vendor paid"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data" / "faq", folder / "faq")
    shutil.copy(ROOT / "data" / "programs.yml", folder)
    return folder


def change(
    database: Database, now: datetime, data: Path, name: str, text: str | None, **more: Any
) -> None:
    in_file = content.content_of(load_book(data, DOMAIN).of_files.get(name))
    metadata = in_file[0]["metadata"] if in_file else {"audience": "employee", "title": "Cars"}
    with database.write() as session:
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject=name,
            content=[{"text": text, "metadata": metadata}] if text else [],
            in_file=in_file,
            cause=content.EDITED,
            person_id=None,
            **more,
        )


def promote(database: Database, now: datetime, topic: str, *texts: str) -> int:
    with database.write() as session:
        promotion = Promotion(
            queue="default",
            status=LIVE,
            topic=topic,
            title="Cars",
            audience="employee",
            owner="HR",
            link="https://x.example",
            review_by=date(2027, 1, 1),
            proposed_at=now,
            phrasings=[PromotedPhrasing(text=text) for text in texts],
        )
        session.add(promotion)
        session.flush()
        content.touch(session)
        return promotion.id


def export(database: Database, now: datetime, data: Path) -> list[str]:
    with database.write() as session:
        return [path.name for path in export_all(session, data, DOMAIN, now)]


def still_pending(database: Database, data: Path) -> Any:
    with database.read() as session:
        return pending(session, data, DOMAIN)


def test_what_hr_changed_is_in_the_file_once(database: Database, now: datetime, data: Path) -> None:
    change(database, now, data, NAME, "Within 60 days.\n")
    change(database, now, data, "utter_pay/cars", "Eight chargers.\n")
    promote(database, now, "pay/expenses", QUESTION)
    promote(database, now, "pay/cars", "ev chargers")
    assert bool(still_pending(database, data))
    assert export(database, now, data) == ["pay.yml"]
    assert not still_pending(database, data)
    assert export(database, now, data) == []
    book, phrasings = load_book(data, DOMAIN), phrasings_in_folder(data / "faq")
    assert book.of_files[NAME][0].text == "Within 60 days.\n"
    assert phrasings["pay/cars"] == ["ev chargers"]
    assert phrasings["pay/expenses"].count(QUESTION) == 1


def test_an_undo_after_the_export_is_a_change_again(
    database: Database, now: datetime, data: Path
) -> None:
    before = load_book(data, DOMAIN).of_files[NAME][0].text
    change(database, now, data, NAME, "Within 60 days.\n")
    export(database, now, data)
    in_file = content.content_of(load_book(data, DOMAIN).of_files[NAME])
    with database.write() as session:
        content.undo(
            session, now, kind=content.ANSWER, subject=NAME, in_file=in_file, person_id=None
        )
    assert list(still_pending(database, data).answers) == [NAME]
    export(database, now, data)
    assert load_book(data, DOMAIN).of_files[NAME][0].text == before


def test_a_question_that_is_taken_back_leaves_the_file(
    database: Database, now: datetime, data: Path
) -> None:
    number = promote(database, now, "pay/expenses", QUESTION)
    original = (data / "faq" / "pay.yml").read_text()
    export(database, now, data)
    with database.write() as session:
        promotion = session.get(Promotion, number)
        promotion.status, promotion.exported_at = WITHDRAWN, None
    assert still_pending(database, data).removed == {"pay/expenses": [QUESTION]}
    export(database, now, data)
    assert (data / "faq" / "pay.yml").read_text() == original


def test_where_both_were_changed_it_is_said(database: Database, now: datetime, data: Path) -> None:
    change(database, now, data, NAME, "Within 60 days.\n")
    assert still_pending(database, data).overtaken == []
    path = data / "faq" / "pay.yml"
    path.write_text(path.read_text().replace("within {company.expense_claim_days}", "soon"))
    assert still_pending(database, data).overtaken == [NAME]
    export(database, now, data)
    assert still_pending(database, data).overtaken == []


def test_without_changes_no_file_is_read(database: Database, tmp_path: Path) -> None:
    with database.read() as session:
        assert not pending(session, tmp_path / "nowhere", DOMAIN)
