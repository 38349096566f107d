"""The real action server as a process of its own, on a database of its own, and who calls it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bot.db.migrate import upgrade
from bot.db.models import Conversation
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.nlu.parse_data import parse_data_for
from bot.privacy.sealing import Seal
from bot.programs.catalogue import import_programs
from bot.programs.employees import import_employees
from bot.settings import ROOT, Settings, load_settings

CATALOGUE = """
- id: tuition
  name: Tuition assistance
  aliases: [money for school]
  keywords: [pay for my rn, degree]
  topic: development/tuition_assistance
  category: education
  audience: employee
  summary: Pays for a degree.
  gives: {amount: 5250, unit: USD, period: calendar year}
  eligibility: {employment_types: [full_time, part_time], min_fte: 0.5, min_tenure_months: 6}
  dates:
  - {name: Spring 2090, opens: 2020-01-01, closes: 2090-01-15}
  how_to_apply: Apply in MyCedar.
  owner: Learning
- id: loans
  name: Student loan repayment
  keywords: [debt, pay for my rn]
  category: pay
  audience: employee
  summary: Pays part of a student loan.
  gives: {amount: 3000, unit: USD, period: calendar year}
  eligibility: {min_tenure_months: 12}
  dates:
  - {name: Payments 2090, closes: 2090-02-15}
  how_to_apply: Apply in MyCedar.
  owner: Total rewards
- id: residency
  name: Nurse Residency Program
  keywords: [new grad]
  category: start
  audience: both
  summary: A year for new nurses.
  gives: {text: Twelve paid months}
  dates:
  - {name: July cohort, closes: 2090-03-01}
  how_to_apply: Apply on the careers page.
  owner: Talent acquisition
"""


NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
TEAM = "T0CEDAR0001"
PEOPLE = """slack_user,employment_type,fte,hire_date,job_family
U0OLDHAND1,full_time,1.0,2001-05-01,nursing
U0NEWHERE1,full_time,1.0,2089-05-01,nursing
U0PERDIEM1,per_diem,0.1,2001-05-01,nursing
U0PARTLY01,full_time,,2001-05-01,
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class ActionServer:
    """The running server: its settings, its database, and a client that knows its token."""

    settings: Settings
    database: Database
    client: httpx.Client

    def new_conversation(self, audience: str = "employee", place: str = "test") -> str:
        identifier = f"{place}:{uuid4().hex}"
        row = Conversation(
            id=identifier,
            audience=audience,
            address_hash=uuid4().hex,
            address_sealed="sealed",
            created_at=NOW,
        )
        with self.database.write() as session:
            session.add(row)
        return identifier


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    folder = tmp_path_factory.mktemp("actions")
    settings = load_settings(
        {
            "HRBOT_VAR_DIR": str(folder),
            "ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
            "INTERNAL_TOKEN": "the-first-token-of-two,the-second-token-of-two",
        },
        folder / "none.env",
    )
    database = Database(settings.database_url)
    upgrade(database)
    catalogue = folder / "programs.yml"
    catalogue.write_text(CATALOGUE)
    with database.write() as session:
        import_programs(session, catalogue)
    environment = {**os.environ, **settings.environment()}
    process = subprocess.Popen([sys.executable, "-m", "actions"], cwd=ROOT, env=environment)
    # Retries wait until the server listens.
    transport = httpx.HTTPTransport(retries=8)
    token = {"Authorization": f"Bearer {settings.internal_token}"}
    with httpx.Client(base_url=settings.actions_url, headers=token, transport=transport) as client:
        client.get("/health").raise_for_status()
        yield ActionServer(settings, database, client)
    process.terminate()
    process.wait(timeout=20)
    database.dispose()


