"""Checks every data file that people edit; `hrbot validate` prints what it finds."""

from __future__ import annotations

from pathlib import Path

from bot.desk.routing import Routing, routing_problems
from bot.desk.routing_file import load_routing
from bot.errors import DatabaseUnreachableError, DataFileError
from bot.faq.book import AnswerBook, load_book, load_company_facts, read_yaml
from bot.faq.lint import LintReport, lint
from bot.faq.phrasings import read_phrasings
from bot.gateway.discretion import load_discretion
from bot.gateway.prompts import load_prompts
from bot.gateway.wording import load_wording
from bot.nlu.conversation_words import DEFAULT_FILE as CONVERSATION_WORDS
from bot.nlu.conversation_words import ConversationWords
from bot.nlu.eligibility_words import EligibilityWords
from bot.nlu.language import Languages
from bot.nlu.weights import DEFAULT_FOLDER as WEIGHTS_FOLDER
from bot.nlu.weights import WeightsError
from bot.privacy import redaction
from bot.programs.catalogue_file import SITES, read_catalogue
from bot.settings import ROOT, Settings
from bot.telling.campaign_file import CampaignFile, read_campaigns, read_moments, telling_problems
from bot.telling.moments import Moment
from bot.training import changes_of_hr

WARNINGS_SHOWN = 20
PROGRAM_FACTS = ("name", "amount", "next_deadline", "link")


def validate_all(settings: Settings) -> LintReport:
    """Return all problems of all data files, and counts."""
    data = settings.data_dir
    found: list[str] = []
    programs: list[dict[str, object]] = []
    routings: list[Routing] = []
    campaigns: list[CampaignFile] = []
    moments: list[Moment] = []
    books: list[AnswerBook] = []
    checks = (
        lambda: programs.extend(read_catalogue(data / "programs.yml")),
        redaction.prepare,
        lambda: load_wording(data),
        lambda: campaigns.append(read_campaigns(data, settings.quiet_hours)),
        lambda: moments.extend(read_moments(data)),
        lambda: routings.append(load_routing(data / "routing.yml", settings.hr_channels)),
        lambda: ConversationWords.load(data / CONVERSATION_WORDS.name),
        lambda: Languages.load(data / "languages.yml"),
        lambda: EligibilityWords.load(data / "eligibility.yml"),
        lambda: books.append(load_book(data, ROOT / "domain.yml")),
        # What names topics of the book: without one there is nothing to compare with.
        lambda: [load_prompts(data, book) for book in books],
        lambda: [load_discretion(data, book) for book in books],
    )
    for check in checks:
        try:
            check()
        except DataFileError as error:
            found.append(str(error))
    for routing, book in zip(routings, books, strict=False):
        problems = routing_problems(routing, book.topics(), SITES)
        found += [f"{data / 'routing.yml'}: {problem}" for problem in problems]
    for file in campaigns if programs else ():
        found += [f"{data}/{problem}" for problem in telling_problems(file, moments, programs)]
    found += _overtaken(settings)
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


def _overtaken(settings: Settings) -> list[str]:
    """Return which answers HR has changed in Slack while their file was changed too."""
    try:
        changes = changes_of_hr(settings)
    except (DataFileError, DatabaseUnreachableError):
        # What is wrong with the files is told already; without a database nothing was changed.
        return []
    return [
        f"{response.removeprefix('utter_')}: HR has changed this answer in Slack, and its file was "
        "changed as well. What HR wrote holds; bring both together: hrbot faq export"
        for response in changes.overtaken
    ]


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
