"""Signs HR in with Slack's OpenID Connect, and keeps them signed in for an hour.

Authlib does the protocol: state, nonce, PKCE, and the check of what Slack has signed. The cookie
holds what it needs for that, and then who it is; it is signed, and readable by nobody's scripts.
Whether somebody is of HR is asked anew at each request, so the cookie proves only who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import structlog
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response

from bot.gateway.slack.client import Slack
from bot.privacy.sealing import Seal
from bot.settings import Settings

if TYPE_CHECKING:
    from authlib.integrations.starlette_client import StarletteOAuth2App

log = structlog.get_logger(__name__)

COOKIE = "hrbot_report"
PATH = "/report"
SIGNED_IN_SECONDS = 60 * 60
TIMEOUT_SECONDS = 10
_PERSON = "person"
_TEAM_CLAIM = "https://slack.com/team_id"
_USER_CLAIM = "https://slack.com/user_id"


class SignInError(Exception):
    """Somebody could not be signed in; they may try again."""


@dataclass(frozen=True)
class SlackMember:
    """Who has signed in: a user of our own workspace."""

    team: str
    user: str


class SignIn:
    """See the module."""

    def __init__(self, settings: Settings, seal: Seal, slack: Slack) -> None:
        self._settings = settings
        self._slack = slack
        self._secret = seal.fingerprint("report cookie")
        self.middleware = Middleware(
            SessionMiddleware,
            secret_key=self._secret,
            session_cookie=COOKIE,
            max_age=SIGNED_IN_SECONDS,
            path=PATH,
            # Slack leads back here from its own site, which "strict" would not survive.
            same_site="lax",
            https_only=settings.report_url.startswith("https:"),
        )

    @property
    def is_set_up(self) -> bool:
        """Whether the Slack app's client id and our own public address are known."""
        return bool(self._settings.report_url)

    async def begin(self, request: Request) -> Response:
        """Lead to Slack.

        Raises:
            SignInError: Slack can't be reached.
        """
        try:
            return await self._oauth.authorize_redirect(
                request, f"{self._settings.report_url}/signed-in"
            )
        except Exception as error:
            raise _failed(error) from error

    async def end(self, request: Request, now: datetime) -> None:
        """Take in who comes back from Slack.

        Raises:
            SignInError: Slack doesn't vouch for them, or they are of another workspace.
        """
        try:
            token = await self._oauth.authorize_access_token(request)
        except Exception as error:
            raise _failed(error) from error
        claims: dict[str, Any] = token.get("userinfo") or {}
        team, user = claims.get(_TEAM_CLAIM), claims.get(_USER_CLAIM)
        ours = await self._slack.identity()
        if not user or ours is None or not team or team != ours.team:
            log.warning("report.foreign_sign_in")
            raise SignInError
        request.session.clear()
        until = int(now.timestamp()) + SIGNED_IN_SECONDS
        request.session[_PERSON] = {"team": team, "user": user, "until": until}

    def who(self, request: Request, now: datetime) -> SlackMember | None:
        """Return who has signed in within the last hour."""
        kept = request.session.get(_PERSON)
        if not kept or kept["until"] <= now.timestamp():
            return None
        return SlackMember(kept["team"], kept["user"])

    def forget(self, request: Request) -> None:
        """Sign out."""
        request.session.clear()

    @cached_property
    def _oauth(self) -> StarletteOAuth2App:
        # Imported when it is first needed: few gateways' memory has to hold it.
        from authlib.integrations.starlette_client import OAuth

        return OAuth().register(
            "slack",
            client_id=self._settings.slack_client_id,
            client_secret=self._settings.slack_client_secret,
            server_metadata_url=urljoin(
                self._settings.slack_api_url, "/.well-known/openid-configuration"
            ),
            client_kwargs={
                "scope": "openid profile",
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_post",
                "timeout": TIMEOUT_SECONDS,
                "trust_env": False,
            },
        )


def _failed(error: Exception) -> SignInError:
    # Its text may hold a code or token.
    log.warning("report.sign_in_failed", reason=type(error).__name__)
    return SignInError()
