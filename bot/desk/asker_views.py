"""What the asker sees of a case: HR's answer and questions, thanks, and their own forms."""

from __future__ import annotations

from bot.db.models import Case
from bot.desk.asking import CSAT_SCORES
from bot.desk.cases import FINISHED, OPEN, RESOLVED, WITHDRAWN
from bot.desk.details import hidden_in
from bot.desk.mrkdwn import escape
from bot.desk.views import (
    SECTION_LIMIT,
    Block,
    Say,
    actions,
    button,
    case_button,
    context,
    day,
    modal,
    quote,
    sections,
    shortened,
    text_blocks,
    text_input,
)

HELPFUL, REOPEN = "case_helpful", "case_reopen"
ADD, EDIT, WITHDRAW, RATE = "case_add", "case_edit", "case_withdraw", "case_rate"
TAKE_OUT, RESTORE = "case_take_out", "case_restore"
ADD_MODAL, EDIT_MODAL = "asker_add", "asker_edit"
FIELD, TEXT = "field", "text"
QUESTION_LENGTH = 80
Shown = tuple[str, list[Block]]


def answer_to_asker(case: Case, text: str, say: Say) -> Shown:
    """Return HR's answer with “did this help?”.

    Args:
        text: the answer, word for word; it is HR's own text, not our Markdown.
    """
    intro = say("case_answer", reference=case.reference)
    blocks = [
        *sections(f"*{escape(intro)}*\n{quote(case.question)}"),
        *sections(escape(text)),
        *sections(escape(say("case_question"))),
        actions(
            "case_feedback",
            [
                case_button(say("case_yes"), HELPFUL, case, style="primary"),
                case_button(say("case_no"), REOPEN, case),
            ],
        ),
    ]
    return f"{intro} {text}"[:SECTION_LIMIT], blocks


def question_to_asker(case: Case, text: str, say: Say) -> Shown:
    """Return what HR asks back, with a button for those who don't just write."""
    intro = say("case_asked", reference=case.reference)
    blocks = [
        *sections(f"*{escape(intro)}*\n{quote(case.question)}"),
        *sections(escape(text)),
        context(escape(say("case_asked_how"))),
        actions("case_reply", [case_button(say("button_reply"), ADD, case, style="primary")]),
    ]
    return f"{intro} {text}"[:SECTION_LIMIT], blocks


def opened_to_asker(case: Case, say: Say) -> Shown:
    """Return the confirmation that HR has a question, with what can be done about it."""
    key = "feedback_opened" if case.is_feedback else "case_opened"
    key = f"{key}_anonymously" if case.anonymous else key
    return _with_own_buttons(case, say(key, reference=case.reference), say)


def told_to_asker(
    case: Case, says: str, say: Say, *, entry: int | None = None, has_hidden: bool = False
) -> Shown:
    """Return a short confirmation about a case.

    Args:
        says: the key of the text; thanks come with the question how it was.
        entry: an addition that was taken from the chat and may have been meant otherwise.
        has_hidden: something was hidden in what the asker added.
    """
    text, blocks = text_blocks(say(says, reference=case.reference))
    if says == "case_thanks" and case.csat is None:
        blocks += [*sections(escape(say("csat_question"))), _csat(case, say)]
    if entry is not None:
        undo = button(say("button_not_for_hr"), TAKE_OUT, f"{case.id}:{entry}")
        blocks += [context(escape(say("added_undo_hint"))), actions("case_added", [undo])]
    if has_hidden and not case.anonymous:
        blocks.append(actions("case_hidden", [_restore_button(case, say)]))
    return text, blocks


def closed_to_asker(case: Case, say: Say) -> Shown:
    """Return that HR closed the case without an answer, and why."""
    key = f"case_closed_{case.reason}" if case.reason else "case_closed"
    text, blocks = text_blocks(say(key, reference=case.reference))
    again = case_button(say("case_still"), REOPEN, case)
    return text, [*blocks, actions("case_closed", [again])]


def followup_to_asker(case: Case, say: Say) -> Shown:
    """Return the one question whether it is solved."""
    text, blocks = text_blocks(say("case_followup", reference=case.reference))
    buttons = [
        case_button(say("case_solved"), HELPFUL, case, style="primary"),
        case_button(say("case_not_solved"), REOPEN, case),
    ]
    return text, [*blocks, actions("case_followup", buttons)]


def own_cases(cases: list[Case], say: Say, intro: str) -> Shown:
    """Return an asker's cases, one line each, with buttons for those that still wait."""
    lines = [case_line(case, say) for case in cases]
    blocks = sections(f"*{escape(intro)}*")
    for case, line in zip(cases, lines, strict=True):
        blocks += sections(escape(line))
        if case.status not in FINISHED:
            blocks.append(_own_buttons(case, say, block_id=f"case_own-{case.id}"))
    return "\n".join([intro, *lines])[:SECTION_LIMIT], blocks


def case_line(case: Case, say: Say) -> str:
    """Return one case in a line of plain text: number, where it stands, since when."""
    question = shortened(case.question, QUESTION_LENGTH)
    state = say(f"asker_{_asker_state(case)}", reference=case.reference, asked=day(case.created_at))
    return f"{case.reference}: {state} “{question}”"


def add_modal(case: Case, say: Say) -> Block:
    """Return the form for an addition, or for the reply to what HR asked."""
    field = text_input(FIELD, say("add_label"), TEXT, hint=say("add_hint"))
    return modal(
        ADD_MODAL,
        say("add_title", reference=case.reference),
        [*sections(quote(case.question)), field],
        submit=say("add_submit"),
        close=say("modal_cancel"),
        metadata=str(case.id),
    )


def edit_modal(case: Case, say: Say) -> Block:
    """Return the form in which the question is changed."""
    initial = case.question if len(case.question) <= 3000 else None
    field = text_input(FIELD, say("edit_label"), TEXT, hint=say("add_hint"), initial=initial)
    return modal(
        EDIT_MODAL,
        say("edit_title", reference=case.reference),
        [field],
        submit=say("edit_submit"),
        close=say("modal_cancel"),
        metadata=str(case.id),
    )


def _asker_state(case: Case) -> str:
    if case.status == RESOLVED and case.feedback == WITHDRAWN:
        return "withdrawn"
    if case.status not in FINISHED and case.waiting_since is not None:
        return "waiting"
    if case.status == OPEN and case.moves:
        return "moved"
    return case.status


def _with_own_buttons(case: Case, text: str, say: Say) -> Shown:
    fallback, blocks = text_blocks(text)
    return fallback, [*blocks, _own_buttons(case, say, block_id="case_own")]


def _own_buttons(case: Case, say: Say, block_id: str) -> Block:
    # Several rows of them may stand in one message, and action ids must differ there.
    names = [("button_add", ADD), ("button_edit", EDIT), ("button_withdraw", WITHDRAW)]
    buttons = [case_button(say(text), f"{action}:{case.id}", case) for text, action in names]
    if not case.anonymous and hidden_in(case.question):
        buttons.append(_restore_button(case, say))
    return actions(block_id, buttons)


def _restore_button(case: Case, say: Say) -> Block:
    return case_button(say("button_restore"), f"{RESTORE}:{case.id}", case)


def _csat(case: Case, say: Say) -> Block:
    buttons = [
        button(say(f"csat_{score}"), f"{RATE}:{score}", f"{case.id}:{score}", about=case.reference)
        for score in reversed(CSAT_SCORES)
    ]
    return actions("case_csat", buttons)
