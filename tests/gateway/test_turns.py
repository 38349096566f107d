from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from starlette.responses import PlainTextResponse

from bot.db.models import Choice, Conversation, InboxRow, OutboxRow, Program, TurnLog
from bot.db.queues import claim, enqueue, finish, give_back
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import TryLaterError
from bot.gateway.wording import Wording
from bot.programs.catalogue import import_programs
from bot.settings import ROOT

from ..privacy.planted import SSN
from ..records import Clock
from .servers import AssistantDouble, reply
from .turn_desk import DEADLINE, HOLDING, LEASE, Desk


def test_a_question_gets_its_answer_once(desk: Desk) -> None:
    number = desk.ask()
    desk.handle()
    (sent,) = desk.leaving()
    row = desk.row(number)
    assert row.status == "answered"
    assert sent.delivery_key == f"reply:{row.turn_id}"
    assert (sent.audience, sent.lane) == ("employee", row.conversation_id)
    assert desk.said() == "Half of it."
    assert desk.outbox_calls == 1
    (log,) = desk.all(TurnLog)
    assert (log.turn_id, log.topic, log.decision) == (row.turn_id, "benefits/dental", "answer")
    assert log.question == "Is a crown paid?"


def test_the_log_says_which_program_was_told_about(desk: Desk) -> None:
    told = {"audience": "employee", "programs": ["tuition"]}
    message = {"text": "Up to $5,250.", "buttons": [], "metadata": told}
    desk.assistant.answer = lambda body: reply(messages=[message], kind="program", topic=None)
    desk.ask()
    desk.handle()
    (log,) = desk.all(TurnLog)
    assert (log.kind, log.program) == ("program", "tuition")


def test_the_assistant_is_told_who_asks_what(desk: Desk) -> None:
    number = desk.ask(f"I'm {SSN}, is a crown paid?")
    desk.handle()
    row, (conversation,) = desk.row(number), desk.all(Conversation)
    assert desk.assistant.received == [
        {
            "turn_id": row.turn_id,
            "conversation": conversation.id,
            "audience": "employee",
            "person": conversation.person_id,
            "place": "private",
            "is_outside": False,
            "text": "I'm [ssn], is a crown paid?",
        }
    ]


def test_what_comes_before_a_turn_is_done_before_the_assistant_is_asked(desk: Desk) -> None:
    desk.ask()
    desk.handle()
    [conversation] = desk.all(Conversation)
    assert desk.prepared == [(conversation.person_id, 0)]
    assert len(desk.assistant.received) == 1


def test_a_click_travels_as_a_choice(desk: Desk) -> None:
    desk.click({"intent": "affirm"})
    desk.handle()
    (asked,) = desk.assistant.received
    assert asked["choice"] == "choice:1"
    assert "text" not in asked


def test_a_picked_day_travels_with_its_choice_and_is_then_forgotten(desk: Desk) -> None:
    number = desk.click({"intent": "am_i_eligible", "date": "value"}, date(2024, 3, 15))
    desk.assistant.answer = lambda body: (503, {})
    desk.handle()
    assert desk.row(number).chosen_date == date(2024, 3, 15)
    desk.assistant.answer = lambda body: reply()
    desk.clock.advance(1)
    desk.handle()
    assert [asked["date"] for asked in desk.assistant.received] == ["2024-03-15"] * 2
    assert desk.row(number).chosen_date is None


def test_a_day_to_pick_leaves_as_an_id_that_this_conversation_owns(desk: Desk) -> None:
    meaning = {"intent": "am_i_eligible", "entities": {"fact": "hire_date"}, "date": "value"}
    answer = reply("When was your first day?")
    answer["messages"][0]["date"] = {"label": "My first day here", "meaning": meaning}
    desk.assistant.answer = lambda body: answer
    desk.ask()
    desk.handle()
    (choice,), (row,) = desk.all(Choice), desk.leaving()
    assert row.payload["messages"][0]["date"] == {
        "label": "My first day here",
        "choice": choice.id,
    }
    assert choice.meaning == meaning
    assert choice.conversation_id == row.conversation_id


def test_a_row_handled_twice_is_answered_once(desk: Desk) -> None:
    desk.ask()
    row = desk.take()
    desk.handle(row)
    desk.handle(row)
    assert len(desk.leaving()) == 1
    assert len(desk.all(TurnLog)) == 1


def test_whoever_lost_the_row_says_nothing(desk: Desk) -> None:
    desk.ask()
    slow = desk.take("slow")
    desk.clock.advance(LEASE)
    taken_over = desk.take("quick")
    assert taken_over is not None
    desk.handle(slow, "slow")
    assert desk.leaving() == []
    desk.handle(taken_over, "quick")
    assert len(desk.leaving()) == 1


