"""Makes the vector that topics are learnt on: the sentence vector beside folded tf-idf.

The tf-idf of words and of characters is brought to length 1, weighted, and folded by a truncated
SVD: raw counts would drown the sentence vector.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

SPARSE_WEIGHT = 0.8
SVD_DIMENSIONS = 256
WORD_NGRAMS, CHARACTER_NGRAMS = (1, 2), (2, 5)


class SparseFeatures:
    """Word and character tf-idf, folded into at most `SVD_DIMENSIONS` dense values."""

    def __init__(
        self, words: TfidfVectorizer, characters: TfidfVectorizer, fold: np.ndarray
    ) -> None:
        self._words = words
        self._characters = characters
        self._fold = fold

    @classmethod
    def fit(cls, texts: Sequence[str], *, seed: int) -> SparseFeatures:
        """Learn vocabulary, weights and folding from the training phrasings."""
        from scipy.sparse import hstack

        words, characters = _word_vectorizer(), _character_vectorizer()
        sparse = hstack([words.fit_transform(texts), characters.fit_transform(texts)]).tocsr()
        size = min(SVD_DIMENSIONS, min(sparse.shape) - 1)
        svd = TruncatedSVD(n_components=size, random_state=seed).fit(sparse)
        return cls(words, characters, svd.components_.T.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row per text, shorter than 1 by what the folding leaves out."""
        parts = zip(
            self._words.transform(texts), self._characters.transform(texts), strict=True
        )
        return np.vstack([self._row(word, character) for word, character in parts])

    def _row(self, word, character) -> np.ndarray:
        split = self._words_size
        row = word @ self._fold[:split] + character @ self._fold[split:]
        return row

    @property
    def _words_size(self) -> int:
        return len(self._words.vocabulary_)
