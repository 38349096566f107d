"""The Home tab: what one can ask, which programs close soon, and what became of one's questions.

It is built anew when it is opened and after each change of a case, so it keeps nothing.
"""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Case, OutboxRow, Person
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.desk.asker_views import case_line
from bot.desk.cases import ANSWERED, RESOLVED, cases_of_person
from bot.desk.feedback_views import tell_hr_button
from bot.desk.mrkdwn import escape
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.outbox import Deliver, RefusedError
from bot.gateway.prompts import Prompts
from bot.gateway.slack.client import Slack, call
from bot.gateway.slack.people import People
from bot.gateway.slack.reminder_views import reminder_blocks
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH, CANDIDATE, EMPLOYEE
from bot.programs.closing import Closing, closing_soon
from bot.programs.employees import job_of
from bot.programs.reminders import cancel, waiting_of
from bot.programs.terms import day_text

log = structlog.get_logger(__name__)

CATEGORY, DETAILS, ELIGIBLE = "home_category", "home_details", "home_eligible"
CLOSING_WITHIN_DAYS = 60
PROGRAMS_AT_MOST = 5
CASES_AT_MOST = 10
REMINDERS_AT_MOST = 10
ANSWER_LENGTH = 300
MOST_BLOCKS = 100

Block = dict[str, Any]
QueueBlocks = Callable[[str, str], Awaitable[Sequence[Block]]]
"""What somebody of HR sees of their queues: blocks by team and user, none for anybody else."""
WishesBlocks = Callable[[Session, str], Sequence[Block]]
"""What an employee sees of what they want to be told: blocks by person id."""


