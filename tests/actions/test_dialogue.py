"""Whole conversations through Rasa's real policy, our rules, answer book and action server.

What a message means is given, not understood: understanding has tests of its own.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

import pytest
from ruamel.yaml import YAML

from bot.db.models import Choice
from bot.nlu.parse_data import parse_data_for
from bot.settings import ROOT

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
ASK_QUESTION = "What would you like to ask HR?"
NOTHING_PENDING = "All right. What would you like to know?"


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    from rasa.core.agent import Agent
    from rasa.model_training import train_core

    from bot.channels.action_server import ActionServer
    from bot.faq.nlg import AnswerBookGenerator

    folder = tmp_path_factory.mktemp("dialogue")
    config = YAML(typ="safe").load(ROOT / "config.yml") | {"pipeline": []}
    YAML().dump(config, folder / "config.yml")
    shutil.copytree(ROOT / "data" / "faq", folder / "data")
    shutil.copy(ROOT / "data" / "dialogue" / "rules.yml", folder / "data")
    model = train_core(
        str(ROOT / "domain.yml"), str(folder / "config.yml"), str(folder / "data"), str(folder)
    )
    return Agent.load(
        model,
        action_endpoint=ActionServer(server.settings, timeout_seconds=10),
        generator=AnswerBookGenerator(settings=server.settings),
    )


class Chat:
    """A conversation: say something with a meaning, press a button, read what comes back."""

    def __init__(self, agent: Any, conversation: str, audience: str = "employee") -> None:
        self._agent = agent
        self.conversation = conversation
        self._audience = audience
        self._buttons: list[dict[str, Any]] = []

    def say(self, text: str, label: str) -> str:
        return self._run(text, parse_data_for(label, text=text), choice=False)

    def press(self, title: str) -> str:
        button = next(b for b in self._buttons if b["title"] == title)
        meaning = json.loads(button["payload"])
        parsed = parse_data_for(meaning["intent"], text=title)
        parsed["entities"] = [
            {"entity": name, "value": value} for name, value in meaning.get("entities", {}).items()
        ]
        return self._run(title, parsed, choice=True)

    def _run(self, text: str, parsed: dict[str, Any], *, choice: bool) -> str:
        from rasa.core.channels.channel import UserMessage

        from bot.channels.turns import CollectingChannel

        channel = CollectingChannel()
        message = UserMessage(
            text=text,
            output_channel=channel,
            sender_id=self.conversation,
            parse_data=parsed,
            message_id=uuid4().hex,
            metadata={"audience": self._audience, "choice": choice},
        )
        asyncio.run(self._agent.processor.handle_message(message))
        said = channel.messages
        assert all(m["metadata"].get("audience") in ("employee", "candidate", "both") for m in said)
        self._buttons = [b for m in said for b in m.get("buttons") or []]
        return "\n---\n".join(m["text"] for m in said)


@pytest.fixture
def chat(agent, server) -> Chat:
    return Chat(agent, server.new_conversation())


@pytest.fixture
def references(server, chat) -> Callable[[], list[str]]:
    from bot.desk.cases import cases_of_person

    def read() -> list[str]:
        with server.database.read() as session:
            return [case.question for case in cases_of_person(session, chat.conversation)]

    return read


def test_an_answer_comes_from_the_book(chat):
    assert "plan" in chat.say("dental?", "benefits/dental")


def test_an_unknown_question_goes_to_hr_on_yes(chat, references):
    assert "> who feeds the fish" in chat.say("who feeds the fish", "handover")
    assert "HR-1" in chat.say("ok send it", "affirm")
    assert references() == ["who feeds the fish"]


def test_the_form_takes_any_message_then_asks_for_a_yes(chat, references):
    assert ASK_QUESTION in chat.say("talk to a person", "talk_to_person")
    assert "> dental is a mess" in chat.say("dental is a mess", "benefits/dental")
    assert references() == []
    assert "HR-1" in chat.press("Send to HR")
    assert references() == ["dental is a mess"]


def test_the_form_asks_again_when_nothing_was_asked(chat):
    chat.say("talk to a person", "talk_to_person")

    assert ASK_QUESTION in chat.say("ok", "affirm")
    assert "> why" in chat.say("why", "handover")


@pytest.mark.parametrize("intent", ["crisis_self_harm", "crisis_danger"])
def test_danger_interrupts_the_form_and_leaves_it(chat, references, intent):
    chat.say("talk to a person", "talk_to_person")

    said = chat.say("something terrible", intent)
    assert "911" in said
    assert ASK_QUESTION not in said
    assert "something" not in said
    assert chat.say("yes", "affirm") == NOTHING_PENDING
    assert references() == []


@pytest.mark.parametrize(
    ("intent", "answer"), [("cancel", "All right, stopped."), ("deny", "All right.")]
)
def test_cancel_and_no_leave_the_form(chat, intent, answer):
    chat.say("talk to a person", "talk_to_person")

    said = chat.say("nope", intent)
    assert said.startswith(answer)
    assert ASK_QUESTION not in said
    assert "plan" in chat.say("dental?", "benefits/dental")


def test_another_button_leaves_the_form(chat):
    chat.say("help paying for my rn", "find_program")
    programs = list(chat._buttons)
    chat.say("hello", "greet")
    chat.say("talk to a person", "talk_to_person")
    chat._buttons = programs

    said = chat.press("Tuition assistance")
    assert said.startswith("**Tuition assistance**")
    assert ASK_QUESTION not in said
    assert "plan" in chat.say("dental?", "benefits/dental")


def test_pressing_talk_to_a_person_again_asks_again(chat):
    chat.say("what can you do", "help")
    talk_button = list(chat._buttons)
    assert ASK_QUESTION in chat.press("Talk to a person")
    chat._buttons = talk_button
    assert ASK_QUESTION in chat.press("Talk to a person")
    assert "> why" in chat.say("why", "handover")


def test_the_form_can_be_used_twice(chat, references):
    for question in ("first thing", "second thing"):
        assert ASK_QUESTION in chat.say("talk to a person", "talk_to_person")
        chat.say(question, "handover")
        chat.say("yes", "affirm")

    assert references() == ["second thing", "first thing"]


def test_a_person_right_after_an_answer_gets_that_question(chat):
    chat.say("does dental pay for gold", "benefits/dental")

    assert "> does dental pay for gold" in chat.say("talk to a human", "talk_to_person")


def test_a_late_yes_sends_nothing(chat, references):
    chat.say("who feeds the fish", "handover")
    chat.say("dental?", "benefits/dental")

    assert chat.say("yes", "affirm") == NOTHING_PENDING
    assert references() == []


def test_words_in_braces_are_shown_as_they_are(chat):
    assert "> what is {company.hr_phone} and {quote}" in chat.say(
        "what is {company.hr_phone} and {quote}", "handover"
    )


@pytest.mark.parametrize("audience", ["employee", "candidate"])
def test_everything_that_can_be_meant_is_answered(agent, server, audience):
    domain = YAML(typ="safe").load(ROOT / "domain.yml")
    categories = {path.stem for path in (ROOT / "data" / "faq").glob("*.yml")}
    for intent in set(domain["intents"]) - categories:
        chat = Chat(agent, server.new_conversation(audience), audience)
        assert chat.say("some words", intent), intent


@pytest.mark.parametrize("intent", ["crisis_self_harm", "crisis_danger"])
def test_outsiders_in_danger_get_public_numbers_only(agent, server, intent):
    said = Chat(agent, server.new_conversation("candidate"), "candidate").say("help", intent)

    assert "911" in said
    assert "988" in said
    assert "555" not in said


class Choices:
    """A conversation by choices alone, through the runner that the channel uses."""

    def __init__(self, agent: Any, server: Any) -> None:
        from bot.channels.tracker_store import WindowedTrackerStore
        from bot.channels.turns import TurnRunner

        self._agent, self._database = agent, server.database
        self._runner = TurnRunner(server.database, WindowedTrackerStore(server.database))
        self._conversation = server.new_conversation()

    def choose(self, meaning: dict[str, Any], picked: str | None = None) -> dict[str, Any]:
        from bot.channels.gateway import TurnRequest

        identifier = f"choice:{uuid4().hex}"
        choice = Choice(
            id=identifier,
            conversation_id=self._conversation,
            title="A choice",
            meaning=meaning,
            created_at=NOW,
        )
        with self._database.write() as session:
            session.add(choice)
        turn = TurnRequest(
            turn_id=f"turn:{uuid4().hex}",
            conversation=self._conversation,
            audience="employee",
            choice=identifier,
            date=picked,
        )
        return asyncio.run(self._runner.run(self._agent, turn))["messages"][0]


def test_a_day_is_asked_for_and_the_one_that_is_picked_arrives(agent, server):
    choices = Choices(agent, server)
    asked = choices.choose({"intent": "am_i_eligible", "entities": {"program": "loans"}})
    assert asked["date"] == {
        "label": "My first day here",
        "meaning": {
            "intent": "am_i_eligible",
            "entities": {"program": "loans", "fact": "hire_date"},
            "date": "value",
        },
    }
    answer = choices.choose(asked["date"]["meaning"], "2020-05-04")
    assert "since May 4, 2020" in answer["text"]
    assert "date" not in answer


@pytest.mark.parametrize(
    ("more", "picked"), [({"date": "value"}, None), ({}, "2020-05-04")], ids=["none", "unasked"]
)
def test_a_day_belongs_to_a_choice_that_asks_for_one(agent, server, more, picked):
    from bot.channels.turns import UnknownChoiceError

    meaning = {"intent": "am_i_eligible", "entities": {"fact": "hire_date"}, **more}
    with pytest.raises(UnknownChoiceError):
        Choices(agent, server).choose(meaning, picked)
