"""Everything that can be answered, as Slack gets it: all topics, audiences and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Conversation, InboxRow, Program
from bot.db.session import Database
from bot.faq.book import Answer, AnswerBook, load_book, load_company_facts
from bot.faq.next_questions import NextQuestions
from bot.gateway.replies import Replies
from bot.gateway.slack.messages import render
from bot.gateway.wording import Wording
from bot.programs.catalogue import import_programs
from bot.programs.eligibility import Bounds, JobFacts
from bot.programs.eligibility_replies import eligibility_reply, question_reply
from bot.programs.facts import facts
from bot.programs.replies import (
    Reply,
    button_for_topic,
    deadline_reply,
    details_reply,
    list_reply,
)
from bot.sandbox.blocks import check_message_blocks
from bot.settings import ROOT

from ...records import RHYTHM, quick_database

TODAY = date(2026, 11, 23)
DATA = ROOT / "data"
NURSE = JobFacts(
    frozenset({"full_time"}), Bounds.exactly(0.9), date(2026, 8, 3), None, frozenset({"nursing"})
)
READERS = ("employee", "candidate")


@cache
def book() -> AnswerBook:
    return load_book(DATA, ROOT / "domain.yml")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = quick_database(tmp_path_factory.mktemp("catalogue"))
    with database.write() as session:
        import_programs(session, DATA / "programs.yml")
    yield database
    database.dispose()


def shown(
    database: Database,
    wording: Wording,
    now: Any,
    reader: str,
    told: list[dict[str, Any]],
    kind: str,
) -> tuple[str, list[dict[str, Any]]]:
    """Return what Slack gets for a turn that said this."""
    reply = {"messages": told, "kind": kind, "decision": "answer"}
    row = InboxRow(turn_id="turn:1")
    with database.read() as session:
        conversation = Conversation(id="slack:robin", audience=reader)
        payload = Replies(book(), wording, NextQuestions(lambda: now), RHYTHM).payload(
            session, row, conversation, reply, now
        )
        session.expunge_all()
    return render(payload)


def check(text: str, blocks: list[dict[str, Any]], about: dict[str, Any]) -> None:
    """See that Slack takes it, and that the fallback alone says what it is about."""
    assert check_message_blocks(blocks) == []
    elements = [e for b in blocks if b["type"] == "actions" for e in b["elements"]]
    assert len(elements) <= 5
    assert sum(e["action_id"] == "feedback:helped" for e in elements) <= 1
    assert len(text.split()) >= 5
    assert not re.search(r"\*\*|\]\(|\{[a-z]", text)
    assert "can't be displayed" not in text
    for element in elements:
        is_feedback = element["action_id"].startswith("feedback:")
        assert is_feedback or element["text"]["text"] in text
    if about.get("source"):
        assert f"Source: {about['source']}, checked on " in text


@pytest.mark.parametrize("reader", READERS)
def test_every_topic(catalogue: Database, wording: Wording, now: Any, reader: str) -> None:
    with catalogue.read() as session:
        known = {**load_company_facts(DATA), **facts(session, TODAY)}
        topics = {t: button_for_topic(session, t, reader) for t in book().visible_topics(reader)}
    assert len(topics) > 20
    for topic, button in topics.items():
        answer = book().say(f"utter_{topic}", reader, known, {})
        buttons = [{"title": button.title, "meaning": {"intent": "x"}}] if button else []
        told = [{"text": answer.text, "buttons": buttons, "metadata": answer.metadata}]
        text, blocks = shown(catalogue, wording, now, reader, told, "faq")
        check(text, blocks, answer.metadata)
        assert [b["block_id"] for b in blocks if b["type"] == "actions"][-1] == "feedback"


def replies_about(program: Program, reader: str) -> Iterator[Reply]:
    yield details_reply(program, TODAY)
    yield deadline_reply(program, TODAY)
    yield list_reply([program])
    for job in (JobFacts(), NURSE):
        yield eligibility_reply(program, job, reader, TODAY)
    for fact in ("employment_type", "tenure", "fte", "job_family", "site"):
        yield question_reply(fact, program, [program])


@pytest.mark.parametrize("reader", READERS)
def test_every_program(catalogue: Database, wording: Wording, now: Any, reader: str) -> None:
    company = load_company_facts(DATA)
    with catalogue.read() as session:
        programs = session.scalars(select(Program)).all()
        assert len(programs) > 50
        said = [(p, r) for p in programs for r in replies_about(p, reader)]
    seen = 0
    for program, reply in said:
        if reader == "candidate" and program.audience == "employee":
            continue
        values = {"programs": reply.text, **reply.values}
        answer: Answer | None = book().say(reply.response, reader, company, values)
        if answer is None:
            continue
        buttons = [{"title": b.title, "meaning": {"intent": "x"}} for b in reply.buttons]
        about = {"audience": reply.audience, "is_answer": True}
        told = [{"text": answer.text, "buttons": buttons, "metadata": about}]
        check(*shown(catalogue, wording, now, reader, told, "program"), about)
        seen += 1
    assert seen > 50
