"""Campaigns over real signed requests: made, looked at, released, told, answered, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.db.models import Choice, OutboxRow, Person
from bot.db.session import Database
from bot.db.telling import Campaign, Telling, TellingPreference
from bot.gateway.addresses import AddressBook
from bot.gateway.slack.client import Slack, web_client
from bot.gateway.slack.roster import Roster
from bot.gateway.wording import load_wording
from bot.prepare import SANDBOX_EMPLOYEES
from bot.privacy.sealing import Seal
from bot.programs.catalogue import import_programs
from bot.programs.employees import import_employees
from bot.sandbox.model import Message
from bot.sandbox.seed import CASEY, DANA, HR_CHANNEL, ROBIN, SAM
from bot.settings import ROOT
from bot.telling import campaigns
from bot.telling.campaign_file import read_campaigns
from bot.telling.gentle import Limits
from bot.telling.rounds import carry_out, plan

from .desk_loop import BOT_TOKEN, DeskLoop, desk_loop, shown

# A Tuesday, 9 in the morning in Iowa.
MORNING = datetime(2026, 12, 1, 15, 0, tzinfo=timezone.utc)
KEY = Fernet.generate_key().decode()
FILE = read_campaigns(ROOT / "data", (19 * 60, 8 * 60))
LIMITS = FILE.limits
FIELDS = {
    "campaign_title": "Money for staying well",
    "campaign_program": "wellness-reimbursement",
    "campaign_text": "It is yours from the *first* day.",
    "campaign_start": "2026-12-01",
}


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    folder = tmp_path_factory.mktemp("telling")
    with desk_loop(folder, clock=lambda: MORNING, ENCRYPTION_KEY=KEY, TELLING="off") as running:
        with running.database.write() as session:
            import_programs(session, ROOT / "data" / "programs.yml")
            import_employees(session, SANDBOX_EMPLOYEES, Seal(KEY), MORNING)
        seal = Seal(KEY)
        web = web_client(BOT_TOKEN, running.slack.api_url)
        slack = Slack(web, load_wording(ROOT / "data"))
        asyncio.run(
            Roster(running.database, slack, AddressBook(seal), seal, lambda: MORNING).check()
        )
        yield running


@pytest.fixture
def loop(_running: DeskLoop) -> DeskLoop:
    """Give the running gateway, in which nobody has been told anything."""
    with _running.database.write() as session:
        for model in (OutboxRow, Telling, TellingPreference, Campaign):
            session.query(model).delete()
    for user in (ROBIN, CASEY, SAM, DANA):
        _running.slack.workspace.clear_modals(user)
    return _running


def tick(loop: DeskLoop) -> int:
    """Tell whoever is due, and let it be delivered."""
    told = one_round(loop)
    loop.idle()
    return told


def one_round(loop: DeskLoop, limits: Limits = LIMITS) -> int:
    """Do what the schedule does every minute."""
    with loop.database.read() as session:
        todo = plan(session, limits, (), MORNING)
    with loop.database.write() as session:
        return carry_out(session, todo, limits, MORNING)


def tellings(database: Database) -> list[Telling]:
    with database.read() as session:
        return list(session.scalars(select(Telling).order_by(Telling.id)))


def campaign(loop: DeskLoop) -> Campaign:
    with loop.database.read() as session:
        return session.scalar(select(Campaign).order_by(Campaign.created_at.desc()))


def made(loop: DeskLoop, **fields: object) -> str:
    """Let Sam make a campaign up to its dry run; return what that shows."""
    loop.slack.command("/hr-campaign", user=SAM)
    loop.whispered("New campaign")
    loop.slack.click("New campaign", user=SAM)
    assert loop.slack.submit({**FIELDS, **fields}, user=SAM).errors == {}
    return form(loop)


def form(loop: DeskLoop, user: str = SAM) -> str:
    view = loop.slack.open_view(user=user)
    return str(view.content) if view else ""


def robins(loop: DeskLoop, **fields: object) -> Message:
    """Let a campaign be made, started and told; return what Robin got."""
    made(loop, **fields)
    assert loop.slack.submit({}, user=SAM).errors == {}
    tick(loop)
    return loop.told("Money for staying well")


def tapped(loop: DeskLoop, message: Message, what: str) -> str:
    """Let Robin tap; return what the message shows then."""
    loop.do(message, what, user=ROBIN)
    return shown(loop.now(message))


def held_up(loop: DeskLoop) -> int:
    """Return how many messages Slack has put off."""
    with loop.database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "telling"))
        return sum(row.last_error == "ratelimited" and row.claimed_by is None for row in rows)


def home_shows(loop: DeskLoop, part: str) -> None:
    loop.slack.wait_for(lambda workspace: part in str(workspace.home(ROBIN)) or None)


def test_the_list_of_members_tells_clocks_and_keeps_nobody_else(loop: DeskLoop) -> None:
    with loop.database.read() as session:
        people = list(session.scalars(select(Person)))
    assert len(people) == 4
    assert {person.time_zone for person in people} == {"America/Chicago"}


def test_only_hr_gets_to_campaigns(loop: DeskLoop) -> None:
    loop.slack.command("/hr-campaign", user=ROBIN)
    loop.whispered("people of this queue", user=ROBIN)


def test_from_the_form_over_the_dry_run_to_the_people(loop: DeskLoop) -> None:
    dry_run = made(loop)
    # Robin, Dana and Sam; Casey is per diem.
    assert "3 people get this" in dry_run
    assert "It isn't for them: 1" in dry_run
    assert "Start it" in dry_run
    assert campaign(loop).status == "draft"
    assert tick(loop) == 0
    assert loop.slack.submit({}, user=SAM).errors == {}
    assert "It runs." in form(loop)
    assert tick(loop) == 3
    for user in (ROBIN, SAM, DANA):
        assert "yours from the *first* day" in shown(loop.told("staying well", user=user))
    assert [one.status for one in tellings(loop.database)] == ["told"] * 3
    assert tick(loop) == 0


def test_what_is_impossible_is_said_in_the_form(loop: DeskLoop) -> None:
    loop.slack.command("/hr-campaign", user=SAM)
    loop.slack.click("New campaign", user=SAM)
    wrong = {**FIELDS, "campaign_end": "2026-11-30"}
    assert "last day" in loop.slack.submit(wrong, user=SAM).errors["campaign_title"]
    empty = {**FIELDS, "campaign_program": "none", "campaign_text": ""}
    assert "write a message" in loop.slack.submit(empty, user=SAM).errors["campaign_title"]


def test_a_test_goes_to_oneself_alone_and_keeps_nothing(loop: DeskLoop) -> None:
    made(loop)
    loop.slack.click("Send me a test", user=SAM)
    loop.idle()
    message = loop.told("Money for staying well", user=SAM)
    assert "A test is on its way" in form(loop)
    assert tellings(loop.database) == []
    loop.do(message, "Not for me")
    loop.whispered("test message")
    assert tellings(loop.database) == []


def test_what_waits_is_released_by_somebody_else(loop: DeskLoop) -> None:
    made(loop)
    with loop.database.write() as session:
        strict = replace(LIMITS, second_person_above=2)
        campaigns.submit(session, session.scalar(select(Campaign)), 3, strict, MORNING)
    loop.slack.command("/hr-campaign", user=SAM)
    loop.slack.click("Release", user=SAM)
    loop.whispered("somebody else of HR has to release")
    assert tick(loop) == 0
    loop.slack.command("/hr-campaign", user=DANA)
    loop.slack.click("Release", user=DANA)
    loop.slack.wait_for(lambda _: campaign(loop).status == "running" or None)
    assert tick(loop) == 3


def test_what_somebody_says_is_kept_and_shown(loop: DeskLoop) -> None:
    message = robins(loop)
    assert "Did you know about this before" in shown(message)
    assert "This was new to you" in tapped(loop, message, "No, it's new to me")
    tapped(loop, message, "Apply")
    assert "I'll come back to this on December 8, 2026" in tapped(loop, message, "Remind me later")
    told = next(one for one in tellings(loop.database) if one.knew_before is not None)
    assert told.knew_before is False
    assert told.clicked_at is not None
    assert (told.response, str(told.again_on)) == ("later", "2026-12-08")


def test_tell_me_more_opens_the_program_in_the_chat(loop: DeskLoop) -> None:
    message = robins(loop)
    loop.assistant.received.clear()
    loop.do(message, "Tell me more", user=ROBIN)
    loop.told("Half of it.")
    (asked,) = loop.assistant.received
    with loop.database.read() as session:
        meaning = session.get(Choice, asked["choice"]).meaning
    assert meaning["intent"] == "program_details"
    assert meaning["entities"] == {"program": "wellness-reimbursement"}


def test_stop_is_shown_on_the_home_tab_and_can_be_taken_back(loop: DeskLoop) -> None:
    message = robins(loop)
    assert "won't write to you unasked" in tapped(loop, message, "No more messages like this")
    loop.slack.open_home(user=ROBIN)
    home_shows(loop, "I don't write to you unasked")
    loop.slack.click("Tell me again", user=ROBIN)
    home_shows(loop, "Nothing, please")


def test_the_file_asks_for_a_second_person_in_hrs_channel(loop: DeskLoop) -> None:
    strict = replace(LIMITS, second_person_above=2)
    with loop.database.write() as session:
        campaigns.bring_in(session, FILE.campaigns[-1:], MORNING)
    assert one_round(loop, strict) == 1
    loop.idle()
    card = loop.slack.wait_for_message("would tell 4 people", channel=HR_CHANNEL, user=SAM)
    loop.do(card, "Release", user=SAM)
    loop.slack.wait_for(lambda _: "running" in shown(loop.now(card)) or None)
    assert campaign(loop).status == "running"


def test_pausing_and_stopping_reach_what_waits(loop: DeskLoop) -> None:
    made(loop)
    loop.slack.submit({}, user=SAM)
    loop.slack.workspace.clear_modals(SAM)
    loop.slack.faults.rate_limit("chat.postMessage", times=3, retry_after=60)
    assert one_round(loop) == 3
    loop.slack.wait_for(lambda _: held_up(loop) == 3 or None)
    loop.slack.command("/hr-campaign", user=SAM)
    loop.slack.click("Stop for good", user=SAM)
    loop.slack.wait_for(lambda _: campaign(loop).status == "stopped" or None)
    assert [one.status for one in tellings(loop.database)] == ["withdrawn"] * 3
    loop.slack.faults.clear()
