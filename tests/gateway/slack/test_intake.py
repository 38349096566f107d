from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Case, Choice, InboxRow, OutboxRow
from bot.db.session import Database
from bot.desk.routing import Routing
from bot.gateway.addresses import AddressBook
from bot.gateway.slack.desk_intake import DeskIntake
from bot.gateway.slack.intake import Intake
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal

from ...records import Clock
from ..places import DIRECT, TEAM
from .conftest import ROUTING

ROBIN = DIRECT.user


class Woken:
    """Counts how often the workers were woken."""

    inbox = outbox = 0

    def wake_inbox(self) -> None:
        self.inbox += 1

    def wake_outbox(self) -> None:
        self.outbox += 1


def new_intake(
    database: Database, seal: Seal, wording: Wording, clock: Clock, woken: Woken
) -> Intake:
    shared = {
        "database": database,
        "seal": seal,
        "addresses": AddressBook(seal),
        "wording": wording,
        "clock": clock,
        "on_inbox": woken.wake_inbox,
        "on_outbox": woken.wake_outbox,
    }
    return Intake(desk=DeskIntake(routing=ROUTING, **shared), **shared)


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def intake(quick: Database, seal: Seal, wording: Wording, clock: Clock, woken: Woken) -> Intake:
    return new_intake(quick, seal, wording, clock, woken)


def rows(intake: Intake, model: type[Any]) -> list[Any]:
    with intake.database.read() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def notices(intake: Intake) -> list[str]:
    return [
        row.payload["messages"][0]["text"]
        for row in rows(intake, OutboxRow)
        if row.kind == "notice"
    ]


def offer(intake: Intake, meaning: dict[str, Any], choice_id: str = "choice:1") -> str:
    """Issue a button to Robin's conversation."""
    with intake.database.write() as session:
        conversation = intake.addresses.conversation(session, DIRECT, intake.clock())
        session.add(
            Choice(
                id=choice_id,
                conversation_id=conversation.id,
                title="Yes",
                meaning=meaning,
                created_at=intake.clock(),
            )
        )
    return choice_id


def test_a_message_that_slack_sends_again_counts_once(intake: Intake, woken: Woken) -> None:
    for _ in range(3):
        intake.message(DIRECT, "1790000000.000100", "when is payday")
    intake.message(DIRECT, "1790000000.000200", "when is payday")
    assert len(rows(intake, InboxRow)) == 2
    assert woken.inbox == 2


def test_a_mention_that_comes_as_two_events_counts_once(
    database: Database, seal: Seal, wording: Wording, clock: Clock, woken: Woken
) -> None:
    intake = new_intake(database, seal, wording, clock, woken)
    start = threading.Barrier(2)

    def together(_: int) -> None:
        start.wait(5)
        intake.message(DIRECT, "1790000000.000100", "when is payday")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(together, range(2)))
    assert len(rows(intake, InboxRow)) == 1
    assert woken.inbox == 1


def test_the_same_time_in_another_channel_is_another_message(intake: Intake) -> None:
    intake.message(DIRECT, "1790000000.000100", "a")
    intake.message(replace(DIRECT, channel="C2"), "1790000000.000100", "b")
    assert len(rows(intake, InboxRow)) == 2


def test_where_somebody_talks_with_us_is_known(intake: Intake) -> None:
    assert not intake.talks_here(DIRECT)
    intake.message(DIRECT, "1790000000.000100", "a")
    assert intake.talks_here(DIRECT)
    assert not intake.talks_here(replace(DIRECT, user="U2"))


def test_a_file_gets_one_reaction_however_often_slack_tells_of_it(
    intake: Intake, woken: Woken
) -> None:
    for _ in range(2):
        intake.notice(DIRECT, (DIRECT.channel, "1790000000.000100"), "file")
    (said,) = notices(intake)
    assert "can't open files" in said
    assert woken.outbox
    (row,) = rows(intake, OutboxRow)
    assert row.audience == "both"


# Choices


def test_a_click_is_taken_once(intake: Intake, woken: Woken) -> None:
    choice = offer(intake, {"intent": "affirm"})
    for _ in range(2):
        assert intake.choice(TEAM, ROBIN, (ROBIN, "trigger-1"), choice) is None
    (row,) = rows(intake, InboxRow)
    assert row.choice_id == choice
    assert woken.inbox == 1


