"""Measures the trained assistant for `hrbot evaluate`: by questions, or by cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path

from bot.faq.book import load_book
from bot.faq.phrasings import read_phrasings
from bot.nlu.answer_sentences import answer_sentences
from bot.nlu.evaluation.calibration import calibrate
from bot.nlu.evaluation.confusions import confusions
from bot.nlu.evaluation.cross_validation import cross_validate
from bot.nlu.evaluation.gate import Comparison, compare, golden_questions
from bot.nlu.evaluation.judging import Judgement, evaluate
from bot.nlu.evaluation.questions import Question
from bot.nlu.evaluation.remembering import RememberingEncoder
from bot.nlu.evaluation.report import Report
from bot.nlu.thresholds import DEFAULT_FILE
from bot.nlu.understanding import Understanding, load_understanding
from bot.settings import ROOT


class Evaluator:
    """Measures with the model and the phrasings loaded once."""

    def __init__(self, model: Path, data_dir: Path) -> None:
        self._model = model
        self._data_dir = data_dir

    def on_questions(self, questions: Sequence[Question]) -> Report:
        """Ask the trained assistant."""
        known = self._understanding.known_topics
        return self._report(evaluate(questions, self._understanding, known))

    def by_cross_validation(self) -> Report:
        """Ask every training phrasing of a selector that hasn't seen it (a few minutes)."""
        examples = [(text, name) for name, texts in self._phrasings.items() for text in texts]
        return self._report(cross_validate(examples, self._understanding, self._answers()))

    def calibrate(self, questions: Sequence[Question], *, on: date, budget: float) -> None:
        """Choose thresholds by these questions, write data/decision.yml, and use it from now on."""
        understanding = self._understanding
        calibrate(
            questions,
            understanding.rank,
            understanding.known_topics,
            on=on,
            budget=budget,
            file=self._decision_file,
        )
        del self._understanding

    def _answers(self) -> dict[str, list[str]]:
        book = load_book(self._data_dir, ROOT / "domain.yml")
        return {
            topic: answer_sentences(
                (variant.text for variant in book.responses[f"utter_{topic}"]),
                book.title_of(topic),
            )
            for topic in book.topics()
        }

    @cached_property
    def _understanding(self) -> Understanding:
        understanding = load_understanding(self._model, decision_file=self._decision_file)
        selector = understanding.selector
        remembering = replace(selector, encoder=RememberingEncoder(selector.encoder))
        return replace(understanding, selector=remembering)

    @property
    def _decision_file(self) -> Path:
        return self._data_dir / DEFAULT_FILE.name

    @cached_property
    def _phrasings(self) -> dict[str, list[str]]:
        return read_phrasings(self._data_dir)

    def _report(self, judgements: Sequence[Judgement]) -> Report:
        understanding = self._understanding
        found = confusions(judgements, self._phrasings, understanding.selector.encoder)
        return Report(tuple(judgements), tuple(found), understanding.thresholds)


def compare_models(
    before: Path,
    now: Path,
    phrasings: Mapping[str, Sequence[str]],
    questions: Sequence[Question],
    decision_file: Path,
) -> Comparison:
    """Ask two models the golden questions.

    Args:
        phrasings: What the model of now has learnt, by topic.
        questions: Golden questions besides the phrasings that both have learnt.
        decision_file: The thresholds that hold for both.

    Raises:
        bot.nlu.understanding.ModelError: A model can't be read.
    """
    old = load_understanding(before, decision_file=decision_file)
    encoder = RememberingEncoder(old.selector.encoder)
    old = replace(old, selector=replace(old.selector, encoder=encoder))
    new = load_understanding(now, decision_file=decision_file)
    new = replace(new, selector=replace(new.selector, encoder=encoder))
    meant_now = {text: topic for topic, texts in phrasings.items() for text in texts}
    learnt = [(text, label.name) for text, label in old.selector.learnt()]
    asked = [*golden_questions(learnt, meant_now), *(q for q in questions if q.expected(None))]
    return compare(asked, old, new)
