"""What to say about who may take part: a verdict with its reasons, a question, or a list.

What is decided comes from `bot.programs.eligibility`; the sentences around it are the responses
of domain.yml that a reply names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Program, ProgramDate
from bot.privacy.audience import BOTH, CANDIDATE, EMPLOYEE
from bot.programs.details import next_step_text, when_text, who_text
from bot.programs.eligibility import (
    FACTS,
    NO,
    NOT_YET,
    TENURE,
    UNKNOWN,
    YES,
    Conditions,
    JobFacts,
    Verdict,
    check,
    group_text,
)
from bot.programs.index import Entry
from bot.programs.replies import (
    AT_MOST,
    NOTHING_FOUND,
    Button,
    DateField,
    Reply,
    amount_text,
    details_button,
    page_reply,
    with_rest,
)
from bot.programs.search import LISTED_AT_MOST, entries_for, programs_by_ids
from bot.programs.stated import HIRE_DATE, options_for
from bot.programs.terms import day_text, sentence

_RESPONSES = {
    YES: "utter_eligible",
    NOT_YET: "utter_not_yet_eligible",
    NO: "utter_not_eligible",
    UNKNOWN: "utter_perhaps_eligible",
}
_FACT_RESPONSES = {
    "employment_type": "utter_fact_employment_type",
    "tenure": "utter_fact_tenure",
    "fte": "utter_fact_fte",
    "job_family": "utter_fact_job_family",
    "site": "utter_fact_site",
}
_DETAILS_TITLE = "Program details"
_OTHERS_TITLE = "What can I get?"
_FIRST_DAY = "My first day here"
_CONDITIONS = "it has conditions that I can't check"


def eligibility_reply(program: Program, job: JobFacts, reader: str, today: date) -> Reply:
    """Say whether somebody with this job may take part, why, and if not yet, from when.

    An outsider hears what the posting says; so does an employee about a program for outsiders.
    """
    if reader == CANDIDATE or program.audience == CANDIDATE:
        return _reply([program], "utter_eligibility_posting", _posting(program, today))
    verdict = check(program, job, today)
    buttons = [Button(_DETAILS_TITLE, details_button(program).payload)]
    if verdict.eligible == NO:
        others = json.dumps({"intent": "eligible_programs"})
        buttons.append(Button(_OTHERS_TITLE, others))
    eligible = UNKNOWN if _only_notes_tell(program, verdict) else verdict.eligible
    text = _verdict_text(program, verdict, today)
    return _reply([program], _RESPONSES[eligible], text, buttons)


def first_reply(
    session: Session, program: Program | None, job: JobFacts, reader: str, today: date
) -> Reply:
    """Answer or ask, as a first turn does; without a program, about all of them."""
    programs = [program] if program is not None else open_programs(session, reader, None)
    public = reader == CANDIDATE or (program is not None and program.audience == CANDIDATE)
    fact = None if public else fact_to_ask(programs, job, today)
    if fact is not None:
        return question_reply(fact, program, programs)
    if program is not None:
        return eligibility_reply(program, job, reader, today)
    return eligible_reply(session, job, reader, today)


def posting_reply(program: Program, today: date) -> Reply:
    """Say who may take part without a word about the one who asks: others may read along."""
    return _reply([program], "utter_eligibility_in_private", _posting(program, today))


def question_reply(
    fact: str,
    program: Program | None,
    programs: Sequence[Conditions],
    *,
    were_listed: bool = False,
) -> Reply:
    """Ask for one fact about the person's job, with the choices that matter.

    Args:
        program: the one that is meant, or None when many are.
        programs: all that are meant; they decide which choices are offered.
        were_listed: whether these are the ones that were just listed.
    """
    intent = "am_i_eligible" if program is not None else "eligible_programs"
    about = {"program": program.id} if program is not None else {}

    def payload(**entities: str) -> dict[str, Any]:
        return {"intent": intent, "entities": {**about, **entities}}

    buttons = [
        Button(option.title, json.dumps(payload(fact=fact, value=option.value)))
        for option in options_for(fact, programs)
    ]
    first_day = json.dumps({**payload(fact=HIRE_DATE), "date": "value"})
    several = "these programs" if were_listed else "the programs that are open to you"
    name = program.name if program is not None else several
    return Reply(
        text="",
        audience=program.audience if program is not None else EMPLOYEE,
        response=_FACT_RESPONSES[fact],
        buttons=tuple(buttons),
        date=DateField(_FIRST_DAY, first_day) if fact == TENURE else None,
        programs=(program.id,) if program is not None else (),
        values={"name": f"**{name}**"},
    )


def fact_to_ask(programs: Iterable[Conditions], job: JobFacts, today: date) -> str | None:
    """Return the fact that matters most for these programs and isn't known, if any."""
    missing: set[str] = set()
    for program in programs:
        verdict = check(program, job, today)
        if verdict.eligible == UNKNOWN:
            missing.update(verdict.missing)
    return next((fact for fact in FACTS if fact in missing), None)


