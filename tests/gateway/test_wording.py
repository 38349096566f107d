from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.gateway.wording import FILLED_IN, KEYS, Wording, load_wording
from bot.settings import ROOT


def write(tmp_path: Path, **changes: str | None) -> Path:
    texts: dict[str, str | None] = dict.fromkeys(KEYS, "Fine.")
    texts.update(changes)
    lines = [f"{key}: {text}" for key, text in texts.items() if text is not None]
    (tmp_path / "wording.yml").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_our_own_texts_can_all_be_said(wording: Wording) -> None:
    for key in KEYS:
        values = dict.fromkeys(FILLED_IN.get(key, ()), "HR-1001")
        said = wording.say(key, **values)
        assert said
        assert "{" not in said
    assert "HR-1001" in wording.say("case_opened", reference="HR-1001")


def test_the_crisis_text_names_911_and_988(wording: Wording) -> None:
    assert "911" in wording.say("crisis")
    assert "988" in wording.say("crisis")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"apology": None}, "“apology” is missing"),
        ({"apology": "5"}, "“apology” is missing"),
        ({"appology": "Sorry."}, "nobody says “appology”"),
        ({"7": "Sorry."}, "nobody says “7”"),
        ({"case_opened": "'Sent as {refrence}.'"}, "filled in for {refrence} in “case_opened”"),
        ({"apology": "'Sorry, {reference}.'"}, "filled in for {reference} in “apology”"),
        ({"apology": "["}, "can't be read"),
    ],
)
def test_each_kind_of_mistake_is_named_with_the_file(
    tmp_path: Path, changes: dict[str, str | None], message: str
) -> None:
    with pytest.raises(DataFileError) as caught:
        load_wording(write(tmp_path, **changes))
    assert "wording.yml" in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"wording\.yml can't be read"):
        load_wording(tmp_path)


def test_every_text_is_used_somewhere() -> None:
    folders = [ROOT / "bot" / room for room in ("gateway", "desk", "telling", "listening")]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    code = "".join(p.read_text() for p in files if p.name not in ("texts.py", "wording.py"))
    literal = set(re.findall(r"[\"']([a-z_0-9]+)[\"']", code))
    # A family such as f"status_{case.status}".
    families = {
        re.compile(f"{before}[a-z_0-9]+{after}")
        for before, after in re.findall(r"f[\"']([a-z_]*)\{[^}]+\}([a-z_]*)[\"']", code)
        if before or after
    }
    for key in KEYS:
        assert key in literal or any(family.fullmatch(key) for family in families), key
