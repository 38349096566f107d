"""Finds people's names: by the words before them, by their capitals, and in lists of names.

The lists and words are data (data/redaction). A given name of the list counts anywhere, in
capitals or not; a name that is also an everyday word, or that no list has, needs a word before
it: “my manager …”, “Dr …”, “my name is …”, “tell …”.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.privacy.spans import Span, any_of, name_list, word_lists

_TOKEN = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_CLOSE = re.compile(r"[\s.,:;(\"'*\-]{1,3}")
_SHORTENED = re.compile(r"'(?:d|ll|ve|re|m|t)$")
_FORMED = re.compile(r"(?:s|ed|ing|ly|n't|nt)$")
_NEXT = re.compile(r" |\. ")
LONGEST_PHRASE = 4
LONGEST_NAME = 4


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    lower: str
    has_capital: bool


@dataclass(frozen=True)
class _Lists:
    """What data/redaction knows of names and of the words around them."""

    first: frozenset[str]
    words_too: frozenset[str]
    last: frozenset[str]
    never: frozenset[str]
    phrases: dict[str, frozenset[str]]
    ends: frozenset[str]
    not_people: re.Pattern[str]

    def is_listed(self, word: str) -> bool:
        return word in self.first or word in self.last


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    data = word_lists("people.yml")
    names = ("name_is", "titles", "soft_titles", "roles", "after_a_role", "verbs", "self")
    before = [phrase for name in names for phrase in data[name]]
    return _Lists(
        first=name_list("first_names.txt"),
        words_too=name_list("names_that_are_words.txt"),
        last=name_list("last_names.txt"),
        never=frozenset((*data["never"].split(), *data["titles"], *data["soft_titles"])),
        phrases={name: frozenset(data[name]) for name in (*names, "after_self")},
        ends=frozenset(phrase.split()[-1] for phrase in before),
        not_people=re.compile(rf"(?i)\b{any_of(data['not_people'])}\b"),
    )


def names(text: str) -> Iterator[Span]:
    """Find names; titles (“Dr”) stay."""
    lists = _lists()
    words = _words(lists.not_people.sub(lambda match: "¤" * len(match.group()), text))
    at = 0
    while at < len(words):
        sureness = _sureness(text, words, at, lists)
        if not _is_name(text, words, at, sureness, lists):
            at += 1
            continue
        after = _end_of_name(text, words, at, lists)
        yield Span(words[at].start, words[after - 1].end, "name")
        at = after


def _words(text: str) -> list[_Word]:
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        bare = word[:-2] if word[-2:].lower() == "'s" else word
        # A word all in capitals (HR, PTO, or a message that shouts) says nothing.
        has_capital = bare[0].isupper() and not (len(bare) > 1 and bare.isupper())
        found.append(_Word(match.start(), match.start() + len(bare), bare.lower(), has_capital))
    capitals = sum(word.has_capital for word in found)
    if len(found) >= 4 and capitals > 0.7 * len(found):
        # Written Like A Headline.
        return [_Word(word.start, word.end, word.lower, False) for word in found]
    return found


def _sureness(text: str, words: list[_Word], at: int, lists: _Lists) -> str:
    """Return what the words before say comes: `name`, `titled`, `person`, `self`, or nothing."""
    if at == 0 or words[at - 1].lower.split("-")[-1] not in lists.ends:
        return ""
    for length in range(min(LONGEST_PHRASE, at), 0, -1):
        phrase = _phrase(text, words, at, length)
        if phrase is None:
            continue
        if phrase in lists.phrases["name_is"] or phrase in lists.phrases["titles"]:
            return "name"
        if phrase in lists.phrases["after_a_role"] and _is_role(text, words, at - length, lists):
            return "person"
        if phrase in lists.phrases["soft_titles"]:
            return "titled"
        if phrase in lists.phrases["verbs"]:
            return "person"
        if phrase in lists.phrases["self"]:
            return "self"
    return "person" if _is_role(text, words, at, lists) else ""


def _is_role(text: str, words: list[_Word], at: int, lists: _Lists) -> bool:
    for length in range(min(LONGEST_PHRASE, at), 0, -1):
        phrase = _phrase(text, words, at, length)
        if phrase in lists.phrases["roles"]:
            # “Nurse Extern” and the like are names of jobs.
            return not (words[at - 1].has_capital and at > 1)
    return False


def _phrase(text: str, words: list[_Word], at: int, length: int) -> str | None:
    """Return the words before a word, or None if they don't stand together."""
    before = words[at - length : at + 1]
    for left, right in itertools.pairwise(before):
        between = text[left.end : right.start]
        if right is not before[-1]:
            between = between.removeprefix("'s")
        if not _CLOSE.fullmatch(between):
            return None
    written = " ".join(text[word.start : word.end].lower() for word in before[:-1])
    return written.replace("-", " ")


def _is_name(text: str, words: list[_Word], at: int, sureness: str, lists: _Lists) -> bool:
    word = words[at]
    following = _following(text, words, at)
    is_followed = bool(following and following.has_capital and following.lower not in lists.never)
    is_known = word.lower in lists.words_too
    if sureness and is_known and word.has_capital and is_followed:
        return True
    if word.lower in lists.never or _SHORTENED.search(word.lower) or len(word.lower) < 2:
        return False
    if word.lower in lists.first or sureness == "name":
        return True
    if sureness in ("person", "titled") and (word.has_capital or word.lower in lists.last):
        return True
    if sureness == "titled":
        return _reads_as_name(text, words, at, lists)
    if not word.has_capital or following is None:
        return False
    if sureness == "self":
        return is_known or is_followed or following.lower in lists.phrases["after_self"]
    return is_known and is_followed and following.lower in lists.last


def _following(text: str, words: list[_Word], at: int) -> _Word | None:
    """Return the word that follows with nothing but a blank between."""
    if at + 1 == len(words) or not _NEXT.fullmatch(text[words[at].end : words[at + 1].start]):
        return None
    return words[at + 1]


def _end_of_name(text: str, words: list[_Word], at: int, lists: _Lists) -> int:
    end = at + 1
    while end < len(words) and end - at < LONGEST_NAME:
        word, gap = words[end], text[words[end - 1].end : words[end].start]
        if not _NEXT.fullmatch(gap) or (gap != " " and len(words[end - 1].lower) > 1):
            break
        if word.lower in lists.never:
            break
        if not (word.has_capital or lists.is_listed(word.lower)):
            return end + (end == at + 1 and _reads_as_name(text, words, end, lists))
        end += 1
    return end


def _reads_as_name(text: str, words: list[_Word], at: int, lists: _Lists) -> bool:
    """Say whether a word that no list has can be a name's last: it isn't formed like a verb,
    and an everyday word or nothing comes after it.
    """
    word = words[at].lower
    if word in lists.never or len(word) < 3 or _FORMED.search(word):
        return False
    rest = text[words[at].end :].lstrip(" ")
    if not rest or not rest[0].isalpha() or at + 1 == len(words):
        return True
    following = words[at + 1].lower
    return following in lists.never or following in lists.phrases["after_self"]
