"""`hrbot evaluate` on a small model as Rasa stores it, with the real encoder."""

import tarfile
from datetime import date

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.evaluate import Evaluator
from bot.nlu.decision import Label
from bot.nlu.evaluation.questions import Question
from bot.nlu.selector import TopicSelector
from bot.nlu.understanding import load_encoder
from tests.nlu.conftest import OTHERS, TOPICS, phrasings

ANSWER = """
responses:
  utter_{topic}:
  - text: About {topic}.
    metadata: {{audience: employee, title: {topic}}}
"""


def nlu_of(blocks):
    entries = [
        f"- intent: {name}\n  examples: |\n"
        + "".join(f"    - {text}\n" for text in phrasings(block))
        for name, block in blocks.items()
    ]
    return "nlu:\n" + "".join(entries)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    stored = folder / "components" / "train_FaqSelector0"
    stored.mkdir(parents=True)
    blocks = {**TOPICS, **OTHERS}
    examples = [(text, name) for name, block in blocks.items() for text in phrasings(block)]
    labels = [Label.named(name) for name in blocks]
    TopicSelector.fit(examples, labels, load_encoder()).save(stored)
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        archive.add(folder / "components", "components")
    return folder / "model.tar.gz"


@pytest.fixture
def data_dir(tmp_path):
    for name in ("faq", "dialogue"):
        (tmp_path / name).mkdir()
    for topic, block in TOPICS.items():
        text = nlu_of({topic: block}) + ANSWER.format(topic=topic)
        (tmp_path / "faq" / f"{topic.replace('/', '_')}.yml").write_text(text)
    (tmp_path / "dialogue" / "intents.yml").write_text(nlu_of(OTHERS))
    return tmp_path


QUESTIONS = [
    Question("which day does my paycheck come", "pay/payday"),
    Question("is my dentist covered", "benefits/dental"),
    Question("how do i reset my epic password", "oos_near"),
    Question("there's a man with a gun here", "crisis_danger"),
]


def test_questions_are_asked_and_judged(model, data_dir):
    shares = Evaluator(model, data_dir).on_questions(QUESTIONS).shares()
    assert (shares["right"].count, shares["right"].of) == (2, 2)
    assert (shares["out_of_scope_answered"].count, shares["out_of_scope_answered"].of) == (0, 1)
    assert (shares["crisis_recall"].count, shares["crisis_recall"].of) == (1, 1)


def test_a_wrong_answer_comes_with_the_phrasing_that_led_there(model, data_dir):
    report = Evaluator(model, data_dir).on_questions(
        [Question("which day does my paycheck come", "benefits/dental")]
    )
    (confusion,) = report.confusions
    assert confusion.answered == "pay/payday"
    assert confusion.questions[0].phrasing == "what day is my paycheck coming"


def test_calibrating_writes_beside_the_data_and_counts_at_once(model, data_dir):
    evaluator = Evaluator(model, data_dir)
    evaluator.calibrate(QUESTIONS, on=date(2026, 11, 23), budget=0.0)
    written = (data_dir / "decision.yml").read_text()
    assert "calibrated: '2026-11-23'" in written
    thresholds = evaluator.on_questions(QUESTIONS).thresholds
    assert f"answer_threshold: {thresholds.answer}" in written


def test_cross_validation_asks_every_phrasing(model, data_dir):
    report = Evaluator(model, data_dir).by_cross_validation()
    blocks = {**TOPICS, **OTHERS}
    assert len(report.judgements) == sum(len(phrasings(block)) for block in blocks.values())
    assert report.as_dict()["categories"]["benefits"]["shares"]["among_first_three"] > 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "either --questions or --cross-validate"),
        (["--questions", ".", "--cross-validate"], "either --questions or --cross-validate"),
        (["--cross-validate", "--calibrate"], "--calibrate needs --questions"),
    ],
)
def test_arguments_that_do_not_fit_are_told(arguments, message):
    result = CliRunner().invoke(app, ["evaluate", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert message in result.output
