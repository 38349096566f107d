"""What a message costs with several assistants beside what it costs with one.

Real processes over PostgreSQL, the lock in Redis once there are two; Slack is the sandbox.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

from bot.sandbox.model import Message
from tests.bench.beside.processes import processor_seconds
from tests.bench.slack import QUESTIONS
from tests.conftest import new_database
from tests.faults.product import Product, running_product
from tests.faults.run import QUICK

ASSISTANTS = (1, 2)
ROUNDS = 25
PEOPLE = 16
SECONDS = 120


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds a message, by process; all of them together."""

    assistants: int
    messages: int
    by_process: dict[str, float]

    @property
    def together(self) -> float:
        """Return what all processes used for a message."""
        return sum(self.by_process.values())


def several_assistants(model: Path, numbers: Sequence[int] = ASSISTANTS) -> Iterator[Cost]:
    """Yield the cost with so many assistants each."""
    for number in numbers:
        scale = replace(QUICK, people=PEOPLE, assistants=number)
        with (
            tempfile.TemporaryDirectory() as folder,
            new_database("postgresql", Path(folder)) as url,
            running_product(Path(folder), model, url, scale) as product,
        ):
            yield _cost(product, number)


def _cost(product: Product, assistants: int, rounds: int = ROUNDS) -> Cost:
    # What comes only once, caches and connections, is there before it counts.
    for question in islice(cycle(QUESTIONS), 3):
        _ask_all(product, question)
    before = _used(product)
    for question in islice(cycle(QUESTIONS), rounds):
        _ask_all(product, question)
    messages = rounds * len(product.people)
    used = {name: seconds - before[name] for name, seconds in _used(product).items()}
    return Cost(assistants, messages, {n: s * 1000 / messages for n, s in used.items()})


def _ask_all(product: Product, question: str) -> None:
    said = [product.slack.say(question, user=person) for person in product.people]
    product.slack.wait_for(lambda _: all(_is_answered(product, one) for one in said), SECONDS)


def _is_answered(product: Product, said: Message) -> bool:
    from_bot = product.slack.workspace.from_bot(said.channel)
    return any(float(message.ts) > float(said.ts) for message in from_bot)


def _used(product: Product) -> dict[str, float]:
    return {name: processor_seconds(child.pid) for name, child in product.children.items()}
