"""“Tell HR something”, from the Home tab and by command, with a name and without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Case, Conversation
from bot.sandbox.seed import GUEST, HR_CHANNEL, ROBIN, SAM

from .desk_loop import SECONDS, DeskLoop, desk_loop, shown


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("tell_hr")) as running:
        running.assistant.tells["near"] = {"near": []}
        yield running


def tell(loop: DeskLoop, text: str, name: str = "named") -> Case:
    """Tell HR something by command; return the case that it became."""
    loop.slack.command("/hr", "feedback", user=ROBIN)
    loop.slack.submit({"text": text, "name": name}, user=ROBIN)
    loop.idle()
    with loop.database.read() as session:
        return session.scalar(select(Case).order_by(Case.id.desc()))


def near(topic: str, similarity: float) -> dict[str, Any]:
    return {"near": [{"topic": topic, "title": "", "question": "", "similarity": similarity}]}


def test_feedback_lands_in_hrs_queue_and_hr_can_reply(loop: DeskLoop) -> None:
    case = tell(loop, "The new scrubs are great, my ssn is 123-45-6789")
    assert (case.is_feedback, case.queue, case.anonymous) == (True, "default", False)
    assert "123-45" not in case.question
    card = loop.slack.wait_for_message("new scrubs", channel=HR_CHANNEL, user=SAM, timeout=SECONDS)
    assert f"{case.reference}, feedback" in shown(card)
    told = loop.slack.wait_for_message("Thank you. HR has it", timeout=SECONDS)
    assert case.reference in told.text
    loop.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    loop.slack.submit({"text": "So glad you like them!"}, user=SAM)
    assert "So glad" in shown(loop.slack.wait_for_message("So glad you like", timeout=SECONDS))


def test_without_a_name_hr_sees_words_and_day_only_and_can_reply(loop: DeskLoop) -> None:
    case = tell(loop, "The break room is always cold", "anonymous")
    assert (case.anonymous, case.person_id, case.created_at.hour) == (True, None, 0)
    with loop.database.read() as session:
        assert session.get(Conversation, case.conversation_id).person_id is None
    card = loop.slack.wait_for_message("always cold", channel=HR_CHANNEL, user=SAM, timeout=SECONDS)
    assert ROBIN not in shown(card)
    loop.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    loop.slack.submit({"text": "We had it looked at."}, user=SAM)
    assert loop.slack.wait_for_message("We had it looked at", timeout=SECONDS)


def test_the_home_tab_has_the_button_for_employees(loop: DeskLoop) -> None:
    loop.slack.open_home(user=ROBIN)
    loop.slack.wait_for(lambda workspace: "tell_hr" in str(workspace.home(ROBIN)), SECONDS)
    loop.slack.click(action_id="tell_hr", user=ROBIN)
    assert loop.slack.open_view(user=ROBIN).content["callback_id"] == "tell_hr_form"


def test_what_only_few_should_read_goes_to_the_restricted_queue(loop: DeskLoop) -> None:
    loop.assistant.tells["near"] = near("relations/harassment", 0.7)
    try:
        assert tell(loop, "My lead makes comments").queue == "relations"
        loop.assistant.tells["near"] = near("relations/harassment", 0.3)
        assert tell(loop, "The lights are too bright").queue == "default"
    finally:
        loop.assistant.tells["near"] = {"near": []}
    assert tell(loop, "I want to kill myself").queue == "relations"


def test_no_words_are_no_feedback_and_guests_are_told_so(loop: DeskLoop) -> None:
    with loop.database.read() as session:
        before = session.query(Case).count()
    loop.slack.command("/hr", "feedback", user=ROBIN)
    assert loop.slack.submit({"text": "   ", "name": "named"}, user=ROBIN).errors
    loop.slack.command("/hr", "feedback", user=GUEST)
    assert loop.slack.open_view(user=GUEST) is None
    with loop.database.read() as session:
        assert session.query(Case).count() == before
