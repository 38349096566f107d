"""A generated catalogue: distinct programs that share words, as those of a large employer do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

SUBJECTS = (
    "tuition",
    "certification",
    "mentoring",
    "leadership",
    "scholarship",
    "loan",
    "wellness",
    "childcare",
    "relocation",
    "residency",
    "fellowship",
    "apprenticeship",
    "coaching",
    "volunteering",
    "research",
    "travel",
    "adoption",
    "eldercare",
    "commuting",
    "housing",
    "language",
    "interpreting",
    "retirement",
    "savings",
    "fitness",
    "nutrition",
    "sleep",
    "smoking",
    "simulation",
    "informatics",
)
PEOPLE = (
    "nurses",
    "assistants",
    "therapists",
    "pharmacists",
    "technologists",
    "dietitians",
    "cooks",
    "drivers",
    "clerks",
    "coders",
    "residents",
    "students",
    "parents",
    "veterans",
    "managers",
    "preceptors",
    "midwives",
    "sonographers",
    "chaplains",
)
UNITS = (
    "oncology",
    "cardiology",
    "pediatrics",
    "surgery",
    "emergency",
    "dialysis",
    "hospice",
    "imaging",
    "laboratory",
    "pharmacy",
    "rehabilitation",
    "neurology",
    "obstetrics",
    "psychiatry",
    "transport",
    "sterile",
    "billing",
    "admissions",
)
KINDS = ("assistance", "reimbursement", "program", "academy", "circle", "grant", "award", "track")
CATEGORIES = ("education", "certification", "career", "wellbeing", "family", "pay", "start")
FAMILIES = ("nursing", "nursing_support", "allied_health", "administration", "support_services")


def write_catalogue(path: Path, size: int, seed: int = 7) -> None:
    """Write a catalogue file with so many programs, the same for the same seed."""
    random = Random(seed)
    path.write_text("".join(_block(number, random) for number in range(size)), encoding="utf-8")


def questions(count: int, seed: int = 8) -> Iterator[str]:
    """Yield what people might ask of it: purposes, names, misspellings, whole stories."""
    random = Random(seed)
    for number in range(count):
        subject, people, unit = (random.choice(words) for words in (SUBJECTS, PEOPLE, UNITS))
        kinds = (
            f"help with {subject} for {people}",
            f"is there any {subject} program in {unit}",
            f"I'm on nights in {unit} and want {subject}, what is there for {people} like me",
            f"tell me about {subject} {random.choice(KINDS)} {random.randrange(10_000)}",
            f"{_misspelt(subject, random)} {_misspelt(unit, random)}",
            f"what programs are there for {people}",
            f"{subject} programs over {random.choice((500, 1000, 5000))} dollars",
            f"become a {unit} {people.removesuffix('s')}",
        )
        yield kinds[number % len(kinds)]


def _misspelt(word: str, random: Random) -> str:
    place = random.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _block(number: int, random: Random) -> str:
    subject, people, unit, kind = (random.choice(w) for w in (SUBJECTS, PEOPLE, UNITS, KINDS))
    closes = date(2026, 12, 1) + timedelta(days=random.randrange(500))
    family = random.choice(FAMILIES)
    return f"""
- id: p{number}
  name: {subject.capitalize()} {kind} {number}
  aliases: [{subject} for {people} {number}, {unit} {subject} {number}]
  keywords: [{subject}, {unit}, {random.choice(SUBJECTS)}, help with {subject}, {people}]
  category: {random.choice(CATEGORIES)}
  audience: {random.choice(("employee", "employee", "both"))}
  summary: Helps {people} in {unit} with {subject}. You apply once a year.
  gives: {{amount: {random.randrange(1, 60) * 100}, unit: USD, period: year}}
  eligibility:
    employment_types: [full_time, part_time]
    min_fte: {random.choice((0, 0.5, 0.75))}
    min_tenure_months: {random.choice((0, 3, 6, 12))}
    job_families: [{family}]
    sites: []
    notes: Good standing.
  dates:
  - {{name: First round, opens: {closes - timedelta(days=40)}, closes: {closes}}}
  - {{name: Second round, closes: {closes + timedelta(days=180)}}}
  how_to_apply: Fill in the form on the page.
  contact: programs@cedarvalley.example
  link: https://careers.cedarvalley.example/programs/p{number}
  owner: Learning
"""
