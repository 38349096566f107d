from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from bot.db.models import Employee
from bot.db.session import Database
from bot.prepare import prepare_database
from bot.privacy.sealing import Seal
from bot.sandbox.seed import ROBIN, make_workspace


def employees(settings) -> int:
    database = Database(settings.database_url)
    with database.read() as session:
        count = session.scalar(select(func.count()).select_from(Employee))
    database.dispose()
    return count


def test_the_people_of_the_local_slack_are_known(settings):
    prepare_database(settings)
    prepare_database(settings)

    assert employees(settings) == 4
    team = make_workspace().team_id
    digest = Seal(settings.encryption_key).fingerprint("slack", team, ROBIN)
    database = Database(settings.database_url)
    with database.read() as session:
        robin = session.scalar(select(Employee).where(Employee.slack_hash == digest))
    database.dispose()
    assert robin.job_family == "nursing"


def test_a_real_workspace_gets_none_of_them(settings):
    settings = replace(settings, sandbox=False)
    prepare_database(settings)

    assert employees(settings) == 0
