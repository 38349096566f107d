"""Keeps the understanding in step with what HR promotes and edits, within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.faq import content
from bot.faq.book import Variant
from bot.faq.live import Watch
from bot.faq.promoted import PromotedQuestions, promoted_questions
from bot.nlu.decision import BOTH, EMPLOYEE, Label
from bot.nlu.promoted import PromotedEntry, PromotedIndex
from bot.nlu.understanding import Answers, Understanding, load_with_answers


class LiveUnderstanding:
    """The trained understanding with what the database says since; `current` is what holds."""

    def __init__(
        self,
        trained: Understanding,
        responses: Answers,
        database: Database,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.current = trained
        self._trained = trained
        self._trained_on = {name: _content(variants) for name, variants in responses.items()}
        self._learnt = {(text, label.topic) for text, label in trained.selector.learnt()}
        self._vectors: dict[str, np.ndarray] = {}
        self._watch = Watch(database, clock)

    def refresh(self, *, at_once: bool = False) -> bool:
        """Take in what is new; say whether something was. It looks every few seconds or at once."""
        return self._watch.read_if_changed(self._read, at_once=at_once)

    def with_more(self, questions: PromotedQuestions) -> Understanding:
        """Return what would hold if these were live too, in place of those of the same number."""
        index = self.current.promoted
        known = {label.topic: label for label in self.current.selector.labels}
        label = known.get(questions.topic) or Label.named(
            questions.topic, audience=questions.audience, title=questions.title
        )
        added = self._entries(questions, label)
        return replace(self.current, promoted=PromotedIndex((*index.entries, *added)))

    def _read(self, session: Session) -> None:
        holds = {
            name: content.in_force(self._trained_on.get(name), version)
            for name, version in content.latest(session, content.ANSWER).items()
        }
        changed = {
            name.removeprefix("utter_"): topic_label(name.removeprefix("utter_"), variants)
            for name, variants in holds.items()
            if variants
        }
        gone = {name.removeprefix("utter_") for name, variants in holds.items() if not variants}
        selector = self._trained.selector
        labels = tuple(changed.get(label.name, label) for label in selector.labels)
        known = {label.topic: label for label in labels if label.topic == label.name}
        entries = [
            entry
            for questions in promoted_questions(session)
            if questions.topic not in gone
            and (label := changed.get(questions.topic) or known.get(questions.topic))
            for entry in self._entries(questions, label)
        ]
        self.current = replace(
            self._trained,
            selector=replace(selector, labels=labels),
            promoted=PromotedIndex(_without_taken_back(entries)),
            withdrawn=frozenset(gone & known.keys()),
        )

    def _entries(self, questions: PromotedQuestions, label: Label) -> list[PromotedEntry]:
        # What was taken back and never learnt needs no unlearning.
        return [
            PromotedEntry(text, label, self._vector(text), questions.is_withdrawn)
            for text in questions.phrasings
            if not questions.is_withdrawn or (text, questions.topic) in self._learnt
        ]

    def _vector(self, text: str) -> np.ndarray:
        if text not in self._vectors:
            self._vectors[text] = self._trained.selector.vector(text)
        return self._vectors[text]


def load_live(model_file: Path, database: Database) -> LiveUnderstanding:
    """Read a trained model, and what the database says since. Raises as `load_understanding`."""
    live = LiveUnderstanding(*load_with_answers(model_file), database)
    live.refresh()
    return live


_serving: list[LiveUnderstanding] = []


def serve(live: LiveUnderstanding) -> None:
    """Let this be what the assistant's routes ask; Rasa builds the component that holds it."""
    _serving[:] = [live]


def serving() -> LiveUnderstanding | None:
    """Return what this process understands with."""
    return _serving[0] if _serving else None


def topic_label(name: str, variants: Sequence[Mapping[str, Any]]) -> Label:
    """Describe a topic by its answer's metadata; one public variant makes it public."""
    told = [variant.get("metadata") or {} for variant in variants]
    public = any(one.get("audience", EMPLOYEE) != EMPLOYEE for one in told)
    titles = [one["title"] for one in told if one.get("title")]
    return Label.named(name, audience=BOTH if public else EMPLOYEE, title=(titles or [""])[0])


def _without_taken_back(entries: Sequence[PromotedEntry]) -> tuple[PromotedEntry, ...]:
    live = {(entry.text, entry.label.topic) for entry in entries if not entry.is_withdrawn}
    return tuple(
        entry
        for entry in entries
        if not entry.is_withdrawn or (entry.text, entry.label.topic) not in live
    )


def _content(variants: Sequence[Mapping[str, Any]]) -> content.Content:
    return content.content_of(
        Variant(
            text=one.get("text") or "",
            audience=(one.get("metadata") or {}).get("audience"),
            metadata=one.get("metadata") or {},
            buttons=tuple(one.get("buttons") or ()),
        )
        for one in variants
    )
