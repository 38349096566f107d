"""Understands one message in its conversation. Free of Rasa.

Danger, signs and languages come first, then the selector: on the message alone, with the turn
before where the message goes on with it, or question by question where it asks several. Then
what HR has promoted since the model was trained, unless the message is about danger or
something sensitive.

`load_understanding(model_file)` reads the selector out of a trained Rasa model without Rasa.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.errors import HRBotError
from bot.nlu import crisis, thresholds
from bot.nlu.conversation_words import ConversationWords, shipped_words
from bot.nlu.crisis import CrisisPhrases
from bot.nlu.decision import (
    ANSWER,
    CLARIFY,
    CRISIS,
    CRISIS_INTENTS,
    DIALOGUE,
    EMPLOYEE,
    FAQ,
    HANDOVER,
    LANGUAGE,
    MOST_OFFERS,
    PROGRAM,
    PROMOTED,
    SENSITIVE,
    Candidate,
    Decision,
    Label,
)
from bot.nlu.eligibility_words import turned_to_eligibility
from bot.nlu.encoder import SentenceEncoder
from bot.nlu.language import shipped_languages
from bot.nlu.promoted import PromotedIndex, PromotedMatch
from bot.nlu.ranking import Ranking, Thresholds, decide
from bot.nlu.selector import TopicSelector
from bot.nlu.weights import DEFAULT_FOLDER, ensure_weights
from bot.nlu.wordless import wordless_intent

INVITATION = "open_question"
"""The intent that asks people what their question is."""
SURE_DIALOGUE = 0.9
"""From here on "ok thanks" is what it says, though it begins like a message that goes on."""
COMPONENT = "FaqSelector"
"""Part of the name under which Rasa keeps the selector in a model."""
ANSWERS_FILE = "responses.json"
Answers = dict[str, list[dict[str, Any]]]
"""The variants of each topic's answer, by response, as the training data holds them."""


class ModelError(HRBotError):
    """The model file is missing or holds no selector."""


@dataclass(frozen=True)
class Understood:
    """What to do with a message, and the ranking behind it (None where no topic was ranked)."""

    decision: Decision
    ranking: Ranking | None = None


