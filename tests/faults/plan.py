"""What people do and what breaks meanwhile: a list of steps that is a function of a seed alone."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

QUESTIONS = {
    "when is payday?": "Payday is",
    "is dental covered?": "Prairie Dental",
    "how long is parental leave": "Birth, adoptive",
    "which programs help me pay for my RN?": "Tuition assistance",
}
"""What people ask, with words of the approved answer; the last one needs the action server."""
IN_THREADS = "when is payday?"
SHARE_IN_THREADS = 0.1
SHARE_ANONYMOUS = 0.1
_KINDS = "old noisy tiny striped fluffy sleepy spotted grumpy shiny curious plump silver golden"
_ANIMALS = (
    "ferret goose hedgehog turtle peacock iguana hamster llama raccoon otter pelican badger gecko "
    "canary donkey weasel ostrich lobster walrus parrot"
)
_PLACES = (
    "in the music corner", "behind the fish tank", "under the water tower",
    "by the loading dock", "near the north elevator", "on the roof garden",
)  # fmt: skip
POST = "chat.postMessage"
# Posting is what may go wrong twice over; the others are what stands before and after it.
METHODS = (
    *[POST] * 8, "chat.update", "conversations.history", "conversations.open",
    "users.info", "views.open", "auth.test",
)  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """How much happens. `longest`: troubles that need more seconds than this don't happen."""

    messages: int
    cases: int
    troubles: int
    people: int = 24
    gateways: int = 1
    assistants: int = 1
    longest: float = 15.0
    has_disk: bool = True


@dataclass(frozen=True)
class Say:
    """Somebody asks something that has an approved answer."""

    person: int
    question: str
    in_thread: bool


@dataclass(frozen=True)
class Ask:
    """Somebody asks what only HR knows, and sends it there; HR answers."""

    number: int
    person: int
    question: str
    anonymous: bool

    @property
    def answer(self) -> str:
        """What HR will say."""
        return f"Case {self.number}: {self.question.removeprefix('who feeds ')} feeds itself."


@dataclass(frozen=True)
class Trouble:
    """Something breaks `delay` seconds after its turn has come.

    `on` is a process, or a method of Slack's API; `seconds` is how long it lasts, `times` how
    often it happens.
    """

    kind: str
    on: str
    delay: float
    seconds: float
    times: int


Step = Say | Ask | Trouble


@dataclass(frozen=True)
class Kind:
    """A kind of trouble: how often it is drawn, and how long it lasts, in seconds."""

    name: str
    weight: int
    seconds: tuple[float, float] = (0.0, 0.0)


KINDS = (
    Kind("kill_gateway", 5, (0.0, 1.5)),
    Kind("kill_assistant", 2, (0.0, 1.5)),
    Kind("kill_actions", 2, (0.0, 1.5)),
    # Stopped processes keep their connections open: an action that hangs, a machine that swaps.
    Kind("hang_actions", 1, (11.0, 14.0)),
    Kind("hang_assistant", 1, (1.0, 5.0)),
    Kind("hang_gateway", 1, (1.0, 5.0)),
    Kind("database_away", 3, (0.5, 4.0)),
    Kind("disk_full", 2, (0.5, 4.0)),
    Kind("clock_jumps", 2, (1.0, 8.0)),
    Kind("slack_rate_limit", 2),
    Kind("slack_server_error", 2),
    Kind("slack_error", 1),
    Kind("slack_cut", 4),
    Kind("slack_hang", 1, (11.0, 13.0)),
    Kind("slack_silence", 1, (11.0, 13.0)),
    Kind("duplicates", 2),
    Kind("reordering", 2),
)
JUMPS = (-86_400, -3_600, -120, 120, 3_600, 86_400)


def plan(seed: int, scale: Scale) -> list[Step]:
    """Return the steps, in order."""
    chance = random.Random(seed)
    people = range(scale.people)
    said: list[Step] = [
        _said(chance, chance.choice(people)) for _ in range(scale.messages - scale.cases)
    ]
    questions = _unknown_questions(chance)
    said += [
        Ask(n, chance.choice(people), next(questions), chance.random() < SHARE_ANONYMOUS)
        for n in range(1, scale.cases + 1)
    ]
    steps = [*said, *_troubles(chance, scale)]
    chance.shuffle(steps)
    return steps


def _said(chance: random.Random, person: int) -> Say:
    if chance.random() < SHARE_IN_THREADS:
        return Say(person, IN_THREADS, in_thread=True)
    return Say(person, chance.choice(list(QUESTIONS)), in_thread=False)


def _unknown_questions(chance: random.Random) -> Iterator[str]:
    words = list(itertools.product(_KINDS.split(), _ANIMALS.split(), _PLACES))
    chance.shuffle(words)
    return (f"who feeds the {kind} {animal} {place}" for kind, animal, place in words)


def _troubles(chance: random.Random, scale: Scale) -> Iterator[Trouble]:
    possible = [
        kind
        for kind in KINDS
        if kind.seconds[1] <= scale.longest and (scale.has_disk or kind.name != "disk_full")
    ]
    # Every kind once, as far as there is room; then by weight.
    chance.shuffle(possible)
    drawn = possible[: scale.troubles]
    weights = [kind.weight for kind in possible]
    drawn += chance.choices(possible, weights, k=scale.troubles - len(drawn))
    return (_trouble(chance, kind, scale) for kind in drawn)


def _trouble(chance: random.Random, kind: Kind, scale: Scale) -> Trouble:
    how, _, on = kind.name.partition("_")
    if how in ("kill", "hang"):
        count = {"gateway": scale.gateways, "assistant": scale.assistants}.get(on, 1)
        number = chance.randrange(count) + 1
        on = on if number == 1 else f"{on}-{number}"
    elif how == "slack":
        how, on = kind.name, chance.choice(METHODS)
    else:
        how, on = kind.name, ""
    seconds = chance.uniform(*kind.seconds)
    if how == "clock_jumps":
        on = str(chance.choice(JUMPS))
    return Trouble(how, on, chance.uniform(0, 2), round(seconds, 2), chance.randint(1, 4))


def summary(steps: list[Step]) -> dict[str, int]:
    """Return how often each kind of step is in a plan."""
    names = (s.kind if isinstance(s, Trouble) else type(s).__name__.lower() for s in steps)
    return dict(sorted(Counter(names).items()))
