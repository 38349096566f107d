"""Two gateways choose at the same moment, on each kind of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import select

from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.db.telling import Telling, TellingState
from bot.programs.catalogue import import_programs
from bot.settings import ROOT
from bot.telling.rounds import carry_out, plan

from .conftest import House, spec

PROGRAMS: Path = ROOT / "data" / "programs.yml"


def test_nobody_is_told_twice_and_nobody_passes_the_cap(database: Database) -> None:
    house = House(database)
    with database.write() as session:
        import_programs(session, PROGRAMS)
        session.add(TellingState(id=1))
    for name in ("robin", "casey", "noel"):
        house.hire(name)
    house.run(spec(), spec("loans", program_id="loan-repayment"))
    together = Barrier(4)

    def choose(_: int) -> int:
        with database.read() as session:
            todo = plan(session, house.limits, (), house.now)
        together.wait(10)
        with database.write() as session:
            return carry_out(session, todo, house.limits, house.now)

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(choose, range(4)))
    assert told == [0, 0, 0, 3]
    with database.read() as session:
        people = [one.person_id for one in session.scalars(select(Telling))]
        rows = list(session.scalars(select(OutboxRow).where(OutboxRow.kind == "telling")))
    assert sorted(people) == ["p:casey", "p:noel", "p:robin"]
    assert len(rows) == 3
