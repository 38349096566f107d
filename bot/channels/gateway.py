"""The only way into the assistant: signed turns and events from the gateway.

Mounted by Rasa at /webhooks/gateway/. It isn't a chat server: it knows neither Slack nor
the widget, only opaque conversations.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from pydantic import BaseModel, Extra, ValidationError, constr, root_validator, validator
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.events import BotUttered
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import grouping, promoting
from bot.channels.forgetting import forget_conversation, forget_turns
from bot.channels.reloading import ModelReloader, ReloadRefusedError
from bot.channels.tracker_store import WindowedTrackerStore
from bot.channels.turns import TurnRunner, UnknownChoiceError
from bot.db.session import Database
from bot.nlu.live import LiveUnderstanding, serving
from bot.privacy.signing import is_signed
from bot.settings import Settings, load_settings

log = structlog.get_logger(__name__)

ACTIONS_ANSWER_SECONDS = 1
# "$" would let a line break through at the end.
OPAQUE_ID = r"^[A-Za-z0-9:._-]{1,80}\Z"


class TurnRequest(BaseModel):
    """The body of POST /webhooks/gateway/turn: a text or a choice, never both.

    `date` is the day that was picked with a choice that asks for one.
    """

    turn_id: constr(regex=OPAQUE_ID)  # type: ignore[valid-type]
    conversation: constr(regex=OPAQUE_ID)  # type: ignore[valid-type]
    audience: constr(regex=r"^(employee|candidate)\Z")  # type: ignore[valid-type]
    person: constr(regex=OPAQUE_ID) | None = None  # type: ignore[valid-type]
    place: constr(regex=r"^(private|shared)\Z") = "private"  # type: ignore[valid-type]
    is_outside: bool = False
    text: constr(max_length=40_000) | None = None  # type: ignore[valid-type]
    choice: constr(regex=OPAQUE_ID) | None = None  # type: ignore[valid-type]
    date: datetime.date | None = None

    class Config:  # noqa: D106
        extra = Extra.forbid

    @validator("date", pre=True)
    def _iso_date(cls, value: Any) -> datetime.date | None:  # noqa: N805
        # Left alone, pydantic takes numbers for seconds, too.
        return value if value is None else datetime.date.fromisoformat(value)

    @root_validator(skip_on_failure=True)
    def _text_or_choice(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805
        if (values.get("text") is None) == (values.get("choice") is None):
            raise ValueError("a turn has either a text or a choice")
        if values.get("date") is not None and values.get("choice") is None:
            raise ValueError("a day is picked with a choice")
        return values


class EventsRequest(BaseModel):
    """The body of POST /webhooks/gateway/events: bot events for a conversation's tracker."""

    delivery_key: constr(min_length=1, max_length=120)  # type: ignore[valid-type]
    conversation: constr(regex=OPAQUE_ID)  # type: ignore[valid-type]
    events: list[dict[str, Any]]

    class Config:  # noqa: D106
        extra = Extra.forbid


class ForgetRequest(BaseModel):
    """The body of POST /webhooks/gateway/forget: turns that must leave no trace, or None: all."""

    conversation: constr(regex=OPAQUE_ID)  # type: ignore[valid-type]
    turns: list[constr(regex=OPAQUE_ID)] | None  # type: ignore[valid-type]

    class Config:  # noqa: D106
        extra = Extra.forbid


class ReloadRequest(BaseModel):
    """The body of POST /webhooks/gateway/reload: nothing; which model it is, its files say."""

    class Config:  # noqa: D106
        extra = Extra.forbid


