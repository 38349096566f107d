"""Turns a text into sentence vectors with the built ONNX model; it doesn't know topics."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 128


class SentenceEncoder:
    """MiniLM on one thread, one text at a time.

    Dynamic int8 scales depend on everything that is computed together: in a batch a text would get
    another vector than alone. So training embeds one at a time too.
    """

    def __init__(self, model_path: Path, tokenizer_path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model_path), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(tokenizer_path))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def encode(self, text: str) -> np.ndarray:
        """Return the vector of a text: 384 float32 values, of length 1."""
        return self.encode_layers(text)[0]

    def encode_layers(self, text: str) -> np.ndarray:
        """Return two vectors of length 1 (2, 384): the text's, and that of the layer below."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        return self._session.run(["embeddings"], {"input_ids": ids})[0]

    def encode_all(self, texts: Iterable[str]) -> np.ndarray:
        """Return what `encode_layers` gives for each text (texts, 2, 384), on all cores."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return np.stack(list(threads.map(self.encode_layers, texts)))

    def known_words(self) -> frozenset[str]:
        """Return the English words that the tokenizer knows whole."""
        return frozenset(
            piece for piece in self._tokenizer.get_vocab() if piece.isalpha() and piece.isascii()
        )
