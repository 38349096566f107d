"""The `hrbot` command: everything that is done by hand or by a process manager.

Commands only read settings, call one function and print; heavy imports happen inside them.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot import cli_privacy
from bot.cli_database import database_app, open_database
from bot.cli_faq import faq_app
from bot.cli_processes import processes_app
from bot.cli_train import train
from bot.errors import HRBotError
from bot.settings import load_settings

app = typer.Typer(
    name="hrbot",
    help="The HR assistant: run it, ask it, check its data, look after its cases.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cases_app = typer.Typer(help="Questions that people in HR answer.", no_args_is_help=True)
programs_app = typer.Typer(help="The catalogue of programs.", no_args_is_help=True)
employees_app = typer.Typer(help="Who works here, and how.", no_args_is_help=True)
app.add_typer(processes_app)
app.add_typer(cases_app, name="cases")
app.add_typer(database_app, name="db")
app.add_typer(programs_app, name="programs")
app.add_typer(employees_app, name="employees")
cli_privacy.add_to(app)
app.add_typer(faq_app, name="faq")
app.command()(train)

out = Console(highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def main() -> None:
    """Run the command; errors that are meant for people are one sentence, without a trace."""
    try:
        app()
    except HRBotError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        sys.exit(1)


@app.command()
def ask(
    text: Annotated[list[str] | None, typer.Argument(help="A question.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="Ask every line of this file.", exists=True, dir_okay=False)
    ] = None,
    audience: Annotated[str, typer.Option(help="employee or candidate")] = "employee",
    as_json: AsJson = False,
) -> None:
    """Ask the trained assistant without servers, e.g. hrbot ask "when is payday?"."""
    _require_audience(audience)
    if (text is None) == (file is None):
        raise typer.BadParameter("Give a question, or --file with one question a line.")
    questions = [" ".join(text)] if text else _lines(file)
    from bot.ask import Asker

    asker = Asker(load_settings(), date.today())
    for question in questions:
        asked = asker.ask(question, audience)
        if as_json:
            print(json.dumps(asked.as_dict(), ensure_ascii=False), flush=True)
        else:
            _show_asked(asked.as_dict())


@app.command()
def evaluate(
    questions: Annotated[
        list[Path] | None,
        typer.Option(help="A CSV file (text,topic_id,audience) or a folder of them.", exists=True),
    ] = None,
    cross_validate: Annotated[
        bool, typer.Option("--cross-validate", help="Ask the training phrasings, in five folds.")
    ] = False,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Choose thresholds by --questions (data/decision.yml)."),
    ] = False,
    budget: Annotated[
        float,
        typer.Option(help="With --calibrate: most wrong answers, of in-scope ones.", min=0, max=1),
    ] = 0.02,
    plots: Annotated[
        Path | None, typer.Option(help="Write both curves and a JSON file there.", file_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the trained assistant on questions whose topics are known."""
    if bool(questions) == cross_validate:
        raise typer.BadParameter("Give either --questions or --cross-validate.")
    if calibrate and not questions:
        raise typer.BadParameter("--calibrate needs --questions, never the training phrasings.")
    from bot.evaluate import Evaluator
    from bot.nlu.evaluation.plots import write_plots
    from bot.nlu.evaluation.questions import load_questions
    from bot.prepare import prepare_model

    asked = load_questions(questions) if questions else []
    settings = load_settings()
    model = prepare_model(settings, Console(stderr=True))
    evaluator = Evaluator(model, settings.data_dir)
    if calibrate:
        evaluator.calibrate(asked, on=date.today(), budget=budget)
    report = evaluator.on_questions(asked) if asked else evaluator.by_cross_validation()
    files = write_plots(report, plots) if plots else []
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
        return
    title = ", ".join(map(str, questions)) if questions else "cross-validation"
    for table in report.tables(title):
        out.print(table)
    for file in files:
        out.print(f"Written: {file}", soft_wrap=True)


@app.command()
def validate(
    phrasings: Annotated[
        bool, typer.Option("--phrasings", help="Show all warnings of phrasings, not the worst.")
    ] = False,
) -> None:
    """Check every data file: questions, answers, programs, routing, wording."""
    from bot.validate import validate_all, warn_of_phrasings

    settings = load_settings()
    report = validate_all(settings)
    for problem in report.problems:
        out.print(f"✗ {problem}", markup=False, soft_wrap=True)
    if not report.problems:
        for warning in warn_of_phrasings(settings.data_dir, show_all=phrasings):
            out.print(f"! {warning}", markup=False, soft_wrap=True)
    out.print(_counts(report.counts))
    if report.problems:
        raise HRBotError(f"{len(report.problems)} problems; see the lines above.")
    out.print("All data files are in order.")


@app.command()
def secrets() -> None:
    """Print fresh values of INTERNAL_TOKEN and ENCRYPTION_KEY for .env."""
    from bot.safe_settings import fresh_secrets

    for name, value in fresh_secrets().items():
        print(f"{name}={value}")


