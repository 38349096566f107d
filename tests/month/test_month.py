"""A month of the product: what HR reads is true, and nobody was told more than they wanted.

Twenty people and forty questions. With HRBOT_TEST_FULL=1 three hundred and fifteen hundred.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest

from bot.faq.book import load_book
from bot.faq.live import LiveBook
from bot.sandbox.model import Message
from bot.sandbox.seed import HR_CHANNEL, HR_SENSITIVE_CHANNEL
from bot.settings import ROOT

from . import report
from .catalogue import catalogue, is_eligible
from .count import FEW, HOME, Count
from .house import open_house
from .month import (
    BEGINNING,
    DAYS,
    END,
    FIRST_DAY,
    FULL,
    NOTE,
    SMALL,
    STOP,
    STOPPED_TITLE,
    Month,
    Told,
    shown,
)
from .questions import subjects

IS_FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
WEEK = timedelta(days=7)
PROGRAM_OF = {
    "Tuition help for the spring term": "tuition-assistance",
    STOPPED_TITLE: "loan-repayment",
    "A year of learning to lead": "leadership-academy",
}
"""The campaigns of data/campaigns.yml that begin within the month, by title."""


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """Give a month that has been lived."""
    folder = tmp_path_factory.mktemp("month")
    with open_house(folder, BEGINNING) as house:
        lived = Month(house, FULL if IS_FULL else SMALL, folder, Random(9))
        lived.live_it()
        yield lived


@pytest.fixture(scope="module")
def tables(month: Month) -> dict[str, report.Rows]:
    """Give the report as HR downloads it."""
    return report.download(month.house.url)


@pytest.fixture(scope="module")
def count(month: Month) -> Count:
    """Give the figures, counted anew."""
    return counted(month)


def counted(month: Month) -> Count:
    """Count what the database holds."""
    book = load_book(ROOT / "data", ROOT / "domain.yml")
    LiveBook(book, month.house.database).refresh()
    return Count(month.house.file, FIRST_DAY, DAYS, END, book.title_of)


def everything_in_slack(month: Month) -> list[Message]:
    """Return every message that stands in Slack."""
    workspace = month.house.slack.workspace
    return [
        message
        for channel in workspace.channels.values()
        for message in workspace.seen_by(channel.members[0], channel.id)
    ]


def by_key(month: Month, beginning: str) -> Counter[str]:
    """Return how often each delivery stands in Slack, by the key that travels with it."""
    keys = [key_of(message) for message in everything_in_slack(month) if message.metadata]
    return Counter(key for key in keys if key.startswith(beginning))


def key_of(message: Message) -> str:
    """Return the key of the delivery that a message came with."""
    return message.metadata["event_payload"]["key"]


def told_by_person(month: Month) -> dict[str, list[Told]]:
    """Return what each person was told, in order."""
    found = defaultdict(list)
    for one in sorted(month.told, key=lambda one: one.at):
        found[one.user].append(one)
    return found


def title_of(one: Told) -> str:
    """Return what a message that nobody asked for is about."""
    return one.text.split(".")[0]


def after(month: Month, what: str) -> Iterator[tuple[Told, list[Told]]]:
    """Give each message to which somebody answered this, with what they were told later."""
    theirs = told_by_person(month)
    for one, tap in month.taps:
        if tap == what:
            yield one, [other for other in theirs[one.user] if other.at > one.at]


# What HR reads


@pytest.mark.parametrize("name", [name for name in report.TABLES if name != "themes"])
def test_each_table_equals_an_independent_count(
    count: Count, tables: dict[str, report.Rows], name: str
) -> None:
    assert tables[name] == getattr(count, name.replace("-", "_"))()


def test_no_table_tells_of_fewer_than_five_people(tables: dict[str, report.Rows]) -> None:
    for name in ("topics", "themes"):
        assert all(int(row[2]) >= FEW for row in tables[name])
    for row in tables["awareness"]:
        assert all(cell == "kept back" or not 0 < int(cell) < FEW for cell in row[1:5])
    if IS_FULL:
        assert tables["themes"]


def test_only_what_somebody_confirmed_is_solved(month: Month, count: Count) -> None:
    outcomes = Counter(row["outcome"] for row in count.asked)
    assert 0 < outcomes["solved"] <= month.helped
    assert outcomes["silent"] > outcomes["solved"]
    assert all(row["feedback"] is None for row in count.asked if row["outcome"] == "silent")


def test_hr_gets_a_report_every_week(month: Month) -> None:
    reports = by_key(month, "weekly_report:")
    assert set(reports.values()) == {1}
    assert len(reports) == DAYS // 7


# Who asks


def test_every_question_has_exactly_one_final_reply(month: Month, count: Count) -> None:
    taken_in = count.rows("inbox")
    assert {row["status"] for row in taken_in} == {"answered"}
    replies = by_key(month, "reply:")
    assert set(replies.values()) == {1}
    known = {f"reply:{row['turn_id']}" for row in taken_in}
    # Of what was sent without a name nothing is kept: the question, and “a person, please”.
    assert known <= set(replies)
    assert len(set(replies) - known) <= 2 * month.size.delicate
    mine = {key_of(month.reply(ask.user, message)) for ask, message in month.asked}
    assert len(mine) == len(month.asked) == month.size.questions
    assert mine <= set(replies)


def test_promoted_answers_serve_who_asks_later_and_nobody_before(month: Month) -> None:
    assert len(month.live) == month.size.subjects
    answers = {one.topic: one.answer for one in subjects()}
    later, served = 0, 0
    for ask, message in month.asked:
        if ask.subject is None:
            continue
        is_answered = answers[ask.subject] in shown(month.reply(ask.user, message))
        live_since = month.live.get(ask.subject)
        if live_since is None or ask.at < live_since:
            assert not is_answered
        else:
            later, served = later + 1, served + is_answered
    assert served > later * 0.75
    assert later > month.size.subjects


def test_a_draft_that_would_take_others_questions_is_refused_with_the_reason(month: Month) -> None:
    wide = [one for one in subjects()[: month.size.subjects] if one.question not in one.draft]
    assert set(month.refused) == {one.topic for one in wide}
    assert all("would then get this answer instead of" in why for why in month.refused.values())
    assert bool(wide) == IS_FULL


def test_hr_got_its_cases_and_its_notes_never_left(month: Month, count: Count) -> None:
    cases = count.rows("cases")
    if IS_FULL:
        assert len(cases) >= month.size.cases
    delicate = month.size.delicate
    assert sum(case["sensitive"] for case in cases) >= delicate
    assert sum(case["anonymous"] for case in cases) == delicate
    assert len(month.notes) >= 2
    for message in everything_in_slack(month):
        if message.channel not in (HR_CHANNEL, HR_SENSITIVE_CHANNEL):
            assert NOTE not in shown(message)
    assert not [row for row in count.rows("events") if NOTE in row["data"]]


def test_what_is_delicate_is_seen_by_whom_it_is_for(month: Month, count: Count) -> None:
    messages = everything_in_slack(month)
    in_open = " ".join(shown(m) for m in messages if m.channel == HR_CHANNEL)
    for case in count.rows("cases"):
        assert not (case["sensitive"] and case["question"] in in_open)
        if case["anonymous"]:
            card = month.house.slack.workspace.message(case["card_channel"], case["card_ts"])
            assert month.askers[case["id"]] not in shown(card)


# Who is told


def test_nobody_is_told_more_than_once_a_week(month: Month) -> None:
    assert len(month.told) > month.size.people
    for theirs in told_by_person(month).values():
        for one, other in itertools.pairwise(theirs):
            assert other.at - one.at >= WEEK


def test_nobody_is_told_in_the_quiet_hours_of_their_zone(month: Month) -> None:
    zones = {one.user: one.zone for one in month.staff}
    hours = {one.at.astimezone(zones[one.user]).hour for one in month.told}
    assert min(hours) >= 8
    assert max(hours) < 19


def test_nobody_is_told_anything_after_stop(month: Month) -> None:
    stopped = list(after(month, STOP))
    assert stopped
    assert [later for _, later in stopped if later] == []


def test_nobody_hears_again_of_what_is_not_for_them(month: Month) -> None:
    refused = list(after(month, "Not for me"))
    assert refused
    assert not [one for one, later in refused if title_of(one) in map(title_of, later)]


def test_who_wants_it_later_gets_it_a_week_later(month: Month) -> None:
    until = datetime(2026, 12, 15, tzinfo=HOME) - WEEK
    tuition = [
        (one, later)
        for one, later in after(month, "Remind me later")
        if title_of(one).startswith("Tuition help") and one.at < until
    ]
    assert tuition or not IS_FULL
    for one, later in tuition:
        again = [other.at - one.at for other in later if title_of(other) == title_of(one)]
        assert WEEK <= again[0] < WEEK + timedelta(days=2)


def test_each_occurrence_is_told_once_and_to_the_eligible_only(month: Month, count: Count) -> None:
    in_slack = by_key(month, "telling:")
    on_record = [
        row
        for row in count.rows("tellings")
        if row["status"] == "told" and row["means"] in ("campaign", "moment")
    ]
    assert in_slack == Counter(f"telling:{row['id']}" for row in on_record)
    assert len(month.told) == len(on_record)
    jobs = {one.user: one.job for one in month.staff}
    asked_again = {one.user for one, tap in month.taps if tap == "Remind me later"}
    told = Counter((one.user, one.text) for one in month.told if one.user not in asked_again)
    assert set(told.values()) == {1}
    for one in month.told:
        program = catalogue().get(PROGRAM_OF.get(title_of(one), ""))
        if program is not None:
            assert is_eligible(jobs[one.user], program, one.at.astimezone(HOME).date())
    assert {title_of(one) for one in month.told} > set(PROGRAM_OF)


def test_a_campaign_that_is_stopped_half_way_tells_nobody_more(month: Month) -> None:
    told = {one.user for one in month.told if title_of(one) == STOPPED_TITLE}
    assert 0 < len(told) < month.meant_for_stopped()
    assert all(
        one.at <= month.campaign_stopped_at for one in month.told if title_of(one) == STOPPED_TITLE
    )


def test_many_people_are_told_only_when_a_second_person_has_released_it(month: Month) -> None:
    reached = Counter(title_of(one) for one in month.told)
    many = [title for title in PROGRAM_OF if reached[title] > 50]
    assert month.released >= len(many)
    assert bool(many) == IS_FULL


def test_the_deadline_is_told_again_before_it_to_who_has_not_reacted(month: Month) -> None:
    reminders = [one for one in month.told if "you can apply until December 15" in one.text]
    assert reminders
    for one in reminders:
        assert date(2026, 12, 10) <= one.at.astimezone(HOME).date() <= date(2026, 12, 15)
    for tap in ("Apply", "Not for me", STOP):
        for one, later in after(month, tap):
            is_tuition = title_of(one).startswith("Tuition help")
            assert not (is_tuition and any(other in reminders for other in later))


def test_who_wants_to_be_reminded_a_week_before_is_once_by_day(month: Month, count: Count) -> None:
    zones = {one.user: one.zone for one in month.staff}
    asked = Counter(month.reminders)
    came: Counter[str] = Counter()
    for message in everything_in_slack(month):
        if message.is_from_bot and message.text.startswith("You asked me to remind you"):
            (user,) = set(month.house.slack.workspace.channel(message.channel).members) & set(zones)
            at = datetime.fromtimestamp(float(message.ts), zones[user])
            assert 8 <= at.hour < 19
            came[user] += 1
    assert came <= asked
    statuses = Counter(row["status"] for row in count.rows("program_reminders"))
    assert statuses["sent"] == sum(came.values())
    assert sum(came.values()) or not IS_FULL
