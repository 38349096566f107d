"""A real gateway whose routing names an archived, an unknown and a public channel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import httpx
import pytest
from sqlalchemy import select

from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.desk import cases
from bot.desk.routing_file import load_routing
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.prepare import prepare_database
from bot.privacy.sealing import Seal
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import ARCHIVED, DANA, GENERAL, HR_CHANNEL, HR_SENSITIVE_CHANNEL, ROBIN
from bot.settings import ROOT, Settings, load_settings
from tests.e2e.stack import free_port

START_SECONDS = 30
ROUTING = f"""
queues:
  relations:
    title: Relations
    channel: {ARCHIVED}
    restricted: true
    categories: [relations]
    on_call: [dana.wu@cedarvalley.example]
  injuries:
    channel: {GENERAL}
    restricted: true
    topics: [leave/fmla]
  pay:
    title: Pay
    channel: {ARCHIVED}
    categories: [pay]
  benefits:
    title: Benefits
    channel: C0NOSUCH001
    categories: [benefits]
  default:
    channel: default
"""


class Gateway:
    """A gateway process alone, with the local Slack in this process."""

    def __init__(self, settings: Settings, slack: SandboxServer) -> None:
        self.settings, self.slack = settings, slack
        self.database = Database(settings.database_url)
        self._book = AddressBook(Seal(settings.encryption_key))
        self._routing = load_routing(settings.data_dir / "routing.yml", settings.hr_channels)

    def ready(self) -> dict[str, list[str]]:
        try:
            url = f"http://127.0.0.1:{self.settings.gateway_port}/readyz"
            return httpx.get(url, timeout=5).json()
        except httpx.HTTPError:
            return {}

    def open_case(self, topic: str, question: str) -> int:
        now = datetime.now(timezone.utc)
        channel = self.slack.workspace.dm(ROBIN).id
        address = SlackAddress(self.slack.workspace.team_id, ROBIN, channel, "", direct=True)
        with self.database.write() as session:
            return cases.open_case(
                session,
                turn_id=f"turn:{topic}",
                conversation_id=self._book.conversation(session, address, now).id,
                question=question,
                topic=topic,
                routing=self._routing,
                now=now,
            ).id

    def card_row(self, case: int) -> OutboxRow:
        wanted = select(OutboxRow).where(OutboxRow.kind == "case_card", OutboxRow.case_id == case)
        with self.database.read() as session:
            return session.scalars(wanted).one()


def wait_for(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "data" / "routing.yml").write_text(ROUTING, encoding="utf-8")
    with SandboxServer(signing_secret="s" * 32, bot_token="xoxb-of-the-test") as slack:
        environment = {
            "PATH": os.environ["PATH"],
            "HRBOT_VAR_DIR": str(folder / "var"),
            "HRBOT_DATA_DIR": str(folder / "data"),
            "SLACK_BOT_TOKEN": "xoxb-of-the-test",
            "SLACK_SIGNING_SECRET": "s" * 32,
            "SLACK_API_URL": slack.api_url,
            "SLACK_HR_CHANNEL": HR_CHANNEL,
            "SLACK_HR_SENSITIVE_CHANNEL": HR_SENSITIVE_CHANNEL,
            "GATEWAY_PORT": str(free_port()),
            "ASSISTANT_URL": f"http://127.0.0.1:{free_port()}",
        }
        settings = load_settings(environment, folder / "none.env")
        prepare_database(settings)
        with open(folder / "gateway.log", "wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "bot", "gateway"],
                env={**environment, **settings.environment()},
                stdout=log,
                stderr=log,
            )
        running = Gateway(settings, slack)
        try:
            wait_for(lambda: running.ready().get("warnings"))
            yield running
        finally:
            child.terminate()
            child.wait(30)
        assert b"Traceback" not in (folder / "gateway.log").read_bytes()


def test_wrong_channels_are_warned_of_at_start_and_keep_nobody_from_being_ready(
    gateway: Gateway,
) -> None:
    said = gateway.ready()
    assert len([warning for warning in said["warnings"] if "queue" in warning]) == 4
    for name, why in {
        "relations": "archived",
        "injuries": "others can read it",
        "pay": "archived",
        "benefits": "Slack doesn't know it",
    }.items():
        assert [w for w in said["warnings"] if f"“{name}”" in w and why in w], name
    assert said["missing"] == ["the assistant does not answer"]


@pytest.mark.parametrize(
    ("topic", "queue", "channel"),
    [("pay/payday", "Pay", ARCHIVED), ("benefits/dental", "Benefits", "C0NOSUCH001")],
)
def test_a_card_comes_to_the_default_channel_and_says_which_one_failed(
    gateway: Gateway, topic: str, queue: str, channel: str
) -> None:
    gateway.open_case(topic, f"A question on {topic}?")
    card = gateway.slack.wait_for_message(f"A question on {topic}", channel=HR_CHANNEL, user=DANA)
    assert channel in card.text
    assert f"“{queue}”" in card.text


@pytest.mark.parametrize("topic", ["relations/harassment", "leave/fmla"])
def test_a_sensitive_card_waits_and_is_in_no_channel(gateway: Gateway, topic: str) -> None:
    secret = f"Something about {topic} that few may read."
    case = gateway.open_case(topic, secret)
    wait_for(lambda: gateway.card_row(case).last_error)
    row = gateway.card_row(case)
    assert row.status == "pending"
    assert row.due_at > datetime.now(timezone.utc)
    everything = [
        f"{message.text} {message.blocks}"
        for channel in gateway.slack.workspace.channels
        for message in gateway.slack.workspace.from_bot(channel)
    ]
    assert not [text for text in everything if "few may read" in text]


def test_who_is_on_call_hears_that_something_waits(gateway: Gateway) -> None:
    gateway.open_case("relations/union", "Only few may read this either.")
    gateway.slack.wait_for_message("can't post questions for “Relations”", user=DANA)
