import json

import numpy as np
from matplotlib.image import imread

from bot.nlu.evaluation.judging import evaluate
from bot.nlu.evaluation.plots import write_plots
from bot.nlu.evaluation.questions import Question
from bot.nlu.evaluation.report import Report
from bot.nlu.ranking import Thresholds
from tests.nlu.evaluation.conftest import DENTAL, Lookup, ranking


def report(*confidences, topic="benefits/dental"):
    rankings = {str(sure): ranking((DENTAL, sure)) for sure in confidences}
    questions = [Question(text, topic) for text in rankings]
    return Report(tuple(evaluate(questions, Lookup(rankings=rankings))), (), Thresholds(0.47, 0.2))


def test_two_pictures_and_the_figures_are_written(tmp_path):
    files = write_plots(report(0.2, 0.6, 0.9), tmp_path / "new" / "folder")
    assert [file.name for file in files] == [
        "calibration.png",
        "risk_coverage.png",
        "evaluation.json",
    ]
    calibration, curve = (imread(file) for file in files[:2])
    assert calibration.shape == curve.shape == (576, 768, 4)
    assert json.loads(files[2].read_text())["questions"] == 3


def test_other_figures_give_other_pictures(tmp_path):
    first = write_plots(report(0.2, 0.6), tmp_path / "first")
    second = write_plots(report(0.2, 0.6, topic="pay/payday"), tmp_path / "second")
    for one, other in zip(first[:2], second[:2], strict=True):
        assert not np.array_equal(imread(one), imread(other))


def test_without_questions_the_pictures_are_empty(tmp_path):
    assert all(file.exists() for file in write_plots(report(), tmp_path))
