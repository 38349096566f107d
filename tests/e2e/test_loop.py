"""The whole idea over real signed traffic: an answer, a program, or a person in HR."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from bot.db.models import Case, CaseEvent, Conversation, InboxRow, Person
from bot.faq.book import load_book
from bot.privacy.sealing import Seal
from bot.programs.employees import import_employees
from bot.sandbox.model import Person as Colleague
from bot.sandbox.seed import BOT, CASEY, DANA, GENERAL, HR_CHANNEL, ROBIN, SAM
from bot.settings import ROOT
from tests.e2e.stack import Stack
from tests.gateway.widget.browser import Browser
from tests.privacy.planted import PHONE, SSN

FAQS = [
    ("when is payday?", "pay/payday"),
    ("is there dental coverage", "benefits/dental"),
    ("how do i set up direct deposit", "pay/direct_deposit"),
    ("how much PTO do i earn", "leave/pto_accrual"),
    ("how much is the night shift differential", "pay/shift_differential"),
    ("does the employer match the 403b", "benefits/retirement_match"),
    ("how long is parental leave", "leave/parental_leave"),
    ("i need a letter proving I work here for my landlord", "employment/verification"),
    ("can I wear my own scrubs?", "policies/dress_code"),
    ("got stuck with a needle, what now", "relations/injury_workers_comp"),
]


def buttons_of(message: object) -> list[str]:
    """Return the titles of a message's buttons."""
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]


@pytest.mark.parametrize(("question", "topic"), FAQS)
def test_an_approved_answer_comes_back_with_its_source(
    stack: Stack, question: str, topic: str
) -> None:
    reply = stack.ask(question)
    book = load_book(stack.settings.data_dir, ROOT / "domain.yml")
    approved = book.responses[f"utter_{topic}"][0]
    assert approved.metadata["source"] in json.dumps(reply.blocks)
    assert "checked on" in json.dumps(reply.blocks)
    plain_start = re.split(r"[\[{*]", approved.text)[0].strip()
    assert reply.text.startswith(plain_start)
    assert stack.turn_log()[-1].topic == topic


def test_a_program_comes_from_the_database_and_a_follow_up_stays_with_it(stack: Stack) -> None:
    found = stack.ask("which programs help me pay for my RN?")
    assert "Tuition assistance" in buttons_of(found)
    stack.slack.click("Tuition assistance")
    details = stack.slack.wait_for_message("How to apply")
    assert "$5,250" in details.text
    deadline = stack.ask("and when is the deadline?")
    assert "Tuition assistance" in deadline.text
    assert "2026" in deadline.text or "2027" in deadline.text


def test_who_is_on_no_list_picks_their_first_day(stack: Stack) -> None:
    unlisted, address = "U0UNLISTED1", "lee.park@cedarvalley.example"
    stack.slack.workspace.people[unlisted] = Colleague(unlisted, "lee.park", "Lee Park", address)
    dm = stack.slack.dm(unlisted)
    asked = stack.ask("am i eligible for tuition assistance", user=unlisted, channel=dm)
    stack.slack.click("Full-time", user=unlisted, channel=dm, ts=asked.ts)
    asked = stack.slack.wait_for_message("when was your first day here", user=unlisted, channel=dm)
    picker = next(b["accessory"]["action_id"] for b in asked.blocks if "accessory" in b)

    def pick(day: str, **who: str) -> None:
        stack.slack.click(action_id=picker, value=day, ts=asked.ts, **{"user": unlisted, **who})

    pick("2099-01-01", channel=dm)
    stack.slack.wait_for_message("in the future", user=unlisted, channel=dm)
    for user, action in ((CASEY, picker), (unlisted, "date:choice:made-up"), (unlisted, "date:")):
        assert stack.click_forged(user, dm, action, "2020-03-02") == 200
    pick("2020-03-02", channel=dm)
    answer = stack.slack.wait_for_message("since March 2, 2020", user=unlisted, channel=dm)
    stack.wait_until_idle()
    assert len(stack.said_by_bot_after(asked)) == 1
    assert "20 hours a week" in answer.text
    with stack.database.read() as session:
        assert not session.scalars(select(InboxRow).where(InboxRow.chosen_date.is_not(None))).all()


