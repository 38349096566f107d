"""Which texts of data/wording.yml the careers page says, and what each of them fills in."""

from __future__ import annotations

from bot.gateway.widget.refusals import REFUSALS

_QUESTION = frozenset({"question"})
_LINK = frozenset({"reference", "email", "link", "until"})
TEXTS: dict[str, frozenset[str]] = {
    **{f"widget_{code}": frozenset() for code in REFUSALS},
    "widget_form": frozenset(),
    "widget_form_done": frozenset({"reference"}),
    "widget_form_done_by": frozenset({"reference", "reply_by"}),
    "widget_added_enough": frozenset({"reference"}),
    "widget_add": frozenset({"reference"}),
    "widget_answer": _QUESTION,
    "widget_asked": _QUESTION,
    "widget_email_from": frozenset(),
    "widget_email_subject": frozenset(),
    "widget_email_hello": frozenset(),
    "widget_email_hello_name": frozenset({"name"}),
    "widget_email": frozenset({"link", "until"}),
    "widget_hr_link": _LINK,
    "widget_hr_link_failed": _LINK,
}
