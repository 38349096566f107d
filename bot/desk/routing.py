"""Reads data/routing.yml: which queue takes a question, and who may work on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError
from bot.privacy.audience import READERS

DEFAULT_QUEUE = "default"
_KEYS = {"title", "channel", "members", "admins", "categories", "audiences"}


@dataclass(frozen=True)
class Queue:
    """A queue of HR. `members` None means everybody in its channel."""

    name: str
    title: str
    channel: str
    members: tuple[str, ...] | None
    admins: tuple[str, ...]
    categories: tuple[str, ...]
    audiences: tuple[str, ...]


@dataclass(frozen=True)
class Routing:
    """All queues, the default one among them."""

    queues: dict[str, Queue]

    def queue_for(self, topic: str | None, audience: str) -> Queue:
        """Return the first queue that takes this topic's category from this audience."""
        category = topic.split("/")[0] if topic else None
        for queue in self.queues.values():
            if category in queue.categories and audience in queue.audiences:
                return queue
        return self.queues[DEFAULT_QUEUE]

    def queue_named(self, name: str) -> Queue:
        """Return a case's queue; the default one if it has left the file since."""
        return self.queues.get(name, self.queues[DEFAULT_QUEUE])


def load_routing(path: Path, default_channel: str) -> Routing:
    """Read the queues.

    Raises:
        DataFileError: naming the file, the queue and what is wrong with it.
    """
    try:
        data = YAML(typ="safe").load(path)
    except (OSError, YAMLError) as error:
        raise DataFileError(f"{path} can't be read: {error}") from error
    queues = data.get("queues") if isinstance(data, dict) else None
    if not isinstance(queues, dict) or DEFAULT_QUEUE not in queues:
        raise DataFileError(f"{path}: it needs “queues:” with a queue named “{DEFAULT_QUEUE}”.")
    return Routing(
        {name: _queue(path, name, spec, default_channel) for name, spec in queues.items()}
    )


def _queue(path: Path, name: str, spec: Any, default_channel: str) -> Queue:
    where = f"{path}, queue “{name}”"
    if not isinstance(spec, dict) or set(spec) - _KEYS:
        raise DataFileError(f"{where}: it may hold {', '.join(sorted(_KEYS))} and nothing else.")
    if not isinstance(spec.get("channel"), str) or not spec["channel"]:
        raise DataFileError(f"{where}: “channel” must be a channel id or “default”.")
    audiences = _names(where, spec, "audiences") or READERS
    if set(audiences) - set(READERS):
        raise DataFileError(f"{where}: “audiences” may hold {' and '.join(READERS)}.")
    whole_channel = spec.get("members", "channel") == "channel"
    return Queue(
        name=name,
        title=str(spec.get("title", name)),
        channel=default_channel if spec["channel"] == "default" else spec["channel"],
        members=None if whole_channel else _names(where, spec, "members"),
        admins=_names(where, spec, "admins"),
        categories=_names(where, spec, "categories"),
        audiences=audiences,
    )


def _names(where: str, spec: dict[str, Any], key: str) -> tuple[str, ...]:
    value = spec.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise DataFileError(f"{where}: “{key}” must be a list of names.")
    return tuple(value)
