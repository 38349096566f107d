"""The one place that calls Slack, and that knows what Slack's errors mean."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.mrkdwn import escape
from bot.gateway.metrics import SLACK_ERRORS
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.wording import Wording

log = structlog.get_logger(__name__)

DELIVERY_EVENT = "hrbot_delivery"
PASSING = {
    "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited",
    "rate_limited", "timeout", "team_added_to_org",
}  # fmt: skip
CREDENTIALS = {
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
    "missing_scope", "no_permission", "access_denied",
}  # fmt: skip
CREDENTIALS_PAUSE_SECONDS = 30.0
DEFAULT_RETRY_AFTER_SECONDS = 1.0
HISTORY_LIMIT = 100
HISTORY_PAGES = 10
CLOCKS_DIFFER_SECONDS = 60
SETTLE_SECONDS = 1.0
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Posted:
    """Where a message of ours stands."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Identity:
    """Who we are in the workspace."""

    user: str
    bot: str | None
    team: str | None


def web_client(token: str, base_url: str) -> AsyncWebClient:
    """Return a client that tries each call once.

    The SDK's own retry on a cut connection would post a message a second time; ours looks
    first whether it arrived.
    """
    return CountingClient(
        token=token, base_url=base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[]
    )


class CountingClient(AsyncWebClient):
    """Slack's client, which counts what goes wrong by method and error code."""

    async def api_call(self, api_method: str, **arguments: Any) -> Any:
        """Call a method of the Web API; raises as the SDK does."""
        try:
            return await super().api_call(api_method, **arguments)
        except SlackApiError as error:
            told = _told(error)
            SLACK_ERRORS.labels(api_method, told.code or f"status_{told.status}").inc()
            raise
        except Exception as error:
            SLACK_ERRORS.labels(api_method, type(error).__name__).inc()
            raise


class Slack:
    """Slack's Web API as far as the product uses it."""

    def __init__(self, client: AsyncWebClient, wording: Wording) -> None:
        self.web = client
        self.wording = wording
        self._identity: Identity | None = None
        self._direct_channels: dict[str, str] = {}

    async def identity(self) -> Identity | None:
        """Return who we are, or None while Slack does not tell."""
        if self._identity is None:
            try:
                found = await call(lambda: self.web.auth_test())
            except (TryLaterError, RefusedError) as error:
                log.error("slack.auth_test_failed", reason=error.reason)
                return None
            self._identity = Identity(found["user_id"], found.get("bot_id"), found.get("team_id"))
        return self._identity

    async def post(
        self,
        *,
        channel: str,
        text: str,
        blocks: list[dict[str, Any]] | None,
        delivery_key: str,
        thread: str | None = None,
        broadcast: bool = False,
        unknown_since: datetime | None = None,
    ) -> Posted:
        """Post a message once and return where it stands.

        Args:
            text: plain text; Slack gets it escaped, so that nothing in it rings anybody.
            broadcast: show a message of a thread in its channel too.
            delivery_key: travels in the message's metadata, so that a post whose outcome
                stayed unknown can be found again.
            unknown_since: when an earlier attempt of unknown outcome was made, if one was.

        Raises:
            TryLaterError, RefusedError: see `bot.gateway.outbox`.
        """
        if unknown_since is not None:
            found = await self._find_settled(channel, thread, delivery_key, unknown_since)
            if found:
                log.info("slack.found_posted", delivery_key=delivery_key)
                return Posted(channel, found)
        metadata = {"event_type": DELIVERY_EVENT, "event_payload": {"key": delivery_key}}
        posted = await call(
            lambda: self.web.chat_postMessage(
                channel=channel,
                text=escape(text),
                blocks=blocks,
                thread_ts=thread or None,
                reply_broadcast=True if thread and broadcast else None,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return Posted(posted.get("channel") or channel, posted["ts"])

    async def update(
        self, *, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]
    ) -> None:
        """Replace a message of ours. Raises as `post`."""
        await call(
            lambda: self.web.chat_update(channel=channel, ts=ts, text=escape(text), blocks=blocks)
        )

    async def direct_channel(self, user: str) -> str:
        """Return the channel of our direct messages with a user. Raises as `post`."""
        if user not in self._direct_channels:
            opened = await call(lambda: self.web.conversations_open(users=user))
            self._direct_channels[user] = opened["channel"]["id"]
        return self._direct_channels[user]

    async def post_ephemeral(
        self, *, channel: str, user: str, text: str, thread: str | None
    ) -> None:
        """Show one person something in a channel. Raises as `post`."""
        await call(
            lambda: self.web.chat_postEphemeral(
                channel=channel, user=user, text=escape(text), thread_ts=thread
            )
        )

    async def is_outsider(self, user: str) -> bool:
        """Say whether a user is a guest or belongs to another organisation. Raises as `post`."""
        found = await call(lambda: self.web.users_info(user=user))
        flags = ("is_restricted", "is_ultra_restricted", "is_stranger")
        return any(found["user"].get(flag) for flag in flags)

    async def is_ext_shared(self, channel: str) -> bool:
        """Say whether people of other organisations read a channel. Raises as `post`."""
        found = await call(lambda: self.web.conversations_info(channel=channel))
        flags = ("is_ext_shared", "is_pending_ext_shared")
        return any(found["channel"].get(flag) for flag in flags)

    async def email_of(self, user: str) -> str | None:
        """Return the address in a user's profile if there is one that is theirs.

        Raises as `post`.
        """
        found = (await call(lambda: self.web.users_info(user=user)))["user"]
        # Until they have confirmed it, anybody could have typed it.
        if found.get("is_email_confirmed") is False:
            return None
        return found.get("profile", {}).get("email") or None

    async def time_zone_of(self, user: str) -> str | None:
        """Return the time zone of a user's clock, such as America/Chicago, if Slack tells.

        Raises as `post`.
        """
        found = await call(lambda: self.web.users_info(user=user))
        return found["user"].get("tz") or None

    async def permalink(self, channel: str, ts: str) -> str | None:
        """Return the link to a message, or None where there is none."""
        try:
            found = await call(lambda: self.web.chat_getPermalink(channel=channel, message_ts=ts))
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.no_permalink", reason=error.reason)
            return None
        return found.get("permalink")

    async def _find_settled(
        self, channel: str, thread: str | None, delivery_key: str, since: datetime
    ) -> str | None:
        """Look for a message, and once more a moment later if it isn't there.

        A request that broke off, of a process that was killed say, may still be on its way.
        """
        found = await self._find(channel, thread, delivery_key, since)
        if found is None:
            await asyncio.sleep(SETTLE_SECONDS)
            found = await self._find(channel, thread, delivery_key, since)
        return found

    async def _find(
        self, channel: str, thread: str | None, delivery_key: str, since: datetime
    ) -> str | None:
        """Look through a whole thread, or a channel's newest messages and all since `since`.

        The newest ones are looked through whatever the time: our clock may have been wrong.
        """
        enough = since.timestamp() - CLOCKS_DIFFER_SECONDS
        window: dict[str, Any] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": HISTORY_LIMIT,
        }
        for _ in range(HISTORY_PAGES):
            try:
                if thread:
                    found = await call(lambda: self.web.conversations_replies(ts=thread, **window))
                else:
                    found = await call(lambda: self.web.conversations_history(**window))
            except RefusedError as error:
                log.warning("slack.history_unreadable", reason=error.reason)
                return None
            messages = found.get("messages", [])
            for message in messages:
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("key") == delivery_key:
                    return message["ts"]
            cursor = (found.get("response_metadata") or {}).get("next_cursor")
            # A thread is told from its beginning, a channel from its end.
            is_past = not thread and any(float(message["ts"]) < enough for message in messages)
            if not cursor or is_past:
                return None
            window["cursor"] = cursor
        return None