class GatewayChannel(InputChannel):
    """Takes turns and events from the gateway, and from nobody else."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or load_settings()
        self._database = Database(self._settings.database_url)
        self._store = WindowedTrackerStore(self._database)
        self._runner = TurnRunner(self._database, self._store)
        self._reloader = ModelReloader(self._settings, self._store)

    @classmethod
    def name(cls) -> str:
        """Return the part of the URL under which Rasa mounts this channel."""
        return "gateway"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:  # noqa: ARG002
        """Return the routes; turns go to the agent directly, under its lock."""
        webhook = Blueprint("gateway_channel")

        @webhook.get("/health")
        async def health(request: Request) -> HTTPResponse:  # noqa: ARG001
            return response.json({"status": "ok"})

        @webhook.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            agent = _agent(request)
            state = {
                "ready": agent is not None,
                "model": agent.model_name if agent else None,
                "actions": await self._reaches_actions(),
            }
            return response.json(state, status=200 if agent else 503)

        @webhook.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            return await self._answer(request, TurnRequest, self._turn)

        @webhook.post("/events")
        async def events(request: Request) -> HTTPResponse:
            return await self._answer(request, EventsRequest, self._events)

        @webhook.post("/forget")
        async def forget(request: Request) -> HTTPResponse:
            return await self._answer(request, ForgetRequest, self._forget)

        @webhook.post("/reload")
        async def reload(request: Request) -> HTTPResponse:
            return await self._answer(request, ReloadRequest, self._reload)

        @webhook.post("/near")
        async def near(request: Request) -> HTTPResponse:
            return await self._answer(request, promoting.NearRequest, _telling(promoting.near))

        @webhook.post("/check")
        async def check(request: Request) -> HTTPResponse:
            return await self._answer(request, promoting.CheckRequest, _telling(promoting.check))

        @webhook.post("/alike")
        async def alike(request: Request) -> HTTPResponse:
            return await self._answer(request, promoting.AlikeRequest, _telling(promoting.alike))

        @webhook.post("/group")
        async def group(request: Request) -> HTTPResponse:
            return await self._answer(request, grouping.GroupRequest, _telling(grouping.group))

        return webhook

    async def _answer(
        self,
        request: Request,
        model: type[BaseModel],
        handle: Callable[[Agent, Any], Awaitable[HTTPResponse]],
    ) -> HTTPResponse:
        if not is_signed(
            request.body, request.headers, self._settings.internal_tokens, time.time()
        ):
            log.warning("gateway.unsigned_request", path=request.path)
            return _refusal(401, "unsigned")
        try:
            body = model(**json.loads(request.body))
        except (ValidationError, ValueError, TypeError):
            return _refusal(400, "bad_request")
        agent = _agent(request)
        if agent is None:
            return _refusal(503, "no_model")
        return await handle(agent, body)

    async def _turn(self, agent: Agent, body: TurnRequest) -> HTTPResponse:
        # A gateway that hangs up must not break off a turn half-way; the turn ends and its
        # reply is kept for the next time it asks.
        with structlog.contextvars.bound_contextvars(turn_id=body.turn_id):
            running = asyncio.ensure_future(self._runner.run(agent, body))
        try:
            reply = await asyncio.shield(running)
        except UnknownChoiceError:
            return _refusal(422, "unknown_choice")
        if reply is None:
            return _refusal(502, "turn_failed")
        return response.json(reply)

    async def _events(self, agent: Agent, body: EventsRequest) -> HTTPResponse:
        self._runner.processor_of(agent)
        async with agent.lock_store.lock(body.conversation):
            tracker = await self._store.get_or_create_tracker(body.conversation)
            key = body.delivery_key
            if any(e.metadata.get("delivery_key") == key for e in tracker.events):
                return response.json({"appended": 0})
            for event in body.events:
                metadata = {**event.get("metadata", {}), "delivery_key": key}
                tracker.update(BotUttered(text=event.get("text"), metadata=metadata))
            await self._store.save(tracker)
        return response.json({"appended": len(body.events)})

    async def _forget(self, agent: Agent, body: ForgetRequest) -> HTTPResponse:
        async with agent.lock_store.lock(body.conversation):
            if body.turns is None:
                forget = (forget_conversation, self._database, body.conversation)
            else:
                forget = (forget_turns, self._database, body.conversation, body.turns)
            forgotten = await asyncio.to_thread(*forget)
        return response.json({"forgotten": forgotten})

    async def _reload(self, agent: Agent, _body: ReloadRequest) -> HTTPResponse:
        try:
            model = await self._reloader.reload(agent)
        except ReloadRefusedError as error:
            return _refusal(409, error.reason)
        return response.json({"model": model})

    async def _reaches_actions(self) -> bool:
        """Say whether the action server answers."""
        timeout = aiohttp.ClientTimeout(total=ACTIONS_ANSWER_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.get(f"{self._settings.actions_url}/health") as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False


def _telling(
    tell: Callable[[LiveUnderstanding, Any], dict[str, Any]],
) -> Callable[[Agent, Any], Awaitable[HTTPResponse]]:
    """Return a handler that asks the understanding, off the event loop."""

    async def handle(_agent: Agent, body: BaseModel) -> HTTPResponse:
        live = serving()
        if live is None:
            return _refusal(503, "no_model")
        return response.json(await asyncio.to_thread(tell, live, body))

    return handle


def _agent(request: Request) -> Agent | None:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _refusal(status: int, error: str) -> HTTPResponse:
    return response.json({"error": error}, status=status)
