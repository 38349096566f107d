"""Writes what HR changed in the database into the data files, as a change that can be reviewed.

Comments, order and everything that wasn't changed stay as they are. The same writing makes the
files that a model is trained on.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString
from sqlalchemy.orm import Session

from bot.errors import DataFileError
from bot.faq import content
from bot.faq.book import load_book
from bot.faq.phrasings import phrasings_in_folder
from bot.faq.promoted import PromotedQuestions, promoted_questions

_ONE_LINE = 10_000
_QUOTED = {"reviewed", "review_by"}


@dataclass
class Pending:
    """What the database says and the files of data/faq don't.

    Attributes:
        answers: By response the variants that should stand there; none: it is to go.
        added: By topic the phrasings that are missing there.
        removed: By topic the phrasings that were taken back.
        overtaken: The responses that were changed in their file as well.
    """

    answers: dict[str, content.Content] = field(default_factory=dict)
    added: dict[str, list[str]] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)
    overtaken: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.answers or self.added or self.removed)

    @property
    def categories(self) -> set[str]:
        """The files that are concerned, by name without ending."""
        responses = (response.removeprefix("utter_") for response in self.answers)
        return {topic.split("/")[0] for topic in (*responses, *self.added, *self.removed)}


def pending(session: Session, data_dir: Path, domain: Path) -> Pending:
    """Compare the database with the files.

    Raises:
        DataFileError: a file can't be read.
    """
    versions = content.latest(session, content.ANSWER)
    promoted = promoted_questions(session)
    if not versions and not promoted:
        return Pending()
    book = load_book(data_dir, domain)
    found = Pending()
    for response, version in versions.items():
        in_file = content.content_of(book.of_files.get(response))
        holds = content.in_force(in_file, version)
        if (holds or None) != in_file:
            found.answers[response] = holds or []
        if content.is_overtaken(in_file, version):
            found.overtaken.append(response)
    gone = {r.removeprefix("utter_") for r, holds in found.answers.items() if not holds}
    _compare_phrasings(found, promoted, phrasings_in_folder(data_dir / "faq"), gone)
    return found


def _compare_phrasings(
    found: Pending,
    promoted: Iterable[PromotedQuestions],
    in_files: dict[str, list[str]],
    gone: set[str],
) -> None:
    live = {(one.topic, text) for one in promoted if not one.is_withdrawn for text in one.phrasings}
    for one in promoted:
        there = {text.casefold() for text in in_files.get(one.topic, ())}
        if one.topic in gone:
            continue
        for text in one.phrasings:
            is_there = text.casefold() in there
            if not one.is_withdrawn and not is_there and not one.is_exported:
                found.added.setdefault(one.topic, []).append(text)
            elif one.is_withdrawn and is_there and (one.topic, text) not in live:
                found.removed.setdefault(one.topic, []).append(text)
    for some in (found.added, found.removed):
        for topic, texts in some.items():
            some[topic] = list(dict.fromkeys(texts))


def write_files(changes: Pending, data_dir: Path, target: Path) -> list[Path]:
    """Write the concerned files of data/faq, with the changes, into `target`.

    Returns:
        The files that were written.

    Raises:
        DataFileError: a file can't be read, or a new topic's category has no file.
    """
    written = []
    for category in sorted(changes.categories):
        path = data_dir / "faq" / f"{category}.yml"
        data = _load(path)
        _apply(changes, category, data)
        written.append(target / path.name)
        _dump(data, written[-1])
    return written


def write_programs(edited: dict[str, dict[str, Any]], path: Path) -> bool:
    """Write edited fields of programs into a catalogue file; say whether anything changed.

    Raises:
        DataFileError: the file can't be read.
    """
    data = _load(path)
    before = path.read_text(encoding="utf-8")
    for program in data:
        fields = edited.get(program["id"])
        if fields is not None:
            _apply_to_program(program, fields)
    _dump(data, path)
    return path.read_text(encoding="utf-8") != before


def _apply(changes: Pending, category: str, data: CommentedMap) -> None:
    entries, responses = data.setdefault("nlu", CommentedSeq()), data["responses"]
    by_topic = {entry["intent"]: entry for entry in entries}
    for response, holds in changes.answers.items():
        topic = response.removeprefix("utter_")
        if topic.split("/")[0] != category:
            continue
        if not holds:
            responses.pop(response, None)
            if topic in by_topic:
                entries.remove(by_topic.pop(topic))
        elif response in responses:
            _replace_variants(responses[response], holds)
        else:
            responses[response] = CommentedSeq(_new_variant(one) for one in holds)
            responses.yaml_set_comment_before_after_key(response, before="\n")
    for topic in [t for t in {**changes.added, **changes.removed} if t.split("/")[0] == category]:
        entry = by_topic.get(topic)
        if entry is None:
            entry = CommentedMap(intent=topic, examples=LiteralScalarString(""))
            entries.append(entry)
        _change_phrasings(entry, changes.added.get(topic, []), changes.removed.get(topic, []))


def _change_phrasings(entry: CommentedMap, added: list[str], removed: list[str]) -> None:
    examples = entry["examples"]
    doomed = {text.casefold() for text in removed}
    lines = [
        line
        for line in examples.splitlines()
        if line.strip().removeprefix("- ").strip().casefold() not in doomed
    ]
    lines += [f"- {' '.join(text.split())}" for text in added]
    changed = LiteralScalarString("\n".join(lines) + "\n")
    if getattr(examples, "comment", None) is not None:
        changed.comment = examples.comment
    entry["examples"] = changed


def _replace_variants(variants: CommentedSeq, holds: list[dict[str, Any]]) -> None:
    for variant, wanted in zip(variants, holds, strict=False):
        if str(variant["text"]).strip() != wanted["text"].strip():
            variant["text"] = _text(wanted["text"], like=variant["text"])
        metadata = variant.setdefault("metadata", CommentedMap())
        for key in [key for key in metadata if key not in wanted["metadata"]]:
            del metadata[key]
        for key, value in wanted["metadata"].items():
            old = metadata.get(key)
            if (old.isoformat() if hasattr(old, "isoformat") else old) != value:
                _set(metadata, key, value)
    del variants[len(holds) :]
    variants.extend(_new_variant(one) for one in holds[len(variants) :])


def _set(metadata: CommentedMap, key: str, value: Any) -> None:
    if key in _QUOTED and value is not None:
        value = DoubleQuotedScalarString(value)
    if key in metadata or not metadata:
        metadata[key] = value
        return
    # What stands after the last line, such as a blank line, belongs to the end of the block.
    last = list(metadata)[-1]
    metadata.insert(len(metadata) - 1 if last == "related" else len(metadata), key, value)
    comment = metadata.ca.items.get(last)
    if comment is not None and list(metadata)[-1] == key:
        metadata.ca.items[key] = metadata.ca.items.pop(last)


def _new_variant(wanted: dict[str, Any]) -> CommentedMap:
    metadata = CommentedMap()
    for key, value in wanted["metadata"].items():
        metadata[key] = DoubleQuotedScalarString(value) if key in _QUOTED else value
    variant = CommentedMap(text=_text(wanted["text"]), metadata=metadata)
    if wanted.get("buttons"):
        variant["buttons"] = wanted["buttons"]
    return variant


def _text(text: str, like: Any = None) -> LiteralScalarString:
    literal = LiteralScalarString(text.strip() + "\n")
    if getattr(like, "comment", None) is not None:
        literal.comment = like.comment
    return literal


def _apply_to_program(program: CommentedMap, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        block, key = program, name
        if name == "gives_text":
            block, key = program["gives"], "text"
        elif name == "eligibility_notes":
            if "eligibility" not in program and value is None:
                continue
            block, key = program.setdefault("eligibility", CommentedMap()), "notes"
        old = block.get(key)
        if (old.isoformat() if hasattr(old, "isoformat") else old) == value:
            continue
        if value is None:
            block.pop(key, None)
        elif name in ("reviewed", "review_by"):
            _set_plain(block, key, date.fromisoformat(value))
        else:
            _set_plain(block, key, value)


def _set_plain(block: CommentedMap, key: str, value: Any) -> None:
    if key in block or not block:
        block[key] = value
        return
    last = list(block)[-1]
    block[key] = value
    comment = block.ca.items.pop(last, None)
    if comment is not None:
        block.ca.items[key] = comment


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _ONE_LINE
    return yaml


def _load(path: Path) -> Any:
    try:
        return _yaml().load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataFileError(f"{path} can't be read: {error.strerror}.") from error


def _dump(data: Any, path: Path) -> None:
    out = io.StringIO()
    _yaml().dump(data, out)
    # After a new topic the blank line that ended the list before is in the middle of it.
    text = re.sub(r"(?<!\n)\nresponses:", "\n\nresponses:", out.getvalue())
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, path)
