"""Which texts of data/wording.yml are said about answers for others and about editing."""

from __future__ import annotations

_NOTHING: frozenset[str] = frozenset()
_BARE = """
    modal_share modal_share_label
    draft_title draft_intro draft_near draft_near_hint draft_questions draft_questions_hint
    draft_topic draft_new draft_new_topic draft_likely draft_use draft_use_keep draft_use_replace
    draft_new_title draft_category draft_answer draft_answer_hint draft_audience draft_owner
    draft_link draft_review draft_submit draft_not_checked draft_needs_title draft_needs_category
    audience_employee audience_candidate audience_both
    promotion_waiting promotion_live promotion_sent_back promotion_withdrawn
    promotion_questions promotion_answer promotion_keeps promotion_topic promotion_for
    promotion_owner promotion_review promotion_by promotion_decided promotion_remark
    button_approve button_send_back button_take_back button_revise button_answer_all
    send_back_label card_nobody_waits
    content_words content_found content_nothing kind_answer kind_program button_edit_content
    content_title content_submit content_text content_text_hint content_summary
    content_gives_text content_eligibility_notes content_how_to_apply content_audience
    content_source content_owner content_contact content_link content_reviewed content_review_by
    content_history_title content_no_history content_before content_since content_nothing_there
    content_saved content_undone button_history button_undo
    cause_promoted cause_edited cause_checked cause_undone cause_withdrawn
    review_intro review_never button_still_right review_gone digest_reviews
"""
_REFERENCE = frozenset({"reference"})
_QUESTION = frozenset({"question", "topic"})
CONTENT_TEXTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_BARE.split(), _NOTHING),
    **dict.fromkeys(
        (
            "draft_steals",
            "draft_is_crisis",
            "draft_is_sensitive",
            "draft_is_answered",
            "draft_not_found",
        ),
        _QUESTION,
    ),
    "draft_how_many": frozenset({"most"}),
    "draft_too_long": frozenset({"most"}),
    "review_due": frozenset({"title", "kind", "date", "due"}),
    "review_more": frozenset({"count"}),
    "review_line": frozenset({"title", "date"}),
    "review_done": frozenset({"title", "who"}),
    "answer_overdue": frozenset({"date"}),
    "promoted_source": frozenset({"queue"}),
    "send_back_title": _REFERENCE,
    "promotion_came_back": _REFERENCE,
    "offer_cases": frozenset({"reference", "count"}),
    "offer_answered": frozenset({"reference", "cases"}),
}
