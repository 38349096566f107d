"""Libraries' notes to their developers stay off stderr; our own warnings don't."""

import sys
import warnings

import pytest

from bot.logs import quiet_libraries


@pytest.fixture
def seen(monkeypatch):
    monkeypatch.setattr(sys, "warnoptions", [])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quiet_libraries()
        yield caught


def warn(text, category, module):
    warnings.warn_explicit(text, category, f"{module}.py", 1, module=module)


@pytest.mark.parametrize("module", ["rasa.core.agent", "sanic_cors.extension", "botocore"])
@pytest.mark.parametrize("category", [DeprecationWarning, FutureWarning])
def test_a_librarys_deprecation_is_not_shown(seen, module, category):
    warn("this is old", category, module)
    assert not seen


@pytest.mark.parametrize("module", ["bot.assistant", "actions.turn", "__main__"])
def test_our_own_deprecation_is_shown(seen, module):
    warn("this is old", DeprecationWarning, module)
    assert len(seen) == 1


def test_what_rasa_says_of_the_data_is_shown_unless_it_is_always_said(seen):
    warn("There are no examples for intent 'leave'.", UserWarning, "rasa.shared.core.domain")
    warn("Slot auto-fill has been removed in 3.0 and …", UserWarning, "rasa.shared.core.domain")
    assert [str(one.message)[:10] for one in seen] == ["There are "]


def test_who_asks_python_for_warnings_gets_them(monkeypatch):
    monkeypatch.setattr(sys, "warnoptions", ["default"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quiet_libraries()
        warn("this is old", DeprecationWarning, "rasa.core.agent")
    assert len(caught) == 1
