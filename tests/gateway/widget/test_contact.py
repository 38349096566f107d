"""The form with which a question goes to HR: what it takes, and what HR sees of it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import inspect, text

from bot.db.models import Case
from bot.db.session import Database

from ..servers import AssistantDouble, Json
from .asked import EMAIL, form_of, offer, sent
from .conftest import MailBox
from .site import Site

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
