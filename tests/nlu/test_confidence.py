import numpy as np
import pytest

from bot.nlu.confidence import ConfidenceCurve, Rivals, signals
from bot.nlu.decision import Label
from bot.nlu.scorer import Scores

LABELS = [
    Label.named("pay/payday"),
    Label.named("talk_to_person"),
    Label.named("employment/contact_hr"),
    Label.named("out_of_scope"),
]


def scores(*rows):
    values = np.array(rows, float)
    return Scores(values, values / 10, values)


def test_leads_are_over_other_meanings():
    lead, over_next = Rivals.among(LABELS).leads(np.array([[5.0, 4.0, 3.0, 1.0]]))
    assert lead.tolist() == [[1.0, -1.0, -2.0, -4.0]]
    # talk_to_person means contact_hr, so it is no rival of it.
    assert over_next.tolist() == [[4.0, 3.0, 2.0, -3.0]]


def test_a_single_meaning_leads_nobody():
    lead, _ = Rivals.among(LABELS[1:3]).leads(np.array([[2.0, 1.0]]))
    assert lead.tolist() == [[0.0, -1.0]]


def test_signals_are_finite_for_each_text_and_label():
    found = signals(scores([5, 4, 3, 1], [0, 0, 0, 0]), Rivals.among(LABELS))
    assert found.shape[:2] == (2, 4)
    assert np.isfinite(found).all()


def test_the_curve_learns_what_tells_right_from_wrong():
    rivals = Rivals.among(LABELS)
    clear = signals(scores([9, 2, 2, 0]), rivals)[0, :1]
    unclear = signals(scores([3, 2.9, 2.8, 2.9]), rivals)[0, :1]
    rows = np.vstack([clear] * 20 + [unclear] * 20)
    right = np.array([True] * 20 + [False] * 20)
    curve = ConfidenceCurve.fit(rows, right, np.ones(40))
    assert curve.confidence(clear)[0] > 0.8
    assert curve.confidence(unclear)[0] < 0.2


def test_without_anything_to_tell_apart_the_score_decides():
    rows = signals(scores([9, 2, 2, 0], [5, 2, 2, 0]), Rivals.among(LABELS))[:, 0]
    curve = ConfidenceCurve.fit(rows, np.array([True, True]), np.ones(2))
    low, high = sorted(curve.confidence(rows).tolist())
    assert low < 0.5 < high
    assert high == pytest.approx(1 - low)
