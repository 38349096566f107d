"""Delivers what is said about cases to candidates, as events of their conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Case, OutboxRow
from bot.desk.asking import CSAT_SCORES
from bot.desk.views import shortened
from bot.gateway.outbox import Written
from bot.gateway.replies import Issuer
from bot.gateway.widget.events import ASSISTANT, HR, MESSAGE, add, is_new
from bot.gateway.widget.links import Links
from bot.gateway.widget.own_cases import CASE, OwnCases
from bot.gateway.widget.plain import links_in, message, plain
from bot.gateway.wording import Wording

QUESTION_LENGTH = 80
Json = dict[str, Any]
Show = Callable[[Session, Case, OutboxRow, Issuer], Json]


@dataclass(frozen=True)
class WidgetCaseDelivery:
    """The deliverers of what the desk says to candidates, by kind of row."""

    own_cases: OwnCases
    links: Links
    wording: Wording
    clock: Callable[[], datetime]
    on_event: Callable[[str], None]
    on_outbox: Callable[[], None]

    def deliverers(self) -> dict[str, Written]:
        """Return which kind of row is delivered how."""
        return {
            "case_opened": self._showing(self._opened),
            "case_answer": self._showing(self._answer, announced=True),
            "case_asked": self._showing(self._asked, announced=True),
            "case_closed": self._showing(self._closed, announced=True),
            "case_followup": self._showing(self._followup),
            "case_told": self._showing(self._told),
        }

    def _showing(self, show: Show, *, announced: bool = False) -> Written:
        def write(session: Session, row: OutboxRow) -> None:
            self._show(session, row, show, announced)

        def then(row: OutboxRow) -> None:
            self.on_event(row.conversation_id)
            if announced:
                self.on_outbox()

        return Written(write, then)

    def _show(self, session: Session, row: OutboxRow, show: Show, announced: bool) -> None:
        if not is_new(session, row.conversation_id, row.delivery_key):
            return
        case = session.get(Case, row.case_id)
        now = self.clock()
        payload = show(session, case, row, Issuer(session, row.conversation_id, now))
        add(
            session,
            row.conversation_id,
            key=row.delivery_key,
            kind=MESSAGE,
            payload=payload,
            now=now,
            case_id=case.id,
        )
        if announced:
            self.links.announce(session, case, row.delivery_key)

    def _opened(self, session: Session, case: Case, row: OutboxRow, issue: Issuer) -> Json:  # noqa: ARG002
        return self._ours(self._say("case_opened", case))

    def _answer(self, session: Session, case: Case, row: OutboxRow, issue: Issuer) -> Json:  # noqa: ARG002
        return self._of_hr("widget_answer", case, row.payload["text"], feedback=True)

    def _asked(self, session: Session, case: Case, row: OutboxRow, issue: Issuer) -> Json:  # noqa: ARG002
        self.own_cases.await_reply(session, case, once=True)
        return self._of_hr("widget_asked", case, row.payload["text"])

    def _closed(self, session: Session, case: Case, row: OutboxRow, issue: Issuer) -> Json:  # noqa: ARG002
        key = f"case_closed_{case.reason}" if case.reason else "case_closed"
        again = self._button(issue, case, "case_still", "reopen")
        return self._ours(self._say(key, case), choices=[again])

    def _followup(self, session: Session, case: Case, row: OutboxRow, issue: Issuer) -> Json:  # noqa: ARG002
        choices = [
            self._button(issue, case, "case_solved", "helpful"),
            self._button(issue, case, "case_not_solved", "reopen"),
        ]
        return self._ours(self._say("case_followup", case), choices=choices)

    def _told(self, session: Session, case: Case, row: OutboxRow, issue: Issuer) -> Json:  # noqa: ARG002
        says, entry = row.payload["says"], row.payload.get("entry")
        text, choices = self._say(says, case), []
        if says == "case_thanks" and case.csat is None:
            text = f"{text} {self.wording.say('csat_question')}"
            choices = [
                self._button(issue, case, f"csat_{score}", "rate", score=score)
                for score in reversed(CSAT_SCORES)
            ]
        if entry is not None:
            text = f"{text} {self.wording.say('added_undo_hint')}"
            choices = [self._button(issue, case, "button_not_for_hr", "take_out", entry=entry)]
        return self._ours(text, choices=choices)

    def _ours(self, markdown: str, *, choices: list[dict[str, str]] | None = None) -> Json:
        text, links = plain(markdown)
        return message(ASSISTANT, text, links, choices=choices)

    def _of_hr(self, says: str, case: Case, words: str, *, feedback: bool = False) -> Json:
        """Return what HR says, word for word, below what it is about."""
        question = shortened(case.question, QUESTION_LENGTH)
        intro = self.wording.say(says, question=question)
        return message(HR, f"{intro}\n\n{words}", links_in(words), feedback=feedback)

    def _button(self, issue: Issuer, case: Case, says: str, do: str, **more: int) -> dict[str, str]:
        meaning = {"gateway": CASE, "do": do, CASE: case.id, **more}
        made = issue(self.wording.say(says), meaning)
        return {"id": made["choice"], "text": made["title"]}

    def _say(self, key: str, case: Case) -> str:
        return self.wording.say(key, reference=case.reference)
