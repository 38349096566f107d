"""Embeds each text once for an evaluation that asks for the same texts again and again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bot.nlu.selector import Encoder


class RememberingEncoder:
    """A sentence encoder that keeps the vectors of all texts it has seen."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._layers: dict[str, np.ndarray] = {}

    def encode_layers(self, text: str) -> np.ndarray:
        """Return the encoder's vectors of a text."""
        return self.encode_all([text])[0]

    def encode_all(self, texts: Iterable[str]) -> np.ndarray:
        """Return the encoder's vectors of each text."""
        texts = list(texts)
        new = list({text: None for text in texts if text not in self._layers})
        if new:
            self._layers.update(zip(new, self._encoder.encode_all(new), strict=True))
        return np.stack([self._layers[text] for text in texts])

    def known_words(self) -> frozenset[str]:
        """Return the encoder's words."""
        return self._encoder.known_words()
