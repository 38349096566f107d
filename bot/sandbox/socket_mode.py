"""Slack's side of Socket Mode: the WebSocket that an app opens instead of a request URL."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


@dataclass(eq=False)
class _Connection:
    socket: WebSocket
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    is_leaving: bool = False


class SocketHub:
    """The open sockets of the app; each envelope goes to one of them.

    Args:
        workspace: whose app this is, and who hears of sockets that come and go.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._turn = 0

    @property
    def is_connected(self) -> bool:
        """Whether the app has a socket that still takes envelopes."""
        return any(not connection.is_leaving for connection in self._connections)

    def new_ticket(self) -> str:
        """A ticket for one connection, part of the URL of apps.connections.open."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Serve one WebSocket until it closes; refuses one without a fresh ticket."""
        ticket = socket.path_params["ticket"]
        if ticket not in self._tickets:
            await socket.close(code=4401)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        connection = _Connection(socket)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._connections) + 1,
                "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
                "connection_info": {"app_id": self._workspace.app.app_id},
            }
        )
        with self._workspace.changing():
            self._connections.append(connection)
        try:
            while True:
                self._acknowledge(connection, await socket.receive_json())
        except (WebSocketDisconnect, ValueError, KeyError):
            pass
        finally:
            with self._workspace.changing():
                self._connections.remove(connection)
            for future in connection.waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError("the socket closed"))

    def _acknowledge(self, connection: _Connection, answer: Json) -> None:
        future = connection.waiting.get(answer.get("envelope_id", ""))
        if future is not None and not future.done():
            future.set_result(answer.get("payload") or {})

    async def send(
        self,
        kind: str,
        payload: Json,
        *,
        timeout: float,
        retry_number: int = 0,
        retry_reason: str = "",
    ) -> Json:
        """Send an envelope and return the payload of its acknowledgement.

        Args:
            kind: `events_api`, `interactive` or `slash_commands`.
            payload: what the app gets.
            timeout: seconds to wait for the acknowledgement.
            retry_number: which retry this is, 0 for the first attempt.
            retry_reason: Slack's word for why the last attempt failed.

        Raises:
            ConnectionError: no socket is connected, or it closed.
            TimeoutError: no acknowledgement in time.
        """
        usable = [connection for connection in self._connections if not connection.is_leaving]
        if not usable:
            raise ConnectionError("no socket is connected")
        self._turn += 1
        connection = usable[self._turn % len(usable)]
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry_number, "retry_reason": retry_reason}
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = future
        try:
            await connection.socket.send_json(envelope)
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError as error:
            raise TimeoutError("the app did not acknowledge in time") from error
        except (RuntimeError, WebSocketDisconnect) as error:
            raise ConnectionError("the socket closed") from error
        finally:
            connection.waiting.pop(envelope_id, None)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask the app to open a new socket, then close the old ones, as Slack does now and then."""
        for connection in list(self._connections):
            connection.is_leaving = True
            await connection.socket.send_json({"type": "disconnect", "reason": reason})
            await connection.socket.close()
