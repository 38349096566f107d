"""HR's figures counted anew, straight from the rows, by docs/listening.md and not by bot/listening.

Plain Python over what sqlite3 reads; it gives the rows of HR's tables as they should stand there.
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from pathlib import Path
from statistics import NormalDist
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from .catalogue import catalogue, is_eligible

Row = dict[str, Any]
Rows = list[list[str]]
HOME = ZoneInfo("America/Chicago")
OPEN, CLOSED, HOLIDAYS = time(8), time(17), {date(2026, 11, 26), date(2026, 12, 25)}
SENSITIVE = ("relations/", "benefits/eap_mental_health")
QUEUES = {
    "recruiting": "Recruiting",
    "benefits": "Benefits and leave",
    "pay": "Pay",
    "default": "HR questions",
}
OUTCOMES = {
    "solved": "Confirmed solved",
    "silent": "Answered, nothing said",
    "came_back": "Came back",
    "handed_over": "Handed over to HR",
    "unanswered": "No answer",
}
FEW = 5
HIDDEN = "kept back"


@dataclass(frozen=True)
class Part:
    """So many of something, by these people."""

    count: int
    people: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Part:
        """Count rows that name their `asker`."""
        askers = [row["asker"] for row in rows]
        return cls(len(askers), frozenset(askers))

    @property
    def is_few(self) -> bool:
        """Whether they are too few people to be spoken of."""
        return 0 < len(self.people) < FEW

    @property
    def text(self) -> str:
        """How a table shows it alone."""
        return HIDDEN if self.is_few else str(self.count)


class Count:
    """The figures of some weeks.

    Args:
        file: the SQLite database.
        since, days: the first midnight where HR works, and how long from there.
        now: when the report is read.
        title_of: the name of a topic.
    """

    def __init__(
        self, file: Path, since: date, days: int, now: datetime, title_of: Callable[[str], str]
    ) -> None:
        self._connection = sqlite3.connect(file)
        self._connection.row_factory = sqlite3.Row
        self._days = [since + timedelta(days=number) for number in range(days)]
        self.since, self.until = _midnight(since), _midnight(since + timedelta(days=days))
        self._now, self._title_of = now, title_of
        self.asker_of = {row["id"]: row["person_id"] for row in self.rows("conversations")}

    def rows(self, table: str) -> list[Row]:
        """Return all rows of a table, times as such."""
        found = self._connection.execute(f"SELECT * FROM {table} ORDER BY 1")
        return [{key: _value(key, value) for key, value in dict(row).items()} for row in found]

    @cached_property
    def questions(self) -> list[Row]:
        """What was asked up to the end, with `asker` and `outcome`."""
        cases = {row["turn_id"]: row for row in self.rows("cases")}
        log = sorted(self.rows("turn_log"), key=lambda row: row["id"])
        after: dict[int, Row] = {}
        last: dict[str, Row] = {}
        for row in log:
            row["asker"] = self.asker_of.get(row["conversation_id"]) or row["conversation_id"]
            if _is_small_talk(row):
                continue
            if row["conversation_id"] in last:
                after[last[row["conversation_id"]]["id"]] = row
            last[row["conversation_id"]] = row
        asked = [row for row in log if _is_question(row)]
        found = []
        for row in asked:
            case, next_turn = cases.get(row["turn_id"]), after.get(row["id"])
            is_narrowed = next_turn is not None and next_turn["question"] is None
            if row["decision"] == "clarify" and is_narrowed:
                continue
            if case is not None and case["sensitive"]:
                continue
            row["outcome"] = _outcome(row, case, asked)
            found.append(row)
        return [row for row in found if row["created_at"] < self.until]

    @cached_property
    def asked(self) -> list[Row]:
        """The questions of these weeks."""
        return [row for row in self.questions if row["created_at"] >= self.since]

    @cached_property
    def cases(self) -> list[Row]:
        """The cases of these weeks that count."""
        events = self.rows("case_events")
        found = []
        for case in self.rows("cases"):
            is_hidden = case["anonymous"] or case["sensitive"] or case["is_feedback"]
            if is_hidden or not self.since <= case["created_at"] < self.until:
                continue
            answers = [
                e["at"] for e in events if (e["case_id"], e["action"]) == (case["id"], "answered")
            ]
            case["asker"] = case["person_id"] or case["conversation_id"]
            case["first_answer"] = min(answers, default=None)
            case["last_answer"] = max(answers, default=None)
            found.append(case)
        return found

    # The tables

    def outcomes(self) -> Rows:
        """Return what became of the questions."""
        parts = {
            name: Part.of(row for row in self.asked if row["outcome"] == name) for name in OUTCOMES
        }
        hidden, total = _hidden(parts), Part.of(self.asked)
        rows = [
            [
                title,
                HIDDEN if name in hidden else str(parts[name].count),
                HIDDEN if name in hidden else share(parts[name].count, total.count),
                "0",
            ]
            for name, title in OUTCOMES.items()
        ]
        return [*rows, ["All questions", total.text, "", "0"]]

    def weeks(self) -> Rows:
        """Return how many questions there were each week."""
        by_week = defaultdict(list)
        for row in self.asked:
            day = row["created_at"].astimezone(HOME).date()
            by_week[day - timedelta(days=day.weekday())].append(row)
        parts = {day: Part.of(by_week[day]) for day in self._days[::7]}
        hidden = _hidden(parts)
        return [
            [str(day), HIDDEN if day in hidden else str(part.count)] for day, part in parts.items()
        ]

    def queues(self) -> Rows:
        """Return how long people waited for HR."""
        of_queue = {name: [case for case in self.cases if case["queue"] == name] for name in QUEUES}
        of_queue = {name: cases for name, cases in of_queue.items() if cases}
        hidden = _hidden({name: Part.of(cases) for name, cases in of_queue.items()})
        rows = [
            self._queue(QUEUES[name], cases, is_hidden=name in hidden)
            for name, cases in of_queue.items()
        ]
        return [*rows, self._queue("All queues", self.cases, is_hidden=Part.of(self.cases).is_few)]

    def topics(self) -> Rows:
        """Return the topics that most people asked about."""
        return [
            [self._title_of(topic), str(part.count), str(len(part.people))]
            for topic, part in self._by_topic()
        ][:20]

    def not_helpful(self) -> Rows:
        """Return the topics whose answer enough people found unhelpful."""
        found = []
        for topic, _ in self._by_topic():
            said = [row for row in self._answered(topic) if row["feedback"]]
            unhappy = [row for row in said if row["feedback"] == "not_helped"]
            if len(Part.of(unhappy).people) >= FEW:
                key = (-len(unhappy) / len(said), topic)
                found.append((key, [str(len(said)), share(len(unhappy), len(said))]))
        return [[self._title_of(key[1]), *row] for key, row in sorted(found)]

    def quiet_programs(self) -> Rows:
        """Return the programs that too few people asked about."""
        askers = {
            program["name"]: len(self._askers(program, self.asked))
            for program in catalogue().values()
        }
        few = [(count > 0, name) for name, count in askers.items() if count < FEW]
        return [[name, "fewer than 5" if some else "nobody"] for some, name in sorted(few)]

    def awareness(self) -> Rows:
        """Return who knows of the programs."""
        rows = []
        for program in sorted(catalogue().values(), key=lambda program: program["name"]):
            row = self._known(program)
            if row[2] != "0" or row[3] != "0":
                rows.append(row)
        return rows

    # What they are made of

    def _by_topic(self) -> list[tuple[str, Part]]:
        topics = {row["topic"] for row in self.asked if row["topic"]}
        parts = [(topic, Part.of(self._answered(topic))) for topic in topics]
        enough = [(topic, part) for topic, part in parts if len(part.people) >= FEW]
        return sorted(enough, key=lambda pair: (-len(pair[1].people), -pair[1].count, pair[0]))

    def _answered(self, topic: str) -> list[Row]:
        return [r for r in self.asked if (r["topic"], r["decision"]) == (topic, "answer")]

    def _askers(self, program: Mapping[str, Any], asked: Iterable[Row]) -> set[str]:
        return {
            row["asker"]
            for row in asked
            if row["program"] == program["id"]
            or (row["topic"] and row["topic"] == program.get("topic"))
        }

    def _known(self, program: Mapping[str, Any]) -> list[str]:
        told = [
            row
            for row in self.rows("tellings")
            if (row["program_id"], row["status"]) == (program["id"], "told")
            and row["told_at"] < self.until
        ]
        eligible = {
            person
            for person, job in self._jobs().items()
            if is_eligible(job, program, self.until.date())
        }
        people = {row["person_id"] for row in told}
        asked = self._askers(program, self.questions)
        clicked = {row["person_id"] for row in told if row["clicked_at"]}
        knew = {r["person_id"]: r["knew_before"] for r in told if r["knew_before"] is not None}
        know = eligible & (people | asked)
        counts = [_people(one) for one in (eligible, people, asked, clicked)]
        return [
            program["name"],
            *counts,
            "–" if not people else _open_share(sum(knew.values()), len(knew)),
            "–" if not eligible else _open_share(len(know), len(eligible)),
        ]

    def _jobs(self) -> dict[str, Row]:
        """Return the job of everybody in HR's list who is in Slack, by person."""
        lines = {row["slack_hash"]: row for row in self.rows("employees")}
        return {
            person["id"]: {
                **line, "hire_date": date.fromisoformat(line["hire_date"])
            }
            for person in self.rows("people")
            if (line := lines.get(person["address_hash"]))
        }  # fmt: skip

    def _queue(self, title: str, cases: Sequence[Row], *, is_hidden: bool) -> list[str]:
        kept = [case for case in cases if case["feedback"] != "withdrawn"]
        rated = [case for case in cases if case["csat"] is not None]
        scores = [case["csat"] for case in rated]
        replied = [
            _in_time(c["first_replied_at"], c["first_reply_due_at"], self._now) for c in kept
        ]
        resolved = [_in_time(_done(c), c["resolution_due_at"], self._now) for c in kept]
        return [
            title,
            HIDDEN if is_hidden else str(len(cases)),
            *_waits(cases, "first_replied_at"),
            *_waits(cases, "first_answer"),
            _known_share(kept, replied),
            _known_share(kept, resolved),
            _known_share(rated, [score >= 4 for score in scores]),
            f"{np.mean(scores):.1f}" if len(Part.of(rated).people) >= FEW else HIDDEN,
        ]


