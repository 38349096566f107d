from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.errors import DataFileError
from bot.nlu.language import Languages, answered_in, shipped_languages
from bot.settings import ROOT

SPANISH = [
    "hola",
    "¿Cuándo nos pagan?",
    "cuando nos pagan",
    "no me pagaron las horas extras",
    "no hablo ingles",
    "necesito hablar con una persona",
    "soy CNA y quiero estudiar para RN",
    "mi supervisora me grita",
    "vacaciones",
    "seguro dental",
    "como pido dias libres",
    "GRACIAS",
]
OTHERS = [
    ("je ne parle pas anglais", "fr"),
    ("não falo inglês", "pt"),
    ("ich spreche kein englisch", "de"),
    ("non parlo inglese", "it"),
    ("mwen pa pale angle", "ht"),
    ("hindi ako marunong mag ingles", "tl"),
    ("khi nào có lương", "vi"),
    ("ne govorim engleski", "bs"),
    ("nie mówię po angielsku", "pl"),
    ("ma hadlo ingiriisi", "so"),
    ("sizungumzi kiingereza", "sw"),
    ("什么时候发工资", "zh"),
    ("給料日はいつですか", "ja"),
    ("월급은 언제 나오나요", "ko"),
    ("متى يوم الراتب", "ar"),
    ("когда зарплата", "ru"),
    ("वेतन कब मिलेगा", "hi"),
    ("เงินเดือนออกเมื่อไหร่", "und"),
]
ENGLISH = [
    "",
    "401k?",
    ":+1:",
    "no",
    "si",
    "sí, por favor",
    "no gracias",
    "my name is Maria de la Cruz",
    "Maria de la Cruz",
    "is cinco de mayo a paid holiday",
    "my patient says me duele la cabeza, is there an interpreter",
    "per diem",
    "do you have a spanish interpreter",
    "résumé",
    "how do I get to Los Angeles",
    "I work in the ED with the PAs",
    "mom passed away, can i get days off",
]


@pytest.mark.parametrize("text", SPANISH)
def test_spanish_is_recognised(text):
    assert answered_in(text) == "es"


@pytest.mark.parametrize(("text", "code"), OTHERS)
def test_other_languages_are_recognised(text, code):
    assert shipped_languages().recognise(text).code == code
    assert answered_in(text) is None


@pytest.mark.parametrize("text", ENGLISH)
def test_english_and_what_cant_be_told_is_left_alone(text):
    assert shipped_languages().recognise(text) is None


def _english_texts() -> list[str]:
    files = [*sorted((ROOT / "data" / "faq").glob("*.yml")), ROOT / "data/dialogue/intents.yml"]
    entries = [entry for file in files for entry in YAML(typ="safe").load(file)["nlu"]]
    texts = [line[2:] for entry in entries for line in entry["examples"].splitlines()]
    for file in sorted((ROOT / "tests" / "evaluation").glob("*/*.csv")):
        with file.open(encoding="utf-8") as lines:
            texts += [row["text"] for row in csv.DictReader(lines)]
    return [text for text in texts if not text.startswith("quiero ")]


def _with_two_typos(text: str, chance: random.Random) -> str:
    for _ in range(2):
        place = chance.randrange(max(1, len(text) - 1))
        text = text[:place] + chance.choice(["", "a", "e", "s"]) + text[place + 1 :]
    return text


def test_none_of_our_own_english_is_taken_for_another_language():
    recognise = shipped_languages().recognise
    assert [text for text in _english_texts() if recognise(text)] == []


def test_english_with_typos_is_hardly_ever_taken_for_another_language():
    chance = random.Random(7)
    texts = [_with_two_typos(text, chance) for text in _english_texts()]
    wrong = [text for text in texts if shipped_languages().recognise(text)]
    assert len(wrong) <= len(texts) / 1000


def test_every_language_says_in_its_own_words_that_only_english_is_spoken():
    known = shipped_languages()
    for language in [*known.by_words, *known.by_script.values()]:
        assert known.recognise(language.sorry).code == language.code


@pytest.mark.parametrize("text", ["", "languages: 5", "languages: [{code: es}]", "a: ["])
def test_a_broken_file_is_named(tmp_path: Path, text: str):
    file = tmp_path / "languages.yml"
    file.write_text(text)
    with pytest.raises(DataFileError, match=r"languages\.yml"):
        Languages.load(file)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(DataFileError, match="can't be read"):
        Languages.load(tmp_path / "languages.yml")
