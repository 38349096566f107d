"""From draft to end: the file, the second person, what is refused; the dry run's figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from bot.db.models import Employee, OutboxRow
from bot.db.telling import Campaign
from bot.telling import answers, campaigns
from bot.telling.audience import NOT_FOR_ME
from bot.telling.campaigns import CampaignError
from bot.telling.dry_run import DryRun, dry_run

from .conftest import House, spec


def asked(house: House) -> list[str]:
    """Return the campaigns for which a second person was asked."""
    with house.database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == campaigns.RELEASE))
        return [row.payload["campaign"] for row in rows]


def look(house: House, name: str = "tuition") -> DryRun:
    with house.database.read() as session:
        return dry_run(session, session.get(Campaign, name), house.limits, house.now)


def crowd(house: House, count: int) -> None:
    for number in range(count):
        house.hire(f"one{number}")


def test_the_file_is_taken_once_and_its_changes_again(house: House) -> None:
    house.hire("robin")
    with house.database.write() as session:
        given = (session, [spec()], house.now)
        assert campaigns.bring_in(*given) == 1
        assert campaigns.bring_in(*given) == 0
        changed = [spec(title="Another title")]
        assert campaigns.bring_in(session, changed, house.now) == 1
    assert (house.campaign().title, house.campaign().status) == ("Another title", "running")


def test_what_leaves_the_file_is_stopped_and_what_comes_back_runs(house: House) -> None:
    house.run(spec())
    house.run()
    assert house.campaign().status == "stopped"
    house.run(spec(title="Again"))
    assert house.campaign().status == "running"


def test_a_pause_outlives_a_restart(house: House) -> None:
    house.run(spec())
    with house.database.write() as session:
        campaigns.pause(session, session.get(Campaign, "tuition"))
    house.run(spec())
    assert house.campaign().status == "paused"


@pytest.mark.parametrize(("people", "status"), [(2, "running"), (3, "waiting")])
def test_above_the_limit_it_waits_for_a_second_person(
    house: House, people: int, status: str
) -> None:
    house.limits = replace(house.limits, second_person_above=2)
    crowd(house, people)
    house.run(spec())
    assert len(house.tick()) == (people if status == "running" else 0)
    assert house.campaign().status == status
    assert asked(house) == (["tuition"] if status == "waiting" else [])


def test_a_second_person_is_asked_before_it_begins(house: House) -> None:
    house.limits = replace(house.limits, second_person_above=2)
    crowd(house, 3)
    house.run(spec(starts_on=date(2026, 12, 7)))
    house.tick()
    assert asked(house) == ["tuition"]
    with house.database.write() as session:
        campaigns.release(session.get(Campaign, "tuition"), "p:one0", house.now)
    assert house.days(5) == []
    assert len(house.days(3)) == 3


def test_one_that_comes_to_reach_more_is_held_before_it_does(house: House) -> None:
    house.limits = replace(house.limits, second_person_above=2)
    crowd(house, 2)
    house.run(spec())
    house.hire("robin")
    assert house.tick() == []
    assert asked(house) == ["tuition"]
    with house.database.write() as session:
        campaigns.release(session.get(Campaign, "tuition"), "p:one0", house.now)
    assert len(house.tick()) == 3
    house.hire("casey")
    assert len(house.tick()) == 1
    assert asked(house) == ["tuition"]


def test_who_has_been_told_counts_too(house: House) -> None:
    house.limits = replace(house.limits, second_person_above=2)
    crowd(house, 2)
    house.run(spec())
    assert len(house.tick()) == 2
    house.hire("robin")
    assert house.tick() == []
    assert house.campaign().status == "waiting"


def test_whoever_made_it_cant_release_it(house: House) -> None:
    house.limits = replace(house.limits, second_person_above=0)
    house.hire("sam")
    house.hire("dana")
    with house.database.write() as session:
        campaign = campaigns.draft(session, spec(), house.now, "p:sam")
        campaigns.submit(session, campaign, 1, house.limits, house.now)
        with pytest.raises(CampaignError, match="somebody else"):
            campaigns.release(campaign, "p:sam", house.now)
        campaigns.release(campaign, "p:dana", house.now)
        with pytest.raises(CampaignError, match="doesn't wait"):
            campaigns.release(campaign, "p:dana", house.now)
    assert house.campaign().releaser_id == "p:dana"


def test_no_second_person_where_the_setting_asks_for_none(house: House) -> None:
    house.limits = replace(house.limits, second_person_above=None)
    crowd(house, 60)
    house.run(spec())
    assert len(house.tick()) == 60


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"program_id": "gone"}, "isn't in the catalogue"),
        ({"program_id": "pharmacy-residency"}, "is for candidates"),
        ({"program_id": None}, "write a message"),
        ({"program_id": "referral-bonus", "reminder_days": (3,)}, "with a deadline"),
        ({"ends_on": date(2026, 11, 29)}, "last day"),
    ],
)
def test_what_is_impossible_is_refused(house: House, values: dict[str, object], part: str) -> None:
    with house.database.write() as session, pytest.raises(CampaignError, match=part):
        campaigns.draft(session, spec(**values), house.now, "p:sam")


def test_only_what_runs_is_paused_and_only_what_is_paused_goes_on(house: House) -> None:
    house.run(spec())
    with house.database.write() as session:
        campaign = session.get(Campaign, "tuition")
        with pytest.raises(CampaignError, match="Only a paused"):
            campaigns.go_on(campaign)
        campaigns.pause(session, campaign)
        with pytest.raises(CampaignError, match="that runs"):
            campaigns.pause(session, campaign)


def test_the_dry_run_counts_everybody_once(house: House) -> None:
    for name in ("robin", "told", "capped", "aside", "stopped", "off"):
        house.hire(name)
    house.hire("night", zone="Asia/Tokyo")
    house.hire("new", hire_date=date(2026, 11, 1))
    house.hire("perdiem", employment_type="per_diem")
    house.hire("unknown", employment_type=None)
    house.hire("guest", is_outsider=True)
    with house.database.write() as session:
        session.add(Employee(slack_hash="nobody", address_sealed="", updated_at=house.now))
        answers.stop(session, "p:stopped", house.now)
        answers.choose_categories(session, "p:off", [], ["education"], house.now)
    house.run(spec("first", program_id=None, text="x", conditions={"job_families": ["nursing"]}))
    house.tick()
    for telling in house.tellings():
        person = telling.person_id
        if person == "p:told":
            house.change(person, source="tuition", program_id="tuition-assistance")
        elif person == "p:aside":
            house.change(person, program_id="tuition-assistance", response=NOT_FOR_ME)
        elif person != "p:capped":
            with house.database.write() as session:
                session.delete(session.merge(telling))
    house.run(spec("first", program_id=None, text="x"), spec())
    run = look(house)
    assert run.now == ("p:robin",)
    assert set(run.later) == {"p:capped", "p:night"}
    assert run.waits == Counter({"this_week": 1, "quiet": 1})
    assert run.against == Counter(
        {
            "not_eligible": 1,
            "too_new": 1,
            "job_unknown": 1,
            "outsider": 1,
            "not_in_slack": 1,
            "stopped": 1,
            "category_off": 1,
            "set_aside": 1,
            "already_told": 1,
        }
    )
    assert run.reached == 3
