from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from random import Random

import pytest

from bot.db.models import Case, TurnLog
from bot.db.session import Database
from bot.desk import cases
from bot.desk.routing import Routing
from bot.listening.outcomes import Group, Outcomes, outcomes
from bot.listening.periods import Period

from ..desk.office import ROUTING
from .log import add_asker, add_turn

DAY = timedelta(days=1)
OFFICE = Routing(ROUTING.queues, ("relations", "benefits/eap_mental_health"))


@pytest.fixture
def week(now: datetime) -> Period:
    return Period(now, now + 7 * DAY)


def told(database: Database, period: Period) -> Outcomes:
    with database.read() as session:
        return outcomes(session, OFFICE, period)


def hand_over(database: Database, turn: TurnLog, at: datetime, **more: object) -> None:
    with database.write() as session:
        values = {"topic": turn.topic, "question": turn.question or "why", **more}
        cases.open_case(
            session,
            turn_id=turn.turn_id,
            conversation_id=turn.conversation_id,
            routing=OFFICE,
            now=at,
            **values,
        )


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([{"feedback": "helped"}], {"solved": 1}),
        ([{"feedback": "not_helped"}], {"came_back": 1}),
        ([{}], {"silent": 1}),
        ([{"decision": "handover", "topic": None}], {"unanswered": 1}),
        # The same again within a week, another topic, and the same after a week.
        ([{}, {"day": 6}], {"came_back": 1, "silent": 1}),
        ([{"day": 0}, {"day": 1, "topic": "pay/payday"}], {"silent": 2}),
        ([{}, {"day": 8}], {"silent": 1}),
        ([{"topic": None}, {"topic": None}], {"silent": 2}),
        # Asked back: narrowed with a button, or left alone.
        (
            [{"decision": "clarify", "topic": None}, {"question": None, "feedback": "helped"}],
            {"solved": 1},
        ),
        ([{"decision": "clarify", "topic": None}, {}], {"unanswered": 1, "silent": 1}),
        # What turned out to be sensitive is no question without an answer either.
        (
            [
                {"decision": "clarify", "topic": None},
                {"topic": "benefits/eap_mental_health", "question": None},
            ],
            {},
        ),
        # No question, or none of this report's.
        ([{"kind": "dialogue", "topic": None}], {}),
        ([{"kind": "sensitive"}, {"kind": "crisis", "topic": None}], {}),
        ([{"topic": "relations/union"}, {"topic": "benefits/eap_mental_health"}], {}),
        ([{"topic": "benefits/eap_mental_health_days"}], {"silent": 1}),
        ([{"kind": "dialogue", "decision": "handover", "topic": None}], {"unanswered": 1}),
        ([{"day": -1}, {"day": 7}], {}),
    ],
)
def test_each_question_has_one_outcome(
    database: Database, week: Period, turns: list[dict], expected: dict[str, int]
) -> None:
    with database.write() as session:
        conversation = add_asker(session, "robin", week.since)
        for turn in turns:
            told_of_it = {name: value for name, value in turn.items() if name != "day"}
            add_turn(session, conversation, week.since + DAY * turn.get("day", 0), **told_of_it)
    found = told(database, week)
    assert {name: group.count for name, group in found.by_outcome.items()} == expected
    assert found.all == Group(sum(expected.values()), 1 if expected else 0)


def test_what_hr_got_is_handed_over_whatever_was_said(database: Database, week: Period) -> None:
    with database.write() as session:
        conversation = add_asker(session, "robin", week.since)
        told_off = add_turn(session, conversation, week.since, feedback="not_helped")
        unknown = add_turn(session, conversation, week.since, decision="handover", topic=None)
    for turn in (told_off, unknown):
        hand_over(database, turn, week.since)
    assert told(database, week).by_outcome == {"handed_over": Group(2, 1)}


def test_what_went_to_a_restricted_queue_is_in_no_figure(database: Database, week: Period) -> None:
    with database.write() as session:
        conversation = add_asker(session, "robin", week.since)
        turn = add_turn(session, conversation, week.since, decision="handover", topic=None)
    hand_over(database, turn, week.since, sensitive=True)
    assert told(database, week) == Outcomes(Group(0, 0), {})


def test_few_people_are_not_counted_nor_found_by_subtracting() -> None:
    found = Outcomes(
        Group(40, 21),
        {"solved": Group(20, 12), "silent": Group(11, 6), "came_back": Group(9, 3)},
    )
    assert found.shown() == {
        "solved": 20,
        "silent": None,
        "came_back": None,
        "handed_over": 0,
        "unanswered": 0,
    }


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_of_a_count_by_hand(database: Database, week: Period, seed: int) -> None:
    random = Random(seed)
    with database.write() as session:
        names = [add_asker(session, f"asker{number}", week.since) for number in range(12)]
        turns = [
            add_turn(
                session,
                random.choice(names),
                week.since + timedelta(minutes=random.randint(-3000, 20000)),
                kind=random.choice(["faq", "faq", "program", "dialogue", "sensitive"]),
                decision=random.choice(["answer", "answer", "answer", "handover", "clarify"]),
                topic=random.choice([None, "benefits/dental", "pay/payday", "relations/union"]),
                feedback=random.choice([None, None, None, "helped", "not_helped"]),
                question=random.choice(["why", "why", None]),
            )
            for _ in range(250)
        ]
    for turn in random.sample(turns, 30):
        hand_over(database, turn, turn.created_at, sensitive=random.random() < 0.2)
    with database.read() as session:
        opened = {case.turn_id: case for case in session.query(Case)}
    expected, people = Counter(), defaultdict(set)
    for place, turn in enumerate(turns):
        if not (is_asked(turn) and week.since <= turn.created_at < week.until):
            continue
        # What lies before the period is not looked at, and what comes later is.
        later = [t for t in turns[place + 1 :] if t.conversation_id == turn.conversation_id]
        later = [t for t in later if t.created_at >= week.since and not is_small_talk(t)]
        outcome = outcome_of(turn, later, opened.get(turn.turn_id))
        if outcome:
            expected[outcome] += 1
            people[outcome].add(turn.conversation_id)
    assert len(expected) == 5
    assert told(database, week).by_outcome == {
        name: Group(count, len(people[name])) for name, count in expected.items()
    }


def is_small_talk(turn: TurnLog) -> bool:
    return turn.kind == "dialogue" and turn.decision == "answer"


def is_asked(turn: TurnLog) -> bool:
    is_sensitive = turn.kind == "sensitive" or turn.topic == "relations/union"
    return not (is_sensitive or is_small_talk(turn))


def outcome_of(turn: TurnLog, later: list[TurnLog], case: Case | None) -> str | None:
    if case is not None and case.sensitive:
        return None
    if turn.decision == "clarify" and later and later[0].question is None:
        return None
    if case is not None:
        return "handed_over"
    if turn.decision != "answer":
        return "unanswered"
    if turn.feedback:
        return {"helped": "solved", "not_helped": "came_back"}[turn.feedback]
    same = [t for t in later if is_asked(t) and t.topic == turn.topic is not None]
    if same and same[0].created_at - turn.created_at <= timedelta(days=7):
        return "came_back"
    return "silent"
