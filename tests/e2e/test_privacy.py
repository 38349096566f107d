"""What people tell the whole product, and a search through all that it kept: for who asked
without a name, for what redaction takes out, for whoever was erased.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

from sqlalchemy import MetaData, select

from bot.db.models import Case, Conversation
from bot.privacy.sealing import Seal
from bot.privacy.subjects import find_subject
from bot.sandbox.seed import CASEY, HR_CHANNEL, ROBIN, SAM
from tests.e2e.stack import Stack
from tests.privacy.planted import (
    IDENTIFIERS,
    database_files,
    found_in_files,
    found_in_rows,
    found_in_text,
)

QUESTION = "Who won the chess championship in ward nine?"
WORDS = ("chess", "ground floor", "half past")


def every_row(stack: Stack) -> list[tuple[str, str]]:
    """Return every row of every table, Rasa's too, as the table's name and text."""
    database = stack.database
    metadata = MetaData()
    metadata.reflect(database.engine)
    found = []
    with database.read() as session:
        for table in metadata.sorted_tables:
            rows = session.execute(select(table)).mappings()
            found += [(table.name, json.dumps(dict(row), default=str)) for row in rows]
    assert "events" in {name for name, _ in found}, "Rasa's tracker is searched too"
    return found


def test_an_anonymous_exchange_leaves_nothing_that_leads_to_the_asker(stack: Stack) -> None:
    stack.ask("hello")
    stack.ask(QUESTION)
    stack.slack.click("Send anonymously")
    sent = stack.slack.wait_for_message("without your name", timeout=20)
    reference = re.search(r"HR-\d+", sent.text).group()
    card = stack.slack.wait_for_message("chess", channel=HR_CHANNEL, user=SAM, timeout=20)
    stack.slack.click("Ask back…", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    stack.slack.submit({"text": "Which floor?"}, user=SAM)
    stack.slack.wait_for_message("Which floor?", timeout=20)
    stack.wait_until_idle()
    stack.slack.say("The ground floor")
    stack.slack.wait_for_message(f"Added to {reference}", timeout=20)
    stack.slack.say(f"add to {reference}: it is worst at half past")
    stack.slack.wait_for_message("half past", channel=HR_CHANNEL, user=SAM, timeout=20)
    listed = stack.ask("where is my question?")
    assert reference in listed.text
    stack.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    stack.slack.submit({"text": "We will wrap it in a towel."}, user=SAM)
    stack.slack.wait_for_message("in a towel", timeout=20)
    # The talk goes on under the asker's own name.
    assert stack.ask("when is payday?").text
    assert "haven't" not in stack.ask("yes").text
    stack.wait_until_idle()

    with stack.database.read() as session:
        case = session.scalar(select(Case).where(Case.anonymous))
        assert (case.reference, case.person_id, case.status) == (reference, None, "answered")
        askers = session.scalars(select(Conversation).where(Conversation.person_id.isnot(None)))
        own = {v for c in askers for v in (c.id, c.person_id, c.address_hash, c.address_sealed)}
        named_cases = session.scalars(select(Case).where(Case.anonymous.is_(False))).all()
        assert named_cases == []
    rows = every_row(stack)
    of_case = ("cases", "case_events", "case_entries", "case_places")
    hidden = {case.conversation_id, case.turn_id, reference}
    for table, row in rows:
        assert ROBIN not in row, table
        assert "robin" not in row.lower() or table == "employees", table
        # What was asked, added and answered stands with the case and nowhere else.
        if table not in of_case:
            for words in (*WORDS, "Which floor", "towel"):
                assert words not in row, (table, words)
            # Who of HR worked on which case is what the audit trail is for.
            assert reference not in row or table == "audit", table
        # Nothing of the asker's own stands beside anything of the case's.
        is_askers = any(value in row for value in own)
        assert not (is_askers and any(value in row for value in hidden)), table
        if is_askers:
            assert table not in of_case
    # Times of the asker's doing are days.
    with stack.database.read() as session:
        case = session.get(Case, case.id)
        for event in case.history:
            if event.actor == "asker":
                assert f"{event.at:%H:%M:%S}" == "00:00:00"
        assert f"{case.created_at:%H:%M:%S}" == "00:00:00"
    logs = stack.logs()
    for value in (ROBIN, "robin", *WORDS, *hidden - {reference}):
        assert value not in logs, value
    for line in logs.splitlines():
        assert not (any(v in line for v in own) and f'"case:{case.id}"' in line)
    for message in stack.slack.messages(HR_CHANNEL, user=SAM):
        seen = f"{message.text} {json.dumps(message.blocks)} {message.metadata}"
        assert ROBIN not in seen
        assert "robin" not in seen.lower()


def test_no_identifier_that_somebody_writes_is_kept_anywhere(stack: Stack) -> None:
    stack.ask(f"when is payday? mine are {', '.join(IDENTIFIERS)} by the way")
    stack.ask(f"Does the aquarium take {IDENTIFIERS[0]} or {IDENTIFIERS[-1]}?")
    stack.slack.click("Send to HR")
    card = stack.slack.wait_for_message("aquarium", channel=HR_CHANNEL, user=SAM, timeout=20)
    stack.slack.click("Note", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    stack.slack.submit({"text": f"called them at {IDENTIFIERS[2]}"}, user=SAM)
    stack.wait_until_idle()
    database = stack.database
    assert found_in_rows(database, ["aquarium"]), "the words around them are kept"
    assert found_in_rows(database, IDENTIFIERS) == set()
    assert found_in_files(database_files(database), IDENTIFIERS) == set()
    assert found_in_text(stack.logs(), IDENTIFIERS) == set()
    for message in stack.slack.messages(HR_CHANNEL, user=SAM):
        assert found_in_text(f"{message.text} {message.blocks}", IDENTIFIERS) == set()


def test_whoever_is_erased_is_gone_while_everything_runs(stack: Stack) -> None:
    stack.ask("Is there a zeppelin for nurses?", user=CASEY)
    stack.slack.click("Send to HR", user=CASEY)
    stack.slack.wait_for_message("zeppelin", channel=HR_CHANNEL, user=SAM, timeout=20)
    stack.wait_until_idle()
    database, seal = stack.database, Seal(stack.settings.encryption_key)
    with database.read() as session:
        casey = find_subject(session, seal, CASEY)
    assert {found.split(".")[0] for found in found_in_rows(database, ["zeppelin"])} >= {
        f"zeppelin in {table}" for table in ("inbox", "turn_log", "cases", "events")
    }
    erasing = [sys.executable, "-m", "bot", "erase", CASEY]
    done = subprocess.run(erasing, env=stack.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    stack.wait_until_idle()
    gone = ["zeppelin", *casey.people, *casey.conversations]
    assert {found.partition(" in ")[2] for found in found_in_rows(database, gone)} == {
        "audit.subject"
    }
    assert found_in_files(database_files(database), ["zeppelin"]) == set()
    assert stack.ask("when is payday?", user=CASEY).text, "and may come again"
