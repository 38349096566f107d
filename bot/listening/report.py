"""Everything that is reported about some weeks, read at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.desk.freshness import Item, Rhythm, items_due
from bot.desk.routing import Routing
from bot.faq.book import AnswerBook
from bot.listening.awareness import Awareness, awareness
from bot.listening.outcomes import Group, Outcomes, outcomes
from bot.listening.periods import Weeks
from bot.listening.subjects import ProgramFigures, TopicFigures, programs_asked, topics_asked
from bot.listening.themes import Theme
from bot.listening.waiting import QueueFigures, figures_of_all, queue_figures
from bot.privacy.suppression import is_group


@dataclass(frozen=True)
class Report:
    """What is reported about some weeks; `by_week` has all questions of each of them.

    `themes` None: the assistant couldn't be asked.
    """

    weeks: Weeks
    asked: Outcomes
    asked_before: Outcomes
    by_week: list[tuple[date, Group]]
    cases: QueueFigures
    queues: list[QueueFigures]
    topics: list[TopicFigures]
    programs: list[ProgramFigures]
    awareness: list[Awareness]
    out_of_date: list[Item]
    themes: list[Theme] | None = None

    @property
    def not_helpful(self) -> list[TopicFigures]:
        """The topics whose answer at least five people found unhelpful, the worst first."""
        found = [topic for topic in self.topics if topic.not_helped is not None]
        return sorted(found, key=lambda topic: (-topic.not_helped.value, topic.topic))

    @property
    def quiet_programs(self) -> list[ProgramFigures]:
        """The programs that fewer than five people asked about."""
        return [program for program in self.programs if not is_group(program.askers)]


def report(
    session: Session,
    routing: Routing,
    book: AnswerBook,
    rhythm: Rhythm,
    weeks: Weeks,
    now: datetime,
) -> Report:
    """Read what is reported about some weeks, without the themes."""
    period = weeks.period
    return Report(
        weeks=weeks,
        asked=outcomes(session, routing, period),
        asked_before=outcomes(session, routing, weeks.before_these.period),
        by_week=[
            (week.since, outcomes(session, routing, week.period).all) for week in weeks.each()
        ],
        cases=figures_of_all(session, routing, period, now, "All queues"),
        queues=queue_figures(session, routing, period, now),
        topics=topics_asked(session, routing, period),
        programs=programs_asked(session, routing, period),
        awareness=awareness(session, routing, period.until),
        out_of_date=[
            item
            for item in items_due(session, book, routing, rhythm, now.date())
            if item.due < now.date()
        ],
    )