def share(count: int, of: int) -> str:
    """Return a share with Wilson's interval: the roots of (p - x)² = z² x (1 - x) / n."""
    p, z = count / of, NormalDist().inv_cdf(0.975)
    a, b = 1 + z * z / of, 2 * p + z * z / of
    width = math.sqrt(max(b * b - 4 * a * p * p, 0.0))
    low, high = (b - width) / (2 * a), (b + width) / (2 * a)
    return f"{p * 100:.0f} % ({abs(low) * 100:.0f}–{high * 100:.0f})"


def service_minutes(since: datetime, until: datetime) -> float:
    """Return how many minutes of office hours lie between two moments."""
    day, passed = since.astimezone(HOME).date(), 0.0
    while day <= until.astimezone(HOME).date():
        if day.weekday() < 5 and day not in HOLIDAYS:
            begin = max(since, datetime.combine(day, OPEN, HOME))
            end = min(until, datetime.combine(day, CLOSED, HOME))
            passed += max(0.0, (end - begin).total_seconds() / 60)
        day += timedelta(days=1)
    return passed


def _is_small_talk(row: Row) -> bool:
    return (row["kind"], row["decision"]) == ("dialogue", "answer")


def _is_question(row: Row) -> bool:
    is_private = row["kind"] in ("sensitive", "crisis")
    is_sensitive = is_private or (row["topic"] or "").startswith(SENSITIVE)
    return not (_is_small_talk(row) or is_sensitive)


