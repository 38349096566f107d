"""From the tap below an answer to the Home tab, over real signed requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from bot.db.models import ProgramDate
from bot.programs.catalogue import import_programs
from bot.sandbox.seed import ROBIN
from bot.settings import ROOT

from ..servers import reply
from .desk_loop import SECONDS, DeskLoop, desk_loop, shown


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("reminding")) as running:
        with running.database.write() as session:
            import_programs(session, ROOT / "data" / "programs.yml")
            closes = date.today() + timedelta(days=40)
            given = {"program_id": "tuition-assistance", "opens": date(2020, 1, 1)}
            # Before every other window, whenever this runs.
            session.query(ProgramDate).filter_by(program_id="tuition-assistance").delete()
            session.add(ProgramDate(name="Next term", closes=closes, **given))
        yield running


def test_one_tap_asks_and_one_cancels(loop: DeskLoop) -> None:
    about = {"audience": "employee", "is_answer": True, "programs": ["tuition-assistance"]}
    said = [{"text": "It pays for school.", "metadata": about, "buttons": []}]
    loop.assistant.answer = lambda body: reply(messages=said, kind="program", topic=None)
    loop.slack.say("what is tuition assistance?", user=ROBIN)
    answer = loop.told("It pays for school.")
    assert "Remind me a week before" in shown(answer)
    loop.slack.click("Remind me a week before", user=ROBIN)
    loop.told("a week before Tuition assistance (Next term) closes")
    loop.slack.open_home(user=ROBIN)
    loop.slack.wait_for(lambda _: "Your reminders" in home(loop), SECONDS)
    loop.slack.click("Cancel", user=ROBIN)
    loop.slack.wait_for(lambda _: "Your reminders" not in home(loop), SECONDS)


def home(loop: DeskLoop) -> str:
    view = loop.slack.workspace.home(ROBIN)
    return str(view.content) if view else ""
