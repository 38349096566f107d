"""Checks every data file that people edit; `hrbot validate` prints what it finds."""

from __future__ import annotations

from pathlib import Path

from bot.desk.routing import load_routing
from bot.errors import DataFileError
from bot.faq.book import load_book, load_company_facts, read_yaml
from bot.faq.lint import LintReport, lint
from bot.faq.phrasings import read_phrasings
from bot.gateway.wording import load_wording
from bot.nlu.conversation_words import DEFAULT_FILE as CONVERSATION_WORDS
from bot.nlu.conversation_words import ConversationWords
from bot.nlu.language import Languages
from bot.nlu.weights import DEFAULT_FOLDER as WEIGHTS_FOLDER
from bot.nlu.weights import WeightsError
from bot.programs.catalogue_file import read_catalogue
from bot.settings import ROOT, Settings

WARNINGS_SHOWN = 20
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
        lambda: ConversationWords.load(data / CONVERSATION_WORDS.name),
        lambda: Languages.load(data / "languages.yml"),
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


def warn_of_phrasings(
    data_dir: Path, *, show_all: bool = False, weights_folder: Path = WEIGHTS_FOLDER
) -> list[str]:
    """Return what may confuse the assistant, worst first: topics too much alike, phrasings astray.

    Without the sentence encoder's files it is one line that says so.

    Args:
        data_dir: Where faq/ and dialogue/ are; they must be in order.
        show_all: Not only the worst.
        weights_folder: Where the sentence encoder is, or is built.
    """
    # Imported here because the other checks need no model.
    from bot.nlu.evaluation.phrasings import check_phrasings
    from bot.nlu.understanding import load_encoder

    try:
        encoder = load_encoder(weights_folder)
    except WeightsError as error:
        return [f"Phrasings are not compared with each other. {error}"]
    found = [str(one) for one in check_phrasings(read_phrasings(data_dir), encoder)]
    if show_all or len(found) <= WARNINGS_SHOWN:
        return found
    rest = len(found) - WARNINGS_SHOWN + 1
    return [*found[: WARNINGS_SHOWN - 1], f"{rest} more: hrbot validate --phrasings"]
