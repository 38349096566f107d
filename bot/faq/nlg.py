"""Rasa's socket for the answer book: endpoints.yml names it under `nlg`.

Rasa's own generator picks among variants at random whatever their audience; this one asks
the book. Answers change without training.
"""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import structlog
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.faq.book import PLACEHOLDER, Answer, AnswerBook, load_book, load_company_facts
from bot.faq.live import LiveBook
from bot.privacy.audience import reader_from
from bot.programs.facts import facts as program_facts
from bot.programs.replies import button_for_topic
from bot.settings import ROOT, Settings, load_settings

log = structlog.get_logger(__name__)

FACTS_KEPT_SECONDS = 30
DECLINE = "utter_internal_only"
TAKEN_BACK = "utter_taken_back"
MOST_BUTTONS = 5
# Rasa passes these along with the values of an utterance.
_NOT_VALUES = {"domain_responses", "metadata", "buttons", "text"}


class AnswerBookGenerator(NaturalLanguageGenerator):
    """Says what the answer book says, to whoever reads."""

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,  # noqa: ARG002
        domain: Domain | None = None,  # noqa: ARG002
        settings: Settings | None = None,
    ) -> None:
        settings = settings or load_settings()
        self._book = load_book(settings.data_dir, ROOT / "domain.yml")
        self._company = load_company_facts(settings.data_dir)
        self._database = Database(settings.database_url)
        self._live = LiveBook(self._book, self._database)
        self._live.refresh()
        self._programs = _programs_spoken_of(self._book)
        self._facts: dict[str, str] = {}
        self._facts_until = 0.0

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,  # noqa: ARG002
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the response as Rasa's dict, its metadata naming the audience."""
        if self._live.refresh():
            self._programs = _programs_spoken_of(self._book)
            self._facts_until = 0.0
        latest = tracker.latest_message
        reader = reader_from(latest.metadata if latest else None)
        values = {
            **{k: v for k, v in tracker.current_slot_values().items() if v is not None},
            **{k: v for k, v in kwargs.items() if k not in _NOT_VALUES},
        }
        if "/" in utter_action and utter_action not in self._book.responses:
            # A button may still name it.
            utter_action = TAKEN_BACK
        answer = self._book.say(utter_action, reader, self._all_facts(), values)
        if answer is None:
            log.info("answer.withheld", response=utter_action, reader=reader)
            answer = self._book.say(DECLINE, reader, self._all_facts(), values)
            return _as_response(utter_action, answer)
        response = _as_response(utter_action, answer)
        if "/" in utter_action and len(response["buttons"]) < MOST_BUTTONS:
            with self._database.read() as session:
                response["buttons"] += _program_buttons(session, utter_action, reader)
        return response

    def _all_facts(self) -> dict[str, str]:
        now = time.monotonic()
        if now >= self._facts_until:
            with self._database.read() as session:
                programs = program_facts(session, date.today(), self._programs)
            self._facts = {**self._company, **programs}
            self._facts_until = now + FACTS_KEPT_SECONDS
        return self._facts


def _programs_spoken_of(book: AnswerBook) -> list[str]:
    """Return the programs that answers speak of: a catalogue may hold thousands more."""
    texts = (v.text for variants in book.responses.values() for v in variants)
    keys = {key for text in texts for key in PLACEHOLDER.findall(text)}
    return sorted({key.split(".")[1] for key in keys if key.startswith("program.")})


def _program_buttons(session: Session, response: str, reader: str) -> list[dict[str, Any]]:
    button = button_for_topic(session, response.removeprefix("utter_"), reader)
    return [{"title": button.title, "payload": button.payload}] if button else []


def _as_response(name: str, answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        raise LookupError(f"{DECLINE} must have a public variant; {name} can't be declined")
    return {
        "text": answer.text,
        "buttons": answer.buttons,
        "metadata": answer.metadata,
        "utter_action": name,
    }
