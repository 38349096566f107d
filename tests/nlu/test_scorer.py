import numpy as np
import pytest

from bot.nlu.scorer import GroupedVectors, LabelScorer

EAST, NORTH, WEST = np.eye(3, dtype=np.float32)
NONE = GroupedVectors(np.zeros((0, 3), np.float32), np.zeros(4, int))


def fitted(answers=NONE):
    vectors = np.array([EAST, EAST, NORTH, NORTH, WEST])
    return LabelScorer.fit(vectors, vectors, np.array([0, 0, 1, 1, 2]), answers)


def test_likeness_is_the_mean_of_the_nearest_and_missing_without_any():
    near = (EAST + NORTH) / np.float32(2**0.5)
    grouped = GroupedVectors.of(np.array([EAST, WEST, near]), np.array([1, 1, 1]), 3)
    likeness = grouped.likeness(EAST[None], nearest=2)
    assert np.isnan(likeness[0, 0])
    assert likeness[0, 1] == pytest.approx((1 + 0.5**0.5) / 2)
    assert np.isnan(likeness[0, 2])


def test_some_labels_are_numbered_anew():
    grouped = GroupedVectors.of(np.array([EAST, NORTH, WEST]), np.array([0, 1, 2]), 3)
    likeness = grouped.only(np.array([2, 0])).likeness(WEST[None], nearest=1)
    assert likeness.tolist() == [[1.0, 0.0]]


def test_the_own_label_scores_highest():
    scores = fitted().scores(np.array([EAST, NORTH, WEST]), np.array([EAST, NORTH, WEST]))
    assert scores.total.argmax(axis=1).tolist() == [0, 1, 2]
    assert scores.likeness.shape == scores.logits.shape == (3, 3)


def test_an_answer_speaks_for_its_label():
    halfway = (EAST + NORTH) / 2**0.5
    asked = (halfway[None], halfway[None])
    plain = fitted().scores(*asked).total[0]
    assert plain[0] == pytest.approx(plain[1], abs=1e-3)
    answers = GroupedVectors.of(np.array([NORTH]), np.array([1]), 3)
    with_answers = fitted(answers).scores(*asked).total[0]
    assert with_answers[1] - with_answers[0] == pytest.approx(plain[1] - plain[0], abs=1e-3)
    answers = GroupedVectors.of(np.array([NORTH, WEST]), np.array([1, 0]), 3)
    assert np.diff(fitted(answers).scores(*asked).total[0][:2]) > 1


def test_vectors_of_many_labels_lie_column_by_column():
    vectors = np.array([EAST, NORTH, WEST])
    grouped = GroupedVectors.of(vectors, np.array([2, 0, 1]), 3)
    assert (grouped.vectors == np.array([NORTH, WEST, EAST])).all()
    assert grouped.vectors.flags.f_contiguous
    assert fitted().weights.flags.f_contiguous
