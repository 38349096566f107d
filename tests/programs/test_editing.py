"""HR edits a program: live at once, kept by the next import, undone as it was."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.db.models import Program
from bot.db.session import Database
from bot.faq import content
from bot.faq.content import ContentError
from bot.programs import editing
from bot.programs.catalogue import import_programs
from bot.settings import ROOT

FILE = ROOT / "data" / "programs.yml"
ID = "tuition-assistance"


@pytest.fixture
def catalogue(database: Database) -> Database:
    with database.write() as session:
        import_programs(session, FILE)
    return database


def edit(database: Database, now: datetime, **fields: str | None) -> None:
    with database.write() as session:
        program = session.get(Program, ID)
        given = {**editing.fields_of(program), **fields}
        editing.edit(session, program, given, now, person_id=None)


def program(database: Database) -> Program:
    with database.read() as session:
        return session.get(Program, ID)


def test_an_edit_holds_at_once_and_is_kept_by_an_import(catalogue: Database, now: datetime) -> None:
    before = program(catalogue)
    edit(catalogue, now, summary="Pays for school.", review_by="2027-01-31")
    edited = program(catalogue)
    assert (edited.summary, f"{edited.review_by}") == ("Pays for school.", "2027-01-31")
    assert edited.revision > before.revision, "searches see that something is new"
    with catalogue.write() as session:
        result = import_programs(session, FILE)
    assert (result.changed, result.removed) == (0, 0)
    assert program(catalogue).summary == "Pays for school."


def test_an_undo_brings_back_what_was_there(catalogue: Database, now: datetime) -> None:
    before = editing.fields_of(program(catalogue))
    edit(catalogue, now, owner="Education team", contact=None)
    with catalogue.write() as session:
        editing.undo(session, session.get(Program, ID), now, person_id=None)
    assert editing.fields_of(program(catalogue)) == before
    with catalogue.write() as session, pytest.raises(ContentError, match="nothing left"):
        editing.undo(session, session.get(Program, ID), now, person_id=None)


def test_a_file_that_goes_on_after_the_export_holds(catalogue: Database, now: datetime) -> None:
    edit(catalogue, now, summary="Pays for school.")
    with catalogue.write() as session:
        version = content.latest(session, content.PROGRAM)[ID]
        version.exported_at, version.base_hash = now, "of a file of long ago"
        import_programs(session, FILE)
    assert program(catalogue).summary != "Pays for school."
