from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from bot.gateway import assistant_client
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantStatus,
    AssistantUnavailableError,
    TurnRefusedError,
)

from .servers import TOKEN, AssistantDouble, Json, reply, running_assistant

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def _second() -> Iterator[AssistantDouble]:
    with running_assistant() as double:
        yield double


@pytest.fixture
def two(assistant: AssistantDouble, _second: AssistantDouble) -> list[AssistantDouble]:
    """Give two assistants that have been asked nothing yet."""
    for double in (assistant, _second):
        double.answer = lambda body: reply()
        double.received.clear()
    return [assistant, _second]


def talk(urls: list[str], step: Callable[[AssistantClient], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        client = AssistantClient(urls, TOKEN)
        try:
            return await step(client)
        finally:
            await client.close()

    return asyncio.run(run())


def turn(conversation: str) -> Json:
    return {"turn_id": "turn:1", "conversation": conversation}


async def ask_all(client: AssistantClient, conversations: list[str]) -> None:
    for conversation in conversations:
        await client.turn(turn(conversation))


def heard(double: AssistantDouble) -> Counter[str]:
    return Counter(body["conversation"] for body in double.received)


MANY = [f"slack:{number}" for number in range(40)]


def test_conversations_are_shared_out_and_each_stays_with_its_assistant(
    two: list[AssistantDouble],
) -> None:
    urls = [double.url for double in two]
    talk(urls, lambda client: ask_all(client, MANY))
    # Another gateway, which lists them the other way round, agrees.
    talk(urls[::-1], lambda client: ask_all(client, MANY))
    first, second = map(heard, two)
    assert not first.keys() & second.keys()
    assert {*first, *second} == set(MANY)
    assert min(len(first), len(second)) >= 8


def test_where_one_is_away_the_other_answers_at_once(two: list[AssistantDouble]) -> None:
    talk([NOBODY, two[1].url], lambda client: ask_all(client, MANY))
    assert heard(two[1]) == Counter(MANY)


def test_one_without_a_model_is_passed_over(two: list[AssistantDouble]) -> None:
    two[0].answer = lambda body: (503, {"error": "no_model"})
    talk([double.url for double in two], lambda client: ask_all(client, MANY))
    assert heard(two[1]) == Counter(MANY)
    # It was asked once, and then left alone.
    assert len(two[0].received) == 1


def test_one_that_never_answers_is_left_alone_for_a_while(
    two: list[AssistantDouble], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant_client, "TURN_TIMEOUT_SECONDS", 0.2)
    given_up = threading.Event()

    def hang(body: Json) -> Json:
        given_up.wait(10)
        return reply()

    two[0].answer = hang

    async def step(client: AssistantClient) -> None:
        with pytest.raises(AssistantUnavailableError, match="ReadTimeout"):
            await ask_all(client, MANY)
        await ask_all(client, MANY)
        given_up.set()

    talk([double.url for double in two], step)
    assert len(two[0].received) == 1
    assert heard(two[1]).keys() == set(MANY)


def test_a_turn_that_failed_is_not_tried_elsewhere(two: list[AssistantDouble]) -> None:
    for double in two:
        double.answer = lambda body: (502, {"error": "turn_failed"})
    with pytest.raises(AssistantUnavailableError, match="status 502"):
        talk([d.url for d in two], lambda client: client.turn(turn("slack:1")))
    assert sum(len(double.received) for double in two) == 1


def test_what_is_refused_is_refused_by_all(two: list[AssistantDouble]) -> None:
    for double in two:
        double.answer = lambda body: (422, {"error": "unknown_choice"})
    with pytest.raises(TurnRefusedError, match="unknown_choice"):
        talk([d.url for d in two], lambda client: client.turn(turn("slack:1")))
    assert sum(len(double.received) for double in two) == 1


def test_with_nobody_there_it_says_so() -> None:
    with pytest.raises(AssistantUnavailableError, match="ConnectError"):
        talk([NOBODY], lambda client: client.turn(turn("slack:1")))


def test_each_says_how_it_is(two: list[AssistantDouble]) -> None:
    two[0].status = (200, {"ready": True, "model": "hrbot-1.tar.gz", "actions": True})
    two[1].status = (503, {"ready": False, "model": None, "actions": False})
    found = talk([two[0].url, NOBODY, two[1].url], lambda client: client.statuses())
    assert found == [
        AssistantStatus(two[0].url, is_ready=True, model="hrbot-1.tar.gz", actions=True),
        AssistantStatus(NOBODY, is_ready=False),
        AssistantStatus(two[1].url, is_ready=False, model=None, actions=False),
    ]
