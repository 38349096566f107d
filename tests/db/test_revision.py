from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory

from bot.db.migrate import alembic_config, downgrade, upgrade
from bot.db.revision import fault_of, known_revisions, revision_of
from bot.db.session import Database


def test_it_knows_the_revisions_that_alembic_knows() -> None:
    script = ScriptDirectory.from_config(alembic_config("sqlite://"))
    assert list(known_revisions()) == [s.revision for s in script.walk_revisions()][::-1]


def test_it_reads_where_a_database_stands(database_url: str) -> None:
    database = Database(database_url)
    found = []
    for change in (lambda: None, lambda: upgrade(database), lambda: downgrade(database, "0002")):
        change()
        with database.read() as session:
            found.append(revision_of(session))
    assert found == [None, known_revisions()[-1], "0002"]
    database.dispose()


@pytest.mark.parametrize(
    ("revision", "words"),
    [(None, "hrbot db upgrade"), ("0001", "hrbot db upgrade"), ("9999", "a newer version")],
)
def test_it_says_what_is_wrong(revision: str | None, words: str) -> None:
    assert words in str(fault_of(revision))


def test_nothing_is_wrong_with_the_newest() -> None:
    assert fault_of(known_revisions()[-1]) is None
