"""Which texts of data/wording.yml are said when people are told something."""

from __future__ import annotations

from bot.programs.catalogue_file import CATEGORIES
from bot.telling.audience import LATER_ON, NEVER

_NOTHING: frozenset[str] = frozenset()
_DATE = frozenset({"date"})
_BARE = """
    telling_gives telling_when telling_how telling_apply telling_read telling_more
    telling_before telling_knew telling_new telling_thanks_knew telling_thanks_new
    telling_later telling_not_for_me telling_stop telling_stopped telling_set_aside
    telling_only_a_test
    campaign_list campaign_none campaign_new campaign_show campaign_test
    campaign_pause campaign_go_on campaign_stop campaign_release
    campaign_is_draft campaign_is_waiting campaign_is_running campaign_is_paused
    campaign_is_stopped campaign_form_title campaign_intro campaign_title campaign_program
    campaign_program_hint campaign_message campaign_no_program campaign_text campaign_text_hint
    campaign_link campaign_employment_types campaign_job_families campaign_sites campaign_start
    campaign_end campaign_repeat campaign_once campaign_remind campaign_to_dry_run
    campaign_dry_run_title campaign_against campaign_preview campaign_begin campaign_test_sent
    campaign_started campaign_now_waits campaign_by_file campaign_by_colleague campaign_gone

    wishes_title wishes_categories wishes_stop wishes_begin wishes_stopped wishes_show_again
"""
_COUNT = frozenset({"count"})
_DAYS = frozenset({"days"})
TELLING_TEXTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_BARE.split(), _NOTHING),
    **{f"not_told_{reason}": _NOTHING for reason in NEVER},
    **{f"campaign_waits_{reason}": _COUNT for reason in LATER_ON},
    **{f"category_{category}": _NOTHING for category in CATEGORIES},
    **dict.fromkeys(
        ("campaign_told", "campaign_reached", "campaign_at_once", "wishes_set_aside"), _COUNT
    ),
    "wishes_intro": _COUNT,
    "campaign_from": _DATE,
    "campaign_until": _DATE,
    "campaign_repeats": _DAYS,
    "campaign_reminds": _DAYS,
    "campaign_only": frozenset({"who"}),
    "campaign_min_fte": frozenset({"fte"}),
    "campaign_min_months": frozenset({"months"}),
    "campaign_needs_second": frozenset({"most"}),
    "campaign_release_asked": frozenset({"title", "count", "who"}),
    "campaign_released": frozenset({"title"}),
    "telling_deadline": _DATE,
    "telling_again": _DATE,
    "telling_why": frozenset({"reasons"}),
    "telling_notes": frozenset({"notes"}),
}
