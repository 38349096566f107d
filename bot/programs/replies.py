"""What to say about programs: text, buttons, and who may read it.

The facts of a program are put into words here; the sentences around them are the responses of
domain.yml that a reply names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from bot.db.models import Program, ProgramDate
from bot.privacy.audience import BOTH, EMPLOYEE
from bot.programs.details import details_text, when_text
from bot.programs.facts import amount_text
from bot.programs.search import (
    LISTED_AT_MOST,
    fitting_ids,
    ids_by_amount,
    names_no_purpose,
    program_named,
    programs_by_ids,
    programs_of_topic,
    search_programs,
    upcoming_deadlines,
)
from bot.programs.terms import day_text, first_sentence
from bot.programs.wishes import Amount, amount_wanted, period_wanted

AT_MOST = 5
BUTTON_LENGTH = 75


@dataclass(frozen=True)
class Button:
    """A choice below a reply; `payload` is JSON text that names an intent and its entities."""

    title: str
    payload: str


@dataclass(frozen=True)
class DateField:
    """A day to pick, below a reply; `payload` is as a button's, and `date` in it names the entity
    that the day fills in.
    """

    label: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """What to say about programs, in light Markdown.

    `response` names the response of domain.yml around the text, which stands there as
    {programs}; `values` fills in what else it asks for. `audience` is `employee` if anything
    in it is internal, else `both`. `rest` are the ids that "more" goes on with; if these are
    deadlines, `rest_from` is the day from which they count.
    """

    text: str
    audience: str
    response: str
    buttons: tuple[Button, ...] = ()
    date: DateField | None = None
    programs: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    rest_from: date | None = None
    values: Mapping[str, str] = field(default_factory=dict)


NOTHING_FOUND = Reply("", BOTH, "utter_no_program")


def reply_to_search(session: Session, words: str, audience: str) -> Reply:
    """Answer "what programs are there for …": what fits, or what comes nearest, or nothing."""
    wanted = amount_wanted(words)
    if wanted is not None:
        amount, rest = wanted
        giving = ids_by_amount(session, amount, rest, audience)
        if giving:
            return page_reply(session, giving, audience)
        most = programs_by_ids(session, ids_by_amount(session, Amount(), rest, audience), audience)
        return list_reply(most[:3], "utter_nearest_programs") if most else NOTHING_FOUND
    fitting = fitting_ids(session, words, audience)
    if fitting:
        in_general = names_no_purpose(session, words)
        response = "utter_some_programs" if in_general else "utter_programs_found"
        return page_reply(session, fitting, audience, response)
    nearest = [match.program for match in search_programs(session, words, audience, 3)]
    return list_reply(nearest, "utter_nearest_programs") if nearest else NOTHING_FOUND


def page_reply(
    session: Session,
    identifiers: Sequence[str],
    audience: str,
    response: str = "utter_programs_found",
) -> Reply:
    """List the first five of many programs; the others are the reply's `rest`."""
    shown = programs_by_ids(session, identifiers[:AT_MOST], audience)
    return with_rest(list_reply(shown, response), identifiers[AT_MOST:]) if shown else NOTHING_FOUND


def reply_about_topic(session: Session, topic: str, audience: str) -> Reply:
    """List the programs that an FAQ topic is about."""
    found = [program.id for program in programs_of_topic(session, topic, audience)]
    return page_reply(session, found, audience)


def button_for_topic(session: Session, topic: str, audience: str) -> Button | None:
    """Return the button below an FAQ answer that leads to its program, or programs, if any."""
    found = programs_of_topic(session, topic, audience)
    if len(found) == 1:
        return Button("Program details", details_button(found[0]).payload)
    if found:
        payload = {"intent": "find_program", "entities": {"topic": topic}}
        return Button("Programs", json.dumps(payload))
    return None


def with_rest(reply: Reply, rest: Sequence[str]) -> Reply:
    """Return the reply with what "more" goes on with, and a sentence that says so."""
    more = f"\n\nThere {'is' if len(rest) == 1 else 'are'} {len(rest)} more: say “more”."
    return replace(reply, rest=tuple(rest), text=reply.text + more if rest else reply.text)


