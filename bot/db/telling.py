"""Tables of what people are told unasked: campaigns, the record of who was told, preferences.

`tellings` is the one record that awareness is counted from. How to count, for one program:
told is the number of different people with a row of status `told`; asked those of them with
`asked_before`; clicked those with `clicked_at`; "knew before" is the share of
`knew_before = true` among the rows where it is not NULL (silence is no answer). Who is eligible
is worked out anew by `bot.telling.audience`, never stored.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)

from bot.db.models import Base, UTCDateTime


class Campaign(Base):
    """Something that HR tells many people: a program, or a message of its own.

    origin: `file` (data/campaigns.yml, `content_hash` tells when it has changed there) or
    `slack`. `program_id` NULL: a message, which `text` holds; with a program, `text` is what
    stands above it, if anything. `conditions` narrows the audience, in the catalogue's terms:
    employment_types, min_fte, min_tenure_months, job_families, sites. `repeat_days`: whoever
    hasn't reacted is told again after so many days. `reminder_days`: so many days before the
    program's deadline.
    status: draft, waiting (for a second person), running (from `starts_on` until the end of
    `ends_on`), paused, stopped.
    """

    __tablename__ = "campaigns"
    id = Column(String(60), primary_key=True)
    origin = Column(String(10), nullable=False)
    title = Column(String(120), nullable=False)
    program_id = Column(String(60), nullable=True)
    text = Column(Text, nullable=True)
    link = Column(String(300), nullable=True)
    conditions = Column(JSON, nullable=False)
    starts_on = Column(Date, nullable=False)
    ends_on = Column(Date, nullable=True)
    repeat_days = Column(Integer, nullable=True)
    reminder_days = Column(JSON, nullable=False)
    status = Column(String(12), nullable=False, index=True)
    content_hash = Column(String(64), nullable=True)
    creator_id = Column(ForeignKey("people.id", ondelete="SET NULL"), nullable=True)
    created_at = Column(UTCDateTime, nullable=False)
    releaser_id = Column(ForeignKey("people.id", ondelete="SET NULL"), nullable=True)
    released_at = Column(UTCDateTime, nullable=True)
    revision = Column(Integer, nullable=False, default=0)


class Telling(Base):
    """One message that tells one person of something; see the module for how to count.

    means: campaign, moment (of their working life), did_you_know, reminder. `source`: the
    campaign's or moment's id, or what names the occasion. `occurrence`: which time it is ("1",
    "2", …, `deadline:2026-12-15:7`, a date, `later:17`); the same source says the same
    occurrence to a person once, whatever happens.
    `program_id` NULL: it was of no program.
    status: waiting (in the outbox), told (Slack has it, `told_at`), withdrawn (stopped before it
    left), failed (Slack won't deliver it to this person).
    `asked_before`: "Did you know this before?" came with it; `knew_before` the answer, NULL until
    there is one (`answered_at`). `clicked_at`: the first tap on the button or link that leads to
    the application.
    response: not_for_me, later (then `again_on` says from when), NULL for none.
    """

    __tablename__ = "tellings"
    __table_args__ = (
        UniqueConstraint("means", "source", "occurrence", "person_id"),
        Index("ix_tellings_person_id_created_at", "person_id", "created_at"),
        Index("ix_tellings_program_id_status", "program_id", "status"),
    )
    id = Column(Integer, primary_key=True)
    means = Column(String(20), nullable=False)
    source = Column(String(60), nullable=False)
    occurrence = Column(String(100), nullable=False)
    person_id = Column(ForeignKey("people.id"), nullable=False)
    program_id = Column(String(60), nullable=True)
    status = Column(String(12), nullable=False, index=True)
    created_at = Column(UTCDateTime, nullable=False)
    told_at = Column(UTCDateTime, nullable=True)
    asked_before = Column(Boolean, nullable=False, default=False, server_default=false())
    knew_before = Column(Boolean, nullable=True)
    answered_at = Column(UTCDateTime, nullable=True)
    clicked_at = Column(UTCDateTime, nullable=True)
    response = Column(String(12), nullable=True)
    responded_at = Column(UTCDateTime, nullable=True)
    again_on = Column(Date, nullable=True)


class TellingPreference(Base):
    """What somebody wants to be told unasked; no row: everything.

    `stopped_at`: since when nothing at all. `categories_off`: categories of the catalogue.
    """

    __tablename__ = "telling_preferences"
    person_id = Column(ForeignKey("people.id"), primary_key=True)
    stopped_at = Column(UTCDateTime, nullable=True)
    categories_off = Column(JSON, nullable=False)
    updated_at = Column(UTCDateTime, nullable=False)


class TellingState(Base):
    """One row: whoever chooses whom to tell waits for it, so that no cap is passed by two at once.

    `roster_read_at`: when Slack's list of members was read last.
    """

    __tablename__ = "telling_state"
    id = Column(Integer, primary_key=True)
    roster_read_at = Column(UTCDateTime, nullable=True)
