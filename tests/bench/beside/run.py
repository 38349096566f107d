"""Asks both systems the same questions, by so many people at once, and reads what it took."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from ruamel.yaml import YAML

from bot.settings import ROOT
from tests.bench.beside.processes import processor_seconds, proportional_megabytes
from tests.bench.beside.questions import QUESTIONS
from tests.bench.beside.stock import running_stock
from tests.bench.widget import OFTEN_ENOUGH, PATIENCE, Tab
from tests.e2e.stack import running_stack

PEOPLE = (1, 8, 32, 128)
SECONDS = 10
OURS, TRIVIAL, STOCK = "HR Assistant", "the same, known by heart", "stock Rasa"
LIMITS = ("WIDGET_SESSION_RATE", "WIDGET_ADDRESS_RATE")
Ask = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Load:
    """What so many people at once met.

    Attributes:
        times: Milliseconds from question to answer.
        a_second: Answers a second.
        processor_ms: CPU milliseconds an answer, of all processes of the system.
    """

    system: str
    kind: str
    people: int
    times: Sequence[float]
    a_second: float
    processor_ms: float

    @property
    def p50(self) -> float:
        """Return the median of the times."""
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        """Return the time that one in twenty is above."""
        return sorted(self.times)[int(0.95 * len(self.times))]


@dataclass(frozen=True)
class Footprint:
    """PSS of each process in megabytes, after the load; seconds from start to ready of all."""

    system: str
    seconds_to_ready: float
    megabytes: Mapping[str, float]


@contextmanager
def trivial_model(folder: Path) -> Iterator[Path]:
    """Give a model of this project whose understanding is a dictionary."""
    config = YAML(typ="safe").load(ROOT / "config.yml")
    config["pipeline"] = [{"name": "tests.bench.beside.trivial.ByHeart"}]
    with (folder / "config.yml").open("w", encoding="utf-8") as stream:
        YAML().dump(config, stream)
    train = [sys.executable, "-m", "rasa", "train", "--quiet", "--config", "config.yml"]
    data = [str(ROOT / "data" / name) for name in ("faq", "dialogue")]
    where = ["--domain", str(ROOT / "domain.yml"), "--data", *data, "--out", str(folder / "out")]
    environment = {"PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"}
    subprocess.run([*train, *where], cwd=folder, env=environment, check=True, capture_output=True)
    (model,) = (folder / "out").glob("*.tar.gz")
    yield model


def beside_stock(model: Path, people: Sequence[int] = PEOPLE) -> Iterator[Load | Footprint]:
    """Yield what people meet with our model, with a trivial one, and with a stock project."""
    with TemporaryDirectory() as folder:
        with trivial_model(Path(folder)) as trivial:
            yield from _ours(OURS, model, Path(folder) / "ours", people)
            yield from _ours(TRIVIAL, trivial, Path(folder) / "trivial", people)
        project = Path(folder) / "stock"
        project.mkdir()
        with running_stock(project) as stock:
            pids = {name: child.pid for name, child in stock.children.items()}

            def rest(http: aiohttp.ClientSession, number: int) -> Ask:
                async def ask(text: str) -> None:
                    body = {"sender": f"person-{number}", "message": text}
                    async with http.post(stock.webhook, json=body) as response:
                        assert await response.json(), "an answer"

                return ask

            yield from _loads(STOCK, pids, people, rest)
            memory = {name: proportional_megabytes(pid) for name, pid in pids.items()}
            yield Footprint(STOCK, stock.seconds_to_ready, memory)


def _ours(
    system: str, model: Path, folder: Path, people: Sequence[int]
) -> Iterator[Load | Footprint]:
    began = time.monotonic()
    with running_stack(folder, model, **dict.fromkeys(LIMITS, OFTEN_ENOUGH)) as stack:
        seconds = time.monotonic() - began
        pids = {name: child.pid for name, child in stack.children.items()}

        def browser(http: aiohttp.ClientSession, _number: int) -> Ask:
            tab = Tab(stack.gateway_url, http)
            following: list[asyncio.Task[None]] = []

            async def ask(text: str) -> None:
                if not following:
                    await tab.begin()
                    following.append(asyncio.create_task(tab.follow()))
                await tab.say(text)
                while tab.answers < len(tab.asked):
                    tab.changed.clear()
                    await tab.changed.wait()

            return ask

        yield from _loads(system, pids, people, browser)
        memory = {name: proportional_megabytes(pid) for name, pid in pids.items()}
        yield Footprint(system, seconds, memory)


def _loads(
    system: str,
    pids: Mapping[str, int],
    people: Sequence[int],
    asker: Callable[[aiohttp.ClientSession, int], Ask],
) -> Iterator[Load]:
    for kind, questions in QUESTIONS.items():
        for count in people:
            yield asyncio.run(_load(system, kind, list(questions), count, pids, asker))


async def _load(
    system: str,
    kind: str,
    questions: Sequence[str],
    people: int,
    pids: Mapping[str, int],
    asker: Callable[[aiohttp.ClientSession, int], Ask],
) -> Load:
    times: list[float] = []
    timeout = aiohttp.ClientTimeout(total=None, sock_read=PATIENCE)
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=timeout)
        )
        asks = [asker(http, number) for number in range(people)]
        # Sessions, connections and caches are there before it counts.
        await asyncio.gather(*(ask(questions[0]) for ask in asks))
        before = sum(processor_seconds(pid) for pid in pids.values())
        began = time.monotonic()
        ends = began + SECONDS

        async def person(ask: Ask) -> None:
            for question in itertools.cycle(questions):
                sent = time.monotonic()
                if sent >= ends:
                    return
                await ask(question)
                times.append((time.monotonic() - sent) * 1000)

        await asyncio.gather(*map(person, asks))
        took = time.monotonic() - began
        used = sum(processor_seconds(pid) for pid in pids.values()) - before
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
    return Load(system, kind, people, times, len(times) / took, used * 1000 / len(times))
