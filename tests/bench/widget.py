"""A thousand idle and a hundred active browsers on the careers page, and a gateway that dies.

Real processes and real HTTP, all on this machine, the browsers too.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from bot.settings import load_settings
from tests.bench.programs import Timed
from tests.e2e.stack import HOLDING, Stack, running_stack, trained_model

IDLE = 1000
ACTIVE = 100
SECONDS = 30
PAUSE_SECONDS = 5.0
OPENING_AT_ONCE = 50
PATIENCE = 120.0
OFTEN_ENOUGH = "100000/minute"
BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
QUESTIONS = (
    "which jobs are open?",
    "how do I apply",
    "what happens in the interview",
    "do you have internships?",
    "how long does hiring take",
    "can I volunteer",
    "Is there a trombone choir?",
)


@dataclass
class Tab:
    """A browser's tab: follows its conversation, comes back when it is cut off."""

    url: str
    http: aiohttp.ClientSession
    token: str = ""
    last: int = 0
    opened: int = 0
    out_of_order: int = 0
    asked: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    answers: int = 0
    times: list[float] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _sent_at: dict[int, float] = field(default_factory=dict)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def begin(self) -> None:
        """Get a session."""
        async with self.http.post(f"{self.url}/widget/sessions", json={}) as response:
            assert response.status == 201, await response.text()
            self.token = (await response.json())["token"]

    async def follow(self) -> None:
        """Follow the events until cancelled, from the last one on after each break."""
        while True:
            with suppress(*BROKEN):
                await self._follow_once()
            await asyncio.sleep(random.uniform(0.1, 1.0))

    async def say(self, text: str) -> None:
        """Send a message, with the same id again until it is taken."""
        client_id = f"message-{len(self.asked):06}"
        self.asked.append(client_id)
        self._sent_at[len(self.asked)] = time.monotonic()
        body = {"id": client_id, "text": text}
        while True:
            with suppress(*BROKEN):
                async with self.http.post(
                    f"{self.url}/widget/messages", json=body, headers=self._headers
                ) as response:
                    if response.status == 202:
                        return
            await asyncio.sleep(0.2)

    async def _follow_once(self) -> None:
        headers = {**self._headers, "Last-Event-ID": str(self.last)}
        async with self.http.get(f"{self.url}/widget/events", headers=headers) as response:
            response.raise_for_status()
            async for line in response.content:
                if line.startswith(b": open"):
                    self.opened += 1
                    self.changed.set()
                elif line.startswith(b"data:") and b'"event"' in line:
                    self._take(json.loads(line[5:]))

    def _take(self, event: dict[str, Any]) -> None:
        # Each number comes once, and after the one before it.
        self.out_of_order += event["event"] != self.last + 1
        self.last = max(self.last, event["event"])
        if event.get("from") == "me":
            self.shown.append(event["id"])
        elif event.get("from") == "assistant" and HOLDING not in event["text"]:
            self.answers += 1
            if self.answers in self._sent_at:
                self.times.append(time.monotonic() - self._sent_at[self.answers])
        self.changed.set()


@dataclass(frozen=True)
class Crowd:
    """What became of the browsers: kilobytes a connection, seconds, counts."""

    connections: int
    kilobytes: float
    turns: Timed
    messages: int
    lost: int
    doubled: int
    out_of_order: int
    resumed: int = 0
    resumed_within: float = 0.0


@contextmanager
def careers_page() -> Iterator[Stack]:
    """Run everything, with limits that one address can't reach."""
    often = {"WIDGET_SESSION_RATE": OFTEN_ENOUGH, "WIDGET_ADDRESS_RATE": OFTEN_ENOUGH}
    with TemporaryDirectory() as folder:
        settings = load_settings({}, Path(folder) / "none.env")
        model = trained_model(settings)
        with running_stack(Path(folder) / "var", model, **often) as stack:
            yield stack


def crowd(
    stack: Stack, idle: int = IDLE, active: int = ACTIVE, seconds: float = SECONDS
) -> Iterator[Crowd]:
    """Yield what became of the browsers, then what did when the gateway was killed."""
    loop = asyncio.new_event_loop()
    try:
        yield from loop.run_until_complete(_crowd(stack, idle, active, seconds))
    finally:
        loop.close()


