"""Trains the assistant's model when what it is made of has changed, and finds the current one.

What HR promoted and edited in the database is part of it: it is trained on the files as they
would be if those changes stood there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.db.answers import ContentRevision
from bot.db.session import Database
from bot.errors import HRBotError
from bot.faq.export import Pending, pending, write_files
from bot.logs import configure_logging, quiet_libraries
from bot.settings import ROOT, Settings
from bot.tensorflow_standin import keep_out_unless_needed

if TYPE_CHECKING:
    from bot.nlu.evaluation.gate import Comparison
    from bot.nlu.evaluation.questions import Question

KEPT_MODELS = 3


class TrainingError(HRBotError):
    """The model could not be trained."""


class WorseModelError(TrainingError):
    """The new model answers worse than the one before and wasn't taken; `comparison` says where."""

    def __init__(self, comparison: Comparison) -> None:
        lost = comparison.lost_topics
        which = f" Hardly found any more: {', '.join(lost)}." if lost else ""
        super().__init__(
            f"The new model is worse than the one before: {len(comparison.worse)} golden questions "
            f"came out worse, {len(comparison.better)} better.{which} It was not taken. Look at "
            "the phrasings that have changed, or take it all the same: hrbot train --force"
        )
        self.comparison = comparison


def training_files(settings: Settings) -> list[Path]:
    """Return every file that the model depends on, in a stable order."""
    data = settings.data_dir
    return [
        ROOT / "config.yml",
        ROOT / "domain.yml",
        ROOT / "uv.lock",
        *sorted((data / "faq").glob("*.yml")),
        *sorted((data / "dialogue").glob("*.yml")),
        *sorted((ROOT / "bot" / "nlu").glob("*.py")),
    ]


def model_path(settings: Settings) -> Path:
    """Return where the model of the current files and of HR's changes stands, trained or not."""
    changes = changes_of_hr(settings)
    return _path_of(settings, _digest_of(changes) if changes else "")


def usable_model(settings: Settings) -> Path | None:
    """Return a trained model of the current files, the best that there is.

    One without HR's latest changes will do: those are recognised without being learnt.
    """
    exact = model_path(settings)
    if exact.exists():
        return exact
    of_files = exact.parent.glob(f"{_path_of(settings, '').name.removesuffix('.tar.gz')}*.tar.gz")
    return max(of_files, key=lambda path: path.stat().st_mtime, default=None)


def changes_of_hr(settings: Settings) -> Pending:
    """Return what HR promoted and edited in the database and the files don't have.

    Raises:
        DatabaseUnreachableError: the database doesn't answer.
    """
    url = sa.engine.make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return Pending()
    database = Database(settings.database_url)
    try:
        database.check()
        with database.read() as session:
            if not sa.inspect(session.connection()).has_table(ContentRevision.__tablename__):
                return Pending()
            return pending(session, settings.data_dir, ROOT / "domain.yml")
    finally:
        database.dispose()


def train(settings: Settings, *, force: bool = False, questions: Sequence[Question] = ()) -> Path:
    """Train unless the current files have a model already; return the model's path.

    Args:
        force: Take the new model even if it is worse than the one before.
        questions: Golden questions besides the phrasings that both models know.

    Raises:
        TrainingError: if Rasa refuses the data; its own log says why.
        WorseModelError: if it is worse than the model before.
    """
    changes = changes_of_hr(settings)
    wanted = _path_of(settings, _digest_of(changes) if changes else "")
    if wanted.exists():
        return wanted
    os.environ.update(settings.environment())
    quiet_libraries()
    keep_out_unless_needed(ROOT / "config.yml")
    import rasa

    configure_logging(settings.log_level, "train")
    before = _newest(wanted.parent)
    faq = _with_changes(settings, changes)
    part = wanted.with_name(f"part-{os.getpid()}.tar.gz")
    result = rasa.train(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(faq), str(settings.data_dir / "dialogue")],
        output=str(wanted.parent),
        fixed_model_name=part.name,
    )
    if result.code != 0 or not part.exists():
        raise TrainingError("The model could not be trained; the lines above say why.")
    if before is not None and not force:
        comparison = _compared(settings, before, part, faq, questions)
        if comparison.is_worse:
            part.unlink()
            raise WorseModelError(comparison)
    # Only a whole model gets the name that others look for.
    part.replace(wanted)
    _drop_old_models(wanted.parent)
    return wanted


def _path_of(settings: Settings, changes: str) -> Path:
    digest = hashlib.sha256()
    for path in training_files(settings):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    ending = f"-{changes}" if changes else ""
    return settings.var_dir / "models" / f"hrbot-{digest.hexdigest()[:16]}{ending}.tar.gz"


def _digest_of(changes: Pending) -> str:
    canonical = json.dumps(asdict(changes), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


def _with_changes(settings: Settings, changes: Pending) -> Path:
    """Return the folder with the FAQ as it is to be learnt."""
    own = settings.data_dir / "faq"
    if not changes:
        return own
    folder = settings.var_dir / "training" / "faq"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(own, folder)
    write_files(changes, settings.data_dir, folder)
    return folder


def _newest(folder: Path) -> Path | None:
    return max(folder.glob("hrbot-*"), key=lambda path: path.stat().st_mtime, default=None)


def _compared(
    settings: Settings, before: Path, now: Path, faq: Path, questions: Sequence[Question]
) -> Comparison:
    from bot.evaluate import compare_models
    from bot.faq.phrasings import phrasings_in_folder

    return compare_models(
        before, now, phrasings_in_folder(faq), questions, settings.data_dir / "decision.yml"
    )


def _drop_old_models(folder: Path) -> None:
    newest_first = sorted(folder.glob("hrbot-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in newest_first[KEPT_MODELS:]:
        old.unlink()
