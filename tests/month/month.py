"""What people do in the month: they ask, tap and wait; HR answers, promotes, starts and stops."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from datetime import time as clock_time
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.db.models import Case, CaseEntry
from bot.db.telling import Campaign
from bot.sandbox.blocks import elements_of
from bot.sandbox.model import Message
from bot.sandbox.seed import CASEY, DANA, HR_CHANNEL, ROBIN, SAM

from .catalogue import catalogue, is_eligible
from .house import House
from .questions import SEND, Ask, Subject, batches, make_questions, subjects
from .staff import Worker, make_staff

HOME = ZoneInfo("America/Chicago")
FIRST_DAY = date(2026, 11, 30)
DAYS = 28
NEWCOMERS_AT = 6
HOLIDAYS = {date(2026, 12, 25)}
AT_ONCE = 8
TRIES, NOT_CHECKED = 5, "I can't check right now"
STOPPED = "loan-repayment-2027"
STOPPED_TITLE = "Help with your student loans"
NOTE = "Only for HR, note"
TAPS = {
    "No, it's new to me": 0.3,
    "Yes, I knew": 0.2,
    "Apply": 0.12,
    "Remind me later": 0.12,
    "Not for me": 0.1,
    "No more messages like this": 0.08,
}
STOP = "No more messages like this"
REMIND = "Remind me a week before"


@dataclass(frozen=True)
class Size:
    """How much of everything there is; `hours` at which the clock is looked at besides HR's."""

    people: int
    questions: int
    cases: int
    delicate: int
    subjects: int
    hours: Sequence[float]
    hr_hours: Sequence[int]


SMALL = Size(people=20, questions=40, cases=8, delicate=2, subjects=1, hours=(3,), hr_hours=(9,))
FULL = Size(
    people=300,
    questions=1500,
    cases=40,
    delicate=5,
    subjects=6,
    hours=tuple(number / 2 for number in range(48)),
    hr_hours=(9, 11, 14, 16),
)


@dataclass
class Told:
    """A message that nobody asked for, as it came; `message` is it as it stands by now."""

    user: str
    at: datetime
    text: str
    message: Message