def open_programs(session: Session, reader: str, only: Sequence[str] | None) -> list[Entry]:
    """Return the programs to look through: those meant, or all that are for people here."""
    entries = {entry.id: entry for entry in entries_for(session, reader)}
    if only is not None:
        return [entries[identifier] for identifier in only if identifier in entries]
    return [e for e in entries.values() if reader == CANDIDATE or e.audience != CANDIDATE]


def eligible_reply(
    session: Session, job: JobFacts, reader: str, today: date, only: Sequence[str] | None = None
) -> Reply:
    """List what somebody with this job may take part in, what can be applied for now first.

    Args:
        only: ids of programs that were just listed: each gets its verdict. None: all programs.
    """
    entries = open_programs(session, reader, only)
    if reader == CANDIDATE:
        found = [e.id for e in entries][:LISTED_AT_MOST]
        return page_reply(session, found, reader, "utter_eligibility_postings")
    if only is not None and len(entries) <= AT_MOST:
        return _verdicts(session, entries, job, today)
    when = _when_open(session, today)
    fitting = [(e, v) for e in entries if (v := check(e, job, today)).eligible in (YES, UNKNOWN)]
    ranked = sorted(
        (v.eligible == UNKNOWN or not v.reasons, *when.get(e.id, _ANY_TIME), e.name, e.id)
        for e, v in fitting
        if when.get(e.id) != _CLOSED
    )
    found = [row[-1] for row in ranked][:LISTED_AT_MOST]
    if not found:
        return NOTHING_FOUND
    verdicts = {entry.id: verdict for entry, verdict in fitting}
    shown = programs_by_ids(session, found[:AT_MOST], reader)
    text = "\n".join(_line(program, verdicts[program.id], today) for program in shown)
    buttons = [details_button(program) for program in shown]
    reply = _reply(shown, "utter_eligible_programs", text, buttons)
    return with_rest(reply, found[AT_MOST:])


_ANY_TIME, _CLOSED = (1, 0), (3, 0)


def _when_open(session: Session, today: date) -> dict[str, tuple[int, int]]:
    """Return how near programs with dates are: open now (soonest to close), later, or over."""
    near: dict[str, tuple[int, int]] = {}
    columns = (ProgramDate.program_id, ProgramDate.opens, ProgramDate.closes)
    for identifier, opens, closes in session.execute(select(*columns)):
        if closes is None or closes < today:
            rank = _CLOSED
        elif opens is None or opens <= today:
            rank = (0, closes.toordinal())
        else:
            rank = (2, opens.toordinal())
        near[identifier] = min(near.get(identifier, _CLOSED), rank)
    return near


def _verdicts(session: Session, entries: Sequence[Entry], job: JobFacts, today: date) -> Reply:
    programs = programs_by_ids(session, [entry.id for entry in entries], EMPLOYEE)
    if not programs:
        return NOTHING_FOUND
    lines = [_verdict_line(program, check(program, job, today), today) for program in programs]
    buttons = [details_button(program) for program in programs]
    return _reply(programs, "utter_eligible_of_these", "\n".join(lines), buttons)


