"""How HR sees its cases outside of their cards: lists of ten, a case's history, App Home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.db.models import Case, CaseEntry, CaseEvent
from bot.desk.card import asked_on, state_of
from bot.desk.cases import QUESTION
from bot.desk.mrkdwn import escape
from bot.desk.queue import PAGE
from bot.desk.views import (
    DIVIDER,
    Block,
    Say,
    actions,
    button,
    case_button,
    context,
    modal,
    quote,
    sections,
    shortened,
    slack_time,
)
from bot.privacy.redaction import redact

SHOW, PAGE_TO = "desk_show", "desk_page"
HISTORY_MODAL = "desk_history"
QUESTION_LENGTH = 150
EVENTS_SHOWN = 40
ENTRIES_SHOWN = 12
ENTRY_LENGTH = 500
# Blocks of a list in App Home: what else is there needs room, too.
HOME_CASES = 10
Mention = Callable[[str | None], str | None]


@dataclass(frozen=True)
class Listing:
    """One page of a list. `command` gets it again, such as `search parental leave`."""

    title: str
    command: str
    cases: Sequence[Case]
    count: int
    page: int


def listing_blocks(listing: Listing, mention: Mention, say: Say) -> tuple[str, list[Block]]:
    """Return a page of cases: fallback text and blocks."""
    title = say("desk_found", title=listing.title, count=str(listing.count))
    if not listing.cases:
        text = f"{title}. {say('desk_nothing')}"
        return text, sections(escape(text))
    blocks = sections(f"*{escape(title)}*")
    for case in listing.cases:
        blocks.append(case_row(case, mention(case.assignee_id), say))
    turns = []
    if listing.page > 0:
        turns.append(("button_earlier", listing.page - 1))
    if (listing.page + 1) * PAGE < listing.count:
        turns.append(("button_later", listing.page + 1))
    if turns:
        elements = [
            button(say(text), f"{PAGE_TO}:{page}", f"{page}:{listing.command}"[:2000])
            for text, page in turns
        ]
        blocks.append(actions("desk_pages", elements))
    return title, blocks


def queue_blocks(
    cases: Sequence[Case], viewer_id: str | None, mention: Mention, say: Say
) -> list[Block]:
    """Return the open cases of somebody's queues for App Home, their own first.

    Args:
        cases: the open cases of their queues, in the order in which they are to be done.
        viewer_id: the person id of whoever looks.
        mention: gives the mention of a person id.
    """
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": say("queue_title")}}]
    if not cases:
        return [*blocks, *sections(escape(say("queue_none"))), DIVIDER]
    shown = shown_at_home(cases, viewer_id)
    mine = [case for case in shown if _is_of(case, viewer_id)]
    others = [case for case in shown if case not in mine]
    for title, some in (("queue_mine", mine), ("queue_others", others)):
        if some:
            blocks += sections(f"*{escape(say(title))}*")
            blocks += [case_row(case, mention(case.assignee_id), say) for case in some]
    if len(cases) > HOME_CASES:
        blocks.append(context(say("and_more", count=str(len(cases) - HOME_CASES))))
    return [*blocks, DIVIDER]


def shown_at_home(cases: Sequence[Case], viewer_id: str | None) -> list[Case]:
    """Return the cases for which App Home has room: the viewer's own first."""
    return sorted(cases, key=lambda case: not _is_of(case, viewer_id))[:HOME_CASES]


def case_row(case: Case, assignee: str | None, say: Say) -> Block:
    """Return one case as a row with a button that shows it."""
    question = escape(shortened(case.question, QUESTION_LENGTH))
    text = f"*{case.reference}* · {state_of(case, assignee, say)} · {asked_on(case)}\n{question}"
    # Action ids must differ within one message or view.
    show = case_button(say("button_show"), f"{SHOW}:{case.id}", case)
    return {
        "type": "section",
        "block_id": f"case-{case.id}",
        "text": {"type": "mrkdwn", "text": text},
        "accessory": show,
    }


def history_blocks(
    case: Case,
    events: Sequence[CaseEvent],
    entries: Sequence[CaseEntry],
    mention: Mention,
    queue_title: Callable[[str], str],
    say: Say,
) -> list[Block]:
    """Return a case with all that was said and done about it."""
    blocks = [
        *sections(
            f"*{case.reference}* · {state_of(case, mention(case.assignee_id), say)} · "
            f"{escape(queue_title(case.queue))} · {asked_on(case)}"
        ),
        *sections(quote(case.question)),
    ]
    for entry in entries[-ENTRIES_SHOWN:]:
        title = escape(say(f"card_{entry.kind}s"))
        who = mention(entry.person_id)
        by = f", {who}" if who and entry.kind != QUESTION else ""
        blocks += sections(f"*{title}*{by}\n{quote(shortened(entry.text, ENTRY_LENGTH))}")
    if case.answer:
        blocks += sections(f"*{say('card_answer')}*\n{escape(redact(case.answer).text)}")
    lines = [_line(case, event, mention, queue_title, say) for event in events[-EVENTS_SHOWN:]]
    blocks += sections(f"*{say('history_title')}*\n" + "\n".join(lines))
    return blocks


def history_modal(case: Case, blocks: list[Block], say: Say) -> Block:
    """Return a case's history as a form that only shows it."""
    return modal(HISTORY_MODAL, case.reference, blocks, close=say("modal_close"))


def _is_of(case: Case, person_id: str | None) -> bool:
    return case.assignee_id is not None and case.assignee_id == person_id


def _line(
    case: Case,
    event: CaseEvent,
    mention: Mention,
    queue_title: Callable[[str], str],
    say: Say,
) -> str:
    who = mention(event.person_id) if event.actor == "hr" else None
    who = who or say(f"event_by_{'system' if event.actor == 'system' else 'asker'}")
    if event.actor == "hr" and event.person_id is None:
        who = say("card_nobody")
    at = asked_on(case) if case.anonymous and event.actor == "asker" else slack_time(event.at)
    return f"• {at} · {who}: {_what(event, mention, queue_title, say)}"


def _what(event: CaseEvent, mention: Mention, queue_title: Callable[[str], str], say: Say) -> str:
    detail = event.detail
    key = f"event_{event.action}"
    if event.action == "assigned":
        return say(key, to=mention(detail["to"]) or say("card_nobody"))
    if event.action == "moved":
        return say(key, of=escape(queue_title(detail["of"])), to=escape(queue_title(detail["to"])))
    if event.action == "resolved":
        reason = detail.get("reason")
        return say(key, reason=say(f"reason_{reason}" if reason else "status_answered"))
    if event.action == "snoozed":
        return say(key, until=detail["until"][:10])
    if event.action == "rated":
        return say(key, score=str(detail["score"]))
    return say(key)
