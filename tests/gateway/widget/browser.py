"""A candidate's browser: sends JSON, follows the stream of events, comes back after a break."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

Json = dict[str, Any]
PATIENCE = 10.0
# One for all: making a client costs more than a request. It keeps no cookies that matter.
HTTP = httpx.Client(timeout=httpx.Timeout(PATIENCE, read=60), limits=httpx.Limits())


@dataclass(frozen=True)
class Event:
    """One server-sent event; `number` is None where it has no id."""

    name: str
    data: Json
    number: int | None


class Stream:
    """A stream that is read in a thread of its own, as far as `close` or its end."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._changed = threading.Condition()
        self.events: list[Event] = []
        self.comments: list[str] = []
        self.is_over = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, found: Callable[[list[Event]], Any], seconds: float = PATIENCE) -> Any:
        """Return what `found` gives of the events, as soon as that is something."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (result := found(self.events)):
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise TimeoutError(f"not within {seconds} s; seen: {self.events}")
            return result

    def event(self, name: str, **data: Any) -> Event:
        """Wait for an event of this name and with these values."""
        wanted = data.items()
        return self.wait_for(
            lambda events: next(
                (e for e in events if e.name == name and wanted <= _flat(e.data).items()), None
            )
        )

    def wait_until_over(self) -> None:
        self.wait_for(lambda events: self.is_over)

    def join(self) -> None:
        """Wait until nothing is read any more."""
        self._thread.join(PATIENCE)

    def texts(self, said_by: str) -> list[str]:
        return [e.data["text"] for e in list(self.events) if e.data.get("from") == said_by]

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self._response.iter_lines():
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    self._add(fields)
                    fields = {}
        except httpx.HTTPError:
            pass
        with self._changed:
            self.is_over = True
            self._changed.notify_all()

    def _add(self, fields: dict[str, str]) -> None:
        number = int(fields["id"]) if "id" in fields else None
        with self._changed:
            self.events.append(Event(fields["event"], json.loads(fields["data"]), number))
            self._changed.notify_all()


def _flat(data: Json) -> Json:
    return {k: v for k, v in data.items() if isinstance(v, (str, int, bool))}


@dataclass
class Browser:
    """A browser with a session of its own, once it has one."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""
    ids: Iterator[int] = field(default_factory=count)

    @classmethod
    def new(cls, url: str, **headers: str) -> Browser:
        browser = cls(url, headers)
        response = browser.post("sessions", {})
        assert response.status_code == 201, response.text
        browser.token = response.json()["token"]
        return browser

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        url = f"{self.url}/widget/{path}"
        return HTTP.request(method, url, headers=headers, **options)

    def post(self, path: str, body: Json, **options: Any) -> httpx.Response:
        return self.send("POST", path, json=body, **options)

    def new_id(self) -> str:
        return f"client-id-{next(self.ids)}"

    def say(self, text: str, client_id: str | None = None) -> int:
        """Send a message; return the number of its event."""
        body = {"id": client_id or self.new_id(), "text": text}
        response = self.post("messages", body)
        assert response.status_code == 202, response.text
        return response.json()["event"]

    def press(self, choice: Json | str) -> httpx.Response:
        wanted = choice if isinstance(choice, str) else choice["id"]
        return self.post("messages", {"id": self.new_id(), "choice": wanted})

    def fill_in(self, form: str, email: str, name: str = "", consent: bool = True):
        body = {"id": self.new_id(), "form": form, "email": email, "consent": consent}
        return self.post("contact", {**body, "name": name})

    @contextmanager
    def stream(self, after: int = 0, **headers: str) -> Iterator[Stream]:
        """Follow the events after one."""
        wanted = {"Last-Event-ID": str(after)} if after else {}
        headers = {**self.headers, **wanted, "Authorization": f"Bearer {self.token}", **headers}
        url = f"{self.url}/widget/events"
        with HTTP.stream("GET", url, headers=headers) as response:
            assert response.status_code == 200, response.read()
            stream = Stream(response)
            yield stream
            # Closing alone would leave the reading thread, and so the connection, as they are.
            connection = response.extensions["network_stream"].get_extra_info("socket")
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            stream.join()

    def history(self, newest: int) -> list[Event]:
        """Return all events up to the newest, as after a reload."""
        with self.stream() as stream:
            stream.wait_for(lambda events: any(e.number == newest for e in events))
            return [event for event in list(stream.events) if event.number is not None]
