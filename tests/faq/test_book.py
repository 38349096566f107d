from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DataFileError
from bot.faq.book import (
    AnswerBook,
    UnknownFactError,
    UnknownResponseError,
    Variant,
    fill_in,
    load_book,
    load_company_facts,
)
from bot.privacy.audience import may_see
from bot.settings import ROOT

GOOD = """
responses:
  utter_benefits/dental:
  - text: |
      Cleanings are free. Call {company.dental_phone}.
    buttons:
    - {title: Yes, payload: /yes}
    metadata: {audience: employee, title: Dental, owner: Benefits}
  - text: We have a dental plan.
    metadata: {audience: both, title: Dental}
"""


def files(tmp_path: Path, faq: str = GOOD, domain: str = "version: '3.1'\n") -> tuple[Path, Path]:
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "benefits.yml").write_text(faq, encoding="utf-8")
    (tmp_path / "domain.yml").write_text(domain, encoding="utf-8")
    return tmp_path, tmp_path / "domain.yml"


def book(**audiences: list[str | None]) -> AnswerBook:
    return AnswerBook(
        {
            name: tuple(Variant(f"for {audience}", audience) for audience in of)
            for name, of in audiences.items()
        }
    )


variants = st.lists(
    st.builds(
        Variant,
        text=st.sampled_from(["one", "two", "three"]),
        audience=st.sampled_from(["employee", "candidate", "both", None, "internal", ""]),
        metadata=st.sampled_from([{}, {"audience": "both"}, {"title": "Dental"}]),
    ),
    max_size=5,
).map(tuple)


@given(variants, st.sampled_from(["candidate", "employee", "both", "", "somebody"]))
def test_nobody_gets_a_variant_that_isnt_for_them(found: tuple[Variant, ...], reader: str) -> None:
    answer = AnswerBook({"utter_x": found}).say("utter_x", reader, {}, {})
    may = [v for v in found if may_see(reader, v.audience)]
    if reader != "employee":
        assert all(v.audience in ("candidate", "both") for v in may)
    if answer is None:
        assert may == []
    else:
        assert (answer.text, answer.metadata["audience"]) in [(v.text, v.audience) for v in may]


@pytest.mark.parametrize(
    ("reader", "audiences", "said"),
    [
        ("employee", ["both", "employee"], "for employee"),
        ("employee", ["candidate", "both"], "for both"),
        ("employee", ["candidate"], "for candidate"),
        ("candidate", ["employee", "both", "candidate"], "for candidate"),
        ("candidate", ["employee", "both"], "for both"),
    ],
)
def test_the_variant_for_the_reader_comes_first(
    reader: str, audiences: list[str | None], said: str
) -> None:
    answer = book(utter_x=audiences).say("utter_x", reader, {}, {})
    assert answer is not None
    assert answer.text == said


def test_an_outsider_gets_nothing_of_an_internal_topic() -> None:
    internal = book(**{"utter_pay/bonus": ["employee"], "utter_pay/date": ["both"]})
    assert internal.say("utter_pay/bonus", "candidate", {}, {}) is None
    assert internal.visible_topics("candidate") == {"pay/date"}
    assert internal.visible_topics("employee") == {"pay/bonus", "pay/date"}


def test_an_unknown_response_is_named() -> None:
    with pytest.raises(UnknownResponseError, match="utter_nothing"):
        book().say("utter_nothing", "employee", {}, {})


def test_placeholders_are_filled_once() -> None:
    values = {"name": "{company.secret}", "company.secret": "do not say"}
    assert fill_in("Hello {name}.", values, where="x") == "Hello {company.secret}."


@given(st.text(max_size=30))
def test_whatever_is_filled_in_is_said_as_it_is(value: str) -> None:
    assert fill_in("a {x} b", {"x": value, "y": "no"}, where="w") == f"a {value} b"


def test_what_is_no_placeholder_stays() -> None:
    assert fill_in("{} {1} { x } 100 %", {}, where="w") == "{} {1} { x } 100 %"


