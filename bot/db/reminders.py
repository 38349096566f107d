"""What people asked to be reminded of."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Text, UniqueConstraint

from bot.db.models import Base, UTCDateTime


class ProgramReminder(Base):
    """Somebody wants to hear of a program: a week before a day of it, or when it opens.

    An employee (`person_id`) names a day: `window` is that of the catalogue, `stage` opens or
    closes; the day itself is the catalogue's, so that it may move. A candidate
    (`conversation_id`) hears by e-mail of the next opening, whichever: `window` is empty, the
    address sealed, `token` stands in the links.
    status: unconfirmed (an address that nobody has confirmed yet), on, due (in the outbox), sent,
    stopped, missed (the day went by before anybody could be told).
    """

    __tablename__ = "program_reminders"
    __table_args__ = (
        UniqueConstraint("person_id", "program_id", "window", "stage"),
        UniqueConstraint("email_hash", "program_id"),
    )
    id = Column(Integer, primary_key=True)
    program_id = Column(String(60), nullable=False, index=True)
    window = Column(String(120), nullable=False)
    stage = Column(String(10), nullable=False)
    person_id = Column(ForeignKey("people.id"), nullable=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=True, index=True)
    email_sealed = Column(Text, nullable=True)
    email_hash = Column(String(64), nullable=True)
    token = Column(String(40), nullable=True, unique=True)
    status = Column(String(12), nullable=False, index=True)
    # Of the latest time it was asked for: whoever cancels may ask again.
    asked_at = Column(UTCDateTime, nullable=False)
    confirmed_at = Column(UTCDateTime, nullable=True)
    finished_at = Column(UTCDateTime, nullable=True)
