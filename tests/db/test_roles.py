"""The least that the processes need on PostgreSQL, tried out: deploy/postgresql-roles.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.db.audit import AuditEntry
from bot.db.migrate import is_current, upgrade
from bot.db.models import InboxRow, OutboxRow
from bot.db.session import Database
from bot.periods import periods_from
from bot.privacy import audit
from bot.privacy.erasure import erase
from bot.privacy.retention import purge
from bot.privacy.subjects import find_subject
from bot.settings import ROOT

from ..conftest import HAS_POSTGRESQL, NOW, POSTGRESQL, new_database
from ..privacy.life import Town

pytestmark = pytest.mark.skipif(not HAS_POSTGRESQL, reason="no PostgreSQL answers here")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Give a database as the processes get it, under names of this test's own."""
    mark = uuid4().hex[:8]
    owner, app = f"hrbot_owner_{mark}", f"hrbot_app_{mark}"
    script = (ROOT / "deploy" / "postgresql-roles.sql").read_text(encoding="utf-8")
    script = script.replace("hrbot_owner", owner).replace("hrbot_app", app)
    server = create_engine(f"{POSTGRESQL}/postgres", isolation_level="AUTOCOMMIT")
    with new_database("postgresql", Path(tmp_path_factory.mktemp("roles"))) as url:
        superuser = create_engine(url, isolation_level="AUTOCOMMIT")
        _run(superuser, script)
        owning = Database(make_url(url).set(username=owner).render_as_string(False))
        upgrade(owning)
        owning.dispose()
        _run(superuser, script)
        database = Database(make_url(url).set(username=app).render_as_string(False))
        yield database
        database.dispose()
        superuser.dispose()
    _run(server, f"DROP ROLE {owner}, {app}")
    server.dispose()


def _run(engine, script: str) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(script)
    finally:
        connection.close()


def test_everything_that_the_processes_do_with_rows_works(app: Database) -> None:
    assert is_current(app)
    place = Town(app, Fernet.generate_key().decode(), NOW)
    robin, casey = place.move_in("robin"), place.move_in("casey")
    with app.write() as session:
        for model in (InboxRow, OutboxRow):
            session.execute(update(model).values(status="sent", finished_at=NOW))
        subject = find_subject(session, place.seal, robin.user)
        assert erase(session, subject, place.seal, NOW, "operator:test")["events"] == 5
    with app.write() as session:
        later = NOW + timedelta(days=200)
        removed = purge(session, periods_from({}), later, contacts=())
    assert removed["tracker"] == 5
    with app.read() as session:
        assert audit.naming(session, [robin.person]) != []
        assert session.scalar(select(InboxRow.id)) is None
    assert casey.person


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'p:nobody'",
        "TRUNCATE audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_only_grows ON audit",
        "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN OLD; END $$",
        "SET session_replication_role = replica",
        "DROP TABLE cases",
        "TRUNCATE cases CASCADE",
        "ALTER TABLE cases ADD COLUMN note TEXT",
        "CREATE TABLE mine (id INTEGER)",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE ROLE friend",
        "SELECT * FROM pg_authid",
        "COPY cases TO '/tmp/cases'",
        "COPY cases TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_and_nothing_else(app: Database, statement: str) -> None:
    refused = pytest.raises(DBAPIError, match=r"denied|must be owner|must be superuser")
    with refused, app.write() as session:
        session.execute(text(statement))


def test_a_young_entry_of_the_trail_can_not_be_deleted_either(app: Database) -> None:
    with app.write() as session:
        audit.write(session, NOW, actor="p:x", action=audit.VIEWED, subject="HR-1001")
    with pytest.raises(DBAPIError, match="only grows"), app.write() as session:
        session.execute(AuditEntry.__table__.delete())
