"""Cuts answers into sentences, for a question is also like the text that answers it."""

from __future__ import annotations

import re
from collections.abc import Iterable

LEAST_CHARACTERS = 15
_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")
_MARKUP = re.compile(r"\{[^}]*\}|[*_`]")


def answer_sentences(texts: Iterable[str], title: str = "") -> list[str]:
    """Return the sentences of an answer's variants without mark-up or placeholders.

    Each begins with the title, since "It covers two cleanings" says too little alone.
    """
    sentences = [title] if title else []
    for text in texts:
        for part in _BREAK.split(text):
            sentence = _MARKUP.sub("", part).strip("- ")
            if len(sentence) >= LEAST_CHARACTERS:
                sentences.append(f"{title}: {sentence}" if title else sentence)
    return sentences
