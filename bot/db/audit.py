"""The audit trail's table: who saw, changed, exported or erased what. It only grows.

Triggers refuse every change of a row, and its deletion before it is a year old, whoever asks;
how long rows are kept beyond that is a setting.
"""

from __future__ import annotations

from sqlalchemy import DDL, JSON, Column, Index, Integer, String, event

from bot.db.models import Base, UTCDateTime

LEAST_DAYS = 365
"""Younger rows can't be deleted by anybody."""

SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
    f"WHEN OLD.at > datetime('now', '-{LEAST_DAYS} days') "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'DELETE' AND OLD.at <= "
    f"(now() AT TIME ZONE 'utc') - interval '{LEAST_DAYS} days' THEN RETURN OLD; END IF; "
    "RAISE EXCEPTION 'the audit trail only grows'; END $$",
    "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
)


class AuditEntry(Base):
    """One line of the trail; it names people and things by opaque ids and numbers alone.

    `actor` is a person id, `operator:<account>` for whoever used the command line, or `system`.
    `subject` is a case (HR-1001), a person or conversation id, or a kind of data.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"), Index("ix_audit_subject", "subject"))
    id = Column(Integer, primary_key=True)
    at = Column(UTCDateTime, nullable=False)
    actor = Column(String(80), nullable=False)
    action = Column(String(20), nullable=False)
    subject = Column(String(80), nullable=False)
    detail = Column(JSON, nullable=False)


for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        event.listen(
            AuditEntry.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect)
        )
