"""Builds the payloads as Slack sends them to an app; sending is delivery.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.model import Channel, Message, Person, View
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
VERIFICATION_TOKEN = "sandbox-verification-token"
CHANNEL_EVENTS = {
    "im": "message.im",
    "mpim": "message.mpim",
    "channel": "message.channels",
    "group": "message.groups",
}


@dataclass(frozen=True)
class Event:
    """An event on its way: its full envelope and the name one subscribes to it by."""

    subscription: str
    lane: str
    envelope: Json

    @property
    def id(self) -> str:
        """Slack's `event_id`."""
        return self.envelope["event_id"]

    @property
    def about(self) -> tuple[str, str] | None:
        """Channel and ts of the message that it tells of, if it tells of one."""
        event = self.envelope["event"]
        return (event["channel"], event["ts"]) if "ts" in event else None


class Envelopes:
    """Builds events, interactions and slash commands of one workspace.

    Args:
        workspace: whose ids and clock the payloads carry.
        base_url: where this sandbox is reached, for `response_url`.
    """

    def __init__(self, workspace: Workspace, base_url: str) -> None:
        self._workspace = workspace
        self.base_url = base_url

    # Events

    def event(self, subscription: str, event: Json, *, lane: str = "") -> Event:
        """Wrap an event; events of one lane are first attempted in order."""
        ws = self._workspace
        envelope = {
            "token": VERIFICATION_TOKEN,
            "team_id": ws.team_id,
            "context_team_id": ws.team_id,
            "context_enterprise_id": None,
            "api_app_id": ws.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": ws.ids.new("Ev"),
            "event_time": int(ws.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": ws.team_id,
                    "user_id": ws.app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": self._is_shared(event.get("channel")),
            "event_context": ws.ids.new("4-"),
        }
        return Event(subscription, lane, envelope)

    def _is_shared(self, channel_id: Any) -> bool:
        channel = self._workspace.channels.get(channel_id) if isinstance(channel_id, str) else None
        return channel is not None and channel.is_ext_shared

    def posted(self, message: Message, channel: Channel) -> list[Event]:
        """The events of a new message: one, or two under two ids where the bot is mentioned."""
        body = self._message_event(message, channel)
        events = []
        mention = f"<@{self._workspace.app.bot_user_id}>"
        if mention in message.text and channel.kind != "im" and not message.is_from_bot:
            mentioned = {k: v for k, v in body.items() if k not in ("channel_type", "subtype")}
            events.append(
                self.event("app_mention", {**mentioned, "type": "app_mention"}, lane=channel.id)
            )
        events.append(self.event(CHANNEL_EVENTS[channel.kind], body, lane=channel.id))
        return events

    def _message_event(self, message: Message, channel: Channel) -> Json:
        ws = self._workspace
        body = message.to_slack(ws.team_id)
        body |= {"channel": channel.id, "channel_type": channel.kind, "event_ts": message.ts}
        if message.thread_ts and message.thread_ts != message.ts:
            parents = [m for m in ws.messages(channel.id) if m.ts == message.thread_ts]
            if parents:
                body["parent_user_id"] = parents[0].user
        if message.is_from_bot:
            body["bot_profile"] = {
                "id": ws.app.bot_id,
                "app_id": ws.app.app_id,
                "name": ws.bot.real_name,
                "deleted": False,
                "updated": 1700000000,
                "team_id": ws.team_id,
            }
        return body

    def changed(self, message: Message, previous: Json, channel: Channel) -> Event:
        """The event of an edit (`message_changed`), by a person or by the app."""
        ts = self._workspace.new_ts()
        body = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": message.to_slack(self._workspace.team_id),
            "previous_message": previous,
            "channel": channel.id,
            "channel_type": channel.kind,
            "ts": ts,
            "event_ts": ts,
        }
        return self.event(CHANNEL_EVENTS[channel.kind], body, lane=channel.id)

    def deleted(self, message_ts: str, previous: Json, channel: Channel) -> Event:
        """The event of a deletion (`message_deleted`)."""
        ts = self._workspace.new_ts()
        body = {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": message_ts,
            "previous_message": previous,
            "channel": channel.id,
            "channel_type": channel.kind,
            "ts": ts,
            "event_ts": ts,
        }
        return self.event(CHANNEL_EVENTS[channel.kind], body, lane=channel.id)

    def home_opened(self, user_id: str, channel: Channel, view: View | None) -> Event:
        """The event of somebody opening the app's Home tab."""
        body: Json = {
            "type": "app_home_opened",
            "user": user_id,
            "channel": channel.id,
            "tab": "home",
            "event_ts": self._workspace.new_ts(),
        }
        if view is not None:
            body["view"] = self.view(view)
        return self.event("app_home_opened", body, lane=channel.id)

    def assistant_opened(self, user_id: str, root: Message) -> Event:
        """The event of somebody opening a thread in the Assistant pane."""
        body: Json = {
            "type": "assistant_thread_started",
            "assistant_thread": {
                "user_id": user_id,
                "context": {"team_id": self._workspace.team_id},
                "channel_id": root.channel,
                "thread_ts": root.ts,
            },
            "event_ts": self._workspace.new_ts(),
        }
        return self.event("assistant_thread_started", body, lane=root.channel)

    # Interactions

    def interaction(self, kind: str, user: Person, **members: Any) -> Json:
        """What every interaction payload carries, and the members of this one."""
        ws = self._workspace
        return {
            "type": kind,
            "team": {"id": ws.team_id, "domain": ws.team_domain},
            "user": {
                "id": user.id,
                "username": user.handle,
                "name": user.handle,
                "team_id": ws.team_id,
            },
            "api_app_id": ws.app.app_id,
            "token": VERIFICATION_TOKEN,
            "enterprise": None,
            "is_enterprise_install": False,
            **members,
        }

    def channel_stub(self, channel: Channel) -> Json:
        """The `channel` member of an interaction."""
        names = {"im": "directmessage", "group": "privategroup"}
        return {"id": channel.id, "name": names.get(channel.kind, channel.name)}

    def view(self, view: View, values: Json | None = None) -> Json:
        """A view object with ids of team, app and bot."""
        ws = self._workspace
        return view.to_slack(ws.team_id, ws.app.app_id, ws.app.bot_id, values)

    def slash_command(
        self, user: Person, channel: Channel, command: str, text: str, response_url: str
    ) -> Json:
        """The fields of a slash command."""
        ws = self._workspace
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": ws.team_id,
            "team_domain": ws.team_domain,
            "channel_id": channel.id,
            "channel_name": self.channel_stub(channel)["name"],
            "user_id": user.id,
            "user_name": user.handle,
            "command": command,
            "text": text,
            "api_app_id": ws.app.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": ws.new_trigger(user.id),
        }
