"""Delivers what HR hears by the clock: reminders, the morning summary, alarms about channels.

They name cases and link to their cards; what was asked stands on the card alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog

from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk.cases import OPEN
from bot.desk.reminders import deadlines, deserves_reminding
from bot.desk.routing import Queue, Routing
from bot.desk.views import text_blocks
from bot.faq.book import AnswerBook
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import Deliver, TryLaterError
from bot.gateway.slack.channels import FAULTS, HRChannels
from bot.gateway.slack.client import Slack
from bot.privacy.suppression import counted
from bot.programs.terms import day_text

log = structlog.get_logger(__name__)

LISTED_AT_MOST = 15
LISTED_IN_DIGEST = 5


@dataclass(frozen=True)
class DeskNotices:
    """The deliverers of what HR hears by the clock, by kind of row."""

    database: Database
    slack: Slack
    addresses: AddressBook
    routing: Routing
    book: AnswerBook
    channels: HRChannels
    clock: Callable[[], datetime]

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {
            "reminder": self.reminder,
            "digest": self.digest,
            "channel_alarm": self.channel_alarm,
        }

    async def reminder(self, row: OutboxRow) -> None:
        """Send what is still to be reminded of, in service time; a late one may be none at all."""
        now = self.clock()
        wanted = row.payload["reminders"]
        cases = await asyncio.to_thread(self._cases, [reminder["case"] for reminder in wanted])
        lines, queues = [], []
        for reminder in wanted:
            case = cases[reminder["case"]]
            due_at = dict(deadlines(case)).get(reminder["deadline"])
            if due_at is None or not deserves_reminding(case, now):
                continue
            queues.append(self.routing.queue_of(case))
            lines.append(await self._reminder_line(case, reminder, due_at, queues[-1]))
        if not lines:
            log.info("reminder.no_longer_needed", delivery_key=row.delivery_key)
            return
        self._require_open(queues, now)
        say = self.slack.wording.say
        text = "\n".join([say("reminder_intro"), *self._listed(lines, LISTED_AT_MOST)])
        if row.payload["person"] is not None:
            await self._to_person(row, text)
            return
        text, blocks = text_blocks(text)
        group = row.payload["group"]
        ring = [_section(f"<!subteam^{group}>")] if group else []
        await self._to_queue(row, self.routing.queues[row.payload["queue"]], text, ring + blocks)

    async def digest(self, row: OutboxRow) -> None:
        """Post a queue's summary into its channel; one of another day is of no use."""
        digest = row.payload
        queue = self.routing.queues.get(digest["queue"], self.routing.default)
        if digest["day"] != queue.hours.local_date(self.clock()).isoformat():
            log.warning("digest.too_late", delivery_key=row.delivery_key)
            return
        say = self.slack.wording.say
        parts = [
            say("digest_title", queue=queue.title),
            say(
                "digest_counts",
                open=str(digest["open"]),
                unclaimed=str(digest["unclaimed"]),
                due_today=str(len(digest["due_today"])),
                overdue=str(len(digest["overdue"])),
            ),
            say("digest_since", new=counted(digest["new"]), finished=counted(digest["finished"])),
        ]
        for name in ("overdue", "due_today", "oldest"):
            if digest[name]:
                lines = await self._digest_lines(digest[name], queue)
                parts.append("\n".join([say(f"digest_{name}"), *lines]))
        if digest.get("reviews"):
            parts.append(self._reviews(digest["reviews"]))
        await self._to_queue(row, queue, *text_blocks("\n\n".join(parts)))

    async def channel_alarm(self, row: OutboxRow) -> None:
        """Tell somebody that what is restricted waits because its channel fails."""
        queue = self.routing.queues.get(row.payload["queue"], self.routing.default)
        reason = FAULTS[row.payload["fault"]]
        text = self.slack.wording.say("channel_alarm", queue=queue.title, reason=reason)
        if row.payload["person"] is not None:
            await self._to_person(row, text)
        else:
            await self._to_queue(row, self.routing.default, *text_blocks(text))

    async def _reminder_line(
        self, case: Case, reminder: dict[str, Any], due_at: datetime, queue: Queue
    ) -> str:
        say = self.slack.wording.say
        time = f"{due_at.astimezone(queue.hours.zone):%a %d %b, %H:%M}"
        stage = "_".join((reminder["deadline"], reminder["stage"]))
        line = say(f"reminder_{stage}", case=await self._link(case), time=time)
        return say("reminder_unclaimed", line=line) if case.status == OPEN else line

    async def _digest_lines(self, numbers: list[int], queue: Queue) -> list[str]:
        cases = await asyncio.to_thread(self._cases, numbers[:LISTED_IN_DIGEST])
        say = self.slack.wording.say
        lines = []
        for number in numbers[:LISTED_IN_DIGEST]:
            case = cases[number]
            topic = self.book.title_of(case.topic) if case.topic else say("digest_no_topic")
            date = f"{case.created_at.astimezone(queue.hours.zone):%a %d %b}"
            lines.append(say("digest_line", case=await self._link(case), topic=topic, date=date))
        return self._listed(lines, LISTED_IN_DIGEST, len(numbers))

    def _reviews(self, reviews: list[dict[str, str | None]]) -> str:
        say, lines = self.slack.wording.say, []
        for review in reviews[:LISTED_IN_DIGEST]:
            checked = review["reviewed"]
            day = day_text(date.fromisoformat(checked)) if checked else say("review_never")
            lines.append(say("review_line", title=str(review["title"]), date=day))
        listed = self._listed(lines, LISTED_IN_DIGEST, len(reviews))
        return "\n".join([say("digest_reviews"), *listed])

    def _listed(self, lines: list[str], at_most: int, count: int | None = None) -> list[str]:
        left = (len(lines) if count is None else count) - at_most
        more = [self.slack.wording.say("and_more", count=str(left))] if left > 0 else []
        return [f"- {line}" for line in [*lines[:at_most], *more]]

    def _require_open(self, queues: Iterable[Queue], now: datetime) -> None:
        """Let what was held up wait until somebody is at work.

        Raises:
            TryLaterError: until the next opening.
        """
        opening = min(queue.hours.next_opening(now) for queue in queues)
        if opening > now:
            raise TryLaterError("closed", seconds=(opening - now).total_seconds())

    async def _to_person(self, row: OutboxRow, markdown: str) -> None:
        user = await asyncio.to_thread(self._user, row.payload["person"])
        text, blocks = text_blocks(markdown)
        await self.slack.post(
            channel=await self.slack.direct_channel(user),
            text=text,
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )

    async def _to_queue(
        self, row: OutboxRow, queue: Queue, text: str, blocks: list[dict[str, Any]]
    ) -> None:
        await self.channels.post(
            queue,
            sensitive=queue.restricted,
            text=text,
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )

    async def _link(self, case: Case) -> str:
        link = None
        if case.card_ts:
            link = await self.slack.permalink(case.card_channel, case.card_ts)
        return f"[{case.reference}]({link})" if link else case.reference

    def _cases(self, numbers: Iterable[int]) -> dict[int, Case]:
        with self.database.read() as session:
            return {number: session.get(Case, number) for number in numbers}

    def _user(self, person_id: str) -> str:
        with self.database.read() as session:
            return self.addresses.slack_user(session, person_id)


def _section(mrkdwn: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}}