@pytest.mark.parametrize("status", [400, 503])
def test_whoever_lost_the_row_does_not_apologise_for_it(desk: Desk, status: int) -> None:
    number = desk.ask()
    slow = desk.take("slow")
    desk.clock.advance(DEADLINE)
    desk.handle(worker="quick")
    desk.assistant.answer = lambda body: (status, {"error": "bad_turn"})
    desk.handle(slow, "slow")
    assert desk.row(number).status == "answered"
    assert desk.said() == "Half of it."
    assert len(desk.all(TurnLog)) == 1


def test_two_who_finish_at_the_same_moment_answer_once(
    database: Database,
    assistant: AssistantDouble,
    addresses: AddressBook,
    wording: Wording,
    clock: Clock,
) -> None:
    desk = Desk(database, assistant, addresses, wording, clock)
    desk.ask()
    row = desk.take()
    together = threading.Barrier(2)

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        return reply()

    assistant.answer = answer

    def handle(_: int) -> None:
        together.wait(5)
        desk.handle(row)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(handle, range(2)))
    assert len(desk.leaving()) == 1
    assert len(desk.all(TurnLog)) == 1


def test_reply_and_event_log_are_written_together_or_not_at_all(desk: Desk) -> None:
    number = desk.ask()
    row = desk.row(number)
    with desk.database.write() as session:
        session.add(
            TurnLog(
                turn_id=row.turn_id,
                conversation_id=row.conversation_id,
                audience="employee",
                kind="faq",
                decision="answer",
                topics=[],
                candidates=[],
                created_at=desk.clock(),
            )
        )
    with pytest.raises(IntegrityError):
        desk.handle()
    assert desk.leaving() == []
    assert desk.row(number).status == "pending"


def test_buttons_leave_as_ids_that_this_conversation_owns(desk: Desk) -> None:
    titles = ["x" * 100, *(f"Topic {n}" for n in range(6))]
    buttons = [{"title": title, "meaning": {"intent": title[:9]}} for title in titles]
    message = {"text": "Which one?", "buttons": buttons, "metadata": {"audience": "both"}}
    desk.assistant.answer = lambda body: reply(messages=[message])
    desk.ask()
    desk.handle()
    (sent,) = desk.leaving()
    shown = sent.payload["messages"][0]["buttons"]
    choices = {choice.id: choice for choice in desk.all(Choice)}
    assert len(shown) == len(choices) == 5
    assert all(set(button) == {"title", "choice"} for button in shown)
    assert [choices[b["choice"]].meaning["intent"] for b in shown][1] == "Topic 0"
    assert {choice.conversation_id for choice in choices.values()} == {sent.conversation_id}
    assert shown[0]["title"] == "x" * 75


# When the assistant gives no answer


@pytest.mark.parametrize(
    "answer",
    [
        (503, {"error": "no_model"}),
        (500, {}),
        (401, {}),
        PlainTextResponse("not JSON"),
        {},
        {"messages": "hello"},
        {"messages": [{"text": "no kind", "metadata": {"audience": "both"}}]},
        ["a list"],
    ],
)
def test_without_an_answer_there_is_one_apology_at_the_deadline(desk: Desk, answer: Any) -> None:
    desk.assistant.answer = lambda body: answer
    number = desk.ask()
    desk.past_the_deadline(number)
    assert desk.row(number).status == "apologised"
    assert len(desk.leaving()) == 1
    assert "something went wrong" in desk.said()
    assert len({asked["turn_id"] for asked in desk.assistant.received}) == 1


def test_who_cannot_be_looked_up_gets_an_apology_at_the_deadline_too(desk: Desk) -> None:
    number = desk.ask()
    desk.people.unknown = TryLaterError("missing_scope")
    desk.past_the_deadline(number)
    assert desk.row(number).status == "apologised"
    assert len(desk.leaving()) == 1


def test_a_clock_put_back_makes_nobody_wait_in_silence(desk: Desk) -> None:
    number = desk.ask()
    desk.assistant.answer = lambda body: (503, {})
    desk.handle()
    desk.clock.advance(-3600)
    desk.hold()
    assert len(desk.leaving("holding")) == 1
    desk.past_the_deadline(number)
    assert desk.row(number).status == "apologised"


def test_an_assistant_out_of_reach_is_asked_again_soon(desk: Desk) -> None:
    number = desk.ask()
    working, desk.assistant.url = desk.assistant.url, "http://127.0.0.1:1"
    try:
        desk.handle()
    finally:
        desk.assistant.url = working
    row = desk.row(number)
    assert (row.status, row.claimed_by) == ("pending", None)
    assert 0 < (row.due_at - desk.clock()).total_seconds() <= 1
    desk.clock.now = row.due_at
    desk.handle()
    assert desk.said() == "Half of it."


