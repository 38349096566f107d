"""Chooses who is told what now, and puts it into the outbox with its record, once.

Choosing only reads, which takes a while in a big house; putting is short, since whoever writes
to the database waits for it.

Everything that is due to a person is tried in order of its worth: what they asked to be
reminded of, deadlines, moments of their working life, then campaigns; the weekly cap lets
through what comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from bot.db.models import Program
from bot.db.queues import enqueue
from bot.db.telling import Campaign, Telling, TellingState
from bot.privacy.audience import CANDIDATE, EMPLOYEE
from bot.programs.employees import Colleague
from bot.programs.facts import windows_ahead
from bot.telling.audience import (
    ALREADY_TOLD,
    CAMPAIGN,
    GENTLE,
    MOMENT,
    REACTED,
    SET_ASIDE,
    TOLD,
    WAITING,
    Audience,
    Standing,
    judge,
    refusal,
    unready,
    unwilling,
)
from bot.telling.gentle import WEEK, Limits
from bot.telling.moments import BECOMES_ELIGIBLE, Moment, occurrence

TELLING = "telling"
"""The kind of outbox row that tells one person."""
SAME_PROGRAM_DAYS = 30
REMINDER_GAP_DAYS = 3
RUNNING = "running"


@dataclass(frozen=True)
class Source:
    """Something that may be told: a campaign, or a moment with one program or none."""

    means: str
    id: str
    program: Program | None
    conditions: Mapping[str, Any]
    spec: Any

    @property
    def subject(self) -> str:
        """What people set aside or react to: the program, or the source itself."""
        return self.program.id if self.program else f"{self.means}:{self.id}"


@dataclass(frozen=True)
class Recipient:
    """Somebody who may be told, and where they stand."""

    colleague: Colleague
    standing: Standing


Due = Callable[[Source, Recipient, datetime], "str | None"]
"""Says which occurrence of a source is due to somebody, None if none is."""


@dataclass(frozen=True)
class Chosen:
    """Somebody who is to be told something: who, what, and which time of it."""

    source: Source
    person_id: str
    which: str


def choose(
    sources: Sequence[Source], everybody: Audience, limits: Limits, most: int, now: datetime
) -> list[Chosen]:
    """Return who is told what now, `most` messages at most; nothing is written.

    Args:
        now: as the house's clock shows it.
    """
    everyone = (Recipient(one, everybody.of(one)) for one in everybody.colleagues)
    ready = [one for one in everyone if unready(one.colleague, one.standing, limits, now) is None]
    chosen: list[Chosen] = []
    for source, one, which in _dues(sources, ready, now):
        if len(chosen) == most:
            break
        # What came before in the order may have used up their week.
        if one.standing.recent < limits.a_week:
            chosen.append(Chosen(source, one.colleague.person.id, which))
            one.standing.recent += 1
    return chosen


def put_all(session: Session, chosen: Sequence[Chosen], limits: Limits, now: datetime) -> int:
    """Put what was chosen into the outbox, unless it has been overtaken since.

    Returns:
        How many messages that were.
    """
    only_one(session)
    people = {one.person_id for one in chosen}
    recent = _recent(session, people, now)
    key = (Telling.means, Telling.source, Telling.occurrence, Telling.person_id)
    known = set(session.execute(select(*key).where(Telling.person_id.in_(people))).all())
    running = set(session.scalars(select(Campaign.id).where(Campaign.status == RUNNING)))
    told = 0
    for one in chosen:
        source = one.source
        is_over = source.means == CAMPAIGN and source.id not in running
        is_known = (source.means, source.id, one.which, one.person_id) in known
        if is_over or is_known or recent[one.person_id] >= limits.a_week:
            continue
        put(session, source, one.person_id, one.which, now)
        recent[one.person_id] += 1
        told += 1
    return told


def waiting_count(session: Session) -> int:
    """Return how many messages wait to leave."""
    waiting = select(func.count()).select_from(Telling).where(Telling.status == WAITING)
    return session.scalar(waiting)


def only_one(session: Session) -> TellingState:
    """Wait until nobody else puts any; so no two can count the same week's messages at once."""
    state = session.get(TellingState, 1, with_for_update=True)
    if state is None:
        state = TellingState(id=1)
        session.add(state)
        session.flush()
    return state


def _recent(session: Session, people: Collection[str], now: datetime) -> Counter[str]:
    """Return how many messages of the last seven days count for each of these people."""
    at = func.coalesce(Telling.told_at, Telling.created_at)
    query = select(Telling.person_id).where(
        Telling.person_id.in_(people),
        Telling.means.in_(GENTLE),
        Telling.status.in_((TOLD, WAITING)),
        at > now - WEEK,
    )
    return Counter(session.scalars(query))


def sources_now(session: Session, moments: Sequence[Moment], today: date) -> Iterator[Source]:
    """Give what may be told today: moments first, then campaigns by their beginning."""
    query = select(Program).where(Program.active, Program.audience != CANDIDATE)
    programs = {p.id: p for p in session.scalars(query.options(selectinload(Program.dates)))}
    for moment in moments:
        yield from _sources_of_moment(moment, programs)
    running = (
        select(Campaign)
        .where(
            Campaign.status == RUNNING,
            Campaign.starts_on <= today,
            or_(Campaign.ends_on.is_(None), Campaign.ends_on >= today),
        )
        .order_by(Campaign.starts_on, Campaign.id)
    )
    for campaign in session.scalars(running):
        source = source_of(campaign, programs.get(campaign.program_id or ""))
        if source is not None:
            yield source


