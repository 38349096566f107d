from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.faq.phrasings import phrasings_in, read_phrasings

FAQ = """
nlu:
- intent: pay/payday
  examples: |
    - when is payday
    - payday - the next one

    -   paid weekly?
responses: {}
"""
DIALOGUE = "nlu:\n- intent: greet\n  examples: |\n    - hi\n"


def write(folder: Path, faq: str) -> Path:
    for name, text in (("faq/pay.yml", faq), ("dialogue/intents.yml", DIALOGUE)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_topics_and_other_intents_are_read(tmp_path: Path) -> None:
    assert read_phrasings(write(tmp_path, FAQ)) == {
        "pay/payday": ["when is payday", "payday - the next one", "paid weekly?"],
        "greet": ["hi"],
    }


def test_a_file_without_phrasings_has_none() -> None:
    assert phrasings_in({"responses": {}}) == {}


@pytest.mark.parametrize("faq", ["nlu:\n- intent: pay/payday\n", "nlu: [payday]\n"])
def test_a_wrong_entry_is_told_with_its_file(tmp_path: Path, faq: str) -> None:
    with pytest.raises(DataFileError, match=r"pay\.yml: each entry under “nlu” needs"):
        read_phrasings(write(tmp_path, faq))
