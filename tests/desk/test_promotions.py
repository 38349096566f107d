"""An answer for others lives: proposed, approved by a second, live, sent back, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select

from bot.db.answers import Promotion
from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.desk import promotions
from bot.desk.cases import DeskError
from bot.desk.promotions import Draft
from bot.desk.routing import Routing
from bot.faq import content
from bot.faq.book import AnswerBook, Variant
from bot.faq.live import changed_answers
from bot.faq.promoted import LIVE, SENT_BACK, WAITING, WITHDRAWN, promoted_questions
from bot.privacy import audit

from .office import DANA, ROUTING, SAM, add_people, open_one

STRICT = Routing({name: replace(q, approval=True) for name, q in ROUTING.queues.items()})
BOOK = AnswerBook(
    {
        "utter_benefits/dental": (
            Variant("Half.", "employee", {"audience": "employee", "related": ["pay/payday"]}),
            Variant("We have one.", "both", {"audience": "both"}),
        )
    }
)
NEW = Draft(
    topic="pay/cars",
    title="Electric cars",
    audience="employee",
    answer="Eight chargers.",
    owner="Facilities",
    link="https://hr.cedar.example/cars",
    review_by=date(2027, 11, 26),
    phrasings=("can i charge my car", "ev chargers"),
)
MORE = replace(NEW, topic="benefits/dental", title="Dental", answer=None)
GIVEN = {"book": BOOK, "source": "Answered by HR (Benefits)"}


@pytest.fixture
def case(database: Database, now: datetime) -> int:
    add_people(database, now)
    return open_one(database, now)


def propose(
    database: Database, now: datetime, case: int, draft: Draft = NEW, routing: Routing = STRICT
) -> int:
    with database.write() as session:
        return promotions.propose(session, case, SAM, draft, now, routing=routing, **GIVEN).id


def approve(database: Database, now: datetime, number: int, who: object = DANA) -> None:
    with database.write() as session:
        promotions.approve(session, number, who, now, routing=STRICT, **GIVEN)


def withdraw(database: Database, now: datetime, number: int) -> None:
    with database.write() as session:
        promotions.withdraw(session, number, SAM, now, book=BOOK)


def status(database: Database, number: int) -> str:
    with database.read() as session:
        return session.get(Promotion, number).status


def answers(database: Database) -> dict[str, tuple[Variant, ...]]:
    with database.read() as session:
        return changed_answers(session, BOOK)


def leaving(database: Database) -> list[str]:
    with database.read() as session:
        kinds = select(OutboxRow.kind).where(OutboxRow.kind.like("promotion%"))
        return list(session.scalars(kinds.order_by(OutboxRow.id)))


def test_a_draft_waits_for_a_second_person(database: Database, now: datetime, case: int) -> None:
    number = propose(database, now, case)
    assert status(database, number) == WAITING
    assert answers(database) == {}
    with pytest.raises(DeskError, match="Somebody else"):
        approve(database, now, number, SAM)
    approve(database, now, number)
    approve(database, now, number)
    assert status(database, number) == LIVE
    assert leaving(database) == ["promotion_card", "promotion_card", "promotion_match"]
    (variant,) = answers(database)["utter_pay/cars"]
    assert variant.text == "Eight chargers."
    assert variant.metadata == {
        "audience": "employee",
        "title": "Electric cars",
        "source": "Answered by HR (Benefits)",
        "link": "https://hr.cedar.example/cars",
        "owner": "Facilities",
        "reviewed": now.date().isoformat(),
        "review_by": "2027-11-26",
        "promoted": True,
    }
    with database.read() as session:
        (questions,) = promoted_questions(session)
        told = audit.entries(session, subject="P-1") + audit.entries(session, actor="p:dana")
    assert questions.phrasings == NEW.phrasings
    assert [(entry.actor, entry.detail["what"]) for entry in told] == [
        ("p:sam", "proposed"),
        ("p:dana", "approved"),
        ("p:dana", "promoted"),
        ("p:dana", "approved"),
    ]


def test_where_nobody_asks_for_it_it_is_live_at_once(
    database: Database, now: datetime, case: int
) -> None:
    assert status(database, propose(database, now, case, routing=ROUTING)) == LIVE


def test_a_draft_that_comes_back_says_why(database: Database, now: datetime, case: int) -> None:
    number = propose(database, now, case)
    with database.write() as session:
        with pytest.raises(DeskError, match="few words"):
            promotions.send_back(session, number, DANA, " ", now)
        promotions.send_back(session, number, DANA, "Too long.", now)
        promotions.send_back(session, number, DANA, "Too long.", now)
    assert status(database, number) == SENT_BACK
    assert leaving(database).count("promotion_told") == 1
    with pytest.raises(DeskError, match="sent back already"):
        approve(database, now, number)
    with pytest.raises(DeskError, match="isn't live"):
        withdraw(database, now, number)


def test_what_is_taken_back_is_gone(database: Database, now: datetime, case: int) -> None:
    number = propose(database, now, case, routing=ROUTING)
    withdraw(database, now, number)
    withdraw(database, now, number)
    assert status(database, number) == WITHDRAWN
    assert answers(database) == {"utter_pay/cars": ()}
    with database.read() as session:
        assert [one.is_withdrawn for one in promoted_questions(session)] == [True]


def test_questions_alone_leave_the_answer_as_it_is(
    database: Database, now: datetime, case: int
) -> None:
    number = propose(database, now, case, MORE, ROUTING)
    assert answers(database) == {}
    withdraw(database, now, number)
    assert answers(database) == {}


@pytest.mark.parametrize(
    ("audience", "texts"),
    [("employee", ["A third.", "We have one."]), ("both", ["A third."])],
)
def test_it_replaces_the_answer_for_the_same_people(
    database: Database, now: datetime, case: int, audience: str, texts: list[str]
) -> None:
    draft = replace(MORE, answer="A third.", audience=audience)
    number = propose(database, now, case, draft, ROUTING)
    found = answers(database)["utter_benefits/dental"]
    assert [variant.text for variant in found] == texts
    assert ("related" in found[0].metadata) == (audience == "employee" or len(texts) == 1)
    assert "promoted" not in found[0].metadata
    withdraw(database, now, number)
    assert answers(database)["utter_benefits/dental"] == BOOK.of_files["utter_benefits/dental"]


def test_what_was_edited_since_stays_when_it_is_taken_back(
    database: Database, now: datetime, case: int
) -> None:
    draft = replace(MORE, answer="A third.", audience="both")
    number = propose(database, now, case, draft, ROUTING)
    edited = [{"text": "A fifth.", "metadata": {"audience": "both"}}]
    with database.write() as session:
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject="utter_benefits/dental",
            content=edited,
            in_file=content.content_of(BOOK.of_files["utter_benefits/dental"]),
            cause=content.EDITED,
            person_id="p:dana",
        )
    withdraw(database, now, number)
    assert [v.text for v in answers(database)["utter_benefits/dental"]] == ["A fifth."]


def test_other_open_cases_may_be_answered_too(database: Database, now: datetime, case: int) -> None:
    others = [open_one(database, now.replace(hour=hour)) for hour in (5, 6)]
    number = propose(database, now, case, routing=ROUTING)
    with database.write() as session:
        promotion = session.get(Promotion, number)
        found = promotions.open_cases_besides(session, promotion)
        assert [one.id for one in found] == others[::-1]
        promotions.offer_to_answer(session, promotion, "benefits", others, now)
        promotions.offer_to_answer(session, promotion, "benefits", others, now)
    assert leaving(database).count("promotion_offer") == 1


def test_a_new_topic_has_a_name_of_its_own() -> None:
    assert promotions.topic_named("pay", "Electric cars?", []) == "pay/electric_cars"
    taken = ["pay/electric_cars", "pay/electric_cars_2"]
    assert promotions.topic_named("pay", "Electric  cars", taken) == "pay/electric_cars_3"
    assert promotions.topic_named("pay", "¿?", []) == "pay/topic"
    assert len(promotions.topic_named("pay", "very long title " * 9, [])) <= 45
