"""What the gateway says by itself, from data/wording.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.desk.content_texts import CONTENT_TEXTS
from bot.desk.texts import TEXTS
from bot.errors import DataFileError
from bot.faq.book import PLACEHOLDER, fill_in, load_company_facts, read_yaml
from bot.gateway.widget.texts import TEXTS as WIDGET_TEXTS
from bot.listening.texts import LISTENING_TEXTS
from bot.telling.texts import TELLING_TEXTS

_DAY = frozenset({"program", "window", "what", "day"})
REMINDER_TEXTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("remind_button", "remind_opens", "remind_closes", "remind_cancel", "remind_too_late"),
        frozenset(),
    ),
    **dict.fromkeys(("remind_asked", "remind_now", "remind_line"), _DAY),
    "did_you_know": frozenset({"program", "about"}),
}
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
    "feedback_helped",
    "feedback_not_helped",
    "feedback_missing",
    "feedback_not_asked",
    "feedback_wrong",
    "feedback_too_general",
    "feedback_person",
    "feedback_near",
    "feedback_offer",
    "feedback_ask_hr",
    "pointer",
    "pointer_write_me",
    "outside",
    "command_help",
    "command_taken",
    "no_direct_messages",
    "shortcut_preview",
    "shortcut_ask",
    "shortcut_dismiss",
    "shortcut_dismissed",
    "shortcut_taken",
    "shortcut_no_text",
    "pane_title",
    "pane_status",
    "prompt_program",
    "prompt_program_message",
    "home_title",
    "home_intro",
    "home_outside",
    "home_ask",
    "home_category",
    "home_programs",
    "home_no_programs",
    "home_details",
    "home_eligible",
    "home_reminders",
    "home_cases",
    "home_no_cases",
    "hidden_told",
    "hidden_told_web",
    "hidden_told_shared",
    "hidden_more",
    *REMINDER_TEXTS,
    *TEXTS,
    *WIDGET_TEXTS,
    *CONTENT_TEXTS,
    *TELLING_TEXTS,
    *LISTENING_TEXTS,
)
FILLED_IN: dict[str, frozenset[str]] = {
    **REMINDER_TEXTS,
    **TEXTS,
    "hidden_told": frozenset({"what"}),
    "hidden_told_web": frozenset({"what"}),
    **WIDGET_TEXTS,
    **CONTENT_TEXTS,
    **TELLING_TEXTS,
    **LISTENING_TEXTS,
    "home_category": frozenset({"category"}),
    "prompt_program": frozenset({"name", "date"}),
    "prompt_program_message": frozenset({"name"}),
}


class Wording:
    """Texts by key, with values and facts of data/company.yml filled in."""

    def __init__(self, texts: dict[str, str], facts: Mapping[str, str] | None = None) -> None:
        self._texts = texts
        self._facts = facts or {}

    def say(self, key: str, **values: str) -> str:
        """Return the text of `key`."""
        return fill_in(self._texts[key], {**self._facts, **values}, where=key).strip()


def load_wording(data_dir: Path) -> Wording:
    """Read data/wording.yml.

    Raises:
        DataFileError: if a text is missing, there is one too many, or one has a placeholder
            that nobody fills in.
    """
    path = data_dir / "wording.yml"
    texts = read_yaml(path)
    facts = load_company_facts(data_dir) if (data_dir / "company.yml").exists() else {}
    for key in KEYS:
        if not isinstance(texts.get(key), str):
            raise DataFileError(f"{path}: the text “{key}” is missing.")
        unfilled = (
            set(PLACEHOLDER.findall(texts[key])) - FILLED_IN.get(key, frozenset()) - set(facts)
        )
        if unfilled:
            names = ", ".join(f"{{{name}}}" for name in sorted(unfilled))
            raise DataFileError(f"{path}: nothing is filled in for {names} in “{key}”.")
    if set(texts) - set(KEYS):
        unknown = ", ".join(sorted(str(key) for key in set(texts) - set(KEYS)))
        raise DataFileError(f"{path}: nobody says “{unknown}”; is it misspelled?")
    return Wording(texts, facts)
