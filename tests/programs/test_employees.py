from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.db.models import Employee, Person
from bot.errors import DataFileError
from bot.gateway.addresses import AddressBook
from bot.privacy.sealing import Seal
from bot.programs.eligibility import Bounds, JobFacts
from bot.programs.employees import EmployeesImported, import_employees, job_of

HEADER = "slack_team,slack_user,email,employment_type,fte,hire_date,job_family,site\n"
ROBIN = "T0CEDAR0001,U0ROBIN01,Robin@Cedar.example,full_time,0.9,2026-08-03,nursing,riverside\n"


@pytest.fixture
def seal() -> Seal:
    return Seal(Fernet.generate_key().decode())


@pytest.fixture
def bring_in(database, seal, now, tmp_path: Path) -> Callable[..., EmployeesImported]:
    def run(text: str, slack_team: str | None = None) -> EmployeesImported:
        path = tmp_path / "employees.csv"
        path.write_text(text, encoding="utf-8")
        with database.write() as session:
            return import_employees(session, path, seal, now, slack_team)

    return run


@pytest.fixture
def robin(database, seal, now) -> str:
    with database.write() as session:
        return AddressBook(seal).person(session, "T0CEDAR0001", "U0ROBIN01", now).id


def job(database, person: str | None) -> JobFacts:
    with database.read() as session:
        return job_of(session, person)


def rows(database) -> list[Employee]:
    with database.read() as session:
        return list(session.scalars(select(Employee).order_by(Employee.id)))


def test_a_person_in_a_conversation_finds_their_job(database, bring_in, robin):
    assert bring_in(HEADER + ROBIN) == EmployeesImported(1, 0, 0)
    assert job(database, robin) == JobFacts(
        employment_types=frozenset({"full_time"}),
        fte=Bounds.exactly(0.9),
        hire_date=date(2026, 8, 3),
        job_families=frozenset({"nursing"}),
        sites=frozenset({"riverside"}),
    )


def test_who_is_not_in_the_file_is_unknown(database, bring_in, robin, seal, now):
    with database.write() as session:
        other = AddressBook(seal).person(session, "T0CEDAR0001", "U0OTHER01", now).id
        elsewhere = AddressBook(seal).person(session, "T0ANOTHER01", "U0ROBIN01", now).id
    bring_in(HEADER + ROBIN)

    assert job(database, other) == job(database, elsewhere) == job(database, None) == JobFacts()
    assert job(database, "p:nobody") == JobFacts()


@pytest.fixture
def robins_profile(database, robin, seal) -> str:
    """Give Robin's person whose Slack profile has been looked up."""
    with database.write() as session:
        person = session.get(Person, robin)
        person.email_hash = seal.email_fingerprint("Robin@Cedar.example")
    return robin


def test_who_is_known_by_mail_only_is_found_by_the_address_of_their_profile(
    database, bring_in, robins_profile
):
    bring_in("email,fte\nrobin@cedar.example,0.5\ncasey@cedar.example,0.1\n")

    assert job(database, robins_profile) == JobFacts(fte=Bounds.exactly(0.5))


def test_without_a_looked_up_profile_an_address_finds_nobody(database, bring_in, robin):
    bring_in("email,fte\nrobin@cedar.example,0.5\n")

    assert job(database, robin) == JobFacts()


def test_the_line_with_the_slack_user_comes_first_and_the_address_fills_in(
    database, bring_in, robins_profile
):
    bring_in("email,fte,site\nrobin@cedar.example,0.5,riverside\n")
    bring_in("slack_team,slack_user,site\nT0CEDAR0001,U0ROBIN01,lakeview\n")

    known = job(database, robins_profile)
    assert known == JobFacts(fte=Bounds.exactly(0.5), sites=frozenset({"lakeview"}))


def test_a_line_with_another_address_is_not_filled_in(database, bring_in, robins_profile):
    bring_in("email,fte\nrobin@cedar.example,0.5\n")
    bring_in(
        "slack_team,slack_user,email,site\nT0CEDAR0001,U0ROBIN01,r.reed@cedar.example,lakeview\n"
    )

    assert job(database, robins_profile) == JobFacts(sites=frozenset({"lakeview"}))


def test_an_address_that_belongs_to_another_slack_user_is_not_mine(
    database, bring_in, robins_profile
):
    bring_in(HEADER + ROBIN.replace("U0ROBIN01", "U0OTHER01"))

    assert job(database, robins_profile) == JobFacts()


