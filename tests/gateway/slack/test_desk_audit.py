"""What HR reads and does stands in the audit trail, and what is erased leaves its card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from cryptography.fernet import Fernet

from bot.db.audit import AuditEntry
from bot.desk.erasing import ERASED
from bot.privacy import audit
from bot.privacy.erasure import erase
from bot.privacy.sealing import Seal
from bot.privacy.subjects import find_subject
from bot.sandbox.seed import CASEY, DANA, HR_SENSITIVE_CHANNEL, ROBIN, SAM

from .desk_loop import DeskLoop, desk_loop, shown

KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("audit"), ENCRYPTION_KEY=KEY) as running:
        yield running


def trail(loop: DeskLoop, reference: str) -> list[tuple[str, str]]:
    """What was seen and changed of a case: the action, and where or what."""
    with loop.database.read() as session:
        found = audit.entries(session, subject=reference)
    return [(e.action, e.detail.get("where") or e.detail["what"]) for e in found]


def actors(loop: DeskLoop, reference: str) -> set[str]:
    with loop.database.read() as session:
        return {entry.actor for entry in audit.entries(session, subject=reference)}


def test_every_form_that_shows_a_case_is_written_down_before_it_opens(loop: DeskLoop) -> None:
    case, card = loop.ask("Is my locker haunted?")
    loop.do(card, "Claim")
    loop.do(card, "Answer")
    loop.do(card, "Ask back…")
    loop.slack.command("/hr-desk", case.reference, user=SAM)
    loop.whispered("History")
    assert trail(loop, case.reference) == [
        ("changed", "claimed"),
        ("viewed", "answer"),
        ("viewed", "ask_back"),
        ("viewed", "history"),
    ]
    assert len(actors(loop, case.reference)) == 1
    loop.do(card, "Answer", user=DANA)
    assert len(actors(loop, case.reference)) == 2


def test_a_list_and_the_home_tab_count_as_reading_what_is_sensitive(loop: DeskLoop) -> None:
    plain, _ = loop.ask("May I dye the fish?")
    loop.offer("My lead calls me names", sensitive=True)
    loop.slack.click("Send to HR", user=ROBIN)
    loop.card("My lead calls me names", channel=HR_SENSITIVE_CHANNEL, user=DANA)
    loop.idle()
    secret = loop.case(plain.id + 1)
    assert secret.sensitive
    for user in (SAM, DANA):
        loop.slack.command("/hr-desk", "search names", user=user)
        loop.whispered("Cases found", user=user)
    assert trail(loop, secret.reference) == [("viewed", "list")], "Sam found nothing"
    loop.slack.open_home(user=DANA)
    loop.slack.wait_for(lambda workspace: workspace.home(DANA))
    loop.idle()
    assert trail(loop, secret.reference) == [("viewed", "list")] * 2
    assert trail(loop, plain.reference) == []


def test_whoever_may_not_see_a_case_leaves_no_entry(loop: DeskLoop) -> None:
    case, _ = loop.ask("Why is the tea green?")
    loop.slack.command("/hr-desk", case.reference, user=ROBIN)
    loop.whispered("Only people of HR", user=ROBIN)
    assert trail(loop, case.reference) == []


def test_the_trail_holds_no_word_of_anybody(loop: DeskLoop) -> None:
    case, card = loop.ask("Is the kumquat ripe?")
    loop.do(card, "Note")
    loop.slack.submit({"text": "kumquats again"}, user=SAM)
    loop.do(card, "Answer")
    loop.slack.submit({"text": "The kumquat is ripe."}, user=SAM)
    loop.idle()
    with loop.database.read() as session:
        found = session.query(AuditEntry).all()
        written = " ".join(f"{e.actor} {e.action} {e.subject} {e.detail}" for e in found)
    assert case.reference in written
    assert "umquat" not in written
    assert SAM not in written


def test_whoever_is_erased_leaves_their_card_and_may_come_again(loop: DeskLoop) -> None:
    case, card = loop.ask("Is my plum tree insured?", user=CASEY)
    loop.do(card, "Note")
    loop.slack.submit({"text": "they own a plum tree"}, user=SAM)
    loop.idle()
    assert "plum tree" in shown(loop.now(card))
    seal, now = Seal(KEY), datetime.now(timezone.utc)
    with loop.database.write() as session:
        erase(session, find_subject(session, seal, CASEY), seal, now, "operator:test")
    loop.idle()
    gone = shown(loop.now(card))
    assert ERASED in gone
    assert "somebody whose data has been erased" in gone
    assert "plum tree" not in gone
    assert CASEY not in gone
    assert len([m for m in loop.slack.messages(card.channel, user=SAM) if ERASED in shown(m)]) == 1
    loop.slack.command("/hr-desk", case.reference, user=SAM)
    loop.whispered("erased what was said")
    again, _ = loop.ask("May I plant a pear?", user=CASEY)
    assert again.person_id is not None