def reply_with_details(session: Session, text: str, audience: str, today: date) -> Reply:
    """Answer "tell me about …": the program that the text names, or what a search finds."""
    program = program_named(session, text, audience)
    if program is not None:
        return details_reply(program, today)
    return reply_to_search(session, text, audience)


def list_reply(programs: Sequence[Program], response: str = "utter_programs_found") -> Reply:
    """List up to five programs, with a button each."""
    shown = programs[:AT_MOST]
    text = "\n".join(_line(program) for program in shown)
    return _reply(text, shown, response, [details_button(p) for p in shown])


def details_reply(program: Program, today: date) -> Reply:
    """Say what a program gives, to whom, when, and how to apply."""
    text = details_text(program, today)
    return _reply(text, [program], "utter_program_details")


def deadline_reply(program: Program, today: date) -> Reply:
    """Say until when one can apply for a program."""
    text = f"**{program.name}:** {when_text(program, today)}"
    return _reply(text, [program], "utter_program_deadline", [details_button(program)])


def deadlines_reply(
    session: Session,
    audience: str,
    today: date,
    text: str = "",
    only: Sequence[str] | None = None,
) -> Reply:
    """List the deadlines that come next, over all programs that this audience may see.

    Args:
        text: what was asked; a time in it ("this month", "open now") narrows the list.
        only: ids of the programs that are meant, or all.
    """
    period = period_wanted(text, today)
    first = period.first if period else today
    upcoming = upcoming_deadlines(
        session,
        audience,
        first,
        LISTED_AT_MOST,
        until=period.last if period and not period.open_now else None,
        only=only,
        open_on=today if period and period.open_now else None,
    )
    if not upcoming and period:
        later = upcoming_deadlines(session, audience, today, LISTED_AT_MOST, only=only)
        return _deadlines(later, today, today, "utter_no_deadlines_then")
    return _deadlines(upcoming, first, today, "utter_deadlines")


def more_deadlines_reply(
    session: Session, identifiers: Sequence[str], audience: str, first: date, today: date
) -> Reply:
    """List the next five of deadlines that were not shown yet.

    Args:
        first: the day from which deadlines count.
    """
    rest = upcoming_deadlines(session, audience, first, LISTED_AT_MOST, only=identifiers)
    return _deadlines(rest, first, today, "utter_more_programs")


def _deadlines(
    upcoming: Sequence[tuple[Program, ProgramDate]], first: date, today: date, response: str
) -> Reply:
    if not upcoming:
        return Reply("", BOTH, "utter_no_deadlines")
    shown = upcoming[:AT_MOST]
    programs = [program for program, _ in shown]
    lines = [
        f"- **{day_text(w.closes)}:** {p.name} ({w.name}){_not_open(w, today)}" for p, w in shown
    ]
    buttons = [details_button(program) for program in programs]
    reply = _reply("\n".join(lines), programs, response, buttons)
    rest = list(dict.fromkeys(program.id for program, _ in upcoming[AT_MOST:]))
    return replace(with_rest(reply, rest), rest_from=first)


def _reply(
    text: str, programs: Sequence[Program], response: str, buttons: Sequence[Button] = ()
) -> Reply:
    internal = any(program.audience == EMPLOYEE for program in programs)
    return Reply(
        text=text,
        audience=EMPLOYEE if internal else BOTH,
        response=response,
        buttons=tuple(buttons),
        programs=tuple(program.id for program in programs),
    )


def details_button(program: Program) -> Button:
    """Return a button, titled with the program's name, that tells about it."""
    payload = {"intent": "program_details", "entities": {"program": program.id}}
    return Button(program.name[:BUTTON_LENGTH], json.dumps(payload))


def _line(program: Program) -> str:
    amount = "" if program.gives_text else f" ({amount_text(program)})"
    return f"- **{program.name}**{amount}: {first_sentence(program.summary)}"


def _not_open(window: ProgramDate, today: date) -> str:
    opens = window.opens and window.opens > today
    return f", opens {day_text(window.opens)}" if opens else ""
