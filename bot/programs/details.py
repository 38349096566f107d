"""All that is said about one program, in words; loads nothing but the database."""

from __future__ import annotations

from datetime import date

from bot.db.models import Program, ProgramDate
from bot.programs.facts import amount_text, windows_ahead
from bot.programs.terms import day_text, list_of, sentence


def details_text(program: Program, today: date) -> str:
    """Say what a program gives, to whom, when, and how to apply, in light Markdown."""
    lines = [
        ("What you get", sentence(amount_text(program))),
        ("Who", who_text(program)),
        ("When", when_text(program, today)),
        ("How to apply", program.how_to_apply),
        ("Questions", program.contact),
    ]
    facts = "\n".join(f"- **{label}:** {text}" for label, text in lines if text)
    more = f"\n\n[More about it]({program.link})" if program.link else ""
    return f"**{program.name}**\n\n{program.summary}\n\n{facts}{more}"


def when_text(program: Program, today: date) -> str:
    """Return all that is known about when to apply, as sentences."""
    if not program.dates:
        return "You can apply any time."
    windows = windows_ahead(program, today)
    if not windows:
        last = max(program.dates, key=lambda window: window.closes)
        closed = f"The last one, {last.name}, closed on {day_text(last.closes)}."
        return f"{closed} The next is not announced yet."
    return " ".join(_window_text(window, today) for window in windows[:3])


def next_step_text(program: Program, today: date) -> str:
    """Return in few words when to apply next: "apply by December 15, 2026"."""
    if not program.dates:
        return "apply any time"
    window = next(iter(windows_ahead(program, today)), None)
    if window is None:
        return "the next date is not announced yet"
    if window.opens and window.opens > today:
        return f"opens {day_text(window.opens)}"
    return f"apply by {day_text(window.closes)}"


def who_text(program: Program) -> str:
    """Return who can take part, as sentences; empty if nothing is said about it."""
    parts = []
    if program.employment_types:
        parts.append(f"{list_of(program.employment_types)} staff")
    if program.job_families:
        parts.append(f"in {list_of(program.job_families)}")
    if program.sites:
        parts.append(f"at {list_of(program.sites)}")
    if program.min_fte:
        parts.append(f"working {program.min_fte:g} FTE or more")
    if program.min_tenure_months:
        months = program.min_tenure_months
        parts.append(f"after {months} month{'' if months == 1 else 's'} here")
    return " ".join(filter(None, [sentence(" ".join(parts)), program.eligibility_notes]))


def _window_text(window: ProgramDate, today: date) -> str:
    opens = window.opens and window.opens > today
    first = f"apply from {day_text(window.opens)} until" if opens else "apply by"
    starts = (
        f"; starts {day_text(window.starts)}" if window.starts and window.starts > today else ""
    )
    return f"{window.name}: {first} {day_text(window.closes)}{starts}."
