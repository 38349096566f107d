"""The data model: every table the product owns. Rasa keeps its tracker in a table of its own.

Times are UTC. Nothing here holds a Slack id or an e-mail address in the clear: those stand
sealed in `people` and `conversations` and are found by a keyed fingerprint.
"""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import declarative_base, relationship
from sqlalchemy.types import TypeDecorator

Base = declarative_base(
    metadata=MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
)


class UTCDateTime(TypeDecorator):
    """An aware UTC datetime; SQLite keeps no zone, so it is stripped and put back here."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:  # noqa: ARG002
        """Refuse naive times; store UTC without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was given where UTC is meant")
        return value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:  # noqa: ARG002
        """Return an aware UTC time."""
        return None if value is None else value.replace(tzinfo=timezone.utc)


class Person(Base):
    """Somebody in Slack, known by an opaque id.

    `is_outsider` is what Slack said when it was asked last, at `looked_up_at`: a guest, or
    somebody of another organisation. `time_zone` (IANA's name) and `is_deactivated` come from
    Slack's list of members.
    """

    __tablename__ = "people"
    id = Column(String(40), primary_key=True)
    address_hash = Column(String(64), nullable=False, unique=True)
    address_sealed = Column(Text, nullable=False)
    # Of the e-mail address in their Slack profile, by which HR's list knows them.
    email_hash = Column(String(64), nullable=True)
    # When the profile is looked up next; NULL before the first time.
    profile_due_at = Column(UTCDateTime, nullable=True)
    created_at = Column(UTCDateTime, nullable=False)
    is_outsider = Column(Boolean, nullable=True)
    looked_up_at = Column(UTCDateTime, nullable=True)
    home_opened_at = Column(UTCDateTime, nullable=True)
    time_zone = Column(String(40), nullable=True)
    is_deactivated = Column(Boolean, nullable=False, default=False, server_default=false())


class Conversation(Base):
    """One place where one person talks with the bot; where that is stands sealed.

    On the careers page there is no person: who holds a session may read and write, and what
    stands sealed is the contact that they left. `is_ext_shared`: in a channel that people of
    other organisations read. `is_pane`: a thread of Slack's Assistant pane. `placeholders`: see
    bot.gateway.hidden, which tells people once.
    """

    __tablename__ = "conversations"
    id = Column(String(60), primary_key=True)
    person_id = Column(ForeignKey("people.id"), nullable=True, index=True)
    audience = Column(String(20), nullable=False)
    address_hash = Column(String(64), nullable=False, unique=True)
    address_sealed = Column(Text, nullable=False)
    created_at = Column(UTCDateTime, nullable=False)
    is_ext_shared = Column(Boolean, nullable=False, default=False, server_default=false())
    is_pane = Column(Boolean, nullable=False, default=False, server_default=false())
    is_titled = Column(Boolean, nullable=False, default=False, server_default=false())
    placeholders = Column(JSON, nullable=True)
    is_told = Column(Boolean, nullable=False, default=False, server_default=false())

    @property
    def is_outside(self) -> bool:
        """Whether it is in Slack, with a guest or where outsiders read: public answers only."""
        return self.id.startswith("slack:") and self.audience == "candidate"

    @property
    def is_web(self) -> bool:
        """Whether it is on the careers page."""
        return is_web(self.id)


def is_web(conversation_id: str | None) -> bool:
    """Say whether a conversation with this id is on the careers page."""
    return conversation_id is not None and conversation_id.startswith("web:")


class QueueColumns:
    """What inbox and outbox share: rows of one lane are worked one at a time, in id order."""

    id = Column(Integer, primary_key=True)
    lane = Column(String(80), nullable=False)
    status = Column(String(12), nullable=False, default="pending")
    attempts = Column(Integer, nullable=False, default=0)
    due_at = Column(UTCDateTime, nullable=False)
    claimed_by = Column(String(80), nullable=True)
    claimed_until = Column(UTCDateTime, nullable=True)
    created_at = Column(UTCDateTime, nullable=False)
    finished_at = Column(UTCDateTime, nullable=True)


