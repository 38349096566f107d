"""Campaigns from draft to end: kept in step with their file, submitted, released, held, stopped.

Which people one reaches is decided in `bot.telling.audience`, who is told now in
`bot.telling.choosing`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, distinct, func, select, update
from sqlalchemy.orm import Session

from bot.db.models import OutboxRow, Program
from bot.db.queues import PENDING, enqueue
from bot.db.telling import Campaign, Telling
from bot.errors import HRBotError
from bot.privacy.audience import CANDIDATE, EMPLOYEE
from bot.privacy.sealing import opaque_id
from bot.telling import audience
from bot.telling.audience import Audience
from bot.telling.campaign_file import CampaignSpec
from bot.telling.dry_run import dry_run
from bot.telling.gentle import Limits

FILE, SLACK = "file", "slack"
DRAFT, WAITING, RUNNING, PAUSED, STOPPED = "draft", "waiting", "running", "paused", "stopped"
RELEASE = "campaign_release"
"""The kind of outbox row that asks HR for a second person."""
CANCELLED = "cancelled"


class CampaignError(HRBotError):
    """A campaign can't be changed in this way; the text is for the person who tried."""


def bring_in(session: Session, specs: Iterable[CampaignSpec], now: datetime) -> int:
    """Bring the campaigns of the file into the table; doing it again changes nothing.

    One that is new or has changed runs, unless the next round of telling finds that it reaches
    too many people for that; one that has left the file is stopped.

    Returns:
        How many were new, changed or stopped.
    """
    known = {
        one.id: one for one in session.scalars(select(Campaign).where(Campaign.origin == FILE))
    }
    touched = 0
    for spec in specs:
        fingerprint = _fingerprint(spec)
        campaign = known.pop(spec.id, None)
        if campaign is not None and campaign.content_hash == fingerprint:
            continue
        if campaign is None:
            campaign = _new(session, spec, FILE, now, creator_id=None)
        else:
            _fill(campaign, spec)
        campaign.content_hash = fingerprint
        campaign.status = RUNNING
        campaign.releaser_id = campaign.released_at = None
        campaign.revision += 1
        touched += 1
    for gone in known.values():
        if gone.status != STOPPED:
            stop(session, gone, now)
            touched += 1
    session.flush()
    return touched


def draft(session: Session, spec: CampaignSpec, now: datetime, creator_id: str) -> Campaign:
    """Keep a campaign that somebody of HR has described, without telling anybody yet.

    Raises:
        CampaignError: what is wrong with it.
    """
    _refuse_impossible(session, spec, now.date())
    return _new(session, spec, SLACK, now, creator_id=creator_id)


def new_id() -> str:
    """Return an id for a campaign that isn't from the file."""
    return opaque_id("campaign")


def submit(
    session: Session, campaign: Campaign, reached: int, limits: Limits, now: datetime
) -> None:
    """Let a campaign run, or wait for a second person if it reaches more people than allowed.

    Args:
        reached: how many people, by a dry run.
    """
    most = limits.second_person_above
    if most is not None and reached > most:
        _ask_for_release(session, campaign, now)
        return
    campaign.status = RUNNING
    campaign.revision += 1


def _ask_for_release(session: Session, campaign: Campaign, now: datetime) -> None:
    campaign.status = WAITING
    campaign.releaser_id = campaign.released_at = None
    campaign.revision += 1
    enqueue(
        session,
        delivery_key=f"release:{campaign.id}:{campaign.revision}",
        kind=RELEASE,
        lane=f"campaign:{campaign.id}",
        payload={"campaign": campaign.id},
        audience=EMPLOYEE,
        now=now,
    )


def overreaching(
    session: Session,
    running: Iterable[Campaign],
    everybody: Audience,
    limits: Limits,
    now: datetime,
) -> list[str]:
    """Return which running campaigns nobody has released and reach too many people for that.

    Args:
        running: those that begin later too, so that there is time to ask.
        everybody: with all that these campaigns ever told.
    """
    most, today = limits.second_person_above, limits.local(now).date()
    if most is None:
        return []
    found = []
    for campaign in running:
        is_over = campaign.ends_on is not None and campaign.ends_on < today
        if campaign.releaser_id is not None or is_over:
            continue
        told = select(func.count(distinct(Telling.person_id))).where(
            Telling.means == audience.CAMPAIGN, Telling.source == campaign.id
        )
        reached = dry_run(session, campaign, limits, now, everybody).reached
        if reached + session.scalar(told) > most:
            found.append(campaign.id)
    return found


