"""What candidates do with their own cases: reply, add, take back, say whether it helped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.db.models import Case, TurnLog
from bot.desk import work

from ..servers import AssistantDouble, reply
from .asked import EMAIL, offer, sent
from .conftest import MailBox
from .site import Site

pytestmark = pytest.mark.parametrize("_migrated", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _offering(site: Site, assistant: AssistantDouble, mail: MailBox) -> None:
    assistant.answer = offer


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


def test_nobody_adds_to_a_question_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.gateway.widget.own_cases.MOST_ADDITIONS_A_DAY", 1)
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        browser.say("Add to my question: it talks.")
        browser.say("Add to my question: it talks a lot.")
        stream.wait_for(lambda _: [t for t in stream.texts("assistant") if "a lot from you" in t])
        site.wait_until_idle()
        assert "it talks." in site.hr_sees()
        assert "it talks a lot." not in site.hr_sees()
        site.clock.shift = timedelta(days=1, minutes=1)
        browser.say("Add to my question: it sings.")
        site.wait_for(lambda: "it sings." in site.hr_sees())


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
