from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from bot.db.models import CaseDetail
from bot.db.session import Database
from bot.desk import asking, details, work
from bot.desk.cases import DeskError
from bot.privacy.sealing import Seal

from ..privacy.planted import OTHER_SSN
from ..records import ROUTING
from .life import CASEY, ROBIN, SAM, do, history, open_one, outbox

SEAL = Seal(Fernet.generate_key().decode())
SECRET = OTHER_SSN
QUESTION = "my ssn is [ssn], not [ssn 2], ask [name]"


def restore(database: Database, number: int, now: datetime, actor=ROBIN, **given: str) -> None:
    named = {name.replace("_", " "): value for name, value in given.items()}
    do(database, details.restore, number, actor, named, now, seal=SEAL)


def look(database: Database, number: int, now: datetime) -> dict[str, str]:
    return do(database, details.look_at_details, number, SAM, now, seal=SEAL)


def kept(database: Database) -> list[str]:
    with database.read() as session:
        return [detail.value_sealed for detail in session.query(CaseDetail)]


def test_what_is_hidden_is_named_once_and_in_order() -> None:
    assert details.hidden_in(f"{QUESTION} [ssn] [sic]") == ["ssn", "ssn 2", "name"]


def test_a_detail_is_kept_sealed_and_hr_looks_on_the_record(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now, question=QUESTION)
    restore(database, number, now, ssn="900-00-0000", ssn_2="912-00-4455")
    restore(database, number, now, ssn=SECRET)
    assert not any(SECRET in sealed for sealed in kept(database))
    assert look(database, number, now) == {"ssn 2": "912-00-4455", "ssn": SECRET}
    assert history(database, number) == [
        ("opened", "asker", "p:robin"),
        ("restored", "asker", "p:robin"),
        ("restored", "asker", "p:robin"),
        ("looked", "hr", "p:sam"),
    ]
    told = outbox(database, "case_thread")
    assert {row.payload["says"] for row in told} == {"thread_restored"}
    assert SECRET not in str([row.payload for row in outbox(database)])


def test_no_row_shows_a_detail(database: Database, conversation: str, now: datetime) -> None:
    number = open_one(database, conversation, now, question=QUESTION)
    restore(database, number, now, ssn=SECRET)
    with database.engine.connect() as connection:
        for table in ("cases", "case_events", "case_entries", "case_details", "outbox"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).fetchall()
            assert SECRET not in str(rows)


def test_nobody_is_written_down_where_there_is_nothing_to_see(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now, question=QUESTION)
    assert look(database, number, now) == {}
    assert [action for action, _, _ in history(database, number)] == ["opened"]


@pytest.mark.parametrize(
    ("given", "says"),
    [({}, "at least one"), ({"phone": "555"}, "has changed"), ({"ssn": "9" * 201}, "200")],
)
def test_what_makes_no_sense_is_refused(
    database: Database, conversation: str, now: datetime, given: dict[str, str], says: str
) -> None:
    number = open_one(database, conversation, now, question=QUESTION)
    with pytest.raises(DeskError, match=says):
        restore(database, number, now, **given)
    assert kept(database) == []


def test_only_the_asker_of_an_open_named_case_can_send_details(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now, question=QUESTION)
    with pytest.raises(DeskError, match="Only the person who asked"):
        restore(database, number, now, actor=CASEY, ssn=SECRET)
    do(database, work.resolve, number, SAM, now, reason="other")
    with pytest.raises(DeskError, match="closed already"):
        restore(database, number, now, ssn=SECRET)
    anonymous = open_one(database, conversation, now, "turn:2", question=QUESTION, anonymous=True)
    with pytest.raises(DeskError, match="without your name"):
        restore(database, anonymous, now, ssn=SECRET)


def test_additions_hide_details_too(database: Database, conversation: str, now: datetime) -> None:
    number = open_one(database, conversation, now)
    with pytest.raises(DeskError, match="has changed"):
        restore(database, number, now, phone="515-555-0123")
    do(database, asking.add, number, ROBIN, "call 515-555-0123", now, routing=ROUTING)
    restore(database, number, now, phone="515-555-0123")
    assert look(database, number, now) == {"phone": "515-555-0123"}


def test_details_go_when_the_question_is_taken_back(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now, question=QUESTION)
    restore(database, number, now, ssn=SECRET)
    do(database, asking.withdraw, number, ROBIN, now)
    assert kept(database) == []


def test_details_go_some_days_after_a_case_is_closed(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now, question=QUESTION)
    restore(database, number, now, ssn=SECRET)
    later = now + timedelta(days=30)
    with database.write() as session:
        assert details.forget_details(session, later, 14) == 0
    do(database, work.resolve, number, SAM, now, reason="other")
    with database.write() as session:
        assert details.forget_details(session, now + timedelta(days=13), 14) == 0
        assert details.forget_details(session, later, 14) == 1
    assert kept(database) == []
