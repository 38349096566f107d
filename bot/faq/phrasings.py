"""Reads the phrasings that people edit in data/faq and data/dialogue, without Rasa."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import DataFileError
from bot.faq.book import read_yaml


def phrasings_in(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the phrasings of one file by label: a topic (`benefits/dental`) or another intent."""
    return {
        entry["intent"]: [
            line.strip().removeprefix("- ").strip()
            for line in entry["examples"].splitlines()
            if line.strip()
        ]
        for entry in data.get("nlu") or []
    }


def read_phrasings(data_dir: Path) -> dict[str, list[str]]:
    """Return all phrasings that the model is trained on, by label.

    Raises:
        DataFileError: A file can't be read, or an entry lacks its intent or its examples.
    """
    faq, dialogue = (phrasings_in_folder(data_dir / name) for name in ("faq", "dialogue"))
    return {**faq, **dialogue}


def phrasings_in_folder(folder: Path) -> dict[str, list[str]]:
    """Return the phrasings of the YAML files of a folder, by label. Raises as `read_phrasings`."""
    phrasings: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            phrasings.update(phrasings_in(read_yaml(path)))
        except (AttributeError, KeyError, TypeError) as error:
            raise DataFileError(
                f"{path}: each entry under “nlu” needs an “intent” and “examples”."
            ) from error
    return phrasings
