"""An outsider's way through the real trained assistant and the gateway's exit, in this process.

The model, the dialogue, the answer book, the actions and the channel are the product's own;
only HTTP between them is left out.
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from actions.resources import Resources, give
from bot.channels.gateway import TurnRequest
from bot.channels.tracker_store import WindowedTrackerStore
from bot.channels.turns import TurnRunner, UnknownChoiceError
from bot.db.models import Choice, Conversation, InboxRow, Person
from bot.db.session import Database
from bot.desk.routing_file import load_routing
from bot.faq.live import LiveBook
from bot.faq.next_questions import NextQuestions
from bot.faq.nlg import AnswerBookGenerator
from bot.gateway.replies import Replies
from bot.gateway.wording import load_wording
from bot.privacy.audience import may_see, narrowest
from bot.privacy.trackers import forget_conversations
from bot.settings import Settings

from ..records import RHYTHM
from .canary import canaried_book


class ActionsInProcess(EndpointConfig):
    """The action server, without HTTP."""

    def __init__(self) -> None:
        super().__init__(url="http://actions.invalid/webhook")
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        # As over HTTP, nothing is shared with the caller.
        return json.loads(json.dumps(await self._executor.run(kwargs["json"])))


class House:
    """The assistant with its database, and the exit through which replies leave."""

    def __init__(self, settings: Settings, model: Path) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self.book = canaried_book()
        self.database = Database(settings.database_url)
        routing = load_routing(settings.data_dir / "routing.yml", settings.hr_channels)
        give(Resources(self.database, routing, LiveBook(self.book, self.database)))
        self.trackers = WindowedTrackerStore(self.database)
        self._agent = Agent(
            generator=AnswerBookGenerator(settings=settings),
            action_endpoint=ActionsInProcess(),
        )
        self._agent.load_model(model)
        self._runner = TurnRunner(self.database, self.trackers)
        self._actions = ActionsInProcess()
        wording = load_wording(settings.data_dir)
        self.replies = Replies(self.book, wording, NextQuestions(_now), RHYTHM)

    def visitor(self, audience: str = "candidate", kind: str = "web") -> Visitor:
        """Let somebody begin a conversation."""
        name = uuid4().hex
        with self.database.write() as session:
            session.add(
                Person(id=f"p:{name}", address_hash=name, address_sealed="", created_at=_now())
            )
            session.flush()
            session.add(
                Conversation(
                    id=f"{kind}:{name}", person_id=f"p:{name}", audience=audience,
                    address_hash=name, address_sealed="", created_at=_now(),
                )
            )  # fmt: skip
        return Visitor(self, f"{kind}:{name}", f"p:{name}")

    def turn(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """Run one turn as the channel does; None if it refuses the choice."""
        try:
            reply = self._loop.run_until_complete(
                self._runner.run(self._agent, TurnRequest(**body))
            )
        except UnknownChoiceError:
            return None
        assert reply is not None, "nobody is left in silence"
        return reply

    def act(self, action: str, tracker: dict[str, Any]) -> list[dict[str, Any]]:
        """Run one action on a tracker as Rasa sends it; return what it says."""
        call = {"next_action": action, "sender_id": tracker["sender_id"], "tracker": tracker}
        asked = self._actions.request(json={**call, "domain": {}, "version": "3.6.21"})
        return self._loop.run_until_complete(asked)["responses"]

    def close(self) -> None:
        """Let go of the database and the loop."""
        self.database.dispose()
        self._loop.close()
        asyncio.set_event_loop(None)

    def leaves(self, conversation_id: str, turn_id: str, reply: dict[str, Any]) -> Any:
        """Return what leaves for the person as the gateway decides it: a payload, or None."""
        with self.database.write() as session:
            conversation = session.get(Conversation, conversation_id)
            audience = narrowest(
                (m.get("metadata") or {}).get("audience") for m in reply["messages"]
            )
            if audience is None or not may_see(conversation.audience, audience):
                return None
            row = InboxRow(turn_id=turn_id)
            return self.replies.payload(session, row, conversation, reply, _now())


class Visitor:
    """Somebody in one conversation; the audience may change from turn to turn, as in Slack."""

    def __init__(self, house: House, conversation: str, person: str) -> None:
        self._house = house
        self.conversation, self._person = conversation, person
        self.choices: list[str] = []
        self.titles: list[str] = []

    def says(self, audience: str = "candidate", **said: Any) -> tuple[Any, Any]:
        """Say something or choose; return what the assistant said and what leaves."""
        with self._house.database.write() as session:
            session.get(Conversation, self.conversation).audience = audience
        body = {
            "turn_id": f"turn:{uuid4().hex}",
            "conversation": self.conversation,
            "audience": audience,
            "person": self._person,
            "is_outside": audience == "candidate" and self.conversation.startswith("slack:"),
            **said,
        }
        reply = self._house.turn(body)
        if reply is None:
            return None, None
        payload = self._house.leaves(self.conversation, body["turn_id"], reply)
        buttons = [b for m in (payload or {}).get("messages", []) for b in m["buttons"]]
        buttons += (payload or {}).get("related", [])
        self.choices += [button["choice"] for button in buttons]
        self.titles += [button["title"] for button in buttons]
        return reply["messages"], payload

    def is_given(self, meaning: dict[str, Any], title: str) -> str:
        """Give them a button that means something; return its id."""
        choice = Choice(
            id=f"choice:{uuid4().hex}",
            conversation_id=self.conversation,
            title=title,
            meaning=meaning,
            created_at=_now(),
        )
        with self._house.database.write() as session:
            session.add(choice)
        return choice.id

    def leaves_for_good(self) -> None:
        """Let the tracker forget the conversation, or thousands would fill the memory."""
        with self._house.database.write() as session:
            forget_conversations(session, [self.conversation])


def _now() -> datetime:
    return datetime.now(timezone.utc)
