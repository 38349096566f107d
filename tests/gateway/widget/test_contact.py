"""The form with which a question goes to HR: what it takes, and what HR sees of it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from bot.db.models import Case
from bot.db.session import Database
from bot.sandbox.app import SandboxServer

from ..servers import AssistantDouble, Json
from .asked import EMAIL, QUESTION, form_of, offer, sent
from .conftest import MailBox
from .site import Site, running_site

ON_SQLITE = pytest.mark.parametrize("_migrated", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _offering(site: Site, assistant: AssistantDouble, mail: MailBox) -> None:
    assistant.answer = offer


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


@ON_SQLITE
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
    return inspect(database.engine).get_table_names()


@ON_SQLITE
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


@ON_SQLITE
def test_a_form_of_another_conversation_is_unknown(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        form = form_of(browser, stream)["form"]
    refused = site.browser().fill_in(form, EMAIL)
    assert refused.json()["error"]["code"] == "form_unknown"


def test_a_conversation_sends_hr_so_many_questions_an_hour(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        for _ in range(4):
            browser.say(QUESTION)
        shown = stream.wait_for(
            lambda events: [e for e in events if e.name == "form"][3:] and list(events)
        )
    forms = [event.data["form"] for event in shown if event.name == "form"]
    answers = [browser.fill_in(form, EMAIL) for form in forms]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    error = answers[-1].json()["error"]
    assert error["code"] == "too_many_cases"
    assert error["message"].startswith("Our team has several questions from here already")
    assert 3500 < int(answers[-1].headers["retry-after"]) <= 3600
    assert len(site.rows(Case)) == 3
    # What HR has already may be sent once more, with another address say.
    assert browser.fill_in(forms[0], EMAIL).status_code == 202
    site.clock.shift = timedelta(minutes=61)
    assert browser.fill_in(forms[-1], EMAIL).status_code == 202
    assert len(site.rows(Case)) == 4


@ON_SQLITE
def test_new_conversations_do_not_get_around_the_limit_of_their_address(
    database: Database, assistant: AssistantDouble, workspace: SandboxServer, tmp_path: Path
) -> None:
    more = {"WIDGET_ADDRESS_CASE_RATE": "2/day"}
    with running_site(database, tmp_path, assistant, workspace, **more) as site:
        answers = []
        for _ in range(3):
            browser = site.browser()
            with browser.stream() as stream:
                answers.append(browser.fill_in(form_of(browser, stream)["form"], EMAIL))
        site.wait_until_idle()
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[-1].json()["error"]["code"] == "too_many_cases"
    with database.read() as session:
        assert session.query(Case).count() == 2


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