async def _crowd(stack: Stack, idle: int, active: int, seconds: float) -> list[Crowd]:
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_read=PATIENCE)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        tabs = [Tab(stack.gateway_url, http) for _ in range(idle + active)]
        await _in_turns(tabs, Tab.begin)
        talking = tabs[:active]
        await asyncio.gather(*(tab.say(QUESTIONS[0]) for tab in talking[:20]))
        before = _resident_kilobytes(stack)
        following = [asyncio.create_task(tab.follow()) for tab in tabs[active:]]
        await _until(tabs[active:], lambda tab: tab.opened >= 1)
        a_connection = (_resident_kilobytes(stack) - before) / idle
        following += [asyncio.create_task(tab.follow()) for tab in talking]
        await _until(talking, _is_answered)
        for tab in talking:
            tab.times.clear()
        await asyncio.gather(*(_talk(tab, seconds) for tab in talking))
        await _until(talking, _is_answered)
        calm = _became(tabs, a_connection)
        resumed = await _kill_and_resume(stack, tabs, talking, a_connection)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    return [calm, resumed]


async def _kill_and_resume(
    stack: Stack, tabs: list[Tab], talking: list[Tab], a_connection: float
) -> Crowd:
    for tab in talking:
        tab.times.clear()
    opened = {id(tab): tab.opened for tab in tabs}
    asking = [asyncio.create_task(tab.say(QUESTIONS[1])) for tab in talking]
    await asyncio.sleep(0.3)
    await asyncio.to_thread(stack.kill, "gateway")
    began = time.monotonic()
    asking += [asyncio.create_task(tab.say(QUESTIONS[2])) for tab in talking]
    stack.start("gateway")
    await _until(tabs, lambda tab: tab.opened > opened[id(tab)])
    within = time.monotonic() - began
    await asyncio.gather(*asking)
    await _until(talking, _is_answered)
    back = sum(tab.opened > opened[id(tab)] for tab in tabs)
    return _became(tabs, a_connection, resumed=back, resumed_within=within)


def _became(tabs: list[Tab], a_connection: float, **more: Any) -> Crowd:
    times = [seconds * 1000 for tab in tabs for seconds in tab.times]
    return Crowd(
        connections=len(tabs),
        kilobytes=a_connection,
        turns=Timed("message sent to answer shown", "sqlite", times),
        messages=sum(len(tab.asked) for tab in tabs),
        lost=sum(len({*tab.asked} - {*tab.shown}) for tab in tabs)
        + sum(max(0, len(tab.asked) - tab.answers) for tab in tabs),
        doubled=sum(len(tab.shown) - len(set(tab.shown)) for tab in tabs)
        + sum(max(0, tab.answers - len(tab.asked)) for tab in tabs),
        out_of_order=sum(tab.out_of_order for tab in tabs),
        **more,
    )


async def _talk(tab: Tab, seconds: float) -> None:
    ends = time.monotonic() + seconds
    await asyncio.sleep(random.uniform(0, PAUSE_SECONDS))
    for question in cycle(QUESTIONS):
        if time.monotonic() >= ends:
            return
        await tab.say(question)
        await asyncio.sleep(PAUSE_SECONDS)


def _is_answered(tab: Tab) -> bool:
    return tab.answers >= len(tab.asked) and len(tab.shown) >= len(tab.asked)


async def _in_turns(tabs: list[Tab], do: Any) -> None:
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one(tab: Tab) -> None:
        async with gate:
            await do(tab)

    await asyncio.gather(*map(one, tabs))


async def _until(tabs: list[Tab], is_done: Any) -> None:
    """Wait until something holds for all; after a while, it is counted as it is."""
    deadline = time.monotonic() + PATIENCE
    for tab in tabs:
        while not is_done(tab) and time.monotonic() < deadline:
            tab.changed.clear()
            try:
                await asyncio.wait_for(tab.changed.wait(), 1)
            except asyncio.TimeoutError:
                continue


def _resident_kilobytes(stack: Stack) -> int:
    status = Path(f"/proc/{stack.children['gateway'].pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])