def test_pauses_grow_but_stay_short(desk: Desk) -> None:
    desk.assistant.answer = lambda body: (503, {})
    number, pauses = desk.ask(), []
    for _ in range(6):
        desk.handle()
        due = desk.row(number).due_at
        pauses.append((due - desk.clock()).total_seconds())
        desk.clock.now = due
    assert pauses == [0.5, 1, 2, 4, 5, 5]


def test_the_apology_offers_a_person_and_quotes_the_question(desk: Desk) -> None:
    desk.assistant.answer = lambda body: (400, {"error": "bad_turn"})
    number = desk.ask("Is a crown paid?\nAnd a bridge?")
    desk.handle()
    row, (sent,) = desk.row(number), desk.leaving()
    assert sent.audience == "both"
    assert "> Is a crown paid?\n> And a bridge?" in desk.said()
    (button,) = sent.payload["messages"][0]["buttons"]
    (choice,) = desk.all(Choice)
    assert button == {"title": choice.title, "choice": choice.id}
    assert choice.meaning == {
        "gateway": "open_case",
        "question": row.text,
        "turn_id": row.turn_id,
        "topic": None,
    }
    (log,) = desk.all(TurnLog)
    assert log.decision == "handover"


def test_nothing_follows_an_apology(desk: Desk) -> None:
    number = desk.ask()
    late = desk.take()
    desk.clock.advance(DEADLINE + 1)
    desk.assistant.answer = lambda body: (503, {})
    with desk.database.write() as session:
        session.get(InboxRow, number).first_attempt_at = desk.clock() - timedelta(seconds=DEADLINE)
    desk.handle(desk.take("other"), "other")
    assert desk.row(number).status == "apologised"
    desk.assistant.answer = lambda body: reply("Too late.")
    desk.handle(late)
    desk.handle(late, "other")
    desk.hold()
    assert len(desk.leaving()) == 1
    assert desk.leaving("holding") == []
    assert "Too late." not in desk.said()


def test_an_expired_button_is_said_to_be_one(desk: Desk) -> None:
    desk.assistant.answer = lambda body: (422, {"error": "unknown_choice"})
    desk.click({"intent": "affirm"})
    desk.handle()
    assert "button has expired" in desk.said()
    (sent,) = desk.leaving()
    assert sent.payload["messages"][0]["buttons"] == []


def test_a_click_that_fails_gets_an_apology_without_an_offer(desk: Desk) -> None:
    desk.assistant.answer = lambda body: (400, {"error": "bad_turn"})
    desk.click({"intent": "affirm"})
    desk.handle()
    assert "something went wrong" in desk.said()
    assert len(desk.all(Choice)) == 1


# Who may see what


@pytest.mark.parametrize(
    ("reader", "messages"),
    [
        ("employee", []),
        ("employee", [{"text": "SECRET", "metadata": {}}]),
        ("employee", [{"text": "SECRET"}]),
        ("employee", [{"text": "SECRET", "metadata": None}]),
        ("employee", [{"text": "SECRET", "metadata": {"audience": "internal"}}]),
        ("candidate", [{"text": "SECRET", "metadata": {"audience": "employee"}}]),
        (
            "candidate",
            [
                {"text": "public", "metadata": {"audience": "both"}},
                {"text": "SECRET", "metadata": {"audience": "employee"}},
            ],
        ),
        (
            "employee",
            [{"text": "public", "metadata": {"audience": "both"}}, {"text": "SECRET"}],
        ),
    ],
)
def test_what_isnt_meant_for_the_reader_is_never_sent(
    desk: Desk, reader: str, messages: list[dict[str, Any]]
) -> None:
    desk.assistant.answer = lambda body: reply(messages=messages)
    number = desk.ask(audience=reader)
    desk.handle()
    assert desk.row(number).status == "apologised"
    (sent,) = desk.leaving()
    assert sent.audience == "both"
    assert "SECRET" not in str(sent.payload)
    assert "public" not in desk.said()


@pytest.mark.parametrize("audience", ["both", "candidate"])
def test_a_candidate_gets_what_is_public(desk: Desk, audience: str) -> None:
    desk.assistant.answer = lambda body: reply("Welcome.", audience)
    desk.ask(audience="candidate")
    desk.handle()
    assert desk.said() == "Welcome."


# While people wait


