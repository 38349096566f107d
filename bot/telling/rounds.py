"""One round of telling: look at everybody, then hold what must be held and tell who is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.telling import Campaign
from bot.telling.audience import RECENT_DAYS, read_audience
from bot.telling.campaigns import RUNNING, hold, overreaching
from bot.telling.choosing import Chosen, choose, put_all, sources_now, waiting_count
from bot.telling.gentle import Limits
from bot.telling.moments import Moment


@dataclass(frozen=True)
class Plan:
    """What a round does: campaigns to hold for a second person, and who is told what."""

    held: tuple[str, ...] = ()
    chosen: tuple[Chosen, ...] = ()


def plan(session: Session, limits: Limits, moments: Sequence[Moment], now: datetime) -> Plan:
    """Return what there is to do; it only reads, and may take seconds."""
    now = limits.local(now)
    budget = limits.a_minute - waiting_count(session)
    sources = list(sources_now(session, moments, now.date()))
    running = list(session.scalars(select(Campaign).where(Campaign.status == RUNNING)))
    if budget <= 0 or not (sources or running):
        return Plan()
    days = max([RECENT_DAYS, *(moment.within_days + 1 for moment in moments)])
    everybody = read_audience(session, now, [campaign.id for campaign in running], days=days)
    held = overreaching(session, running, everybody, limits, now)
    free = [source for source in sources if source.id not in held]
    return Plan(tuple(held), tuple(choose(free, everybody, limits, budget, now)))


def carry_out(session: Session, plan: Plan, limits: Limits, now: datetime) -> int:
    """Do what was planned, in the caller's transaction. Returns how much that was."""
    held = hold(session, plan.held, now) if plan.held else 0
    return held + (put_all(session, plan.chosen, limits, now) if plan.chosen else 0)