@dataclass(frozen=True)
class Understanding:
    """The selector with the words that come before it and the thresholds that hold now.

    `promoted` and `withdrawn` are what HR has added, and which topics it has taken back, since the
    model was trained.
    """

    selector: TopicSelector
    phrases: CrisisPhrases
    thresholds: Thresholds
    words: ConversationWords
    promoted: PromotedIndex = field(default_factory=PromotedIndex)
    withdrawn: frozenset[str] = frozenset()

    @classmethod
    def of(cls, selector: TopicSelector, decision_file: Path | None = None) -> Understanding:
        """Join a selector with the shipped words and data/decision.yml (or its own thresholds)."""
        calibrated = thresholds.read_thresholds(decision_file or thresholds.DEFAULT_FILE)
        return cls(
            selector, crisis.shipped_phrases(), calibrated or selector.thresholds, shipped_words()
        )

    @property
    def known_topics(self) -> frozenset[str]:
        """Return the ids of all topics that the selector was trained on."""
        return frozenset(label.topic for label in self.selector.labels if label.topic)

    def decide(self, text: str, audience: str = EMPLOYEE, context: Sequence[str] = ()) -> Decision:
        """Return what to do with a message; `context` is what was said before, oldest first."""
        return self.understand(text, audience, context).decision

    def understand(
        self, text: str, audience: str = EMPLOYEE, context: Sequence[str] = ()
    ) -> Understood:
        """Return what to do with a message and how the topics rank for it."""
        told = self._told_without_model(text)
        if told:
            return Understood(told)
        ranking = self.rank(text, audience, context)
        several = self._several(text, audience)
        if several is not None:
            return Understood(several, ranking)
        decided = turned_to_eligibility(decide(ranking, self.thresholds), text, audience)
        goes_on = bool(context) and self.words.is_opened(text)
        promoted = None if goes_on else self._promoted(text, audience)
        return Understood(self._with_promoted(decided, promoted, ranking), ranking)

    def rank(self, text: str, audience: str = EMPLOYEE, context: Sequence[str] = ()) -> Ranking:
        """Return how well all labels fit a message; an idiom keeps the model from an alarm."""
        apart = self.words.set_apart(text)
        asked, set_aside = apart if apart else (text, None)
        ranking = self._rank(asked, audience)
        if context and self._goes_on(asked, ranking):
            ranking = self._with_turn_before(asked, ranking, context)
        if set_aside is None:
            return ranking
        unwanted = self._rank(set_aside, audience).best
        if unwanted.confidence < self.thresholds.clarify:
            return ranking
        return ranking.without(unwanted.label.meaning)

    def _told_without_model(self, text: str) -> Decision | None:
        """Return the decision where none of the topics can be meant, else None.

        That is a message with a crisis phrase, one without any word, one that only says what it
        isn't about, and one in a language that the assistant doesn't speak.
        """
        found = self.phrases.detect(text)
        intent = CRISIS_INTENTS[found] if found else wordless_intent(text)
        if intent:
            return Decision.answering(Label.named(intent), 1.0)
        if shipped_languages().recognise(text):
            return Decision(HANDOVER, DIALOGUE, 1.0, reason=LANGUAGE)
        apart = self.words.set_apart(text)
        if apart and not self.words.says_something(apart[0]):
            return Decision.answering(Label.named(INVITATION), 1.0)
        return None

    def _rank(self, text: str, audience: str) -> Ranking:
        harmless = self.phrases.has_idiom(text)
        ranking = self.selector.rank(text, audience, may_be_crisis=not harmless)
        for topic in self.withdrawn:
            ranking = ranking.without(topic)
        return ranking

    def _promoted(self, text: str, audience: str) -> PromotedMatch | None:
        """Return the promoted question that is nearest to a message, if any is near."""
        if not self.promoted.entries:
            return None
        vector = self.selector.vector(text)
        return self.promoted.nearest(
            vector, audience, lambda meaning: self.selector.nearest_other(vector, meaning)
        )

    def _with_promoted(
        self, decision: Decision, promoted: PromotedMatch | None, ranking: Ranking
    ) -> Decision:
        """Return the decision with what HR has promoted; danger and what is sensitive go first."""
        if promoted is None or decision.reason is not None:
            return decision
        label = promoted.entry.label
        if decision.kind in (CRISIS, SENSITIVE) and decision.kind != label.kind:
            return decision
        if promoted.entry.is_withdrawn:
            unlearnt = promoted.is_answer and decision.topic == label.topic
            return decide(ranking.without(label.meaning), self.thresholds) if unlearnt else decision
        if promoted.is_answer:
            answering = Decision.answering(label, promoted.similarity)
            return replace(answering, reason=PROMOTED)
        if decision.decision == ANSWER or not promoted.is_offer:
            return decision
        first = Candidate(label, promoted.similarity, promoted.similarity)
        rest = [one for one in decision.candidates if one.label.meaning != label.meaning]
        offers = (first, *rest)[:MOST_OFFERS]
        return Decision(CLARIFY, label.kind, promoted.similarity, candidates=offers)

    def _goes_on(self, text: str, alone: Ranking) -> bool:
        """Tell whether the turn before is needed to understand a message."""
        opened = self.words.is_opened(text)
        if not opened and not self.words.is_very_short(text):
            return False
        decision = decide(alone, self.thresholds)
        if decision.decision != ANSWER:
            best = alone.best
            small_talk = best.label.kind == DIALOGUE and best.confidence >= self.thresholds.clarify
            return opened or not small_talk
        if decision.kind in (CRISIS, PROGRAM):
            return False
        sure = decision.kind == DIALOGUE and decision.confidence >= SURE_DIALOGUE
        return opened and not sure

    def _with_turn_before(self, text: str, alone: Ranking, context: Sequence[str]) -> Ranking:
        """Return the ranking of a message together with the question that it goes on with.

        If it says something of its own too, both readings are offered instead of one answered.
        """
        joined = self._rank(" ".join([*self._before(context), text]), alone.audience)
        if decide(joined, self.thresholds).decision == HANDOVER:
            return alone
        decision = decide(alone, self.thresholds)
        means_another = (
            decision.decision == ANSWER
            and decision.kind in (FAQ, SENSITIVE)
            and alone.best.label.meaning != joined.best.label.meaning
        )
        return joined.or_else(alone) if means_another else joined

    def _before(self, context: Sequence[str]) -> list[str]:
        """Return the question that a message goes on with; two, if that went on with another."""
        asked = list(self._questions_in(context))
        if len(asked) > 1 and self.words.is_opened(asked[0]):
            return [asked[1], asked[0]]
        return asked[:1]

    def _questions_in(self, context: Sequence[str]) -> Iterator[str]:
        """Yield what was asked before, latest first, without small talk."""
        for text in reversed(context):
            if not self._told_without_model(text):
                decision = decide(self._rank(text, EMPLOYEE), self.thresholds)
                if decision.decision != ANSWER or decision.kind != DIALOGUE:
                    yield text

    def _several(self, text: str, audience: str) -> Decision | None:
        """Return the decision to answer each question of a message, if each is understood."""
        decisions = []
        for question in self.words.questions(text):
            ranking = self._rank(question, audience)
            decision = self._with_promoted(
                decide(ranking, self.thresholds), self._promoted(question, audience), ranking
            )
            if decision.decision != ANSWER or decision.kind not in (FAQ, SENSITIVE):
                return None
            decisions.append(decision)
        return Decision.answering_all(decisions)