def source_of(campaign: Campaign, program: Program | None) -> Source | None:
    """Return a campaign as something to tell, None if its program has left the catalogue."""
    if campaign.program_id and program is None:
        return None
    return Source(CAMPAIGN, campaign.id, program, campaign.conditions, campaign)


def _sources_of_moment(moment: Moment, programs: Mapping[str, Program]) -> Iterator[Source]:
    if moment.when == BECOMES_ELIGIBLE and moment.program_id is None:
        for program in programs.values():
            if program.min_tenure_months:
                yield Source(MOMENT, moment.id, program, moment.conditions, moment)
        return
    program = programs.get(moment.program_id or "")
    if moment.program_id is None or program is not None:
        yield Source(MOMENT, moment.id, program, moment.conditions, moment)


def _dues(
    sources: Sequence[Source], ready: Sequence[Recipient], now: datetime
) -> Iterator[tuple[Source, Recipient, str]]:
    campaigns = [source for source in sources if source.means == CAMPAIGN]
    moments = [source for source in sources if source.means == MOMENT]
    order: Iterable[tuple[Due, Sequence[Source]]] = (
        (_asked_for, sources),
        (_deadline, campaigns),
        (_moment, moments),
        (_time, campaigns),
    )
    for due, theirs in order:
        for source in theirs:
            for one in ready:
                which = due(source, one, now)
                if which is None or (source.means, source.id, which) in one.standing.occurrences:
                    continue
                if reason_against(source, one, now) is None:
                    yield source, one, which


def reason_against(source: Source, one: Recipient, now: datetime) -> str | None:
    """Return why somebody is never told this, None if they may be."""
    verdict = judge(source.program, source.conditions, one.colleague.job, now.date())
    return (
        refusal(verdict)
        or unwilling(one.colleague, one.standing, source.program)
        or (SET_ASIDE if source.subject in one.standing.set_aside else None)
    )


def _asked_for(source: Source, one: Recipient, now: datetime) -> str | None:
    """What somebody wanted to be reminded of, on its day."""
    program = source.program.id if source.program else None
    for telling in one.standing.later:
        is_this = (telling.means, telling.source, telling.program_id) == (
            source.means,
            source.id,
            program,
        )
        which = f"later:{telling.id}"
        is_new = (source.means, source.id, which) not in one.standing.occurrences
        if is_this and is_new and telling.again_on <= now.date():
            return which
    return None


def _deadline(source: Source, one: Recipient, now: datetime) -> str | None:
    """A reminder before a deadline, to who was told some days ago and hasn't reacted."""
    days, program = source.spec.reminder_days, source.program
    told = one.standing.times.get((source.means, source.id))
    if not days or not told or program is None or source.subject in one.standing.clicked:
        return None
    today = now.date()
    window = next(iter(windows_ahead(program, today)), None)
    is_open = window is not None and not (window.opens and window.opens > today)
    if not is_open or told[-1] > now - timedelta(days=REMINDER_GAP_DAYS):
        return None
    left = (window.closes - today).days
    near = [number for number in days if left <= number]
    return f"deadline:{window.closes}:{min(near)}" if near else None


def _moment(source: Source, one: Recipient, now: datetime) -> str | None:
    if source.program is not None and source.subject in one.standing.clicked:
        return None
    return occurrence(source.spec, one.colleague, source.program, now.date())


def _time(source: Source, one: Recipient, now: datetime) -> str | None:
    """The first time of a campaign, or one more for who hasn't reacted."""
    return next_time(source, one.standing, now)[0]


def next_time(source: Source, standing: Standing, now: datetime) -> tuple[str | None, str | None]:
    """Return which time of a campaign is due to somebody, or why none is."""
    told = standing.times.get((source.means, source.id), [])
    if source.subject in standing.clicked:
        return None, REACTED
    if not told:
        lately = source.program and standing.programs.get(source.program.id)
        if lately and lately > now - timedelta(days=SAME_PROGRAM_DAYS):
            return None, ALREADY_TOLD
        return "1", None
    again = source.spec.repeat_days
    if not again or told[-1] > now - timedelta(days=again):
        return None, ALREADY_TOLD
    return str(len(told) + 1), None


def put(session: Session, source: Source, person_id: str, which: str, now: datetime) -> Telling:
    """Record that somebody is to be told, and put it into the outbox."""
    telling = Telling(
        means=source.means,
        source=source.id,
        occurrence=which,
        person_id=person_id,
        program_id=source.program.id if source.program else None,
        status=WAITING,
        created_at=now,
        asked_before=source.program is not None and (which == "1" or source.means == MOMENT),
    )
    session.add(telling)
    session.flush()
    enqueue(
        session,
        delivery_key=f"telling:{telling.id}",
        kind=TELLING,
        # Each person's messages are a lane of their own: one that fails holds nobody up.
        lane=f"telling:{person_id}",
        payload={"telling": telling.id, "person": person_id},
        audience=EMPLOYEE,
        now=now,
    )
    return telling
