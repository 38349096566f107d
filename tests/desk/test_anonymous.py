from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from bot.db.models import Case, CasePlace, Choice, Conversation, InboxRow, OutboxRow, Turn, TurnLog
from bot.db.session import Database
from bot.desk import asking, cases, work
from bot.desk.anonymous import forget_asking, forget_way_back
from bot.desk.cases import Actor, DeskError, start_of_day
from bot.desk.routing import ServiceLevel

from ..records import ROUTING
from .life import ROBIN, SAM, do, history, open_one, outbox

DAYS = 14
HIDDEN = Actor("asker", None, "anonymous:1")


@pytest.fixture
def hidden(database: Database, conversation: str, now: datetime) -> int:
    """Give the number of an anonymous case."""
    with database.write() as session:
        session.add(
            Conversation(
                id="anonymous:1",
                audience="employee",
                address_hash="way",
                address_sealed="sealed",
                created_at=start_of_day(now),
            )
        )
    return open_one(database, "anonymous:1", now, anonymous=True)


def forget(database: Database, now: datetime) -> int:
    with database.write() as session:
        for row in session.query(OutboxRow):
            row.status = "sent"
    with database.write() as session:
        return forget_way_back(session, now, DAYS)


def test_an_anonymous_case_has_days_and_nobody(
    database: Database, hidden: int, now: datetime
) -> None:
    day = datetime(2026, 11, 23, tzinfo=timezone.utc)
    with database.read() as session:
        case = session.get(Case, hidden)
        assert (case.person_id, case.created_at, case.updated_at) == (None, day, day)
        assert [event.at for event in case.history] == [day]
    assert history(database, hidden) == [("opened", "asker", None)]
    assert [row.created_at for row in outbox(database)] == [day]


def test_only_who_talks_at_the_end_of_the_way_back_is_the_asker(
    database: Database, hidden: int, now: datetime
) -> None:
    for somebody in (ROBIN, Actor("asker"), Actor("asker", None, "slack:robin")):
        with pytest.raises(DeskError, match="Only the person who asked"):
            do(database, asking.withdraw, hidden, somebody, now)
    case = do(database, asking.add, hidden, HIDDEN, "More", now, routing=ROUTING)
    assert [entry.at for entry in _entries(database, case)] == [start_of_day(now)]
    assert do(database, asking.withdraw, hidden, HIDDEN, now).resolved_at == start_of_day(now)


def _entries(database: Database, case: Case) -> list[object]:
    with database.read() as session:
        return list(session.get(Case, case.id).entries)


def test_the_assistant_hears_nothing_of_it(database: Database, hidden: int, now: datetime) -> None:
    do(database, work.ask_back, hidden, SAM, "Which one?", now)
    do(database, work.answer, hidden, SAM, "Half.", now)
    assert outbox(database, "tracker_events") == []
    assert {row.lane for row in outbox(database, "case_answer", "case_asked")} == {"anonymous:1"}


def test_deadlines_count_from_the_end_of_the_day(
    database: Database, hidden: int, now: datetime
) -> None:
    limits = ServiceLevel(timedelta(hours=4), None)
    queue = ROUTING.queues["default"]
    with database.write() as session:
        case = session.get(Case, hidden)
        cases.place(case, type(queue)(**{**vars(queue), "sla": limits}))
        day = start_of_day(now)
        assert case.first_reply_due_at == day + timedelta(days=1, hours=4)
        assert case.created_at == day


def test_the_way_back_is_kept_while_somebody_may_still_need_it(
    database: Database, hidden: int, now: datetime
) -> None:
    far = now + timedelta(days=99)
    assert forget(database, far) == 0
    do(database, work.answer, hidden, SAM, "Half.", now)
    assert forget(database, far) == 0
    do(database, work.resolve, hidden, SAM, now)
    with database.write() as session:
        assert forget_way_back(session, far, DAYS) == 0, "something is still under way to them"
    assert forget(database, now + timedelta(days=DAYS - 1)) == 0
    assert forget(database, now + timedelta(days=DAYS)) == 1
    with database.read() as session:
        back = session.get(Conversation, "anonymous:1")
        assert (back.address_sealed, back.address_hash) == ("", "forgotten:anonymous:1")


def test_what_is_confirmed_or_taken_back_forgets_at_once(
    database: Database, hidden: int, now: datetime
) -> None:
    do(database, asking.withdraw, hidden, HIDDEN, now)
    assert [forget(database, now), forget(database, now)] == [1, 0]


