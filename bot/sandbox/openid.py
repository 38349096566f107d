"""The part of OpenID Connect that Slack plays when somebody signs in with it.

Discovery, the page on which one says who one is, the exchange of the code, and the key that signs.
Here it is a list of the made-up people to choose from; what comes back is signed as Slack's is.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.core import Sandbox

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

CODE_SECONDS = 60
TOKEN_SECONDS = 300
LOOPBACK_NAMES = ("127.0.0.1", "localhost")
POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"


@dataclass(frozen=True)
class _Grant:
    user: str
    client_id: str
    redirect_uri: str
    nonce: str | None
    challenge: str | None
    until: float


class OpenID:
    """Signs people of the sandbox in to the app.

    Args:
        sandbox: its `base_url` is the issuer.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._grants: dict[str, _Grant] = {}

    def routes(self) -> list[Route]:
        """Return the routes, at the addresses that Slack has."""
        return [
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/openid/connect/authorize", self.authorize),
            Route("/openid/connect/keys", self.keys),
            Route("/api/openid.connect.token", self.token, methods=["POST"]),
        ]

    async def configuration(self, request: Request) -> Response:  # noqa: ARG002
        """Say where everything is."""
        base = self._sandbox.base_url
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/openid/connect/authorize",
                "token_endpoint": f"{base}/api/openid.connect.token",
                "jwks_uri": f"{base}/openid/connect/keys",
                "scopes_supported": ["openid", "profile", "email"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                ],
            }
        )

    async def authorize(self, request: Request) -> Response:
        """Ask who signs in; once that is said, lead back with a code."""
        asked = request.query_params
        redirect_uri = asked.get("redirect_uri", "")
        if urlsplit(redirect_uri).hostname not in LOOPBACK_NAMES:
            return JSONResponse({"ok": False, "error": "bad_redirect_uri"}, status_code=400)
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return JSONResponse({"ok": False, "error": "invalid_scope"}, status_code=400)
        user = asked.get("as")
        if user not in self._sandbox.workspace.people:
            return HTMLResponse(
                self._people(dict(asked)), headers={"Content-Security-Policy": POLICY}
            )
        code = secrets.token_urlsafe(24)
        self._grants[code] = _Grant(
            user,
            asked.get("client_id", ""),
            redirect_uri,
            asked.get("nonce"),
            asked.get("code_challenge"),
            time.time() + CODE_SECONDS,
        )
        back = urlencode({"code": code, "state": asked.get("state", "")})
        return RedirectResponse(f"{redirect_uri}?{back}", 302)

    async def token(self, request: Request) -> Response:
        """Exchange a code, once, for what is signed about whoever it is."""
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        client_id = form.get("client_id") or _basic_user(request)
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or grant.until < time.time():
            return _refused("invalid_code")
        if client_id != grant.client_id:
            return _refused("invalid_client_id")
        if form.get("redirect_uri") != grant.redirect_uri:
            return _refused("bad_redirect_uri")
        if grant.challenge and _challenge(form.get("code_verifier", "")) != grant.challenge:
            return _refused("invalid_code_verifier")
        return JSONResponse(
            {
                "ok": True,
                "access_token": f"xoxp-sandbox-{secrets.token_hex(12)}",
                "token_type": "Bearer",
                "id_token": self._id_token(grant),
            }
        )

    async def keys(self, request: Request) -> Response:  # noqa: ARG002
        """Give the key with which the signature is checked."""
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    @cached_property
    def _key(self) -> RSAKey:
        from joserfc.jwk import RSAKey

        return RSAKey.generate_key(
            2048, {"kid": secrets.token_hex(8), "alg": "RS256", "use": "sig"}
        )

    def _id_token(self, grant: _Grant) -> str:
        from joserfc import jwt

        workspace, now = self._sandbox.workspace, int(time.time())
        claims: dict[str, Any] = {
            "iss": self._sandbox.base_url,
            "sub": grant.user,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": grant.nonce,
            "name": workspace.people[grant.user].real_name,
            "https://slack.com/team_id": workspace.team_id,
            "https://slack.com/user_id": grant.user,
        }
        header = {"alg": "RS256", "kid": self._key.kid}
        return jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, self._key)

    def _people(self, asked: dict[str, str]) -> str:
        people = [person for person in self._sandbox.workspace.people.values() if not person.is_bot]
        links = "".join(
            f'<li><a href="?{escape(urlencode({**asked, "as": person.id}))}">'
            f"{escape(person.real_name)}, {escape(person.title)}</a></li>"
            for person in people
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in – sandbox</title>'
            f"<main><h1>Who signs in?</h1><ul>{links}</ul></main></html>"
        )


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _basic_user(request: Request) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return b64decode(value).decode().partition(":")[0] if kind.lower() == "basic" else ""


def _refused(error: str) -> Response:
    # Slack says so with a status of 200.
    return JSONResponse({"ok": False, "error": error})
