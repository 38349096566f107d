"""Builds the careers page from what the gateway's features share."""

from __future__ import annotations

from urllib.parse import urlsplit

from limits import parse_many
from starlette.routing import BaseRoute

from bot.desk.routing import Routing
from bot.gateway.feedback import Feedback
from bot.gateway.outbox import Deliver, Written
from bot.gateway.program_offers import TELL_ME
from bot.gateway.replies import Replies
from bot.gateway.schedule import Job
from bot.gateway.shared import Shared
from bot.gateway.widget.case_delivery import WidgetCaseDelivery
from bot.gateway.widget.deleting import Deletion, forget_ended
from bot.gateway.widget.delivery import WidgetDelivery
from bot.gateway.widget.feed import Feed
from bot.gateway.widget.forms import Forms
from bot.gateway.widget.hr_links import HRLinkDelivery, PostInThread
from bot.gateway.widget.intake import WidgetIntake
from bot.gateway.widget.limits import RateLimits
from bot.gateway.widget.links import CASE_LINK, EMAIL, Links
from bot.gateway.widget.mail import MailDelivery, MailServer
from bot.gateway.widget.opening_forms import OpeningForms
from bot.gateway.widget.opening_mail import OpeningMail
from bot.gateway.widget.opening_pages import OpeningPages
from bot.gateway.widget.own_cases import OwnCases
from bot.gateway.widget.pages import Pages
from bot.gateway.widget.routes import WidgetRoutes
from bot.gateway.widget.sessions import Sessions
from bot.gateway.widget.tokens import Tokens
from bot.programs.openings import put_due
from bot.settings import Settings


class Widget:
    """What candidates ask and how they are answered.

    Args:
        post_in_thread: says something in the thread of a case's card.
    """

    def __init__(
        self, shared: Shared, routing: Routing, replies: Replies, post_in_thread: PostInThread
    ) -> None:
        self._shared = shared
        self._replies = replies
        self._post_in_thread = post_in_thread
        settings, clock = shared.settings, shared.clock
        self.feed = Feed(shared.database)
        tokens = Tokens(shared.seal)
        self._sessions = Sessions(
            shared.database, shared.addresses, tokens, clock, settings.widget_session_days
        )
        case_rates = parse_many(settings.widget_case_rate)
        self._openings = OpeningForms(shared.seal, shared.wording, clock)
        self._forms = Forms(
            shared.addresses, routing, shared.wording, clock, case_rates, self._openings
        )
        self._tokens = tokens
        self._zone = routing.default.hours.zone
        self._own_cases = OwnCases(shared.seal, routing, shared.wording, clock)
        self._links = Links(
            shared.addresses,
            tokens,
            clock,
            page_url=settings.widget_page_url,
            days=settings.widget_link_days,
            by_email=bool(settings.smtp_url),
        )

    def on_page(self) -> dict[str, Written]:
        """Return which kind of row of a conversation on the careers page is shown there how."""
        shared, on_event = self._shared, self.feed.tell
        said = WidgetDelivery(self._forms, shared.clock, on_event)
        about_cases = WidgetCaseDelivery(
            own_cases=self._own_cases,
            links=self._links,
            wording=shared.wording,
            clock=shared.clock,
            on_event=on_event,
            on_outbox=shared.on_outbox,
        )
        return {**said.deliverers(), **about_cases.deliverers()}

    def deliverers(self) -> dict[str, Deliver]:
        """Return which other kind of row is delivered how: what tells people away from it."""
        shared, settings = self._shared, self._shared.settings
        to_hr = HRLinkDelivery(shared.database, self._links, shared.wording, self._post_in_thread)
        return {
            CASE_LINK: to_hr.case_link,
            EMAIL: self._mail_delivery().email if settings.smtp_url else to_hr.email_instead,
            **(self._opening_mail().deliverers() if settings.smtp_url else {}),
        }

    def jobs(self) -> dict[str, Job]:
        """Return what is done again and again, by name."""
        jobs: dict[str, Job] = {"widget_sessions": forget_ended}
        if self._shared.settings.smtp_url:
            jobs["openings"] = lambda session, now: put_due(session, now, self._zone)
        return jobs

    def routes(self) -> list[BaseRoute]:
        """Return the routes for browsers."""
        shared, settings = self._shared, self._shared.settings
        limits = RateLimits(
            settings.redis_url,
            shared.seal,
            session_rate=settings.widget_session_rate,
            address_rate=settings.widget_address_rate,
            address_case_rate=settings.widget_address_case_rate,
        )
        routes = WidgetRoutes(
            database=shared.database,
            sessions=self._sessions,
            intake=self._intake(),
            limits=limits,
            feed=self.feed,
            pages=Pages([origin_of(settings.sandbox_url)] if settings.sandbox else []),
            wording=shared.wording,
            origins=allowed_origins(settings),
            clock=shared.clock,
        )
        links = OpeningPages(shared.database, self._tokens, limits, shared.wording, shared.clock)
        return [*routes.routes(), *links.routes()]

    def _intake(self) -> WidgetIntake:
        shared = self._shared
        answers = Feedback(
            shared.database, shared.addresses, self._replies, shared.clock, shared.on_outbox
        )
        return WidgetIntake(
            database=shared.database,
            seal=shared.seal,
            sessions=self._sessions,
            own_cases=self._own_cases,
            forms=self._forms,
            answers=answers,
            deletion=Deletion(shared.clock),
            own_choices={"missing": answers.missing, TELL_ME: self._openings.offer},
            clock=shared.clock,
            on_inbox=shared.on_inbox,
            on_outbox=shared.on_outbox,
            on_event=self.feed.tell,
        )

    def _opening_mail(self) -> OpeningMail:
        shared = self._shared
        return OpeningMail(
            shared.database,
            shared.seal,
            MailServer.at(shared.settings.smtp_url),
            shared.wording,
            self._tokens,
            shared.clock,
            shared.settings.public_url,
        )

    def _mail_delivery(self) -> MailDelivery:
        shared = self._shared
        return MailDelivery(
            database=shared.database,
            seal=shared.seal,
            server=MailServer.at(shared.settings.smtp_url),
            links=self._links,
            wording=shared.wording,
            on_outbox=shared.on_outbox,
        )


def allowed_origins(settings: Settings) -> frozenset[str]:
    """Return the origins of the pages that may use the widget: those listed, and our own."""
    own = f"http://{settings.gateway_host}:{settings.gateway_port}"
    return frozenset({*settings.widget_origins, origin_of(settings.widget_page_url), own})


def origin_of(url: str) -> str:
    """Return the origin of a page as browsers name it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
