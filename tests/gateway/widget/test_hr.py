"""From a question without an answer to HR's answer: the form, the card, live, by e-mail, later."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.db.models import Case, Conversation, OutboxRow, TurnLog, WidgetEvent
from bot.db.session import Database
from bot.desk import work
from bot.sandbox.app import SandboxServer

from ..servers import AssistantDouble, Json, reply
from .browser import Browser, Event, Stream
from .conftest import MailBox
from .site import Site, running_site

EMAIL = "robin@home.example"


def offer(body: Json) -> Json:
    """Answer as the assistant does when it can't: what HR would get, and two buttons."""
    if body.get("text") != "Can I bring my parrot?":
        return reply(f"About: {body.get('text')}", audience="both")
    about = {"turn": body["turn_id"]}
    buttons = [
        {"title": "Send to HR", "meaning": {"intent": "affirm", "entities": about}},
        {"title": "No, thanks", "meaning": {"intent": "deny", "entities": about}},
    ]
    message = {"text": "Shall I send it?", "buttons": buttons, "metadata": {"audience": "both"}}
    candidates = [{"topic": "careers/first_day", "label": "careers/first_day", "confidence": 0.4}]
    return reply(messages=[message], decision="handover", topic=None, candidates=candidates)


@pytest.fixture(autouse=True)
def _offering(site: Site, assistant: AssistantDouble, mail: MailBox) -> None:
    assistant.answer = offer


def form_of(browser: Browser, stream: Stream) -> Json:
    """Ask what nobody has an answer to; return the form that is shown."""
    browser.say("Can I bring my parrot?")
    return stream.event("form").data


def sent(browser: Browser, stream: Stream, name: str = "") -> Event:
    """Send the question to HR."""
    response = browser.fill_in(form_of(browser, stream)["form"], EMAIL, name)
    assert response.status_code == 202, response.text
    return stream.event("form_done")


def link_in(message: Any) -> str:
    return re.search(r"#hr=(\S+)", message.get_content())[1]


def test_a_form_takes_the_place_of_the_buttons(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        form = form_of(browser, stream)
        said = stream.event("message", text="Shall I send it?")
        assert "choices" not in said.data
        assert form["event"] == said.number + 1
        assert re.fullmatch(r".+, (noon|midnight|\d+(:30)? [ap]\.m\.) \(C[DS]T\)", form["reply_by"])
        # A button that would send it without a contact can't be pressed.
        assert browser.press(form["form"]).status_code == 400
    assert site.rows(Case) == []


def test_a_contact_opens_the_case_for_recruiting(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        done = sent(browser, stream, name="Robin <b>Vale</b>")
        assert done.data["text"].startswith("Thank you. Our team has your question as HR-1001.")
    [case] = site.rows(Case)
    assert (case.queue, case.audience, case.person_id) == ("recruiting", "candidate", None)
    assert case.question == "Can I bring my parrot?"
    assert case.topic == "careers/first_day"
    site.wait_for(lambda: "HR-1001" in site.hr_sees())
    assert "A candidate (Robin &lt;b&gt;Vale&lt;/b&gt;)" in site.hr_sees()
    assert EMAIL not in site.hr_sees()


def test_who_gives_no_name_is_a_candidate(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
    site.wait_for(lambda: "A candidate" in site.hr_sees())
    assert "A candidate (" not in site.hr_sees()


def test_the_address_stands_nowhere_in_the_clear(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream, name="Robin Vale")
        site.hr_answers("Bring it.")
        stream.event("message", **{"from": "hr"})
    site.wait_until_idle()
    with site.database.read() as session:
        tables = [t for t in _tables(site.database) if t != "alembic_version"]
        dump = "".join(str(session.execute(text(f"SELECT * FROM {t}")).all()) for t in tables)
    assert "HR-1001" not in EMAIL
    assert EMAIL not in dump
    assert "Robin Vale" not in dump


def _tables(database: Database) -> list[str]:
    from sqlalchemy import inspect

    return inspect(database.engine).get_table_names()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"email": "nobody"}, "email_invalid"),
        ({"email": "a@b@c.example"}, "email_invalid"),
        ({"email": f"{EMAIL}\nBcc: all@home.example"}, "email_invalid"),
        ({"consent": False}, "consent_missing"),
        ({"form": "choice:unknown"}, "form_unknown"),
    ],
)
def test_a_form_that_is_not_filled_in_well(site: Site, more: Json, code: str) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        form = form_of(browser, stream)["form"]
    body = {"id": browser.new_id(), "form": form, "email": EMAIL, "consent": True, **more}
    refused = browser.post("contact", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)
    assert site.rows(Case) == []