def hold(session: Session, ids: Collection[str], now: datetime) -> int:
    """Let these campaigns wait for a second person. Returns how many did not yet."""
    unreleased = select(Campaign).where(
        Campaign.id.in_(ids), Campaign.status == RUNNING, Campaign.releaser_id.is_(None)
    )
    found = list(session.scalars(unreleased.with_for_update()))
    for campaign in found:
        _ask_for_release(session, campaign, now)
    return len(found)


def release(campaign: Campaign, person_id: str, now: datetime) -> None:
    """Let a waiting campaign run, by a second person.

    Raises:
        CampaignError: it doesn't wait, or this is the person who made it.
    """
    if campaign.status != WAITING:
        raise CampaignError("This campaign doesn't wait for a release any more.")
    if campaign.creator_id == person_id:
        raise CampaignError("You made this campaign, so somebody else of HR has to release it.")
    campaign.status = RUNNING
    campaign.releaser_id, campaign.released_at = person_id, now
    campaign.revision += 1


def pause(session: Session, campaign: Campaign) -> None:
    """Hold a campaign at once; what waits to leave is told when it goes on.

    Raises:
        CampaignError: it doesn't run.
    """
    if campaign.status != RUNNING:
        raise CampaignError("Only a campaign that runs can be paused.")
    campaign.status = PAUSED
    campaign.revision += 1
    _take_back(session, campaign)


def go_on(campaign: Campaign) -> None:
    """Let a paused campaign run again.

    Raises:
        CampaignError: it isn't paused.
    """
    if campaign.status != PAUSED:
        raise CampaignError("Only a paused campaign can go on.")
    campaign.status = RUNNING
    campaign.revision += 1


def stop(session: Session, campaign: Campaign, now: datetime) -> None:
    """End a campaign at once and for good; what waits to leave never does."""
    campaign.status = STOPPED
    campaign.revision += 1
    waiting = _untouched(session, campaign)
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.delivery_key.in_(waiting), *_UNTOUCHED)
        .values(status=CANCELLED, finished_at=now)
    )
    session.execute(
        update(Telling)
        .where(Telling.id.in_(list(waiting.values())))
        .values(status=audience.WITHDRAWN)
    )


# What is on its way, or may have arrived, is left to its delivery, which looks once more.
_UNTOUCHED = (OutboxRow.status == PENDING, OutboxRow.attempted_at.is_(None))


def _take_back(session: Session, campaign: Campaign) -> None:
    """Undo what waits to leave and was never tried, so that it can be chosen again."""
    waiting = _untouched(session, campaign)
    session.execute(delete(OutboxRow).where(OutboxRow.delivery_key.in_(waiting)))
    session.execute(delete(Telling).where(Telling.id.in_(list(waiting.values()))))


def _untouched(session: Session, campaign: Campaign) -> dict[str, int]:
    """Return the ids in the record of what waits and was never tried, by delivery key."""
    waiting = select(Telling.id).where(
        Telling.means == audience.CAMPAIGN,
        Telling.source == campaign.id,
        Telling.status == audience.WAITING,
    )
    numbers = {f"telling:{number}": number for number in session.scalars(waiting)}
    untouched = select(OutboxRow.delivery_key).where(
        OutboxRow.delivery_key.in_(numbers), *_UNTOUCHED
    )
    # Locked, so that nobody claims it meanwhile.
    return {key: numbers[key] for key in session.scalars(untouched.with_for_update())}


def _new(
    session: Session, spec: CampaignSpec, origin: str, now: datetime, creator_id: str | None
) -> Campaign:
    campaign = Campaign(
        id=spec.id, origin=origin, status=DRAFT, creator_id=creator_id, created_at=now, revision=0
    )
    _fill(campaign, spec)
    session.add(campaign)
    session.flush()
    return campaign


def _fill(campaign: Campaign, spec: CampaignSpec) -> None:
    for name, value in asdict(spec).items():
        setattr(campaign, name, list(value) if name == "reminder_days" else value)


def _fingerprint(spec: CampaignSpec) -> str:
    return hashlib.sha256(
        json.dumps(asdict(spec), sort_keys=True, default=str).encode()
    ).hexdigest()


def _refuse_impossible(session: Session, spec: CampaignSpec, today: date) -> None:
    program = session.get(Program, spec.program_id) if spec.program_id else None
    if spec.program_id and (program is None or not program.active):
        raise CampaignError("That program isn't in the catalogue any more.")
    if program is not None and program.audience == CANDIDATE:
        raise CampaignError(f"“{program.name}” is for candidates, not for employees.")
    if program is None and not spec.text:
        raise CampaignError("Choose a program, or write a message.")
    if spec.reminder_days and (program is None or not program.dates):
        raise CampaignError("Only a program with a deadline can be reminded of before it.")
    if spec.ends_on is not None and spec.ends_on < max(spec.starts_on, today):
        raise CampaignError("The last day is before the first one, or has passed.")
