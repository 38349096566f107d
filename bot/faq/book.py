"""The answer book: the approved texts of data/faq and domain.yml, picked by audience.

It chooses among a response's variants by who reads, fills in facts by key, and never gives
an internal text to an outsider. It is plain Python; Rasa reaches it through `bot.faq.nlg`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError, HRBotError
from bot.privacy.audience import BOTH, CANDIDATE, EMPLOYEE, may_see

PLACEHOLDER = re.compile(r"\{([A-Za-z][\w.-]*)\}")


class UnknownResponseError(HRBotError):
    """No response has this name."""


class UnknownFactError(HRBotError):
    """A text refers to a fact that stands nowhere."""


@dataclass(frozen=True)
class Variant:
    """One text of a response, for one audience, with where it comes from."""

    text: str
    audience: str | None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    buttons: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Answer:
    """A text ready to be sent: rendered, with its audience in the metadata."""

    text: str
    metadata: dict[str, Any]
    buttons: list[dict[str, Any]]


class AnswerBook:
    """All responses by name, e.g. `utter_benefits/dental`.

    `of_files` are those of the files; `responses` those that hold, with what HR changed since.
    """

    def __init__(self, responses: Mapping[str, tuple[Variant, ...]]) -> None:
        self.of_files = dict(responses)
        self.responses = self.of_files

    def amend(self, changes: Mapping[str, tuple[Variant, ...]]) -> None:
        """Let these hold instead of what the files say; no variants: there is no such response."""
        merged = {**self.of_files, **changes}
        # Threads that read meanwhile go on with the old ones.
        self.responses = {name: variants for name, variants in merged.items() if variants}

    def say(
        self, name: str, reader: str, facts: Mapping[str, str], values: Mapping[str, Any]
    ) -> Answer | None:
        """Return what `name` says to `reader` (employee or candidate).

        Args:
            facts: company and program facts by key, e.g. `company.hr_phone`.
            values: what this utterance fills in by name; wins over facts.

        Returns:
            The answer, or None if this reader may see no variant of it.

        Raises:
            UnknownResponseError: if there is no such response.
            UnknownFactError: if a placeholder can't be filled.
        """
        if name not in self.responses:
            raise UnknownResponseError(f"There is no response named {name}.")
        variant = self.variant_for(name, reader)
        if variant is None:
            return None
        text = fill_in(variant.text, {**facts, **values}, where=name)
        return Answer(
            text=text.strip(),
            metadata={**variant.metadata, "audience": variant.audience},
            buttons=[dict(button) for button in variant.buttons],
        )

    def variant_for(self, name: str, reader: str) -> Variant | None:
        """Return the variant meant for this reader first, then one that is public."""
        visible = [v for v in self.responses[name] if may_see(reader, v.audience)]
        ranked = (
            v for wanted in (reader, BOTH, CANDIDATE) for v in visible if v.audience == wanted
        )
        return next(ranked, None)

    def topics(self) -> list[str]:
        """Return the ids of all FAQ topics, e.g. `benefits/dental`."""
        return sorted(n.removeprefix("utter_") for n in self.responses if "/" in n)

    def title_of(self, topic: str, reader: str = EMPLOYEE) -> str:
        """Return the short name of a topic, as shown to this reader on a button."""
        name = f"utter_{topic}"
        own = self.variant_for(name, reader) if name in self.responses else None
        variants = [*([own] if own else []), *self.responses.get(name, ())]
        return next((v.metadata["title"] for v in variants if "title" in v.metadata), topic)

    def is_visible(self, topic: str, reader: str) -> bool:
        """Say whether there is an answer about a topic for this reader."""
        name = f"utter_{topic}"
        return name in self.responses and self.variant_for(name, reader) is not None

    def visible_topics(self, reader: str) -> set[str]:
        """Return the topics of which this reader may see an answer."""
        return {topic for topic in self.topics() if self.is_visible(topic, reader)}


def fill_in(text: str, values: Mapping[str, Any], where: str) -> str:
    """Replace each `{key}` once; what is filled in is never read for further keys.

    Raises:
        UnknownFactError: naming the key and the response it stands in.
    """

    def value_of(match: re.Match[str]) -> str:
        key = match.group(1)
        if key not in values or values[key] is None:
            raise UnknownFactError(f"{where} refers to {{{key}}}, which stands nowhere.")
        return str(values[key])

    return PLACEHOLDER.sub(value_of, text)


def load_book(data_dir: Path, domain: Path) -> AnswerBook:
    """Read every response of data/faq/*.yml and of domain.yml.

    Raises:
        DataFileError: if a file can't be read or a response stands twice.
    """
    responses: dict[str, tuple[Variant, ...]] = {}
    for path in [*sorted((data_dir / "faq").glob("*.yml")), domain]:
        for name, variants in _responses(path).items():
            if name in responses:
                raise DataFileError(f"{path}: {name} has an answer in another place already.")
            responses[name] = tuple(_variants(path, name, variants))
    return AnswerBook(responses)


def load_company_facts(data_dir: Path) -> dict[str, str]:
    """Read data/company.yml as facts by key, e.g. `company.hr_phone`."""
    facts = read_yaml(data_dir / "company.yml").items()
    return {f"company.{key}": str(value) for key, value in facts if value is not None}


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises:
        DataFileError: naming the file and, where the parser knows it, the line.
    """
    try:
        data = YAML(typ="safe").load(path)
    except (OSError, YAMLError) as error:
        raise DataFileError(f"{path} can't be read: {error}") from error
    if not isinstance(data, dict):
        raise DataFileError(f"{path} must hold “key: value” lines at its top level.")
    return data


def _responses(path: Path) -> Mapping[str, Any]:
    responses = read_yaml(path).get("responses") or {}
    if not isinstance(responses, dict):
        raise DataFileError(f"{path}: “responses” must hold answers by name.")
    return responses


def _variants(path: Path, name: str, variants: Any) -> Iterable[Variant]:
    if not isinstance(variants, list) or not variants:
        raise DataFileError(f"{path}: {name} needs a list of texts.")
    for variant in variants:
        if not isinstance(variant, dict) or not isinstance(variant.get("text"), str):
            raise DataFileError(f"{path}: a variant of {name} has no text.")
        metadata, buttons = variant.get("metadata") or {}, variant.get("buttons") or []
        if not isinstance(metadata, dict):
            raise DataFileError(f"{path}: the metadata of {name} must be “key: value” lines.")
        if not isinstance(buttons, list) or not all(isinstance(b, dict) for b in buttons):
            raise DataFileError(f"{path}: the buttons of {name} must be a list.")
        yield Variant(
            text=variant["text"],
            audience=metadata.get("audience"),
            metadata=metadata,
            buttons=tuple(buttons),
        )
