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
    "reminder_intro",
    "reminder_first_reply_soon",
    "reminder_first_reply_overdue",
    "reminder_resolution_soon",
    "reminder_resolution_overdue",
    "reminder_unclaimed",
    "digest_title",
    "digest_counts",
    "digest_since",
    "digest_overdue",
    "digest_due_today",
    "digest_oldest",
    "digest_line",
    "digest_no_topic",
    "and_more",
    "channel_fails",
    "channel_alarm",
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
FILLED_IN |= {
    **{
        f"reminder_{deadline}_{stage}": frozenset({"case", "time"})
        for deadline in ("first_reply", "resolution")
        for stage in ("soon", "overdue")
    },
    "reminder_unclaimed": frozenset({"line"}),
    "digest_title": frozenset({"queue"}),
    "digest_counts": frozenset({"open", "unclaimed", "due_today", "overdue"}),
    "digest_since": frozenset({"new", "finished"}),
    "digest_line": frozenset({"case", "topic", "date"}),
    "and_more": frozenset({"count"}),
    "channel_fails": frozenset({"queue", "channel", "reason"}),
    "channel_alarm": frozenset({"queue", "reason"}),
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
