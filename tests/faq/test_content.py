"""Versions of answers: what holds, what came before, and what an undo brings back."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest

from bot.db.answers import ContentVersion
from bot.db.session import Database
from bot.faq import content
from bot.faq.book import Variant
from bot.faq.content import ContentError

NAME = "utter_benefits/dental"
FILE = [{"text": "Half.", "metadata": {"audience": "employee"}}]


def said(text: str) -> list[dict[str, Any]]:
    return [{"text": text, "metadata": {"audience": "employee"}}]


def edit(database: Database, now: datetime, text: str, **more: Any) -> ContentVersion:
    given = {"kind": content.ANSWER, "subject": NAME, "content": said(text), "in_file": FILE}
    given |= {"cause": content.EDITED, "person_id": None, **more}
    with database.write() as session:
        return content.change(session, now, **given)


def undo(database: Database, now: datetime, in_file: Any = FILE) -> ContentVersion:
    given = {"kind": content.ANSWER, "subject": NAME, "in_file": in_file, "person_id": None}
    with database.write() as session:
        return content.undo(session, now, **given)


def held(database: Database, in_file: Any = FILE) -> Any:
    with database.read() as session:
        version = content.latest(session, content.ANSWER).get(NAME)
        return content.in_force(in_file, version)


def test_an_edit_wins_over_the_file_and_each_undo_takes_one_back(
    database: Database, now: datetime
) -> None:
    assert held(database) == FILE
    edit(database, now, "A third.")
    edit(database, now, "A quarter.")
    assert held(database) == said("A quarter.")
    undo(database, now)
    assert held(database) == said("A third.")
    undo(database, now)
    assert held(database) == FILE
    with pytest.raises(ContentError, match="nothing left"):
        undo(database, now)
    edit(database, now, "All of it.")
    assert undo(database, now).content == FILE


def test_history_says_what_was_before(database: Database, now: datetime) -> None:
    edit(database, now, "A third.")
    edit(database, now, "A quarter.")
    with database.read() as session:
        newest, oldest = content.history(session, content.ANSWER, NAME)
    assert (oldest.before, newest.before) == (FILE, said("A third."))
    assert (newest.cause, newest.at) == ("edited", now)


def test_who_looks_at_an_old_form_overwrites_nobody(database: Database, now: datetime) -> None:
    first = edit(database, now, "A third.", seen=0)
    with pytest.raises(ContentError, match="colleague"):
        edit(database, now, "A quarter.", seen=0)
    edit(database, now, "A quarter.", seen=first.id)
    assert held(database) == said("A quarter.")


def test_a_new_topic_is_gone_when_it_is_undone(database: Database, now: datetime) -> None:
    edit(database, now, "New.", in_file=None, cause=content.PROMOTED)
    assert held(database, None) == said("New.")
    undo(database, now, None)
    assert held(database, None) == []


def test_what_was_exported_holds_until_the_file_has_it(database: Database, now: datetime) -> None:
    edit(database, now, "A third.")
    with database.write() as session:
        content.latest(session, content.ANSWER)[NAME].exported_at = now
    assert held(database, FILE) == said("A third.")
    assert held(database, said("A third.")) == said("A third.")
    assert held(database, said("The file has gone on.")) == said("The file has gone on.")


def test_both_changed_is_seen(database: Database, now: datetime) -> None:
    edit(database, now, "A third.")
    edit(database, now, "A quarter.")
    with database.read() as session:
        version = content.latest(session, content.ANSWER)[NAME]
    assert not content.is_overtaken(FILE, version)
    assert content.is_overtaken(said("Two thirds."), version)
    assert not content.is_overtaken(said("A quarter."), version), "the file says the same"


def test_readers_see_by_a_number_that_something_is_new(database: Database, now: datetime) -> None:
    def number() -> int:
        with database.read() as session:
            return content.revision(session)

    seen = [number()]
    for text in ("A third.", "A quarter."):
        edit(database, now, text)
        seen.append(number())
    undo(database, now)
    seen.append(number())
    assert seen == sorted(set(seen))


def test_changes_at_the_same_time_wait_for_each_other(database: Database, now: datetime) -> None:
    refused: list[ContentError] = []

    def change(text: str) -> None:
        try:
            edit(database, now, text, seen=0)
        except ContentError as error:
            refused.append(error)

    threads = [threading.Thread(target=change, args=(f"{n} %",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert len(content.history(session, content.ANSWER, NAME)) == 1
    assert len(refused) == 3


def test_a_fingerprint_is_of_what_is_said_alone() -> None:
    first = [{"text": "a", "metadata": {"audience": "both", "title": "A"}}]
    second = [{"metadata": {"title": "A", "audience": "both"}, "text": "a"}]
    assert content.fingerprint(first) == content.fingerprint(second)
    assert content.fingerprint(first) != content.fingerprint([{**first[0], "text": "b"}])
    assert content.fingerprint(None) is None


def test_variants_come_back_as_they_were() -> None:
    variants = (Variant("a", "both", {"audience": "both"}, ({"title": "Yes", "payload": "x"},)),)
    assert content.variants_of(content.content_of(variants)) == variants
    assert content.content_of(None) is None