def test_a_form_of_another_conversation_is_unknown(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        form = form_of(browser, stream)["form"]
    refused = site.browser().fill_in(form, EMAIL)
    assert refused.json()["error"]["code"] == "form_unknown"


def test_a_form_that_is_sent_twice_opens_one_case(site: Site, mail: MailBox) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        form = form_of(browser, stream)["form"]
        numbers = {
            browser.fill_in(form, address).json()["event"] for address in ("old@x.example", EMAIL)
        }
        assert len(numbers) == 1
        site.hr_answers("Bring it.")
        site.wait_for(lambda: mail.messages)
    assert len(site.rows(Case)) == 1
    assert mail.messages[0]["To"] == EMAIL


def test_hrs_answer_comes_live_and_by_e_mail(site: Site, mail: MailBox) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream, name="Robin")
        site.hr_answers("Yes, <i>bring</i> it: https://cedar.example/pets.")
        answer = stream.event("message", **{"from": "hr"})
        assert answer.data["text"] == (
            "Our team's answer to your question “Can I bring my parrot?”:\n\n"
            "Yes, <i>bring</i> it: https://cedar.example/pets."
        )
        url = "https://cedar.example/pets"
        assert answer.data["links"] == [{"text": url, "url": url}]
        assert answer.data["feedback"] is True
        site.wait_for(lambda: mail.messages)
    [message] = mail.messages
    assert message["To"] == EMAIL
    content = message.get_content()
    assert content.startswith("Hello Robin,")
    assert "parrot" not in content
    assert "bring" not in content
    assert f"{site.url}/careers#hr=" in content


def test_hrs_answer_waits_for_the_next_visit(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        newest = sent(browser, stream).number
    site.hr_answers("Yes.")
    site.wait_until_idle()
    [answer] = [e for e in browser.history(newest + 1) if e.data.get("from") == "hr"]
    assert answer.data["text"].endswith("Yes.")


def test_the_link_of_an_e_mail_opens_the_conversation(site: Site, mail: MailBox) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("Yes.")
        site.wait_for(lambda: mail.messages)
    link = link_in(mail.messages[0])
    elsewhere = Browser(site.url)
    opened = elsewhere.post("resume", {"link": link})
    assert opened.status_code == 200
    elsewhere.token = opened.json()["token"]
    with elsewhere.stream() as stream:
        stream.event("message", **{"from": "hr"})
        assert stream.texts("me") == ["Can I bring my parrot?"]
        elsewhere.say("Thank you!")
        stream.event("message", text="About: Thank you!")
    # It may be opened again on another device, until it expires.
    assert Browser(site.url).post("resume", {"link": link}).status_code == 200
    site.clock.shift += timedelta(days=31)
    expired = Browser(site.url).post("resume", {"link": link})
    assert (expired.status_code, expired.json()["error"]["code"]) == (410, "link_expired")


def test_a_link_can_t_be_made_up(site: Site) -> None:
    browser = site.browser()
    for link in ("x", browser.token, f"{'a' * 24}.{'0' * 64}", ""):
        response = Browser(site.url).post("resume", {"link": link})
        assert response.status_code in (400, 410), link


def test_hr_asks_back_and_the_reply_goes_to_the_case(site: Site, mail: MailBox) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("How big is it?", work.ask_back)
        asked = stream.event("message", **{"from": "hr"})
        assert asked.data["text"].endswith("How big is it?")
        site.wait_for(lambda: len(mail.messages) == 1)
        browser.say("As big as a hen.")
        told = stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "Added" in t])
        assert told[0].startswith("Added to HR-1001.")
        site.wait_for(lambda: "As big as a hen." in site.hr_sees())
        browser.say("Which jobs are open?")
        stream.event("message", text="About: Which jobs are open?")
    [case] = site.rows(Case)
    assert case.waiting_since is None


