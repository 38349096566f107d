"""The report in a few lines for Slack: what HR sees every week, and when it asks for it."""

from __future__ import annotations

from collections.abc import Callable

from bot.desk.mrkdwn import escape
from bot.desk.views import Block, Say, context, header, sections
from bot.listening.outcomes import OUTCOMES
from bot.listening.report import Report
from bot.listening.tables import (
    OUTCOME_TITLES,
    count_text,
    duration_text,
    group_text,
    outcome_shares,
    share_text,
    trend,
)
from bot.programs.terms import day_text

LISTED_AT_MOST = 3


def summary(
    report: Report, title_of: Callable[[str], str], link: str, say: Say
) -> tuple[str, list[Block]]:
    """Return fallback text and blocks.

    Args:
        title_of: gives the title of a topic by its id.
        link: where the whole report is; empty: nowhere.
    """
    weeks = report.weeks
    title = say("report_title", since=day_text(weeks.since), until=day_text(weeks.last_day))
    blocks = [header(title)]
    if report.asked.all.count == 0:
        blocks += sections(escape(say("report_nothing")))
    else:
        blocks += [*_questions(report, say), *_waiting(report, say), *_lists(report, title_of, say)]
    blocks.append(context(escape(say("report_small_print"))))
    if link:
        blocks += sections(f"<{link}?weeks={weeks.count}|{escape(say('report_link'))}>")
    return title, blocks


def _questions(report: Report, say: Say) -> list[Block]:
    asked = say(
        "report_questions",
        count=group_text(report.asked.all),
        before=group_text(report.asked_before.all),
    )
    shares = outcome_shares(report)
    lines = [f"• {OUTCOME_TITLES[name]}: {share_text(shares[name])}" for name in OUTCOMES]
    return sections(f"*{escape(asked)}*\n" + escape("\n".join(lines)))


def _waiting(report: Report, say: Say) -> list[Block]:
    cases = report.cases
    if not cases.cases.count:
        return []
    told = say(
        "report_waiting",
        cases=group_text(cases.cases),
        first=duration_text(cases.first_reply.usual),
        answer=duration_text(cases.answer.usual),
        in_time=share_text(cases.first_reply_in_time),
        satisfied=share_text(cases.satisfied),
    )
    return sections(escape(told))


def _lists(report: Report, title_of: Callable[[str], str], say: Say) -> list[Block]:
    themes = [
        f"{theme.name}: {count_text(theme.count)}, {trend(theme)}"
        for theme in (report.themes or [])[:LISTED_AT_MOST]
    ]
    unhelpful = [
        f"{title_of(topic.topic)}: {share_text(topic.not_helped)}"
        for topic in report.not_helpful[:LISTED_AT_MOST]
    ]
    known = [
        say(
            "report_known",
            program=one.name,
            before=share_text(one.knew_before),
            now=share_text(one.know_now),
        )
        for one in report.awareness
        if one.told
    ][:LISTED_AT_MOST]
    overdue = [item.title for item in report.out_of_date[:LISTED_AT_MOST]]
    quiet = [program.name for program in report.quiet_programs[:LISTED_AT_MOST]]
    return [
        block
        for key, lines in (
            ("report_themes", themes),
            ("report_unhelpful", unhelpful),
            ("report_awareness", known),
            ("report_quiet", quiet),
            ("report_overdue", overdue),
        )
        if lines
        for block in sections(
            f"*{escape(say(key))}*\n" + escape("\n".join(f"• {x}" for x in lines))
        )
    ]
