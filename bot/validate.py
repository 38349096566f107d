"""Checks every data file that people edit; `hrbot validate` prints what it finds."""

from __future__ import annotations

from bot.desk.routing import load_routing
from bot.errors import DataFileError
from bot.faq.book import load_book, load_company_facts, read_yaml
from bot.faq.lint import LintReport, lint
from bot.gateway.wording import load_wording
from bot.nlu.eligibility_words import EligibilityWords
from bot.nlu.language import Languages
from bot.programs.catalogue_file import read_catalogue
from bot.settings import ROOT, Settings

PROGRAM_FACTS = ("name", "amount", "next_deadline", "link")


def validate_all(settings: Settings) -> LintReport:
    """Return all problems of all data files, and counts."""
    data = settings.data_dir
    found: list[str] = []
    programs: list[dict[str, object]] = []
    checks = (
        lambda: programs.extend(read_catalogue(data / "programs.yml")),
        lambda: load_wording(data),
        lambda: load_routing(data / "routing.yml", settings.slack_hr_channel),
        lambda: Languages.load(data / "languages.yml"),
        lambda: EligibilityWords.load(data / "eligibility.yml"),
        lambda: load_book(data, ROOT / "domain.yml"),
    )
    for check in checks:
        try:
            check()
        except DataFileError as error:
            found.append(str(error))
    facts = set(load_company_facts(data))
    facts |= {f"program.{p['id']}.{fact}" for p in programs for fact in PROGRAM_FACTS}
    report = lint(data, facts, set(read_yaml(ROOT / "domain.yml")["intents"]))
    report.problems[:0] = [problem for problem in found if problem not in report.problems]
    report.counts["programs"] = {
        "topics": len(programs),
        **{
            audience: sum(1 for p in programs if p["audience"] == audience)
            for audience in ("employee", "candidate", "both")
        },
    }
    return report
