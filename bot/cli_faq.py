"""`hrbot faq …`: what HR changed in Slack, between the database and the files."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import ROOT, load_settings

faq_app = typer.Typer(help="Answers that HR changed or added in Slack.", no_args_is_help=True)
out = Console(highlight=False)


@faq_app.command("pending")
def pending() -> None:
    """Show what the database says and the files of data/faq don't."""
    from bot.training import changes_of_hr

    changes = changes_of_hr(load_settings())
    for response, holds in changes.answers.items():
        what = "changed" if holds else "taken back"
        also = ", and its file was changed as well" if response in changes.overtaken else ""
        out.print(f"{response.removeprefix('utter_')}: {what}{also}", markup=False)
    for texts, what in ((changes.added, "new question"), (changes.removed, "question taken back")):
        for topic, phrasings in texts.items():
            for text in phrasings:
                out.print(f"{topic}: {what} “{text}”", markup=False)
    if not changes:
        out.print("The files have everything.")


@faq_app.command("export")
def export() -> None:
    """Write what HR changed into data/faq and data/programs.yml, to be reviewed and committed.

    Everything stays live as it is; once the changed files are deployed, they hold.
    """
    from bot.db.session import Database
    from bot.faq.exporting import export_all

    settings = load_settings()
    database = Database(settings.database_url)
    database.check()
    with database.write() as session:
        written = export_all(
            session, settings.data_dir, ROOT / "domain.yml", datetime.now(timezone.utc)
        )
    for path in written:
        out.print(f"Written: {path}", soft_wrap=True)
    if not written:
        out.print("The files have everything.")


@faq_app.command("measure")
def measure(
    promoted: Annotated[
        int, typer.Option(help="So many questions are promoted of each topic.", min=1)
    ] = 3,
    least: Annotated[
        float | None, typer.Option(help="The least likeness; by default that for answers.")
    ] = None,
) -> None:
    """Show what promoted questions bring and cost, by how well they have to fit."""
    from bot.nlu.evaluation.promoting import measure as measure_fits
    from bot.nlu.understanding import load_understanding
    from bot.prepare import prepare_model

    model = prepare_model(load_settings(), Console(stderr=True))
    table = Table("Fit", "Right", "of", "Wrong", "of", "Right of those taken")
    likeness = {} if least is None else {"least": least}
    for one in measure_fits(load_understanding(model).selector, promoted, **likeness):
        figures = (one.right, one.own, one.wrong, one.others)
        table.add_row(f"{one.fit:.2f}", *map(str, figures), f"{one.precision:.3f}")
    out.print(table)
