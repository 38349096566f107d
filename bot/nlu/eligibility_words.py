"""Reads by the phrases of data/eligibility.yml whether somebody asks if a program is open to them.

No model and no Rasa. Which program is meant, and what the answer is, others find out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError
from bot.nlu.decision import ANSWER, EMPLOYEE, FAQ, Decision, Label

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "eligibility.yml"
AM_I_ELIGIBLE = Label.named("am_i_eligible")


@dataclass(frozen=True)
class Asking:
    """A message asks for it: surely, or else perhaps; `rest` is what else it says."""

    surely: bool
    rest: str


@dataclass(frozen=True)
class EligibilityWords:
    """The compiled phrases of one data file."""

    surely: re.Pattern[str]
    perhaps: re.Pattern[str]

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> EligibilityWords:
        """Read and compile the phrases.

        Raises:
            DataFileError: The file is missing, isn't YAML, or a section isn't a list of phrases.
        """
        try:
            data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataFileError(f"{path} can't be read: {error.strerror}.") from error
        except YAMLError as error:
            raise DataFileError(f"{path} is not valid YAML: {error}") from error
        sections = {}
        for name in ("surely", "perhaps"):
            phrases = data.get(name) if isinstance(data, dict) else None
            if not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
                raise DataFileError(f"{path}: the section {name} must be a list of phrases.")
            sections[name] = _compiled(phrases)
        return cls(**sections)

    def asking(self, text: str) -> Asking | None:
        """Return how a message asks whether something is open to its writer, or None."""
        said = " ".join(re.findall(r"[a-z0-9]+", re.sub(r"['’‘`]", "", text.casefold())))
        for pattern in (self.surely, self.perhaps):
            if pattern.search(said):
                return Asking(pattern is self.surely, pattern.sub(" ", said))
        return None


@lru_cache(maxsize=1)
def shipped_words() -> EligibilityWords:
    """Return the phrases of data/eligibility.yml, read once."""
    return EligibilityWords.load()


def turned_to_eligibility(decision: Decision, text: str, audience: str) -> Decision:
    """Return the decision with "am I eligible?" as its label where an employee asks that.

    Only the label changes: the topic stands, so that the action can answer from it after all if
    none of its programs is meant.
    """
    is_answer = decision.decision == ANSWER and decision.kind == FAQ
    if audience != EMPLOYEE or not is_answer or shipped_words().asking(text) is None:
        return decision
    return replace(decision, label=AM_I_ELIGIBLE)


def _compiled(phrases: Sequence[str]) -> re.Pattern[str]:
    expressions = (phrase.replace(" ... ", r" (?:\w+ )?") for phrase in phrases)
    return re.compile("|".join(rf"\b(?:{expression})\b" for expression in expressions))
