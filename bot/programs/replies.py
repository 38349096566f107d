"""What to say about programs: text, buttons, and who may read it.

The facts of a program are put into words here; the sentences around them are the responses of
domain.yml that a reply names.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.db.models import Program, ProgramDate
from bot.privacy.audience import BOTH, EMPLOYEE
from bot.programs.search import (
    browse_programs,
    names_no_purpose,
    program_named,
    search_programs,
    upcoming_deadlines,
)

AT_MOST = 5
BUTTON_LENGTH = 75
ANY_TIME = "none, apply any time"
NOT_ANNOUNCED = "not announced yet"

_IN_WORDS = {
    "full_time": "full-time",
    "part_time": "part-time",
    "per_diem": "per-diem",
    "resident": "resident",
    "student": "student",
    "nursing": "nursing",
    "nursing_support": "nursing support",
    "allied_health": "allied health",
    "physicians": "the medical staff",
    "administration": "administration",
    "support_services": "support services",
    "medical_center": "the Medical Center",
    "riverside": "Riverside",
    "lakeview": "Lakeview",
}


@dataclass(frozen=True)
class Button:
    """A choice below a reply; `payload` is JSON text that names an intent and its entities."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """What to say about programs, in light Markdown.

    `response` names the response of domain.yml around the text, which stands there as
    {programs}. `audience` is `employee` if anything in it is internal, else `both`.
    """

    text: str
    audience: str
    response: str
    buttons: tuple[Button, ...] = ()
    programs: tuple[str, ...] = ()


NOTHING_FOUND = Reply("", BOTH, "utter_no_program")


def reply_to_search(session: Session, words: str, audience: str) -> Reply:
    """Answer "what programs are there for …": what fits, or what comes nearest, or nothing."""
    if names_no_purpose(session, words):
        some = browse_programs(session, words, audience, AT_MOST)
        return list_reply(some, "utter_some_programs") if some else NOTHING_FOUND
    matches = search_programs(session, words, audience, AT_MOST)
    fitting = [match.program for match in matches if match.fits]
    if fitting:
        return list_reply(fitting)
    if matches:
        nearest = [match.program for match in matches[:3]]
        return list_reply(nearest, "utter_nearest_programs")
    return NOTHING_FOUND


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
    return _reply(text, shown, response, [_details_button(p) for p in shown])


def details_reply(program: Program, today: date) -> Reply:
    """Say what a program gives, to whom, when, and how to apply."""
    lines = [
        ("What you get", _sentence(amount_text(program))),
        ("Who", who_text(program)),
        ("When", when_text(program, today)),
        ("How to apply", program.how_to_apply),
        ("Questions", program.contact),
    ]
    facts = "\n".join(f"- **{label}:** {text}" for label, text in lines if text)
    more = f"\n\n[More about it]({program.link})" if program.link else ""
    text = f"**{program.name}**\n\n{program.summary}\n\n{facts}{more}"
    return _reply(text, [program], "utter_program_details")


def deadline_reply(program: Program, today: date) -> Reply:
    """Say until when one can apply for a program."""
    text = f"**{program.name}:** {when_text(program, today)}"
    return _reply(text, [program], "utter_program_deadline", [_details_button(program)])


def deadlines_reply(session: Session, audience: str, today: date) -> Reply:
    """List the deadlines that come next, over all programs that this audience may see."""
    upcoming = upcoming_deadlines(session, audience, today, AT_MOST)
    if not upcoming:
        return Reply("", BOTH, "utter_no_deadlines")
    programs = [program for program, _ in upcoming]
    lines = [
        f"- **{_day(w.closes)}:** {p.name} ({w.name}){_not_open(w, today)}" for p, w in upcoming
    ]
    buttons = [_details_button(program) for program in programs]
    return _reply("\n".join(lines), programs, "utter_deadlines", buttons)


def amount_text(program: Program) -> str:
    """Return what a program gives, e.g. "$5,250 per calendar year"."""
    if program.gives_text:
        return program.gives_text
    number = f"{program.gives_amount:,.2f}".removesuffix(".00")
    if program.gives_unit == "USD":
        amount = f"${number}"
    else:
        one = number == "1"
        amount = f"{number} {program.gives_unit.removesuffix('s') if one else program.gives_unit}"
    return f"{amount} per {program.gives_period}" if program.gives_period else amount


def next_deadline_text(program: Program, today: date) -> str:
    """Return e.g. "December 15, 2026 (Spring term 2027)"; fits after "Next deadline:"."""
    if not program.dates:
        return ANY_TIME
    window = next(iter(_windows_ahead(program, today)), None)
    return f"{_day(window.closes)} ({window.name})" if window else NOT_ANNOUNCED


def when_text(program: Program, today: date) -> str:
    """Return all that is known about when to apply, as sentences."""
    if not program.dates:
        return "You can apply any time."
    windows = _windows_ahead(program, today)
    if not windows:
        last = max(program.dates, key=lambda window: window.closes)
        closed = f"The last one, {last.name}, closed on {_day(last.closes)}."
        return f"{closed} The next is not announced yet."
    return " ".join(_window_text(window, today) for window in windows[:3])


def who_text(program: Program) -> str:
    """Return who can take part, as sentences; empty if nothing is said about it."""
    parts = []
    if program.employment_types:
        parts.append(f"{_list_of(program.employment_types)} staff")
    if program.job_families:
        parts.append(f"in {_list_of(program.job_families)}")
    if program.sites:
        parts.append(f"at {_list_of(program.sites)}")
    if program.min_fte:
        parts.append(f"working {program.min_fte:g} FTE or more")
    if program.min_tenure_months:
        months = program.min_tenure_months
        parts.append(f"after {months} month{'' if months == 1 else 's'} here")
    return " ".join(filter(None, [_sentence(" ".join(parts)), program.eligibility_notes]))


def facts(session: Session, today: date) -> dict[str, str]:
    """Return what FAQ answers may say of programs, by key: `program.<id>.amount` and so on."""
    query = select(Program).where(Program.active).options(selectinload(Program.dates))
    found: dict[str, str] = {}
    for program in session.scalars(query):
        key = f"program.{program.id}"
        found[f"{key}.name"] = program.name
        found[f"{key}.amount"] = amount_text(program)
        found[f"{key}.next_deadline"] = next_deadline_text(program, today)
        if program.link:
            found[f"{key}.link"] = program.link
    return found


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


def _details_button(program: Program) -> Button:
    payload = {"intent": "program_details", "entities": {"program": program.id}}
    return Button(program.name[:BUTTON_LENGTH], json.dumps(payload))


def _line(program: Program) -> str:
    amount = "" if program.gives_text else f" ({amount_text(program)})"
    return f"- **{program.name}**{amount}: {_first_sentence(program.summary)}"


def _windows_ahead(program: Program, today: date) -> list[ProgramDate]:
    ahead = [window for window in program.dates if window.closes and window.closes >= today]
    return sorted(ahead, key=lambda window: (window.closes, window.name))


def _window_text(window: ProgramDate, today: date) -> str:
    opens = window.opens and window.opens > today
    first = f"apply from {_day(window.opens)} until" if opens else "apply by"
    starts = f"; starts {_day(window.starts)}" if window.starts and window.starts > today else ""
    return f"{window.name}: {first} {_day(window.closes)}{starts}."


def _not_open(window: ProgramDate, today: date) -> str:
    opens = window.opens and window.opens > today
    return f", opens {_day(window.opens)}" if opens else ""


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _list_of(names: Sequence[str]) -> str:
    words = [_IN_WORDS[name] for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _first_sentence(text: str) -> str:
    first, stop, _ = text.partition(". ")
    return first + "." if stop else text


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].removesuffix('.')}." if text else ""