class InboxRow(QueueColumns, Base):
    """A message or choice of a person, acknowledged and waiting for its turn.

    status: pending, answered, apologised, moved (to the asker's direct messages). `is_quoted`:
    it was asked where the chat doesn't show it, so the reply quotes it. `hidden`: kinds removed.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_status_lane_id", "status", "lane", "id"),)
    key = Column(String(64), nullable=False, unique=True)
    turn_id = Column(String(40), nullable=False, unique=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False)
    text = Column(Text, nullable=True)
    choice_id = Column(ForeignKey("choices.id"), nullable=True)
    # The day that was picked with the choice; gone when the turn has ended.
    chosen_date = Column(Date, nullable=True)
    first_attempt_at = Column(UTCDateTime, nullable=True)
    held_at = Column(UTCDateTime, nullable=True)
    is_quoted = Column(Boolean, nullable=False, default=False, server_default=false())
    hidden = Column(JSON, nullable=True)


class OutboxRow(QueueColumns, Base):
    """Something that must leave: to a person, to HR's channel, or to the tracker.

    status: pending, sent, dead, cancelled. `attempted_at` is written before each attempt
    whose outcome could stay unknown; it is cleared when Slack answered that it refused.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_status_lane_id", "status", "lane", "id"),)
    delivery_key = Column(String(120), nullable=False, unique=True)
    kind = Column(String(30), nullable=False)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=True)
    case_id = Column(ForeignKey("cases.id"), nullable=True)
    audience = Column(String(20), nullable=True)
    payload = Column(JSON, nullable=False)
    attempted_at = Column(UTCDateTime, nullable=True)
    refusals = Column(Integer, nullable=False, default=0)
    last_error = Column(String(200), nullable=True)


class Choice(Base):
    """What a button means; its id is all that travels to the person's client and back."""

    __tablename__ = "choices"
    id = Column(String(40), primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    title = Column(String(80), nullable=False)
    meaning = Column(JSON, nullable=False)
    created_at = Column(UTCDateTime, nullable=False)


class Turn(Base):
    """What the assistant said in a turn, kept so that asking twice runs nothing."""

    __tablename__ = "turns"
    turn_id = Column(String(40), primary_key=True)
    conversation_id = Column(String(60), nullable=False, index=True)
    reply = Column(JSON, nullable=False)
    created_at = Column(UTCDateTime, nullable=False)


class TurnLog(Base):
    """The event log: one row a turn, no text beyond the redacted question.

    `feedback` is helped or not_helped, the asker's last word; `feedback_detail` what was
    missing: not_asked, wrong, too_general, person.
    """

    __tablename__ = "turn_log"
    id = Column(Integer, primary_key=True)
    turn_id = Column(String(40), nullable=False, unique=True)
    conversation_id = Column(String(60), nullable=False, index=True)
    audience = Column(String(20), nullable=False)
    kind = Column(String(20), nullable=False)
    decision = Column(String(20), nullable=False)
    topic = Column(String(100), nullable=True, index=True)
    topics = Column(JSON, nullable=False)
    # The id of the one program that the answer was about.
    program = Column(String(60), nullable=True)
    confidence = Column(Float, nullable=True)
    candidates = Column(JSON, nullable=False)
    question = Column(Text, nullable=True)
    feedback = Column(String(20), nullable=True)
    feedback_detail = Column(String(20), nullable=True)
    created_at = Column(UTCDateTime, nullable=False, index=True)


class Case(Base):
    """A question that a person in HR answers. status: open, claimed, answered, resolved.

    `is_feedback`: it tells HR something, and may be answered all the same.

    `waiting_since` is set while HR's own question to the asker is open, `snoozed_until` while
    the case is put aside. An anonymous case has no person, a conversation of its own whose
    address is only the way back, and times that are days.
    """

    __tablename__ = "cases"
    __table_args__ = (Index("ix_cases_status_queue", "status", "queue"),)
    id = Column(Integer, primary_key=True)
    turn_id = Column(String(40), nullable=False, unique=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    person_id = Column(ForeignKey("people.id"), nullable=True, index=True)
    audience = Column(String(20), nullable=False)
    queue = Column(String(60), nullable=False)
    # Only restricted queues may have it.
    sensitive = Column(Boolean, nullable=False, default=False, server_default=false())
    is_feedback = Column(Boolean, nullable=False, default=False, server_default=false())
    topic = Column(String(100), nullable=True)
    candidates = Column(JSON, nullable=False, default=list)
    question = Column(Text, nullable=False)
    anonymous = Column(Boolean, nullable=False, default=False)
    answer_here = Column(Boolean, nullable=False, default=False)
    status = Column(String(12), nullable=False, default="open")
    assignee_id = Column(ForeignKey("people.id"), nullable=True)
    answer = Column(Text, nullable=True)
    answer_count = Column(Integer, nullable=False, default=0)
    reason = Column(String(20), nullable=True)
    waiting_since = Column(UTCDateTime, nullable=True)
    snoozed_until = Column(UTCDateTime, nullable=True, index=True)
    resolved_at = Column(UTCDateTime, nullable=True)
    # What the asker says of it; silence stays NULL.
    feedback = Column(String(20), nullable=True)
    followed_up_at = Column(UTCDateTime, nullable=True)
    csat = Column(Integer, nullable=True)
    # Grows with every move to another queue: each has a card of its own.
    moves = Column(Integer, nullable=False, default=0)
    card_channel = Column(String(40), nullable=True)
    card_ts = Column(String(40), nullable=True)
    revision = Column(Integer, nullable=False, default=0)
    created_at = Column(UTCDateTime, nullable=False)
    updated_at = Column(UTCDateTime, nullable=False)
    first_reply_due_at = Column(UTCDateTime, nullable=True)
    resolution_due_at = Column(UTCDateTime, nullable=True)
    first_replied_at = Column(UTCDateTime, nullable=True)
    history = relationship("CaseEvent", order_by="CaseEvent.id", back_populates="case")
    entries = relationship("CaseEntry", order_by="CaseEntry.id", back_populates="case")

    @property
    def reference(self) -> str:
        """The number that people see: HR-1001, HR-1002, …"""
        return f"HR-{1000 + self.id}"


class CaseEvent(Base):
    """One line of a case's history: who, when, what. Each change has a revision of its own."""

    __tablename__ = "case_events"
    __table_args__ = (UniqueConstraint("case_id", "revision"),)
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("cases.id"), nullable=False, index=True)
    revision = Column(Integer, nullable=False)
    at = Column(UTCDateTime, nullable=False)
    actor = Column(String(20), nullable=False)
    person_id = Column(ForeignKey("people.id"), nullable=True)
    action = Column(String(30), nullable=False)
    detail = Column(JSON, nullable=False)
    case = relationship("Case", back_populates="history")


class CaseEntry(Base):
    """What was said about a case after it was opened, redacted.

    kind: `note` (HR among itself, never leaves), `addition` (the asker's), `question` (what HR
    asked back). `key` is the fingerprint of the message it came with, so that it counts once.
    """

    __tablename__ = "case_entries"
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("cases.id"), nullable=False, index=True)
    kind = Column(String(12), nullable=False)
    text = Column(Text, nullable=False)
    person_id = Column(ForeignKey("people.id"), nullable=True)
    key = Column(String(64), nullable=True, unique=True)
    at = Column(UTCDateTime, nullable=False)
    case = relationship("Case", back_populates="entries")