def test_what_was_no_reply_is_answered_after_all(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("How big is it?", work.ask_back)
        stream.event("message", **{"from": "hr"})
        browser.say("Which jobs are open?")
        told = stream.wait_for(
            lambda events: next((e for e in events if "Added" in e.data.get("text", "")), None)
        )
        [undo] = told.data["choices"]
        assert undo["text"] == "It wasn't for HR"
        browser.press(undo)
        stream.event("message", text="About: Which jobs are open?")


def test_something_is_added_and_the_question_taken_back(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        browser.say("Add to my question: it talks.")
        stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "Added" in t])
        site.wait_for(lambda: "it talks." in site.hr_sees())
        browser.say("add to my question HR-1999: no")
        stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "no question" in t])


def test_buttons_of_a_case_work_here_too(site: Site, assistant: AssistantDouble) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        case_id = site.rows(Case)[0].id
        buttons = [
            {"title": title, "meaning": {"gateway": "case", "do": do, "case": case_id}}
            for title, do in (("Add something", "add"), ("Take it back", "withdraw"))
        ]
        message = {"text": "Your questions", "buttons": buttons, "metadata": {"audience": "both"}}
        assistant.answer = lambda body: reply(messages=[message], kind="dialogue")
        browser.say("Where is my question?")
        add, take_back = stream.event("message", text="Your questions").data["choices"]
        browser.press(add)
        stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "Just write" in t])
        browser.say("It sings, too.")
        site.wait_for(lambda: "It sings, too." in site.hr_sees())
        browser.press(take_back)
        stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "taken back" in t])
        browser.press(take_back)
        site.wait_until_idle()
        other = site.browser()
        assert other.press(take_back).status_code == 400
    [case] = site.rows(Case)
    assert (case.status, case.feedback) == ("resolved", "withdrawn")


def test_whether_hrs_answer_helped_and_how_it_was(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("Yes.")
        answer = stream.event("message", **{"from": "hr"})
        body = {"id": browser.new_id(), "event": answer.number, "helped": False}
        assert browser.post("feedback", body).status_code == 202
        stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "open again" in t])
        site.hr_answers("Yes, gladly.")
        again = stream.wait_for(
            lambda events: [e for e in events if e.data.get("from") == "hr"][1:]
        )[0]
        browser.post("feedback", {**body, "event": again.number, "helped": True})
        thanks = stream.wait_for(
            lambda events: next((e for e in events if "How was it?" in e.data.get("text", "")), 0)
        )
        assert len(thanks.data["choices"]) == 5
        browser.press(thanks.data["choices"][1])
        stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "Thank you! That" in t])
    [case] = site.rows(Case)
    assert (case.feedback, case.csat, case.status) == ("helpful", 4, "resolved")


def test_an_answer_that_did_not_help_asks_what_was_missing(
    site: Site, assistant: AssistantDouble
) -> None:
    said = {"text": "Half.", "buttons": [], "metadata": {"audience": "both", "source": "Guide"}}
    assistant.answer = lambda body: reply(messages=[said])
    browser = site.browser()
    with browser.stream() as stream:
        browser.say("How much?")
        answer = stream.event("message", feedback=True)
        assert answer.data["text"] == "Half.\n\nSource: Guide"
        body = {"id": browser.new_id(), "event": answer.number, "helped": False}
        assert browser.post("feedback", body).status_code == 202
        missing = stream.wait_for(
            lambda events: next((e for e in events if len(e.data.get("choices", ())) == 4), None)
        )
        person = next(c for c in missing.data["choices"] if c["text"] == "I want a person")
        browser.press(person)
        form = stream.event("form")
        assert browser.fill_in(form.data["form"], EMAIL).status_code == 202
        assert browser.post("feedback", {**body, "event": 1}).status_code == 400
    assert site.rows(TurnLog)[0].feedback_detail == "person"
    assert site.rows(Case)[0].question == "How much?"


