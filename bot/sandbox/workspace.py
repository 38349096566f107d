"""The state of the sandbox workspace, in memory; it checks nothing that the Web API checks."""

from __future__ import annotations

import random
import string
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.model import (
    ApiCall,
    Attempt,
    Channel,
    Message,
    Person,
    RefusedError,
    ResponseUrl,
    Trigger,
    View,
)

TRIGGER_LIFETIME_S = 3.0
MODAL_STACK_LIMIT = 3

Clock = Callable[[], float]


class IdSource:
    """Makes Slack-like ids: a prefix and ten capitals or digits.

    Ids are random by default, so that a sandbox started anew against a database
    that remembers the last one never repeats an event id.

    Args:
        source: where the randomness comes from; a seeded one repeats itself.
    """

    def __init__(self, source: random.Random | None = None) -> None:
        self._random = source or random.SystemRandom()

    def new(self, prefix: str) -> str:
        """A new id that begins with `prefix`."""
        letters = string.ascii_uppercase + string.digits
        return prefix + "".join(self._random.choices(letters, k=10))


@dataclass
class AppInstall:
    """The app as it is installed: who it is and what it may do.

    `scopes`, `events`, `commands` and `shortcuts` (names by callback id) of None mean: all of them.
    """

    app_id: str = "A0HRBOT0001"
    bot_id: str = "B0HRBOT0001"
    bot_user_id: str = "U0HRBOT0001"
    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None
    commands: frozenset[str] | None = None
    shortcuts: Mapping[str, str] | None = None
    has_home_tab: bool = True
    has_assistant: bool = True


