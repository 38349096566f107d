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
from bot.desk import cases
from bot.desk.cases import DeskError
from bot.faq.book import UnknownFactError
from bot.gateway.addresses import AddressBook
from bot.gateway.slack.intake import Intake
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal

from ...records import Clock
from ..conftest import DIRECT, TEAM
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
    return Intake(
        database=database,
        seal=seal,
        addresses=AddressBook(seal),
        wording=wording,
        routing=ROUTING,
        clock=clock,
        on_inbox=woken.wake_inbox,
        on_outbox=woken.wake_outbox,
    )


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
    assert notices(intake) == [
        intake.wording.say("case_opened", reference=case.reference),
    ]
    assert rows(intake, InboxRow) == []


def test_case_and_confirmation_come_together_or_not_at_all(intake: Intake) -> None:
    meaning = {"gateway": "open_case", "question": "Is a crown paid?", "turn_id": "turn:1"}
    choice = offer(intake, meaning)
    broken = replace(intake, wording=Wording({"case_opened": "{nobody_fills_this}"}))
    with pytest.raises(UnknownFactError):
        broken.choice(TEAM, ROBIN, (ROBIN, "a"), choice)
    assert rows(intake, Case) == []
    assert rows(intake, OutboxRow) == []


# Cases


def open_case(intake: Intake) -> int:
    with intake.database.write() as session:
        conversation = intake.addresses.conversation(session, DIRECT, intake.clock())
        return cases.open_case(
            session,
            turn_id="turn:1",
            conversation_id=conversation.id,
            question="Is a crown paid?",
            topic=None,
            routing=ROUTING,
            now=intake.clock(),
        ).id


def answer(intake: Intake, number: int, user: str = "U0HRSAM0001", text: str = "Half.") -> None:
    def change(session: Any, case_id: int, actor: Any, now: Any) -> Case:
        return cases.answer(session, case_id, actor, text, now)

    intake.desk(TEAM, user, change, number)


def test_hr_acts_under_its_own_name(intake: Intake, woken: Woken) -> None:
    number = open_case(intake)
    case = intake.desk(TEAM, "U0HRSAM0001", cases.claim, number)
    with intake.database.read() as session:
        assert intake.addresses.slack_user(session, case.assignee_id) == "U0HRSAM0001"
    assert woken.outbox == 1
    assert intake.case(number).status == "claimed"


def test_the_second_of_two_answers_is_refused_and_not_sent(intake: Intake) -> None:
    number = open_case(intake)
    answer(intake, number)
    with pytest.raises(DeskError, match="not sent"):
        answer(intake, number, "U0HRDANA001", "All of it.")
    sent = [row for row in rows(intake, OutboxRow) if row.kind == "case_answer"]
    assert [row.payload["text"] for row in sent] == ["Half."]


@pytest.mark.parametrize(
    ("helped", "status", "said"),
    [(True, "resolved", "case_thanks"), (False, "claimed", "case_reopened")],
)
def test_feedback_is_thanked_for_once(intake: Intake, helped: bool, status: str, said: str) -> None:
    number = open_case(intake)
    answer(intake, number)
    for _ in range(2):
        intake.feedback(TEAM, ROBIN, helped, number)
    assert intake.case(number).status == status
    assert notices(intake) == [intake.wording.say(said, reference=f"HR-{1000 + number}")]


def test_feedback_on_a_later_closing_is_heard_as_well(intake: Intake) -> None:
    number = open_case(intake)
    answer(intake, number)
    intake.feedback(TEAM, ROBIN, False, number)
    intake.desk(TEAM, "U0HRSAM0001", cases.resolve, number)
    intake.feedback(TEAM, ROBIN, False, number)
    assert intake.case(number).status == "claimed"
    assert len(notices(intake)) == 2


def test_nobody_else_says_whether_it_helped(intake: Intake) -> None:
    number = open_case(intake)
    answer(intake, number)
    with pytest.raises(DeskError, match="Only the person who asked"):
        intake.feedback(TEAM, "U0EMPLOYEE2", True, number)
    assert notices(intake) == []


def test_a_case_that_isnt_there_is_named(intake: Intake) -> None:
    with pytest.raises(DeskError, match="HR-1077"):
        intake.case(77)
