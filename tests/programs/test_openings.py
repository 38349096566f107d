"""Candidates hear of an opening once, after they have confirmed; addresses don't outstay that."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.db.models import Conversation, OutboxRow, Program, ProgramDate
from bot.db.reminders import ProgramReminder
from bot.db.session import Database
from bot.privacy.sealing import Seal
from bot.programs import openings
from bot.programs.catalogue import import_programs
from bot.settings import ROOT

CHICAGO = ZoneInfo("America/Chicago")
EMAIL = "robin@home.example"
RESIDENCY = "nurse-residency"
TOKEN = "token"
SEAL = Seal(Fernet.generate_key().decode())


@pytest.fixture(autouse=True)
def _candidate(database: Database, now: datetime) -> None:
    with database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
        session.add(
            Conversation(
                id="web:robin",
                audience="candidate",
                address_hash="w",
                address_sealed="",
                created_at=now,
            )
        )


def ask(
    database: Database,
    at: datetime,
    program: str = RESIDENCY,
    email: str = EMAIL,
    token: str = TOKEN,
) -> None:
    given = {"email": email, "token": f"{token}-{program}-{email[0]}", "now": at}
    with database.write() as session:
        openings.ask(session, SEAL, "web:robin", program, **given)


def wishes(database: Database) -> list[ProgramReminder]:
    with database.read() as session:
        return list(session.scalars(select(ProgramReminder).order_by(ProgramReminder.id)))


def mails(database: Database) -> list[str]:
    with database.read() as session:
        rows = select(OutboxRow).where(OutboxRow.kind == openings.OPENING_MAIL)
        return [row.payload["says"] for row in session.scalars(rows.order_by(OutboxRow.id))]


def confirm(database: Database, at: datetime) -> bool:
    with database.write() as session:
        wanted = openings.with_token(session, f"{TOKEN}-{RESIDENCY}-{EMAIL[0]}")
        return openings.confirm(wanted, at)


def opens(database: Database, *windows: tuple[date | None, date]) -> None:
    with database.write() as session:
        session.query(ProgramDate).filter_by(program_id=RESIDENCY).delete()
        for number, (first, last) in enumerate(windows):
            window = {"name": f"Cohort {number}", "opens": first, "closes": last}
            session.add(ProgramDate(program_id=RESIDENCY, **window))


def tick(database: Database, day: str) -> int:
    moment = datetime.fromisoformat(f"{day} 09:00").replace(tzinfo=CHICAGO)
    with database.write() as session:
        return openings.put_due(session, moment.astimezone(timezone.utc), CHICAGO)


@pytest.mark.parametrize(
    ("windows", "is_later"),
    [
        ([], False),
        ([(date(2027, 1, 1), date(2027, 2, 1))], True),
        ([(date(2026, 1, 1), date(2026, 2, 1))], True),
        ([(date(2026, 11, 1), date(2026, 11, 23))], False),
        ([(None, date(2026, 12, 1))], False),
    ],
)
def test_it_is_offered_for_what_opens_at_times_and_isnt_open(
    database: Database, windows: list[tuple[date | None, date]], is_later: bool
) -> None:
    opens(database, *windows)
    with database.read() as session:
        program = session.get(Program, RESIDENCY)
        assert openings.is_announced_later(program, date(2026, 11, 23)) is is_later


def test_nobody_is_told_who_has_not_confirmed(database: Database, now: datetime) -> None:
    ask(database, now)
    (wanted,) = wishes(database)
    assert EMAIL not in str(vars(wanted))
    assert SEAL.open(wanted.email_sealed) == {"email": EMAIL}
    opens(database, (date(2026, 11, 24), date(2026, 12, 20)))
    assert tick(database, "2026-11-25") == 0
    assert mails(database) == ["confirm"]


def test_who_has_confirmed_is_told_once_when_it_opens(database: Database, now: datetime) -> None:
    opens(database, (date(2026, 12, 1), date(2026, 12, 20)))
    ask(database, now)
    assert confirm(database, now + timedelta(hours=1))
    assert confirm(database, now + timedelta(days=9)), "pressed again"
    days = ("2026-11-30", "2026-12-01", "2026-12-02")
    assert [tick(database, day) for day in days] == [0, 1, 0]
    assert mails(database) == ["confirm", "open"]
    with database.write() as session:
        openings.told(session.scalar(select(ProgramReminder)), now)
    (wanted,) = wishes(database)
    assert (wanted.status, wanted.email_sealed, wanted.email_hash) == ("sent", None, None)
    ask(database, now, token="another")
    assert len(wishes(database)) == 2, "for the next time they may ask again"


def test_an_unconfirmed_address_is_forgotten_after_three_days(
    database: Database, now: datetime
) -> None:
    ask(database, now)
    assert not confirm(database, now + openings.TO_CONFIRM)
    tick(database, "2026-11-25")
    assert len(wishes(database)) == 1
    tick(database, "2026-11-26")
    assert wishes(database) == []
    assert not confirm(database, now)


def test_a_wish_for_what_never_opens_is_forgotten_in_the_end(
    database: Database, now: datetime
) -> None:
    opens(database, (date(2026, 1, 1), date(2026, 2, 1)))
    ask(database, now)
    confirm(database, now)
    tick(database, "2027-12-01")
    assert len(wishes(database)) == 1
    tick(database, "2028-01-01")
    assert wishes(database) == []


def test_nobody_can_fill_anothers_mailbox(database: Database, now: datetime) -> None:
    for _ in range(3):
        ask(database, now)
    assert mails(database) == ["confirm"]
    for program in ("a", "b", "c", "d"):
        ask(database, now, program)
    assert len(mails(database)) == openings.UNCONFIRMED_AT_MOST
    ask(database, now + openings.AGAIN_AFTER)
    assert len(mails(database)) == openings.UNCONFIRMED_AT_MOST + 1
    ask(database, now, email="casey@home.example")
    assert len(mails(database)) == openings.UNCONFIRMED_AT_MOST + 2


def test_who_stops_is_forgotten(database: Database, now: datetime) -> None:
    ask(database, now)
    with database.write() as session:
        for _ in range(2):
            openings.stop(session, openings.with_token(session, f"{TOKEN}-{RESIDENCY}-{EMAIL[0]}"))
    assert wishes(database) == []
