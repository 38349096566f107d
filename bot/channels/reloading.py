"""Takes a newly trained model while the assistant goes on talking.

Rasa's own way of changing the model blocks the event loop meanwhile. Here the new model and
the answer book are read in a thread, and then change places with the old ones between two
steps of the loop: a turn that has begun ends with what it began with.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import structlog
from rasa.core.agent import Agent

from bot.channels.processor import TurnProcessor
from bot.channels.tracker_store import WindowedTrackerStore
from bot.errors import HRBotError
from bot.faq.nlg import AnswerBookGenerator
from bot.settings import Settings
from bot.tensorflow_standin import keep_out_unless_needed, needs_tensorflow
from bot.training import usable_model

log = structlog.get_logger(__name__)


class ReloadRefusedError(HRBotError):
    """The model can't be taken while running; `reason` is a word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelReloader:
    """Replaces an agent's model by that of the current files, one replacement at a time."""

    def __init__(self, settings: Settings, store: WindowedTrackerStore) -> None:
        self._settings = settings
        self._store = store
        self._one_at_a_time = asyncio.Lock()

    async def reload(self, agent: Agent) -> str:
        """Take the model of the current files, and the answers with it.

        Returns:
            The file name of the model that runs now.

        Raises:
            ReloadRefusedError: `not_trained` (there is no such model), `restart_needed` (it has
                components with TensorFlow, which this process keeps out), or `broken`.
        """
        async with self._one_at_a_time:
            began = time.monotonic()
            path = usable_model(self._settings)
            if path is None:
                raise ReloadRefusedError("not_trained")
            try:
                processor = await asyncio.to_thread(self._load, agent, path)
            except ReloadRefusedError:
                raise
            except Exception as error:
                log.exception("model.reload_failed", model=path.name)
                raise ReloadRefusedError("broken") from error
            self._replace(agent, processor)
            seconds = round(time.monotonic() - began, 2)
            log.info("model.reloaded", model=path.name, seconds=seconds)
            return path.name

    def _load(self, agent: Agent, path: Path) -> TurnProcessor:
        if needs_tensorflow(path) and keep_out_unless_needed(path):
            raise ReloadRefusedError("restart_needed")
        return TurnProcessor(
            model_path=str(path),
            tracker_store=self._store,
            lock_store=agent.lock_store,
            generator=AnswerBookGenerator(settings=self._settings),
            action_endpoint=agent.action_endpoint,
        )

    def _replace(self, agent: Agent, processor: TurnProcessor) -> None:
        agent.processor = processor
        agent.nlg = processor.nlg
        agent.domain = self._store.domain = processor.domain