@programs_app.command("import")
def import_programs(
    file: Annotated[Path, typer.Argument(help="A catalogue such as data/programs.yml.")],
) -> None:
    """Import programs, all or none; importing the same file again changes nothing."""
    from bot.programs.catalogue import import_programs as bring_in

    with open_database(load_settings()).write() as session:
        result = bring_in(session, file)
        cli_privacy.note_imported(session, "programs", vars(result))
    out.print(
        f"{result.added} added, {result.changed} changed, {result.unchanged} unchanged, "
        f"{result.removed} removed."
    )


@employees_app.command("import")
def import_employees(
    file: Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns.")],
    slack_team: Annotated[
        str | None,
        typer.Option(help="The Slack workspace (T…) of lines without a slack_team."),
    ] = None,
) -> None:
    """Import what is known of people's jobs, all lines or none, so that eligibility is answered.

    Columns: slack_user or email (one is enough), slack_team, employment_type, fte, hire_date,
    job_family, site, license_expires, next_review. Missing columns and blank cells leave things
    as they are.
    """
    from bot.privacy.sealing import Seal
    from bot.programs.employees import import_employees as bring_in

    settings = load_settings()
    now = datetime.now(timezone.utc)
    with open_database(settings).write() as session:
        result = bring_in(session, file, Seal(settings.encryption_key), now, slack_team)
        cli_privacy.note_imported(session, "employees", vars(result))
    out.print(f"{result.added} added, {result.changed} changed, {result.unchanged} unchanged.")


@cases_app.command("list")
def list_cases(
    status: Annotated[str | None, typer.Option(help="open, claimed, answered or resolved")] = None,
    as_json: AsJson = False,
) -> None:
    """List the cases that aren't resolved, or those with a status."""
    from bot.desk.cases import open_cases

    database = open_database(load_settings())
    with database.read() as session:
        found = [_case_row(case) for case in open_cases(session, status)]
    cli_privacy.note_viewed(database, [row["case"] for row in found], "hrbot cases list")
    if as_json:
        for row in found:
            print(json.dumps(row, ensure_ascii=False))
        return
    table = Table("Case", "Status", "Queue", "Asked", "Question")
    for row in found:
        table.add_row(row["case"], row["status"], row["queue"], row["asked"], row["question"])
    out.print(table if found else "No cases.")


@cases_app.command("show")
def show_case(
    case: Annotated[str, typer.Argument(help="A case number such as HR-1001.")],
    as_json: AsJson = False,
) -> None:
    """Show a case and its history: who, when, what."""
    from bot.desk.cases import case_by_reference

    database = open_database(load_settings())
    with database.read() as session:
        found = case_by_reference(session, case)
        row = _case_row(found)
        history = [
            {"at": e.at.isoformat(), "who": e.person_id or e.actor, "what": e.action}
            for e in found.history
        ]
        row.update(answer=found.answer, feedback=found.feedback, history=history)
    cli_privacy.note_viewed(database, [row["case"]], "hrbot cases show")
    if as_json:
        print(json.dumps(row, ensure_ascii=False))
        return
    for key in ("case", "status", "queue", "topic", "asked", "question", "answer", "feedback"):
        out.print(f"[bold]{key.capitalize():10}[/bold]", end="")
        out.print(str(row[key] or "-"), markup=False)
    for event in history:
        out.print(f"  {event['at'][:16]}  {event['what']:10}  {event['who']}", markup=False)


@cases_app.command("answer")
def answer_case(
    case: Annotated[str, typer.Argument(help="A case number such as HR-1001.")],
    text: Annotated[str, typer.Argument(help="The answer, as the asker will read it.")],
) -> None:
    """Answer a case; the running gateway delivers it."""
    from bot.desk.cases import Actor, case_by_reference
    from bot.desk.work import answer

    now = datetime.now(timezone.utc)
    with open_database(load_settings()).write() as session:
        found = case_by_reference(session, case)
        answer(session, found.id, Actor("hr"), text, now)
    out.print(f"{found.reference} is answered; the gateway brings it to the person who asked.")


def _require_audience(audience: str) -> None:
    from bot.privacy.audience import READERS

    if audience not in READERS:
        raise typer.BadParameter(f"--audience is {' or '.join(READERS)}.")


def _lines(file: Path | None) -> list[str]:
    text = file.read_text(encoding="utf-8") if file else ""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _show_asked(asked: dict[str, Any]) -> None:
    confidence = f"{asked['confidence']:.2f}"
    what = f"{asked['decision']} · {asked['kind']} · {asked['topic'] or 'no topic'} · {confidence}"
    out.print(f"[bold]{what}[/bold]")
    out.print(asked["answer"], markup=False)
    for candidate in asked["candidates"][:3]:
        out.print(f"  {candidate['confidence']:.2f}  {candidate['topic']}", markup=False)


def _counts(counts: dict[str, dict[str, int]]) -> Table:
    table = Table("What", "Topics", "Phrasings", "Employee", "Candidate", "Both")
    for name, row in counts.items():
        cells = ("topics", "phrasings", "employee", "candidate", "both")
        table.add_row(name, *(str(row.get(cell, "")) for cell in cells))
    return table


def _case_row(case: Any) -> dict[str, Any]:
    return {
        "case": case.reference,
        "status": case.status,
        "queue": case.queue,
        "topic": case.topic,
        "asked": case.created_at.strftime("%Y-%m-%d %H:%M"),
        "question": case.question,
    }