def test_whoever_waits_long_hears_so_once(desk: Desk) -> None:
    number = desk.ask()
    desk.clock.advance(HOLDING - 1)
    desk.hold()
    assert desk.leaving("holding") == []
    desk.clock.advance(1)
    for _ in range(3):
        desk.hold()
        desk.clock.advance(10)
    (notice,) = desk.leaving("holding")
    assert desk.outbox_calls == 1
    assert notice.payload["messages"][0]["text"].startswith("Still looking")
    assert (notice.audience, notice.lane) == ("both", desk.row(number).lane)


def test_whoever_has_an_answer_hears_nothing_of_waiting(desk: Desk) -> None:
    desk.ask()
    desk.handle()
    desk.clock.advance(HOLDING + 1)
    desk.hold()
    assert desk.leaving("holding") == []


def test_two_who_look_at_the_same_moment_send_one_notice(
    database: Database,
    assistant: AssistantDouble,
    addresses: AddressBook,
    wording: Wording,
    clock: Clock,
) -> None:
    desk = Desk(database, assistant, addresses, wording, clock)
    desk.ask()
    clock.advance(HOLDING)
    start = threading.Barrier(3)

    def hold(_: int) -> None:
        start.wait(5)
        desk.hold()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(hold, range(3)))
    assert len(desk.leaving("holding")) == 1


def outbox_step(desk: Desk, end: Callable[[OutboxRow], None]) -> None:
    with desk.database.write() as session:
        (row,) = claim(
            session,
            OutboxRow,
            worker="one",
            now=desk.clock(),
            lease=timedelta(seconds=60),
            limit=1,
        )
        session.refresh(row)
        end(row)


def refuse(row: OutboxRow, now: datetime) -> None:
    row.attempted_at = None
    give_back(row, now)


@pytest.mark.parametrize(
    ("so_far", "status"),
    [
        (None, "cancelled"),
        (refuse, "cancelled"),
        (lambda row, now: None, "pending"),
        (give_back, "pending"),
        (lambda row, now: finish(row, "sent", now), "sent"),
    ],
    ids=["not begun", "certainly refused", "under way", "perhaps sent", "sent"],
)
def test_an_answer_withdraws_a_notice_that_isnt_sent_yet(
    desk: Desk, so_far: Callable[[OutboxRow, Any], None] | None, status: str
) -> None:
    desk.ask()
    desk.clock.advance(HOLDING)
    desk.hold()
    if so_far:
        outbox_step(desk, lambda row: so_far(row, desk.clock()))
    desk.handle()
    (notice,), (answer,) = desk.leaving("holding"), desk.leaving()
    assert notice.status == status
    assert answer.id > notice.id
    assert answer.lane == notice.lane


def test_an_apology_withdraws_the_notice_too(desk: Desk) -> None:
    desk.assistant.answer = lambda body: (400, {"error": "bad_turn"})
    desk.ask()
    desk.clock.advance(HOLDING)
    desk.hold()
    desk.handle()
    assert desk.leaving("holding")[0].status == "cancelled"


def test_in_a_crisis_help_is_named_even_without_the_assistant(desk: Desk) -> None:
    desk.assistant.answer = lambda body: (503, {})
    number = desk.ask("I want to kill myself")
    desk.clock.advance(HOLDING)
    desk.hold()
    (notice,) = desk.leaving("holding")
    assert "988" in notice.payload["messages"][0]["text"]
    desk.past_the_deadline(number)
    assert "988" in desk.said()


def test_the_same_reply_is_never_put_in_twice(desk: Desk) -> None:
    number = desk.ask()
    row = desk.row(number)
    with desk.database.write() as session:
        enqueue(
            session,
            delivery_key=f"reply:{row.turn_id}",
            kind="reply",
            lane=row.lane,
            payload={"messages": []},
            now=desk.clock(),
        )
    desk.handle()
    assert len(desk.leaving()) == 1


def test_what_goes_with_an_answer_makes_it_as_internal_as_that(desk: Desk) -> None:
    with desk.database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
        session.get(Program, "tuition-assistance").audience = "both"
        # For everybody who works here, and for nobody else.
        other = session.get(Program, "loan-repayment")
        other.category, other.audience, other.keywords = "education", "employee", ["tuition"]
        other.employment_types, other.min_fte, other.min_tenure_months = [], None, 0
        other.job_families, other.sites = [], []
    about = {"audience": "both", "is_answer": True, "programs": ["tuition-assistance"]}
    said = [{"text": "Pays for school.", "buttons": [], "metadata": about}]
    desk.assistant.answer = lambda body: reply(messages=said, kind="program", topic=None)
    desk.ask()
    desk.handle()
    (sent,) = desk.leaving()
    hints = [m for m in sent.payload["messages"] if "Did you know?" in m["text"]]
    assert [hint["metadata"]["audience"] for hint in hints] == [sent.audience]
