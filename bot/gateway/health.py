"""Looks at everything the gateway needs, and says what is missing and what waits too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from bot.db.backlog import Waiting, dead_letters, waiting_in_inbox, waiting_in_outbox
from bot.db.revision import fault_of, revision_of
from bot.db.session import Database
from bot.desk.queue import Load, loads
from bot.gateway.assistant_client import AssistantClient, AssistantStatus
from bot.gateway.slack.client import Slack
from bot.gateway.worker import QueueWorker

HTTP, SOCKET = "http", "socket"
# A final reply is due long before; whatever waits longer needs a person's look.
LONG_SECONDS = 300.0
# Who asks for health or metrics gives up after ten.
SLACK_SECONDS = 3.0


@dataclass(frozen=True)
class Stock:
    """What stands in the database: the schema's revision, what waits, what was given up."""

    revision: str | None = None
    waiting: Mapping[str, list[Waiting]] = field(default_factory=dict)
    dead: Mapping[str, int] = field(default_factory=dict)
    cases: list[Load] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """The gateway's state at one moment. `stock` is None if the database doesn't answer.

    `slack` says whether Slack accepts us; `socket` whether Socket Mode is connected, None where
    Slack calls us over HTTP.
    """

    at: datetime
    stock: Stock | None
    assistants: list[AssistantStatus]
    slack: bool
    socket: bool | None
    workers: Mapping[str, bool]
    notes: list[str]

    @property
    def schema_fault(self) -> str | None:
        """What is wrong with the database's schema, or None."""
        return fault_of(self.stock.revision) if self.stock else None

    @property
    def actions(self) -> bool:
        """Whether at least one assistant reaches the action server."""
        return any(assistant.actions for assistant in self.assistants)

    @property
    def missing(self) -> list[str]:
        """What is missing for answering people, in words; empty when all is well."""
        is_up = any(assistant.is_ready for assistant in self.assistants)
        stopped = [name for name, is_running in self.workers.items() if not is_running]
        found = (
            (self.stock is None, "the database does not answer"),
            (self.schema_fault is not None, self.schema_fault),
            (not is_up, "the assistant does not answer"),
            (is_up and not self.actions, "the action server does not answer"),
            (not self.slack, "Slack does not accept the bot token or is out of reach"),
            (self.socket is False, "Socket Mode is not connected"),
            *((True, f"the {name} is not worked off") for name in stopped),
        )
        return [str(what) for is_so, what in found if is_so]

    @property
    def warnings(self) -> list[str]:
        """What people should look at although everything runs."""
        away = [_host(a.url) for a in self.assistants if not a.is_ready]
        late = [q for q, seconds in self.oldest.items() if seconds > LONG_SECONDS]
        return [
            *self.notes,
            *(f"the assistant at {host} does not answer" for host in away),
            *(f"the oldest row of the {q} waits for {self.oldest[q]:.0f} seconds" for q in late),
            *(f"{n} rows of kind {kind} were given up" for kind, n in self._dead.items()),
        ]

    @property
    def oldest(self) -> dict[str, float]:
        """How many seconds the oldest row of each queue has waited; 0 where none does."""
        return {
            queue: max((self.age(row.oldest) for row in rows), default=0.0)
            for queue, rows in (self.stock.waiting if self.stock else {}).items()
        }

    def age(self, since: datetime) -> float:
        """Return how many seconds have gone since then."""
        return max((self.at - since).total_seconds(), 0.0)

    def as_json(self) -> dict[str, Any]:
        """Return what /readyz says."""
        waiting = self.stock.waiting if self.stock else {}
        mode = {"mode": SOCKET if self.socket is not None else HTTP}
        fault = self.schema_fault
        return {
            "ready": not self.missing,
            "missing": self.missing,
            "warnings": self.warnings,
            "checks": {
                "database": {
                    "ok": self.stock is not None and not fault,
                    "revision": self.stock.revision if self.stock else None,
                },
                "assistants": [
                    {"at": _host(a.url), "ok": a.is_ready, "model": a.model}
                    for a in self.assistants
                ],
                "actions": {"ok": self.actions},
                "slack": {"ok": self.slack and self.socket is not False, **mode},
                **{
                    name: {
                        "ok": is_running,
                        "pending": sum(row.count for row in waiting.get(name, ())),
                        "oldest_seconds": round(self.oldest.get(name, 0.0), 1),
                    }
                    for name, is_running in self.workers.items()
                },
            },
        }

    @property
    def _dead(self) -> Mapping[str, int]:
        return self.stock.dead if self.stock else {}


@dataclass(frozen=True)
class Health:
    """Makes reports.

    Args:
        workers: the queues' workers by the queue's name.
        is_socket_connected: None where Slack calls us over HTTP.
        notes: what others want to be known, such as the desk's trouble with a channel.
    """

    database: Database
    assistant: AssistantClient
    slack: Slack
    workers: Mapping[str, QueueWorker[Any]]
    is_socket_connected: Callable[[], Awaitable[bool | None]]
    notes: Callable[[], list[str]]
    clock: Callable[[], datetime]

    async def report(self) -> Report:
        """Look at everything; what doesn't answer within seconds is missing."""
        stock, assistants, is_known = await asyncio.gather(
            asyncio.to_thread(self._stock), self.assistant.statuses(), self._is_known_to_slack()
        )
        return Report(
            at=self.clock(),
            stock=stock,
            assistants=assistants,
            slack=is_known,
            socket=await self.is_socket_connected(),
            workers={name: worker.is_running for name, worker in self.workers.items()},
            notes=self.notes(),
        )

    async def _is_known_to_slack(self) -> bool:
        try:
            return await asyncio.wait_for(self.slack.identity(), SLACK_SECONDS) is not None
        except asyncio.TimeoutError:
            return False

    def _stock(self) -> Stock | None:
        try:
            with self.database.read() as session:
                revision = revision_of(session)
                if fault_of(revision):
                    return Stock(revision)
                return Stock(
                    revision,
                    {"inbox": waiting_in_inbox(session), "outbox": waiting_in_outbox(session)},
                    dead_letters(session),
                    loads(session, self.clock()),
                )
        except SQLAlchemyError:
            return None


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"