class CaseDetail(Base):
    """What redaction hid and a named asker sent again, sealed; `name` is `ssn`, `name 2`, …"""

    __tablename__ = "case_details"
    __table_args__ = (UniqueConstraint("case_id", "name"),)
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("cases.id"), nullable=False)
    name = Column(String(20), nullable=False)
    value_sealed = Column(Text, nullable=False)
    at = Column(UTCDateTime, nullable=False)


class CasePlace(Base):
    """A place in Slack where what is said belongs to a case, under its fingerprint.

    A thread stays one, as a message does that was sent without a name (Slack may deliver it
    again); `once` marks a whole direct chat, for one message.
    """

    __tablename__ = "case_places"
    key = Column(String(64), primary_key=True)
    case_id = Column(ForeignKey("cases.id"), nullable=False, index=True)
    once = Column(Boolean, nullable=False, default=False)


class CaseReminder(Base):
    """One reminder of a case: a stage of a deadline counts once, whichever gateway saw it."""

    __tablename__ = "case_reminders"
    __table_args__ = (UniqueConstraint("case_id", "stage", "due_at"),)
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("cases.id"), nullable=False)
    stage = Column(String(20), nullable=False)
    due_at = Column(UTCDateTime, nullable=False)
    at = Column(UTCDateTime, nullable=False)


