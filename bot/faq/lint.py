"""Checks the FAQ data: each topic has phrasings and an answer that HR would sign.

It says what is wrong in words that an editor understands, with the file and the topic.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.errors import DataFileError
from bot.faq.book import PLACEHOLDER, read_yaml
from bot.faq.phrasings import phrasings_in
from bot.privacy.audience import AUDIENCES

MIN_PHRASINGS = 12
MAX_WORDS = 120
MAX_TITLE = 60
MAX_RELATED = 3
REQUIRED = ("audience", "title", "source", "link", "owner", "reviewed")


@dataclass
class LintReport:
    """What was counted and what is wrong."""

    problems: list[str] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


def lint(data_dir: Path, facts: Set[str], intents: Set[str]) -> LintReport:
    """Check data/faq/*.yml.

    Args:
        facts: keys that answers may refer to, e.g. `company.hr_phone`.
        intents: the intents that domain.yml knows; each category must be one.
    """
    report = LintReport()
    said_where: dict[str, list[str]] = defaultdict(list)
    for path in sorted((data_dir / "faq").glob("*.yml")):
        try:
            data = read_yaml(path)
        except DataFileError as error:
            report.problems.append(str(error))
            continue
        shapes = list(_shape_problems(path, data))
        if shapes:
            report.problems += shapes
            continue
        phrasings = phrasings_in(data)
        report.problems += _file_problems(path, data, phrasings, intents)
        for topic, examples in phrasings.items():
            for example in examples:
                said_where[example.casefold()].append(topic)
        for name, variants in _answers(data).items():
            for variant in variants:
                where = f"{path.name}, {name.removeprefix('utter_')}"
                report.problems += answer_problems(where, variant, facts)
        report.counts[path.stem] = _count(phrasings, _answers(data))
    for example, where in said_where.items():
        if len(where) > 1:
            report.problems.append(f"“{example}” stands under {' and under '.join(where)}.")
    return report


def _shape_problems(path: Path, data: Mapping[str, Any]) -> Iterator[str]:
    nlu, responses = data.get("nlu") or [], data.get("responses") or {}
    if not isinstance(nlu, list) or not all(isinstance(entry, dict) for entry in nlu):
        yield f"{path.name}: “nlu” must be a list of topics."
    else:
        for entry in nlu:
            if not isinstance(entry.get("intent"), str):
                yield f"{path.name}: a topic under “nlu” has no “intent”."
            elif not isinstance(entry.get("examples"), str):
                yield f"{path.name}, {entry['intent']}: “examples: |” with phrasings is missing."
    if not isinstance(responses, dict):
        yield f"{path.name}: “responses” must hold answers by name."
        return
    for name, variants in responses.items():
        where = f"{path.name}, {str(name).removeprefix('utter_')}"
        if not isinstance(variants, list) or not variants:
            yield f"{where}: the answer must be a list of texts."
            continue
        for variant in variants:
            if not isinstance(variant, dict) or not isinstance(variant.get("text"), str):
                yield f"{where}: an answer has no text."
            elif not isinstance(variant.get("metadata") or {}, dict):
                yield f"{where}: “metadata” must hold “key: value” lines."


def _answers(data: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return data.get("responses") or {}


def _file_problems(
    path: Path, data: Mapping[str, Any], phrasings: Mapping[str, list[str]], intents: Set[str]
) -> Iterator[str]:
    answered = {name.removeprefix("utter_") for name in _answers(data)}
    if path.stem not in intents:
        yield f"{path.name}: domain.yml has no intent “{path.stem}”; add it, and a rule for it."
    for topic in sorted(set(phrasings) | answered):
        where = f"{path.name}, {topic}"
        if topic.split("/")[0] != path.stem:
            yield f"{where}: a topic of {path.name} must begin with “{path.stem}/”."
        if topic not in answered:
            yield f"{where}: it has phrasings but no answer (utter_{topic})."
        elif topic not in phrasings:
            yield f"{where}: it has an answer but no phrasings."
        elif len(phrasings[topic]) < MIN_PHRASINGS and not _is_promoted(data, topic):
            yield f"{where}: only {len(phrasings[topic])} phrasings; {MIN_PHRASINGS} are needed."


def answer_problems(where: str, variant: Mapping[str, Any], facts: Set[str]) -> Iterator[str]:
    """Yield what is wrong with one answer, each beginning with `where`."""
    text, metadata = variant["text"], variant.get("metadata") or {}
    for key in REQUIRED:
        if not metadata.get(key):
            yield f"{where}: the answer names no “{key}”."
    if metadata.get("audience") not in AUDIENCES:
        yield f"{where}: “audience” must be {', '.join(AUDIENCES)}."
    if len(str(metadata.get("title", ""))) > MAX_TITLE:
        yield f"{where}: the title is longer than {MAX_TITLE} characters, too long for a button."
    for key in PLACEHOLDER.findall(text):
        if key not in facts:
            yield f"{where}: {{{key}}} stands neither in company.yml nor in the catalogue."
    if len(text.split()) > MAX_WORDS:
        yield f"{where}: the answer has {len(text.split())} words; {MAX_WORDS} is the most."
    for key in ("reviewed", "review_by"):
        if key in metadata and not _is_date(metadata[key]):
            yield f"{where}: “{key}” must be a date such as 2026-09-15."
    related = metadata.get("related") or []
    if len(related) > MAX_RELATED:
        yield f"{where}: {MAX_RELATED} related topics are the most."


def _is_promoted(data: Mapping[str, Any], topic: str) -> bool:
    """Tell whether HR made this topic of an answer to somebody; it may begin with few phrasings."""
    variants = _answers(data).get(f"utter_{topic}") or []
    return any((variant.get("metadata") or {}).get("promoted") for variant in variants)


def _is_date(value: Any) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _count(
    phrasings: Mapping[str, list[str]], answers: Mapping[str, list[dict[str, Any]]]
) -> dict[str, int]:
    audiences = Counter(
        (variant.get("metadata") or {}).get("audience")
        for variants in answers.values()
        for variant in variants
    )
    return {
        "topics": len(answers),
        "phrasings": sum(len(examples) for examples in phrasings.values()),
        **{audience: audiences[audience] for audience in AUDIENCES},
    }
