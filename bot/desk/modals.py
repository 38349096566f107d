"""The forms in which HR answers, assigns, asks back, notes, moves, resolves and snoozes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from bot.db.models import Case, CaseEntry
from bot.desk.cases import ADDITION
from bot.desk.mrkdwn import escape, to_bullets
from bot.desk.views import (
    DIVIDER,
    Block,
    Say,
    button,
    context,
    modal,
    option,
    plain,
    quote,
    sections,
    shortened,
    text_input,
)
from bot.desk.work import REASONS

ANSWER_MODAL, PREVIEW_MODAL, TOO_LATE_MODAL = "desk_answer", "desk_preview", "desk_too_late"
ASSIGN_MODAL, ASK_BACK_MODAL, NOTE_MODAL = "desk_assign", "desk_ask_back", "desk_note"
MOVE_MODAL, RESOLVE_MODAL, SNOOZE_MODAL = "desk_move", "desk_resolve", "desk_snooze"
INSERT, PREVIEW = "desk_insert", "desk_preview"
ANSWER_BLOCK, TEXT = "answer", "text"
SHARE, FOR_OTHERS = "share", "others"
FIELD, CHOICE, DAY_BLOCK, DAY = "field", "choice", "day_field", "day"
SNOOZES = ("tomorrow", "three_days", "next_week", "date")
ADDITIONS_SHOWN = 5
EXCERPT_LENGTH = 180


@dataclass(frozen=True)
class Form:
    """What a modal remembers: its case, where it was opened, and the revision it shows.

    `inserts` grows with every text inserted: a field keeps what is typed unless its name is new.
    """

    case: int
    channel: str
    seen: int
    inserts: int = 0

    def sealed(self) -> str:
        """Return it as Slack keeps it in `private_metadata`."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, metadata: str) -> Form:
        """Return what `sealed` wrote."""
        return cls(**json.loads(metadata))


@dataclass(frozen=True)
class Suggestion:
    """An approved answer near the question, rendered for the asker's audience."""

    topic: str
    title: str
    text: str


def answer_modal(
    case: Case,
    form: Form,
    entries: Sequence[CaseEntry],
    suggestions: Sequence[Suggestion],
    say: Say,
    *,
    typed: str | None = None,
    remark: str | None = None,
) -> Block:
    """Return the form for the answer, with what is nearest of the approved ones."""
    blocks = _question(case, entries, say)
    if suggestions:
        blocks += [DIVIDER, *sections(f"*{say('modal_nearest')}*")]
    for number, suggestion in enumerate(suggestions):
        excerpt = escape(shortened(to_bullets(suggestion.text), EXCERPT_LENGTH))
        blocks.append(
            {
                "type": "section",
                "block_id": f"nearest-{number}",
                "text": {"type": "mrkdwn", "text": f"*{escape(suggestion.title)}*\n{excerpt}"},
                "accessory": button(
                    say("button_insert"),
                    f"{INSERT}:{number}",
                    suggestion.topic,
                    about=suggestion.title,
                ),
            }
        )
    if remark:
        blocks.append(context(escape(remark)))
    blocks.append(
        text_input(
            f"{ANSWER_BLOCK}-{form.inserts}",
            say("modal_answer_label"),
            TEXT,
            hint=say("modal_answer_hint"),
            initial=typed,
        )
    )
    for_others = option(say("modal_share"), FOR_OTHERS)
    tick = {"type": "checkboxes", "action_id": SHARE, "options": [for_others]}
    blocks.append(
        {
            "type": "input",
            "block_id": SHARE,
            "optional": True,
            "label": plain(say("modal_share_label")),
            "element": tick,
        }
    )
    preview = button(say("button_preview"), PREVIEW, str(case.id), about=case.reference)
    blocks.append({"type": "actions", "block_id": "preview", "elements": [preview]})
    return modal(
        ANSWER_MODAL,
        say("modal_answer_title", reference=case.reference),
        blocks,
        submit=say("modal_answer_submit"),
        close=say("modal_cancel"),
        metadata=form.sealed(),
    )


def preview_modal(shown: list[Block], say: Say) -> Block:
    """Return what the asker will see; its buttons are only shown when it is sent."""
    kept = [block for block in shown if block["type"] != "actions"]
    blocks = kept or sections(say("modal_preview_empty"))
    return modal(
        PREVIEW_MODAL,
        say("modal_preview_title"),
        [context(say("modal_preview_hint")), *blocks],
        close=say("modal_back"),
    )


