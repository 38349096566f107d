"""Each kind of data goes when its time is over, and nothing goes earlier."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, func, insert, select, update

from bot.db.audit import AuditEntry
from bot.db.models import (
    Case,
    CaseDetail,
    Choice,
    Conversation,
    InboxRow,
    OutboxRow,
    Person,
    Turn,
    TurnLog,
    WidgetEvent,
    WidgetLink,
    WidgetSession,
)
from bot.db.reminders import ProgramReminder
from bot.db.session import Database
from bot.desk.cases import ANSWERED, OPEN, RESOLVED
from bot.desk.erasing import is_erased
from bot.periods import PERIODS, periods_from
from bot.privacy import audit
from bot.privacy.retention import PURGED_BY_RULE, purge

from ..conftest import NOW
from .life import EVENTS, Somebody, Town, events
from .planted import found_in_rows

DAY = timedelta(days=1)
DEFAULTS = periods_from({})
MODELS = {
    DEFAULTS.turns: (Turn, OutboxRow),
    DEFAULTS.messages: (InboxRow, Choice, ProgramReminder),
    DEFAULTS.event_log: (TurnLog,),
}


@pytest.fixture
def place(database: Database) -> Iterator[Town]:
    EVENTS.create(database.engine)
    yield Town(database, Fernet.generate_key().decode(), NOW)
    EVENTS.drop(database.engine)


@pytest.fixture
def robin(place: Town) -> Somebody:
    """Somebody of whom nothing is under way any more."""
    somebody = place.move_in("robin")
    with place.database.write() as session:
        for model in (InboxRow, OutboxRow):
            session.execute(update(model).values(status="sent", finished_at=NOW))
        closed = {"status": RESOLVED, "resolved_at": NOW, "updated_at": NOW}
        session.execute(update(Case).values(**closed))
    return somebody


def count(place: Town, model: type) -> int:
    with place.database.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def purged(place: Town, days: float, **more: object) -> dict[str, int]:
    # The database looks at its own clock before it lets go of the audit trail.
    periods = replace(DEFAULTS, audit=100_000) if days else DEFAULTS
    with place.database.write() as session:
        return purge(session, periods, NOW + timedelta(days=days), **more)


def test_every_kind_has_a_period_and_a_rule() -> None:
    assert PURGED_BY_RULE | {"cases"} == set(PERIODS)


def test_rows_go_on_their_last_day_and_not_before(place: Town, robin: Somebody) -> None:
    for days, models in sorted(MODELS.items()):
        purged(place, days - 0.01)
        assert all(count(place, model) for model in models), days
        purged(place, days)
        assert not any(count(place, model) for model in models), days


def test_what_is_under_way_is_kept_however_old(place: Town, robin: Somebody) -> None:
    with place.database.write() as session:
        session.execute(update(OutboxRow).values(status="pending"))
        session.execute(update(InboxRow).values(status="pending"))
        session.execute(update(Case).values(status=OPEN))
    before = [count(place, model) for model in (OutboxRow, InboxRow, Choice)]
    purged(place, 3000)
    after = [count(place, model) for model in (OutboxRow, InboxRow, Choice)]
    assert after == before
    with place.database.read() as session:
        assert not any(is_erased(case) for case in session.scalars(select(Case)))


def test_the_event_log_forgets_the_question_first(place: Town, robin: Somebody) -> None:
    purged(place, DEFAULTS.questions - 0.01)
    with place.database.read() as session:
        assert session.scalar(select(TurnLog.question)) is not None
    assert purged(place, DEFAULTS.questions)["questions"] == 1
    with place.database.read() as session:
        turn = session.scalar(select(TurnLog))
    assert (turn.question, turn.topic, turn.decision) == (None, "benefits/dental", "answer")


@pytest.mark.parametrize("status", [ANSWERED, RESOLVED])
def test_closed_cases_keep_what_is_counted(place: Town, robin: Somebody, status: str) -> None:
    with place.database.write() as session:
        session.execute(update(Case).values(status=status))
    purged(place, DEFAULTS.cases - 0.01)
    assert "cases" not in purged(place, DEFAULTS.cases - 0.01)
    assert purged(place, DEFAULTS.cases)["cases"] == 2
    with place.database.read() as session:
        named, hidden = session.scalars(select(Case).order_by(Case.id))
        people = {event.person_id for event in named.history}
        assert (named.status, named.topic, named.assignee_id) == (RESOLVED, "benefits/dental", None)
        assert session.get(Conversation, hidden.conversation_id).address_sealed == ""
    assert people == {None}
    assert count(place, CaseDetail) == 0
    assert "cases" not in purged(place, DEFAULTS.cases)
    assert found_in_rows(place.database, robin.words) <= {
        f"{word} in outbox.payload" for word in robin.words
    }


def on_the_careers_page(place: Town, name: str, *ways: type) -> None:
    """Let a candidate be shown two events on one day, with these ways to come back."""
    with place.database.write() as session:
        conversation = place.addresses.begin_web(session, NOW)
        of_it = {"conversation_id": conversation.id, "created_at": NOW}
        shown = {"kind": "message", "payload": {"text": name}, **of_it}
        session.add_all(WidgetEvent(number=n, key=f"{name}{n}", **shown) for n in (1, 2))
        session.add_all(way(id=name, expires_at=NOW + 400 * DAY, **of_it) for way in ways)


def shown_keys(place: Town) -> set[str]:
    with place.database.read() as session:
        return set(session.scalars(select(WidgetEvent.key)))


def test_numbers_go_on_where_somebody_can_come_back(place: Town) -> None:
    on_the_careers_page(place, "browser", WidgetSession)
    on_the_careers_page(place, "link", WidgetLink)
    on_the_careers_page(place, "both", WidgetSession, WidgetLink)
    on_the_careers_page(place, "nobody")
    assert "widget" not in purged(place, DEFAULTS.widget - 0.01)
    assert purged(place, DEFAULTS.widget)["widget"] == 5
    assert shown_keys(place) == {"browser2", "link2", "both2"}
    with place.database.write() as session:
        session.execute(delete(WidgetSession))
    assert purged(place, DEFAULTS.widget)["widget"] == 1
    assert shown_keys(place) == {"link2", "both2"}
    assert "widget" not in purged(place, DEFAULTS.widget)


def track(place: Town, *rows: tuple[str, float]) -> None:
    """Give a conversation events: kind, and how many days after NOW."""
    with place.database.write() as session:
        for kind, days in rows:
            at = (NOW + timedelta(days=days)).timestamp()
            values = {"sender_id": "slack:x", "type_name": kind, "timestamp": at}
            session.execute(insert(EVENTS).values(**values, data=json.dumps({"event": kind})))


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (DEFAULTS.tracker - 0.01, 5),
        # The first session; the second began two days later and goes on.
        (DEFAULTS.tracker + 2, 3),
        (DEFAULTS.tracker + 3, 3),
        (DEFAULTS.tracker + 30, 0),
    ],
)
def test_the_tracker_forgets_sessions_whole(place: Town, days: float, left: int) -> None:
    track(place, ("session_started", 0), ("user", 1))
    track(place, ("session_started", 2), ("user", 3), ("user", 29))
    purged(place, days)
    assert events(place.database, "slack:x") == left


def test_people_and_conversations_go_when_nothing_refers_to_them(
    place: Town, robin: Somebody
) -> None:
    long_after = 2 * DEFAULTS.cases
    with place.database.write() as session:
        sam = place.addresses.person(session, "T1", "U0HRSAM", NOW)
        called = place.addresses.person(session, "T1", "U0CALLED", NOW).id
        place.addresses.person(session, "T1", "U0NEW", NOW + timedelta(days=long_after))
    purged(place, DEFAULTS.messages, contacts=[called])
    assert count(place, Conversation) == 2, "the event log and the cases refer to them"
    purged(place, long_after)
    purged(place, long_after)
    assert count(place, Person) == 4, "without a gateway nobody knows who is called by heart"
    removed = purged(place, long_after, contacts=[called])
    assert removed["people"] == 2
    with place.database.read() as session:
        assert session.get(Person, robin.person) is None
        assert session.get(Person, sam.id) is None
        assert session.get(Person, called) is not None
        kept = session.scalars(select(Conversation.address_sealed)).all()
    assert set(kept) == {""}, "what is left of conversations are those of counted cases"


def test_batches_end(place: Town, robin: Somebody) -> None:
    casey = place.move_in("casey")
    assert count(place, Turn) == 2
    assert purged(place, DEFAULTS.turns, at_most=1)["turns"] == 1
    assert purged(place, DEFAULTS.turns, at_most=1)["turns"] == 1
    assert "turns" not in purged(place, DEFAULTS.turns, at_most=1)
    assert events(place.database, casey.conversation) == 5


def test_the_audit_trail_says_what_was_removed_and_goes_last(place: Town, robin: Somebody) -> None:
    removed = purged(place, DEFAULTS.turns, actor="operator:test")
    with place.database.read() as session:
        (entry,) = [e for e in audit.entries(session) if e.action == "purged"]
    assert (entry.actor, entry.detail) == ("operator:test", {"rows": removed})
    with place.database.write() as session:
        session.add(
            AuditEntry(
                at=NOW - (DEFAULTS.audit + 1) * DAY,
                actor="p:x",
                action="viewed",
                subject="HR-1",
                detail={},
            )
        )
    assert purged(place, 0)["audit"] == 1
