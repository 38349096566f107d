from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.db.session import Database
from bot.listening import themes as listening_themes
from bot.listening.periods import Period
from bot.listening.themes import AskedInVain, Theme, asked_in_vain, themes

from ..desk.office import ROUTING
from .log import add_asker, add_turn

WEEK = timedelta(days=7)
GUESS = {"kind": "faq", "topic": "pay/payday", "confidence": 0.3}


@pytest.fixture
def weeks(now: datetime) -> tuple[Period, Period]:
    return Period(now, now + WEEK), Period(now - WEEK, now)


def in_vain(database: Database, weeks: tuple[Period, Period]) -> list[AskedInVain]:
    with database.read() as session:
        return asked_in_vain(session, ROUTING, *weeks)


def asked(text: str, *askers: str, before: tuple[str, ...] = ()) -> list[AskedInVain]:
    now = [AskedInVain(text, asker, False) for asker in askers]
    return now + [AskedInVain(text, asker, True) for asker in before]


def test_unanswered_and_escalated_questions_are_found(
    database: Database, weeks: tuple[Period, Period]
) -> None:
    now, before = weeks
    unanswered = {"decision": "handover", "topic": None}
    private = {"kind": "sensitive", "topic": "relations/union", "confidence": 0.3}
    with database.write() as session:
        robin = add_asker(session, "robin", now.since)
        for at, more in [
            (before.since, {"question": "earlier"}),
            (before.since - WEEK, {"question": "too early"}),
            (now.since, {"question": "can i bring my dog", "candidates": [GUESS]}),
            (now.since, {"question": "is he fired", "candidates": [GUESS, private]}),
            (now.since, {"question": "a hunch", "candidates": [{**private, "confidence": 0.1}]}),
            (now.since, {"question": "harassed", "candidates": [{**GUESS, **private}]}),
            (now.since, {"question": None}),
            (now.since, {"question": "harassed", "kind": "sensitive"}),
            (now.since, {"question": "answered", "decision": "answer"}),
            (now.until, {"question": "too late"}),
        ]:
            add_turn(session, robin, at, **{**unanswered, **more})
    assert in_vain(database, weeks) == [
        AskedInVain("a hunch", "p:robin", False),
        AskedInVain("can i bring my dog", "p:robin", False),
        AskedInVain("earlier", "p:robin", True),
    ]


def test_only_the_newest_are_grouped(
    database: Database, weeks: tuple[Period, Period], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening_themes, "MOST_QUESTIONS", 2)
    with database.write() as session:
        robin = add_asker(session, "robin", weeks[0].since)
        for text in "abc":
            add_turn(session, robin, weeks[0].since, decision="handover", question=text)
    assert [one.text for one in in_vain(database, weeks)] == ["c", "b"]


def test_a_theme_has_five_people_and_a_name_that_points_to_none() -> None:
    five, four = "abcde", "abcd"
    questions = [
        *asked("earlier word for pets", before=tuple(five)),
        *asked("can Ann bring a pet", *five, "a"),
        *asked("free parking", *four),
        *asked("free parking", "a"),
        *asked("shuttle bus", *five, before=tuple(four)),
    ]
    places = list(range(len(questions)))
    groups = [places[:11], places[11:16], places[16:]]
    found = themes(questions, groups, lambda text: text.replace("Ann", "somebody"))
    assert found == [
        Theme("can somebody bring a pet", 6, 5, 5),
        Theme("shuttle bus", 5, 5, None),
    ]


def test_a_name_of_which_nothing_is_left_is_the_next_ones() -> None:
    questions = [*asked("Ann", "a"), *asked("pets", *"bcde")]
    (found,) = themes(questions, [range(5)], lambda text: text.replace("Ann", ""))
    assert (found.name, found.before) == ("pets", 0)
