"""The form in which an asker sends what redaction hid, and the one in which HR sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.db.models import Case
from bot.desk.details import MAX_LENGTH
from bot.desk.mrkdwn import escape
from bot.desk.views import Block, Say, context, modal, plain, quote, sections

RESTORE_MODAL, DETAILS_MODAL = "asker_restore", "desk_details"
MOST_FIELDS = 10


def restore_modal(case: Case, names: Sequence[str], say: Say) -> Block:
    """Return the form for hidden details, a field for each; the action id is its name."""
    fields = [
        {
            "type": "input",
            "block_id": f"detail-{number}",
            "optional": True,
            "label": plain(named(name, say)),
            "element": {"type": "plain_text_input", "action_id": name, "max_length": MAX_LENGTH},
        }
        for number, name in enumerate(names[:MOST_FIELDS])
    ]
    return modal(
        RESTORE_MODAL,
        say("restore_title", reference=case.reference),
        [*sections(quote(case.question)), context(escape(say("restore_hint"))), *fields],
        submit=say("restore_submit"),
        close=say("modal_cancel"),
        metadata=str(case.id),
    )


def details_modal(case: Case, details: Mapping[str, str], say: Say) -> Block:
    """Return what the asker has sent, for the eyes of whoever asked for it."""
    blocks = [context(escape(say("details_hint")))]
    for name, value in details.items():
        blocks += sections(f"*{escape(named(name, say))}*\n{escape(value)}")
    if not details:
        blocks = sections(escape(say("details_none")))
    title = say("details_title", reference=case.reference)
    return modal(DETAILS_MODAL, title, blocks, close=say("modal_close"))


def named(name: str, say: Say) -> str:
    """Return what a placeholder stands for, in words: `name 2` is “A name [name 2]”."""
    words = say(f"hidden_{name.split()[0]}")
    return f"{words[0].upper()}{words[1:]} [{name}]"