def test_named_cases_keep_their_conversation(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.resolve, number, SAM, now)
    assert forget(database, now + timedelta(days=99)) == 0


def test_what_the_asker_said_is_forgotten_and_nothing_else(
    database: Database, conversation: str, now: datetime
) -> None:
    question = "Is the sauna haunted?\nAsking for a friend"
    said = {"asked": question, "other": "when is payday", "again": "say that again"}
    shows = {"asked": f"> {question.splitlines()[0]}", "other": "Friday", "again": f"> {question}"}
    with database.write() as session:
        for turn, text in said.items():
            session.add(_inbox(conversation, turn, text, now))
            session.add(_log(conversation, turn, text, now))
            session.add(
                Turn(
                    turn_id=turn,
                    conversation_id=conversation,
                    reply={"messages": [{"text": shows[turn]}]},
                    created_at=now,
                )
            )
            session.add(_said(f"reply:{turn}", conversation, shows[turn], now))
            session.add(_said(f"near:{turn}:wrong", conversation, "Is it one of these?", now))
            meaning = {"intent": "affirm", "entities": {"turn": turn}}
            session.add(_choice(f"choice:{turn}", conversation, meaning, now))
            meaning = {"gateway": "missing", "turn": turn}
            session.add(_choice(f"choice:{turn}:wrong", conversation, meaning, now))
        session.add(_said("picked:1", conversation, f"Ask this?\n\n> {question}", now))
        meaning = {"gateway": "ask", "question": question, "key": "1"}
        session.add(_choice("choice:picked", conversation, meaning, now))
    number = open_one(database, conversation, now)
    with database.write() as session:
        gone = forget_asking(session, conversation, question, {"asked"}, number)
    assert gone == {"asked", "again"}
    with database.read() as session:
        for model in (InboxRow, TurnLog, Turn):
            assert [row.turn_id for row in session.query(model)] == ["other"]
        rows = [row for row in session.query(OutboxRow) if row.case_id is None]
        assert {row.delivery_key for row in rows} == {"reply:other", "near:other:wrong"}
        assert {row.id for row in session.query(Choice)} == {"choice:other", "choice:other:wrong"}
        places = {(row.key, row.case_id) for row in session.query(CasePlace)}
        assert places == {("asked", number), ("again", number)}


@pytest.mark.parametrize(
    ("attempted", "left"),
    [(True, {"reply:next"}), (False, {"reply:asked", "reply:next"})],
    ids=["leaving", "not yet begun"],
)
def test_what_is_just_leaving_is_forgotten_with_its_turn(
    database: Database, conversation: str, now: datetime, attempted: bool, left: set[str]
) -> None:
    with database.write() as session:
        for key in ("reply:asked", "reply:next"):
            row = _said(key, conversation, "> is the sauna haunted?", now)
            row.status = "pending"
            row.attempted_at = now if attempted else None
            session.add(row)
    number = open_one(database, conversation, now)
    with database.write() as session:
        forget_asking(session, conversation, "is the sauna haunted?", {"asked"}, number)
    with database.read() as session:
        rows = [row for row in session.query(OutboxRow) if row.case_id is None]
        assert {row.delivery_key for row in rows} == left


def _inbox(conversation: str, turn: str, text: str, now: datetime) -> InboxRow:
    return InboxRow(
        key=turn,
        turn_id=turn,
        conversation_id=conversation,
        lane=conversation,
        status="answered",
        text=text,
        due_at=now,
        created_at=now,
    )


def _log(conversation: str, turn: str, text: str, now: datetime) -> TurnLog:
    return TurnLog(
        turn_id=turn,
        conversation_id=conversation,
        audience="employee",
        kind="faq",
        decision="handover",
        topics=[],
        candidates=[],
        question=text,
        created_at=now,
    )


def _choice(number: str, conversation: str, meaning: dict[str, str], now: datetime) -> Choice:
    return Choice(
        id=number, conversation_id=conversation, title="A button", meaning=meaning, created_at=now
    )


def _said(key: str, conversation: str, text: str, now: datetime) -> OutboxRow:
    return OutboxRow(
        delivery_key=key,
        kind="reply",
        lane=conversation,
        status="sent",
        conversation_id=conversation,
        audience="employee",
        payload={"messages": [{"text": text}]},
        due_at=now,
        created_at=now,
    )
