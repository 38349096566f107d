"""Takes identifiers out of free text before anything is stored or logged.

Every message passes here: HIPAA's Safe Harbor identifiers, as far as text shows them, become
typed placeholders such as `[ssn]`, and a second, different one of a kind `[ssn 2]`. Patterns,
words around them and lists of names (data/redaction) find them, no model; docs/privacy.md
says how well. `Numbers` keeps the placeholders of a conversation stable without the originals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.privacy.contacts import emails, links, network_addresses, phones
from bot.privacy.days import ages, days
from bot.privacy.names import names
from bot.privacy.numbers import (
    cards,
    named,
    nine_digits,
    plates,
    shaped,
    social_security,
    spelled,
    unnamed,
)
from bot.privacy.places import addresses, zips
from bot.privacy.spans import Span

KINDS = (
    "email",
    "url",
    "card",
    "vehicle",
    "bank",
    "plan",
    "device",
    "ssn",
    "record",
    "license",
    "id",
    "account",
    "ip",
    "address",
    "zip",
    "date",
    "age",
    "phone",
    "name",
)
PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})(?: ([1-9]\d?))?\]")
# Each is one character for one, so that places stay the same.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—−﹣－", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
        **dict.fromkeys("’‘ʼ＇`´", "'"),
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "＠": "@",
        "．": ".",
    }
)
_HIDDEN = "\x00"
# Those that come first win where two find the same; numbers come before what only looks at words.
_FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    emails,
    links,
    shaped,
    cards,
    social_security,
    named,
    nine_digits,
    plates,
    network_addresses,
    addresses,
    zips,
    days,
    ages,
    phones,
    spelled,
    unnamed,
    names,
)
_WITHOUT_DIGITS = (emails, links, spelled, names)


@dataclass(frozen=True)
class Redacted:
    """A text without the identifiers that were found, and the kinds of those, in order."""

    text: str
    kinds: tuple[str, ...]


class Numbers:
    """Gives each identifier of a kind its number: the same again, another one the next.

    A name that shares all its words with an earlier one ("Karen", "Karen Lee") is the same.
    `known` holds, by kind and number, the fingerprints of the words: all that has to be kept.
    """

    def __init__(
        self,
        known: dict[str, list[list[str]]] | None = None,
        fingerprint: Callable[[str], str] = str,
    ) -> None:
        self.known = {kind: [list(one) for one in ones] for kind, ones in (known or {}).items()}
        self._fingerprint = fingerprint

    def reserve(self, text: str) -> None:
        """Leave the numbers alone that a text shows already."""
        for match in PLACEHOLDER.finditer(text):
            ones = self.known.setdefault(match.group()[1:-1].split()[0], [])
            while len(ones) < int(match.group(1) or 1):
                ones.append([])

    def number(self, kind: str, identifier: str) -> int:
        """Return the number of an identifier, from 1."""
        prints = [self._fingerprint(word) for word in _words(kind, identifier)]
        ones = self.known.setdefault(kind, [])
        for number, one in enumerate(ones, start=1):
            if one and (set(prints) <= set(one) or set(one) <= set(prints)):
                one += [word for word in prints if word not in one]
                return number
        ones.append(prints)
        return len(ones)


def redact(text: str, numbers: Numbers | None = None) -> Redacted:
    """Return `text` with each identifier replaced by a placeholder of its kind.

    Args:
        numbers: those of the conversation, which it adds to; without them each text counts anew.
    """
    numbers = numbers or Numbers()
    numbers.reserve(text)
    kinds: list[str] = []
    # What stands between two identifiers may turn out to be one once they are gone.
    while spans := _found(text):
        pieces, position = [], 0
        for span in spans:
            number = numbers.number(span.kind, text[span.start : span.end])
            shown = span.kind if number == 1 else f"{span.kind} {number}"
            pieces += [text[position : span.start], f"[{shown}]"]
            position = span.end
            kinds.append(span.kind)
        text = "".join(pieces) + text[position:]
    return Redacted(text, tuple(kinds))


def prepare() -> None:
    """Read the word lists now, so that no message has to wait for them.

    Raises:
        DataFileError: one is missing or broken.
    """
    redact("prepare 1")


def numbered_anew(text: str) -> str:
    """Return a redacted text with the placeholders of each kind counted from its own beginning."""
    seen: dict[str, list[str]] = {}

    def anew(match: re.Match[str]) -> str:
        shown = match.group()[1:-1]
        kind = shown.split()[0]
        ones = seen.setdefault(kind, [])
        if shown not in ones:
            ones.append(shown)
        number = ones.index(shown) + 1
        return f"[{kind}]" if number == 1 else f"[{kind} {number}]"

    return PLACEHOLDER.sub(anew, text)


def _found(text: str) -> list[Span]:
    """Return the identifiers of a text in order; none touches another."""
    plain = PLACEHOLDER.sub(lambda match: _HIDDEN * len(match.group()), text.translate(_PLAIN))
    has_digits = any(character.isdigit() for character in plain)
    taken: list[Span] = []
    for find in _FINDERS if has_digits else _WITHOUT_DIGITS:
        spans = list(find(plain))
        if spans:
            taken += spans
            for span in spans:
                gone = _HIDDEN * (span.end - span.start)
                plain = plain[: span.start] + gone + plain[span.end :]
    return _joined(taken)


def _joined(spans: list[Span]) -> list[Span]:
    """Join spans that overlap; the first of them in the order of finding names the kind."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            joined.append(span)
    return joined


def _words(kind: str, identifier: str) -> list[str]:
    """Return by what an identifier is known again: a name by its words, a number by its digits."""
    if kind == "name":
        return re.findall(r"[^\W_]+", identifier.casefold()) or [identifier]
    bare = "".join(character for character in identifier.casefold() if character.isalnum())
    return [bare[-10:] if kind == "phone" else bare]