def test_the_same_file_again_changes_nothing(database, bring_in):
    bring_in(HEADER + ROBIN)
    before = rows(database)[0].address_sealed

    assert bring_in(HEADER + ROBIN) == EmployeesImported(0, 0, 1)
    assert rows(database)[0].address_sealed == before


def test_nothing_stands_there_in_the_clear(database, bring_in, seal):
    bring_in(HEADER + ROBIN)
    [row] = rows(database)

    assert "ROBIN" not in f"{row.address_sealed}{row.slack_hash}{row.email_hash}".upper()
    assert seal.open(row.address_sealed) == {
        "team": "T0CEDAR0001",
        "user": "U0ROBIN01",
        "email": "robin@cedar.example",
    }


def test_missing_columns_and_blank_cells_leave_things_as_they_are(database, bring_in, robin):
    bring_in(HEADER + ROBIN)

    assert bring_in("email,fte,site\nrobin@cedar.EXAMPLE,0.6,\n") == EmployeesImported(0, 1, 0)
    known = job(database, robin)
    assert known.fte == Bounds.exactly(0.6)
    assert known.sites == {"riverside"}
    assert known.hire_date == date(2026, 8, 3)


def test_a_partly_known_person_is_known_partly(database, bring_in, robin):
    bring_in("slack_team,slack_user,site\nT0CEDAR0001,U0ROBIN01,lakeview\n")

    assert job(database, robin) == JobFacts(sites=frozenset({"lakeview"}))


def test_what_was_known_by_mail_and_by_slack_becomes_one_person(database, bring_in, robin):
    bring_in("email,fte\nrobin@cedar.example,0.5\n")
    bring_in("slack_team,slack_user,site\nT0CEDAR0001,U0ROBIN01,lakeview\n")
    assert job(database, robin).fte is None

    both = "slack_team,slack_user,email\nT0CEDAR0001,U0ROBIN01,robin@cedar.example\n"
    assert bring_in(both) == EmployeesImported(0, 1, 0)
    assert job(database, robin) == JobFacts(fte=Bounds.exactly(0.5), sites=frozenset({"lakeview"}))
    assert len(rows(database)) == 1
    assert bring_in(both) == EmployeesImported(0, 0, 1)


def test_two_whole_people_are_never_made_one(database, bring_in):
    bring_in(HEADER + ROBIN + ROBIN.replace("ROBIN01", "CASEY01").replace("Robin", "casey"))
    mixed = "slack_team,slack_user,email\nT0CEDAR0001,U0ROBIN01,casey@cedar.example\n"

    with pytest.raises(DataFileError, match=r"line 2: .*two different people"):
        bring_in(mixed)
    assert len(rows(database)) == 2


def test_a_new_mail_address_is_the_same_person(database, bring_in, robin):
    bring_in(HEADER + ROBIN)

    assert bring_in(HEADER + ROBIN.replace("Robin@", "robin.reed@")) == EmployeesImported(0, 1, 0)
    assert bring_in("email,fte\nrobin.reed@cedar.example,0.1\n") == EmployeesImported(0, 1, 0)
    assert job(database, robin).fte == Bounds.exactly(0.1)


def test_the_only_workspace_needs_no_column(database, bring_in, robin):
    assert bring_in("slack_user,fte\nU0ROBIN01,0.4\n").added == 1
    assert job(database, robin).fte == Bounds.exactly(0.4)


def test_a_workspace_can_be_given_for_all_lines(database, bring_in, robin):
    bring_in("slack_user,fte\nU0ROBIN01,0.4\n", "T0ANOTHER01")

    assert job(database, robin) == JobFacts()


def test_without_a_known_workspace_it_must_be_named(bring_in):
    with pytest.raises(DataFileError, match=r"line 2: the workspace .* slack_team"):
        bring_in("slack_user,fte\nU0ROBIN01,0.4\n")


def test_one_mistake_and_nothing_is_imported(database, bring_in):
    with pytest.raises(DataFileError):
        bring_in(HEADER + ROBIN + ROBIN.replace("ROBIN", "CASEY").replace("0.9", "9"))

    assert rows(database) == []


def test_people_who_are_not_in_a_later_file_stay(database, bring_in, robin):
    bring_in(HEADER + ROBIN)
    bring_in(HEADER + ROBIN.replace("ROBIN", "CASEY").replace("Robin", "casey"))

    assert job(database, robin).fte == Bounds.exactly(0.9)
