"""Prints the tables of docs/privacy.md: `python -m tests.privacy.corpus`."""

from __future__ import annotations

from bot.privacy.redaction import redact
from bot.settings import ROOT
from tests.privacy.corpus import read
from tests.privacy.corpus.generated import generated
from tests.privacy.corpus.measures import by_kind, changed, questions, recalls

SETS = {
    "generated": generated(),
    "by hand": read("handwritten.txt"),
    "second": read("second.txt"),
    "third": read("third.txt"),
}


def main() -> None:
    """Print recall by kind, what is missed, and which questions are changed."""
    tables = {name: by_kind(messages, _redact) for name, messages in SETS.items()}
    print("| kind |", " | ".join(f"{name} ({len(SETS[name])})" for name in SETS), "|")
    print("|---" * (len(SETS) + 1) + "|")
    for kind in sorted({kind for table in tables.values() for kind in table}):
        cells = []
        for table in tables.values():
            found = table.get(kind)
            right = found and found.count - len(found.missed)
            cells.append(f"{right} of {found.count}" if found else "")
        print(f"| {kind} |", " | ".join(cells), "|")
    for index, what in enumerate(("all but names", "names")):
        shares = (f"{recalls(table)[index]:.3f}" for table in tables.values())
        print(f"| **{what}** |", " | ".join(shares), "|")
    for name, table in tables.items():
        for kind, found in table.items():
            print(*(f"missed, {name}, {kind}: {one}" for one in found.missed), sep="\n", end="")
    print()
    asked = [m.text for m in (*read("unchanged.txt"), *read("unchanged_dates.txt"))]
    for what, texts in (("phrasings", questions(ROOT / "data")), ("by hand", asked)):
        wrong = changed(texts, _redact)
        print(f"changed, {what}: {len(wrong)} of {len(texts)}", *wrong, sep="\n")


def _redact(text: str) -> str:
    return redact(text).text


if __name__ == "__main__":
    main()
