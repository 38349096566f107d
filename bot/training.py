"""Trains the assistant's model when what it is made of has changed, and finds the current one."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bot.errors import HRBotError
from bot.logs import configure_logging, quiet_libraries
from bot.settings import ROOT, Settings
from bot.tensorflow_standin import keep_out_unless_needed

KEPT_MODELS = 3


class TrainingError(HRBotError):
    """The model could not be trained."""


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
    """Return where the model of the current files stands, trained or not."""
    digest = hashlib.sha256()
    for path in training_files(settings):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return settings.var_dir / "models" / f"hrbot-{digest.hexdigest()[:16]}.tar.gz"


def train(settings: Settings) -> Path:
    """Train unless the current files have a model already; return the model's path.

    Raises:
        TrainingError: if Rasa refuses the data; its own log says why.
    """
    wanted = model_path(settings)
    if wanted.exists():
        return wanted
    os.environ.update(settings.environment())
    quiet_libraries()
    keep_out_unless_needed(ROOT / "config.yml")
    import rasa

    configure_logging(settings.log_level, "train")
    data = settings.data_dir
    part = wanted.with_name(f"part-{os.getpid()}.tar.gz")
    result = rasa.train(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(data / "faq"), str(data / "dialogue")],
        output=str(wanted.parent),
        fixed_model_name=part.name,
    )
    if result.code != 0 or not part.exists():
        raise TrainingError("The model could not be trained; the lines above say why.")
    # Only a whole model gets the name that others look for.
    part.replace(wanted)
    _drop_old_models(wanted.parent)
    return wanted


def _drop_old_models(folder: Path) -> None:
    newest_first = sorted(folder.glob("hrbot-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in newest_first[KEPT_MODELS:]:
        old.unlink()
