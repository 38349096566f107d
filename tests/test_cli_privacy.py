"""`hrbot export|erase|audit` as an operator uses them, over each kind of database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.db.models import Turn
from bot.errors import HRBotError
from bot.privacy import audit

from .conftest import KINDS, NOW
from .privacy.life import Somebody, Town, town
from .privacy.planted import database_files, found_in_files, found_in_rows

Hrbot = Callable[..., Result]


@pytest.fixture(scope="module", params=KINDS)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    with town(request.param, tmp_path_factory.mktemp("town"), NOW) as found:
        yield found


@pytest.fixture
def hrbot(place: Town, tmp_path: Path) -> Hrbot:
    """Give the command, run on the town's database."""
    variables = {
        "HRBOT_VAR_DIR": str(tmp_path),
        "DATABASE_URL": place.database.url,
        "ENCRYPTION_KEY": place.key,
        "COLUMNS": "200",
    }

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, env=variables)

    return run


def test_a_person_is_exported_then_erased(place: Town, hrbot: Hrbot) -> None:
    robin = place.move_in("robin")
    told = json.loads(hrbot("export", robin.email, "--json").stdout)
    assert [word for word in robin.words if word not in str(told)] == []
    assert "people (1)" in hrbot("export", robin.user).stdout

    would = hrbot("erase", robin.email, "--dry-run")
    assert would.stdout.startswith("Would be erased:")
    assert found_in_rows(place.database, robin.words[:1])

    done = hrbot("erase", robin.email)
    assert done.exit_code == 0
    assert done.stdout.startswith("Erased:")
    assert done.stdout.splitlines()[1:] == would.stdout.splitlines()[1:]
    assert found_in_rows(place.database, robin.words) == set()
    assert found_in_files(database_files(place.database), robin.words) == set()

    again = hrbot("erase", robin.email)
    assert isinstance(again.exception, HRBotError)
    assert "Nobody is known" in str(again.exception)
    actions = [json.loads(line)["action"] for line in trail(hrbot, robin)]
    assert actions == ["exported", "exported", "erased"]


def trail(hrbot: Hrbot, somebody: Somebody) -> list[str]:
    return hrbot("audit", "list", "--subject", somebody.person, "--json").stdout.splitlines()


def test_reading_cases_by_command_is_written_down(place: Town, hrbot: Hrbot) -> None:
    casey = place.move_in("casey")
    reference = f"HR-{1000 + casey.case}"
    assert hrbot("cases", "show", reference).exit_code == 0
    assert hrbot("cases", "list").exit_code == 0
    operator = audit.operator()
    shown = hrbot("audit", "list", "--subject", reference, "--actor", operator).stdout
    assert shown.count(f"{operator}  viewed  {reference}") == 2
    assert "where hrbot cases show" in shown
    assert "No entries." in hrbot("audit", "list", "--since", "2999-01-01").stdout


def test_purging_says_what_would_go_and_what_is_gone(place: Town, hrbot: Hrbot) -> None:
    dana = place.move_in("dana")
    with place.database.write() as session:
        for turn in session.scalars(select(Turn).where(Turn.conversation_id == dana.conversation)):
            turn.created_at = datetime(2020, 1, 1, tzinfo=timezone.utc)
    would = hrbot("purge", "--dry-run").stdout
    assert would.splitlines() == ["Would be removed:", "       1  turns"]
    assert hrbot("purge").stdout.splitlines() == ["Removed:", "       1  turns"]
    assert hrbot("purge").stdout.splitlines() == ["Removed:", "  nothing"]


def test_what_is_brought_in_is_written_down(hrbot: Hrbot, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("email,site\nnew@hospital.test,riverside\n", encoding="utf-8")
    done = hrbot("employees", "import", str(people))
    assert done.exit_code == 0, done.exception
    listed = hrbot("audit", "list", "--subject", "employees", "--json").stdout
    assert json.loads(listed)["detail"] == {"added": 1, "changed": 0, "unchanged": 0}
