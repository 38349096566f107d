"""“Tell me when it opens”, in the widget and on the pages behind the links of its e-mails."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta

from playwright.sync_api import expect

from bot.db.models import ProgramDate
from bot.db.reminders import ProgramReminder
from bot.db.session import Database

from ..gateway.servers import reply
from .conftest import Enter
from .product import SECONDS, Product

PROGRAM = "nurse-residency"


def opens_later(database: Database) -> None:
    first = date.today() + timedelta(days=30)
    with database.write() as session:
        session.query(ProgramDate).filter_by(program_id=PROGRAM).delete()
        window = {"name": "Cohort", "opens": first, "closes": first + timedelta(days=9)}
        session.add(ProgramDate(program_id=PROGRAM, **window))


def links_in(product: Product) -> list[str]:
    deadline = time.monotonic() + SECONDS
    while not product.mail.texts:
        assert time.monotonic() < deadline, "no e-mail came"
        time.sleep(0.02)
    return re.findall(r"http://\S+", product.mail.texts[-1])


def test_a_candidate_leaves_an_address_confirms_and_stops(product: Product, enter: Enter) -> None:
    database = Database(product.settings.database_url)
    opens_later(database)
    about = {"audience": "both", "is_answer": True, "programs": [PROGRAM]}
    said = [{"text": "A start for new nurses.", "metadata": about, "buttons": []}]
    product.assistant.answer = lambda body: reply(messages=said, kind="program", topic=None)
    candidate = enter(reduced_motion="reduce").open()
    candidate.ask("residency?", answer="A start for new nurses.")
    candidate.button("Tell me when it opens").click()
    form = candidate.panel.get_by_role("form", name="Tell me when it opens")
    expect(form.get_by_label("Name (optional)")).to_have_count(0)
    form.get_by_label("E-mail", exact=True).fill("kim@home.example")
    candidate.is_accessible()
    form.get_by_label("You may write to me once").check()
    candidate.button("Tell me").click()
    candidate.hears("confirm there")
    expect(form).to_have_count(0)
    confirm, stop = links_in(product)
    page = candidate.page
    page.goto(confirm)
    candidate.is_accessible("html")
    page.get_by_role("button", name="Yes, tell me").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert statuses(database) == ["on"]
    page.goto(stop)
    page.get_by_role("button", name="Stop, and forget my address").click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    candidate.is_accessible("html")
    assert statuses(database) == []
    database.dispose()


def statuses(database: Database) -> list[str]:
    with database.read() as session:
        return [wish.status for wish in session.query(ProgramReminder)]
