"""Four made-up weeks of questions and cases, up to the last Monday where HR works."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.desk import asking, cases, work
from bot.desk.cases import Actor
from bot.desk.routing_file import load_routing
from bot.listening.periods import Weeks
from bot.settings import ROOT

from ..listening.log import add_asker, add_turn

CHANNELS = {"default": "C0HRQUEST01", "sensitive": "C0HRRELATE1"}
PETS = (
    "can i bring my dog to work",
    "are dogs allowed at work",
    "may i bring my dog on my shift",
    "is it ok to bring a dog to work",
)
TOPICS = (
    "benefits/dental",
    "pay/payday",
    "leave/pto_accrual",
    "benefits/dental",
    "development/tuition_assistance",
)


def fill(database: Database, folder: Path = ROOT / "data") -> None:
    """Write them down."""
    random = Random(20261123)
    routing = load_routing(folder / "routing.yml", CHANNELS)
    zone = routing.default.hours.zone
    period = Weeks.before(datetime.now(timezone.utc), 4, zone).period
    minutes = int((period.until - period.since).total_seconds() / 60) - 3000
    with database.write() as session:
        sam = Actor("hr", add_asker(session, "sam", period.since).replace("slack:", "p:"))
        names = [add_asker(session, f"asker{number}", period.since) for number in range(24)]
    for number in range(320):
        asker, at = (
            random.choice(names),
            period.since + timedelta(minutes=random.randrange(minutes)),
        )
        kind = random.random()
        more: dict[str, object] = {"topic": random.choice(TOPICS)}
        if kind < 0.12:
            more |= {"decision": "handover", "topic": None, "question": random.choice(PETS)}
        elif kind < 0.55:
            more |= {"feedback": random.choice(["helped", "helped", "not_helped"])}
        with database.write() as session:
            turn = add_turn(session, asker, at, **more)
            if number % 7 == 0:
                case = cases.open_case(
                    session,
                    turn_id=turn.turn_id,
                    conversation_id=asker,
                    question=str(turn.question),
                    topic=turn.topic,
                    routing=routing,
                    now=at,
                ).id
        if number % 7 or random.random() < 0.1:
            continue
        replied = at + timedelta(hours=random.randrange(1, 40))
        with database.write() as session:
            work.answer(session, case, sam, "Here is how it works.", replied)
        if random.random() < 0.7:
            actor = Actor("asker", asker.replace("slack:", "p:"))
            with database.write() as session:
                asking.confirm_helpful(session, case, actor, replied)
                asking.rate(session, case, actor, random.choice([3, 4, 5, 5]), replied)


def silence(database: Database) -> None:
    """Let what the desk would send for all of that be sent already."""
    with database.write() as session:
        session.query(OutboxRow).update({"status": "sent"})
