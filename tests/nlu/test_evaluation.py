from datetime import date

import pytest
from rich.console import Console

from bot.errors import DataFileError
from bot.nlu.decision import Candidate, Decision, Label
from bot.nlu.evaluation import Outcome, Question, calibrate, evaluate, load_questions
from bot.nlu.ranking import Ranking
from bot.nlu.thresholds import read_thresholds

DENTAL, VISION = Label.named("benefits/dental"), Label.named("benefits/vision")


def answer(label):
    return Decision.answering(label, 0.9, (Candidate(label, 0.9, 9.0),))


def clarify(*labels):
    return Decision("clarify", "faq", 0.4, candidates=tuple(Candidate(x, 0.4, 4.0) for x in labels))


HANDOVER = Decision("handover", "faq", 0.1)


@pytest.mark.parametrize(
    ("topic_id", "decision", "outcome"),
    [
        ("benefits/dental", answer(DENTAL), Outcome.RIGHT),
        ("benefits/dental", answer(VISION), Outcome.WRONG),
        ("benefits/dental", clarify(VISION, DENTAL), Outcome.CLARIFY_WITH),
        ("benefits/dental", clarify(VISION), Outcome.CLARIFY_WITHOUT),
        ("benefits/dental", HANDOVER, Outcome.HANDOVER),
        ("employment/contact_hr", answer(Label.named("talk_to_person")), Outcome.RIGHT),
        ("benefits/dental", answer(Label.named("greet")), Outcome.WRONG),
        ("oos_near", HANDOVER, Outcome.RIGHT_HANDOVER),
        ("oos_far", answer(DENTAL), Outcome.WRONG),
        ("oos_far", answer(Label.named("greet")), Outcome.WRONG),
        ("oos_far", clarify(DENTAL), Outcome.CLARIFY_WITHOUT),
        ("pay/w2", answer(DENTAL), Outcome.WRONG),
        ("pay/w2", HANDOVER, Outcome.RIGHT_HANDOVER),
        ("crisis_self_harm", answer(Label.named("crisis_self_harm")), Outcome.RIGHT),
        ("crisis_self_harm", HANDOVER, Outcome.HANDOVER),
        ("oos_far", answer(Label.named("crisis_danger")), Outcome.WRONG),
    ],
)
def test_outcomes(topic_id, decision, outcome):
    known = {"benefits/dental", "benefits/vision", "employment/contact_hr"}
    report = evaluate([Question("…", topic_id)], lambda text, audience: decision, known)
    assert report.judgements[0].outcome is outcome


@pytest.fixture
def report():
    decisions = {"a": answer(DENTAL), "b": answer(VISION), "c": answer(VISION), "d": HANDOVER}
    questions = [
        Question("a", "benefits/dental"),
        Question("b", "benefits/dental"),
        Question("c", "benefits/dental"),
        Question("d", "oos_far"),
    ]
    return evaluate(questions, lambda text, audience: decisions[text])


def test_shares_categories_and_confusions(report):
    told = report.as_dict()
    assert told["questions"] == 4
    assert told["shares"]["right"] == 0.25
    assert told["shares"]["wrong"] == 0.5
    assert sum(told["shares"].values()) == pytest.approx(1.0)
    assert told["categories"]["benefits"]["questions"] == 3
    assert told["categories"]["oos"]["shares"]["right_handover"] == 1.0
    assert told["confusions"] == [
        {"topic_id": "benefits/dental", "answered": "benefits/vision", "count": 2}
    ]


def test_tables_can_be_printed(report):
    console = Console(width=200, record=True)
    for table in report.tables():
        console.print(table)
    printed = console.export_text()
    assert "50.0 %" in printed
    assert "benefits/vision" in printed


def test_the_audience_reaches_the_decision():
    seen = []

    def decide(text, audience):
        seen.append((text, audience))
        return HANDOVER

    evaluate([Question("hi", "oos_far", "candidate")], decide)
    assert seen == [("hi", "candidate")]


def test_categories():
    assert Question("a", "benefits/dental").category == "benefits"
    assert Question("a", "oos_near").category == "oos"
    assert Question("a", "crisis_danger").category == "crisis"
    assert Question("a", "benefits/dental", context=("b",)).category == "follow-up"


def test_nothing_to_evaluate_is_no_division_by_zero():
    assert evaluate([], lambda text, audience: HANDOVER).share(Outcome.WRONG) == 0.0


def test_questions_are_read_from_a_file_and_from_a_folder(tmp_path):
    file = tmp_path / "pay.csv"
    file.write_text(
        "text,topic_id,audience,context\n"
        '"when, please?",pay/payday,,hi|i have a question\n'
        "how do i apply,careers/how_to_apply,candidate,\n"
    )
    expected = [
        Question("when, please?", "pay/payday", "employee", ("hi", "i have a question")),
        Question("how do i apply", "careers/how_to_apply", "candidate"),
    ]
    assert load_questions([file]) == expected
    assert load_questions([tmp_path]) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,audience\nhi,employee\n", r"pay\.csv, line 1: the column topic_id is missing"),
        ("text,topic_id,audience\nhi,pay/payday,boss\n", r"pay\.csv, line 2: audience is “boss”"),
        ("text,topic_id,audience\nhi,pay/w2,employee\n,pay/w2,employee\n", "line 3: text and"),
        ("text,topic_id,audience\nhi, there,pay/payday,employee\n", "line 2: too many columns"),
        ("text,topic_id,audience\nhi,pay/payday\nhi,,\n", "line 3: text and topic_id"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path, content, message):
    file = tmp_path / "pay.csv"
    file.write_text(content)
    with pytest.raises(DataFileError, match=message):
        load_questions([file])


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(DataFileError, match=r"gone\.csv can't be read"):
        load_questions([tmp_path / "gone.csv"])
    (tmp_path / "latin.csv").write_bytes("text,topic_id,audience\ncaf\xe9,x/y,\n".encode("latin-1"))
    with pytest.raises(DataFileError, match=r"latin\.csv is not UTF-8"):
        load_questions([tmp_path / "latin.csv"])


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(DataFileError, match="no CSV files"):
        load_questions([tmp_path])


def test_calibrating_writes_the_thresholds_with_their_figures(tmp_path):
    confidences = {"a": 0.9, "b": 0.8, "c": 0.3}

    def rank(text, audience):
        best = Candidate(DENTAL, confidences[text], 0.0)
        return Ranking(audience, best, (best,))

    questions = [
        Question("a", "benefits/dental"),
        Question("b", "benefits/dental"),
        Question("c", "oos_near"),
    ]
    file = tmp_path / "decision.yml"
    chosen = calibrate(
        questions, rank, {"benefits/dental"}, on=date(2026, 11, 23), budget=0.0, file=file
    )
    assert 0.3 < chosen.answer <= 0.8
    assert read_thresholds(file) == chosen
    assert "right: 0.6667" in file.read_text()