@pytest.mark.parametrize("values", [{}, {"company.phone": None}])
def test_a_missing_fact_is_named_with_its_place(values: dict[str, Any]) -> None:
    with pytest.raises(UnknownFactError, match=r"utter_x refers to \{company.phone\}"):
        fill_in("Call {company.phone}", values, where="utter_x")


def test_values_of_the_utterance_win_over_facts() -> None:
    said = AnswerBook({"utter_x": (Variant("{a} {b}", "both"),)}).say(
        "utter_x", "employee", {"a": "fact", "b": "fact"}, {"b": 2}
    )
    assert said is not None
    assert said.text == "fact 2"


def test_a_book_is_read_from_its_files(tmp_path: Path) -> None:
    domain = "responses:\n  utter_hello:\n  - text: Hello\n    metadata: {audience: both}\n"
    read = load_book(*files(tmp_path, domain=domain))
    assert read.topics() == ["benefits/dental"]
    assert read.title_of("benefits/dental") == "Dental"
    assert read.title_of("benefits/vision") == "benefits/vision"
    answer = read.say("utter_benefits/dental", "employee", {"company.dental_phone": "5"}, {})
    assert answer is not None
    assert answer.text == "Cleanings are free. Call 5."
    assert answer.metadata == {"audience": "employee", "title": "Dental", "owner": "Benefits"}
    assert answer.buttons == [{"title": "Yes", "payload": "/yes"}]
    assert read.say("utter_hello", "candidate", {}, {}) is not None


def test_our_own_book_can_be_read_and_every_fact_is_known() -> None:
    read = load_book(ROOT / "data", ROOT / "domain.yml")
    facts = load_company_facts(ROOT / "data")
    assert len(read.topics()) >= 8
    assert facts["company.hr_name"]
    for topic in read.topics():
        assert read.visible_topics("employee") >= {topic}, topic


@pytest.mark.parametrize(
    ("faq", "message"),
    [
        ("responses: [", r"benefits\.yml can't be read.*line"),
        ("- a\n- b\n", r"benefits\.yml must hold"),
        ("responses:\n- utter_x\n", r"benefits\.yml: “responses”"),
        ("responses:\n  utter_x: hello\n", r"benefits\.yml: utter_x needs a list"),
        ("responses:\n  utter_x: []\n", r"benefits\.yml: utter_x needs a list"),
        ("responses:\n  utter_x:\n  - hello\n", r"benefits\.yml: a variant of utter_x"),
        ("responses:\n  utter_x:\n  - text: 5\n", r"benefits\.yml: a variant of utter_x"),
        (
            "responses:\n  utter_x:\n  - {text: a, metadata: both}\n",
            r"benefits\.yml: the metadata of utter_x",
        ),
        (
            "responses:\n  utter_x:\n  - {text: a, buttons: yes please}\n",
            r"benefits\.yml: the buttons of utter_x",
        ),
        (
            "responses:\n  utter_x:\n  - text: a\n  utter_x:\n  - text: b\n",
            r"(?s)benefits\.yml can't be read.*line",
        ),
    ],
)
def test_a_mistake_is_named_with_its_file_and_place(tmp_path: Path, faq: str, message: str) -> None:
    with pytest.raises(DataFileError, match=f"(?s){message}"):
        load_book(*files(tmp_path, faq))


def test_an_answer_stands_in_one_place_only(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"domain\.yml: utter_benefits/dental"):
        load_book(*files(tmp_path, domain=GOOD))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"domain\.yml can't be read"):
        load_book(tmp_path, tmp_path / "domain.yml")


def test_a_fact_without_a_value_is_missing_and_not_none(tmp_path: Path) -> None:
    (tmp_path / "company.yml").write_text("phone:\nname: Cedar\nage: 7\n", encoding="utf-8")
    assert load_company_facts(tmp_path) == {"company.name": "Cedar", "company.age": "7"}
