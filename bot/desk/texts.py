"""Which texts of data/wording.yml the desk says, and what each of them fills in."""

from __future__ import annotations

from bot.desk.modals import SNOOZES
from bot.desk.reminders import FIRST_REPLY, OVERDUE, RESOLUTION, SOON
from bot.desk.work import REASONS
from bot.privacy.redaction import KINDS

_NOTHING: frozenset[str] = frozenset()
_REFERENCE = frozenset({"reference"})
_WHO = frozenset({"who"})

_BARE = """
    status_open status_claimed status_answered status_resolved
    card_from card_anonymous card_erased card_topic card_no_topic card_asked card_status card_nobody
    card_thread_link card_additions card_questions card_notes card_answer
    state_open state_withdrawn state_waiting
    button_claim button_answer button_resolve button_note button_assign button_ask_back
    button_move button_snooze button_insert button_preview button_reply button_add button_edit
    button_withdraw button_restore button_details button_show button_earlier button_later
    modal_cancel modal_close modal_back modal_nearest modal_answer_label modal_answer_hint
    modal_answer_submit modal_insert_too_long modal_preview_title modal_preview_hint
    modal_preview_empty modal_too_late_label modal_too_late_submit modal_ask_label modal_ask_hint
    modal_ask_submit modal_note_label modal_note_hint modal_note_submit modal_assign_label
    modal_assign_submit modal_move_label modal_move_submit modal_move_nowhere
    modal_resolve_label modal_resolve_hint modal_resolve_submit modal_snooze_label
    modal_snooze_date modal_snooze_submit modal_snooze_no_date modal_not_opened
    case_question case_yes case_no case_asked_how case_still case_solved case_not_solved
    csat_question csat_1 csat_2 csat_3 csat_4 csat_5
    add_label add_hint add_submit edit_label edit_submit own_cases own_cases_anonymous
    anonymous_in_public not_allowed not_hr
    add_nothing_open add_needs_text
    desk_help desk_nothing desk_search_words desk_no_such desk_open desk_mine desk_breached
    desk_search
    queue_title queue_none queue_mine queue_others history_title
    event_opened event_claimed event_answered event_asked_back event_noted event_added
    event_edited event_took_out event_withdrawn event_helpful event_reopened event_woke
    event_restored event_looked event_erased
    event_by_asker
    event_by_system
    reason_erased
    restore_hint restore_submit details_hint details_none
    tell_hr_button tell_hr_title tell_hr_text tell_hr_hint tell_hr_name tell_hr_named
    tell_hr_anonymous tell_hr_send tell_hr_empty
"""
_ABOUT_A_CASE = """
    modal_answer_title modal_ask_title modal_note_title modal_assign_title modal_move_title
    modal_resolve_title modal_snooze_title
    anonymous_after_name
    case_opened case_opened_anonymously case_answer case_asked case_closed case_followup
    case_thanks case_reopened case_added case_edited case_withdrawn case_rated
    thread_reopened thread_added thread_edited thread_note thread_assigned thread_woke
    thread_restored case_restored
    feedback_opened feedback_opened_anonymously card_feedback
    add_title edit_title restore_title details_title
"""
_BY_THE_CLOCK: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("reminder_intro", "digest_overdue", "digest_due_today", "digest_oldest"), _NOTHING
    ),
    **{
        f"reminder_{deadline}_{stage}": frozenset({"case", "time"})
        for deadline in (FIRST_REPLY, RESOLUTION)
        for stage in (SOON, OVERDUE)
    },
    "reminder_unclaimed": frozenset({"line"}),
    "digest_title": frozenset({"queue"}),
    "digest_counts": frozenset({"open", "unclaimed", "due_today", "overdue"}),
    "digest_since": frozenset({"new", "finished"}),
    "digest_line": frozenset({"case", "topic", "date"}),
    "digest_no_topic": _NOTHING,
    "and_more": frozenset({"count"}),
    "card_elsewhere": frozenset({"queue", "channel"}),
    "channel_fails": frozenset({"queue", "channel", "reason"}),
    "channel_alarm": frozenset({"queue", "reason"}),
}
TEXTS: dict[str, frozenset[str]] = {
    **_BY_THE_CLOCK,
    **dict.fromkeys(_BARE.split(), _NOTHING),
    **dict.fromkeys(_ABOUT_A_CASE.split(), _REFERENCE),
    **{f"reason_{reason}": _NOTHING for reason in REASONS},
    **{f"hidden_{kind}": _NOTHING for kind in KINDS},
    **{f"case_closed_{reason}": _REFERENCE for reason in REASONS},
    **{f"snooze_{until}": _NOTHING for until in SNOOZES},
    **{f"state_{status}": _WHO for status in ("claimed", "answered", "resolved")},
    **{
        f"asker_{state}": frozenset({"reference", "asked"})
        for state in ("open", "claimed", "waiting", "moved", "answered", "resolved", "withdrawn")
    },
    "state_resolved_because": frozenset({"who", "reason"}),
    "state_snoozed": frozenset({"until"}),
    "card_moved": frozenset({"reference", "queue"}),
    "card_earlier": frozenset({"count"}),
    "card_stale": frozenset({"reference", "state"}),
    "modal_too_late": frozenset({"reference", "who"}),
    "modal_not_a_member": _NOTHING,
    "asker_due": frozenset({"due"}),
    "desk_found": frozenset({"title", "count"}),
    "event_assigned": frozenset({"to"}),
    "event_moved": frozenset({"of", "to"}),
    "event_resolved": frozenset({"reason"}),
    "event_snoozed": frozenset({"until"}),
    "event_rated": frozenset({"score"}),
    "added_undo_hint": _NOTHING,
    "card_candidate": _NOTHING,
    "card_candidate_named": frozenset({"name"}),
    "button_not_for_hr": _NOTHING,
}
