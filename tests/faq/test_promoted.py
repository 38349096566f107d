from __future__ import annotations

from datetime import date, datetime

from bot.db.answers import PromotedPhrasing, Promotion
from bot.db.session import Database
from bot.faq.promoted import LIVE, SENT_BACK, WAITING, WITHDRAWN, promoted_questions


def test_only_what_is_live_or_was_counts(database: Database, now: datetime) -> None:
    with database.write() as session:
        for status in (WAITING, LIVE, SENT_BACK, WITHDRAWN):
            session.add(
                Promotion(
                    queue="default",
                    status=status,
                    topic=f"pay/{status}",
                    title="Cars",
                    audience="employee",
                    owner="HR",
                    link="https://x.example",
                    review_by=date(2027, 1, 1),
                    proposed_at=now,
                    exported_at=now if status == WITHDRAWN else None,
                    phrasings=[PromotedPhrasing(text="b"), PromotedPhrasing(text="a")],
                )
            )
    with database.read() as session:
        live, withdrawn = promoted_questions(session)
    assert (live.topic, live.phrasings) == ("pay/live", ("b", "a"))
    assert (live.is_withdrawn, live.is_exported) == (False, False)
    assert (withdrawn.is_withdrawn, withdrawn.is_exported) == (True, True)
