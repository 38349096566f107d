"""The report as tables of words, as the page shows them and as they are downloaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.listening.intervals import Share
from bot.listening.outcomes import OUTCOMES, Group, shown
from bot.listening.report import Report
from bot.listening.themes import Theme
from bot.listening.waiting import QueueFigures, Waited
from bot.privacy.suppression import LEAST_GROUP, hidden_among, is_group

HIDDEN = "kept back"
NOBODY_YET = "–"
"""Stands where a figure could tell on somebody."""
TOPICS_AT_MOST = 20
THEMES_AT_MOST = 20
OUTCOME_TITLES = {
    "solved": "Confirmed solved",
    "silent": "Answered, nothing said",
    "came_back": "Came back",
    "handed_over": "Handed over to HR",
    "unanswered": "No answer",
}


@dataclass(frozen=True)
class Table:
    """A table with a heading, what it means in a sentence or two, and what to say if it is empty.

    The first column names the row. `name` is that of its file.
    """

    name: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "Nothing to show for these weeks."


def tables(report: Report, title_of: Callable[[str], str]) -> list[Table]:
    """Return all tables of a report.

    Args:
        title_of: gives the title of a topic by its id.
    """
    return [
        _outcomes(report),
        _weeks(report),
        _queues(report),
        _themes(report),
        _not_helpful(report, title_of),
        _topics(report, title_of),
        _awareness(report),
        _quiet_programs(report),
        _out_of_date(report),
    ]


def percent(share: float) -> str:
    """Return a share as people read it: `62 %`."""
    return f"{share * 100:.0f} %"


def share_text(share: Share | None) -> str:
    """Return a share with its interval: `62 % (54–70)`."""
    if share is None:
        return HIDDEN
    low, high = share.interval
    return f"{percent(share.value)} ({low * 100:.0f}–{high * 100:.0f})"


def count_text(count: int | None) -> str:
    """Return a count, or that it is kept back."""
    return HIDDEN if count is None else str(count)


def group_text(group: Group) -> str:
    """Return how many, if they are none or by enough people."""
    return count_text(group.count if is_group(group.people) or not group.people else None)


def outcome_counts(report: Report) -> dict[str, int | None]:
    """Return the count of each outcome, None where it is kept back."""
    if not is_group(report.asked.all.people):
        return dict.fromkeys(OUTCOMES)
    return report.asked.shown()


def outcome_shares(report: Report) -> dict[str, Share | None]:
    """Return the share of each outcome in all questions, None where it is kept back."""
    total = report.asked.all.count
    return {
        name: None if count is None else Share(count, total)
        for name, count in outcome_counts(report).items()
    }


def duration_text(duration: timedelta | None) -> str:
    """Return a duration in hours and minutes: `3 h 12 min`."""
    if duration is None:
        return HIDDEN
    hours, minutes = divmod(round(duration.total_seconds() / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def day_text(day: date | None) -> str:
    """Return a day as tables have it: `2026-11-23`."""
    return day.isoformat() if day else "–"


def _outcomes(report: Report) -> Table:
    counts = outcome_counts(report)
    before = report.asked_before.shown()
    shares = outcome_shares(report)
    rows = [
        (
            OUTCOME_TITLES[name],
            count_text(counts[name]),
            share_text(shares[name]),
            count_text(before[name]),
        )
        for name in OUTCOMES
    ]
    everything = (
        "All questions",
        group_text(report.asked.all),
        "",
        group_text(report.asked_before.all),
    )
    return Table(
        "outcomes",
        "What became of the questions",
        "Solved is only what somebody confirmed. Who says nothing may be content or have given up. "
        "Came back: it didn't help, or the same was asked again within a week. Groups of fewer "
        f"than {LEAST_GROUP} people are kept back, and one more, so that they can't be worked out. "
        "Sensitive and anonymous conversations are in no figure.",
        ("Outcome", "Questions", "Share (95 % interval)", "Weeks before"),
        (*rows, everything) if report.asked.all.count else (),
        "Nobody has asked anything in these weeks.",
    )


def _weeks(report: Report) -> Table:
    hidden = hidden_among({week: group.people for week, group in report.by_week})
    rows = [
        (day_text(week), count_text(None if week in hidden else group.count))
        for week, group in report.by_week
    ]
    return Table(
        "weeks",
        "Questions by week",
        "Each week begins on the Monday named.",
        ("Week from", "Questions"),
        tuple(rows),
    )


def _queues(report: Report) -> Table:
    cases = shown({queue.name: queue.cases for queue in report.queues})
    return Table(
        "queues",
        "How long people waited for HR",
        "In service time, which passes only while a queue is open; half waited at most the usual "
        "time, nine of ten the long one. In time: of the questions whose deadline is over or was "
        "kept. Satisfied: 4 or 5 of 5.",
        (
            "Queue",
            "Cases",
            "First reply, usual",
            "First reply, long",
            "Answer, usual",
            "Answer, long",
            "First reply in time",
            "Resolved in time",
            "Satisfied",
            "Mean score",
        ),
        tuple(
            _queue(queue, cases.get(queue.name, queue.cases.count))
            for queue in [*report.queues, report.cases]
            if queue.cases.count
        ),
        "No cases were opened in these weeks.",
    )


def _queue(queue: QueueFigures, cases: int | None) -> tuple[str, ...]:
    if not is_group(queue.cases.people):
        cases = None
    return (
        queue.title,
        count_text(cases),
        *_waited(queue.first_reply),
        *_waited(queue.answer),
        share_text(queue.first_reply_in_time),
        share_text(queue.resolved_in_time),
        share_text(queue.satisfied),
        HIDDEN if queue.mean_score is None else f"{queue.mean_score:.1f}",
    )


def _waited(waited: Waited) -> tuple[str, str]:
    return duration_text(waited.usual), duration_text(waited.long)


def _themes(report: Report) -> Table:
    rows = [
        (theme.name, str(theme.count), str(theme.people), count_text(theme.before), trend(theme))
        for theme in (report.themes or [])[:THEMES_AT_MOST]
    ]
    return Table(
        "themes",
        "Asked often, no answer",
        f"Questions that belong together, by at least {LEAST_GROUP} people, named by the most "
        "typical of them.",
        ("Theme", "Questions", "People", "Weeks before", "Trend"),
        tuple(rows),
        "The assistant can't be asked for themes now; try again in a minute."
        if report.themes is None
        else f"No theme without an answer was asked about by {LEAST_GROUP} people or more.",
    )


def trend(theme: Theme) -> str:
    """Return whether more is asked than in the weeks before, in a word."""
    if theme.before == 0:
        return "new"
    if theme.before is None or theme.count > theme.before:
        return "more"
    return "less" if theme.count < theme.before else "as before"


def _not_helpful(report: Report, title_of: Callable[[str], str]) -> Table:
    rows = [
        (title_of(topic.topic), str(topic.not_helped.of), share_text(topic.not_helped))
        for topic in report.not_helpful[:TOPICS_AT_MOST]
    ]
    return Table(
        "not-helpful",
        "Answered but not helpful",
        f"Topics of which at least {LEAST_GROUP} people said that the answer didn't help, and "
        "their share of those who said anything.",
        ("Topic", "Said something", "Not helped (95 % interval)"),
        tuple(rows),
        f"No answer was called unhelpful by {LEAST_GROUP} people or more.",
    )


def _topics(report: Report, title_of: Callable[[str], str]) -> Table:
    rows = [
        (title_of(topic.topic), str(topic.asked.count), str(topic.asked.people))
        for topic in report.topics[:TOPICS_AT_MOST]
    ]
    return Table(
        "topics",
        "Asked most",
        f"Topics that at least {LEAST_GROUP} people asked about.",
        ("Topic", "Questions", "People"),
        tuple(rows),
    )


def _awareness(report: Report) -> Table:
    rows = [
        (
            one.name,
            *(count_text(count) for count in (one.eligible, one.told, one.asked, one.clicked)),
            NOBODY_YET if one.told == 0 else share_text(one.knew_before),
            NOBODY_YET if one.eligible == 0 else share_text(one.know_now),
        )
        for one in report.awareness
        if one.told != 0 or one.asked != 0
    ]
    return Table(
        "awareness",
        "Who knows of the programs",
        "People, from the beginning up to the last of these weeks. Knew before: of those who "
        "answered “did you know this before?”. Know now: of the eligible, who has been told or has "
        "asked.",
        ("Program", "Eligible", "Told", "Asked", "Clicked to apply", "Knew before", "Know now"),
        tuple(rows),
        "Nobody has been told or has asked of a program yet.",
    )


def _quiet_programs(report: Report) -> Table:
    rows = [
        (program.name, f"fewer than {LEAST_GROUP}" if program.askers else "nobody")
        for program in report.quiet_programs
    ]
    return Table(
        "quiet-programs",
        "Programs nobody asks about",
        f"Offered, but asked about by fewer than {LEAST_GROUP} people.",
        ("Program", "Asked"),
        tuple(rows),
        f"Every program was asked about by {LEAST_GROUP} people or more."
        if report.programs
        else "The catalogue has no programs.",
    )


def _out_of_date(report: Report) -> Table:
    rows = [
        (item.title, item.owner, day_text(item.reviewed), day_text(item.due))
        for item in report.out_of_date
    ]
    return Table(
        "out-of-date",
        "Out of date",
        "Answers and programs whose day for a check is over, the longest overdue first.",
        ("Title", "Owner", "Last checked", "Was due"),
        tuple(rows),
        "Everything has been checked in time.",
    )
