"""Builds the careers page from what the gateway's features share."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.routing import BaseRoute

from bot.gateway.outbox import Deliver
from bot.gateway.shared import Shared
from bot.gateway.widget.delivery import WidgetDelivery
from bot.gateway.widget.feed import Feed
from bot.gateway.widget.intake import WidgetIntake
from bot.gateway.widget.limits import RateLimits
from bot.gateway.widget.pages import Pages
from bot.gateway.widget.routes import WidgetRoutes
from bot.gateway.widget.sessions import Sessions
from bot.gateway.widget.tokens import Tokens
from bot.settings import Settings


class Widget:
    """What candidates ask and how they are answered."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        settings = shared.settings
        self.feed = Feed(shared.database)
        self._sessions = Sessions(
            shared.database,
            shared.addresses,
            Tokens(shared.seal),
            shared.clock,
            settings.widget_session_days,
        )

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row of a conversation on the careers page is delivered how."""
        delivery = WidgetDelivery(self._shared.database, self._shared.clock, self.feed.wake)
        return delivery.deliverers()

    def routes(self) -> list[BaseRoute]:
        """Return the routes for browsers."""
        shared, settings = self._shared, self._shared.settings
        intake = WidgetIntake(
            database=shared.database,
            seal=shared.seal,
            sessions=self._sessions,
            clock=shared.clock,
            on_inbox=shared.on_inbox,
            on_outbox=shared.on_outbox,
            on_event=self.feed.wake,
        )
        limits = RateLimits(
            settings.redis_url,
            shared.seal,
            session_rate=settings.widget_session_rate,
            address_rate=settings.widget_address_rate,
        )
        routes = WidgetRoutes(
            database=shared.database,
            sessions=self._sessions,
            intake=intake,
            limits=limits,
            feed=self.feed,
            pages=Pages([origin_of(settings.sandbox_url)] if settings.sandbox else []),
            wording=shared.wording,
            origins=allowed_origins(settings),
            clock=shared.clock,
        )
        return routes.routes()


def allowed_origins(settings: Settings) -> frozenset[str]:
    """Return the origins of the pages that may use the widget: those listed, and our own."""
    own = f"http://{settings.gateway_host}:{settings.gateway_port}"
    return frozenset({*settings.widget_origins, origin_of(settings.widget_page_url), own})


def origin_of(url: str) -> str:
    """Return the origin of a page as browsers name it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