@dataclass(frozen=True)
class HomeTab:
    """Opens, builds and publishes the Home tab."""

    database: Database
    addresses: AddressBook
    people: People
    slack: Slack
    prompts: Prompts
    wording: Wording
    clock: Callable[[], datetime]
    on_outbox: Callable[[], None]
    queue_blocks: QueueBlocks
    wishes_blocks: WishesBlocks

    def opened(self, direct: SlackAddress, event_id: str) -> None:
        """Have the tab built for somebody who opens it."""
        with self.database.write() as session:
            now = self.clock()
            # The person's questions are found by a conversation of theirs.
            conversation = self.addresses.conversation(session, direct, now)
            person = session.get(Person, conversation.person_id)
            person.home_opened_at = now
            self._enqueue(session, person.id, conversation.id, event_id)
        self.on_outbox()

    def cancel_reminder(self, direct: SlackAddress, reminder_id: int, key: str) -> None:
        """Take a reminder of somebody's back, and have their tab built again."""
        with self.database.write() as session:
            now = self.clock()
            conversation = self.addresses.conversation(session, direct, now)
            cancel(session, conversation.person_id, reminder_id, now)
            self._enqueue(session, conversation.person_id, conversation.id, key)
        self.on_outbox()

    def refreshing(self, deliver: Deliver) -> Deliver:
        """Return a deliverer of something about a case that has the asker's tab built again."""

        async def delivered(row: OutboxRow) -> None:
            await deliver(row)
            await asyncio.to_thread(self._refresh, row)

        return delivered

    async def publish(self, row: OutboxRow) -> None:
        """Build the tab and show it to one person."""
        person_id = row.payload["person"]
        is_outsider = await self.people.is_outsider(person_id)
        team, user = await asyncio.to_thread(self._team_and_user, person_id)
        queue = [] if is_outsider else await self.queue_blocks(team, user)
        reader = CANDIDATE if is_outsider else EMPLOYEE
        own = await asyncio.to_thread(self._own_blocks, person_id, row.conversation_id, reader)
        view = {"type": "home", "blocks": [*queue, *own][:MOST_BLOCKS]}
        try:
            await call(lambda: self.slack.web.views_publish(user_id=user, view=view))
        except RefusedError as error:
            log.error("slack.home_refused", reason=error.reason)

    def _refresh(self, row: OutboxRow) -> None:
        with self.database.write() as session:
            case = session.get(Case, row.case_id)
            person = session.get(Person, case.person_id) if case and case.person_id else None
            if person is not None and person.home_opened_at is not None:
                self._enqueue(session, person.id, case.conversation_id, row.delivery_key)

    def _enqueue(self, session: Session, person: str, conversation: str, key: str) -> None:
        enqueue(
            session,
            delivery_key=f"home:{key}",
            kind="home",
            lane=f"home:{person}",
            payload={"person": person},
            audience=BOTH,
            conversation_id=conversation,
            now=self.clock(),
        )

    def _team_and_user(self, person_id: str) -> tuple[str, str]:
        with self.database.read() as session:
            return self.addresses.slack_team_and_user(session, person_id)

    def _own_blocks(self, person_id: str, conversation_id: str, reader: str) -> list[Block]:
        say = self.wording.say
        with self.database.read() as session:
            closing = closing_soon(
                session,
                job_of(session, person_id),
                reader,
                self.clock().date(),
                days=CLOSING_WITHIN_DAYS,
                limit=PROGRAMS_AT_MOST,
            )
            cases = self._cases(session, person_id, conversation_id)
            waiting = waiting_of(session, person_id)[:REMINDERS_AT_MOST]
            wishes = self.wishes_blocks(session, person_id) if reader == EMPLOYEE else ()
        blocks = [
            _header(say("home_title")),
            _section(say("home_intro" if reader == EMPLOYEE else "home_outside")),
            _header(say("home_ask")),
            _actions(
                "categories",
                [
                    _button(title, f"{CATEGORY}:{name}", name)
                    for name, title in self.prompts.categories_for(reader)
                ],
            ),
            _header(say("home_programs")),
        ]
        for program in closing:
            blocks += self._program(program, reader)
        if not closing:
            blocks.append(_section(say("home_no_programs")))
        if reader == EMPLOYEE:
            if waiting:
                blocks += [_header(say("home_reminders")), *reminder_blocks(waiting, say)]
            blocks += [tell_hr_button(say), _header(say("home_cases"))]
            blocks += [self._case(case) for case in cases] or [_section(say("home_no_cases"))]
        return [*blocks, *wishes]

    def _program(self, program: Closing, reader: str) -> list[Block]:
        say = self.wording.say
        text = say("prompt_program", name=program.name, date=day_text(program.closes))
        name, rest = escape(program.name), escape(text.removeprefix(program.name))
        buttons = [_button(say("home_details"), f"{DETAILS}:{program.id}", program.id)]
        if reader == EMPLOYEE and program.is_eligible is None:
            buttons.append(_button(say("home_eligible"), f"{ELIGIBLE}:{program.id}", program.id))
        return [_section(f"*{name}*{rest}"), _actions(f"program:{program.id}", buttons)]

    def _cases(self, session: Session, person_id: str, conversation_id: str) -> list[Case]:
        """Return what somebody has with HR, the anonymous too, newest first; for them alone."""
        back = self.addresses.ways_back_to(
            session, *self.addresses.slack_team_and_user(session, person_id)
        )
        hidden = session.scalars(select(Case).where(Case.conversation_id.in_(back)))
        cases = [*cases_of_person(session, conversation_id), *hidden]
        current = (case for case in cases if case.status != RESOLVED)
        return sorted(current, key=lambda case: case.id, reverse=True)[:CASES_AT_MOST]

    def _case(self, case: Case) -> Block:
        lines = [escape(case_line(case, self.wording.say))]
        if case.status == ANSWERED and case.answer:
            lines.append(_short(case.answer, ANSWER_LENGTH))
        return _section("\n".join(lines))


def _short(text: str, length: int) -> str:
    return escape(textwrap.shorten(text, length, placeholder=" …"))


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _section(mrkdwn: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}}


def _actions(block_id: str, elements: list[Block]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": elements}


def _button(title: str, action: str, value: str) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": title},
        "action_id": action,
        "value": value,
    }
