"""Reads at the end what Slack shows and the database holds, and names everything that is wrong."""

from __future__ import annotations

import html
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.db.models import Case, InboxRow, OutboxRow
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.privacy.sealing import Seal
from bot.sandbox.model import Message
from bot.sandbox.workspace import Workspace

from .people import People, Question, key_of
from .plan import QUESTIONS
from .product import HR_CHANNELS

POSTED = {"reply", "holding", "notice", "case_opened", "case_answer"}
"""Kinds of outbox rows of which each is one message under its own key."""
APOLOGY = "something went wrong on my side"


@dataclass
class Verdict:
    """What went wrong, one line each, and how much there was of everything."""

    wrong: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Evidence:
    """What Slack shows: each message of the product by its delivery key, and all of a channel."""

    by_key: dict[str, list[Message]]
    workspace: Workspace

    @classmethod
    def of(cls, workspace: Workspace) -> Evidence:
        """Read a workspace."""
        by_key: dict[str, list[Message]] = defaultdict(list)
        for channel in list(workspace.channels):
            for message in workspace.from_bot(channel):
                by_key[key_of(message)].append(message)
        return cls(dict(by_key), workspace)


def judge(people: People, database: Database) -> Verdict:
    """Return the verdict on a run that has come to rest."""
    verdict = Verdict()
    evidence = Evidence.of(people.product.slack.workspace)
    seal = Seal(people.product.settings.encryption_key)
    with database.read() as session:
        findings = [
            *_unknown_or_doubled(evidence),
            *_messages(people, evidence, session, seal, verdict.figures),
            *_turns(evidence, session, AddressBook(seal), verdict.figures),
            *_left_over(evidence, session),
            *_questions(people, evidence, session, verdict.figures),
            *_told_twice_to_the_assistant(session),
        ]
    verdict.wrong = findings
    return verdict


def _unknown_or_doubled(evidence: Evidence) -> Iterator[str]:
    for key, messages in evidence.by_key.items():
        if not key:
            yield from (f"a message without a key: {m.text[:60]!r}" for m in messages)
        elif len(messages) > 1:
            yield f"doubled: {key} was posted {len(messages)} times"


def _messages(
    people: People,
    evidence: Evidence,
    session: Session,
    seal: Seal,
    figures: Counter[str],
) -> Iterator[str]:
    """Every acknowledged message was taken in, and its reply is about what was asked."""
    team = evidence.workspace.team_id
    for step, message in people.said:
        figures["messages"] += 1
        key = seal.fingerprint("message", team, message.channel, message.ts)
        row = session.scalar(select(InboxRow).where(InboxRow.key == key))
        if not people.is_acknowledged(message):
            figures["never acknowledged"] += 1
        elif row is None:
            yield f"lost: “{step.question}” of {message.ts} was acknowledged and isn't there"
        if row is None:
            continue
        figures["taken in"] += 1
        for reply in evidence.by_key.get(f"reply:{row.turn_id}", ()):
            if QUESTIONS[step.question] not in reply.text and APOLOGY not in reply.text:
                yield f"“{step.question}” got another reply: {reply.text[:60]!r}"


def _turns(
    evidence: Evidence, session: Session, addresses: AddressBook, figures: Counter[str]
) -> Iterator[str]:
    """Every turn has one final reply, at most one notice before it, in order and in its place."""
    last: dict[str, str] = {}
    for row in session.scalars(select(InboxRow).order_by(InboxRow.id)):
        figures[row.status] += 1
        replies = evidence.by_key.get(f"reply:{row.turn_id}", [])
        notices = evidence.by_key.get(f"hold:{row.turn_id}", [])
        figures["holding notices"] += len(notices)
        if len(replies) != 1:
            yield f"{row.turn_id} ({row.status}) has {len(replies)} final replies"
            continue
        (reply,) = replies
        if any(notice.ts > reply.ts for notice in notices):
            yield f"{row.turn_id} was held after its reply"
        if reply.ts < last.get(row.conversation_id, ""):
            yield f"{row.turn_id} was answered before an earlier message of its conversation"
        last[row.conversation_id] = reply.ts
        address = addresses.address_of(session, row.conversation_id)
        if (reply.channel, reply.thread_ts or "") != (address.channel, address.thread):
            yield f"{row.turn_id} was answered elsewhere"


