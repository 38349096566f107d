"""What happens in the sandbox whoever causes it: posting, editing, deleting, with their events."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import urljoin

from bot.sandbox.blocks import check_message_blocks, with_ids
from bot.sandbox.delivery import SLACK_RETRY_DELAYS_S, SLACK_TIMEOUT_S, Delivery
from bot.sandbox.envelopes import Envelopes
from bot.sandbox.faults import Faults
from bot.sandbox.model import Channel, Message, RefusedError, ResponseUrl
from bot.sandbox.socket_mode import SocketHub
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]

DEFAULT_REQUEST_URL = "http://127.0.0.1:8080/slack/events"
DEFAULT_BOT_TOKEN = "xoxb-sandbox"
DEFAULT_APP_TOKEN = "xapp-sandbox"
DEFAULT_SIGNING_SECRET = "sandbox-signing-secret"

TEXT_MAX = 40_000
RESPONSE_URL_USES = 5
RESPONSE_URL_LIFETIME_S = 1800.0

_ANGLE_TOKENS = re.compile(r"<(?:@[UW]|#C|https?:|mailto:|!)[^<>]*>")


class Sandbox:
    """One workspace with one app: state, faults and delivery together.

    Args:
        workspace: the state.
        request_url: where the app listens for events, interactions and commands.
        signing_secret: signs what goes to the app.
        bot_token: the token that the Web API accepts.
        app_token: the token that apps.connections.open accepts.
        timeout: seconds the app has to answer.
        retry_delays: seconds before each redelivery of an event.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        request_url: str = DEFAULT_REQUEST_URL,
        signing_secret: str = DEFAULT_SIGNING_SECRET,
        bot_token: str = DEFAULT_BOT_TOKEN,
        app_token: str = DEFAULT_APP_TOKEN,
        timeout: float = SLACK_TIMEOUT_S,
        retry_delays: Sequence[float] = SLACK_RETRY_DELAYS_S,
    ) -> None:
        self.workspace = workspace
        self.bot_token = bot_token
        self.app_token = app_token
        self.closing = asyncio.Event()
        self.faults = Faults()
        self.hub = SocketHub(workspace)
        self.envelopes = Envelopes(workspace, base_url="http://127.0.0.1:8090")
        self.delivery = Delivery(
            workspace,
            self.faults,
            self.hub,
            request_url=request_url,
            signing_secret=signing_secret,
            timeout=timeout,
            retry_delays=retry_delays,
        )

    @property
    def base_url(self) -> str:
        """Where this sandbox is reached, without a slash at the end."""
        return self.envelopes.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self.envelopes.base_url = url

    @property
    def careers_url(self) -> str:
        """Where the gateway shows the careers page."""
        return urljoin(self.delivery.request_url, "/careers")

    def close_long_answers(self) -> None:
        """End what would keep the server from stopping: streams and hanging calls."""
        self.closing.set()

    async def sleep_unless_closing(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.closing.wait(), seconds)

    # Messages

    def post(self, message: Message) -> Message:
        """Store a message and tell the app, where it is in that channel."""
        message.blocks = with_ids(message.blocks, self._new_element_id)
        self._join_thread(message)
        self.workspace.add_message(message)
        self._end_status(message)
        channel = self.workspace.channel(message.channel)
        if not message.is_ephemeral and self._app_hears(channel):
            self.delivery.publish(self.envelopes.posted(message, channel))
        return message

    def _join_thread(self, message: Message) -> None:
        """Give the parent its `thread_ts` as Slack does with the first reply."""
        if message.is_ephemeral or not message.thread_ts:
            return
        for parent in self.workspace.messages(message.channel):
            if parent.ts == message.thread_ts:
                parent.thread_ts = parent.ts

    def _end_status(self, message: Message) -> None:
        """Take the status away from an assistant thread in which the app answers."""
        thread = self.workspace.assistant_threads.get((message.channel, message.thread_ts or ""))
        if message.is_from_bot and thread is not None:
            with self.workspace.changing():
                thread["status"] = ""

    def edit(self, message: Message, **changes: Any) -> None:
        """Change members of a message, mark it edited, and tell the app."""
        previous = message.to_slack(self.workspace.team_id)
        if "blocks" in changes:
            changes["blocks"] = with_ids(changes["blocks"], self._new_element_id)
        with self.workspace.changing():
            for name, value in changes.items():
                setattr(message, name, value)
            message.edited_ts = self.workspace.new_ts()
        channel = self.workspace.channel(message.channel)
        if not message.is_ephemeral and self._app_hears(channel):
            self.delivery.publish([self.envelopes.changed(message, previous, channel)])

    def delete(self, message: Message) -> None:
        """Delete a message and tell the app."""
        previous = message.to_slack(self.workspace.team_id)
        self.workspace.remove_message(message)
        channel = self.workspace.channel(message.channel)
        if not message.is_ephemeral and self._app_hears(channel):
            self.delivery.publish([self.envelopes.deleted(message.ts, previous, channel)])

    def bot_message(self, channel_id: str, text: str, **members: Any) -> Message:
        """A message by the app, not yet posted."""
        app = self.workspace.app
        return Message(
            ts=self.workspace.new_ts(),
            channel=channel_id,
            user=app.bot_user_id,
            text=text,
            bot_id=app.bot_id,
            app_id=app.app_id,
            **members,
        )

    def open_assistant_thread(self, user_id: str) -> Message:
        """Open a thread in the Assistant pane and tell the app."""
        channel = self.workspace.dm(user_id)
        root = self.bot_message(channel.id, "New Assistant Thread", subtype="assistant_app_thread")
        self.workspace.add_message(root)
        with self.workspace.changing():
            self.workspace.assistant_threads[(channel.id, root.ts)] = {}
        self.delivery.publish([self.envelopes.assistant_opened(user_id, root)])
        return root

    def _app_hears(self, channel: Channel) -> bool:
        return self.workspace.app.bot_user_id in channel.members

    def _new_element_id(self) -> str:
        return self.workspace.ids.new("")[:5]

    # response_url

    def new_response_url(
        self,
        user_id: str,
        channel_id: str,
        message_ts: str | None = None,
        thread_ts: str | None = None,
    ) -> str:
        """A `response_url` for something a person just did in a channel."""
        token = secrets.token_urlsafe(24)
        with self.workspace.changing():
            self.workspace.response_urls[token] = ResponseUrl(
                user_id, channel_id, message_ts, self.workspace.clock(), thread_ts
            )
        return f"{self.base_url}/response/{token}"

    def answer_response_url(self, token: str, body: Json) -> None:
        """Do what the app asks for through a `response_url`.

        Raises:
            RefusedError: `invalid_url`, `expired_url`, `used_url`, `no_text`, `invalid_blocks`.
        """
        url = self.workspace.response_urls.get(token)
        if url is None:
            raise RefusedError("invalid_url")
        if self.workspace.clock() - url.issued_at > RESPONSE_URL_LIFETIME_S:
            raise RefusedError("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise RefusedError("used_url")
        original = self._original_of(url)
        if not body.get("delete_original"):
            check_content(body.get("text") or "", body.get("blocks") or [])
        with self.workspace.changing():
            url.uses += 1
        if original is not None and body.get("delete_original"):
            self.delete(original)
        elif original is not None and body.get("replace_original"):
            self.edit(original, text=body.get("text", ""), blocks=body.get("blocks") or [])
        elif not body.get("delete_original"):
            self.respond(url.user, url.channel, body, default_thread=url.thread_ts)

    def respond(
        self, user_id: str, channel_id: str, body: Json, default_thread: str | None = None
    ) -> Message:
        """Post the answer to an interaction or command; ephemeral unless `in_channel`.

        Raises:
            RefusedError: `no_text`, `msg_too_long`, `invalid_blocks`.
        """
        text, blocks = body.get("text") or "", body.get("blocks") or []
        check_content(text, blocks)
        is_public = body.get("response_type") == "in_channel"
        return self.post(
            self.bot_message(
                channel_id,
                text,
                blocks=blocks,
                thread_ts=body.get("thread_ts") or default_thread,
                visible_to=None if is_public else user_id,
            )
        )

    def _original_of(self, url: ResponseUrl) -> Message | None:
        if url.message_ts is None:
            return None
        stored = {m.ts: m for m in self.workspace.messages(url.channel)}
        return stored.get(url.message_ts) or self.workspace.ephemeral(url.message_ts)

    # Text

    def as_typed(self, text: str) -> str:
        """What Slack makes of typed text: `@HR Assistant` a mention, `&<>` escaped.

        Mentions, channel references and links that already stand in angle brackets stay.
        """
        bot = self.workspace.bot
        for name in (bot.real_name, bot.handle):
            pattern = re.compile("@" + re.escape(name), re.IGNORECASE)
            text = pattern.sub(f"<@{bot.id}>", text)
        parts, end = [], 0
        for token in _ANGLE_TOKENS.finditer(text):
            parts += [escape(text[end : token.start()], quote=False), token.group()]
            end = token.end()
        return "".join([*parts, escape(text[end:], quote=False)])


def check_content(text: str, blocks: Any, attachments: Any = None) -> None:
    """Refuse a message that Slack would refuse for its content.

    Raises:
        RefusedError: `no_text`, `msg_too_long`, `invalid_blocks`.
    """
    if not text and not blocks and not attachments:
        raise RefusedError("no_text")
    if len(text) > TEXT_MAX:
        raise RefusedError("msg_too_long")
    faults = check_message_blocks(blocks) if blocks else []
    if faults:
        raise RefusedError("invalid_blocks", errors=faults, response_metadata={"messages": faults})
