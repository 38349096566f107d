"""Questions that begin elsewhere in Slack and are answered in direct messages.

From the command /hr, the shortcut on a message and the Home tab. The same click or command
counts once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.inbox import accept_choice, accept_text, redacted_text, was_taken
from bot.gateway.metrics import ACCEPTED
from bot.gateway.prompts import Prompts
from bot.gateway.replies import Issuer, Message, public, quoted
from bot.gateway.slack.case_mail import CaseMail
from bot.gateway.wording import Wording
from bot.privacy.audience import CANDIDATE, EMPLOYEE
from bot.privacy.sealing import Seal, opaque_id

Interaction = tuple[str, ...]


@dataclass(frozen=True)
class Asking:
    """Takes such questions in; each `direct` is the asker's direct messages."""

    database: Database
    seal: Seal
    addresses: AddressBook
    prompts: Prompts
    wording: Wording
    mail: CaseMail
    clock: Callable[[], datetime]
    on_inbox: Callable[[], None]
    on_outbox: Callable[[], None]

    def ask(self, direct: SlackAddress, interaction: Interaction, text: str) -> None:
        """Take a typed question in; the reply quotes it."""
        key = self.seal.fingerprint("asked", direct.team, *interaction)
        with self.database.write() as session:
            now = self.clock()
            conversation = self.addresses.conversation(session, direct, now)
            self.mail.leave(session, direct)
            accept_text(
                session,
                conversation,
                key=key,
                text=text,
                now=now,
                is_quoted=True,
                seal=self.seal,
            )
        self._taken("question")

    def choose(
        self, direct: SlackAddress, interaction: Interaction, title: str, meaning: dict[str, Any]
    ) -> None:
        """Take the click on a button in that stands outside of any conversation."""
        key = self.seal.fingerprint("chosen", direct.team, *interaction)
        with self.database.write() as session:
            if was_taken(session, key):
                return
            now = self.clock()
            conversation = self.addresses.conversation(session, direct, now)
            self.mail.leave(session, direct)
            choice = Choice(
                id=opaque_id("choice"),
                conversation_id=conversation.id,
                title=title,
                meaning=meaning,
                created_at=now,
            )
            session.add(choice)
            session.flush()
            accept_choice(session, conversation, key=key, choice=choice, now=now)
        self._taken("choice")

    def offer_topics(
        self, direct: SlackAddress, interaction: Interaction, category: str, *, is_outsider: bool
    ) -> None:
        """Begin a conversation about a category: offer its topics."""
        topics = self.prompts.topics_of(category, CANDIDATE if is_outsider else EMPLOYEE)
        if not topics:
            return
        title = self.prompts.categories[category].title.lower()
        with self.database.write() as session:
            now = self.clock()
            conversation = self.addresses.conversation(session, direct, now)
            issue = Issuer(session, conversation.id, now)
            key = self.seal.fingerprint("category", direct.team, *interaction)
            buttons = [issue(name, {"intent": topic}) for topic, name in topics]
            text = self.wording.say("home_category", category=title)
            # What internal topics are called is internal, too.
            audience = CANDIDATE if is_outsider else EMPLOYEE
            self._say(session, conversation, f"category:{key}", public(text, buttons), audience)
        self.on_outbox()

    def preview(self, direct: SlackAddress, interaction: Interaction, text: str) -> None:
        """Show a picked message as a question, to be asked or not."""
        key = self.seal.fingerprint("picked", direct.team, *interaction)
        with self.database.write() as session:
            now = self.clock()
            conversation = self.addresses.conversation(session, direct, now)
            question = redacted_text(text)
            issue = Issuer(session, conversation.id, now)
            ask = {"gateway": "ask", "question": question, "key": key}
            dismiss = {"gateway": "dismiss", "key": key}
            buttons = [
                issue(self.wording.say("shortcut_ask"), ask),
                issue(self.wording.say("shortcut_dismiss"), dismiss),
            ]
            shown = f"{self.wording.say('shortcut_preview')}\n\n{quoted(question)}"
            self._say(session, conversation, f"picked:{key}", public(shown, buttons), EMPLOYEE)
        self.on_outbox()

    def ask_picked(
        self, session: Session, conversation: Conversation, meaning: dict[str, Any]
    ) -> None:
        """Ask what was shown."""
        text, key = meaning["question"], meaning["key"]
        accept_text(session, conversation, key=key, text=text, now=self.clock())

    def dismiss_picked(
        self, session: Session, conversation: Conversation, meaning: dict[str, Any]
    ) -> None:
        """Let go of what was shown."""
        message = public(self.wording.say("shortcut_dismissed"))
        self._say(session, conversation, f"dismissed:{meaning['key']}", message, CANDIDATE)

    def _say(
        self,
        session: Session,
        conversation: Conversation,
        key: str,
        message: Message,
        audience: str,
    ) -> None:
        enqueue(
            session,
            delivery_key=key,
            kind="notice",
            lane=conversation.id,
            payload={"messages": [message]},
            audience=audience,
            conversation_id=conversation.id,
            now=self.clock(),
        )

    def _taken(self, kind: str) -> None:
        ACCEPTED.labels(kind=kind).inc()
        self.on_inbox()
