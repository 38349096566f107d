"""Makes the vector that topics are learnt on: the sentence vectors beside folded tf-idf.

The tf-idf of words and of characters is brought to length 1, weighted, and folded by a truncated
SVD, because raw counts would drown the sentence vector.

scikit-learn learns the n-grams and their weights. Applied to a single text it is busy with checks
of its own matrices, so here the same numbers are looked up instead: ten times faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from scipy.sparse import hstack
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

SPARSE_WEIGHT = 1.2
SVD_DIMENSIONS = 256
"""512 won 0.06 points on CLINC150 with 15 phrasings: not worth twice the size."""

SVD_ROUNDS = 2
MANY_TEXTS = 1000
"""From so many on, what stands in one text only is left out: it can't be like anything else."""

REMEMBERED_WORDS = 4096
"""So many words' n-grams of characters are kept as numbers: a few hundred bytes each."""

_words_and_pairs = CountVectorizer(
    ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b"
).build_analyzer()
_pieces_of_words = CountVectorizer(ngram_range=(2, 5), analyzer="char_wb").build_analyzer()


class Terms:
    """The n-grams of one kind, learnt: the number and the weight (idf) of each."""

    def __init__(self, vocabulary: Sequence[str], idf: np.ndarray) -> None:
        self.vocabulary, self.idf = vocabulary, idf
        self._number_of = {term: number for number, term in enumerate(vocabulary)}

    @classmethod
    def learnt_by(cls, vectorizer: TfidfVectorizer) -> Terms:
        """Take over what scikit-learn has learnt."""
        numbered = vectorizer.vocabulary_
        return cls(sorted(numbered, key=numbered.__getitem__), vectorizer.idf_)

    def numbers(self, terms: Iterable[str]) -> np.ndarray:
        """Return the numbers of those n-grams that are known, in the order given."""
        numbers = map(self._number_of.get, terms)
        return np.array([number for number in numbers if number is not None], np.int32)

    def weighted(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the different numbers of a text's n-grams and their tf-idf, of length 1."""
        different, counts = np.unique(numbers, return_counts=True)
        return different, _of_length_one((np.log(counts) + 1.0) * self.idf[different])


class SparseFeatures:
    """Word and character tf-idf, folded into at most `SVD_DIMENSIONS` values."""

    def __init__(self, words: Terms, characters: Terms, fold: np.ndarray) -> None:
        self._words = words
        self._characters = characters
        self._fold = np.ascontiguousarray(fold, np.float32)
        # N-grams of characters end at a word's end, so that those of a word are always the same.
        self._numbers_in_word = lru_cache(REMEMBERED_WORDS)(
            lambda word: characters.numbers(_pieces_of_words(word))
        )

    @classmethod
    def fit(cls, texts: Sequence[str], *, seed: int) -> SparseFeatures:
        """Learn words, their weights and the folding from at least three texts."""
        least = 2 if len(texts) >= MANY_TEXTS else 1
        words = _tfidf(_words_and_pairs, least)
        characters = _tfidf(_word_by_word(_pieces_of_words), least)
        parts = hstack([words.fit_transform(texts), characters.fit_transform(texts)]).tocsr()
        parts.sort_indices()
        sparse = normalize(parts).astype(np.float32)
        size = min(SVD_DIMENSIONS, min(sparse.shape) - 1)
        svd = TruncatedSVD(n_components=size, n_iter=SVD_ROUNDS, random_state=seed).fit(sparse)
        return cls(Terms.learnt_by(words), Terms.learnt_by(characters), svd.components_.T)

    def beside(self, vectors: np.ndarray, texts: Sequence[str]) -> np.ndarray:
        """Return the sentence vectors (one row per text) with the folded tf-idf to their right."""
        folded = np.stack([self._folded(text) for text in texts])
        return np.hstack([vectors, SPARSE_WEIGHT * folded]).astype(np.float32)

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return what `from_state` needs: JSON values and arrays."""
        vocabularies = {
            "words": self._words.vocabulary,
            "characters": self._characters.vocabulary,
        }
        arrays = {
            "fold": self._fold,
            "word_idf": self._words.idf,
            "character_idf": self._characters.idf,
        }
        return vocabularies, arrays

    @classmethod
    def from_state(
        cls, vocabularies: dict[str, Any], arrays: dict[str, np.ndarray]
    ) -> SparseFeatures:
        """Rebuild the features from what `state` returned."""
        return cls(
            Terms(vocabularies["words"], arrays["word_idf"]),
            Terms(vocabularies["characters"], arrays["character_idf"]),
            arrays["fold"],
        )

    def _folded(self, text: str) -> np.ndarray:
        words, word_weights = self._words.weighted(self._words.numbers(_words_and_pairs(text)))
        pieces = [self._numbers_in_word(word) for word in text.lower().split()]
        in_words = np.concatenate(pieces) if pieces else np.zeros(0, np.int32)
        characters, character_weights = self._characters.weighted(in_words)
        weights = _of_length_one(np.concatenate([word_weights, character_weights]))
        rows = np.concatenate([words, characters + len(self._words.vocabulary)])
        # In the folding's own precision: otherwise what is taken of it is converted each time.
        return weights.astype(np.float32) @ self._fold[rows]


def _tfidf(analyse: Callable[[str], Iterable[str]], least: int) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=analyse, sublinear_tf=True, min_df=least)


def _word_by_word(analyse: Callable[[str], Iterable[str]]) -> Callable[[str], Iterable[str]]:
    """Return an analysis of texts that does each different word once."""
    of_word = lru_cache(maxsize=None)(analyse)
    return lambda text: chain.from_iterable(map(of_word, text.lower().split()))


def _of_length_one(values: np.ndarray) -> np.ndarray:
    """Return the vector with length 1; one of zeros stays as it is."""
    length = np.sqrt(values @ values)
    return values / length if length else values
