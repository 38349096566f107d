"""“Delete my conversation”: what is gone, and what nobody gets any more."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest

from bot.db.models import Case, Conversation, InboxRow, OutboxRow, TurnLog, WidgetEvent
from bot.desk import work

from ..servers import AssistantDouble, Json, reply
from .asked import link_in, offer, sent
from .browser import Browser
from .conftest import MailBox
from .site import Site


@pytest.fixture(autouse=True)
def _offering(site: Site, assistant: AssistantDouble, mail: MailBox) -> None:
    assistant.answer = offer


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
    assert (case.status, case.feedback, case.question) == ("resolved", "withdrawn", "[erased]")
    site.wait_for(lambda: "taken back by the asker" in site.hr_sees())
    [conversation] = [row for row in site.rows(Conversation) if row.is_web]
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


def test_a_turn_that_is_under_way_leaves_nothing_either(
    site: Site, assistant: AssistantDouble
) -> None:
    asked, deleted = Event(), Event()

    def slowly(body: Json) -> Json:
        asked.set()
        assert deleted.wait(10)
        return reply("Too late.", audience="both")

    assistant.answer = slowly
    assistant.told.clear()
    browser = site.browser()
    browser.say("Which jobs are open?")
    assert asked.wait(10)
    assert browser.send("DELETE", "conversation").status_code == 204
    deleted.set()
    site.clock.shift = timedelta(minutes=1)
    site.wait_for(lambda: len(assistant.told) == 2)
    site.wait_until_idle()
    assert [event.kind for event in site.rows(WidgetEvent)] == ["deleted"]
    assert site.rows(TurnLog) == site.rows(InboxRow) == site.rows(OutboxRow) == []
