"""Tables of what HR changes and adds while everything runs: answers, programs, questions.

Nothing here is overwritten: the latest version of a subject holds, and those before it are its
history.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import relationship

from bot.db.models import Base, UTCDateTime


class ContentVersion(Base):
    """What a response of the answer book or a program says instead of what its file says.

    kind: `answer` (subject: a response, `utter_benefits/dental`; content: its variants, none for
    an answer that is taken back) or `program` (subject: its id; content: the fields that can be
    edited). `before` is what held until then, NULL for a new topic; `base_hash` is that of the
    file's content at that time, NULL if the file had none.
    cause: promoted, edited, checked (still right), undone, withdrawn.
    """

    __tablename__ = "content_versions"
    __table_args__ = (Index("ix_content_versions_kind_subject", "kind", "subject", "id"),)
    id = Column(Integer, primary_key=True)
    kind = Column(String(10), nullable=False)
    subject = Column(String(120), nullable=False)
    content = Column(JSON, nullable=False)
    before = Column(JSON(none_as_null=True), nullable=True)
    base_hash = Column(String(64), nullable=True)
    cause = Column(String(10), nullable=False)
    promotion_id = Column(ForeignKey("promotions.id", ondelete="SET NULL"), nullable=True)
    person_id = Column(ForeignKey("people.id", ondelete="SET NULL"), nullable=True)
    at = Column(UTCDateTime, nullable=False)
    # When it was written to the file.
    exported_at = Column(UTCDateTime, nullable=True)


class Promotion(Base):
    """An answer of HR to one case that others get as well.

    status: waiting (for a second person), live, sent_back, withdrawn. `answer` NULL: the topic's
    own answer stays, and only the questions are added to it.
    """

    __tablename__ = "promotions"
    id = Column(Integer, primary_key=True)
    # Cases and people may be erased; what HR approved stays.
    case_id = Column(ForeignKey("cases.id", ondelete="SET NULL"), nullable=True, index=True)
    queue = Column(String(60), nullable=False)
    status = Column(String(12), nullable=False, index=True)
    topic = Column(String(100), nullable=False)
    title = Column(String(60), nullable=False)
    audience = Column(String(20), nullable=False)
    answer = Column(Text, nullable=True)
    owner = Column(String(120), nullable=False)
    link = Column(String(300), nullable=False)
    review_by = Column(Date, nullable=False)
    proposer_id = Column(ForeignKey("people.id", ondelete="SET NULL"), nullable=True)
    proposed_at = Column(UTCDateTime, nullable=False)
    decider_id = Column(ForeignKey("people.id", ondelete="SET NULL"), nullable=True)
    decided_at = Column(UTCDateTime, nullable=True)
    # Why it was sent back.
    remark = Column(Text, nullable=True)
    card_channel = Column(String(40), nullable=True)
    card_ts = Column(String(40), nullable=True)
    revision = Column(Integer, nullable=False, default=0)
    exported_at = Column(UTCDateTime, nullable=True)
    phrasings = relationship(
        "PromotedPhrasing", order_by="PromotedPhrasing.id", cascade="all, delete-orphan"
    )


class PromotedPhrasing(Base):
    """One way of asking what a promotion answers, without anything that points to a person."""

    __tablename__ = "promoted_phrasings"
    __table_args__ = (UniqueConstraint("promotion_id", "text"),)
    id = Column(Integer, primary_key=True)
    promotion_id = Column(ForeignKey("promotions.id", ondelete="CASCADE"), nullable=False)
    text = Column(String(500), nullable=False)


class ReviewReminder(Base):
    """That somebody was told to check an answer or a program: once for each day it is due.

    `subject` is kind, name and variant, as `bot.desk.editing.Subject` writes them.
    """

    __tablename__ = "review_reminders"
    __table_args__ = (UniqueConstraint("subject", "due_on"),)
    id = Column(Integer, primary_key=True)
    subject = Column(String(140), nullable=False)
    due_on = Column(Date, nullable=False)
    at = Column(UTCDateTime, nullable=False)


class ContentRevision(Base):
    """Grows with every change of the tables above, so that readers see cheaply that one is new.

    One row: changes wait for each other there, so that none can become visible late and unseen.
    """

    __tablename__ = "content_revision"
    id = Column(Integer, primary_key=True)
    number = Column(Integer, nullable=False)
