from __future__ import annotations

import asyncio
import json

import pytest
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.faq.nlg import AnswerBookGenerator
from bot.programs.catalogue import import_programs


@pytest.fixture
def generator(settings) -> AnswerBookGenerator:
    database = Database(settings.database_url)
    upgrade(database)
    with database.write() as session:
        import_programs(session, settings.data_dir / "programs.yml")
    database.dispose()
    return AnswerBookGenerator(settings=settings)


def say(generator: AnswerBookGenerator, response: str, audience: str) -> dict:
    tracker = DialogueStateTracker.from_events(
        "test", [UserUttered("a question", metadata={"audience": audience})]
    )
    return asyncio.run(generator.generate(response, tracker, "gateway"))


def test_an_answer_about_a_program_has_one_button_to_its_details(generator):
    said = say(generator, "utter_development/tuition_assistance", "employee")

    [button] = [b for b in said["buttons"] if b["title"] == "Program details"]
    assert json.loads(button["payload"]) == {
        "intent": "program_details",
        "entities": {"program": "tuition-assistance"},
    }
    assert "5,250" in said["text"]


def test_an_answer_about_something_else_has_none(generator):
    titles = [b["title"] for b in say(generator, "utter_benefits/dental", "employee")["buttons"]]

    assert "Program details" not in titles


def test_an_outsider_is_not_led_to_an_internal_program(generator):
    said = say(generator, "utter_development/tuition_assistance", "candidate")

    assert "tuition-assistance" not in json.dumps(said["buttons"])


def test_asked_twice_there_is_still_one_button(generator):
    for _ in range(2):
        said = say(generator, "utter_development/tuition_assistance", "employee")

    assert [b["title"] for b in said["buttons"]].count("Program details") == 1


@pytest.mark.parametrize("audience", ["employee", "candidate"])
def test_a_button_of_an_answer_that_was_taken_back_says_so(generator, audience):
    said = say(generator, "utter_pay/taken_back_since", audience)

    assert "taken that answer back" in said["text"]
    assert said["metadata"]["audience"] == "both"
