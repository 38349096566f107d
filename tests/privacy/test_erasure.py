"""Whoever is erased is gone from every row and every byte; whoever isn't stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot.db.models import (
    Base,
    Case,
    CaseDetail,
    CaseEvent,
    Conversation,
    InboxRow,
    OutboxRow,
    Person,
    TurnLog,
    WidgetEvent,
    WidgetLink,
    WidgetSession,
)
from bot.desk.erasing import ERASED, is_erased
from bot.gateway.addresses import Contact
from bot.privacy import audit
from bot.privacy.erasure import UnderWayError, erase
from bot.privacy.export import export
from bot.privacy.holdings import NOBODYS, rows_of, tables
from bot.privacy.subjects import Subject, UnknownSubjectError, find_subject

from ..conftest import KINDS, NOW
from .life import Somebody, Town, events, town
from .planted import database_files, found_in_files, found_in_rows

OPERATOR = "operator:test"


@pytest.fixture(scope="module", params=KINDS)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    with town(request.param, tmp_path_factory.mktemp("town"), NOW) as found:
        yield found


@pytest.fixture
def robin(place: Town) -> Somebody:
    return place.move_in(f"robin{uuid4().hex[:6]}")


def erased(place: Town, given: str) -> dict[str, int]:
    with place.database.write() as session:
        subject = find_subject(session, place.seal, given)
        return erase(session, subject, place.seal, place.now, OPERATOR)


def exported(place: Town, given: str) -> dict[str, list[dict]]:
    with place.database.write() as session:
        subject = find_subject(session, place.seal, given)
        return export(session, subject, place.seal, place.now, OPERATOR)


def test_every_table_is_somebodys_or_nobodys() -> None:
    for table in tables():
        assert rows_of(table, Subject()) is not None, table.name
    assert {table.name for table in tables()} | NOBODYS == set(Base.metadata.tables)


def test_whatever_somebody_is_known_by_leads_to_all_of_them(place: Town, robin: Somebody) -> None:
    with place.database.read() as session:
        found = {
            find_subject(session, place.seal, given)
            for given in (robin.email, robin.email.upper(), robin.user, robin.person)
        }
    assert len(found) == 1


def test_nothing_of_a_person_is_left_in_rows_or_bytes(place: Town, robin: Somebody) -> None:
    casey = place.move_in(f"casey{uuid4().hex[:6]}")
    texts = robin.words[:-2]
    assert {word.split()[0] for word in found_in_rows(place.database, texts)} == set(texts)
    counts = erased(place, robin.email)
    assert counts["events"] == 5
    assert found_in_rows(place.database, [*robin.words, robin.person, robin.conversation]) == {
        f"{robin.person} in audit.subject",
    }
    assert place.database.compact()
    files = database_files(place.database)
    assert found_in_files(files, robin.words) == set()
    kept = casey.words[:-2]
    assert {word.split()[0] for word in found_in_rows(place.database, kept)} == set(kept)
    assert events(place.database, casey.conversation) == 5


def test_without_being_compacted_the_bytes_are_overwritten_all_the_same(
    place: Town, robin: Somebody
) -> None:
    if not database_files(place.database):
        pytest.skip("PostgreSQL vacuums by itself")
    erased(place, robin.person)
    assert place.database.empty_log()
    assert found_in_files(database_files(place.database), robin.words) == set()


def test_a_case_keeps_what_is_counted_and_loses_the_rest(place: Town, robin: Somebody) -> None:
    erased(place, robin.email)
    with place.database.read() as session:
        case = session.get(Case, robin.case)
        assert is_erased(case)
        assert (case.question, case.answer) == (ERASED, ERASED)
        assert (case.status, case.reason) == ("resolved", None)
        assert (case.topic, case.queue) == ("benefits/dental", "benefits")
        assert case.created_at == NOW
        assert (case.person_id, case.entries) == (None, [])
        assert session.scalar(select(CaseDetail.id).where(CaseDetail.case_id == case.id)) is None
        assert session.get(Conversation, case.conversation_id).address_sealed == ""
        history = [(event.action, event.person_id is None) for event in case.history]
    assert history == [
        ("opened", True),
        ("added", True),
        ("assigned", False),
        ("noted", False),
        ("answered", False),
        ("erased", True),
    ]


def test_an_open_case_is_closed_and_its_card_is_shown_anew(place: Town, robin: Somebody) -> None:
    with place.database.write() as session:
        case = session.get(Case, robin.case)
        case.status, case.answer = "claimed", None
    erased(place, robin.person)
    with place.database.read() as session:
        case = session.get(Case, robin.case)
        assert (case.status, case.reason, case.answer) == ("resolved", "erased", None)
        cards = select(OutboxRow.kind).where(
            OutboxRow.delivery_key == f"card:{case.id}:{case.revision}"
        )
        assert session.scalar(cards) == "case_card"


def test_the_event_log_keeps_what_was_decided_on_which_day(place: Town, robin: Somebody) -> None:
    with place.database.read() as session:
        before = len(session.scalars(select(TurnLog.id)).all())
    erased(place, robin.person)
    with place.database.read() as session:
        log = list(session.scalars(select(TurnLog)))
        assert len(log) == before
        (turn,) = [t for t in log if t.conversation_id.startswith("erased:")][-1:]
    assert (turn.topic, turn.decision, turn.question) == ("benefits/dental", "answer", None)
    assert turn.turn_id.startswith("erased:")
    assert turn.created_at == NOW.replace(hour=0)


def test_anonymous_cases_lose_their_way_back_without_being_told_apart(
    place: Town, robin: Somebody
) -> None:
    counts = erased(place, robin.person)
    assert counts["cases"] == 1
    with place.database.read() as session:
        case = session.get(Case, robin.anonymous_case)
        back = session.get(Conversation, case.conversation_id)
        assert back.address_sealed == ""
        assert case.question.startswith("nobody ")
        assert case.status == "open"
        named = audit.naming(session, [case.reference, case.conversation_id])
    assert named == []


def test_one_conversation_goes_and_the_person_stays(place: Town, robin: Somebody) -> None:
    erased(place, robin.conversation)
    texts = robin.words[:-2]
    assert found_in_rows(place.database, [*texts, robin.conversation]) == {
        f"{robin.conversation} in audit.subject"
    }
    with place.database.read() as session:
        assert session.get(Person, robin.person) is not None


def test_a_candidate_is_found_by_the_contact_they_left(place: Town) -> None:
    email = f"pat{uuid4().hex[:6]}@home.test"
    with place.database.write() as session:
        pat = place.addresses.begin_web(session, NOW)
        place.addresses.keep_contact(pat, Contact(email=email, name="Pat"))
        session.flush()
        ends = {"conversation_id": pat.id, "created_at": NOW, "expires_at": NOW}
        session.add(WidgetSession(id=f"s-{email}", **ends))
        session.add(WidgetLink(id=f"l-{email}", **ends))
        session.add(
            WidgetEvent(
                conversation_id=pat.id,
                number=1,
                key=f"k-{email}",
                kind="message",
                payload={"text": f"I am at {email}"},
                created_at=NOW,
            )
        )
    told = exported(place, email.upper())
    assert told["conversations"][0]["address"]["email"] == email
    assert {"widget_sessions", "widget_links", "widget_events"} <= set(told)
    assert erased(place, email)["widget_events"] == 1
    assert found_in_rows(place.database, [email, pat.id]) == {f"{pat.id} in audit.subject"}


def test_somebody_of_hr_leaves_their_work_behind_without_a_name(
    place: Town, robin: Somebody
) -> None:
    with place.database.write() as session:
        case = session.get(Case, robin.case)
        case.status, sam = "claimed", case.assignee_id
    erased(place, "U0HRSAM")
    assert found_in_rows(place.database, [sam]) == {
        f"{sam} in audit.actor",
        f"{sam} in audit.subject",
    }
    with place.database.read() as session:
        case = session.get(Case, robin.case)
        assert (case.status, case.assignee_id) == ("open", None)
        assert [entry.text for entry in case.entries if entry.kind == "note"] != []
        acted = select(CaseEvent.actor).where(CaseEvent.case_id == case.id)
        assert list(session.scalars(acted)).count("hr") == 3


@pytest.mark.parametrize("model", [InboxRow, OutboxRow])
def test_what_is_under_way_is_waited_for(place: Town, robin: Somebody, model: type) -> None:
    with place.database.write() as session:
        mine = select(model).where(model.conversation_id == robin.conversation)
        row = session.scalars(mine).first()
        row.claimed_until = NOW + timedelta(seconds=20)
    with pytest.raises(UnderWayError):
        erased(place, robin.person)
    place.now += timedelta(seconds=30)
    assert erased(place, robin.person)["people"] == 1
    place.now = NOW


def test_both_ends_of_it_stand_in_the_audit_trail(place: Town, robin: Somebody) -> None:
    exported(place, robin.person)
    counts = erased(place, robin.person)
    with place.database.read() as session:
        found = audit.entries(session, subject=robin.person)
    assert [(entry.actor, entry.action) for entry in found] == [
        (OPERATOR, "exported"),
        (OPERATOR, "erased"),
    ]
    assert found[1].detail["rows"] == counts


def test_an_export_holds_every_word_and_no_fingerprint(place: Town, robin: Somebody) -> None:
    casey = place.move_in(f"casey{uuid4().hex[:6]}")
    found = exported(place, robin.email)
    told = str(found)
    assert [word for word in (*robin.words, robin.detail) if word not in told] == []
    assert [word for word in casey.words if word in told] == []
    (person,) = found["people"]
    assert person["address"] == {"team": "T1", "user": robin.user}
    assert person["created_at"] == NOW.isoformat()
    assert "hash" not in told
    assert "hidden" not in told, "an anonymous case names nobody"


def test_an_erased_person_can_be_neither_exported_nor_erased_again(
    place: Town, robin: Somebody
) -> None:
    erased(place, robin.person)
    for given in (robin.person, robin.user, robin.email, robin.conversation):
        with pytest.raises(UnknownSubjectError):
            exported(place, given)


def test_no_way_leads_from_an_anonymous_case_to_its_asker(place: Town, robin: Somebody) -> None:
    with place.database.read() as session:
        back = session.get(Case, robin.anonymous_case).conversation_id
    for given in (back, "slack:nobody", "p:nobody", "U0NOBODY", "nobody@hospital.test", "", "HR-1"):
        with pytest.raises(UnknownSubjectError):
            exported(place, given)


def test_a_new_message_begins_anew(place: Town, robin: Somebody, now: datetime) -> None:
    erased(place, robin.person)
    with place.database.write() as session:
        person = place.addresses.person(session, "T1", robin.user, now)
        assert person.id != robin.person
