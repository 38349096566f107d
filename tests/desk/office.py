"""Three queues with office hours, and cases in them, for the tests of what happens by the clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.db.models import Person
from bot.db.session import Database
from bot.desk import cases
from bot.desk.cases import Actor
from bot.desk.routing import Queue, Routing, ServiceLevel
from bot.desk.service_hours import ServiceHours

from ..records import add_conversation

CHICAGO = ZoneInfo("America/Chicago")
THANKSGIVING = date(2026, 11, 26)
HOURS = ServiceHours(CHICAGO, (*(((480, 1020),),) * 5, (), ()), frozenset({THANKSGIVING}))
SLA = ServiceLevel(timedelta(hours=4), timedelta(hours=18))
SAM, DANA = Actor("hr", "p:sam"), Actor("hr", "p:dana")
PEOPLE = {"U0ONCALL": "p:oncall", "lead@cedar.example": "p:lead"}


def queue(name: str, *categories: str, **more: object) -> Queue:
    values: dict[str, object] = {
        "on_call": ("U0ONCALL",),
        "escalation": ("lead@cedar.example",),
        "hours": HOURS,
        "sla": SLA,
        "digest": 8 * 60 + 30,
        **more,
    }
    return Queue(
        name, name.title(), f"C0{name.upper()}", None, (), categories, ("employee",), **values
    )


ROUTING = Routing(
    {
        "relations": queue("relations", "relations", restricted=True),
        "benefits": queue("benefits", "benefits"),
        "default": queue("default"),
    }
)
TOPICS = {"relations": "relations/union", "benefits": "benefits/dental", "default": None}


def chicago(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def is_at_work(at: datetime) -> bool:
    """Say whether the office is open; written without what is tested here."""
    local = at.astimezone(CHICAGO)
    return local.weekday() < 5 and local.date() != THANKSGIVING and 8 <= local.hour < 17


def add_people(database: Database, now: datetime) -> None:
    add_conversation(database, now)
    with database.write() as session:
        for name in ("sam", "dana", "oncall", "lead"):
            session.add(
                Person(id=f"p:{name}", address_hash=name, address_sealed="", created_at=now)
            )


def open_one(
    database: Database, at: datetime, name: str = "benefits", routing: Routing = ROUTING
) -> int:
    with database.write() as session:
        return cases.open_case(
            session,
            turn_id=f"turn:{name}:{at.isoformat()}",
            conversation_id="slack:robin",
            question="Is a crown paid?",
            topic=TOPICS[name],
            routing=routing,
            now=at,
        ).id
