from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.db.models import Case
from bot.desk.routing import Queue, Routing
from bot.gateway.slack.client import Slack
from bot.gateway.slack.members import Members
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import CASEY, DANA, GENERAL, HR_CHANNEL, HR_USER_GROUP, SAM

SHARED = "C0ELSEWHERE"


def queue(members: tuple[str, ...] | None, admins: tuple[str, ...] = ()) -> Queue:
    return Queue("default", "HR", HR_CHANNEL, members, admins, (), ("employee",))


def may(
    slack: Slack, found: Queue, user: str, channel: str | None = HR_CHANNEL, posted: bool = True
) -> bool:
    case = Case(id=1, queue="default", card_channel=HR_CHANNEL if posted else None)
    members = Members(slack, Routing({"default": found}))
    return asyncio.run(members.may_work_on(case, user, channel))


@pytest.mark.parametrize("posted", [True, False])
def test_whoever_is_in_the_cards_channel_may(slack: Slack, posted: bool) -> None:
    assert may(slack, queue(None), CASEY, HR_CHANNEL, posted)
    assert not may(slack, queue(None), CASEY, GENERAL, posted)
    assert not may(slack, queue(None), CASEY, None, posted)


def test_a_card_that_was_shared_elsewhere_lets_nobody_in(slack: Slack) -> None:
    assert not may(slack, queue(None), CASEY, SHARED)


def test_the_people_of_the_queues_channel_may_from_anywhere(slack: Slack) -> None:
    for channel in (SHARED, None):
        assert may(slack, queue(None), SAM, channel)


def test_somebody_works_in_the_queues_that_take_them(slack: Slack) -> None:
    queues = {
        "default": queue(None),
        "listed": replace(queue((DANA,)), name="listed"),
        "led": replace(queue((), (HR_USER_GROUP,)), name="led"),
    }
    members = Members(slack, Routing(queues))

    def names(user: str) -> list[str]:
        return [found.name for found in asyncio.run(members.queues_of(user))]

    assert names(SAM) == ["default", "led"]
    assert names(DANA) == ["default", "listed", "led"]
    assert names(CASEY) == []
    assert asyncio.run(members.leads(queues["led"], SAM))
    assert not asyncio.run(members.leads(queues["default"], SAM))


def test_with_a_list_only_the_listed_may(slack: Slack) -> None:
    assert may(slack, queue((SAM,)), SAM)
    assert may(slack, queue((SAM,), (DANA,)), DANA)
    assert not may(slack, queue((SAM,)), DANA)
    assert not may(slack, queue(()), SAM)


def test_members_of_a_user_group_may(slack: Slack) -> None:
    assert may(slack, queue((HR_USER_GROUP,)), DANA)
    assert not may(slack, queue((HR_USER_GROUP,)), CASEY)


def test_the_owner_of_a_listed_address_may(slack: Slack) -> None:
    assert may(slack, queue(("Dana.Wu@CedarValley.example",)), DANA)
    assert not may(slack, queue(("dana.wu@cedarvalley.example",)), CASEY)


@pytest.mark.parametrize("listed", [HR_USER_GROUP, "dana.wu@cedarvalley.example"])
def test_while_slack_does_not_tell_nobody_may(
    sandbox: SandboxServer, slack: Slack, listed: str
) -> None:
    sandbox.faults.server_error("*")
    assert not may(slack, queue((listed,)), DANA)
    assert may(slack, queue((listed,)), DANA)


def test_an_unknown_group_does_not_hide_the_next(slack: Slack) -> None:
    assert may(slack, queue(("S0NOSUCH001", HR_USER_GROUP)), DANA)


def test_an_unknown_person_may_not(slack: Slack) -> None:
    assert not may(slack, queue(("dana.wu@cedarvalley.example",)), "U0NOBODY001")


def test_the_members_of_a_removed_queue_are_the_default_ones(slack: Slack) -> None:
    members = Members(slack, Routing({"default": queue((SAM,))}))
    case = Case(id=1, queue="closed last year", card_channel=HR_CHANNEL)
    assert asyncio.run(members.may_work_on(case, SAM, HR_CHANNEL))
