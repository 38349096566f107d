"""How cases look in Slack: the card in HR's channel, the answer modal, the answer to the asker.

Plain Block Kit dicts; what they mean when clicked is the gateway's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.db.models import Case
from bot.desk.cases import ANSWERED, CLAIMED, OPEN, RESOLVED, WITHDRAWN
from bot.desk.mrkdwn import escape, to_mrkdwn, to_plain

CLAIM, ANSWER, RESOLVE = "case_claim", "case_answer", "case_resolve"
HELPFUL, REOPEN = "case_helpful", "case_reopen"
ANSWER_MODAL = "case_answer_modal"
ANSWER_BLOCK, ANSWER_INPUT = "answer", "text"
SECTION_LIMIT = 2900
STATUS = {OPEN: "Open", CLAIMED: "Claimed", ANSWERED: "Answered", RESOLVED: "Resolved"}


@dataclass(frozen=True)
class CardView:
    """What a card shows beyond the case itself, looked up when it is posted."""

    asker: str
    topic_title: str | None
    assignee: str | None
    permalink: str | None


def card(case: Case, view: CardView) -> tuple[str, list[dict[str, Any]]]:
    """Return the card's fallback text and blocks."""
    fallback = f"{case.reference} ({STATUS[case.status]}): {case.question}"
    asked = case.created_at
    slack_date = f"<!date^{int(asked.timestamp())}^{{date_short_pretty}} {{time}}"
    facts = [
        f"*From*\n{view.asker}",
        f"*Looks like*\n{escape(view.topic_title or 'nothing I know')}",
        f"*Asked*\n{slack_date}|{asked:%Y-%m-%d %H:%M} UTC>",
        f"*Status*\n{_status(case, view)}",
    ]
    blocks = [
        _header(f"{case.reference} · {STATUS[case.status]}"),
        *_sections(_quote(case.question)),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": fact} for fact in facts]},
    ]
    if view.permalink:
        blocks.append(_context(f"<{view.permalink}|Open the thread where it was asked>"))
    if case.answer:
        blocks += _sections(f"*Answer*\n{to_mrkdwn(case.answer)}")
    buttons = _card_buttons(case)
    if buttons:
        blocks.append({"type": "actions", "block_id": "case", "elements": buttons})
    return fallback[:SECTION_LIMIT], blocks


def answer_modal(case: Case, channel: str) -> dict[str, Any]:
    """Return the modal in which HR writes the answer; it remembers where it was opened."""
    return {
        "type": "modal",
        "callback_id": ANSWER_MODAL,
        "private_metadata": f"{case.id}:{channel}",
        "title": {"type": "plain_text", "text": f"Answer {case.reference}"},
        "submit": {"type": "plain_text", "text": "Send answer"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [
            *_sections(_quote(case.question)),
            {
                "type": "input",
                "block_id": ANSWER_BLOCK,
                "label": {"type": "plain_text", "text": "Your answer"},
                "hint": {
                    "type": "plain_text",
                    "text": "It goes to the person who asked, word for word.",
                },
                "element": {
                    "type": "plain_text_input",
                    "action_id": ANSWER_INPUT,
                    "multiline": True,
                    "max_length": 3000,
                },
            },
        ],
    }


def answer_to_asker(
    case: Case, text: str, intro: str, question: str, yes: str, no: str
) -> tuple[str, list[dict[str, Any]]]:
    """Return HR's answer with “did this help?”: fallback text and blocks.

    Args:
        text: the answer, word for word; it is HR's own text, not our Markdown.
    """
    blocks = [
        *_sections(f"*{escape(intro)}*\n{_quote(case.question)}"),
        *_sections(escape(text)),
        *_sections(escape(question)),
        {
            "type": "actions",
            "block_id": "case_feedback",
            "elements": [
                _button(yes, HELPFUL, case, style="primary"),
                _button(no, REOPEN, case),
            ],
        },
    ]
    return f"{intro} {text}"[:SECTION_LIMIT], blocks


def text_blocks(markdown: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a short text of ours as fallback and blocks."""
    return to_plain(markdown), _sections(to_mrkdwn(markdown))


def _status(case: Case, view: CardView) -> str:
    if case.status == OPEN:
        return "waiting for somebody"
    if case.feedback == WITHDRAWN:
        return "taken back by the asker"
    return f"{STATUS[case.status].lower()} by {view.assignee or 'HR'}"


def _card_buttons(case: Case) -> list[dict[str, Any]]:
    if case.status == RESOLVED:
        return []
    buttons = []
    if case.status in (OPEN, CLAIMED):
        if case.status == OPEN:
            buttons.append(_button("Claim", CLAIM, case))
        buttons.append(_button("Answer", ANSWER, case, style="primary"))
    buttons.append(_button("Resolve", RESOLVE, case))
    return buttons


def _button(text: str, action: str, case: Case, style: str | None = None) -> dict[str, Any]:
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "action_id": action,
        "value": str(case.id),
        "accessibility_label": f"{text} ({case.reference})",
    }
    return {**button, "style": style} if style else button


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _context(mrkdwn: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn}]}


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in escape(text).splitlines())


def _sections(mrkdwn: str) -> list[dict[str, Any]]:
    """Return sections of at most 2,900 characters (Slack takes 3,000), cut at line ends."""
    parts, rest = [], mrkdwn
    while len(rest) > SECTION_LIMIT:
        cut = rest.rfind("\n", 1, SECTION_LIMIT)
        cut = cut if cut > 0 else SECTION_LIMIT
        parts.append(rest[:cut])
        rest = rest[cut:].lstrip("\n")
    parts.append(rest)
    return [{"type": "section", "text": {"type": "mrkdwn", "text": p}} for p in parts if p.strip()]
