import json

import pytest
from rich.console import Console

from bot.nlu.evaluation.confusions import confusions
from bot.nlu.evaluation.judging import evaluate
from bot.nlu.evaluation.questions import Question
from bot.nlu.evaluation.report import Report
from bot.nlu.ranking import Thresholds
from tests.nlu.evaluation.conftest import (
    DANGER,
    DENTAL,
    PAYDAY,
    SELF_HARM,
    VISION,
    Lookup,
    answer,
    clarify,
    ranking,
)


@pytest.fixture
def report(encoder):
    decisions = {
        "a": answer(DENTAL),
        "b": answer(VISION),
        "c": answer(VISION),
        "d": clarify(VISION, DENTAL),
        "f": answer(DENTAL),
        "i": answer(SELF_HARM),
        "j": answer(DANGER),
        "l": answer(DANGER),
    }
    questions = [
        *(Question(text, "benefits/dental") for text in "abcd"),
        *(Question(text, "oos_far") for text in "efg"),
        Question("h", "crisis_danger"),
        *(Question(text, "crisis_self_harm") for text in "ij"),
        Question("k", "pay/payday", file="sensitive"),
        Question("l", "pay/payday", file="sensitive"),
    ]
    ranked = {
        "k": ranking((DENTAL, 0.3), (VISION, 0.2), (PAYDAY, 0.1)),
        "l": ranking((VISION, 0.5), (DENTAL, 0.2)),
    }
    judgements = evaluate(questions, Lookup(decisions, ranked))
    found = confusions(judgements, {"benefits/vision": ["new glasses"]}, encoder)
    return Report(tuple(judgements), tuple(found), Thresholds(0.5, 0.2))


def test_each_share_is_among_the_questions_it_is_about(report):
    counted = {name: (share.count, share.of) for name, share in report.shares().items()}
    assert counted == {
        "right": (1, 6),
        "wrong": (3, 6),
        "clarify_with": (1, 6),
        "clarify_without": (0, 6),
        "handover": (1, 6),
        "out_of_scope_answered": (1, 3),
        "out_of_scope_clarified": (0, 3),
        "out_of_scope_handed_over": (2, 3),
        "crisis_recall": (2, 3),
        "crisis_right_help": (1, 3),
        "look_alike_alarms": (1, 2),
    }


def test_categories_tell_where_the_right_topic_ranks(report):
    categories = report.as_dict()["categories"]
    assert categories["benefits"]["questions"] == 4
    assert categories["benefits"]["shares"]["first"] == 1.0
    assert categories["benefits"]["shares"]["wrong"] == 0.5
    assert categories["pay"]["shares"]["first"] == 0.0
    assert categories["pay"]["shares"]["among_first_three"] == 0.5
    assert "first" not in categories["oos"]["shares"]
    assert categories["oos"]["shares"]["handover"] == pytest.approx(0.6667)


def test_the_report_is_plain_json(report):
    told = json.loads(json.dumps(report.as_dict()))
    assert told["questions"] == 12
    assert told["thresholds"] == {"answer": 0.5, "clarify": 0.2, "sensitive": None}
    assert told["shares"]["wrong"] == {
        "count": 3,
        "of": 6,
        "share": 0.5,
        "low": 0.1876,
        "high": 0.8124,
    }
    worst = told["confusions"][0]
    assert (worst["topic_id"], worst["answered"]) == ("benefits/dental", "benefits/vision")
    assert worst["questions"][0]["phrasing"] == "new glasses"
    assert len(told["risk_coverage"]) == 51
    assert told["calibration"]["bins"]


def test_tables_fit_a_narrow_terminal(report):
    console = Console(width=80, record=True)
    for table in report.tables("some questions"):
        console.print(table)
    printed = console.export_text()
    assert "some questions" in printed
    assert "3 of 6" in printed
    assert "18.8 – 81.2 %" in printed
    assert "“new glasses”" in printed
    assert "…" not in printed


def test_the_longest_category_is_not_cut():
    judgements = evaluate([Question("m", "development/mentoring")], Lookup())
    console = Console(width=80, record=True)
    for table in Report(tuple(judgements), (), Thresholds(0.5, 0.2)).tables("one question"):
        console.print(table)
    assert "development" in console.export_text()


def test_nothing_to_evaluate_is_no_division_by_zero():
    report = Report((), (), Thresholds(0.5, 0.2))
    assert report.shares()["wrong"].value == 0.0
    assert report.as_dict()["categories"] == {}
    assert report.tables("nothing")
