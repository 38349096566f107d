"""What a message that tells somebody of something looks like, with what they said to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.db.models import Program
from bot.desk.mrkdwn import to_mrkdwn, to_plain
from bot.desk.views import DIVIDER, Block, Say, actions, button, context, sections, shortened
from bot.programs.details import when_text
from bot.programs.facts import amount_text
from bot.programs.terms import day_text, sentence

APPLY, KNEW, NEW = "telling_apply", "telling_knew", "telling_new"
LATER, NOT_FOR_ME, STOP = "telling_later", "telling_not_for_me", "telling_stop"
TAPS = (APPLY, KNEW, NEW, LATER, NOT_FOR_ME, STOP)
DETAILS = "home_details"
"""The Home tab's button that opens a program in the chat; it works here as well."""
FALLBACK_LENGTH = 600


@dataclass(frozen=True)
class Content:
    """What is told: HR's words in light Markdown, the program if there is one, and why to them.

    `deadline` is set in a reminder. `notes` are conditions that nobody can check.
    """

    title: str
    text: str | None
    link: str | None
    program: Program | None = None
    reasons: tuple[str, ...] = ()
    deadline: date | None = None

    @property
    def target(self) -> str | None:
        """The address to which the first button leads."""
        return self.link or (self.program.link if self.program else None)


@dataclass(frozen=True)
class Answered:
    """What somebody has said to a message so far, as in the record. `stopped`: to all of them."""

    asks: bool
    knew: bool | None = None
    response: str | None = None
    again_on: date | None = None
    stopped: bool = False


def message(
    key: str, content: Content, answered: Answered, today: date, say: Say
) -> tuple[str, list[Block]]:
    """Return a message as fallback, which makes sense alone, and blocks.

    Args:
        key: what the buttons carry: the telling's id, or `test`.
    """
    parts = [f"**{content.title}**"]
    if content.deadline is not None:
        parts.append(say("telling_deadline", date=day_text(content.deadline)))
    if content.text:
        parts.append(content.text)
    blocks = sections(to_mrkdwn("\n".join(parts)))
    about = _about(content.program, today, say) if content.program else ""
    blocks += sections(to_mrkdwn(about))
    why = _why(content, say)
    blocks += [context(to_mrkdwn(why))] if why else []
    blocks += _steps(key, content, say)
    blocks += _before(key, answered, content.title, say)
    blocks += [DIVIDER, *_wishes(key, answered, content.title, say)]
    return _fallback(content, today, say), blocks


def _about(program: Program, today: date, say: Say) -> str:
    lines = [
        (say("telling_gives"), sentence(amount_text(program))),
        (say("telling_when"), when_text(program, today)),
        (say("telling_how"), program.how_to_apply),
    ]
    facts = "\n".join(f"- **{label}:** {text}" for label, text in lines if text)
    return f"**{program.name}:** {program.summary}\n{facts}"


def _why(content: Content, say: Say) -> str:
    notes = content.program.eligibility_notes if content.program else None
    told = [say("telling_why", reasons="; ".join(content.reasons))] if content.reasons else []
    return " ".join([*told, *([say("telling_notes", notes=notes)] if notes else [])])


def _steps(key: str, content: Content, say: Say) -> list[Block]:
    buttons = []
    if content.target:
        text = say("telling_apply") if content.program else say("telling_read")
        apply = button(text, APPLY, key, about=content.title, style="primary")
        buttons.append({**apply, "url": content.target})
    if content.program:
        name = content.program.id
        more = button(say("telling_more"), f"{DETAILS}:{name}", name, about=content.title)
        buttons.append(more)
    return [actions("telling-steps", buttons)] if buttons else []


def _before(key: str, answered: Answered, title: str, say: Say) -> list[Block]:
    if not answered.asks:
        return []
    if answered.knew is not None:
        return [context(say("telling_thanks_knew" if answered.knew else "telling_thanks_new"))]
    choices = [
        button(say("telling_knew"), KNEW, key, about=title),
        button(say("telling_new"), NEW, key, about=title),
    ]
    return [*sections(say("telling_before")), actions("telling-before", choices)]


def _wishes(key: str, answered: Answered, title: str, say: Say) -> list[Block]:
    if answered.stopped:
        return [context(say("telling_stopped"))]
    if answered.response == "not_for_me":
        return [context(say("telling_set_aside"))]
    if answered.response == "later" and answered.again_on:
        return [context(say("telling_again", date=day_text(answered.again_on)))]
    wishes = [
        button(say("telling_later"), LATER, key, about=title),
        button(say("telling_not_for_me"), NOT_FOR_ME, key, about=title),
        button(say("telling_stop"), STOP, key),
    ]
    return [actions("telling-wishes", wishes)]


def _fallback(content: Content, today: date, say: Say) -> str:
    parts = [content.title]
    if content.deadline is not None:
        parts.append(say("telling_deadline", date=day_text(content.deadline)))
    if content.program is not None:
        parts.append(content.program.summary)
        parts.append(when_text(content.program, today))
    elif content.text:
        parts.append(to_plain(content.text))
    said = " ".join(sentence(part) if part[-1] not in "!?…" else part for part in parts)
    if content.target:
        # The address stands whole, or not at all.
        return f"{shortened(said, FALLBACK_LENGTH)} {content.target}"
    return shortened(said, FALLBACK_LENGTH)