async def call(method: Callable[[], Awaitable[Any]]) -> Any:
    """Call Slack once and name what went wrong.

    Raises:
        TryLaterError: Slack is busy, down or out of reach, or our credentials are refused.
        RefusedError: Slack won't take it as it is.
    """
    try:
        return await method()
    except SlackApiError as error:
        raise _named(error) from error
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        raise TryLaterError(type(error).__name__, uncertain=True) from error
    except SlackClientError as error:
        raise RefusedError(type(error).__name__) from error
    except AttributeError as error:
        # The SDK stumbles over a body that is no JSON object: a proxy's page, not Slack's word.
        raise TryLaterError("unreadable_reply", uncertain=True) from error


@dataclass(frozen=True)
class _Told:
    """What Slack's refusal says: the HTTP status, and the error code if there is one."""

    status: int
    code: str | None


def _told(error: SlackApiError) -> _Told:
    # Where the body can't be read, the SDK hands over aiohttp's response instead of its own.
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    return _Told(status, data.get("error") if isinstance(data, dict) else None)


def _named(error: SlackApiError) -> Exception:
    status, code = _told(error).status, _told(error).code
    if status == 429:
        return TryLaterError("ratelimited", seconds=_retry_after(error.response.headers))
    if status >= 500 or code is None:
        # Without an error code it is a proxy that speaks, or an outage.
        return TryLaterError(code or f"status_{status}", uncertain=True)
    if code in PASSING:
        return TryLaterError(code, uncertain=True)
    if code in CREDENTIALS:
        log.error("slack.credentials_refused", reason=code)
        return TryLaterError(code, seconds=CREDENTIALS_PAUSE_SECONDS)
    return RefusedError(code)


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(float(headers.get("Retry-After", "")), 0.0)
    except ValueError:
        return DEFAULT_RETRY_AFTER_SECONDS
