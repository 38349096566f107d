"""The texts of data/wording.yml that the report in Slack needs, with what is filled in."""

from __future__ import annotations

LISTENING_TEXTS: dict[str, frozenset[str]] = {
    "report_title": frozenset({"since", "until"}),
    "report_nothing": frozenset(),
    "report_questions": frozenset({"count", "before"}),
    "report_waiting": frozenset({"cases", "first", "answer", "in_time", "satisfied"}),
    "report_themes": frozenset(),
    "report_unhelpful": frozenset(),
    "report_awareness": frozenset(),
    "report_known": frozenset({"program", "before", "now"}),
    "report_quiet": frozenset(),
    "report_overdue": frozenset(),
    "report_small_print": frozenset(),
    "report_link": frozenset(),
}