def load_encoder(folder: Path = DEFAULT_FOLDER) -> SentenceEncoder:
    """Return the sentence encoder, building its files first if they're absent.

    Raises:
        bot.nlu.weights.WeightsError: The weights are missing or wrong.
    """
    files = ensure_weights(folder)
    return SentenceEncoder(files.model, files.tokenizer)


def load_understanding(
    model_file: Path, weights_folder: Path = DEFAULT_FOLDER, decision_file: Path | None = None
) -> Understanding:
    """Read the trained selector from a Rasa model archive (`*.tar.gz`).

    Raises:
        ModelError: The file can't be read or holds no selector.
        bot.nlu.weights.WeightsError: The encoder's weights are missing or wrong.
    """
    return load_with_answers(model_file, weights_folder, decision_file)[0]


def load_with_answers(
    model_file: Path, weights_folder: Path = DEFAULT_FOLDER, decision_file: Path | None = None
) -> tuple[Understanding, Answers]:
    """Read the selector, and the answers that it was trained with. Raises as the above."""
    encoder = load_encoder(weights_folder)
    with tempfile.TemporaryDirectory() as scratch:
        folder = _extracted(model_file, Path(scratch))
        understanding = Understanding.of(TopicSelector.load(folder, encoder), decision_file)
        return understanding, read_answers(folder)


def read_answers(folder: Path) -> Answers:
    """Read the answers that stand beside a trained selector."""
    file = folder / ANSWERS_FILE
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _extracted(model_file: Path, scratch: Path) -> Path:
    try:
        with tarfile.open(model_file) as archive:
            members = [m for m in archive if m.isfile() and COMPONENT in Path(m.name).parent.name]
            for member in members:
                content = archive.extractfile(member)
                if content is not None:
                    (scratch / Path(member.name).name).write_bytes(content.read())
    except (OSError, tarfile.TarError) as error:
        raise ModelError(f"The model {model_file} can't be read. Run: make train") from error
    if not members:
        raise ModelError(f"The model {model_file} holds no topics. Run: make train")
    return scratch