class Program(Base):
    """A benefit or development program of the catalogue. Eligibility is data, see its columns."""

    __tablename__ = "programs"
    id = Column(String(60), primary_key=True)
    name = Column(String(120), nullable=False)
    aliases = Column(JSON, nullable=False)
    keywords = Column(JSON, nullable=False)
    topic = Column(String(100), nullable=True, index=True)
    category = Column(String(40), nullable=False, index=True)
    audience = Column(String(20), nullable=False)
    summary = Column(Text, nullable=False)
    gives_amount = Column(Float, nullable=True)
    gives_unit = Column(String(20), nullable=True)
    gives_period = Column(String(60), nullable=True)
    gives_text = Column(Text, nullable=True)
    employment_types = Column(JSON, nullable=False)
    min_fte = Column(Float, nullable=True)
    min_tenure_months = Column(Integer, nullable=True)
    job_families = Column(JSON, nullable=False)
    sites = Column(JSON, nullable=False)
    eligibility_notes = Column(Text, nullable=True)
    how_to_apply = Column(Text, nullable=False)
    contact = Column(String(120), nullable=True)
    link = Column(String(300), nullable=True)
    owner = Column(String(120), nullable=False)
    # When its owner looked at it last, and when they should again.
    reviewed = Column(Date, nullable=True)
    review_by = Column(Date, nullable=True)
    active = Column(Boolean, nullable=False, default=True)
    # Grows with every change of the catalogue, so that a search sees that its index is old.
    revision = Column(Integer, nullable=False, default=0, server_default="0", index=True)
    dates = relationship(
        "ProgramDate",
        order_by="ProgramDate.closes",
        cascade="all, delete-orphan",
        back_populates="program",
    )


class ProgramDate(Base):
    """One window of a program: when applications open and close, and when it starts."""

    __tablename__ = "program_dates"
    __table_args__ = (UniqueConstraint("program_id", "name"),)
    id = Column(Integer, primary_key=True)
    program_id = Column(ForeignKey("programs.id", ondelete="CASCADE"), nullable=False)
    name = Column(String(120), nullable=False)
    opens = Column(Date, nullable=True)
    closes = Column(Date, nullable=True, index=True)
    starts = Column(Date, nullable=True)
    program = relationship("Program", back_populates="dates")


class Employee(Base):
    """What HR's system says of somebody's job; what it doesn't say is NULL.

    Found by the fingerprint of the Slack user or of the e-mail address (both as in `people`),
    of which at least one is known.
    """

    __tablename__ = "employees"
    id = Column(Integer, primary_key=True)
    slack_hash = Column(String(64), nullable=True, unique=True)
    email_hash = Column(String(64), nullable=True, unique=True)
    address_sealed = Column(Text, nullable=False)
    employment_type = Column(String(20), nullable=True)
    fte = Column(Float, nullable=True)
    hire_date = Column(Date, nullable=True)
    job_family = Column(String(40), nullable=True)
    site = Column(String(40), nullable=True)
    license_expires = Column(Date, nullable=True)
    next_review = Column(Date, nullable=True)
    updated_at = Column(UTCDateTime, nullable=False)


class WidgetSession(Base):
    """A browser's way into its conversation on the careers page, until it has been silent long.

    Its id alone opens nothing: the token that the browser holds carries a signature as well.
    """

    __tablename__ = "widget_sessions"
    id = Column(String(40), primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    created_at = Column(UTCDateTime, nullable=False)
    expires_at = Column(UTCDateTime, nullable=False, index=True)


class WidgetLink(Base):
    """A link that was sent, through which a browser gets a session; its id alone opens nothing."""

    __tablename__ = "widget_links"
    id = Column(String(40), primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    created_at = Column(UTCDateTime, nullable=False)
    expires_at = Column(UTCDateTime, nullable=False, index=True)


class WidgetEvent(Base):
    """What a browser is shown of a conversation on the careers page, in the order of `number`.

    kind: message, form, form_done, deleted (all that is left of a conversation). `key` is that
    of the message or delivery it came with, so that it is shown once. `turn_id` or `case_id`
    is what it says something about.
    """

    __tablename__ = "widget_events"
    # Ids are never given twice, not even those of deleted rows: who waits for news counts on it.
    __table_args__ = (
        UniqueConstraint("conversation_id", "number"),
        {"sqlite_autoincrement": True},
    )
    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False)
    number = Column(Integer, nullable=False)
    key = Column(String(120), nullable=False, unique=True)
    kind = Column(String(12), nullable=False)
    payload = Column(JSON, nullable=False)
    turn_id = Column(String(40), nullable=True)
    case_id = Column(ForeignKey("cases.id"), nullable=True)
    created_at = Column(UTCDateTime, nullable=False)