def _left_over(evidence: Evidence, session: Session) -> Iterator[str]:
    """Nothing waits, nothing is dead, and what is marked sent is in Slack."""
    for model in (InboxRow, OutboxRow):
        for row in session.scalars(select(model).where(model.status.in_(("pending", "dead")))):
            yield f"left over: {model.__tablename__} {row.id} of {row.lane} is {row.status}"
    sent = select(OutboxRow).where(OutboxRow.status == "sent", OutboxRow.kind.in_(POSTED))
    for row in session.scalars(sent):
        if row.delivery_key not in evidence.by_key:
            yield f"lost: {row.delivery_key} is marked sent and isn't in Slack"


def _questions(
    people: People, evidence: Evidence, session: Session, figures: Counter[str]
) -> Iterator[str]:
    """Every confirmed case is with HR once, every answer with its asker once."""
    cases: dict[str, list[Case]] = defaultdict(list)
    for case in session.scalars(select(Case)):
        cases[case.question].append(case)
    for question in people.questions:
        name = f"question {question.ask.number}"
        figures["questions to HR"] += 1
        opened = cases.pop(question.ask.question, [])
        if len(opened) != 1:
            yield f"{name} has {len(opened)} cases; it came to a stop at: {question.stage}"
            continue
        figures["cases"] += 1
        yield from (f"{name}: {what}" for what in _case(question, opened[0], evidence))
        taken = sum(map(people.is_acknowledged, question.said))
        offers = _shown(evidence, question.said[0].channel, question.ask.question, "reply:")
        if not taken <= len(offers) <= len(question.said):
            yield f"{name} was asked {taken} times and got {len(offers)} replies"
        figures["answers"] += question.is_answered
        if question.stage != "done":
            yield f"{name} came to a stop at: {question.stage}"
    for unknown in cases:
        yield f"a case that nobody asked for: {unknown!r}"


def _case(question: Question, case: Case, evidence: Evidence) -> Iterator[str]:
    on_cards = [
        message
        for channel in HR_CHANNELS
        for message in _shown(evidence, channel, question.ask.question)
    ]
    if len(on_cards) != 1:
        yield f"HR sees {len(on_cards)} cards"
    elif (case.card_channel, case.card_ts) != (on_cards[0].channel, on_cards[0].ts):
        yield "its card is known to stand elsewhere"
    if question.is_answered and case.answer_count != 1:
        yield f"HR has answered {case.answer_count} times"
    told = _shown(evidence, question.said[0].channel, question.ask.answer)
    if len(told) != case.answer_count:
        yield f"HR has answered {case.answer_count} times, the asker got {len(told)} answers"
    if case.anonymous != question.ask.anonymous:
        yield "it was sent with a name, or without, against the asker's will"


def _shown(evidence: Evidence, channel: str, words: str, key: str = "") -> list[Message]:
    """Return what the product has said in a channel with these words, under such a key."""
    return [
        message
        for message in evidence.workspace.from_bot(channel)
        if words in html.unescape(message.text) and key_of(message).startswith(key)
    ]


def _told_twice_to_the_assistant(session: Session) -> Iterator[str]:
    """What HR answered is in the assistant's memory at most once."""
    events = session.execute(text("SELECT data FROM events WHERE type_name = 'bot'")).scalars()
    keys = Counter(part for data in events for part in _keys_in(data))
    yield from (f"the assistant knows {key} {n} times" for key, n in keys.items() if n > 1)


def _keys_in(data: str) -> Iterator[str]:
    key = (json.loads(data).get("metadata") or {}).get("delivery_key")
    if key:
        yield key