def _outcome(row: Row, case: Row | None, asked: Iterable[Row]) -> str:
    if case is not None:
        return "handed_over"
    if row["decision"] != "answer":
        return "unanswered"
    if row["feedback"] == "helped":
        return "solved"
    again = any(
        other["id"] > row["id"]
        and (other["asker"], other["topic"]) == (row["asker"], row["topic"])
        and other["created_at"] - row["created_at"] <= timedelta(days=7)
        for other in asked
        if row["topic"]
    )
    return "came_back" if again or row["feedback"] == "not_helped" else "silent"


def _hidden(parts: Mapping[Any, Part]) -> set[Any]:
    """Return what may not be shown: the few, and then the smallest of the others as well."""
    few = {name for name, part in parts.items() if part.is_few}
    others = sorted(
        (len(part.people), place, name)
        for place, (name, part) in enumerate(parts.items())
        if part.people and not part.is_few
    )
    return few | ({others[0][2]} if few and others else set())


def _people(people: set[str]) -> str:
    return HIDDEN if 0 < len(people) < FEW else str(len(people))


def _open_share(count: int, of: int) -> str:
    is_few = 0 < count < FEW or 0 < of - count < FEW
    return HIDDEN if not of or is_few else share(count, of)


def _known_share(cases: Sequence[Row], words: Sequence[bool | None]) -> str:
    said = [(case, word) for case, word in zip(cases, words, strict=True) if word is not None]
    if len({case["asker"] for case, _ in said}) < FEW:
        return HIDDEN
    return share(sum(word for _, word in said), len(said))


def _waits(cases: Sequence[Row], what: str) -> list[str]:
    ended = [case for case in cases if case[what] is not None]
    if len({case["asker"] for case in ended}) < FEW:
        return [HIDDEN, HIDDEN]
    minutes = [service_minutes(case["created_at"], case[what]) for case in ended]
    return [_duration(np.median(minutes)), _duration(np.percentile(minutes, 90))]


def _duration(minutes: float) -> str:
    hours, rest = divmod(round(float(minutes)), 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def _done(case: Row) -> datetime | None:
    if case["status"] not in ("answered", "resolved"):
        return None
    return case["last_answer"] or case["resolved_at"]


def _in_time(done: datetime | None, due: datetime | None, now: datetime) -> bool | None:
    if due is None or (done is None and now <= due):
        return None
    return done is not None and done <= due


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HOME).astimezone(timezone.utc)


def _value(key: str, value: Any) -> Any:
    is_time = key.endswith(("_at", "_until")) or key in ("at", "waiting_since")
    if is_time and value is not None:
        return datetime.fromisoformat(value).replace(tzinfo=timezone.utc)
    return value
