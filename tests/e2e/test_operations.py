"""What an operator sees and does while people go on asking, over real processes."""

from __future__ import annotations

import io
import json
import shutil
import signal
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.db.models import InboxRow, OutboxRow
from bot.errors import HRBotError
from bot.reload import reload_assistants
from bot.sandbox.seed import CASEY, ROBIN
from bot.settings import ROOT
from bot.training import model_path
from tests.e2e.stack import PROCESSES, Stack, running_stack

OLD, NEW = "for everyone, salaried and per diem", "for all of us, salaried and per diem"


@pytest.fixture(scope="module")
def stack(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Give a running product whose data files may be changed."""
    folder = tmp_path_factory.mktemp("operations")
    data = folder / "data"
    shutil.copytree(ROOT / "data", data)
    with running_stack(folder / "var", model, HRBOT_DATA_DIR=str(data)) as running:
        yield running


def lines_of(stack: Stack, process: str) -> list[dict[str, Any]]:
    """Return what a process has logged."""
    log = stack.settings.var_dir / f"{process}.log"
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def ready(stack: Stack) -> dict[str, Any]:
    return httpx.get(f"{stack.gateway_url}/readyz").json()


def test_one_id_leads_from_slacks_event_to_the_answer_in_all_logs(stack: Stack) -> None:
    stack.ask("which programs help me pay for my RN?")
    stack.wait_until_idle()
    turn_id = stack.turn_log()[-1].turn_id
    found = {
        process: {line["event"]: line for line in lines_of(stack, process)
                  if line.get("turn_id") == turn_id}
        for process in PROCESSES
    }  # fmt: skip
    assert found["gateway"].keys() >= {"inbox.accepted", "turn.answered", "outbox.sent"}
    assert found["gateway"]["inbox.accepted"]["slack_event"].startswith("Ev")
    assert found["assistant"].keys() >= {"turn.done"}
    assert found["actions"].keys() >= {"action.done"}


def test_no_line_about_a_turn_lacks_its_id(stack: Stack) -> None:
    stack.ask("which programs help me pay for my RN?")
    stack.ask("when is payday?")
    stack.wait_until_idle()
    for process in PROCESSES:
        for line in lines_of(stack, process):
            about = ("turn.", "action.", "inbox.", "answer.")
            is_reply = str(line.get("delivery_key", "")).startswith(("reply:", "hold:"))
            assert line.get("turn_id") or not (line["event"].startswith(about) or is_reply), line


def teach(stack: Stack, model: Path) -> Path:
    """Change an answer, and put a model of the changed files where training would."""
    answers = stack.settings.data_dir / "faq" / "pay.yml"
    text = answers.read_text(encoding="utf-8")
    assert OLD in text
    answers.write_text(text.replace(OLD, NEW), encoding="utf-8")
    trained = model_path(stack.settings)
    trained.parent.mkdir(exist_ok=True)
    shutil.copy(model, trained)
    return trained


def test_the_model_changes_while_people_are_answered(stack: Stack, model: Path) -> None:
    assert OLD in stack.ask("when is payday?").text
    with pytest.raises(HRBotError, match="hrbot train"):
        list(reload_assistants(stack.settings))
    trained = teach(stack, model)
    with ThreadPoolExecutor(1) as pool:
        swapping = pool.submit(lambda: list(reload_assistants(stack.settings)))
        said = [stack.slack.say("when is payday?", user=CASEY)]
        while not swapping.done():
            said.append(stack.slack.say("when is payday?", user=ROBIN))
            stack.reply_after(said[-1])
    assert swapping.result() == [(stack.settings.assistant_url, trained.name)]
    last = stack.ask("when is payday?")
    assert NEW in last.text
    # Had the assistant stood still, only the first would have been answered meanwhile.
    assert len(said) > 3
    for place in (said[0], said[1]):
        asked = [m for m in said if m.channel == place.channel]
        replies = [m for m in stack.replies_after(place) if m.ts < last.ts]
        assert len(replies) == len(asked)
    assert [a["model"] for a in ready(stack)["checks"]["assistants"]] == [trained.name]


def put_model(stack: Stack, *components: str) -> None:
    """Put an archive that only says which components it has where the model is looked for."""
    nodes = {name: {"uses": name} for name in components}
    metadata = json.dumps({"predict_schema": {"nodes": nodes}}).encode()
    with tarfile.open(model_path(stack.settings), "w:gz") as archive:
        entry = tarfile.TarInfo("metadata.json")
        entry.size = len(metadata)
        archive.addfile(entry, io.BytesIO(metadata))


@pytest.mark.parametrize(
    ("component", "words"),
    [("bot.nlu.selector.Selector", "the old one goes on"), ("rasa.DIETClassifier", "restart it")],
)
def test_a_model_that_cannot_be_taken_leaves_the_old_one_running(
    stack: Stack, component: str, words: str
) -> None:
    put_model(stack, component)
    with pytest.raises(HRBotError, match=words):
        list(reload_assistants(stack.settings))
    assert "Payday is" in stack.ask("when is payday?").text


def test_a_stop_in_the_middle_of_turns_loses_and_doubles_nothing(stack: Stack) -> None:
    taken = inbox(stack)
    questions = ["when is payday?", "which programs help me pay for my RN?"] * 3
    said = [stack.slack.say(question, user=user) for question in questions
            for user in (ROBIN, CASEY)]  # fmt: skip
    deadline = time.monotonic() + 20
    while inbox(stack) < taken + len(said):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    codes = stack.stop()
    # uvicorn ends with the signal that it was asked to stop by.
    assert codes == {"actions": 0, "assistant": 0, "gateway": -signal.SIGTERM}
    events = [line["event"] for line in lines_of(stack, "gateway")]
    assert events[-2:] == ["gateway.drained", "gateway.stopped"]
    with stack.database.read() as session:
        assert session.scalar(select(func.count(InboxRow.claimed_by))) == 0
        assert session.scalar(select(func.count(OutboxRow.claimed_by))) == 0
    for name in PROCESSES:
        stack.start(name)
    stack.wait_until_ready()
    stack.wait_until_idle()
    for first in said[:2]:
        assert len(stack.replies_after(first)) == len(questions)


def inbox(stack: Stack) -> int:
    """Return how many messages have been taken in."""
    with stack.database.read() as session:
        return session.scalar(select(func.count(InboxRow.id)))
