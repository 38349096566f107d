"""The things a sandbox workspace holds, as plain values; what happens to them is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.errors import HRBotError

ChannelKind = Literal["im", "mpim", "channel", "group"]


class RefusedError(HRBotError):
    """Slack would refuse this; `code` is Slack's own error code.

    Args:
        code: Slack's error code, for example `channel_not_found`.
        details: further members of Slack's error answer.
    """

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(f"Slack would refuse this: {code}")
        self.code = code
        self.details = details


@dataclass
class Person:
    """A member of the workspace; guests and strangers carry Slack's own flags."""

    id: str
    handle: str
    real_name: str
    email: str
    title: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_email_confirmed: bool = True
    deleted: bool = False
    tz: str = "America/Chicago"

    def to_slack(self, team_id: str, *, with_email: bool) -> dict[str, Any]:
        """The `user` object of users.info; the e-mail only where the scope allows it."""
        profile: dict[str, Any] = {
            "title": self.title,
            "real_name": self.real_name,
            "display_name": self.real_name,
            "team": team_id,
        }
        if with_email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": team_id,
            "name": self.handle,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.tz,
            "is_admin": False,
            "is_owner": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.is_stranger,
            "is_email_confirmed": self.is_email_confirmed,
            "profile": profile,
        }


@dataclass
class Channel:
    """A conversation: `im` (with the bot), `mpim`, `channel` (public) or `group` (private)."""

    id: str
    name: str
    kind: ChannelKind
    members: list[str]
    is_archived: bool = False
    is_ext_shared: bool = False
    created: int = 1700000000

    def to_slack(self, bot_user_id: str) -> dict[str, Any]:
        """The `channel` object of conversations.info."""
        if self.kind == "im":
            others = [member for member in self.members if member != bot_user_id]
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_channel": False,
                "is_group": False,
                "is_mpim": False,
                "is_archived": self.is_archived,
                "is_org_shared": False,
                "user": others[0],
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_archived": self.is_archived,
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_general": self.name == "general",
            "is_member": bot_user_id in self.members,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass
class Message:
    """A message; `visible_to` names the one person who sees an ephemeral one."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    reply_broadcast: bool = False
    bot_id: str | None = None
    app_id: str | None = None
    subtype: str | None = None
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    edited_ts: str | None = None
    client_msg_id: str | None = None
    reactions: list[dict[str, Any]] = field(default_factory=list)
    visible_to: str | None = None

    @property
    def is_from_bot(self) -> bool:
        """Whether the app wrote it."""
        return self.bot_id is not None

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it, and only until they reload."""
        return self.visible_to is not None

    def to_slack(self, team_id: str, *, with_metadata: bool = False) -> dict[str, Any]:
        """The message object as history, replies and events carry it."""
        body: dict[str, Any] = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
            "team": team_id,
        }
        optional = {
            "subtype": self.subtype,
            "client_msg_id": self.client_msg_id,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "thread_ts": self.thread_ts,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "files": self.files,
            "reactions": self.reactions,
            "metadata": self.metadata if with_metadata else None,
        }
        body.update({key: value for key, value in optional.items() if value})
        if self.edited_ts:
            body["edited"] = {"user": self.user, "ts": self.edited_ts}
        return body


@dataclass
class View:
    """A modal or Home tab as one person sees it; `content` is what the app sent."""

    id: str
    content: dict[str, Any]
    user: str
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""

    def to_slack(
        self,
        team_id: str,
        app_id: str,
        bot_id: str,
        values: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The `view` object of payloads and answers, with `state.values` where given."""
        return {
            "id": self.id,
            "team_id": team_id,
            "app_id": app_id,
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
            "type": self.content["type"],
            "title": self.content.get("title"),
            "submit": self.content.get("submit"),
            "close": self.content.get("close"),
            "blocks": self.content.get("blocks", []),
            "callback_id": self.content.get("callback_id", ""),
            "private_metadata": self.content.get("private_metadata", ""),
            "external_id": self.content.get("external_id", ""),
            "clear_on_close": bool(self.content.get("clear_on_close", False)),
            "notify_on_close": bool(self.content.get("notify_on_close", False)),
            "hash": self.hash,
            "root_view_id": self.root_view_id,
            "previous_view_id": self.previous_view_id,
            "state": {"values": values or {}},
        }


@dataclass
class Trigger:
    """A trigger id: good for one view, for three seconds."""

    user: str
    issued_at: float
    is_used: bool = False


@dataclass
class ResponseUrl:
    """Where the app may answer an interaction: five times within 30 minutes."""

    user: str
    channel: str
    message_ts: str | None
    issued_at: float
    thread_ts: str | None = None
    uses: int = 0


@dataclass(frozen=True)
class ApiCall:
    """One call of a Web API method, without its token."""

    method: str
    http_method: str
    arguments: dict[str, Any]
    status: int
    error: str | None
    at: float


@dataclass(frozen=True)
class Attempt:
    """One attempt to bring something to the app and how it ended.

    `error` is Slack's reason; `took` are the seconds until the app answered; `about` are
    channel and ts of the message that an event tells of.
    """

    kind: str
    delivery_id: str
    number: int
    over_socket: bool
    status: int | None
    error: str | None
    at: float
    took: float = 0.0
    about: tuple[str, str] | None = None
