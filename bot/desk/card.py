"""The card: one message a case in HR's channel, always showing the case as it is now."""

from __future__ import annotations

from dataclasses import dataclass

from bot.db.models import Case, CaseEntry
from bot.desk.cases import ADDITION, ANSWERED, CLAIMED, NOTE, OPEN, QUESTION, RESOLVED, WITHDRAWN
from bot.desk.mrkdwn import escape
from bot.desk.views import (
    SECTION_LIMIT,
    Block,
    Say,
    actions,
    case_button,
    context,
    day,
    header,
    option,
    quote,
    sections,
    shortened,
    slack_time,
)

CLAIM, ANSWER, RESOLVE, NOTE_BUTTON, MORE = (
    "case_claim",
    "case_answer",
    "case_resolve",
    "case_note",
    "case_more",
)
DETAILS = "case_details"
ASSIGN, ASK_BACK, MOVE, SNOOZE = "assign", "ask_back", "move", "snooze"
MENU = (ASSIGN, ASK_BACK, NOTE, MOVE, SNOOZE)
ENTRIES_SHOWN = 3
ENTRY_LENGTH = 400
ANSWER_LENGTH = 6000


@dataclass(frozen=True)
class CardView:
    """What a card shows beyond the case itself, looked up when it is posted.

    `asker` and `assignee` are mentions; of an anonymous case there is no asker. `has_details`:
    the asker has sent what redaction hid, which HR sees in a form.
    """

    asker: str | None
    topic_title: str | None
    assignee: str | None
    permalink: str | None
    entries: tuple[CaseEntry, ...] = ()
    has_details: bool = False


def card(case: Case, view: CardView, say: Say) -> tuple[str, list[Block]]:
    """Return the card's fallback text and blocks."""
    status = say(f"status_{case.status}")
    facts = [
        f"*{say('card_from')}*\n{view.asker or say('card_anonymous')}",
        f"*{say('card_topic')}*\n{escape(view.topic_title or say('card_no_topic'))}",
        f"*{say('card_asked')}*\n{asked_on(case)}",
        f"*{say('card_status')}*\n{state_of(case, view.assignee, say)}",
    ]
    blocks = [
        header(f"{_name(case, say)} · {status}"),
        *sections(quote(case.question)),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": fact} for fact in facts]},
    ]
    if view.permalink:
        blocks.append(context(f"<{view.permalink}|{say('card_thread_link')}>"))
    for kind in (ADDITION, QUESTION, NOTE):
        blocks += _entries([e for e in view.entries if e.kind == kind], kind, say)
    if case.answer:
        blocks += sections(f"*{say('card_answer')}*\n{escape(case.answer)[:ANSWER_LENGTH]}")
    buttons = _buttons(case, say)
    if view.has_details:
        buttons.append(case_button(say("button_details"), DETAILS, case))
    if buttons:
        blocks.append(actions("case", buttons))
    return f"{_name(case, say)} ({status}): {case.question}"[:SECTION_LIMIT], blocks


def moved_card(case: Case, queue: str, say: Say) -> tuple[str, list[Block]]:
    """Return what stands where the card was before it went to another queue."""
    text = say("card_moved", reference=case.reference, queue=queue)
    return text, sections(escape(text))


def state_of(case: Case, assignee: str | None, say: Say) -> str:
    """Return in a few words where a case stands, for HR.

    Args:
        assignee: who has it, as a mention.
    """
    who = assignee or say("card_nobody")
    if case.status == OPEN:
        text = say("state_open")
    elif case.feedback == WITHDRAWN and case.status == RESOLVED:
        text = say("state_withdrawn")
    elif case.status == RESOLVED and case.reason:
        text = say("state_resolved_because", who=who, reason=say(f"reason_{case.reason}"))
    else:
        text = say(f"state_{case.status}", who=who)
    if case.status in (OPEN, CLAIMED):
        if case.waiting_since is not None:
            text += f", {say('state_waiting')}"
        if case.snoozed_until is not None:
            text += f", {say('state_snoozed', until=slack_time(case.snoozed_until))}"
    return text


def asked_on(case: Case) -> str:
    """Return when a case was opened; of an anonymous one, only the day."""
    return day(case.created_at) if case.anonymous else slack_time(case.created_at)


def _name(case: Case, say: Say) -> str:
    if case.is_feedback:
        return say("card_feedback", reference=case.reference)
    return case.reference


def _entries(entries: list[CaseEntry], kind: str, say: Say) -> list[Block]:
    if not entries:
        return []
    latest = entries[-ENTRIES_SHOWN:]
    lines = [quote(shortened(entry.text, ENTRY_LENGTH)) for entry in latest]
    blocks = sections(f"*{say(f'card_{kind}s')}*\n" + "\n\n".join(lines))
    if len(entries) > len(latest):
        blocks.append(context(say("card_earlier", count=str(len(entries) - len(latest)))))
    return blocks


def _buttons(case: Case, say: Say) -> list[Block]:
    if case.status == RESOLVED:
        return []
    resolve = case_button(say("button_resolve"), RESOLVE, case)
    if case.status == ANSWERED:
        return [resolve, case_button(say("button_note"), NOTE_BUTTON, case)]
    buttons = []
    if case.status == OPEN or case.snoozed_until is not None:
        buttons.append(case_button(say("button_claim"), CLAIM, case))
    menu = {
        "type": "overflow",
        "action_id": MORE,
        "options": [option(say(f"button_{item}"), f"{item}:{case.id}") for item in MENU],
    }
    answer = case_button(say("button_answer"), ANSWER, case, style="primary")
    return [*buttons, answer, resolve, menu]
