"""What the sandbox has been told to do wrong: failing methods, duplicated or reordered events."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["rate_limited", "http_error", "error", "hang", "cut", "silent"]


@dataclass(frozen=True)
class Fault:
    """One way for a Web API call to fail.

    `rate_limited` answers 429 with Retry-After, `http_error` a bare status, `error` an
    `ok: false`; `hang` answers nothing for a while; `cut` does what was asked and then
    cuts the connection before the reply, `silent` after a while.
    """

    kind: FaultKind
    retry_after: int = 1
    status: int = 500
    error: str = "internal_error"
    seconds: float = 60.0


class Faults:
    """The faults still to come; each is used up as it happens. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_method: dict[str, list[Fault]] = {}
        self._copies: list[int] = []
        self._reorder = 0

    def fail(self, method: str, fault: Fault, times: int = 1) -> None:
        """Make the next `times` calls of `method` (`*` for any) fail."""
        with self._lock:
            self._by_method.setdefault(method, []).extend([fault] * times)

    def rate_limit(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        """Answer 429 with `Retry-After` in seconds."""
        self.fail(method, Fault("rate_limited", retry_after=retry_after), times)

    def server_error(self, method: str, times: int = 1, status: int = 500) -> None:
        """Answer with a bare HTTP status."""
        self.fail(method, Fault("http_error", status=status), times)

    def error(self, method: str, error: str, times: int = 1) -> None:
        """Answer HTTP 200 with `ok: false` and this error code."""
        self.fail(method, Fault("error", error=error), times)

    def hang(self, method: str, times: int = 1, seconds: float = 60.0) -> None:
        """Answer nothing for `seconds`, and do nothing."""
        self.fail(method, Fault("hang", seconds=seconds), times)

    def cut(self, method: str, times: int = 1) -> None:
        """Do what is asked, then cut the connection before the reply."""
        self.fail(method, Fault("cut"), times)

    def silence(self, method: str, times: int = 1, seconds: float = 60.0) -> None:
        """Do what is asked, answer nothing for `seconds`, then cut the connection."""
        self.fail(method, Fault("silent", seconds=seconds), times)

    def duplicate_events(self, copies: int, times: int = 1) -> None:
        """Deliver each of the next `times` events `copies` times under its one id."""
        with self._lock:
            self._copies.extend([copies] * times)

    def reorder_events(self, count: int) -> None:
        """Hold the next `count` events back and deliver them last first."""
        with self._lock:
            self._reorder = count

    def clear(self) -> None:
        """Forget all faults still to come."""
        with self._lock:
            self._by_method.clear()
            self._copies.clear()
            self._reorder = 0

    def next_for(self, method: str) -> Fault | None:
        """Take the fault that this call of `method` meets."""
        with self._lock:
            for name in (method, "*"):
                waiting = self._by_method.get(name)
                if waiting:
                    return waiting.pop(0)
        return None

    def next_copies(self) -> int:
        """Take how often the event at hand is delivered: once, unless told otherwise."""
        with self._lock:
            return self._copies.pop(0) if self._copies else 1

    def next_reorder(self) -> int:
        """Take how many events, this one included, are to be turned round; 0 for none."""
        with self._lock:
            count, self._reorder = self._reorder, 0
        return count
