"""The gateway's HTTP connections: whoever doesn't get their request out in time is hung up on.

uvicorn waits for ever for the rest of a request's headers; so a few thousand half requests
would take all the connections that there are.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
MAX_HEADER_BYTES = 32_768
END_OF_HEADERS = b"\r\n\r\n"


class ImpatientProtocol(HttpToolsProtocol):
    """HTTP with a limit on how long, and how large, the headers of a request may be."""

    _waiting: asyncio.TimerHandle | None = None
    _header_bytes = 0
    _tail = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; hang up if a request's headers have grown too large."""
        if self.cycle is not None and self.cycle.response_complete:
            # Whatever comes now is to become the next request.
            self._wait()
        if self._waiting is not None:
            # The end may have been torn in two.
            end = (self._tail + data).find(END_OF_HEADERS)
            self._header_bytes += len(data) if end < 0 else end
            self._tail = data[-len(END_OF_HEADERS) + 1 :]
            if self._header_bytes > MAX_HEADER_BYTES:
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Wait for the headers of a request that comes while another is answered."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Wait no longer; how long the body may take is the application's to say."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._header_bytes, self._tail = 0, b""
            self._waiting = self.loop.call_later(HEADER_SECONDS, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _hang_up(self) -> None:
        self._waiting = None
        self.transport.close()
