"""What the gateway does to tell people of what there is for them: jobs, deliverers, listeners."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.gateway.campaigns import Campaigns
from bot.gateway.outbox import Deliver
from bot.gateway.schedule import Job
from bot.gateway.shared import Shared
from bot.gateway.slack.app import Listener
from bot.gateway.slack.campaign_delivery import CampaignDelivery
from bot.gateway.slack.listeners.campaigns import CampaignListener
from bot.gateway.slack.listeners.telling import TellingListener
from bot.gateway.slack.roster import Roster
from bot.gateway.slack.telling_delivery import TellingDelivery
from bot.gateway.wiring import HRDesk
from bot.gateway.wishes import Wishes
from bot.telling.campaign_file import read_campaigns, read_moments
from bot.telling.campaigns import bring_in
from bot.telling.rounds import carry_out, plan


class Telling:
    """Campaigns and life moments."""

    def __init__(self, shared: Shared, desk: HRDesk) -> None:
        data = shared.settings.data_dir
        self._file = read_campaigns(data, shared.settings.quiet_hours)
        self._moments = read_moments(data)
        self._shared = shared
        self._desk = desk
        given = (shared.database, shared.addresses, shared.wording, self._file.limits)
        self._campaigns = Campaigns(*given, shared.clock, shared.on_outbox)
        self.wishes = Wishes(*given, shared.clock)
        self._is_file_taken = False
        self.roster = Roster(
            shared.database, shared.slack, shared.addresses, shared.seal, shared.clock
        )

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        shared = self._shared
        delivery = TellingDelivery(
            shared.database,
            shared.slack,
            shared.addresses,
            self._file.limits,
            self._moments,
            shared.clock,
        )
        for_hr = CampaignDelivery(
            shared.slack, self._desk.routing, self._desk.channels, self._campaigns
        )
        return {**delivery.deliverers(), **for_hr.deliverers()}

    def jobs(self) -> dict[str, Job]:
        """Return what is done again and again, by name."""
        if not self._shared.settings.telling:
            return {}
        return {"campaigns": self._take_file, "telling": self._tell}

    def listeners(self) -> list[Listener]:
        """Return what listens."""
        shared = self._shared
        return [
            CampaignListener(self._desk.gate, self._campaigns),
            TellingListener(
                shared.database,
                shared.addresses,
                shared.wording,
                self._file.limits,
                self._moments,
                shared.clock,
            ),
        ]

    def _take_file(self, session: Session, now: datetime) -> int:
        if self._is_file_taken:
            return 0
        taken = bring_in(session, self._file.campaigns, now)
        self._is_file_taken = True
        return taken

    def _tell(self, session: Session, now: datetime) -> int:
        given = (self._file.limits, self._moments, now)
        # Read apart: nobody can write as long as the other session has begun.
        with self._shared.database.read() as reading:
            todo = plan(reading, *given)
        return carry_out(session, todo, self._file.limits, now)
