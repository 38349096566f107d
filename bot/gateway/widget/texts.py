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
    **dict.fromkeys(
        (
            "tell_me_button",
            "tell_me_consent_hint",
            "tell_me_consent",
            "tell_me_submit",
            *(
                f"tell_me_page_{page}_title"
                for page in ("confirm", "confirmed", "stop", "stopped", "gone")
            ),
            "tell_me_page_confirm_button",
            "tell_me_page_stop_button",
            "tell_me_page_stopped",
            "tell_me_page_gone",
        ),
        frozenset(),
    ),
    **dict.fromkeys(
        (
            "tell_me_form",
            "tell_me_done",
            "tell_me_confirm_subject",
            "tell_me_open_subject",
            "tell_me_page_confirm",
            "tell_me_page_confirmed",
            "tell_me_page_stop",
        ),
        frozenset({"program"}),
    ),
    "tell_me_confirm_mail": frozenset({"program", "link", "stop"}),
    "tell_me_open_mail": frozenset({"program", "link", "stop", "until", "apply"}),
    "widget_hr_link": _LINK,
    "widget_hr_link_failed": _LINK,
}
