"""The selector inside Rasa itself: trained, cached, loaded, asked."""

import asyncio
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.errors import HRBotError
from bot.nlu.understanding import load_understanding
from tests.nlu.conftest import OTHERS, PUBLIC, TOPICS, phrasings

CONFIG = """
recipe: default.v1
assistant_id: test
language: en
pipeline:
- name: bot.nlu.components.FaqSelector
  decision_file: no/such/file.yml
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "config.yml").write_text(CONFIG)
    blocks = {**TOPICS, **OTHERS}
    data = {
        "version": "3.1",
        "nlu": [
            {"intent": name, "examples": "".join(f"- {text}\n" for text in phrasings(block))}
            for name, block in blocks.items()
        ],
        "responses": {
            f"utter_{name}": [
                {
                    "text": f"About {name}.",
                    "metadata": {"audience": PUBLIC.get(name, "employee"), "title": name},
                }
            ]
            for name in TOPICS
        },
    }
    data["nlu"].append(
        {
            "intent": "my_cases",
            "metadata": {"kind": "dialogue", "title": "My questions"},
            "examples": "- where is my question\n- my open tickets\n- did hr answer my question\n",
        }
    )
    (folder / "data").mkdir()
    with (folder / "data" / "nlu.yml").open("w") as stream:
        YAML().dump(data, stream)
    return folder


def train(project: Path, name: str) -> Path:
    from rasa.model_training import train_nlu

    model = train_nlu(
        config=str(project / "config.yml"),
        nlu_data=str(project / "data"),
        output=str(project / "models"),
        fixed_model_name=name,
    )
    return Path(model)


@pytest.fixture(scope="module")
def environment(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RASA_TELEMETRY_ENABLED", "false")
        patch.setenv("RASA_CACHE_DIRECTORY", str(project / "cache"))
        yield


@pytest.fixture(scope="module")
def model(project, environment, weights_folder) -> Path:
    return train(project, "first")


@pytest.fixture(scope="module")
def parse(model):
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    agent = Agent.load(str(model))

    def ask(text, audience=None):
        metadata = {"audience": audience} if audience else None
        message = UserMessage(text, metadata=metadata)
        return asyncio.run(agent.processor.parse_message(message))

    return ask


def test_a_topic_is_answered_as_a_retrieval_intent(parse):
    parsed = parse("what day do paychecks come", "employee")
    assert parsed["intent"]["name"] == "pay"
    assert parsed["intent"]["full_retrieval_intent_name"] == "pay/payday"
    chosen = parsed["response_selector"]["pay"]["response"]
    assert chosen["utter_action"] == "utter_pay/payday"
    assert chosen["responses"][0]["text"] == "About pay/payday."
    assert parsed["response_selector"]["default"]["response"] == chosen
    assert parsed["decision"]["decision"] == "answer"
    assert parsed["decision"]["topic"] == "pay/payday"


def test_without_metadata_the_asker_is_an_employee(parse):
    assert parse("payday")["decision"]["topic"] == "pay/payday"


def test_a_candidate_gets_nothing_internal_anywhere_in_the_parse_data(parse):
    parsed = parse("when is payday", "candidate")
    assert parsed["intent"]["name"] == "internal_only"
    assert parsed["decision"]["reason"] == "internal"
    assert "payday" not in json.dumps({**parsed, "text": ""})


def test_crisis_phrases_come_before_the_model(parse):
    parsed = parse("i want to die", "candidate")
    assert parsed["intent"] == {"name": "crisis_self_harm", "confidence": 1.0}
    assert parsed["decision"]["kind"] == "crisis"


def test_the_turn_before_comes_from_the_tracker(model):
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.events import UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    agent = Agent.load(str(model))

    def topic(*before):
        said = [UserUttered(text, {"name": "x"}) for text in before]
        tracker = DialogueStateTracker.from_events("anybody", said)
        message = UserMessage("and does it differ for cnas?")
        parsed = asyncio.run(agent.processor.parse_message(message, tracker))
        return parsed["decision"]["topic"]

    assert topic("is dental part of the plan") == "benefits/dental"
    assert topic("is dental part of the plan", "when is payday") == "pay/payday"


def test_what_is_unknown_is_handed_over(parse):
    assert parse("tell me a funny joke")["intent"]["name"] == "handover"


def test_intents_say_in_their_metadata_what_they_are(model):
    labels = {label.name: label for label in load_understanding(model).selector.labels}
    assert labels["my_cases"].title == "My questions"
    assert labels["out_of_scope"].kind == "oos"
    assert labels["careers/how_to_apply"].audience != "employee"
    assert labels["pay/payday"].audience == "employee"
    assert labels["pay/payday"].title == "pay/payday"


def test_without_rasa_the_same_model_decides_the_same(parse, model, tmp_path):
    understanding = load_understanding(model, decision_file=tmp_path / "none.yml")
    for text in ("payday", "i want to die", "when is dinner", "can i wear a ring"):
        for audience in ("employee", "candidate"):
            expected = parse(text, audience)["decision"]
            assert understanding.decide(text, audience).as_dict() == expected


def test_training_again_from_the_cache_gives_the_same(project, model, parse):
    again = load_understanding(train(project, "second"))
    first = load_understanding(model)
    assert again.decide("nose ring") == first.decide("nose ring")
    assert again.selector.thresholds == first.selector.thresholds


def test_a_file_that_is_no_model_is_told(tmp_path):
    with pytest.raises(HRBotError, match="can't be read"):
        load_understanding(tmp_path / "gone.tar.gz")


def test_an_unknown_setting_is_refused():
    from rasa.shared.exceptions import InvalidConfigException

    from bot.nlu.components import FaqSelector

    with pytest.raises(InvalidConfigException, match="treshold"):
        FaqSelector.validate_config({"treshold": 0.5})
