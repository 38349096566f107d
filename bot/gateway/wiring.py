"""Builds the gateway's features from what they share: what people say and ask, and the HR desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.desk import freshness
from bot.desk.anonymous import forget_way_back
from bot.desk.details import forget_details
from bot.desk.digest import post_digests
from bot.desk.freshness import Rhythm
from bot.desk.reminders import remind
from bot.desk.routing_file import load_routing
from bot.desk.work import wake_snoozed
from bot.faq.book import load_company_facts
from bot.faq.next_questions import NextQuestions
from bot.gateway.discretion import load_discretion
from bot.gateway.feedback import Feedback
from bot.gateway.outbox import Deliver
from bot.gateway.program_offers import REMIND, ProgramOffers
from bot.gateway.promoting import Promoting
from bot.gateway.prompts import load_prompts
from bot.gateway.purging import Purging
from bot.gateway.replies import Replies
from bot.gateway.schedule import Job
from bot.gateway.shared import Shared
from bot.gateway.slack.app import Listener
from bot.gateway.slack.asking import Asking
from bot.gateway.slack.case_delivery import CaseDelivery
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.contacts import Contacts
from bot.gateway.slack.delivery import SlackDelivery
from bot.gateway.slack.desk_intake import DeskIntake
from bot.gateway.slack.editors import Editors
from bot.gateway.slack.gate import Gate
from bot.gateway.slack.home import HomeTab
from bot.gateway.slack.intake import Intake
from bot.gateway.slack.listeners.answers import AnswerListener
from bot.gateway.slack.listeners.askers import AskerListener
from bot.gateway.slack.listeners.assistant import AssistantListener
from bot.gateway.slack.listeners.case_forms import CaseFormListener
from bot.gateway.slack.listeners.cases import CaseListener
from bot.gateway.slack.listeners.choices import ChoiceListener
from bot.gateway.slack.listeners.commands import CommandListener
from bot.gateway.slack.listeners.desk import DeskListener
from bot.gateway.slack.listeners.editing import EditListener
from bot.gateway.slack.listeners.feedback import FeedbackListener
from bot.gateway.slack.listeners.home import HomeListener
from bot.gateway.slack.listeners.messages import MessageListener
from bot.gateway.slack.listeners.notes import NoteListener
from bot.gateway.slack.listeners.promotions import PromotionListener
from bot.gateway.slack.listeners.reviews import ReviewListener
from bot.gateway.slack.listeners.shortcuts import ShortcutListener
from bot.gateway.slack.listeners.tell_hr import TellHRListener
from bot.gateway.slack.listeners.wishes import WishesListener
from bot.gateway.slack.members import Members
from bot.gateway.slack.notices import DeskNotices
from bot.gateway.slack.pane import Pane, PaneDelivery
from bot.gateway.slack.people import People
from bot.gateway.slack.promotion_delivery import PromotionDelivery
from bot.gateway.slack.reminding import Reminding
from bot.gateway.slack.review_delivery import ReviewDelivery
from bot.gateway.slack.suggestions import Suggestions
from bot.gateway.wishes import Wishes
from bot.programs.reminders import put_due
from bot.telling.quiet_hours import QuietHours


class HRDesk:
    """Cases: what HR and the askers do with them, and what happens by the clock."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        settings, database, slack = shared.settings, shared.database, shared.slack
        self.routing = load_routing(settings.data_dir / "routing.yml", settings.hr_channels)
        self._contacts = Contacts(database, slack, shared.addresses, self.routing, shared.clock)
        self.channels = HRChannels(database, slack, self.routing, self._contacts, shared.clock)
        given = (database, slack, shared.addresses, self.routing, shared.book)
        self.cards = CaseDelivery(*given, self.channels)
        self.intake = DeskIntake(
            database=database,
            seal=shared.seal,
            addresses=shared.addresses,
            wording=shared.wording,
            routing=self.routing,
            clock=shared.clock,
            on_inbox=shared.on_inbox,
            on_outbox=shared.on_outbox,
        )
        self.gate = Gate(self.intake, slack, Members(slack, self.routing))
        self.askers = AskerListener(self.gate)
        self.company = company = load_company_facts(settings.data_dir)
        self._editors = Editors(self.gate, shared.book)
        self._editing = EditListener(self.gate, self._editors, shared.live, company)
        self.rhythm = Rhythm(settings.review_reminder_days, settings.review_after_days)
        self.lists = DeskListener(self.gate, self._editing)
        self._suggestions = Suggestions(database, shared.book, company)
        self._promoting = Promoting(
            database=database,
            assistant=shared.assistant,
            live=shared.live,
            company=company,
            suggestions=self._suggestions,
            routing=self.routing,
            addresses=shared.addresses,
            wording=shared.wording,
            clock=shared.clock,
            on_outbox=shared.on_outbox,
        )

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        shared = self._shared
        given = (shared.database, shared.slack, shared.addresses, self.routing, shared.book)
        return {
            **self.cards.deliverers(),
            **DeskNotices(*given, self.channels, shared.clock).deliverers(),
            **PromotionDelivery(*given, self.channels, self._promoting).deliverers(),
            **ReviewDelivery(*given, self.channels, self.rhythm, shared.clock).deliverers(),
        }

    def jobs(self) -> dict[str, Job]:
        """Return what is done again and again, by name."""
        days = self._shared.settings.anonymous_way_back_days
        details_days = self._shared.settings.hidden_detail_days
        return {
            "reminders": lambda s, now: remind(s, self.routing, self._contacts.people, now),
            "digests": self._post_digests,
            "reviews": self._remind_owners,
            "snoozed": wake_snoozed,
            "ways_back": lambda s, now: forget_way_back(s, now, days),
            "details": lambda s, now: forget_details(s, now, details_days),
            "purge": Purging(self._shared.settings.retention, self._contacts.people.values),
        }

    def _remind_owners(self, session: Session, now: datetime) -> int:
        book, people = self._shared.book, self._contacts.people
        return freshness.remind(session, book, self.routing, people, self.rhythm, now)

    def _post_digests(self, session: Session, now: datetime) -> int:
        def overdue() -> dict[str, list[dict[str, str | None]]]:
            book, today = self._shared.book, now.date()
            return freshness.overdue_by_queue(session, book, self.routing, self.rhythm, today)

        return post_digests(session, self.routing, now, overdue)

    def listeners(self) -> list[Listener]:
        """Return what listens; it comes before whatever else listens for messages."""
        promotions = PromotionListener(self.gate, self._promoting)
        return [
            # What is said in a card's thread stays there.
            NoteListener(self.gate),
            self.askers,
            CaseListener(self.gate, self.routing),
            CaseFormListener(self.gate, self.routing),
            AnswerListener(self.gate, self._suggestions, promotions),
            promotions,
            self._editing,
            ReviewListener(self.gate, self._editors, self._shared.live, self.rhythm),
            self.lists,
        ]


