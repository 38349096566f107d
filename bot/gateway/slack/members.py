"""Who of HR may work on a queue: by user, user group, e-mail, or membership of its channel."""

from __future__ import annotations

from bot.db.models import Case
from bot.desk.routing import Routing
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack, call


class Members:
    """Answers one question: may this person work on this queue? Asked on every action."""

    def __init__(self, slack: Slack, routing: Routing) -> None:
        self._slack = slack
        self._routing = routing

    async def may_work_on(self, case: Case, user: str, channel: str | None) -> bool:
        """Say whether `user` may, acting from `channel` (where the card was clicked)."""
        queue = self._routing.queue_of(case)
        if queue.members is None:
            # Whoever can click on a card in the queue's own channel is in that channel.
            # The card may be clicked before its place is written down.
            return channel is not None and channel in (case.card_channel, queue.channel)
        listed = {*queue.members, *queue.admins}
        return (
            user in listed
            or await self._in_group(user, listed)
            or await self._by_mail(user, listed)
        )

    async def _in_group(self, user: str, listed: set[str]) -> bool:
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

    async def _by_mail(self, user: str, listed: set[str]) -> bool:
        addresses = {name.lower() for name in listed if "@" in name}
        if not addresses:
            return False
        try:
            found = await call(lambda: self._slack.web.users_info(user=user))
        except (TryLaterError, RefusedError):
            return False
        mail = found["user"].get("profile", {}).get("email", "")
        return mail.lower() in addresses
