"""What people do: they ask, send to HR and answer, patiently and again where nothing happens."""

from __future__ import annotations

import html
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.db.models import Case, InboxRow, OutboxRow
from bot.db.queues import PENDING
from bot.db.session import Database
from bot.sandbox.delivery import Reply
from bot.sandbox.model import Message, RefusedError
from bot.sandbox.seed import BOT, GENERAL

from .plan import Ask, Say
from .product import HR_CHANNELS, HR_PEOPLE, Product

POLL_SECONDS = 0.3
AT_ONCE = 8
"""How many questions to HR are under way."""
MOST_WAITING = 30
"""While so many messages wait for their reply, nobody says anything new."""
PAUSE_SECONDS = 0.15
CLICK_AGAIN_SECONDS = 20.0
MOST_ASKED = 5
FORM_SECONDS = 4.0

Found = TypeVar("Found")


@dataclass
class Question:
    """A question to HR on its way, as far as the people know: what each of them has seen.

    `is_confirmed`: the click on “Send to HR” was acknowledged; `is_answered`: HR's form was.
    `stage` is what is awaited.
    """

    ask: Ask
    said: list[Message] = field(default_factory=list)
    is_confirmed: bool = False
    is_answered: bool = False
    stage: str = "asking"


@dataclass
class People:
    """Everybody in the workspace."""

    product: Product
    database: Database
    patience: float
    said: list[tuple[Say, Message]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    _cases: dict[str, Case] = field(default_factory=dict)
    _waiting: int = 0
    _gone_home: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._slack = self.product.slack
        self._hands = ThreadPoolExecutor(AT_ONCE)
        self._under_way: list[Future[None]] = []
        self._hr: queue.Queue[str] = queue.Queue()
        for user in HR_PEOPLE:
            self._hr.put(user)
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def do(self, step: Say | Ask) -> None:
        """Do one thing; wait before it while too many wait for their reply."""
        time.sleep(PAUSE_SECONDS)
        self._until(lambda: self._waiting + self._on_their_way() < MOST_WAITING)
        if isinstance(step, Say):
            self.said.append((step, self._say(step)))
            return
        question = Question(step)
        self.questions.append(question)
        self._under_way.append(self._hands.submit(self._send_to_hr, question))

    def finish(self) -> None:
        """Wait until every question is answered or given up, and nothing waits."""
        for question in self._under_way:
            question.result()
        said = [message for _, message in self.said]
        self._until(lambda: all(map(self.is_settled, said)))
        time.sleep(3 * POLL_SECONDS)
        self._until(lambda: self._waiting == 0)
        self._gone_home.set()
        self._looking.join()
        self._hands.shutdown()

    def _say(self, step: Say) -> Message:
        user = self.product.people[step.person]
        if step.in_thread:
            return self._slack.say(f"<@{BOT}> {step.question}", user=user, channel=GENERAL)
        return self._slack.say(step.question, user=user, channel=self._slack.dm(user))

    # A question to HR

    def _send_to_hr(self, question: Question) -> None:
        ask = question.ask
        user = self.product.people[ask.person]
        dm = self._slack.dm(user)
        button = "Send anonymously" if ask.anonymous else "Send to HR"
        offer = self._offered(question, user, dm, button)
        if offer is None:
            return
        if not self._confirm(question, user, offer, button):
            return
        case = self._cases[ask.question]
        card = self._until(lambda: self._card(case.id), "card", question)
        if card is not None and self._answer(question, case.id, card):
            self._seen(question, "answer", user, dm, ask.answer)
            question.stage = "done"

    def _offered(self, question: Question, user: str, dm: str, button: str) -> Message | None:
        """Ask, and again if that was never acknowledged or only an apology came of it."""
        for _ in range(MOST_ASKED):
            question.said.append(self._slack.say(question.ask.question, user=user, channel=dm))
            self._until(lambda: self.is_settled(question.said[-1]))
            if self.is_lost(question.said[-1]):
                continue
            reply = self._seen(question, "offer", user, dm, question.ask.question)
            if reply is None or button in str(reply.blocks):
                return reply
        return None

    def _confirm(self, question: Question, user: str, offer: Message, button: str) -> bool:
        """Click until the case is there: once, unless nothing comes of it."""
        question.stage = "case"
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            reply = self._click(button, user, offer)
            if reply is not None and reply.is_ok:
                question.is_confirmed = True
                if self._wait(lambda: question.ask.question in self._cases, CLICK_AGAIN_SECONDS):
                    return True
            if question.ask.question in self._cases:
                return True
            time.sleep(1)
        return False

    def _answer(self, question: Question, case_id: int, card: Message) -> bool:
        question.stage = "HR's form"
        deadline = time.monotonic() + self.patience
        user = self._hr.get()
        try:
            while time.monotonic() < deadline:
                if self._fill_in(user, case_id, card, question.ask.answer):
                    question.is_answered = True
                    return True
                time.sleep(1)
                if self._cases[question.ask.question].answer == question.ask.answer:
                    # It was taken though Slack was told nothing.
                    return True
        finally:
            self._hr.put(user)
        return False

    def _fill_in(self, user: str, case_id: int, card: Message, answer: str) -> bool:
        while self._slack.open_view(user=user) is not None:
            self._slack.close(user=user)
        if self._click("Answer", user, card) is None:
            return False
        if not self._wait(lambda: self._slack.open_view(user=user), FORM_SECONDS):
            return False
        view = self._slack.open_view(user=user)
        assert f'"case": {case_id},' in view.content["private_metadata"]
        try:
            sent = self._slack.submit({"text": answer}, user=user)
        except RefusedError:
            return False
        return sent.reply is not None and sent.reply.is_ok and not sent.is_open

    def _click(self, button: str, user: str, message: Message) -> Reply | None:
        try:
            return self._slack.click(button, user=user, channel=message.channel, ts=message.ts)
        except RefusedError:
            # The message shows something else by now.
            return None

    # What they see

    def _seen(
        self, question: Question, stage: str, user: str, place: str, words: str
    ) -> Message | None:
        """Return what the product has said with these words since the question was asked."""
        asked = question.said[-1].ts

        def newest() -> Message | None:
            for message in reversed(self._slack.messages(place, user=user)):
                shown = message.ts > asked and words in html.unescape(message.text)
                if message.is_from_bot and shown:
                    return message
            return None

        return self._until(newest, stage, question)

    def _card(self, case_id: int) -> Message | None:
        cards = (m for c in HR_CHANNELS for m in self._slack.workspace.from_bot(c))
        return next((m for m in cards if key_of(m).startswith(f"card:{case_id}:")), None)

    def _on_their_way(self) -> int:
        return sum(not self.is_settled(message) for _, message in self.said[-MOST_WAITING:])

    def is_settled(self, message: Message) -> bool:
        """Say whether a message was acknowledged, or never will be."""
        return self.is_acknowledged(message) or self.is_lost(message)

    def is_acknowledged(self, message: Message) -> bool:
        """Say whether the product has acknowledged a message."""
        about = (message.channel, message.ts)
        attempts = list(self._slack.workspace.attempts)
        return any(a.about == about and a.error is None for a in attempts)

    def is_lost(self, message: Message) -> bool:
        """Say whether Slack has given a message up."""
        about = (message.channel, message.ts)
        attempts = [a for a in list(self._slack.workspace.attempts) if a.about == about]
        last = len(self._slack.sandbox.delivery.retry_delays)
        return bool(attempts) and all(a.error for a in attempts) and attempts[-1].number == last

    def _look(self) -> None:
        """Keep in mind how many wait, and which cases there are."""
        while not self._gone_home.wait(POLL_SECONDS):
            try:
                with self.database.read() as session:
                    waiting = [
                        session.scalar(select(func.count(m.id)).where(m.status == PENDING))
                        for m in (InboxRow, OutboxRow)
                    ]
                    cases = list(session.scalars(select(Case)))
            except SQLAlchemyError:
                continue
            self._waiting = sum(waiting)
            self._cases = {case.question: case for case in cases}

    def _until(
        self, look: Callable[[], Found], stage: str = "", question: Question | None = None
    ) -> Found | None:
        """Wait for something, as long as people are patient."""
        if question is not None:
            question.stage = stage
        return self._wait(look, self.patience)

    def _wait(self, look: Callable[[], Found], seconds: float) -> Found | None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(POLL_SECONDS)
        return None


def key_of(message: Message) -> str:
    """Return the delivery key of a message of the product's, or nothing."""
    payload = (message.metadata or {}).get("event_payload") or {}
    return str(payload.get("key", ""))
