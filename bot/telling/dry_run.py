"""Who a campaign would tell, and why it wouldn't tell the others; nothing is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.db.models import Program
from bot.db.telling import Campaign
from bot.telling.audience import NOT_IN_SLACK, Audience, read_audience, unready
from bot.telling.choosing import Recipient, next_time, reason_against, source_of
from bot.telling.gentle import Limits


@dataclass(frozen=True)
class DryRun:
    """What would happen on a campaign's first day if that were now.

    `now` and `later` are ids of people: told at once, and as soon as their week or their clock
    allows. `against` counts the others by reason, in the order of `audience.REASONS`.
    """

    now: tuple[str, ...]
    later: tuple[str, ...]
    waits: Counter[str]
    against: Counter[str]

    @property
    def reached(self) -> int:
        """How many people get it sooner or later."""
        return len(self.now) + len(self.later)


def dry_run(
    session: Session,
    campaign: Campaign,
    limits: Limits,
    now: datetime,
    everybody: Audience | None = None,
) -> DryRun:
    """Return whom a campaign would tell now, by the rules that it would tell them by.

    Args:
        everybody: where they have been read already, with all that the campaign ever told.
    """
    now = limits.local(now)
    program = session.get(Program, campaign.program_id) if campaign.program_id else None
    source = source_of(campaign, program if program is not None and program.active else None)
    at_once: list[str] = []
    later: list[str] = []
    waits: Counter[str] = Counter()
    against: Counter[str] = Counter()
    everybody = everybody or read_audience(session, now, [campaign.id])
    if everybody.absent:
        against[NOT_IN_SLACK] = everybody.absent
    for colleague in everybody.colleagues if source is not None else ():
        standing = everybody.of(colleague)
        reason = reason_against(source, Recipient(colleague, standing), now)
        reason = reason or next_time(source, standing, now)[1]
        if reason is not None:
            against[reason] += 1
            continue
        wait = unready(colleague, standing, limits, now)
        if wait is None:
            at_once.append(colleague.person.id)
        else:
            later.append(colleague.person.id)
            waits[wait] += 1
    return DryRun(tuple(at_once), tuple(later), waits, against)
