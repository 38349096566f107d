"""Who is told what, when and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from sqlalchemy import select

from bot.db.models import OutboxRow
from bot.telling import answers, campaigns
from bot.telling.audience import LATER, NOT_FOR_ME
from bot.telling.moments import Moment

from .conftest import House, spec

TUITION = ("p:robin", "tuition", "1")


def test_an_eligible_person_is_told_once_with_a_row_in_the_outbox(house: House) -> None:
    house.hire("robin")
    house.run(spec())
    assert house.tick() == [TUITION]
    assert house.days(20) == []
    with house.database.read() as session:
        (row,) = session.scalars(select(OutboxRow))
    (telling,) = house.tellings()
    assert (row.delivery_key, row.audience) == (f"telling:{telling.id}", "employee")
    assert (telling.means, telling.program_id) == ("campaign", "tuition-assistance")
    assert telling.asked_before


@pytest.mark.parametrize(
    "job",
    [
        {"employment_type": "per_diem"},
        {"fte": 0.3},
        {"hire_date": date(2026, 10, 1)},
        {"employment_type": None},
        {"is_outsider": True},
        {"is_deactivated": True},
    ],
)
def test_whom_it_is_not_for_is_not_told(house: House, job: dict[str, object]) -> None:
    house.hire("robin", **job)
    house.run(spec())
    assert house.tick() == []


def test_narrower_conditions_hold_beside_those_of_the_program(house: House) -> None:
    house.hire("robin")
    house.hire("casey", site="lakeview")
    house.hire("noel", site="lakeview", employment_type="per_diem")
    house.run(spec(conditions={"sites": ["lakeview"]}))
    assert house.tick() == [("p:casey", "tuition", "1")]


def test_who_becomes_eligible_while_it_runs_is_told_then(house: House) -> None:
    house.hire("robin", hire_date=date(2026, 6, 5))
    house.run(spec())
    assert house.tick() == []
    assert house.days(10) == [TUITION]
    # Six months are over on December 5; the night before is quiet.
    assert house.tellings()[0].created_at == datetime(2026, 12, 5, 14, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [(None, 14), ("America/New_York", 13), ("America/Los_Angeles", 16), ("Nowhere/At_All", 14)],
)
def test_nobody_is_told_in_quiet_hours_of_their_own_clock(
    house: House, zone: str | None, hour: int
) -> None:
    house.now = datetime(2026, 12, 1, 3, tzinfo=timezone.utc)
    house.hire("robin", zone=zone)
    house.run(spec())
    assert house.tick() == []
    assert house.days(1) == [TUITION]
    assert house.tellings()[0].created_at.hour == hour


def test_it_begins_and_ends_on_its_days_by_the_houses_clock(house: House) -> None:
    house.hire("robin")
    house.run(spec(starts_on=date(2026, 12, 2), ends_on=date(2026, 12, 2)))
    assert house.tick() == []
    assert house.days(3) == [TUITION]
    assert house.tellings()[0].created_at.date() == date(2026, 12, 2)
    house.hire("casey")
    assert house.days(2) == []


def test_one_message_a_week_over_all_campaigns(house: House) -> None:
    house.hire("robin")
    house.run(spec(), spec("loans", program_id="loan-repayment"), spec("hello", program_id=None))
    told = [*house.tick(), *house.days(30)]
    assert sorted(source for _, source, _ in told) == ["hello", "loans", "tuition"]
    times = [one.told_at for one in house.tellings()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= timedelta(days=7)


def test_the_cap_is_a_setting(house: House) -> None:
    house.limits = replace(house.limits, a_week=2)
    house.hire("robin")
    house.run(spec(), spec("loans", program_id="loan-repayment"), spec("hello", program_id=None))
    assert len(house.tick()) == 2


def test_no_more_wait_to_leave_than_a_minute_takes(house: House) -> None:
    house.limits = replace(house.limits, a_minute=2, second_person_above=None)
    for name in ("robin", "casey", "noel"):
        house.hire(name)
    house.run(spec())
    assert len(house.tick(arrives=False)) == 2
    assert house.tick() == []
    for name in ("p:robin", "p:casey", "p:noel"):
        if any(one.person_id == name for one in house.tellings()):
            house.change(name, status="told")
    assert len(house.tick()) == 1


def test_who_has_not_reacted_is_told_again(house: House) -> None:
    for name in ("robin", "casey", "noel"):
        house.hire(name)
    house.run(spec(repeat_days=14))
    house.tick()
    house.change("p:casey", clicked_at=house.now)
    house.change("p:noel", response=NOT_FOR_ME)
    assert house.days(20) == [("p:robin", "tuition", "2")]


def test_a_program_told_of_lately_is_not_told_by_another_campaign(house: House) -> None:
    house.hire("robin")
    house.run(spec(), spec("again"))
    assert [*house.tick(), *house.days(20)] == [("p:robin", "again", "1")]


def test_a_deadline_is_reminded_of_where_nobody_has_reacted(house: House) -> None:
    house.hire("robin")
    house.hire("casey")
    house.run(spec(reminder_days=(5,)))
    house.tick()
    house.change("p:casey", clicked_at=house.now)
    # The window closes on December 15.
    assert house.days(20) == [("p:robin", "tuition", "deadline:2026-12-15:5")]
    assert house.tellings()[-1].created_at.date() == date(2026, 12, 10)
    assert not house.tellings()[-1].asked_before


def test_remind_me_later_comes_back_once(house: House) -> None:
    house.hire("robin")
    house.run(spec())
    house.tick()
    number = house.tellings()[0].id
    house.change("p:robin", response=LATER, again_on=date(2026, 12, 9))
    assert house.days(25) == [("p:robin", "tuition", f"later:{number}")]
    assert house.tellings()[-1].created_at.date() == date(2026, 12, 9)


def test_after_stop_nothing_comes_until_they_want_it_again(house: House) -> None:
    house.hire("robin")
    house.run(spec(), spec("loans", program_id="loan-repayment"))
    house.tick()
    with house.database.write() as session:
        answers.stop(session, "p:robin", house.now)
    assert house.days(10) == []
    with house.database.write() as session:
        answers.begin_again(session, "p:robin", house.now)
    assert len(house.days(1)) == 1


def test_a_category_that_is_switched_off_is_left_out(house: House) -> None:
    house.hire("robin")
    house.run(spec(), spec("loans", program_id="loan-repayment"))
    with house.database.write() as session:
        answers.choose_categories(session, "p:robin", ["pay"], ["education", "pay"], house.now)
    assert [*house.tick(), *house.days(9)] == [("p:robin", "loans", "1")]


def test_a_program_that_is_set_aside_is_not_told_by_anything(house: House) -> None:
    house.hire("robin")
    house.run(spec("first"))
    house.tick()
    house.change("p:robin", response=NOT_FOR_ME)
    house.now += timedelta(days=60)
    house.run(spec("first"), spec("second", ends_on=None))
    assert house.tick() == []
    with house.database.write() as session:
        answers.show_again(session, "p:robin")
    assert house.tick() == [("p:robin", "second", "1")]


BUDDY = Moment("buddy", "A buddy", "after_hire", "Hello.", days=7, program_id="first-year-buddy")
HELLO = Moment("hello", "Welcome", "after_hire", "Hello.", within_days=3)
GROWN = Moment("grown", "School", "becomes_eligible", "Yes.", program_id="tuition-assistance")
LICENSE = Moment("license", "License", "before_license_expires", "Soon.", days=60, within_days=30)
REVIEW = Moment("review", "Review", "before_review", "Soon.", days=21)


def test_a_new_hire_is_welcomed_and_followed_through_the_first_weeks(house: House) -> None:
    house.moments = (BUDDY, HELLO)
    house.hire("robin", hire_date=date(2026, 11, 30))
    house.hire("casey", hire_date=date(2026, 11, 20))
    told = [*house.tick(), *house.days(31)]
    assert told == [
        ("p:casey", "buddy", "2026-11-27"),
        ("p:robin", "hello", "2026-11-30"),
        ("p:robin", "buddy", "2026-12-07"),
    ]


def test_a_license_and_a_review_are_thought_of_where_their_dates_are_known(house: House) -> None:
    house.moments = (LICENSE, REVIEW)
    house.hire("robin", license_expires=date(2027, 2, 10))
    house.hire("casey", next_review=date(2027, 1, 4))
    house.hire("noel")
    assert house.tick() == []
    assert house.days(30) == [
        ("p:robin", "license", "2026-12-12"),
        ("p:casey", "review", "2026-12-14"),
    ]


def test_becoming_eligible_is_a_moment_for_those_who_really_are(house: House) -> None:
    house.moments = (GROWN,)
    house.hire("robin", hire_date=date(2026, 6, 5))
    house.hire("casey", hire_date=date(2026, 6, 5), fte=0.2)
    house.hire("noel", hire_date=date(2020, 6, 5))
    assert house.days(20) == [("p:robin", "grown", "tuition-assistance:2026-12-05")]


def test_a_moment_comes_before_a_campaign_and_the_campaign_a_week_later(house: House) -> None:
    house.moments = (HELLO,)
    house.hire("robin", hire_date=date(2026, 11, 30))
    house.run(spec(program_id=None, text="Hello."))
    assert [*house.tick(), *house.days(8)] == [("p:robin", "hello", "2026-11-30"), TUITION]


def test_a_paused_campaign_takes_back_what_waits_and_goes_on_without_telling_twice(
    house: House,
) -> None:
    house.hire("robin")
    house.hire("casey")
    house.run(spec())
    house.tick(arrives=False)
    house.change("p:robin", status="told", told_at=house.now)
    with house.database.write() as session:
        first = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
        told = next(row for row in first if row.payload["person"] == "p:robin")
        told.status = "sent"
        campaigns.pause(session, session.merge(house.campaign()))
    assert [one.person_id for one in house.tellings()] == ["p:robin"]
    assert house.tick() == []
    with house.database.write() as session:
        campaigns.go_on(session.merge(house.campaign()))
    assert house.tick() == [("p:casey", "tuition", "1")]


def test_a_stopped_campaign_leaves_nothing_to_send(house: House) -> None:
    house.hire("robin")
    house.run(spec())
    house.tick(arrives=False)
    with house.database.write() as session:
        campaigns.stop(session, session.merge(house.campaign()), house.now)
    (telling,) = house.tellings()
    with house.database.read() as session:
        (row,) = session.scalars(select(OutboxRow))
    assert (telling.status, row.status) == ("withdrawn", "cancelled")
    assert house.days(2) == []