def _only_notes_tell(program: Program, verdict: Verdict) -> bool:
    """Tell whether only the notes say for whom it is: then nobody can tell yes from the data."""
    return not verdict.reasons and bool(program.eligibility_notes)


def _verdict_line(program: Program, verdict: Verdict, today: date) -> str:
    if program.audience == CANDIDATE:
        told = "for people who don't work here yet."
    elif verdict.eligible == NO:
        told = f"no; {'; '.join(verdict.reasons)}."
    elif verdict.eligible == NOT_YET:
        told = f"not yet; {'; '.join(verdict.reasons)}."
    elif verdict.missing:
        needed = "; ".join(_still_needed(program, verdict))
        told = f"perhaps; it is for {needed}."
    elif _only_notes_tell(program, verdict):
        told = f"perhaps; {_CONDITIONS}, {next_step_text(program, today)}."
    elif program.eligibility_notes:
        told = f"yes, if its other conditions fit; {next_step_text(program, today)}."
    else:
        told = f"yes; {next_step_text(program, today)}."
    return f"- **{program.name}**: {told}"


def _line(program: Program, verdict: Verdict, today: date) -> str:
    amount = "" if program.gives_text else f" ({amount_text(program)})"
    needed = "; ".join(_still_needed(program, verdict))
    only = f"for {needed}; " if needed else ""
    if not needed and _only_notes_tell(program, verdict):
        only = f"{_CONDITIONS}; "
    return f"- **{program.name}**{amount}: {only}{next_step_text(program, today)}"


def _verdict_text(program: Program, verdict: Verdict, today: date) -> str:
    lines = [f"- {sentence(reason)}" for reason in verdict.reasons]
    lines += [f"- It is for {group}." for group in _still_needed(program, verdict)]
    if not lines and not program.eligibility_notes:
        lines = ["- It is open to everybody who works here."]
    parts = ["\n".join(lines)] if lines else []
    if verdict.eligible != NO and program.eligibility_notes:
        label = "What counts as well" if lines else "What counts"
        parts.append(f"**{label}:** {program.eligibility_notes}")
    if verdict.eligible != NO:
        parts.append(f"**When:** {_when(program, verdict, today)}")
    return "\n\n".join(parts)


def _when(program: Program, verdict: Verdict, today: date) -> str:
    """Return when to apply; for not yet, the first chance after the day."""
    if verdict.eligible != NOT_YET:
        return when_text(program, today)
    if verdict.from_date is None:
        return "As soon as you have been here long enough."
    if not program.dates:
        return f"From {day_text(verdict.from_date)} on."
    later = [w for w in program.dates if w.closes and w.closes >= verdict.from_date]
    if not later:
        return f"From {day_text(verdict.from_date)} on; dates after that aren't announced yet."
    return when_text(program, verdict.from_date)


def _still_needed(program: Conditions, verdict: Verdict) -> list[str]:
    return [group_text(program, fact) for fact in verdict.missing]


def _posting(program: Program, today: date) -> str:
    who = who_text(program) or "Everybody can apply."
    return f"**{program.name}**\n\n- **Who:** {who}\n- **When:** {when_text(program, today)}"


def _reply(
    programs: Sequence[Program], response: str, text: str, buttons: Sequence[Button] = ()
) -> Reply:
    internal = any(program.audience == EMPLOYEE for program in programs)
    return Reply(
        text=text,
        # What is said of somebody's job is for them, whatever the program.
        audience=EMPLOYEE if internal or response in _ABOUT_A_JOB else BOTH,
        response=response,
        buttons=tuple(buttons),
        programs=tuple(program.id for program in programs),
        values={"name": f"**{programs[0].name}**"},
    )


_ABOUT_A_JOB = {*_RESPONSES.values(), "utter_eligible_programs", "utter_eligible_of_these"}
