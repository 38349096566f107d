"""Which queue of HR takes a question, and what a queue is; data/routing.yml says so.

What is sensitive goes to a restricted queue only: when it is asked, when it is moved, and when
its queue has left the file since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bot.desk.service_hours import ALWAYS, ServiceHours

DEFAULT_QUEUE = "default"
ALWAYS_SENSITIVE = ("relations",)


@dataclass(frozen=True)
class ServiceLevel:
    """How much service time HR has for a first reply and for the resolution; None: no limit."""

    first_reply: timedelta | None = None
    resolution: timedelta | None = None


@dataclass(frozen=True)
class Queue:
    """A queue of HR.

    `members` None means everybody in its channel, `categories` None every topic and none,
    `sites` () every site. `approval`: answers for others need a second person. `digest` is in
    minutes since midnight, None for no morning summary.
    Members, admins, on-call and escalation are Slack users, user groups or e-mail addresses.
    """

    name: str
    title: str
    channel: str
    members: tuple[str, ...] | None
    admins: tuple[str, ...]
    categories: tuple[str, ...] | None
    audiences: tuple[str, ...]
    topics: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    restricted: bool = False
    approval: bool = False
    on_call: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()
    hours: ServiceHours = ALWAYS
    sla: ServiceLevel = ServiceLevel()
    digest: int | None = None

    def takes(self, topic: str | None, audience: str, site: str | None) -> bool:
        """Say whether a question on this topic from this audience and site is the queue's."""
        if audience not in self.audiences or (self.sites and site not in self.sites):
            return False
        return (
            self.categories is None or topic in self.topics or category_of(topic) in self.categories
        )


class Routed(Protocol):
    """What has been given to a queue: a case."""

    queue: str
    sensitive: bool


@dataclass(frozen=True)
class Routing:
    """All queues in the order of the file, the default one among them.

    `owners` are the owners that answers and programs name, in lower case, each with the people
    (Slack users, e-mail addresses) or queues that look after what is theirs.
    """

    queues: dict[str, Queue]
    sensitive: tuple[str, ...] = ALWAYS_SENSITIVE
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def named_for(self, owner: str) -> tuple[str, ...]:
        """Return the people and queues that look after what an owner has, if any are named."""
        return self.owners.get(owner.casefold(), ())

    def is_sensitive(self, topic: str | None) -> bool:
        """Say whether only restricted queues may get this topic."""
        return topic in self.sensitive or category_of(topic) in self.sensitive

    def queue_for(
        self,
        topic: str | None,
        audience: str,
        *,
        site: str | None = None,
        sensitive: bool = False,
    ) -> Queue:
        """Return the first queue that takes a question.

        Args:
            site: where the asker works, if that is known.
            sensitive: the question is, whatever its topic.
        """
        sensitive = sensitive or self.is_sensitive(topic)
        allowed = self.queues_open_to(sensitive)
        fitting = (queue for queue in allowed if queue.takes(topic, audience, site))
        return next(fitting, None) or self._otherwise(audience, sensitive)

    def queues_open_to(self, sensitive: bool) -> tuple[Queue, ...]:
        """Return the queues that a case may be given to, for example when it is moved."""
        every = tuple(self.queues.values())
        restricted = tuple(queue for queue in every if queue.restricted)
        return (restricted or (self.default,)) if sensitive else every

    def queue_of(self, case: Routed) -> Queue:
        """Return a case's queue, or the one that has it since its queue left the file."""
        queue = self.queues.get(case.queue)
        if queue is not None and queue in self.queues_open_to(case.sensitive):
            return queue
        return self._otherwise(None, case.sensitive)

    @property
    def default(self) -> Queue:
        """The queue for what fits nowhere else."""
        return self.queues[DEFAULT_QUEUE]

    def _otherwise(self, audience: str | None, sensitive: bool) -> Queue:
        if not sensitive:
            return self.default
        allowed = self.queues_open_to(sensitive)
        return next((queue for queue in allowed if audience in queue.audiences), allowed[0])


def category_of(topic: str | None) -> str | None:
    """Return the category of a topic, `benefits` of `benefits/dental`."""
    return topic.split("/")[0] if topic else None


def routing_problems(routing: Routing, topics: Iterable[str], sites: Collection[str]) -> list[str]:
    """Return what a routing that can be read does wrong all the same, one sentence each.

    Args:
        topics: the ids of all topics that there are.
        sites: the sites that the employee file may name.
    """
    topics = set(topics)
    categories = {category_of(topic) for topic in topics}
    problems = []
    if not any(queue.restricted for queue in routing.queues.values()):
        problems.append(
            "sensitive topics need a restricted queue: give one “restricted: true” and a private "
            "channel; until then they go to the queue “default”."
        )
    for name in sorted(set(routing.sensitive) - topics - categories):
        problems.append(f"“sensitive” names “{name}”, which is no category and no topic.")
    for queue in routing.queues.values():
        unknown = {*(queue.categories or ()), *queue.topics} - topics - categories
        problems += [
            f"queue “{queue.name}” takes “{name}”, which is no category and no topic."
            for name in sorted(unknown)
        ]
        problems += [
            f"queue “{queue.name}” names the site “{site}”; there are {', '.join(sites)}."
            for site in sorted(set(queue.sites) - set(sites))
        ]
    return problems