@dataclass
class Talk:
    """One conversation as Rasa would carry it to the action server."""

    server: ActionServer
    conversation: str
    audience: str = "employee"
    place: str = "private"
    is_outside: bool = False
    person: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def say(self, text: str, label: str, *, choice: bool = False, **decision: Any) -> None:
        """Let the person say something that is understood as `label`."""
        parsed = parse_data_for(label, text=text)
        parsed["decision"] = {**parsed["decision"], **decision}
        if decision.get("candidates"):
            parsed["intent"] = {"name": label, "confidence": 0.5}
        self._add(text, parsed, choice)

    def press(self, title: str) -> None:
        """Let the person press a button of the last answer."""
        button = next(b for b in self.answers[-1]["buttons"] if b["title"] == title)
        meaning = json.loads(button["payload"])
        parsed = parse_data_for(meaning["intent"], text=title)
        parsed["entities"] = [
            {"entity": name, "value": value} for name, value in meaning.get("entities", {}).items()
        ]
        self._add(title, parsed, choice=True)

    def pick(self, day: str) -> None:
        """Let the person pick a day where the last answer asks for one."""
        asked = self.answers[-1]["custom"]["date"]
        meaning = json.loads(asked["payload"])
        parsed = parse_data_for(meaning["intent"], text=asked["label"])
        entities = {**meaning["entities"], meaning["date"]: day}
        parsed["entities"] = [{"entity": name, "value": value} for name, value in entities.items()]
        self._add(asked["label"], parsed, choice=True)

    def _add(self, text: str, parsed: dict[str, Any], choice: bool) -> None:
        metadata = {"audience": self.audience, "place": self.place, "choice": choice}
        metadata["person"] = self.person
        metadata["is_outside"] = self.is_outside
        turn_id = f"turn-{uuid4().hex[:8]}"
        parsed = {**parsed, "message_id": turn_id, "metadata": metadata}
        self.events.append(
            {
                "event": "user",
                "text": text,
                "parse_data": parsed,
                "message_id": turn_id,
                "metadata": metadata,
            }
        )

    def call(self, action: str) -> httpx.Response:
        """Run an action as Rasa does, and keep what it says and sets."""
        latest = self.events[-1]["parse_data"]
        response = self.server.client.post(
            "/webhook",
            json={
                "next_action": action,
                "sender_id": self.conversation,
                "tracker": {
                    "sender_id": self.conversation,
                    "slots": self.slots,
                    "latest_message": latest,
                    "events": self.events,
                    "active_loop": {},
                },
                "domain": {},
                "version": "3.6.21",
            },
        )
        response.raise_for_status()
        result = response.json()
        self.answers += result["responses"]
        self.slots |= {e["name"]: e["value"] for e in result["events"] if e["event"] == "slot"}
        return response

    def hear(self) -> None:
        """Put what was said last into the conversation, as Rasa does."""
        said = self.answers[-1]
        event = {
            "event": "bot",
            "text": said["response"],
            "data": {"buttons": said["buttons"], "custom": said["custom"]},
            "metadata": {"utter_action": said["response"], "metadata": said.get("metadata") or {}},
        }
        self.events.append(event)

    @property
    def answer(self) -> dict[str, Any]:
        return self.answers[-1]

    @property
    def titles(self) -> list[str]:
        return [button["title"] for button in self.answer["buttons"]]


@pytest.fixture
def talk(server: ActionServer) -> Talk:
    return Talk(server, server.new_conversation())


@pytest.fixture
def candidate_talk(server: ActionServer) -> Talk:
    return Talk(server, server.new_conversation("candidate"), audience="candidate")


@pytest.fixture
def web_talk(server: ActionServer) -> Talk:
    """Give a conversation on the careers page."""
    return Talk(server, server.new_conversation("candidate", "web"), audience="candidate")


@pytest.fixture
def known_as(server, tmp_path: Path):
    """Make the person who talks one of PEOPLE."""
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    seal = Seal(server.settings.encryption_key)
    with server.database.write() as session:
        import_employees(session, path, seal, NOW, TEAM)

    def become(talk, user: str) -> None:
        with server.database.write() as session:
            talk.person = AddressBook(seal).person(session, TEAM, user, NOW).id

    return become
