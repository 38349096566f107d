"""How HR edits an answer or a program: what was found, the form, its history."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bot.db.answers import ContentVersion
from bot.desk.editing import Found, Subject, changes_in
from bot.desk.fields import choice_input, day_input, line_input
from bot.desk.mrkdwn import escape
from bot.desk.views import (
    DIVIDER,
    Block,
    Say,
    actions,
    button,
    context,
    modal,
    sections,
    shortened,
    slack_time,
    text_input,
)
from bot.faq import content
from bot.privacy.audience import AUDIENCES

EDIT_MODAL, HISTORY_MODAL = "edit_content", "edit_history"
EDIT, PREVIEW, HISTORY, UNDO = "edit_open", "edit_preview", "edit_history_open", "edit_undo"
TEXTS = {
    content.ANSWER: ("text",),
    content.PROGRAM: ("summary", "gives_text", "eligibility_notes", "how_to_apply"),
}
LINES = {content.ANSWER: ("source", "owner"), content.PROGRAM: ("contact", "owner")}
DAYS = ("reviewed", "review_by")
OPTIONAL = {
    content.ANSWER: {"review_by"},
    content.PROGRAM: {"gives_text", "eligibility_notes", "contact", "link", *DAYS},
}
VERSIONS_SHOWN = 8
BEFORE_LENGTH = 300


@dataclass(frozen=True)
class EditForm:
    """What the form remembers: what it edits, and the version that it shows."""

    subject: str
    seen: int
    title: str

    def sealed(self) -> str:
        """Return it as Slack keeps it in `private_metadata`."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, metadata: str) -> EditForm:
        """Return what `sealed` wrote."""
        return cls(**json.loads(metadata))


def found_blocks(found: Sequence[Found], say: Say) -> list[Block]:
    """Return what was found, each with a button that edits it."""
    if not found:
        return sections(say("content_nothing"))
    blocks = sections(f"*{say('content_found')}*")
    for number, one in enumerate(found):
        text = f"*{escape(one.title)}* · {say(f'kind_{one.subject.kind}')} · " + escape(
            say(f"audience_{one.audience}")
        )
        blocks.append(
            {
                "type": "section",
                "block_id": f"edit-{number}",
                "text": {"type": "mrkdwn", "text": text},
                "accessory": button(
                    say("button_edit_content"),
                    f"{EDIT}:{number}",
                    one.subject.value(),
                    about=one.title,
                ),
            }
        )
    return blocks


def edit_modal(form: EditForm, fields: Mapping[str, Any], say: Say) -> Block:
    """Return the form with everything that can be edited."""
    kind = Subject.read(form.subject).kind
    blocks: list[Block] = [context(escape(form.title))]
    for name in TEXTS[kind]:
        hint = say("content_text_hint") if name == "text" else None
        field = text_input(name, say(f"content_{name}"), name, hint=hint, initial=fields[name])
        blocks.append({**field, "optional": name in OPTIONAL[kind]})
    blocks.append(
        choice_input(
            "audience",
            say("content_audience"),
            [(name, say(f"audience_{name}")) for name in AUDIENCES],
            fields["audience"],
        )
    )
    for name in LINES[kind]:
        optional = name in OPTIONAL[kind]
        blocks.append(
            line_input(name, say(f"content_{name}"), fields[name], optional=optional, longest=120)
        )
    blocks.append(
        line_input(
            "link",
            say("content_link"),
            fields["link"],
            kind="url_text_input",
            optional="link" in OPTIONAL[kind],
        )
    )
    for name in DAYS:
        day = date.fromisoformat(str(fields[name])) if fields[name] else None
        blocks.append(day_input(name, say(f"content_{name}"), day, optional=name in OPTIONAL[kind]))
    blocks.append(
        actions(
            "edit-more",
            [
                button(say("button_preview"), PREVIEW, form.subject, about=form.title),
                button(say("button_history"), HISTORY, form.subject, about=form.title),
            ],
        )
    )
    return modal(
        EDIT_MODAL,
        say("content_title"),
        blocks,
        submit=say("content_submit"),
        close=say("modal_cancel"),
        metadata=form.sealed(),
    )


def history_modal(
    form: EditForm,
    versions: Sequence[ContentVersion],
    mention: Callable[[str | None], str | None],
    say: Say,
    *,
    remark: str | None = None,
) -> Block:
    """Return who changed what and when, newest first, and a button that takes back the last change.

    Args:
        remark: what has just happened.
    """
    subject = Subject.read(form.subject)
    blocks = sections(f"*{escape(remark)}*") if remark else []
    blocks += [context(escape(form.title))]
    if content.last_change(versions) is not None:
        value = f"{form.subject}:{form.seen}"
        undo = button(say("button_undo"), UNDO, value, about=form.title)
        blocks.append(actions("undo", [undo]))
    if not versions:
        blocks += sections(say("content_no_history"))
    for version in versions[:VERSIONS_SHOWN]:
        blocks += [DIVIDER, *_version(version, subject.variant, mention, say)]
    return modal(
        HISTORY_MODAL,
        say("content_history_title"),
        blocks,
        close=say("modal_close"),
        metadata=form.sealed(),
    )


def _version(
    version: ContentVersion,
    variant: int,
    mention: Callable[[str | None], str | None],
    say: Say,
) -> list[Block]:
    who = mention(version.person_id) or say("card_nobody")
    lines = [f"{slack_time(version.at)} · {who}: {say(f'cause_{version.cause}')}"]
    for name, (before, after) in changes_in(version, variant).items():
        label = escape(say(f"content_{name}")) if name in _LABELLED else escape(name)
        was = shortened(str(before), BEFORE_LENGTH) if before else say("content_nothing_there")
        lines.append(f"*{label}* {say('content_before')}\n> {escape(was)}")
        if after and name not in ("text", *TEXTS[content.PROGRAM]):
            lines[-1] += f"\n{say('content_since')} {escape(shortened(str(after), BEFORE_LENGTH))}"
    return sections("\n".join(lines))


_LABELLED = {
    "audience",
    "link",
    *DAYS,
    *(name for group in (TEXTS, LINES) for names in group.values() for name in names),
}