@dataclass
class Workspace:
    """One team, its people, channels, messages and views.

    Every change happens inside `changing()`, which wakes whoever waits in `wait_for`
    and calls every subscriber. Reading from another thread is safe inside `wait_for`
    and through the methods that return new lists.
    """

    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    user_groups: dict[str, list[str]] = field(default_factory=dict)
    app: AppInstall = field(default_factory=AppInstall)
    team_id: str = "T0CEDAR0001"
    team_name: str = "Cedar Valley Health"
    team_domain: str = "cedar-valley-sandbox"
    clock: Clock = time.time
    ids: IdSource = field(default_factory=IdSource)

    def __post_init__(self) -> None:
        self._condition = threading.Condition(threading.RLock())
        self._subscribers: list[Callable[[], None]] = []
        self._last_ts = 0
        self.revision = 0
        self._messages: dict[str, dict[str, Message]] = {}
        self._ephemerals: dict[str, Message] = {}
        self._modals: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.assistant_threads: dict[tuple[str, str], dict[str, Any]] = {}
        self.calls: list[ApiCall] = []
        self.attempts: list[Attempt] = []

    # Change and waiting for it

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock for a change, then tell everybody who waits."""
        with self._condition:
            yield
            self.revision += 1
            self._condition.notify_all()
            subscribers = list(self._subscribers)
        for tell in subscribers:
            tell()

    def wait_for(self, predicate: Callable[[Workspace], Any], timeout: float = 5.0) -> Any:
        """Wait until `predicate` of this workspace is true and return its value.

        Args:
            predicate: looked at after every change, under the lock.
            timeout: seconds.

        Raises:
            TimeoutError: it did not become true in time.
        """
        with self._condition:
            value = self._condition.wait_for(lambda: predicate(self), timeout)
        if not value:
            raise TimeoutError(f"Nothing of that kind happened within {timeout} s.")
        return value

    def subscribe(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Call `tell` after every change; returns the function that ends it."""
        with self._condition:
            self._subscribers.append(tell)

        def unsubscribe() -> None:
            with self._condition:
                self._subscribers.remove(tell)

        return unsubscribe

    def new_ts(self) -> str:
        """A new message timestamp, later than every one before it."""
        with self._condition:
            self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
            seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds}.{micros:06d}"

    # People and channels

    @property
    def bot(self) -> Person:
        """The bot user."""
        return self.people[self.app.bot_user_id]

    def person(self, user_id: str) -> Person:
        """The person with this id, or refuse with `user_not_found`."""
        if user_id not in self.people:
            raise RefusedError("user_not_found")
        return self.people[user_id]

    def channel(self, channel_id: str) -> Channel:
        """The channel with this id, or refuse with `channel_not_found`."""
        if channel_id not in self.channels:
            raise RefusedError("channel_not_found")
        return self.channels[channel_id]

    def channel_named(self, name: str) -> Channel:
        """The channel with this name (with or without `#`), or `channel_not_found`."""
        for channel in self.channels.values():
            if channel.name == name.lstrip("#") and channel.kind != "im":
                return channel
        raise RefusedError("channel_not_found")

    def dm(self, user_id: str) -> Channel:
        """The DM of this person with the bot; opened where there is none yet."""
        self.person(user_id)
        channel_id = "D" + user_id[1:]
        if channel_id not in self.channels:
            with self.changing():
                members = [user_id, self.app.bot_user_id]
                self.channels[channel_id] = Channel(channel_id, "", "im", members)
        return self.channels[channel_id]

    def has_scope(self, *scopes: str) -> bool:
        """Whether the bot token carries at least one of these scopes."""
        return self.app.scopes is None or any(scope in self.app.scopes for scope in scopes)

    # Messages

    def add_message(self, message: Message) -> Message:
        """Store a message, an ephemeral one where it names who sees it."""
        with self.changing():
            if message.is_ephemeral:
                self._ephemerals[message.ts] = message
            else:
                self._messages.setdefault(message.channel, {})[message.ts] = message
        return message

    def message(self, channel_id: str, ts: str) -> Message:
        """The stored message, or refuse with `message_not_found`."""
        found = self._messages.get(channel_id, {}).get(ts)
        if found is None:
            raise RefusedError("message_not_found")
        return found

    def ephemeral(self, ts: str) -> Message | None:
        """The ephemeral message with this ts, where somebody still sees it."""
        return self._ephemerals.get(ts)

    def remove_message(self, message: Message) -> None:
        """Delete a message; the parent of a thread leaves a tombstone, as in Slack."""
        with self.changing():
            if message.is_ephemeral:
                self._ephemerals.pop(message.ts, None)
            elif self.replies(message.channel, message.ts):
                message.subtype = "tombstone"
                message.text = "This message was deleted."
                message.blocks, message.files, message.metadata = [], [], None
            else:
                self._messages[message.channel].pop(message.ts, None)

    def messages(self, channel_id: str) -> list[Message]:
        """Everything stored in a channel, threads included, oldest first."""
        with self._condition:
            return sorted(self._messages.get(channel_id, {}).values(), key=lambda m: m.ts)

    def replies(self, channel_id: str, thread_ts: str) -> list[Message]:
        """The replies of a thread without its parent, oldest first."""
        return [
            message
            for message in self.messages(channel_id)
            if message.thread_ts == thread_ts and message.ts != thread_ts
        ]

    def from_bot(self, channel_id: str) -> list[Message]:
        """What the app has posted in a channel, oldest first."""
        return [message for message in self.messages(channel_id) if message.is_from_bot]

    def ephemerals(self, user_id: str | None = None) -> list[Message]:
        """Ephemeral messages that this person (None: anybody) still sees, oldest first."""
        with self._condition:
            found = [m for m in self._ephemerals.values() if user_id in (None, m.visible_to)]
        return sorted(found, key=lambda message: message.ts)

    def seen_by(self, user_id: str, channel_id: str) -> list[Message]:
        """A channel as one person sees it: all messages and their own ephemeral ones.

        Raises:
            RefusedError: `channel_not_found`, also where the person is no member.
        """
        if user_id not in self.channel(channel_id).members:
            raise RefusedError("channel_not_found")
        own = [m for m in self.ephemerals(user_id) if m.channel == channel_id]
        return sorted([*self.messages(channel_id), *own], key=lambda message: message.ts)

    # Triggers and views

    def new_trigger(self, user_id: str) -> str:
        """A trigger id for something this person just did."""
        trigger_id = f"{self.ids.new('')}.{self.ids.new('')}"
        with self.changing():
            self.triggers[trigger_id] = Trigger(user_id, self.clock())
        return trigger_id

    def use_trigger(self, trigger_id: str) -> str:
        """Exchange a trigger id for the user it belongs to.

        Raises:
            RefusedError: `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        with self.changing():
            trigger = self.triggers.get(trigger_id)
            if trigger is None:
                raise RefusedError("invalid_trigger_id")
            if trigger.is_used:
                raise RefusedError("exchanged_trigger_id")
            if self.clock() - trigger.issued_at > TRIGGER_LIFETIME_S:
                raise RefusedError("expired_trigger_id")
            trigger.is_used = True
        return trigger.user

    def open_view(self, user_id: str) -> View | None:
        """The modal this person has in front of them."""
        stack = self._modals.get(user_id)
        return stack[-1] if stack else None

    def home(self, user_id: str) -> View | None:
        """The Home tab published for this person."""
        return self._homes.get(user_id)

    def view(self, view_id: str) -> View | None:
        """An open modal or published Home tab by its id."""
        return next((view for view in self._all_views() if view.id == view_id), None)

    def view_with_external_id(self, external_id: str) -> View | None:
        """An open view by the id that the app gave it."""
        return next(
            (v for v in self._all_views() if v.content.get("external_id") == external_id), None
        )

    def _all_views(self) -> Iterable[View]:
        for stack in self._modals.values():
            yield from stack
        yield from self._homes.values()

    def show_modal(self, user_id: str, content: dict[str, Any], *, on_top: bool) -> View:
        """Open a modal: alone, or on top of the one that is open.

        Raises:
            RefusedError: `push_limit_reached` beyond three.
        """
        stack = self._modals.get(user_id, []) if on_top else []
        if len(stack) >= MODAL_STACK_LIMIT:
            raise RefusedError("push_limit_reached")
        view_id = self.ids.new("V")
        view = View(
            id=view_id,
            content=content,
            user=user_id,
            hash=self._new_hash(),
            root_view_id=stack[0].id if stack else view_id,
            previous_view_id=stack[-1].id if stack else None,
        )
        with self.changing():
            self._modals[user_id] = [*stack, view]
        return view

    def publish_home(self, user_id: str, content: dict[str, Any]) -> View:
        """Show a Home tab to this person."""
        old = self._homes.get(user_id)
        view_id = old.id if old else self.ids.new("V")
        view = View(view_id, content, user_id, self._new_hash(), root_view_id=view_id)
        with self.changing():
            self._homes[user_id] = view
        return view

    def replace_view(self, view: View, content: dict[str, Any]) -> None:
        """Give an open view new content and a new hash."""
        with self.changing():
            view.content = content
            view.hash = self._new_hash()
            view.errors, view.notice = {}, ""

    def pop_modal(self, user_id: str) -> None:
        """Close the modal in front; the one beneath shows again."""
        with self.changing():
            self._modals[user_id] = self._modals.get(user_id, [])[:-1]

    def clear_modals(self, user_id: str) -> None:
        """Close all modals of a person."""
        with self.changing():
            self._modals.pop(user_id, None)

    def _new_hash(self) -> str:
        return f"{int(self.clock())}.{self.ids.new('')}"
