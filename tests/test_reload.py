from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.reload import ReloadError, reload_assistants
from bot.settings import Settings

from .gateway.servers import AssistantDouble, running_assistant


@pytest.fixture(scope="module")
def stranger() -> Iterator[AssistantDouble]:
    """Give an assistant that has another internal token."""
    with running_assistant() as double:
        yield double


def test_an_assistant_that_is_away_is_named(settings: Settings) -> None:
    away = replace(settings, assistant_urls=("http://127.0.0.1:1",))
    with pytest.raises(ReloadError, match=r"at http://127\.0\.0\.1:1 does not answer"):
        list(reload_assistants(away))


def test_another_token_is_said_to_be_so(settings: Settings, stranger: AssistantDouble) -> None:
    with pytest.raises(ReloadError, match="INTERNAL_TOKEN"):
        list(reload_assistants(replace(settings, assistant_urls=(stranger.url,))))
    assert stranger.told == []