def test_hr_closes_without_an_answer_and_the_candidate_hears_why(site: Site, mail: MailBox) -> None:
    browser = site.browser()

    def close(session: Any, case_id: int, actor: Any, reason: str, now: Any) -> Case:
        return work.resolve(session, case_id, actor, now, reason=reason)

    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("not_hr", close)
        closed = stream.wait_for(
            lambda events: next((e for e in events if "has closed" in e.data.get("text", "")), 0)
        )
        site.wait_for(lambda: mail.messages)
        browser.press(closed.data["choices"][0])
        site.wait_for(lambda: site.rows(Case)[0].status == "claimed")


def test_an_e_mail_is_tried_again_and_sent_once(site: Site, mail: MailBox) -> None:
    mail.answers = ["451 Try again later", "421 Busy"]
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("Yes.")
        site.wait_for(lambda: mail.messages)
    site.wait_until_idle()
    assert mail.attempts == 3
    assert len(mail.messages) == 1
    rows = [row for row in site.rows(OutboxRow) if row.kind == "email"]
    assert [row.status for row in rows] == ["sent"]


def test_an_e_mail_that_nobody_takes_is_passed_on_by_hr(site: Site, mail: MailBox) -> None:
    mail.answers = ["554 No such user"]
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("Yes.")
        site.wait_for(lambda: "was refused" in site.hr_sees())
    assert mail.messages == []
    assert EMAIL in site.hr_sees()


def test_without_a_mail_server_hr_sees_the_link(
    site: Site,
    database: Database,
    assistant: AssistantDouble,
    workspace: SandboxServer,
    tmp_path: Path,
) -> None:
    site.wait_until_idle()
    with running_site(database, tmp_path, assistant, workspace) as other:
        other.began = site.began
        browser = other.browser()
        with browser.stream() as stream:
            sent(browser, stream)
            other.hr_answers("Yes.")
            other.wait_for(lambda: "#hr=" in other.hr_sees())
        link = re.search(r"#hr=([\w.-]+)", other.hr_sees())[1]
        assert Browser(other.url).post("resume", {"link": link}).status_code == 200


def test_deleting_leaves_nothing_and_takes_the_question_back(
    site: Site, assistant: AssistantDouble
) -> None:
    browser = site.browser()
    with browser.stream() as stream, browser.stream() as other_tab:
        sent(browser, stream, name="Robin")
        browser.say("Which jobs are open?")
        stream.event("message", text="About: Which jobs are open?")
        site.wait_until_idle()
        assistant.told.clear()
        assert browser.send("DELETE", "conversation").status_code == 204
        for tab in (stream, other_tab):
            assert tab.event("deleted").data == {}
            tab.wait_until_over()
    site.wait_until_idle()
    [case] = site.rows(Case)
    assert (case.status, case.feedback) == ("resolved", "withdrawn")
    site.wait_for(lambda: "taken back by the asker" in site.hr_sees())
    [conversation] = site.rows(Conversation)
    assert conversation.address_sealed == ""
    assert assistant.told == [("forget", {"conversation": conversation.id, "turns": None})]
    assert {turn.question for turn in site.rows(TurnLog)} == {None}
    assert [event.kind for event in site.rows(WidgetEvent)] == ["deleted"]
    for response in (
        browser.post("messages", {"id": "12345678", "text": "Hi"}),
        browser.send("GET", "events"),
        browser.send("DELETE", "conversation"),
    ):
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "session_expired"


def test_what_hr_says_after_a_deletion_goes_nowhere(site: Site, mail: MailBox) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("Yes.")
        site.wait_for(lambda: mail.messages)
        link = link_in(mail.messages[0])
    browser.send("DELETE", "conversation")
    assert Browser(site.url).post("resume", {"link": link}).status_code == 410
    with site.database.write() as session:
        case = site.rows(Case)[0]
        work.resolve(session, case.id, work.SYSTEM, site.clock())
    site.wait_until_idle()
    assert [event.kind for event in site.rows(WidgetEvent)] == ["deleted"]
    assert len(mail.messages) == 1