@dataclass
class Month:
    """The month as it is lived; what it notes is for whoever checks it, not the product's own.

    `askers` by case; `live`: since when each promoted topic is; `refused`: what
    HR was told of a draft that would take others' questions; `taps`: what people answered to
    what they were told; `sent`: cases that came by themselves.
    """

    house: House
    size: Size
    folder: Path
    random: Random
    staff: list[Worker] = field(default_factory=list)
    asked: list[tuple[Ask, Message]] = field(default_factory=list)
    askers: dict[int, str] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    taps: list[tuple[Told, str]] = field(default_factory=list)
    live: dict[str, datetime] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    reminders: list[str] = field(default_factory=list)
    released: int = 0
    helped: int = 0
    sent: int = 0
    campaign_stopped_at: datetime | None = None
    seconds: float = 0.0
    _calls: int = 0
    _seen: set[str] = field(default_factory=set)
    _looked: set[tuple[int, int]] = field(default_factory=set)
    _proposed: dict[str, str] = field(default_factory=dict)

    def live_it(self) -> None:
        """Live it from the first midnight to the Monday after it."""
        begun = time.monotonic()
        groups = batches(self._questions(), AT_ONCE)
        group = next(groups, None)
        for at in self._moments():
            while group is not None and group[-1].at < at:
                self.house.clock.now = group[-1].at
                self._ask(group)
                group = next(groups, None)
            self.house.clock.now = at
            self._at_the_hour(at.astimezone(HOME))
            self.house.tick()
            self._react()
        self.seconds = time.monotonic() - begun

    def _questions(self) -> list[Ask]:
        self.staff = make_staff(self.size.people, FIRST_DAY, self.random)
        days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS - 1)]
        first = subjects()[: self.size.subjects]
        size = self.size
        return make_questions(size.questions, size.delicate, first, self.staff, days, self.random)

    def _moments(self) -> list[datetime]:
        hours = {*self.size.hours, *self.size.hr_hours}
        days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]
        mondays = {_local(day, NEWCOMERS_AT) for day in days[::7]}
        return sorted({_local(day, hour) for day in days for hour in hours} | mondays | {END})

    def _at_the_hour(self, at: datetime) -> None:
        if at.hour == NEWCOMERS_AT and at.minute == 0 and at.weekday() == 0:
            self._welcome(at.date())
        is_service = at.weekday() < 5 and at.date() not in HOLIDAYS
        if is_service and at.minute == 0 and at.hour in self.size.hr_hours:
            self._release_campaigns()
            self._approve()
            self._work_on_cases()
            self._askers_look()

    # Those who ask

    def _ask(self, group: Sequence[Ask]) -> None:
        said = self.house.say([(ask.user, ask.text) for ask in group])
        for ask, message in zip(group, said, strict=True):
            self.asked.append((ask, message))
            self._after_reply(ask, self.reply(ask.user, message))

    def reply(self, user: str, message: Message) -> Message:
        """Return the reply to what somebody has said."""
        return self.house.replies(user, message)[0]

    def _after_reply(self, ask: Ask, reply: Message) -> None:
        titles, dice = titles_of(reply), self.random.random()
        if ask.to_hr is not None or (SEND in titles and self._wants_a_person()):
            self._send(ask, reply, ask.to_hr or SEND)
        elif "This helped" in titles:
            if REMIND in titles and dice < 0.5:
                self._tap(reply, REMIND, ask.user)
                self.reminders.append(ask.user)
            elif dice < 0.22:
                self._tap(reply, "This helped", ask.user)
                self.helped += 1
            elif dice < 0.32:
                self._tap(reply, "Didn't help", ask.user)
        elif titles and SEND not in titles and dice < 0.6:
            # It asked back: the first one it is.
            self._tap(reply, titles[0], ask.user)

    def _wants_a_person(self) -> bool:
        size = self.size
        ordinary = size.cases - 2 * size.delicate - size.subjects
        return self.sent < ordinary and self.random.random() < 0.25

    def _send(self, ask: Ask, reply: Message, button: str) -> None:
        self.sent += ask.to_hr is None
        if button not in titles_of(reply):
            # It was answered or asked back about.
            (said,) = self.house.say([(ask.user, "I want to talk to a person")])
            reply = self.reply(ask.user, said)
        self._tap(reply, button, ask.user)
        with self.house.database.read() as session:
            newest = session.scalar(select(Case).order_by(Case.id.desc()).limit(1))
        self.askers[newest.id] = ask.user

    def _askers_look(self) -> None:
        """Let everybody whose case was answered say what they think of it, or nothing."""
        for case in self._cases("answered"):
            if (case.id, case.answer_count) in self._looked:
                continue
            self._looked.add((case.id, case.answer_count))
            user, dice = self.askers[case.id], self.random.random()
            answer = self._newest(user, case.reference, "Yes, it helped")
            if dice < 0.55:
                self._tap(answer, "Yes, it helped", user)
                score = f"case_rate:{self.random.choice((2, 4, 5, 5))}"
                self.house.slack.click(action_id=score, user=user, channel=answer.channel)
                self.house.idle()
            elif dice < 0.7:
                self._tap(answer, "No, not yet", user)

    def _newest(self, user: str, reference: str, title: str) -> Message:
        return next(
            m
            for m in reversed(self.house.slack.messages(self.house.dm(user), user=user))
            if m.is_from_bot and reference in m.text and title in titles_of(m)
        )

    # HR

    def _welcome(self, day: date) -> None:
        starting = [one for one in self.staff if one.hired == day]
        if day == FIRST_DAY:
            starting = [one for one in self.staff if one.hired <= day]
        if starting:
            self.house.hire(starting, self.folder)

    def _cases(self, *statuses: str) -> list[Case]:
        with self.house.database.read() as session:
            query = select(Case).where(Case.status.in_(statuses)).order_by(Case.id)
            return list(session.scalars(query))

    def _work_on_cases(self) -> None:
        for case in self._cases("open", "claimed"):
            card = self.house.slack.workspace.message(case.card_channel, case.card_ts)
            hr = DANA if case.sensitive else self.random.choice((SAM, DANA))
            subject = next((s for s in subjects() if s.question == case.question), None)
            dice = self.random.random()
            if case.status == "open" and dice < 0.4:
                self._tap(card, "Claim", hr)
                self._note(case, card, hr)
            elif subject is not None and subject.topic not in self._proposed:
                self._answer(card, hr, subject.answer, share=["others"])
                self._propose(hr, subject)
            elif dice < 0.85:
                self._answer(card, hr, f"This is how it works: {case.reference}.")
            elif dice < 0.9:
                self._tap(card, "Resolve", hr)
                assert self.house.slack.submit({"choice": "not_hr"}, user=hr).errors == {}
                self.house.idle()

    def _answer(self, card: Message, hr: str, text: str, **more: object) -> None:
        self._tap(card, "Answer", hr)
        sent = self.house.slack.submit({"text": text, **more}, user=hr)
        assert sent.errors == {}
        self.house.idle()

    def _note(self, case: Case, card: Message, hr: str) -> None:
        text = f"{NOTE} {len(self.notes)}"
        self.house.slack.say(text, user=hr, channel=card.channel, thread_ts=card.ts)
        self.notes.append(text)
        self.house.until(lambda: self._note_count() == len(self.notes), "noted")
        self.house.idle()

    def _note_count(self) -> int:
        with self.house.database.read() as session:
            notes = select(func.count()).select_from(CaseEntry).where(CaseEntry.kind == "note")
            return session.scalar(notes)

    def _propose(self, hr: str, subject: Subject) -> None:
        fields = {
            "draft_topic": "new",
            "draft_title": subject.title,
            "draft_category": subject.category,
            "draft_owner": "Facilities",
            "draft_link": "https://hr.cedarvalley.example/facilities",
        }
        if subject.question not in subject.draft:
            # As the form is filled in when it opens: with what was asked.
            self.refused[subject.topic] = self._handed_in(hr, fields)["draft_questions"]
        fields["draft_questions"] = "\n".join(subject.draft)
        errors = self._handed_in(hr, fields)
        assert errors == {}, (subject.title, errors)
        self.house.idle()
        self._proposed[subject.topic] = hr

    def _handed_in(self, hr: str, fields: dict[str, str]) -> dict[str, str]:
        """Hand a draft in, again if a busy machine couldn't check it in time; return its errors."""
        for _ in range(TRIES):
            errors = self.house.slack.submit(fields, user=hr).errors
            if NOT_CHECKED not in str(errors):
                break
        return errors

    def _approve(self) -> None:
        """Let whoever proposed an answer try in vain to approve it, then somebody else."""
        for card in self._cards("Waiting for approval"):
            subject = next(one for one in subjects() if one.title in shown(card))
            proposer = self._proposed[subject.topic]
            self._tap(card, "Approve", proposer)
            assert "Waiting for approval" in shown(card)
            for _ in range(TRIES):
                if "Live for others" not in shown(card):
                    self._tap(card, "Approve", SAM if proposer == DANA else DANA)
            assert "Live for others" in shown(card)
            self.live[subject.topic] = self.house.clock()

    def _release_campaigns(self) -> None:
        for card in self._cards("would tell"):
            if "Release" in titles_of(card):
                self._tap(card, "Release", SAM)
                self.released += 1

    def _cards(self, part: str) -> list[Message]:
        seen = self.house.slack.messages(HR_CHANNEL, user=SAM)
        return [m for m in seen if m.is_from_bot and part in shown(m)]

    # Those who are told something

    def _react(self) -> None:
        for one in self._newly_told():
            self.told.append(one)
            titles = titles_of(one.message)
            dice = self.random.random()
            for what, share in TAPS.items():
                dice -= share
                if dice < 0:
                    if what in titles:
                        self._tap(one.message, what, one.user)
                        self.taps.append((one, what))
                    break
        self._stop_half_way()

    def _newly_told(self) -> list[Told]:
        users = {worker.user for worker in self.staff} | {SAM, DANA, ROBIN, CASEY}
        calls = self.house.slack.workspace.calls
        touched = {str(call.arguments.get("channel")) for call in calls[self._calls :]}
        self._calls = len(calls)
        found = []
        for user in sorted(users):
            if self.house.slack.workspace.people.get(user) is None:
                continue
            place = self.house.dm(user)
            if not touched & {user, place}:
                continue
            for message in self.house.slack.messages(place, user=user):
                if STOP in titles_of(message) and message.ts not in self._seen:
                    self._seen.add(message.ts)
                    found.append(Told(user, _time_of(message), message.text, message))
        return found

    def _stop_half_way(self) -> None:
        if self.campaign_stopped_at is not None:
            return
        told = sum(STOPPED_TITLE in one.text for one in self.told)
        if told and told >= self.meant_for_stopped() / 3:
            self.house.slack.command("/hr-campaign", user=SAM)
            self.house.slack.wait_for(lambda w: w.ephemerals(SAM) or None)
            self.house.slack.click("Stop for good", value=STOPPED, user=SAM)
            self.house.until(self._is_stopped, "stopped")
            self.house.idle()
            self.campaign_stopped_at = self.house.clock()

    def meant_for_stopped(self) -> int:
        """Return for how many people the campaign is that is stopped, by the catalogue's words."""
        return sum(
            is_eligible(one.job, catalogue()["loan-repayment"], self.house.clock().date())
            for one in self.staff
        )

    def _is_stopped(self) -> bool:
        with self.house.database.read() as session:
            return session.get(Campaign, STOPPED).status == "stopped"

    def _tap(self, message: Message, what: str, user: str) -> None:
        self.house.tap(message, what, user=user)


def titles_of(message: Message) -> list[str]:
    """Return the titles of a message's buttons."""
    return [
        element["text"]["text"]
        for block in message.blocks
        for element in elements_of(block)
        if element["type"] == "button"
    ]


def shown(message: Message) -> str:
    """Return all that a message shows."""
    return f"{message.text} {message.blocks}"


def _time_of(message: Message) -> datetime:
    return datetime.fromtimestamp(int(float(message.ts)), timezone.utc)


def _local(day: date, hour: float) -> datetime:
    at = datetime.combine(day, clock_time(int(hour), int(hour % 1 * 60)), HOME)
    return at.astimezone(timezone.utc)


BEGINNING = _local(FIRST_DAY, 0)
END = _local(FIRST_DAY + timedelta(days=DAYS), 9)
"""The Monday after the month, in the morning."""
