"""Who of HR may change an answer or a program: the people of its queue, and its owner."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.db.models import Program
from bot.desk import editing
from bot.desk.cases import DeskError
from bot.desk.editing import Subject
from bot.desk.routing import Queue
from bot.faq import content
from bot.faq.book import AnswerBook
from bot.gateway.slack.gate import Gate
from bot.privacy.audience import READERS


class Editors:
    """Lets those through to an answer or a program who look after it."""

    def __init__(self, gate: Gate, book: AnswerBook) -> None:
        self._gate = gate
        self._book = book

    def works_on(self, topic: str | None, queues: Iterable[Queue]) -> bool:
        """Say whether what belongs to a topic is the business of one of these queues."""
        routing = self._gate.desk.routing
        return any(routing.queue_for(topic, reader) in queues for reader in READERS)

    async def require(self, subject: Subject, user: str) -> None:
        """Let somebody through who may change this.

        Raises:
            DeskError: if they may not.
        """
        topic, owner = await asyncio.to_thread(self._topic_and_owner, subject)
        named, members = self._gate.desk.routing.named_for(owner), self._gate.members
        queues = await members.queues_of(user)
        if self.works_on(topic, queues) or any(queue.name in named for queue in queues):
            return
        if await members.is_one_of(user, named):
            return
        raise DeskError(self._gate.say("not_allowed"))

    def _topic_and_owner(self, subject: Subject) -> tuple[str | None, str]:
        with self._gate.desk.database.read() as session:
            topic = editing.topic_of(session, subject)
            if subject.kind == content.PROGRAM:
                program = session.get(Program, subject.name)
                return topic, program.owner if program else ""
        variants = self._book.responses.get(subject.name, ())
        known = subject.variant < len(variants)
        return topic, variants[subject.variant].metadata.get("owner") or "" if known else ""
