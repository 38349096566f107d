"""What HR has published stays when people and cases are erased, without their ids."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete

from bot.db.answers import ContentVersion, PromotedPhrasing, Promotion
from bot.db.models import Case, CaseEvent, Conversation, OutboxRow, Person
from bot.db.session import Database
from bot.desk.cases import open_case

from ..records import ROUTING, add_conversation


def test_an_answer_outlives_its_case_and_its_people(database: Database, now: datetime) -> None:
    conversation = add_conversation(database, now)
    with database.write() as session:
        case = open_case(
            session,
            turn_id="turn:1",
            conversation_id=conversation,
            question="May I?",
            topic=None,
            routing=ROUTING,
            now=now,
        )
        promotion = Promotion(
            case_id=case.id,
            queue="default",
            status="live",
            topic="pay/cars",
            title="Cars",
            audience="employee",
            owner="HR",
            link="https://x.example",
            review_by=date(2027, 1, 1),
            proposer_id="p:robin",
            decider_id="p:robin",
            proposed_at=now,
            phrasings=[PromotedPhrasing(text="cars")],
        )
        session.add(promotion)
        session.flush()
        session.add(
            ContentVersion(
                kind="answer",
                subject="utter_pay/cars",
                content=[],
                cause="promoted",
                promotion_id=promotion.id,
                person_id="p:robin",
                at=now,
            )
        )
    with database.write() as session:
        for table in (OutboxRow, CaseEvent, Case, Conversation, Person):
            session.execute(delete(table))
    with database.read() as session:
        kept = session.query(Promotion).one()
        assert (kept.case_id, kept.proposer_id, kept.decider_id) == (None, None, None)
        assert session.query(ContentVersion).one().person_id is None
