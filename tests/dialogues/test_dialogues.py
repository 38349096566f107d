"""Whole dialogues as people have them, through the real assistant, its model and its actions."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from bot.nlu.decision import OUT_OF_SCOPE_INTENTS
from bot.settings import ROOT
from tests.dialogues.dialogue import TurnLine, read_dialogues
from tests.dialogues.talk import Outcome

LEAST = 60
# What Rasa runs by itself around our own actions.
FORM_ACTIONS = {"validate_hr_question_form"}
# What is nobody's topic is decided as a handover (bot/nlu/ranking.py), never as itself.
NEVER_DECIDED = OUT_OF_SCOPE_INTENTS
# What nobody can bring about by words alone (Rasa loses the thread), and what depends on which
# programs the catalogue has today; tests/programs says these.
UNSAID = {
    "utter_default",
    "utter_nearest_programs",
    "utter_no_deadlines",
    "utter_no_deadlines_then",
    "utter_taken_back",
    "utter_which_of_these",
}

DIALOGUES = read_dialogues()


@pytest.mark.parametrize("name", [dialogue.name for dialogue in DIALOGUES])
def test_dialogue(stage, name: str) -> None:
    dialogue = stage.dialogues[name]
    outcome = stage.play(name)
    for number, turn in enumerate(dialogue.turns):
        problems = list(_problems(turn, outcome, number))
        assert not problems, f"turn {number + 1}: " + "; ".join(problems)
    if dialogue.cases is not None:
        assert outcome.cases == dialogue.cases


def test_there_are_enough_dialogues() -> None:
    assert len(DIALOGUES) >= LEAST


def test_every_rule_is_followed_in_some_dialogue(stage) -> None:
    rules = YAML(typ="safe").load(ROOT / "data" / "dialogue" / "rules.yml")["rules"]
    rules = [rule for rule in rules if rule["steps"][0].get("intent") not in NEVER_DECIDED]
    outcomes = [stage.play(dialogue.name) for dialogue in DIALOGUES]
    steps = [step for outcome in outcomes for step in outcome.steps]
    missing = [rule["rule"] for rule in rules if not any(_follows(step, rule) for step in steps)]
    assert missing == []


def test_every_action_runs_in_some_dialogue(stage) -> None:
    actions = set(YAML(typ="safe").load(ROOT / "domain.yml")["actions"]) - FORM_ACTIONS
    outcomes = [stage.play(dialogue.name) for dialogue in DIALOGUES]
    run = {action for outcome in outcomes for _, done in outcome.steps for action in done}
    # A form asks through its own action, which Rasa doesn't put down as one.
    said = {name for outcome in outcomes for names in outcome.responses for name in names}
    run |= {f"action_{name.removeprefix('utter_')}" for name in said}
    assert actions - run == set()


def test_every_response_of_the_domain_is_said_in_some_dialogue(stage) -> None:
    responses = set(YAML(typ="safe").load(ROOT / "domain.yml")["responses"])
    outcomes = [stage.play(dialogue.name) for dialogue in DIALOGUES]
    said = {name for outcome in outcomes for names in outcome.responses for name in names}
    missing = sorted(responses - said - UNSAID)
    assert not missing, ", ".join(missing)


def test_nothing_internal_is_said_to_candidates(stage) -> None:
    for dialogue in DIALOGUES:
        if dialogue.audience != "candidate":
            continue
        for reply in stage.play(dialogue.name).replies:
            audiences = [message["metadata"].get("audience") for message in reply["messages"]]
            assert set(audiences) <= {"candidate", "both"}, dialogue.name


def _problems(turn: TurnLine, outcome: Outcome, number: int) -> list[str]:
    reply, responses = outcome.replies[number], outcome.responses[number]
    said = "\n---\n".join(message["text"] for message in reply["messages"])
    titles = [button["title"] for message in reply["messages"] for button in message["buttons"]]
    problems = [
        f"{wanted!r} is missing in {responses}: {said}"
        for wanted in turn.expected
        if not (wanted in responses if wanted.startswith("utter_") else wanted in said)
    ]
    problems += [f"{part!r} must not be in {said}" for part in turn.forbidden if part in said]
    if turn.buttons is not None and not (set(turn.buttons) <= set(titles)):
        problems.append(f"buttons {turn.buttons} are not all among {titles}")
    if turn.buttons == [] and titles:
        problems.append(f"there are buttons: {titles}")
    for key in ("decision", "topic"):
        wanted = getattr(turn, key)
        if wanted is not None and reply[key] != wanted:
            problems.append(f"{key} is {reply[key]}, not {wanted}: {said}")
    return problems


def _follows(step: tuple[str, list[str]], rule: dict) -> bool:
    intent, actions = step
    wanted = [one["action"] for one in rule["steps"] if "action" in one]
    intents = [one["intent"] for one in rule["steps"] if "intent" in one]
    return (not intents or intent == intents[0]) and all(action in actions for action in wanted)
