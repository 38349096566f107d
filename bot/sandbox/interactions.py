"""What people do in the sandbox: write, click, fill in modals, run commands, open the Home tab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.blocks import check_view, elements_of, with_ids
from bot.sandbox.core import Sandbox
from bot.sandbox.delivery import Reply
from bot.sandbox.forms import action_of, choice_in, read_form
from bot.sandbox.model import Channel, Message, RefusedError, View

Json = dict[str, Any]

NO_ANSWER = "The app did not respond. Please try again."


@dataclass(frozen=True)
class Submission:
    """How a submitted modal ended: `errors` by block id, `is_open` while a modal shows."""

    reply: Reply | None
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = False


@dataclass(frozen=True)
class _Clickable:
    element: Json
    block: Json
    choice: str | None
    message: Message | None = None
    view: View | None = None


class Interactions:
    """The hands of the made-up people; each method is one thing that one person does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._workspace = sandbox.workspace
        self._envelopes = sandbox.envelopes

    # Writing

    def say(
        self,
        user_id: str,
        text: str,
        channel_id: str | None = None,
        thread_ts: str | None = None,
        files: Sequence[str] = (),
    ) -> Message:
        """Write a message; without a channel, to the bot's DM.

        Args:
            user_id: who writes.
            text: as typed; `@HR Assistant` becomes a mention.
            channel_id: where; None for the DM with the bot.
            thread_ts: the parent, to answer in a thread.
            files: names of attached files.

        Raises:
            RefusedError: `channel_not_found`, `not_in_channel`, `is_archived`, `no_text`.
        """
        channel = self._channel_for(user_id, channel_id)
        if channel.is_archived:
            raise RefusedError("is_archived")
        if not text.strip() and not files:
            raise RefusedError("no_text")
        typed = self._sandbox.as_typed(text)
        message = Message(
            ts=self._workspace.new_ts(),
            channel=channel.id,
            user=user_id,
            text=typed,
            thread_ts=thread_ts,
            client_msg_id=self._workspace.ids.new("").lower(),
            subtype="file_share" if files else None,
            files=[self._file(name) for name in files],
        )
        if typed:
            run = {"type": "text", "text": text}
            section = {"type": "rich_text_section", "elements": [run]}
            message.blocks = [{"type": "rich_text", "elements": [section]}]
        return self._sandbox.post(message)

    def edit(self, user_id: str, channel_id: str, ts: str, text: str) -> Message:
        """Edit one's own message."""
        message = self._own_message(user_id, channel_id, ts)
        self._sandbox.edit(message, text=self._sandbox.as_typed(text), blocks=[])
        return message

    def delete(self, user_id: str, channel_id: str, ts: str) -> None:
        """Delete one's own message."""
        self._sandbox.delete(self._own_message(user_id, channel_id, ts))

    def _own_message(self, user_id: str, channel_id: str, ts: str) -> Message:
        message = self._workspace.message(channel_id, ts)
        if message.user != user_id:
            raise RefusedError("cant_update_message")
        return message

    def _channel_for(self, user_id: str, channel_id: str | None) -> Channel:
        self._workspace.person(user_id)
        if channel_id is None:
            return self._workspace.dm(user_id)
        channel = self._workspace.channel(channel_id)
        if user_id not in channel.members:
            raise RefusedError("not_in_channel")
        return channel

    def _file(self, name: str) -> Json:
        return {
            "id": self._workspace.ids.new("F"),
            "name": name,
            "title": name,
            "filetype": name.rsplit(".", 1)[-1],
            "mode": "hosted",
            "size": 1024,
        }

    # Clicking

    async def click(
        self,
        user_id: str,
        *,
        text: str | None = None,
        action_id: str | None = None,
        value: str | None = None,
        channel_id: str | None = None,
        ts: str | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Click a button, or choose an option outside of an input block.

        The newest element that fits everything given is meant: in the open modal, the
        Home tab, then messages that this person sees.

        Args:
            user_id: who clicks.
            text: the visible text of the button or option.
            action_id: of the element.
            value: of the button or option, or a date.
            channel_id: look in this channel only.
            ts: look at this message only.
            state: what else stands in the inputs of that message or view.

        Raises:
            RefusedError: `no_such_button`.
        """
        target = self._find(user_id, text, action_id, value, channel_id, ts)
        user = self._workspace.person(user_id)
        action = action_of(
            target.element, target.block["block_id"], target.choice, self._workspace.new_ts()
        )
        trigger_id = self._workspace.new_trigger(user_id)
        if target.view is not None:
            form = read_form(target.view.content["blocks"], state or {})
            members: Json = {
                "container": {"type": "view", "view_id": target.view.id},
                "view": self._envelopes.view(target.view, form.values),
            }
        else:
            members = self._message_members(user_id, target.message, state or {})
        payload = self._envelopes.interaction(
            "block_actions", user, trigger_id=trigger_id, **members, actions=[action]
        )
        return await self._sandbox.delivery.send_interaction(payload)

    def _message_members(
        self, user_id: str, message: Message | None, state: Mapping[str, Any]
    ) -> Json:
        if message is None:
            raise RefusedError("no_such_button")
        channel = self._workspace.channel(message.channel)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.is_ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        members: Json = {
            "container": container,
            "channel": self._envelopes.channel_stub(channel),
            "state": {"values": read_form(message.blocks, state).values},
            "response_url": self._sandbox.new_response_url(
                user_id, channel.id, message.ts, message.thread_ts
            ),
        }
        if not message.is_ephemeral:
            members["message"] = message.to_slack(self._workspace.team_id, with_metadata=True)
        return members

    def _find(
        self,
        user_id: str,
        text: str | None,
        action_id: str | None,
        value: str | None,
        channel_id: str | None,
        ts: str | None,
    ) -> _Clickable:
        for place in self._places(user_id, channel_id, ts):
            blocks = place.content["blocks"] if isinstance(place, View) else place.blocks
            for block in blocks:
                for element in elements_of(block):
                    if action_id is not None and element.get("action_id") != action_id:
                        continue
                    is_there, choice = choice_in(element, text, value)
                    if is_there:
                        view = place if isinstance(place, View) else None
                        message = None if isinstance(place, View) else place
                        return _Clickable(element, block, choice, message, view)
        raise RefusedError("no_such_button", text=text, action_id=action_id, value=value)

    def _places(
        self, user_id: str, channel_id: str | None, ts: str | None
    ) -> Iterator[View | Message]:
        if channel_id is None and ts is None:
            for view in (self._workspace.open_view(user_id), self._workspace.home(user_id)):
                if view is not None:
                    yield view
        seen = [
            message
            for channel in list(self._workspace.channels.values())
            if channel_id in (None, channel.id) and user_id in channel.members
            for message in self._workspace.seen_by(user_id, channel.id)
            if ts in (None, message.ts)
        ]
        yield from sorted(seen, key=lambda message: message.ts, reverse=True)

    # Modals

    async def submit(self, user_id: str, values: Mapping[str, Any] | None = None) -> Submission:
        """Submit the open modal; `values` by action id or block id.

        Raises:
            RefusedError: `no_open_view`, `no_such_field`, `no_such_option`.
        """
        view = self._open_view(user_id)
        form = read_form(view.content["blocks"], values or {})
        if form.errors:
            self._show_errors(view, form.errors, "")
            return Submission(None, form.errors, is_open=True)
        payload = self._envelopes.interaction(
            "view_submission",
            self._workspace.person(user_id),
            trigger_id=self._workspace.new_trigger(user_id),
            view=self._envelopes.view(view, form.values),
            response_urls=[],
        )
        reply = await self._sandbox.delivery.send_interaction(payload)
        return self._after_submission(view, reply)

    def _after_submission(self, view: View, reply: Reply) -> Submission:
        if not reply.is_ok:
            self._show_errors(view, {}, NO_ANSWER)
            return Submission(reply, is_open=True)
        action = reply.body.get("response_action")
        if action == "errors":
            errors = reply.body.get("errors") or {}
            inputs = {b["block_id"] for b in view.content["blocks"] if b["type"] == "input"}
            if not errors or set(errors) - inputs:
                raise RefusedError("invalid_response_action", unknown=sorted(set(errors) - inputs))
            self._show_errors(view, errors, "")
            return Submission(reply, errors, is_open=True)
        if action in ("update", "push"):
            content = self._checked_view(reply.body.get("view"))
            if action == "push":
                self._workspace.show_modal(view.user, content, on_top=True)
            else:
                self._workspace.replace_view(view, content)
        elif action == "clear":
            self._workspace.clear_modals(view.user)
        elif self._workspace.open_view(view.user) is view:
            self._workspace.pop_modal(view.user)
        return Submission(reply, is_open=self._workspace.open_view(view.user) is not None)

    def _checked_view(self, content: Any) -> Json:
        faults = check_view(content)
        if faults:
            raise RefusedError("invalid_response_action", response_metadata={"messages": faults})
        blocks = with_ids(content["blocks"], lambda: self._workspace.ids.new("")[:5])
        return {**content, "blocks": blocks}

    def _show_errors(self, view: View, errors: dict[str, str], notice: str) -> None:
        with self._workspace.changing():
            view.errors, view.notice = errors, notice

    async def close(self, user_id: str) -> Reply | None:
        """Close the open modal; the app hears of it where it asked to.

        Raises:
            RefusedError: `no_open_view`.
        """
        view = self._open_view(user_id)
        if view.content.get("clear_on_close"):
            self._workspace.clear_modals(user_id)
        else:
            self._workspace.pop_modal(user_id)
        if not view.content.get("notify_on_close"):
            return None
        payload = self._envelopes.interaction(
            "view_closed",
            self._workspace.person(user_id),
            view=self._envelopes.view(view),
            is_cleared=bool(view.content.get("clear_on_close")),
        )
        return await self._sandbox.delivery.send_interaction(payload)

    def _open_view(self, user_id: str) -> View:
        view = self._workspace.open_view(user_id)
        if view is None:
            raise RefusedError("no_open_view")
        return view

    async def command(
        self, user_id: str, command: str, text: str = "", channel_id: str | None = None
    ) -> Reply:
        """Run a slash command, in the bot's DM unless a channel is given.

        Raises:
            RefusedError: `invalid_command` for one that the manifest does not have.
        """
        known = self._workspace.app.commands
        if not command.startswith("/") or (known is not None and command not in known):
            raise RefusedError("invalid_command")
        channel = self._channel_for(user_id, channel_id)
        fields = self._envelopes.slash_command(
            self._workspace.person(user_id),
            channel,
            command,
            text,
            self._sandbox.new_response_url(user_id, channel.id),
        )
        reply = await self._sandbox.delivery.send_command(fields)
        if reply.body.get("text") or reply.body.get("blocks"):
            self._sandbox.respond(user_id, channel.id, reply.body)
        return reply

    async def shortcut(
        self,
        user_id: str,
        callback_id: str,
        channel_id: str | None = None,
        ts: str | None = None,
    ) -> Reply:
        """Use a global shortcut, or with a channel and ts a message shortcut.

        Raises:
            RefusedError: `invalid_shortcut` for one that the manifest does not have.
        """
        known = self._workspace.app.shortcuts
        if known is not None and callback_id not in known:
            raise RefusedError("invalid_shortcut")
        user = self._workspace.person(user_id)
        members: Json = {
            "callback_id": callback_id,
            "trigger_id": self._workspace.new_trigger(user_id),
            "action_ts": self._workspace.new_ts(),
        }
        if channel_id is None or ts is None:
            payload = self._envelopes.interaction("shortcut", user, **members)
            return await self._sandbox.delivery.send_interaction(payload)
        channel = self._channel_for(user_id, channel_id)
        message = self._workspace.message(channel_id, ts)
        payload = self._envelopes.interaction(
            "message_action",
            user,
            **members,
            message_ts=ts,
            channel=self._envelopes.channel_stub(channel),
            message=message.to_slack(self._workspace.team_id, with_metadata=True),
            response_url=self._sandbox.new_response_url(user_id, channel_id, ts, message.thread_ts),
        )
        return await self._sandbox.delivery.send_interaction(payload)

    def open_assistant(self, user_id: str) -> Message:
        """Open a new thread in the Assistant pane; returns the hidden message it hangs on.

        Raises:
            RefusedError: `not_enabled` where the manifest has no assistant view.
        """
        if not self._workspace.app.has_assistant:
            raise RefusedError("not_enabled")
        return self._sandbox.open_assistant_thread(user_id)

    def open_home(self, user_id: str) -> None:
        """Open the app's Home tab."""
        channel = self._workspace.dm(user_id)
        view = self._workspace.home(user_id)
        event = self._envelopes.home_opened(user_id, channel, view)
        self._sandbox.delivery.publish([event])