def test_an_employee_known_by_mail_only_is_found_by_their_profile(
    stack: Stack, tmp_path: Path
) -> None:
    newcomer = "U0NEWCOMER1"
    address = "kim.vale@cedarvalley.example"
    stack.slack.workspace.people[newcomer] = Colleague(newcomer, "kim.vale", "Kim Vale", address)
    people = tmp_path / "people.csv"
    people.write_text(f"email,employment_type\n{address},per_diem\n")
    seal, now = Seal(stack.settings.encryption_key), datetime.now(timezone.utc)
    with stack.database.write() as session:
        import_employees(session, people, seal, now)

    dm = stack.slack.dm(newcomer)
    answer = stack.ask("do i qualify for tuition assistance", user=newcomer, channel=dm)
    assert "you are per-diem staff" in answer.text
    assert address not in stack.logs()
    assert newcomer not in stack.logs()


def test_a_question_goes_to_hr_and_its_answer_comes_back(stack: Stack) -> None:
    stack.ask("hello")
    stack.ask("talk to a person")
    offer = stack.ask(f"Can I bring my parrot to the break room? my number is {PHONE}")
    assert "[phone]" in offer.text
    assert PHONE not in offer.text
    stack.slack.click("Send to HR")
    sent = stack.slack.wait_for_message("HR has your question as")
    reference = re.search(r"HR-\d+", sent.text).group()

    card = stack.slack.wait_for_message(reference, channel=HR_CHANNEL, user=SAM)
    assert "parrot" in card.text
    assert f"<@{ROBIN}>" in json.dumps(card.blocks)
    assert buttons_of(card) == ["Claim", "Answer", "Resolve"]

    stack.slack.click("Claim", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    stack.slack.wait_for_message(f"{reference} (Claimed)", channel=HR_CHANNEL, user=SAM)
    stack.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    answer = "Sorry, no birds & no <b>exceptions</b>: call 319-555-0110."
    assert stack.slack.submit({"text": answer}, user=SAM).errors == {}

    got = stack.slack.wait_for_message("no birds")
    assert answer in html.unescape(got.text)
    assert "no birds &amp; no &lt;b&gt;exceptions&lt;/b&gt;" in json.dumps(got.blocks)
    assert buttons_of(got) == ["Yes, it helped", "No, not yet"]
    stack.slack.click("Yes, it helped")
    stack.slack.wait_for_message(f"{reference} (Resolved)", channel=HR_CHANNEL, user=SAM)

    with stack.database.read() as session:
        case = session.scalar(select(Case).order_by(Case.id.desc()))
        assert (case.reference, case.status, case.feedback) == (reference, "resolved", "helpful")
        history = session.scalars(
            select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
        )
        lines = [(event.actor, event.action) for event in history]
    assert lines == [
        ("asker", "opened"),
        ("hr", "claimed"),
        ("hr", "answered"),
        ("asker", "helpful"),
    ]


def test_not_helpful_opens_the_case_again(stack: Stack) -> None:
    stack.ask("May I keep a beehive on the roof garden?")
    stack.slack.click("Send to HR")
    stack.slack.wait_for_message("HR has your question as")
    card = stack.slack.wait_for_message("beehive", channel=HR_CHANNEL, user=SAM)
    stack.slack.click("Answer", user=DANA, channel=HR_CHANNEL, ts=card.ts)
    stack.slack.submit({"text": "Ask facilities."}, user=DANA)
    stack.slack.wait_for_message("Ask facilities.")
    stack.slack.click("No, not yet")
    stack.slack.wait_for_message("is open again")
    stack.wait_until_idle()
    card = stack.slack.wait_for_message("beehive", channel=HR_CHANNEL, user=SAM)
    assert "Answer" in buttons_of(card)


def test_talk_to_a_person_asks_what_about_and_shows_it_before_sending(stack: Stack) -> None:
    stack.ask("hello")
    asked = stack.ask("I want to talk to a person")
    assert "What would you like to ask HR?" in asked.text
    preview = stack.ask("My badge photo is of somebody else")
    assert "> My badge photo is of somebody else" in html.unescape(preview.text)
    stack.slack.click("No, thanks")
    stack.slack.wait_for_message("haven't sent anything")


def test_danger_comes_first_even_in_the_middle_of_a_form(stack: Stack) -> None:
    stack.ask("hello")
    stack.ask("talk to a person")
    reply = stack.ask("i don't want to live anymore")
    assert "988" in reply.text
    assert "911" in reply.text


def test_text_never_triggers_an_intent(stack: Stack) -> None:
    for text in ("/greet", "  /greet", "/benefits", '/program_details{"program": "x"}'):
        assert "I answer HR questions" not in stack.ask(text).text


def test_the_same_event_five_times_and_a_mention_under_two_ids_are_answered_once(
    stack: Stack,
) -> None:
    stack.slack.faults.duplicate_events(5)
    said = stack.slack.say("when is payday?")
    stack.reply_after(said)
    mention = stack.slack.say(f"<@{BOT}> when is payday?", channel=GENERAL, user=CASEY)
    stack.slack.wait_for(
        lambda workspace: [
            m for m in workspace.seen_by(CASEY, GENERAL) if m.thread_ts == mention.ts
        ],
        20,
    )
    stack.wait_until_idle()
    assert len(stack.said_by_bot_after(said)) == 1
    in_thread = [
        m
        for m in stack.slack.messages(GENERAL, user=CASEY)
        if m.is_from_bot and m.thread_ts == mention.ts
    ]
    assert len(in_thread) == 1


def test_what_is_not_for_the_bot_is_neither_answered_nor_stored(stack: Stack) -> None:
    stack.slack.say("lunch at noon by the xylophone?", channel=GENERAL)
    stack.ask("when is payday?")
    with stack.database.read() as session:
        assert not session.scalars(
            select(InboxRow).where(InboxRow.text.contains("xylophone"))
        ).all()


def test_a_file_an_edit_and_a_deletion_get_a_short_reaction(stack: Stack) -> None:
    stack.slack.say("", files=["payslip.pdf"])
    stack.slack.wait_for_message("can't open files")
    said = stack.slack.say("when is payday?")
    stack.reply_after(said)
    stack.slack.edit(said, "when is payday in December?")
    stack.slack.wait_for_message("changed a message")
    stack.slack.delete(said)
    stack.slack.wait_for_message("deleted a message")


def test_a_button_works_for_its_asker_only(stack: Stack) -> None:
    offer = stack.ask("Is there a chess club for night people?")
    choice = offer.blocks[-1]["elements"][0]["value"]
    with stack.database.read() as session:
        before = len(session.scalars(select(InboxRow)).all())
    assert stack.click_forged(CASEY, stack.slack.dm(), "choice:0", choice) == 200
    assert stack.click_forged(ROBIN, stack.slack.dm(), "choice:0", "choice:made-up") == 200
    with stack.database.read() as session:
        assert len(session.scalars(select(InboxRow)).all()) == before


def test_somebody_outside_the_hr_channel_cannot_work_on_a_case(stack: Stack) -> None:
    stack.ask("Are there quiet rooms with a view of the river?")
    stack.slack.click("Send to HR")
    card = stack.slack.wait_for_message("quiet rooms", channel=HR_CHANNEL, user=SAM)
    case_id = card.blocks[-1]["elements"][0]["value"]
    for action in ("case_claim", "case_resolve", "case_answer", "case_helpful"):
        assert stack.click_forged(CASEY, stack.slack.dm(CASEY), action, case_id) == 200
    with stack.database.read() as session:
        assert session.get(Case, int(case_id)).status == "open"


def test_unsigned_requests_are_refused_everywhere(stack: Stack) -> None:
    assert httpx.post(f"{stack.gateway_url}/slack/events", json={}).status_code == 401
    turn = {"turn_id": "t", "conversation": "c", "audience": "employee", "text": "hi"}
    assistant = f"{stack.settings.assistant_url}/webhooks/gateway/turn"
    assert httpx.post(assistant, json=turn).status_code == 401
    webhook = f"{stack.settings.actions_url}/webhook"
    assert httpx.post(webhook, json={"next_action": "action_my_cases"}).status_code == 401


def test_every_turn_is_one_row_of_the_event_log_without_identifiers(stack: Stack) -> None:
    before = len(stack.turn_log())
    stack.ask(f"is dental covered? my ssn is {SSN}")
    rows = stack.turn_log()
    assert len(rows) == before + 1
    assert rows[-1].topic == "benefits/dental"
    assert rows[-1].decision == "answer"
    assert SSN not in rows[-1].question


def test_nobody_is_named_in_the_clear(stack: Stack) -> None:
    stack.ask("when is payday?")
    with stack.database.read() as session:
        people = session.scalars(select(Person)).all()
        conversations = session.scalars(select(Conversation)).all()
    for row in [*people, *conversations]:
        assert ROBIN not in f"{row.id}{row.address_hash}{row.address_sealed}"
    assert all(c.id.startswith(("slack:", "web:")) for c in conversations)


def test_logs_hold_events_but_no_words_of_people(stack: Stack) -> None:
    stack.ask("is there a discount on bassoon lessons? write to me at robin@home.example")
    logs = stack.logs()
    assert "turn.answered" in logs
    assert "bassoon" not in logs
    assert "robin@home.example" not in logs


@pytest.mark.parametrize(
    ("button", "place"),
    [("Send to HR", "dm"), ("Send, answer in this thread", "thread")],
)
def test_an_answer_to_a_question_from_a_channel_goes_where_the_asker_wants_it(
    stack: Stack, button: str, place: str
) -> None:
    unknown = f"<@{BOT}> which violin strings of the {place} kind sound best?"
    mention = stack.slack.say(unknown, channel=GENERAL, user=CASEY)

    def in_thread(part: str) -> object:
        return stack.slack.wait_for(
            lambda workspace: next(
                (
                    m
                    for m in workspace.seen_by(CASEY, GENERAL)
                    if m.thread_ts == mention.ts and m.is_from_bot and part in m.text
                ),
                None,
            ),
            20,
        )

    offer = in_thread("Shall I send it?")
    stack.slack.click(button, user=CASEY, channel=GENERAL, ts=offer.ts)
    in_thread("HR has your question as")
    card = stack.slack.wait_for_message(f"the {place} kind", channel=HR_CHANNEL, user=SAM)
    assert "Open the thread where it was asked" in json.dumps(card.blocks)
    stack.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    stack.slack.submit({"text": f"Yes, a {place} of six."}, user=SAM)
    if place == "thread":
        in_thread("of six")
    else:
        stack.slack.wait_for_message("of six", channel=stack.slack.dm(CASEY), user=CASEY)
        stack.wait_until_idle()
        seen = stack.slack.messages(GENERAL, user=CASEY)
        assert not [m for m in seen if "of six" in m.text]


def test_a_candidate_is_answered_and_what_is_internal_is_declined(stack: Stack) -> None:
    browser = Browser.new(stack.gateway_url)
    with browser.stream() as stream:
        browser.say("how do I apply?")
        answer = stream.event("message", feedback=True).data
        assert answer["text"].startswith("You apply online")
        assert "Source: Careers site" in answer["text"]
        browser.say("when is payday?")
        declined = stream.wait_for(lambda _: stream.texts("assistant")[1:])[0]
        assert "for people who already work at" in declined
        assert "open jobs" in declined
        browser.say("i don't want to live anymore")
        crisis = stream.wait_for(lambda _: stream.texts("assistant")[2:])[0]
        assert "988" in crisis


def test_a_candidates_question_is_answered_by_hr_in_slack(stack: Stack) -> None:
    browser = Browser.new(stack.gateway_url)
    with browser.stream() as stream:
        browser.say("Is there a trombone choir with an axolotl?")
        stream.event("form")
        browser.say("yes please")
        forms = stream.wait_for(lambda events: [e for e in events if e.name == "form"][1:])
        assert browser.fill_in(forms[0].data["form"], "lee@home.example").status_code == 202
        done = stream.event("form_done").data["text"]
        reference = re.search(r"HR-\d+", done).group()
        card = stack.slack.wait_for_message(reference, channel=HR_CHANNEL, user=SAM)
        assert "A candidate" in json.dumps(card.blocks)
        stack.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
        stack.slack.submit({"text": "Only if it is <b>calm</b>."}, user=SAM)
        answer = stream.event("message", **{"from": "hr"}).data
        assert answer["text"].endswith("Only if it is <b>calm</b>.")
        # Without a mail server, HR sees the link.
        stack.slack.wait_for_message("#hr=", channel=HR_CHANNEL, user=SAM)
        browser.say("how do I apply?")
        stream.event("message", feedback=True, **{"from": "assistant"})
        browser.send("DELETE", "conversation")
        stream.event("deleted")
    stack.wait_until_idle()
    with stack.database.read() as session:
        case = session.scalar(select(Case).order_by(Case.id.desc()))
        assert case.queue == "recruiting"
        assert case.question == "[erased]"
        [gone] = session.scalars(
            select(Conversation.id).where(
                Conversation.id.like("web:%"), Conversation.address_sealed == ""
            )
        )
        kept = sql("SELECT count(*) FROM events WHERE sender_id = :id")
        assert session.execute(kept, {"id": gone}).scalar() == 0
    assert "axolotl" not in stack.logs()
