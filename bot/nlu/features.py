"""Makes the vector that topics are learnt on: the sentence vectors beside folded tf-idf.

The tf-idf of words and of characters is brought to length 1, weighted, and folded by a truncated
SVD, because raw counts would drown the sentence vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

SPARSE_WEIGHT = 1.2
SVD_DIMENSIONS = 256
"""512 won 0.06 points on CLINC150 with 15 phrasings: not worth twice the size."""

SVD_ROUNDS = 2
MANY_TEXTS = 1000
"""From so many on, what stands in one text only is left out: it can't be like anything else."""


class SparseFeatures:
    """Word and character tf-idf, folded into at most `SVD_DIMENSIONS` values."""

    def __init__(
        self, words: TfidfVectorizer, characters: TfidfVectorizer, fold: np.ndarray
    ) -> None:
        self._words = words
        self._characters = characters
        self._fold = np.ascontiguousarray(fold, np.float32)

    @classmethod
    def fit(cls, texts: Sequence[str], *, seed: int) -> SparseFeatures:
        """Learn words, their weights and the folding from at least three texts."""
        least = 2 if len(texts) >= MANY_TEXTS else 1
        words = _word_tfidf(least=least).fit(texts)
        characters = _character_tfidf(least=least).fit(texts)
        sparse = _joined(words, characters, texts)
        size = min(SVD_DIMENSIONS, min(sparse.shape) - 1)
        svd = TruncatedSVD(n_components=size, n_iter=SVD_ROUNDS, random_state=seed).fit(sparse)
        return cls(words, characters, svd.components_.T)

    def beside(self, vectors: np.ndarray, texts: Sequence[str]) -> np.ndarray:
        """Return the sentence vectors (one row per text) with the folded tf-idf to their right."""
        folded = _joined(self._words, self._characters, texts) @ self._fold
        return np.hstack([vectors, SPARSE_WEIGHT * folded]).astype(np.float32)

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return what `from_state` needs: JSON values and arrays."""
        vocabularies = {
            "words": _in_order(self._words.vocabulary_),
            "characters": _in_order(self._characters.vocabulary_),
        }
        arrays = {
            "fold": self._fold,
            "word_idf": self._words.idf_,
            "character_idf": self._characters.idf_,
        }
        return vocabularies, arrays

    @classmethod
    def from_state(
        cls, vocabularies: dict[str, Any], arrays: dict[str, np.ndarray]
    ) -> SparseFeatures:
        """Rebuild the features from what `state` returned."""
        words = _word_tfidf(vocabularies["words"])
        words.idf_ = arrays["word_idf"]
        characters = _character_tfidf(vocabularies["characters"])
        characters.idf_ = arrays["character_idf"]
        return cls(words, characters, arrays["fold"])


def _word_tfidf(vocabulary: Sequence[str] | None = None, least: int = 1) -> TfidfVectorizer:
    return TfidfVectorizer(
        ngram_range=(1, 2),
        sublinear_tf=True,
        min_df=least,
        token_pattern=r"(?u)\b\w+\b",
        vocabulary=vocabulary,
    )


def _character_tfidf(vocabulary: Sequence[str] | None = None, least: int = 1) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 5),
        sublinear_tf=True,
        min_df=least,
        vocabulary=vocabulary,
    )


def _joined(
    words: TfidfVectorizer, characters: TfidfVectorizer, texts: Sequence[str]
) -> csr_matrix:
    parts = hstack([words.transform(texts), characters.transform(texts)])
    # In the folding's own precision: otherwise the whole folding is converted for every message.
    return normalize(parts.tocsr()).astype(np.float32)


def _in_order(vocabulary: dict[str, int]) -> list[str]:
    return sorted(vocabulary, key=vocabulary.__getitem__)
