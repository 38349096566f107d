"""The crisis phrases against whole messages: crisis_corpus/crisis.csv and lookalikes.csv.

Parts of the corpus were written one after the other, each before its messages were tried:
`develop` was open while the phrases were written; the others were read once, then joined it. Found
that one time: `report` 84 of 86 crises with 6 of 152 look-alikes alarmed; `fresh`, with unusual
wording on purpose, 46 of 77 with 8 of 97; `fresh_2`, as unusual, 21 of 40 with 5 of 40. Who adds
messages: write them first, under a new part, and note here what they showed.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.errors import DataFileError
from bot.nlu.crisis import CrisisPhrases, detect, shipped_phrases

CORPUS = Path(__file__).parent / "crisis_corpus"
FAQ = Path(__file__).resolve().parents[2] / "data" / "faq"
KNOWN_MISSES: set[str] = set()


def rows(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def phrasings() -> list[str]:
    """All phrasings of the FAQ; none of its topics is a crisis."""
    found = []
    for path in FAQ.glob("*.yml"):
        for entry in YAML(typ="safe").load(path.read_text(encoding="utf-8"))["nlu"]:
            found += [line[2:] for line in entry["examples"].splitlines()]
    return found


@pytest.mark.parametrize("row", rows("crisis.csv"), ids=lambda row: row["text"])
def test_every_crisis_alarms(row):
    missed = detect(row["text"]) is None
    assert missed == (row["text"] in KNOWN_MISSES)


def test_the_kind_of_crisis_is_right():
    found = [(row, detect(row["text"])) for row in rows("crisis.csv")]
    wrong = [row["text"] for row, kind in found if kind and kind != row["kind"]]
    assert len(wrong) <= 0.03 * len(found), wrong


def test_look_alikes_rarely_alarm():
    found = rows("lookalikes.csv")
    alarmed = [row["text"] for row in found if detect(row["text"])]
    assert len(alarmed) <= 0.05 * len(found), alarmed


def test_no_voice_of_look_alikes_alarms_much():
    found = rows("lookalikes.csv")
    voices = Counter(row["voice"] for row in found)
    alarmed = Counter(row["voice"] for row in found if detect(row["text"]))
    assert all(alarmed[voice] <= 0.1 * voices[voice] for voice in voices), alarmed


def test_questions_of_the_faq_hardly_ever_alarm():
    """The few that do are told to call for help before they are answered: threats, assaults."""
    found = phrasings()
    alarmed = [text for text in found if detect(text)]
    assert len(found) > 1000
    assert len(alarmed) <= 0.003 * len(found), alarmed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i wnat to kill myslef", "self_harm"),
        ("suiciddal", "self_harm"),
        ("he has a kinfe", "danger"),
        ("i dnt wana be here anymor", "self_harm"),
    ],
)
def test_slips_and_shorthand_are_understood(text, kind):
    assert detect(text) == kind


def test_no_everyday_word_is_taken_for_a_slip():
    meant = YAML(typ="safe").load((FAQ.parent / "crisis.yml").read_text(encoding="utf-8"))
    slips = {slip: word for slip, word in shipped_phrases().meant.items() if word in meant["slips"]}
    said = Counter(word for text in phrasings() for word in text.lower().split())
    assert {slip: word for slip, word in slips.items() if slip != word and said[slip] > 2} == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i dont want to hurt anyone, i just want a day off", None),
        ("i dont want to hurt him but i might", "danger"),
        ("i dont want to kill myself but i think about it", "self_harm"),
    ],
)
def test_a_no_counts_unless_it_is_taken_back(text, kind):
    assert detect(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a visitor brought a gun to the unit", "danger"),
        ("last month a visitor brought a gun to the unit", None),
        ("last month a visitor brought a gun to the unit and he is outside now", "danger"),
        ("is there a course on gun wounds", None),
    ],
)
def test_what_is_over_or_a_matter_of_rules_alarms_only_if_it_goes_on(text, kind):
    assert detect(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("there is no point in anything anymore", "self_harm"),
        ("there is no way out", "self_harm"),
        ("there is no way out, i can't transfer before my contract ends", None),
    ],
)
def test_veiled_words_alarm_unless_the_talk_is_of_work(text, kind):
    assert detect(text) == kind


def test_an_unknown_named_word_is_refused(tmp_path):
    sections = [
        "idioms: [a]", "self_harm: ['i <wnt> to']", "self_harm_unless_work: [b]", "danger: [c]",
        "danger_unless_past: [d]", "past: [e]", "now: [f]", "rules: [g]", "work: [h]",
    ]  # fmt: skip
    file = tmp_path / "crisis.yml"
    file.write_text("\n".join(sections))
    with pytest.raises(DataFileError, match=r"self_harm: i <wnt> to"):
        CrisisPhrases.load(file)
