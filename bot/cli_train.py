"""`hrbot train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cli_processes import calculate_on_one_thread
from bot.settings import load_settings

out = Console(highlight=False)


def train(
    force: Annotated[
        bool, typer.Option("--force", help="Take the new model even if it is worse.")
    ] = False,
    questions: Annotated[
        list[Path] | None,
        typer.Option(help="More golden questions (CSV: text,topic_id,audience).", exists=True),
    ] = None,
) -> None:
    """Train the model if questions, answers or configuration have changed.

    It must not be worse than the one before on golden questions: phrasings that both know, and
    those of --questions.
    """
    # Two threads took a third more CPU for the same logistic regression.
    calculate_on_one_thread()
    from bot.nlu.evaluation.questions import load_questions
    from bot.training import WorseModelError
    from bot.training import train as train_model

    golden = load_questions(questions) if questions else []
    try:
        model = train_model(load_settings(), force=force, questions=golden)
    except WorseModelError as error:
        out.print(error.comparison.table())
        raise
    out.print(f"The model is {model}", soft_wrap=True)
    out.print("“hrbot reload” lets assistants that are running take it.")
