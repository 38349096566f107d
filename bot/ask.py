"""What the assistant would say to one question, without servers: `hrbot ask`.

Understanding and decision are the trained model's; the words are the answer book's and the
catalogue's, as in a real first turn. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console

from bot.db.session import Database
from bot.faq.book import AnswerBook, load_book, load_company_facts
from bot.faq.live import LiveBook
from bot.nlu.decision import (
    ANSWER,
    CLARIFY,
    EMPLOYEE,
    HANDOVER,
    LANGUAGE,
    PROGRAM,
    Decision,
)
from bot.nlu.eligibility_words import AM_I_ELIGIBLE, shipped_words
from bot.nlu.language import shipped_languages
from bot.nlu.live import load_live
from bot.nlu.understanding import Understanding
from bot.prepare import prepare_database, prepare_model
from bot.programs import replies
from bot.programs.eligibility import JobFacts
from bot.programs.eligibility_replies import first_reply
from bot.programs.facts import facts
from bot.programs.search import program_asked_for, program_named
from bot.programs.stated import job_in
from bot.programs.words import stems
from bot.settings import ROOT, Settings

# Responses whose name is not simply that of the intent.
RESPONSE_OF_INTENT = {
    "talk_to_person": "utter_ask_hr_question",
    "affirm": "utter_nothing_pending",
    "cancel": "utter_nothing_to_cancel",
    "job_stated": "utter_job_noted",
    "more_programs": "utter_which_program",
    "repeat": "utter_nothing_to_repeat",
    "rephrase": "utter_rephrase_what",
    "my_cases": "utter_no_cases",
    "internal_only": "utter_internal_only",
}


@dataclass(frozen=True)
class Asked:
    """One question with what was decided and said."""

    text: str
    audience: str
    decision: Decision
    answer: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON line of DESIGN.md, "Names the outside relies on"."""
        decision = self.decision
        return {
            "text": self.text,
            "audience": self.audience,
            "kind": decision.kind,
            "decision": decision.decision,
            "topic": decision.topic,
            "topics": list(decision.topics),
            "confidence": round(decision.confidence, 4),
            "candidates": [
                {"topic": c.label.topic or c.label.name, "confidence": round(c.confidence, 4)}
                for c in decision.candidates
            ],
            "answer": self.answer,
        }


class Asker:
    """Answers questions with the model, the book and the catalogue loaded once."""

    def __init__(self, settings: Settings, today: date) -> None:
        prepare_database(settings)
        model = prepare_model(settings, Console(stderr=True))
        self._database = Database(settings.database_url)
        self._understanding: Understanding = load_live(model, self._database).current
        self._book: AnswerBook = load_book(settings.data_dir, ROOT / "domain.yml")
        LiveBook(self._book, self._database).refresh()
        self._today = today
        with self._database.read() as session:
            self._facts = {
                **load_company_facts(settings.data_dir),
                **facts(session, today),
            }

    def decide(self, text: str, audience: str, context: Sequence[str] = ()) -> Decision:
        """Return the decision on a question; `context` is what was said before, oldest first."""
        return self._understanding.decide(text, audience, context)

    def ask(self, text: str, audience: str) -> Asked:
        """Return the decision on a question and the words of the answer."""
        decision = self.decide(text, audience)
        return Asked(text, audience, decision, self._words(decision, text, audience))

    def _words(self, decision: Decision, text: str, audience: str) -> str:
        eligible = self._eligibility(decision, text, audience)
        if eligible is not None:
            return eligible
        if decision.decision == CLARIFY:
            titles = [c.label.title or c.label.name for c in decision.candidates]
            return "\n".join([self._say("utter_clarify", audience), *(f"- {t}" for t in titles)])
        if decision.decision == ANSWER and decision.label is not None:
            if len(decision.topics) > 1:
                names = ["several_answers", *decision.topics]
                return "\n\n".join(self._say(f"utter_{name}", audience) for name in names)
            if decision.kind == PROGRAM:
                return self._about_programs(decision.label.name, text, audience)
            turned = decision.label == AM_I_ELIGIBLE
            name = decision.topic if turned else decision.label.name
            return self._say(self._response(name), audience)
        if decision.reason == LANGUAGE:
            return self._in_language(text, audience)
        if decision.intent == "internal_only":
            return self._say("utter_internal_only", audience)
        return self._say("utter_handover", audience, quote=f"> {text}")

    def _eligibility(self, decision: Decision, text: str, audience: str) -> str | None:
        """Return the verdict where the words ask for it, as actions/eligibility.py gives it."""
        asking = shipped_words().asking(text) if audience == EMPLOYEE else None
        is_turned = decision.label == AM_I_ELIGIBLE and decision.topic is not None
        if asking is None or not (is_turned or decision.decision in (CLARIFY, HANDOVER)):
            return None
        job = job_in(text, self._today)
        surely = asking.surely or job != JobFacts()
        with self._database.read() as session:
            program = program_asked_for(
                session, text, decision.topic, audience, surely=surely, rest=asking.rest
            )
            if program is None:
                return None
            reply = first_reply(session, program, job, audience, self._today)
        return self._say(reply.response, audience, programs=reply.text, **reply.values)

    def _in_language(self, text: str, audience: str) -> str:
        language = shipped_languages().recognise(text)
        response = language.version_of("utter_other_language")
        return self._say(response, audience, sorry=language.sorry)

    def _response(self, label: str) -> str:
        return RESPONSE_OF_INTENT.get(label, f"utter_{label}")

    def _about_programs(self, intent: str, text: str, audience: str) -> str:
        with self._database.read() as session:
            if intent == "find_program":
                reply = replies.reply_to_search(session, text, audience)
            elif intent == "program_details" and not stems(text):
                return self._say("utter_which_program", audience)
            elif intent == "program_details":
                reply = replies.reply_with_details(session, text, audience, self._today)
            elif intent == "eligible_programs":
                reply = first_reply(session, None, job_in(text, self._today), audience, self._today)
            else:
                named = program_named(session, text, audience)
                if named and intent == "am_i_eligible":
                    job = job_in(text, self._today)
                    reply = first_reply(session, named, job, audience, self._today)
                elif named and intent == "program_deadline":
                    reply = replies.deadline_reply(named, self._today)
                elif intent == "am_i_eligible":
                    return self._say("utter_which_program", audience)
                else:
                    reply = replies.deadlines_reply(session, audience, self._today, text)
        return self._say(reply.response, audience, programs=reply.text, **reply.values)

    def _say(self, response: str, audience: str, **values: str) -> str:
        if response not in self._book.responses:
            response = "utter_handover"
            values = {"quote": ""}
        answer = self._book.say(response, audience, self._facts, values)
        return answer.text if answer else self._say("utter_internal_only", audience)
