"""What the gateway says by itself, from data/wording.yml."""

from __future__ import annotations

from pathlib import Path

from bot.errors import DataFileError
from bot.faq.book import PLACEHOLDER, fill_in, read_yaml

KEYS = (
    "holding",
    "crisis",
    "apology",
    "apology_quote",
    "apology_button",
    "stale_button",
    "impossible_day",
    "file",
    "edited",
    "deleted",
    "case_opened",
    "case_answer",
    "case_question",
    "case_yes",
    "case_no",
    "case_closed",
    "case_thanks",
    "case_reopened",
    "card_reopened",
    "not_allowed",
)
# Texts about a case may name it; the others have nothing to fill in.
FILLED_IN = {
    key: frozenset({"reference"})
    for key in (
        "case_opened",
        "case_answer",
        "case_closed",
        "case_thanks",
        "case_reopened",
        "card_reopened",
    )
}


class Wording:
    """Texts by key, with values filled in."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def say(self, key: str, **values: str) -> str:
        """Return the text of `key`."""
        return fill_in(self._texts[key], values, where=key).strip()


def load_wording(data_dir: Path) -> Wording:
    """Read data/wording.yml.

    Raises:
        DataFileError: if a text is missing, there is one too many, or one has a placeholder
            that nobody fills in.
    """
    path = data_dir / "wording.yml"
    texts = read_yaml(path)
    for key in KEYS:
        if not isinstance(texts.get(key), str):
            raise DataFileError(f"{path}: the text “{key}” is missing.")
        unfilled = set(PLACEHOLDER.findall(texts[key])) - FILLED_IN.get(key, frozenset())
        if unfilled:
            names = ", ".join(f"{{{name}}}" for name in sorted(unfilled))
            raise DataFileError(f"{path}: nothing is filled in for {names} in “{key}”.")
    if set(texts) - set(KEYS):
        unknown = ", ".join(sorted(str(key) for key in set(texts) - set(KEYS)))
        raise DataFileError(f"{path}: nobody says “{unknown}”; is it misspelled?")
    return Wording(texts)
