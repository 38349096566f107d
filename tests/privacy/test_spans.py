from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.privacy import spans


def test_a_phrase_is_found_with_a_hyphen_and_without_a_space() -> None:
    found = re.compile(spans.any_of(["med rec", "med"]))
    for written in ("med rec", "med-rec", "medrec"):
        assert found.fullmatch(written)
    assert found.match("med rec").group() == "med rec"


@pytest.mark.parametrize(
    ("content", "says"), [(None, "read"), ("a: [", "YAML"), ("ssn: [ssn]", "number_words")]
)
def test_word_lists_that_are_broken_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, says: str
) -> None:
    monkeypatch.setattr(spans, "FOLDER", tmp_path)
    if content is not None:
        (tmp_path / "words.yml").write_text(content)
    with pytest.raises(DataFileError, match=says):
        spans.word_lists.__wrapped__("words.yml")


def test_a_name_list_that_is_missing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "FOLDER", tmp_path)
    with pytest.raises(DataFileError, match="read"):
        spans.name_list("first_names.txt")
