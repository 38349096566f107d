"""Slack's Web API as the sandbox speaks it: tokens, scopes, arguments, faults; methods register."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.core import Sandbox
from bot.sandbox.faults import Fault
from bot.sandbox.model import ApiCall, RefusedError

Json = dict[str, Any]


class Arguments:
    """The arguments of one call, whichever way they came: query, form or JSON."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    def text(self, name: str, default: str = "") -> str:
        """A string argument; numbers become strings."""
        value = self.raw.get(name)
        return default if value is None else str(value)

    def required(self, name: str, error: str = "invalid_arguments") -> str:
        """A string that must be there, or refuse with `error`."""
        value = self.text(name)
        if not value:
            missing = f"[ERROR] missing required field: {name}"
            raise RefusedError(error, response_metadata={"messages": [missing]})
        return value

    def flag(self, name: str) -> bool:
        """A boolean as JSON or forms spell it."""
        return self.raw.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int) -> int:
        """A whole number, or refuse with `invalid_arguments`."""
        value = self.raw.get(name)
        if value in (None, ""):
            return default
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise RefusedError("invalid_arguments") from error

    def structure(self, name: str, error: str) -> Any:
        """A JSON argument, given as JSON or as a string of it; None where absent."""
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as fault:
            raise RefusedError(error) from fault

    def names(self, name: str) -> list[str]:
        """A list, or a comma-separated string of one."""
        value = self.raw.get(name) or []
        found = value.split(",") if isinstance(value, str) else value
        return [str(entry).strip() for entry in found]


Handler = Callable[[Sandbox, Arguments], Json]


@dataclass(frozen=True)
class Method:
    """A Web API method; one of its `scopes` is needed, `is_app_level` takes the app token."""

    name: str
    handler: Handler
    scopes: tuple[str, ...] = ()
    is_app_level: bool = False
    needs_token: bool = True


METHODS: dict[str, Method] = {}


def method(
    name: str, *scopes: str, is_app_level: bool = False, needs_token: bool = True
) -> Callable[[Handler], Handler]:
    """Register a function as the Web API method `name`."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, scopes, is_app_level, needs_token)
        return handler

    return register


def need_scope(sandbox: Sandbox, *scopes: str) -> None:
    """Refuse with `missing_scope` unless the token has one of these."""
    if scopes and not sandbox.workspace.has_scope(*scopes):
        raise RefusedError(
            "missing_scope",
            needed=",".join(scopes),
            provided=",".join(sorted(sandbox.workspace.app.scopes or ())),
        )


class WebApi:
    """Answers `/api/<method>`; the routes are in asgi.py."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer(self, request: Request) -> Response:
        """Run one call, faults included, and record it."""
        name = request.path_params["method"]
        arguments, token, body_error = await _read(request)
        fault = self._sandbox.faults.next_for(name)
        is_done = fault is None or fault.kind in ("cut", "silent")
        if not is_done:
            response, error = await self._fail(fault)
        elif body_error is not None:
            response, error = _refused(RefusedError(body_error))
        else:
            response, error = self._run(name, arguments, token)
        if fault is not None and is_done:
            if fault.kind == "silent":
                await self._sandbox.sleep_unless_closing(fault.seconds)
            request.scope["sandbox.cut"]()
            error = "connection_cut"
        self._record(name, request.method, arguments, response.status_code, error)
        return response

    def _run(self, name: str, arguments: Json, token: str | None) -> tuple[Response, str | None]:
        try:
            found = METHODS.get(name)
            if found is None:
                raise RefusedError("unknown_method", req_method=name)
            self._check_token(found, token)
            need_scope(self._sandbox, *found.scopes)
            body = {"ok": True, **found.handler(self._sandbox, Arguments(arguments))}
        except RefusedError as refusal:
            return _refused(refusal)
        scopes = self._sandbox.workspace.app.scopes
        headers = {"x-oauth-scopes": ",".join(sorted(scopes))} if scopes is not None else {}
        return JSONResponse(body, headers=headers), None

    def _check_token(self, found: Method, token: str | None) -> None:
        if not found.needs_token:
            return
        if not token:
            raise RefusedError("not_authed")
        if token not in (self._sandbox.bot_token, self._sandbox.app_token):
            raise RefusedError("invalid_auth")
        right = self._sandbox.app_token if found.is_app_level else self._sandbox.bot_token
        if token != right:
            raise RefusedError("not_allowed_token_type")

    async def _fail(self, fault: Fault) -> tuple[Response, str]:
        if fault.kind == "rate_limited":
            headers = {"Retry-After": str(fault.retry_after)}
            body = {"ok": False, "error": "ratelimited"}
            return JSONResponse(body, status_code=429, headers=headers), "ratelimited"
        if fault.kind == "http_error":
            return PlainTextResponse("", status_code=fault.status), "http_error"
        if fault.kind == "hang":
            await self._sandbox.sleep_unless_closing(fault.seconds)
            return PlainTextResponse("", status_code=504), "hang"
        return JSONResponse({"ok": False, "error": fault.error}), fault.error

    def _record(
        self, name: str, http_method: str, arguments: Json, status: int, error: str | None
    ) -> None:
        workspace = self._sandbox.workspace
        call = ApiCall(name, http_method, arguments, status, error, workspace.clock())
        with workspace.changing():
            workspace.calls.append(call)


def _refused(refusal: RefusedError) -> tuple[Response, str]:
    return JSONResponse({"ok": False, "error": refusal.code, **refusal.details}), refusal.code


async def _read(request: Request) -> tuple[Json, str | None, str | None]:
    """The arguments without the token, the token, and Slack's error for an unreadable body.

    The SDKs send some methods as GET and some as POST with arguments in the query, so
    everything is read everywhere.
    """
    arguments: Json = dict(parse_qsl(request.url.query, keep_blank_values=True))
    error = None
    body = await request.body()
    if body and "json" in request.headers.get("content-type", ""):
        try:
            parsed = json.loads(body)
            if not isinstance(parsed, dict):
                error = "json_not_object"
            else:
                arguments |= parsed
        except ValueError:
            error = "invalid_json"
    elif body:
        arguments |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    token = arguments.pop("token", None)
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credential:
        token = credential.strip()
    return arguments, token, error