def too_late_modal(case: Case, form: Form, who: str, text: str, say: Say) -> Block:
    """Return what somebody sees whose colleague was faster: the answer, and their own text."""
    blocks = sections(say("modal_too_late", reference=case.reference, who=who))
    if case.answer:
        blocks += sections(quote(case.answer))
    blocks.append(text_input(FIELD, say("modal_too_late_label"), TEXT, initial=text))
    return modal(
        TOO_LATE_MODAL,
        case.reference,
        blocks,
        submit=say("modal_too_late_submit"),
        close=say("modal_close"),
        metadata=form.sealed(),
    )


def ask_back_modal(case: Case, form: Form, entries: Sequence[CaseEntry], say: Say) -> Block:
    """Return the form for a question to the asker."""
    field = text_input(FIELD, say("modal_ask_label"), TEXT, hint=say("modal_ask_hint"))
    blocks = [*_question(case, entries, say), field]
    return _form(case, form, ASK_BACK_MODAL, "modal_ask", blocks, say)


def note_modal(case: Case, form: Form, say: Say) -> Block:
    """Return the form for a note."""
    field = text_input(FIELD, say("modal_note_label"), TEXT, hint=say("modal_note_hint"))
    return _form(case, form, NOTE_MODAL, "modal_note", [field], say)


def assign_modal(case: Case, form: Form, say: Say) -> Block:
    """Return the form in which a colleague is chosen."""
    field = {
        "type": "input",
        "block_id": FIELD,
        "label": plain(say("modal_assign_label")),
        "element": {"type": "users_select", "action_id": CHOICE},
    }
    return _form(case, form, ASSIGN_MODAL, "modal_assign", [field], say)


def move_modal(case: Case, form: Form, queues: Sequence[tuple[str, str]], say: Say) -> Block:
    """Return the form in which another queue is chosen.

    Args:
        queues: name and title of those that may take the case; without any, it says so.
    """
    if not queues:
        return modal(
            MOVE_MODAL,
            say("modal_move_title", reference=case.reference),
            sections(say("modal_move_nowhere")),
            close=say("modal_close"),
        )
    options = [option(title, name) for name, title in queues[:100]]
    blocks = [_select(say("modal_move_label"), options)]
    return _form(case, form, MOVE_MODAL, "modal_move", blocks, say)


def resolve_modal(case: Case, form: Form, say: Say) -> Block:
    """Return the form in which the reason for closing without an answer is chosen."""
    options = [option(say(f"reason_{reason}"), reason) for reason in REASONS]
    blocks = [
        {
            "type": "input",
            "block_id": FIELD,
            "label": plain(say("modal_resolve_label")),
            "element": {"type": "radio_buttons", "action_id": CHOICE, "options": options},
        },
        context(say("modal_resolve_hint")),
    ]
    return _form(case, form, RESOLVE_MODAL, "modal_resolve", blocks, say)


def snooze_modal(case: Case, form: Form, tomorrow: date, say: Say) -> Block:
    """Return the form in which it is chosen when the case comes back."""
    options = [option(say(f"snooze_{until}"), until) for until in SNOOZES]
    radio = {
        "type": "input",
        "block_id": FIELD,
        "label": plain(say("modal_snooze_label")),
        "element": {
            "type": "radio_buttons",
            "action_id": CHOICE,
            "options": options,
            "initial_option": options[0],
        },
    }
    picker = {
        "type": "input",
        "block_id": DAY_BLOCK,
        "optional": True,
        "label": plain(say("modal_snooze_date")),
        "element": {
            "type": "datepicker",
            "action_id": DAY,
            "initial_date": tomorrow.isoformat(),
        },
    }
    return _form(case, form, SNOOZE_MODAL, "modal_snooze", [radio, picker], say)


def _form(
    case: Case, form: Form, callback: str, texts: str, blocks: list[Block], say: Say
) -> Block:
    return modal(
        callback,
        say(f"{texts}_title", reference=case.reference),
        blocks,
        submit=say(f"{texts}_submit"),
        close=say("modal_cancel"),
        metadata=form.sealed(),
    )


def _select(label: str, options: list[Block]) -> Block:
    return {
        "type": "input",
        "block_id": FIELD,
        "label": plain(label),
        "element": {"type": "static_select", "action_id": CHOICE, "options": options},
    }


def _question(case: Case, entries: Sequence[CaseEntry], say: Say) -> list[Block]:
    blocks = sections(quote(case.question))
    added = [entry.text for entry in entries if entry.kind == ADDITION][-ADDITIONS_SHOWN:]
    if added:
        lines = "\n\n".join(quote(text) for text in added)
        blocks += sections(f"*{say('card_additions')}*\n{lines}")
    return blocks