@pytest.mark.parametrize(
    ("user", "choice_id"), [("U0SOMEBODY1", "choice:1"), (ROBIN, "choice:made-up"), (ROBIN, "")]
)
def test_a_button_that_isnt_theirs_does_nothing(intake: Intake, user: str, choice_id: str) -> None:
    offer(intake, {"intent": "affirm"})
    said = intake.choice(TEAM, user, (user, "trigger-1"), choice_id)
    assert said is not None
    assert "expired" in said
    assert rows(intake, InboxRow) == []


FIRST_DAY = {"intent": "am_i_eligible", "entities": {"fact": "hire_date"}, "date": "value"}


def test_a_picked_day_is_taken_with_its_choice(intake: Intake, woken: Woken) -> None:
    choice = offer(intake, FIRST_DAY)
    for _ in range(2):
        assert intake.choice(TEAM, ROBIN, (ROBIN, "trigger-1"), choice, "2024-03-15") is None
    (row,) = rows(intake, InboxRow)
    assert (row.choice_id, row.chosen_date) == (choice, date(2024, 3, 15))
    assert woken.inbox == 1


def test_today_may_be_picked_and_another_day_after_it(intake: Intake) -> None:
    choice = offer(intake, FIRST_DAY)
    assert intake.choice(TEAM, ROBIN, (ROBIN, "a"), choice, "2026-11-23") is None
    assert intake.choice(TEAM, ROBIN, (ROBIN, "b"), choice, "2026-11-22") is None
    assert [row.chosen_date.day for row in rows(intake, InboxRow)] == [23, 22]


@pytest.mark.parametrize("picked", ["2026-11-24", "0024-03-15", "2024-02-30", "yesterday", ""])
def test_a_day_that_cannot_be_is_not_taken(intake: Intake, picked: str) -> None:
    choice = offer(intake, FIRST_DAY)
    said = intake.choice(TEAM, ROBIN, (ROBIN, "trigger-1"), choice, picked)
    assert said == intake.wording.say("impossible_day")
    assert rows(intake, InboxRow) == []


@pytest.mark.parametrize(
    ("user", "choice_id"), [("U0SOMEBODY1", "choice:1"), (ROBIN, "choice:made-up"), (ROBIN, "")]
)
def test_a_day_is_not_taken_with_a_choice_that_isnt_theirs(
    intake: Intake, user: str, choice_id: str
) -> None:
    offer(intake, FIRST_DAY)
    said = intake.choice(TEAM, user, (user, "trigger-1"), choice_id, "2024-03-15")
    assert said == intake.wording.say("stale_button")
    assert rows(intake, InboxRow) == []


@pytest.mark.parametrize(
    ("meaning", "picked"), [(FIRST_DAY, None), ({"intent": "x"}, "2024-03-15")]
)
def test_a_button_is_no_day_and_a_day_no_button(
    intake: Intake, meaning: dict[str, Any], picked: str | None
) -> None:
    choice = offer(intake, meaning)
    said = intake.choice(TEAM, ROBIN, (ROBIN, "trigger-1"), choice, picked)
    assert said == intake.wording.say("stale_button")
    assert rows(intake, InboxRow) == []


def test_send_to_hr_opens_one_case_however_often_it_is_clicked(intake: Intake) -> None:
    meaning = {"gateway": "open_case", "question": "Is a crown paid?", "turn_id": "turn:1"}
    choice = offer(intake, meaning)
    for trigger in ("a", "b"):
        assert intake.choice(TEAM, ROBIN, (ROBIN, trigger), choice) is None
    (case,) = rows(intake, Case)
    assert (case.question, case.turn_id, case.audience) == (
        "Is a crown paid?",
        "turn:1",
        "employee",
    )
    (told,) = [row for row in rows(intake, OutboxRow) if row.kind == "case_opened"]
    assert told.conversation_id == case.conversation_id
    assert rows(intake, InboxRow) == []


def test_case_and_confirmation_come_together_or_not_at_all(intake: Intake) -> None:
    meaning = {"gateway": "open_case", "question": "Is a crown paid?", "turn_id": "turn:1"}
    choice = offer(intake, meaning)
    broken = replace(intake, desk=replace(intake.desk, routing=Routing({})))
    with pytest.raises(KeyError):
        broken.choice(TEAM, ROBIN, (ROBIN, "a"), choice)
    assert rows(intake, Case) == []
    assert rows(intake, OutboxRow) == []
