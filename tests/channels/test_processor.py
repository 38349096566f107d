from __future__ import annotations

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from bot.channels.processor import CheckedRemoteAction

GOOD = {
    "events": [{"event": "slot", "name": "program", "value": "loans", "timestamp": None}],
    "responses": [{"text": "Hello!"}],
}
BAD = {"events": [{"event": "slot"}], "responses": ["Hello!"]}


@pytest.mark.parametrize("kind", [RemoteAction, CheckedRemoteAction])
def test_an_answer_of_the_action_server_is_checked_as_rasa_checks_it(kind):
    action = kind("action_find_program", None)
    assert action._validate_action_result(GOOD)
    with pytest.raises(ValidationError):
        action._validate_action_result(BAD)
