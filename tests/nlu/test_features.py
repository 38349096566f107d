import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from bot.nlu.features import SPARSE_WEIGHT, SparseFeatures

TEXTS = [
    "when do we get paid",
    "When do I get my paycheck?",
    "is dental part of the medical plan",
    "my dental plan, what does it pay",
    "can i wear a nose ring on the unit",
    "I'd like a day off, a whole day",
]
ODD = [
    "",
    "   ",
    "?!",
    "🙂",
    "42",
    "\x00",
    "ünïcödé ßß ΟΔΟΣ",
    "tab\tnew\nline\u2003x\u00a0y",
    "a" * 999,
]
NO_VECTORS = np.zeros((1, 0), np.float32)


@pytest.fixture(scope="module")
def features() -> SparseFeatures:
    return SparseFeatures.fit(TEXTS, seed=0)


@pytest.mark.parametrize("text", [*TEXTS, "pay day for the nose", "paid paid paid", *ODD])
def test_a_text_has_the_values_that_scikit_learn_gives(features, text):
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    parts = [vectorizer.fit(TEXTS).transform([text]) for vectorizer in (words, characters)]
    _, arrays = features.state()
    expected = SPARSE_WEIGHT * (normalize(hstack(parts).tocsr()) @ arrays["fold"])
    assert features.beside(NO_VECTORS, [text]) == pytest.approx(expected, abs=1e-6)


def test_what_was_kept_gives_the_same_values(features):
    again = SparseFeatures.from_state(*features.state())
    asked = np.zeros((len(TEXTS), 2), np.float32)
    assert (again.beside(asked, TEXTS) == features.beside(asked, TEXTS)).all()
