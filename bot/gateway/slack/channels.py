"""HR's channels: whether each queue can post into its own, and what happens when it can't.

What isn't sensitive then goes to the default queue's channel and says so. What is restricted
never goes to a wider circle: it waits in the outbox, and the queue's people are told that it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from bot.db.queues import enqueue
from bot.db.session import Database
from bot.desk.mrkdwn import escape
from bot.desk.routing import Queue, Routing
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Posted, Slack, call
from bot.gateway.slack.contacts import Contacts
from bot.privacy.audience import EMPLOYEE

log = structlog.get_logger(__name__)

# Slack's codes for a channel that we can't post into, in words.
FAULTS = {
    "channel_not_found": "Slack doesn't know it, or the app isn't in it",
    "not_in_channel": "the app isn't in it",
    "is_archived": "it is archived",
    "not_private": "others can read it: it must be a private channel of this workspace only",
    "restricted_action": "the workspace doesn't let the app post there",
    "restricted_action_read_only_channel": "the workspace doesn't let the app post there",
    "missing_scope": "the app may not look at it; install it again with its manifest's scopes",
}
RETRY_SECONDS = 300.0


class HRChannels:
    """Posts into the channels of queues."""

    def __init__(
        self,
        database: Database,
        slack: Slack,
        routing: Routing,
        contacts: Contacts,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._slack = slack
        self._routing = routing
        self._contacts = contacts
        self._clock = clock
        self._private: set[str] = set()
        self.warnings: list[str] = []
        """What was wrong with channels and contacts when they were last looked at."""

    async def check(self) -> None:
        """Look at every queue's channel and at everybody whom the queues name; say it loudly."""
        self._private.clear()
        found = [
            f"queue “{queue.name}”: {FAULTS[fault]} (its channel, see data/routing.yml)"
            for queue in self._routing.queues.values()
            if (fault := await self._fault(queue)) is not None
        ]
        found += [
            f"queue “{queue.name}” is restricted, but everybody in the default queue's channel "
            "reads along: set SLACK_HR_SENSITIVE_CHANNEL"
            for queue in self._routing.queues.values()
            if queue.restricted and queue.channel == self._routing.default.channel
        ]
        found += await self._contacts.find()
        for warning in found:
            log.error("desk.check", problem=warning)
        self.warnings = found

    async def post(
        self,
        queue: Queue,
        *,
        sensitive: bool,
        text: str,
        blocks: list[dict[str, Any]],
        delivery_key: str,
        unknown_since: datetime | None,
    ) -> Posted:
        """Post into a queue's channel, or where it may go instead.

        Raises:
            TryLaterError: Slack can't now, or there is no channel that may get it.
            RefusedError: Slack won't take it as it is.
        """
        message = {"delivery_key": delivery_key, "unknown_since": unknown_since}
        try:
            await self._require_private(queue)
            return await self._slack.post(
                channel=queue.channel, text=text, blocks=blocks, **message
            )
        except RefusedError as error:
            if error.reason not in FAULTS:
                raise
            log.error("desk.channel_fails", queue=queue.name, reason=error.reason)
            if not self._may_go_elsewhere(queue, sensitive):
                await asyncio.to_thread(self._alarm, queue, error.reason)
                raise TryLaterError(error.reason, seconds=RETRY_SECONDS) from error
            notice = self._notice(queue, error.reason)
            return await self.post(
                self._routing.default,
                sensitive=False,
                text=f"{notice} {text}",
                blocks=[_context(notice), *blocks],
                **message,
            )

    def blocks_elsewhere(self, queue: Queue, channel: str) -> list[dict[str, Any]]:
        """Return what a card says on top as long as it stands in the default queue's channel."""
        default = self._routing.default.channel
        if channel != default or queue.channel == default:
            return []
        say = self._slack.wording.say
        return [_context(say("card_elsewhere", queue=queue.title, channel=queue.channel))]

    async def _fault(self, queue: Queue) -> str | None:
        """Return why a channel won't do, a key of `FAULTS`; None too where Slack doesn't tell."""
        try:
            found = await call(lambda: self._slack.web.conversations_info(channel=queue.channel))
        except TryLaterError as error:
            # That Slack is away is told elsewhere.
            return error.reason if error.reason in FAULTS else None
        except RefusedError as error:
            return error.reason if error.reason in FAULTS else None
        channel = found["channel"]
        if channel.get("is_archived"):
            return "is_archived"
        if channel.get("is_member") is False:
            return "not_in_channel"
        if queue.restricted and (
            channel.get("is_private") is False or channel.get("is_ext_shared") is True
        ):
            return "not_private"
        return None

    async def _require_private(self, queue: Queue) -> None:
        """Let nothing restricted into a channel that others can read."""
        if not queue.restricted or queue.channel in self._private:
            return
        fault = await self._fault(queue)
        if fault == "not_private":
            raise RefusedError(fault)
        if fault is None:
            self._private.add(queue.channel)

    def _may_go_elsewhere(self, queue: Queue, sensitive: bool) -> bool:
        is_default = queue.channel == self._routing.default.channel
        return not (sensitive or queue.restricted or is_default)

    def _notice(self, queue: Queue, fault: str) -> str:
        return self._slack.wording.say(
            "channel_fails", queue=queue.title, channel=queue.channel, reason=FAULTS[fault]
        )

    def _alarm(self, queue: Queue, fault: str) -> None:
        """Have the queue's people told, once a day, that something waits."""
        now = self._clock()
        day = queue.hours.local_date(now)
        with self._database.write() as session:
            # Where nobody is found, the default channel hears that the other one fails.
            for person in self._contacts.of_queue(queue) or [None]:
                enqueue(
                    session,
                    delivery_key=f"channel:{queue.name}:{day}:{person or ''}",
                    kind="channel_alarm",
                    lane=f"alarms:{person or queue.name}",
                    payload={"person": person, "queue": queue.name, "fault": fault},
                    audience=EMPLOYEE,
                    now=now,
                )


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": escape(text)}]}
