"""HR's answer: live, at the next visit, by e-mail and its link, or through HR."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk import work
from bot.sandbox.app import SandboxServer

from ..servers import AssistantDouble
from .asked import EMAIL, link_in, offer, sent
from .browser import Browser
from .conftest import MailBox
from .site import Site, running_site

ON_SQLITE = pytest.mark.parametrize("_migrated", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _offering(site: Site, assistant: AssistantDouble, mail: MailBox) -> None:
    assistant.answer = offer


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


@ON_SQLITE
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


@ON_SQLITE
def test_a_link_can_t_be_made_up(site: Site) -> None:
    browser = site.browser()
    for link in ("x", browser.token, f"{'a' * 24}.{'0' * 64}", ""):
        response = Browser(site.url).post("resume", {"link": link})
        assert response.status_code in (400, 410), link


@ON_SQLITE
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


@ON_SQLITE
def test_an_e_mail_that_nobody_takes_is_passed_on_by_hr(site: Site, mail: MailBox) -> None:
    mail.answers = ["554 No such user"]
    browser = site.browser()
    with browser.stream() as stream:
        sent(browser, stream)
        site.hr_answers("Yes.")
        site.wait_for(lambda: "was refused" in site.hr_sees())
    assert mail.messages == []
    assert EMAIL in site.hr_sees()


@ON_SQLITE
def test_without_a_mail_server_hr_sees_the_link(
    site: Site,
    quick: Database,
    assistant: AssistantDouble,
    workspace: SandboxServer,
    tmp_path: Path,
) -> None:
    # On a database of its own, where no gateway that has a mail server takes its rows.
    with running_site(quick, tmp_path, assistant, workspace) as other:
        other.began = site.began
        browser = other.browser()
        with browser.stream() as stream:
            sent(browser, stream)
            other.hr_answers("Yes.")
            other.wait_for(lambda: "#hr=" in other.hr_sees())
        link = re.search(r"#hr=([\w.-]+)", other.hr_sees())[1]
        assert Browser(other.url).post("resume", {"link": link}).status_code == 200
