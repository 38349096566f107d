"""Times the whole product from Slack to Slack, with the sandbox answering at once.

Real processes, real signed HTTP. Everything shares this machine, the sandbox too.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import cycle, islice
from pathlib import Path

from bot.db.queues import enqueue
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.privacy.audience import BOTH
from bot.privacy.sealing import Seal
from bot.sandbox.model import Message, Person
from bot.settings import load_settings
from tests.bench.programs import Timed
from tests.e2e.stack import Stack, running_stack, trained_model

A_SECOND = 20
SECONDS = 30
PEOPLE = 100
OUTBOUND = 500
CONVERSATIONS = 50
IDLE_WITHIN = 600
QUESTIONS = (
    "when is payday?",
    "is there dental coverage",
    "how do i set up direct deposit",
    "how much PTO do i earn",
    "how much is the night shift differential",
    "does the employer match the 403b",
    "how long is parental leave",
    "can I wear my own scrubs?",
    "which programs help me pay for my RN?",
    "Is there a trombone choir?",
)


@dataclass(frozen=True)
class Delivered:
    """What became of many outbound messages while Slack refused some: counts and seconds."""

    messages: int
    conversations: int
    refused: int
    lost: int
    doubled: int
    out_of_order: int
    seconds: float


@contextmanager
def product() -> Iterator[Stack]:
    """Run everything with a workspace of many people."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({}, Path(folder) / "none.env")
        with running_stack(Path(folder) / "var", trained_model(settings)) as stack:
            for number in range(PEOPLE):
                user = f"U0PERSON{number:03d}"
                person = Person(user, f"p{number}", f"Person {number}", f"p{number}@a.example")
                stack.slack.workspace.people[user] = person
            yield stack


def time_questions(stack: Stack, seconds: int = SECONDS) -> Iterator[Timed]:
    """Ask so many questions a second, and yield how long acknowledgement and answer took."""
    users = [u for u in stack.slack.workspace.people if u.startswith("U0PERSON")]
    _until_answered(stack, [stack.slack.say(q, user=u) for u, q in zip(users, cycle(QUESTIONS))])
    before = len(stack.slack.workspace.attempts)
    said: list[Message] = []
    began = time.monotonic()
    for number, user in enumerate(islice(cycle(users), A_SECOND * seconds)):
        time.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        said.append(stack.slack.say(QUESTIONS[number % len(QUESTIONS)], user=user))
    _until_answered(stack, said)
    attempts = [a for a in stack.slack.workspace.attempts[before:] if a.kind == "event"]
    yield Timed("event to acknowledged", "sqlite", [a.took * 1000 for a in attempts])
    answered = [_seconds_to_answer(stack, message) * 1000 for message in said]
    yield Timed("event to answer posted", "sqlite", answered)


def _until_answered(stack: Stack, said: list[Message]) -> None:
    deadline = time.monotonic() + IDLE_WITHIN
    for message in said:
        while not _replies(stack, message):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no answer to {message.text!r}")
            time.sleep(0.05)
    stack.wait_until_idle(IDLE_WITHIN)


def _seconds_to_answer(stack: Stack, said: Message) -> float:
    return float(_replies(stack, said)[0].ts) - float(said.ts)


def _replies(stack: Stack, said: Message) -> list[Message]:
    return [m for m in stack.slack.workspace.from_bot(said.channel) if m.ts > said.ts]


def deliver_many(stack: Stack, count: int = OUTBOUND) -> Delivered:
    """Let many messages leave while Slack refuses every fourth call or so with 429."""
    users = [u for u in stack.slack.workspace.people if u.startswith("U0PERSON")][:CONVERSATIONS]
    channels = {user: stack.slack.dm(user) for user in users}
    calls_before = len(stack.slack.calls("chat.postMessage"))
    stopping = threading.Event()

    def refuse() -> None:
        refused = 0
        while not stopping.wait(0.05):
            made = len(stack.slack.calls("chat.postMessage")) - calls_before
            if made // 4 > refused:
                stack.slack.faults.rate_limit("chat.postMessage", times=made // 4 - refused)
                refused = made // 4

    refusing = threading.Thread(target=refuse)
    refusing.start()
    began = time.monotonic()
    _put(stack, channels, count)
    stack.wait_until_idle(IDLE_WITHIN)
    seconds = time.monotonic() - began
    stopping.set()
    refusing.join()
    stack.slack.faults.clear()
    calls = stack.slack.calls("chat.postMessage")[calls_before:]
    texts = {
        user: [
            m.text for m in stack.slack.workspace.from_bot(channel) if m.text.startswith("Number ")
        ]
        for user, channel in channels.items()
    }
    seen = Counter(text for said in texts.values() for text in said)
    return Delivered(
        messages=count,
        conversations=len(channels),
        refused=sum(call.status == 429 for call in calls),
        lost=count - len(seen),
        doubled=sum(times > 1 for times in seen.values()),
        out_of_order=sum(_numbers(said) != sorted(_numbers(said)) for said in texts.values()),
        seconds=seconds,
    )


def _put(stack: Stack, channels: dict[str, str], count: int) -> None:
    addresses = AddressBook(Seal(stack.settings.encryption_key))
    team = stack.slack.workspace.team_id
    now = datetime.now(timezone.utc)
    with stack.database.write() as session:
        for number, (user, channel) in enumerate(islice(cycle(channels.items()), count)):
            address = SlackAddress(team, user, channel, "", direct=True)
            conversation = addresses.conversation(session, address, now)
            message = {"text": f"Number {number}.", "metadata": {"audience": BOTH}}
            enqueue(
                session,
                delivery_key=f"bench:{number}",
                kind="notice",
                lane=conversation.id,
                payload={"messages": [message]},
                audience=BOTH,
                conversation_id=conversation.id,
                now=now,
            )


def _numbers(texts: list[str]) -> list[int]:
    return [int(text.removeprefix("Number ").rstrip(".")) for text in texts]
