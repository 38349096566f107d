"""Times the redaction of a message: the corpus's, with identifiers, and questions without."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bot.privacy.redaction import redact
from bot.settings import ROOT
from tests.bench.programs import Timed
from tests.privacy.corpus import read
from tests.privacy.corpus.generated import generated
from tests.privacy.corpus.measures import questions


def time_redaction() -> Iterator[Timed]:
    """Yield what was timed; no database is needed for it."""
    redact("read the word lists")
    marked = [message.text for message in (*generated(), *read("handwritten.txt"))]
    for what, texts in (
        ("a message with identifiers", marked),
        ("a question without", questions(ROOT / "data")),
        ("4,000 characters", [(" ".join(marked[at : at + 80]))[:4000] for at in range(20)]),
    ):
        yield Timed(f"redact {what}", "none", [_milliseconds(text) for text in texts])


def _milliseconds(text: str) -> float:
    began = time.perf_counter()
    redact(text)
    return 1000 * (time.perf_counter() - began)
