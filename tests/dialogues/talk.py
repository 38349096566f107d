"""Plays one dialogue against the running assistant, with buttons as the gateway issues them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, Employee, Person
from bot.db.session import Database
from bot.desk import cases, work
from bot.desk.cases import Actor, cases_of_person
from bot.gateway.assistant_client import AssistantClient
from bot.settings import Settings
from tests.dialogues.dialogue import Dialogue, TurnLine

HR_PERSON = "p:hr-of-the-dialogues"


@dataclass
class Outcome:
    """What came of a dialogue: replies by turn, what Rasa did, the questions that HR has."""

    replies: list[dict[str, Any]] = field(default_factory=list)
    responses: list[list[str]] = field(default_factory=list)
    """By turn, the names of the responses that were said."""
    steps: list[tuple[str, list[str]]] = field(default_factory=list)
    """By turn, the intent and the actions that Rasa ran."""
    cases: list[str] = field(default_factory=list)


class Talk:
    """One conversation with the assistant."""

    def __init__(self, settings: Settings, client: AssistantClient, dialogue: Dialogue) -> None:
        self._database = Database(settings.database_url)
        self._client = client
        self._dialogue = dialogue
        self._conversation = f"test:{uuid4().hex}"
        self._person = f"p:{uuid4().hex[:12]}"
        self._buttons: dict[str, str] = {}
        self._older_buttons: dict[str, str] = {}
        self._day: str | None = None
        self._read_events = 0

    async def play(self) -> Outcome:
        """Play all turns."""
        self._enter()
        outcome = Outcome()
        for turn in self._dialogue.turns:
            reply = await self._play(turn)
            responses, step = self._what_happened()
            outcome.replies.append(reply)
            outcome.responses.append(responses)
            outcome.steps.append(step)
        with self._database.read() as session:
            mine = cases_of_person(session, self._conversation)
            kept = [case for case in mine if case.feedback != cases.WITHDRAWN]
            outcome.cases = [case.question for case in reversed(kept)]
        self._database.dispose()
        return outcome

    async def _play(self, turn: TurnLine) -> dict[str, Any]:
        if turn.hr_answers is not None:
            return await self._let_hr_answer(turn.hr_answers)
        body = {
            "turn_id": f"turn:{uuid4().hex}",
            "conversation": self._conversation,
            "audience": self._dialogue.audience,
            "person": self._person,
            "place": self._dialogue.place,
        }
        if turn.choose is not None:
            if turn.choose not in self._buttons:
                raise AssertionError(f"no button {turn.choose!r} among {sorted(self._buttons)}")
            body["choice"] = self._buttons[turn.choose]
        elif turn.scroll_to is not None:
            body["choice"] = self._older_buttons[turn.scroll_to]
        elif turn.pick is not None:
            if self._day is None:
                raise AssertionError("no day was asked for")
            body |= {"choice": self._day, "date": turn.pick}
        else:
            body["text"] = turn.say
        reply = await self._client.turn(body)
        self._issue_choices(reply)
        return reply

    async def _let_hr_answer(self, answer: str) -> dict[str, Any]:
        now = datetime.now(timezone.utc)
        with self._database.write() as session:
            case = cases_of_person(session, self._conversation)[0]
            work.answer(session, case.id, Actor("hr", HR_PERSON), answer, now)
            about = {"audience": case.audience, "case": case.reference}
        event = {"event": "bot", "text": answer, "metadata": about}
        await self._client.append_events(
            {
                "delivery_key": uuid4().hex,
                "conversation": self._conversation,
                "events": [event],
            }
        )
        return {"messages": [], "decision": None, "topic": None}

    def _enter(self) -> None:
        now = datetime.now(timezone.utc)
        digest = uuid4().hex
        with self._database.write() as session:
            for identifier, address in ((self._person, digest), (HR_PERSON, "hr")):
                if session.get(Person, identifier) is None:
                    person = Person(
                        id=identifier, address_hash=address, address_sealed="", created_at=now
                    )
                    session.add(person)
            session.flush()
            session.add(
                Conversation(
                    id=self._conversation,
                    audience=self._dialogue.audience,
                    address_hash=uuid4().hex,
                    address_sealed="",
                    person_id=self._person,
                    created_at=now,
                )
            )
            if self._dialogue.employee is not None:
                values = dict(self._dialogue.employee)
                if "hire_date" in values:
                    values["hire_date"] = date.fromisoformat(str(values["hire_date"]))
                session.add(
                    Employee(slack_hash=digest, address_sealed="", updated_at=now, **values)
                )

    def _issue_choices(self, reply: dict[str, Any]) -> None:
        self._older_buttons |= self._buttons
        self._buttons, self._day = {}, None
        with self._database.write() as session:
            for message in reply["messages"]:
                for button in message["buttons"]:
                    title = button["title"]
                    self._buttons[title] = self._issue(session, title, button["meaning"])
                if asked := message.get("date"):
                    self._day = self._issue(session, asked["label"], asked["meaning"])

    def _issue(self, session: Session, title: str, meaning: dict[str, Any]) -> str:
        identifier = f"choice:{uuid4().hex}"
        choice = Choice(
            id=identifier,
            conversation_id=self._conversation,
            title=title,
            meaning=meaning,
            created_at=datetime.now(timezone.utc),
        )
        session.add(choice)
        return identifier

    def _what_happened(self) -> tuple[list[str], tuple[str, list[str]]]:
        """Read from Rasa's tracker store what the last turn did."""
        query = text(
            "SELECT id, type_name, data FROM events WHERE sender_id = :sender AND id > :after "
            "ORDER BY id"
        )
        with self._database.read() as session:
            found = {"sender": self._conversation, "after": self._read_events}
            rows = session.execute(query, found).all()
        events = [json.loads(row.data) for row in rows]
        self._read_events = rows[-1].id if rows else self._read_events
        responses = [
            (event.get("metadata") or {}).get("utter_action")
            for event in events
            if event["event"] == "bot"
        ]
        intents = [e["parse_data"]["intent"]["name"] for e in events if e["event"] == "user"]
        actions = [event["name"] for event in events if event["event"] == "action"]
        return [r for r in responses if r], (intents[-1] if intents else "", actions)
