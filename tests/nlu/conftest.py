from pathlib import Path

import pytest

from bot.nlu.encoder import SentenceEncoder
from bot.nlu.weights import ensure_weights


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    """The project's own folder: building takes seconds, and is tested on its own."""
    return ensure_weights().model.parent


@pytest.fixture(scope="session")
def encoder(weights_folder) -> SentenceEncoder:
    files = ensure_weights(weights_folder)
    return SentenceEncoder(files.model, files.tokenizer)
