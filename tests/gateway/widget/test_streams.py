"""Streams that break, wait, crowd or read slowly; gateways that stop or share the work."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.db.models import Conversation, WidgetEvent
from bot.db.session import Database
from bot.gateway.widget.feed import MOST_STREAMS_OF_A_SESSION
from bot.privacy.retention import purge
from bot.sandbox.app import SandboxServer

from ..servers import AssistantDouble, reply
from .browser import Browser, Event
from .site import Site, running_site


def numbered(events: list[Event]) -> list[Event]:
    return [event for event in events if event.number is not None]


def test_a_stream_survives_a_silence_with_pings(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.widget.stream.PING_SECONDS", 0.05)
    browser = site.browser()
    with browser.stream() as stream:
        site.wait_for(lambda: stream.comments.count(": ping") >= 2)
        browser.say("Hello?")
        stream.event("message", text="About: Hello?")


def test_of_too_many_streams_the_oldest_ends(site: Site) -> None:
    browser = site.browser()
    streams = [browser.stream() for _ in range(MOST_STREAMS_OF_A_SESSION + 1)]
    opened = []
    for stream in streams:
        opened.append(stream.__enter__())
        site.wait_for(lambda: opened[-1].comments)
    opened[0].wait_until_over()
    browser.say("Hello?")
    for stream in opened[1:]:
        stream.event("message", text="About: Hello?")
    for stream in streams:
        stream.__exit__(None, None, None)


def test_who_does_not_read_is_cut_off_and_nothing_piles_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.widget.stream.SEND_SECONDS", 0.3)
    browser = site.browser()
    browser.say("Hello?")
    site.wait_until_idle()
    _add_history(site, count=1500, length=4000)
    whole = 1500 * 4000
    parts = urlsplit(site.url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect((parts.hostname, parts.port))
        head = f"GET /widget/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {browser.token}"
        connection.sendall(f"{head}\r\n\r\n".encode())
        received = len(connection.recv(1))
        site.wait_for(lambda: site.open_streams() == 0)
        try:
            while more := connection.recv(65536):
                received += len(more)
        except ConnectionResetError:
            pass
    assert received < whole / 2
    with browser.stream(after=1490) as stream:
        stream.event("message", text="x" * 4000)


def _add_history(site: Site, count: int, length: int) -> None:
    with site.database.write() as session:
        conversation = session.query(Conversation).one()
        session.bulk_save_objects(
            WidgetEvent(
                conversation_id=conversation.id,
                number=number,
                key=f"history:{number}",
                kind="message",
                payload={"from": "assistant", "text": "x" * length},
                created_at=site.clock(),
            )
            for number in range(3, count + 3)
        )


def test_a_session_that_ends_while_it_streams_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.widget.stream.PING_SECONDS", 0.05)
    browser = site.browser()
    with browser.stream() as stream:
        # Less than a day later, or the next minute's tick would take it away.
        site.clock.shift = timedelta(days=site.settings.widget_session_days, hours=1)
        stream.event("expired")
        stream.wait_until_over()


def test_a_restart_in_mid_conversation_loses_nothing(
    database: Database, assistant: AssistantDouble, workspace: SandboxServer, tmp_path: Path
) -> None:
    assistant.answer = lambda body: (503, {"error": "no_model"})
    with running_site(database, tmp_path, assistant, workspace) as before:
        browser = before.browser()
        with browser.stream() as stream:
            browser.say("Are you there?")
            before.wait_for(lambda: assistant.received)
            began = time.monotonic()
            before.server.should_exit = True
            stream.wait_until_over()
            assert time.monotonic() - began < 5
    assistant.answer = lambda body: reply("Yes, again.", audience="both")
    with running_site(database, tmp_path, assistant, workspace) as after:
        again = Browser(after.url, token=browser.token)
        with again.stream(after=1) as stream:
            stream.event("message", text="Yes, again.")
            assert [e.number for e in stream.events if e.number] == [2]
        after.wait_until_idle()


def test_who_comes_back_after_a_purge_gets_all_that_is_new_and_nothing_twice(site: Site) -> None:
    browser = site.browser()
    newest = browser.say("Hello?") + 1
    with browser.stream() as stream:
        stream.event("message", text="About: Hello?")
    site.wait_until_idle()
    with site.database.write() as session:
        gone = purge(session, site.settings.retention, site.clock() + timedelta(days=91))
    assert gone["widget"] == 1
    with browser.stream(after=newest) as stream:
        assert browser.say("Still there?") == newest + 1
        stream.event("message", text="About: Still there?")
        assert [e.number for e in numbered(stream.events)] == [newest + 1, newest + 2]
    told = [e.data["text"] for e in browser.history(newest + 2)]
    assert told == ["About: Hello?", "Still there?", "About: Still there?"]


def test_two_gateways_show_what_the_other_was_told(
    site: Site,
    database: Database,
    assistant: AssistantDouble,
    workspace: SandboxServer,
    tmp_path: Path,
) -> None:
    key = {"ENCRYPTION_KEY": site.settings.encryption_key}
    with running_site(database, tmp_path, assistant, workspace, **key) as other:
        here = site.browser()
        there = replace(here, url=other.url)
        with here.stream() as one, there.stream() as two:
            for number in range(4):
                (here, there)[number % 2].say(f"Question {number}")
            for stream in (one, two):
                stream.wait_for(
                    lambda events: sum("id" not in e.data for e in numbered(events)) == 4
                )
                assert [e.number for e in numbered(stream.events)] == list(range(1, 9))
            there.send("DELETE", "conversation")
            one.event("deleted")
        other.wait_until_idle()
