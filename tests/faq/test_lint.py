from __future__ import annotations

from pathlib import Path

import pytest

from bot.faq.lint import MIN_PHRASINGS, lint
from bot.settings import ROOT, Settings, load_settings
from bot.validate import validate_all

PHRASINGS = "\n".join(f"    - dental question {number}" for number in range(MIN_PHRASINGS))
GOOD = f"""
nlu:
- intent: benefits/dental
  examples: |
{PHRASINGS}
responses:
  utter_benefits/dental:
  - text: Call {{company.dental_phone}}.
    metadata:
      audience: employee
      title: Dental
      source: Benefits guide
      link: https://benefits.example
      owner: Benefits
      reviewed: 2026-09-15
      related: [benefits/vision]
"""


def problems(tmp_path: Path, text: str, name: str = "benefits.yml") -> list[str]:
    (tmp_path / "faq").mkdir(exist_ok=True)
    (tmp_path / "faq" / name).write_text(text, encoding="utf-8")
    return lint(tmp_path, {"company.dental_phone"}, {"benefits"}).problems


def test_good_data_has_no_problems_and_is_counted(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []
    counts = lint(tmp_path, {"company.dental_phone"}, {"benefits"}).counts
    assert counts == {
        "benefits": {
            "topics": 1,
            "phrasings": MIN_PHRASINGS,
            "employee": 1,
            "candidate": 0,
            "both": 0,
        }
    }


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("audience: employee", "audience: staff", "“audience” must be employee, candidate, both"),
        ("      audience: employee\n", "", "names no “audience”"),
        ("      title: Dental\n", "", "names no “title”"),
        ("title: Dental", f"title: {'x' * 61}", "title is longer than 60"),
        ("      source: Benefits guide\n", "", "names no “source”"),
        ("      link: https://benefits.example\n", "", "names no “link”"),
        ("      owner: Benefits\n", "", "names no “owner”"),
        ("      reviewed: 2026-09-15\n", "", "names no “reviewed”"),
        ("reviewed: 2026-09-15", "reviewed: last year", "“reviewed” must be a date"),
        ("{company.dental_phone}", "{company.phone}", "{company.phone} stands neither"),
        ("Call", "word " * 121, "122 words"),
        ("[benefits/vision]", "[a/b, a/c, a/d, a/e]", "3 related topics"),
        ("    - dental question 0\n", "", "only 11 phrasings"),
        ("utter_benefits/dental:", "utter_benefits/vision:", "has phrasings but no answer"),
        ("intent: benefits/dental", "intent: benefits/vision", "has an answer but no phrasings"),
        ("- intent: benefits/dental", "- intent: pay/dental", "must begin with “benefits/”"),
        ("  - text: Call {company.dental_phone}.\n", "  - words: Call.\n", "an answer has no text"),
        ("  - text: Call {company.dental_phone}.\n", "  - Call.\n  - text: x\n", "has no text"),
        ("  examples: |\n", "  examples:\n", "“examples: |” with phrasings is missing"),
        ("- intent: benefits/dental\n  examples", "- examples", "has no “intent”"),
        ("nlu:\n- intent", "nlu:\n  intent", "“nlu” must be a list"),
        ("  utter_benefits/dental:\n", "  utter_benefits/dental: x\n  other:\n", "list of texts"),
    ],
)
def test_each_kind_of_mistake_is_named_with_its_file(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert GOOD.count(before) == 1
    found = problems(tmp_path, GOOD.replace(before, after))
    fitting = [problem for problem in found if message in problem]
    assert fitting, found
    assert all("benefits.yml" in problem for problem in found)


def test_an_answers_problem_names_its_topic(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("      owner: Benefits\n", ""))
    assert found.startswith("benefits.yml, benefits/dental: ")


def test_a_file_that_cant_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    problems(tmp_path, GOOD.replace("      owner: Benefits\n", ""))
    found = problems(tmp_path, "nlu: [", name="pay.yml")
    assert any("pay.yml can't be read" in problem for problem in found)
    assert any("names no “owner”" in problem for problem in found)


def test_a_category_that_the_domain_does_not_know_is_named(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD.replace("benefits/dental", "pay/dental"), name="pay.yml")
    assert found == ["pay.yml: domain.yml has no intent “pay”; add it, and a rule for it."]


def test_a_phrasing_under_two_topics_is_named_with_both(tmp_path: Path) -> None:
    twice = GOOD.replace("dental question 1\n", "Same Words\n    - same words\n")
    (found,) = problems(tmp_path, twice)
    assert found.startswith("“same words” stands under")
    assert "benefits/dental" in found


def test_our_own_data_is_in_order(settings: Settings) -> None:
    assert settings.data_dir == ROOT / "data"
    assert validate_all(settings).problems == []


def test_a_broken_file_is_reported_once_and_ends_nothing(tmp_path: Path) -> None:
    for name in ("programs.yml", "wording.yml", "routing.yml", "company.yml"):
        (tmp_path / name).write_bytes((ROOT / "data" / name).read_bytes())
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "benefits.yml").write_text("nlu: [", encoding="utf-8")
    settings = load_settings(
        {"HRBOT_DATA_DIR": str(tmp_path), "HRBOT_VAR_DIR": str(tmp_path / "var")},
        tmp_path / "none.env",
    )
    found = validate_all(settings).problems
    assert sum("benefits.yml can't be read" in problem for problem in found) == 1
