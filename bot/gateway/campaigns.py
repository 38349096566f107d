"""What HR does with campaigns, in one transaction each, and what they are shown of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from bot.db.models import Program
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.db.telling import Campaign, Telling
from bot.desk.views import Block
from bot.gateway.addresses import AddressBook
from bot.gateway.wording import Wording
from bot.privacy import audit
from bot.privacy.audience import CANDIDATE, EMPLOYEE
from bot.telling import campaign_views as views
from bot.telling import campaigns
from bot.telling.audience import CAMPAIGN, TOLD
from bot.telling.campaign_file import CampaignSpec
from bot.telling.campaigns import CampaignError
from bot.telling.content import content_of_campaign
from bot.telling.dry_run import dry_run
from bot.telling.gentle import Limits
from bot.telling.message import Answered, message

TEST = "telling_test"
"""The kind of outbox row that shows a campaign to one person of HR."""
LISTED_AT_MOST = 40
Shown = tuple[str, list[Block]]


@dataclass(frozen=True)
class Campaigns:
    """Campaigns in the hands of HR. `on_outbox` is called when there is something to deliver."""

    database: Database
    addresses: AddressBook
    wording: Wording
    limits: Limits
    clock: Callable[[], datetime]
    on_outbox: Callable[[], None]

    def overview(self) -> Shown:
        """Return the list of campaigns: those that wait or run before those that are over."""
        with self.database.read() as session:
            found = list(session.scalars(select(Campaign).order_by(Campaign.created_at.desc())))
            told = dict(
                session.execute(
                    select(Telling.source, func.count(distinct(Telling.person_id)))
                    .where(Telling.means == CAMPAIGN, Telling.status == TOLD)
                    .group_by(Telling.source)
                ).all()
            )
        order = (campaigns.WAITING, campaigns.RUNNING, campaigns.PAUSED, campaigns.DRAFT)
        rank = {status: number for number, status in enumerate(order)}
        found.sort(key=lambda one: rank.get(one.status, len(order)))
        return views.overview(found[:LISTED_AT_MOST], told, self.wording.say)

    def form(self) -> Block:
        """Return the form of a new campaign."""
        query = select(Program).where(Program.active, Program.audience != CANDIDATE)
        with self.database.read() as session:
            programs = list(session.scalars(query.order_by(Program.name)))
        return views.form_modal(programs, self._now().date(), self.wording.say)

    def draft(self, team: str, user: str, spec: CampaignSpec) -> Block:
        """Keep a campaign as a draft and return its dry run.

        Raises:
            CampaignError: what is wrong with it.
        """
        with self.database.write() as session:
            now = self._now()
            person = self.addresses.person(session, team, user, now).id
            campaign = campaigns.draft(session, spec, now, person)
            self._note(session, person, campaign, campaigns.DRAFT)
        return self.dry_run(campaign.id)

    def dry_run(self, campaign_id: str, remark: str | None = None) -> Block:
        """Return who a campaign would tell now.

        Raises:
            CampaignError: it isn't there any more.
        """
        with self.database.read() as session:
            return self._dry_run(session, self._get(session, campaign_id), remark)

    def begin(self, team: str, user: str, campaign_id: str) -> Block:
        """Let a draft run, or wait for a second person; return its dry run.

        Raises:
            CampaignError: it isn't a draft any more.
        """
        with self.database.read() as session:
            found = self._get(session, campaign_id)
            reached = dry_run(session, found, self.limits, self._now()).reached
        with self.database.write() as session:
            campaign, now = self._get(session, campaign_id, lock=True), self._now()
            if campaign.status != campaigns.DRAFT:
                raise CampaignError(self.wording.say("campaign_gone"))
            person = self.addresses.person(session, team, user, now).id
            campaigns.submit(session, campaign, reached, self.limits, now)
            self._note(session, person, campaign, campaign.status)
            waits = campaign.status == campaigns.WAITING
        self.on_outbox()
        return self.dry_run(
            campaign_id, self.wording.say("campaign_now_waits" if waits else "campaign_started")
        )

    def test(self, team: str, user: str, campaign_id: str, interaction: str) -> Block:
        """Send a campaign to the one who asks, and return its dry run.

        Raises:
            CampaignError: it isn't there any more.
        """
        with self.database.write() as session:
            campaign, now = self._get(session, campaign_id), self._now()
            person = self.addresses.person(session, team, user, now).id
            enqueue(
                session,
                delivery_key=f"{TEST}:{interaction}"[:120],
                kind=TEST,
                lane=f"telling:{person}",
                payload={"campaign": campaign.id, "person": person},
                audience=EMPLOYEE,
                now=now,
            )
        self.on_outbox()
        return self.dry_run(campaign_id, self.wording.say("campaign_test_sent"))

    def change(self, team: str, user: str, campaign_id: str, action: str) -> Campaign:
        """Pause, go on, stop or release a campaign.

        Raises:
            CampaignError: it isn't there, or that can't be done to it now.
        """
        with self.database.write() as session:
            campaign, now = self._get(session, campaign_id, lock=True), self._now()
            person = self.addresses.person(session, team, user, now).id
            if action == views.PAUSE:
                campaigns.pause(session, campaign)
            elif action == views.GO_ON:
                campaigns.go_on(campaign)
            elif action == views.RELEASE:
                campaigns.release(campaign, person, now)
            else:
                campaigns.stop(session, campaign, now)
            self._note(session, person, campaign, action.removeprefix("campaign_"))
            return campaign

    def release_card(self, campaign_id: str) -> Shown:
        """Return the message that asks for a second person.

        Raises:
            CampaignError: the campaign isn't there any more.
        """
        with self.database.read() as session:
            campaign = self._get(session, campaign_id)
            by = campaign.creator_id
            who = f"<@{self.addresses.slack_user(session, by)}>" if by else None
            run = dry_run(session, campaign, self.limits, self._now())
            return views.release_card(campaign, run, who, self.wording.say)

    def test_message(self, campaign_id: str, person_id: str) -> tuple[str, Shown]:
        """Return a campaign as it is sent, and the Slack user who wanted to see it.

        Raises:
            CampaignError: it isn't there any more.
        """
        with self.database.read() as session:
            campaign = self._get(session, campaign_id)
            shown = self._message(session, campaign)
            return self.addresses.slack_user(session, person_id), shown

    def _dry_run(self, session: Session, campaign: Campaign, remark: str | None = None) -> Block:
        def mention(person_id: str) -> str:
            return f"<@{self.addresses.slack_user(session, person_id)}>"

        run = dry_run(session, campaign, self.limits, self._now())
        _, shown = self._message(session, campaign)
        most = self.limits.second_person_above
        say = self.wording.say
        return views.dry_run_modal(campaign, run, shown, most, mention, say, remark=remark)

    def _message(self, session: Session, campaign: Campaign) -> Shown:
        content, today = content_of_campaign(session, campaign), self._now().date()
        asks = Answered(asks=content.program is not None)
        return message("test", content, asks, today, self.wording.say)

    def _get(self, session: Session, campaign_id: str, *, lock: bool = False) -> Campaign:
        campaign = session.get(Campaign, campaign_id, with_for_update=lock or None)
        if campaign is None:
            raise CampaignError(self.wording.say("campaign_gone"))
        return campaign

    def _now(self) -> datetime:
        return self.limits.local(self.clock())

    def _note(self, session: Session, person: str, campaign: Campaign, done: str) -> None:
        audit.write(
            session,
            self.clock(),
            actor=person,
            action=audit.CHANGED,
            subject=campaign.id,
            what=done,
        )
