"""The approved answers nearest to a case, rendered for the asker's audience and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.db.models import Case
from bot.db.session import Database
from bot.desk.modals import Suggestion
from bot.desk.mrkdwn import to_plain
from bot.faq.book import PLACEHOLDER, AnswerBook, UnknownFactError
from bot.programs.facts import facts as program_facts

AT_MOST = 3
_PROGRAM = "program."


@dataclass(frozen=True)
class Suggestions:
    """Finds and renders approved answers. `company` are the facts of data/company.yml."""

    database: Database
    book: AnswerBook
    company: dict[str, str]

    def for_case(self, case: Case, now: datetime) -> list[Suggestion]:
        """Return up to three answers, the likeliest first: its topic, then what else it may be."""
        topics = dict.fromkeys(t for t in (case.topic, *(case.candidates or ())) if t)
        found = (self.on(topic, case.audience, now) for topic in topics)
        return [suggestion for suggestion in found if suggestion is not None][:AT_MOST]

    def on(self, topic: str, audience: str, now: datetime) -> Suggestion | None:
        """Return the answer to a topic, or None if there is none for this audience."""
        name = f"utter_{topic}"
        if name not in self.book.responses:
            return None
        variant = self.book.variant_for(name, audience)
        if variant is None:
            return None
        keys = PLACEHOLDER.findall(variant.text)
        programs = {key.split(".")[1] for key in keys if key.startswith(_PROGRAM)}
        facts = dict(self.company)
        if programs:
            with self.database.read() as session:
                facts |= program_facts(session, now.date(), sorted(programs))
        try:
            answer = self.book.say(name, audience, facts, {})
        except UnknownFactError:
            return None
        return Suggestion(topic, self.book.title_of(topic), to_plain(answer.text))