class Chat:
    """What people ask and how they are answered: messages, the pane, the Home tab, /hr."""

    def __init__(self, shared: Shared, desk: HRDesk, wishes: Wishes) -> None:
        self._shared = shared
        self._desk = desk
        self._wishes = wishes
        data, database, addresses = shared.settings.data_dir, shared.database, shared.addresses
        self._prompts = load_prompts(data, shared.book)
        self.discretion = load_discretion(data, shared.book)
        offers = ProgramOffers(
            shared.wording,
            addresses,
            by_email=shared.settings.writes_to_candidates,
            hint_days=shared.settings.did_you_know_days if shared.settings.telling else None,
        )
        self.replies = Replies(
            shared.book, shared.wording, NextQuestions(shared.clock), desk.rhythm, offers
        )
        self.people = People(database, addresses, shared.slack, shared.clock)
        self._home = HomeTab(
            database,
            addresses,
            self.people,
            shared.slack,
            self._prompts,
            shared.wording,
            shared.clock,
            shared.on_outbox,
            desk.lists.home_blocks,
            wishes.blocks,
        )
        self._reminding = Reminding(
            database,
            shared.slack,
            addresses,
            self.people,
            shared.wording,
            shared.clock,
            QuietHours(*shared.settings.quiet_hours, desk.routing.default.hours.zone).is_quiet,
        )

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how, the desk's too: they change the Home tab."""
        database, slack = self._shared.database, self._shared.slack
        addresses = self._shared.addresses
        about_cases = {
            kind: self._home.refreshing(deliver) if kind.startswith("case_") else deliver
            for kind, deliver in self._desk.deliverers().items()
        }
        return {
            **about_cases,
            **SlackDelivery(database, slack, addresses).deliverers(),
            **PaneDelivery(database, addresses, slack).deliverers(),
            "home": self._home.publish,
            **self._reminding.deliverers(),
        }

    def jobs(self) -> dict[str, Job]:
        """Return what is done again and again, by name."""
        zone = self._desk.routing.default.hours.zone
        return {"program_reminders": lambda s, now: put_due(s, now, zone)}

    def listeners(self) -> list[Listener]:
        """Return what listens."""
        shared = self._shared
        database, addresses, wording = shared.database, shared.addresses, shared.wording
        feedback = Feedback(database, addresses, self.replies, shared.clock, shared.on_outbox)
        asking = Asking(
            database,
            shared.seal,
            addresses,
            self._prompts,
            wording,
            self._desk.intake.mail,
            shared.clock,
            shared.on_inbox,
            shared.on_outbox,
        )
        pane = Pane(database, addresses, self._prompts, wording, shared.clock, shared.on_outbox)
        intake = Intake(
            database=database,
            seal=shared.seal,
            addresses=addresses,
            wording=wording,
            desk=self._desk.intake,
            clock=shared.clock,
            on_inbox=shared.on_inbox,
            on_outbox=shared.on_outbox,
            own_choices={
                "missing": feedback.missing,
                "ask": asking.ask_picked,
                "dismiss": asking.dismiss_picked,
                REMIND: self._reminding.ask,
            },
        )
        tell_hr = TellHRListener(
            self._desk.gate,
            self.people,
            shared.assistant,
            database,
            addresses,
            shared.seal,
            shared.clock,
            shared.on_outbox,
        )
        return [
            MessageListener(intake, shared.slack),
            ChoiceListener(intake, self._desk.askers.on_case_choice),
            FeedbackListener(feedback, wording),
            AssistantListener(pane, self.people),
            HomeListener(self._home, asking, self.people),
            WishesListener(self._wishes, self._home, self.people),
            tell_hr,
            CommandListener(asking, self.people, wording, tell_hr),
            ShortcutListener(asking, self.people, wording),
        ]
