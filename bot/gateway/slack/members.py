"""Who of HR may work on a queue: by user, user group, e-mail, or membership of its channel."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

import structlog

from bot.db.models import Case
from bot.desk.routing import Queue, Routing
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack, call

log = structlog.get_logger(__name__)

MEMBERS_A_PAGE = 200
MEMBER_PAGES = 20


class Members:
    """Answers who may do what on a queue. Asked on every action; Slack is asked every time."""

    def __init__(self, slack: Slack, routing: Routing) -> None:
        self._slack = slack
        self._routing = routing

    async def may_work_on(self, case: Case, user: str, channel: str | None) -> bool:
        """Say whether `user` may, acting from `channel` (where the card was clicked)."""
        queue = self._routing.queue_of(case)
        # Whoever can click on a card in the queue's own channel is in that channel.
        # The card may be clicked before its place is written down.
        is_there = channel is not None and channel in (case.card_channel, queue.channel)
        if queue.members is None and is_there:
            return True
        return await self.works_in(queue, user)

    async def works_in(self, queue: Queue, user: str) -> bool:
        """Say whether `user` is one of the people of a queue."""
        if queue.members is None:
            return await self._in_channel(queue.channel, user) or await self.leads(queue, user)
        return await self.is_one_of(user, {*queue.members, *queue.admins})

    async def leads(self, queue: Queue, user: str) -> bool:
        """Say whether `user` is one of the queue's admins."""
        return await self.is_one_of(user, queue.admins)

    async def queues_of(self, user: str) -> list[Queue]:
        """Return the queues that `user` works in, in the order of the file."""
        queues = list(self._routing.queues.values())
        works = await asyncio.gather(*(self.works_in(queue, user) for queue in queues))
        return [queue for queue, is_one in zip(queues, works, strict=True) if is_one]

    async def is_one_of(self, user: str, listed: Collection[str]) -> bool:
        """Say whether `user` is meant by one of these: a Slack user, a group, an address."""
        if user in listed:
            return True
        return await self._in_group(user, listed) or await self._by_mail(user, listed)

    async def _in_channel(self, channel: str, user: str) -> bool:
        window: dict[str, object] = {"channel": channel, "limit": MEMBERS_A_PAGE}
        for _ in range(MEMBER_PAGES):
            try:
                found = await call(lambda: self._slack.web.conversations_members(**window))
            except (TryLaterError, RefusedError) as error:
                log.warning("desk.members_unknown", channel=channel, reason=error.reason)
                return False
            if user in found.get("members", []):
                return True
            cursor = (found.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return False
            window["cursor"] = cursor
        return False

    async def _in_group(self, user: str, listed: Iterable[str]) -> bool:
        for group in (name for name in listed if name.startswith("S") and "@" not in name):
            try:
                found = await call(
                    lambda group=group: self._slack.web.usergroups_users_list(usergroup=group)
                )
            except (TryLaterError, RefusedError):
                continue
            if user in found.get("users", []):
                return True
        return False

    async def _by_mail(self, user: str, listed: Iterable[str]) -> bool:
        addresses = {name.lower() for name in listed if "@" in name}
        if not addresses:
            return False
        try:
            found = await call(lambda: self._slack.web.users_info(user=user))
        except (TryLaterError, RefusedError):
            return False
        mail = found["user"].get("profile", {}).get("email", "")
        return mail.lower() in addresses
