"""What a row of the record tells: found again from its campaign or moment and its program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.db.models import Program
from bot.db.telling import Campaign, Telling, TellingPreference
from bot.programs.employees import job_of
from bot.telling.audience import CAMPAIGN, judge
from bot.telling.campaigns import RUNNING, STOPPED
from bot.telling.message import Answered, Content
from bot.telling.moments import Moment

GO, HOLD, DROP = "go", "hold", "drop"


def content_of(
    session: Session, telling: Telling, moments: Sequence[Moment], now: datetime
) -> Content | None:
    """Return what somebody is told, None if what told it is gone."""
    program = session.get(Program, telling.program_id) if telling.program_id else None
    spec: Campaign | Moment | None
    if telling.means == CAMPAIGN:
        spec = session.get(Campaign, telling.source)
    else:
        spec = next((one for one in moments if one.id == telling.source), None)
    if spec is None or (telling.program_id and program is None):
        return None
    verdict = judge(program, spec.conditions, job_of(session, telling.person_id), now.date())
    return Content(
        title=spec.title,
        text=spec.text,
        link=spec.link,
        program=program,
        reasons=verdict.reasons,
        deadline=_deadline(telling.occurrence),
    )


def content_of_campaign(session: Session, campaign: Campaign) -> Content:
    """Return what a campaign tells, without anything about the reader."""
    program = session.get(Program, campaign.program_id) if campaign.program_id else None
    return Content(campaign.title, campaign.text, campaign.link, program)


def answered(session: Session, telling: Telling) -> Answered:
    """Return what somebody has said to a message so far."""
    preference = session.get(TellingPreference, telling.person_id)
    return Answered(
        asks=telling.asked_before,
        knew=telling.knew_before,
        response=telling.response,
        again_on=telling.again_on,
        stopped=preference is not None and preference.stopped_at is not None,
    )


def may_leave(session: Session, telling: Telling) -> str:
    """Return whether a message that waits may still leave: go, hold it back, or drop it."""
    preference = session.get(TellingPreference, telling.person_id)
    if preference is not None and preference.stopped_at is not None:
        return DROP
    if telling.means != CAMPAIGN:
        return GO
    campaign = session.get(Campaign, telling.source)
    if campaign is None or campaign.status == STOPPED:
        return DROP
    return GO if campaign.status == RUNNING else HOLD


def _deadline(occurrence: str) -> date | None:
    kind, _, rest = occurrence.partition(":")
    return date.fromisoformat(rest.partition(":")[0]) if kind == "deadline" else None
