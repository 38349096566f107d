"""“Tell me when it opens”: from the button to the e-mails, over real HTTP and SMTP."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage

import httpx
import pytest

from bot.db.models import ProgramDate
from bot.db.reminders import ProgramReminder
from bot.privacy.erasure import erase
from bot.privacy.export import export
from bot.privacy.sealing import Seal
from bot.privacy.subjects import find_subject
from bot.programs import openings
from bot.programs.catalogue import import_programs
from bot.settings import ROOT

from ..servers import AssistantDouble, reply
from .asked import EMAIL
from .browser import Browser, Stream
from .conftest import MailBox
from .site import Site

PROGRAM = "nurse-residency"
BUTTON = "Tell me when it opens"


@pytest.fixture(autouse=True)
def _residency(site: Site, assistant: AssistantDouble, mail: MailBox) -> None:
    with site.database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
    opens(site, 30)
    about = {"audience": "both", "is_answer": True, "programs": [PROGRAM]}
    said = [{"text": "A start for nurses.", "metadata": about, "buttons": []}]
    assistant.answer = lambda body: reply(messages=said, kind="program", topic=None)


def opens(site: Site, days: int) -> None:
    """Let the program's only window open in so many days."""
    first = site.clock().date() + timedelta(days=days)
    with site.database.write() as session:
        session.query(ProgramDate).filter_by(program_id=PROGRAM).delete()
        window = {"name": "Cohort", "opens": first, "closes": first + timedelta(days=20)}
        session.add(ProgramDate(program_id=PROGRAM, **window))


def asked(site: Site, browser: Browser, stream: Stream) -> None:
    """Ask, press the button, and leave an address."""
    browser.say("what is the residency?")
    answer = stream.event("message", text="A start for nurses.")
    (choice,) = [one["id"] for one in answer.data["choices"] if one["text"] == BUTTON]
    assert browser.press(choice).status_code == 202
    form = stream.event("form").data
    assert "once" in form["consent"]
    assert browser.fill_in(form["form"], EMAIL).status_code == 202
    assert "confirm" in stream.event("form_done").data["text"]
    site.wait_until_idle()


def links(message: EmailMessage) -> list[str]:
    return re.findall(r"http://\S+", message.get_content())


def tick(site: Site) -> None:
    with site.database.write() as session:
        openings.put_due(session, site.clock(), site.clock().tzinfo)
    site.wait_until_idle()


def test_from_the_button_to_the_mail_that_it_is_open(site: Site, mail: MailBox) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        asked(site, browser, stream)
    site.wait_for(lambda: mail.messages)
    (first,) = mail.messages
    assert (first["To"], first["Auto-Submitted"]) == (EMAIL, "auto-generated")
    confirm, stop = links(first)
    assert first["List-Unsubscribe"] == f"<{stop}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = httpx.get(confirm)
    assert (page.status_code, "Yes, tell me" in page.text) == (200, True)
    assert site.rows(ProgramReminder)[0].status == "unconfirmed", "a look changes nothing"
    assert "Thank you" in httpx.post(confirm).text
    opens(site, 0)
    for _ in range(2):
        site.wait_for(lambda: _ticked(site))
    site.wait_for(lambda: len(mail.messages) == 2)
    second = mail.messages[1]
    assert second["Subject"] == "Nurse Residency Program is open"
    assert links(second)[-1] == stop
    (wanted,) = site.rows(ProgramReminder)
    assert (wanted.status, wanted.email_sealed) == ("sent", None)
    assert len(mail.messages) == 2


def _ticked(site: Site) -> bool:
    # The running gateway may tick at the same moment.
    tick(site)
    return True


def test_one_click_stops_it_and_forgets_the_address(site: Site, mail: MailBox) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        asked(site, browser, stream)
    site.wait_for(lambda: mail.messages)
    confirm, stop = links(mail.messages[0])
    assert "Stop, and forget my address" in httpx.get(stop).text
    assert len(site.rows(ProgramReminder)) == 1
    for _ in range(2):
        done = httpx.post(stop, data={"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "won&#x27;t write to you" in done.text) == (200, True)
    assert site.rows(ProgramReminder) == []
    assert httpx.get(confirm).status_code == 404
    assert httpx.post(confirm).status_code == 404


def test_a_refused_address_is_forgotten_and_a_busy_server_tried_again(
    site: Site, mail: MailBox
) -> None:
    mail.answers[:] = ["451 Later", "554 No"]
    browser = site.browser()
    with browser.stream() as stream:
        asked(site, browser, stream)
    site.wait_for(lambda: mail.attempts == 2)
    site.wait_for(lambda: not site.rows(ProgramReminder))
    assert mail.messages == []


def test_deleting_the_conversation_takes_the_address_along(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        asked(site, browser, stream)
    assert browser.send("DELETE", "conversation").status_code == 204
    assert site.rows(ProgramReminder) == []


def test_it_is_exported_and_erased_by_the_address(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        asked(site, browser, stream)
    seal, now = Seal(site.settings.encryption_key), site.clock()
    with site.database.write() as session:
        subject = find_subject(session, seal, EMAIL.upper())
        assert subject.conversations == (), "whose conversation it is, nobody has proved"
        (row,) = export(session, subject, seal, now, "operator:test")["program_reminders"]
        assert row["email"] == {"email": EMAIL}
        assert erase(session, subject, seal, now, "operator:test")["program_reminders"] == 1
    assert site.rows(ProgramReminder) == []


def test_without_a_day_to_wait_for_there_is_no_button(site: Site) -> None:
    opens(site, -1)
    browser = site.browser()
    with browser.stream() as stream:
        browser.say("what is the residency?")
        answer = stream.event("message", text="A start for nurses.")
    assert BUTTON not in str(answer.data)
