"""What candidates say and read, over HTTP and on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.db.models import Conversation, InboxRow, OutboxRow, WidgetEvent

from ...privacy.planted import EMAIL, OTHER_PHONE
from ..servers import AssistantDouble, reply
from .site import Site


def test_a_question_is_answered_live(site: Site, assistant: AssistantDouble) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        stream.wait_for(lambda events: stream.comments)
        number = browser.say("Which jobs are open?", "first-one")
        asked = stream.event("message", id="first-one")
        assert (asked.data["from"], asked.data["text"]) == ("me", "Which jobs are open?")
        assert asked.number == asked.data["event"] == number
        answered = stream.event("message", text="About: Which jobs are open?")
        assert answered.data["from"] == "assistant"
        assert answered.number == number + 1
        stream.event("typing", on=False)
    request = assistant.received[0]
    assert request["audience"] == "candidate"
    assert request["conversation"].startswith("web:")
    assert request["person"] is None
    assert not request["is_outside"]


def test_nobody_learns_the_id_of_a_conversation(site: Site) -> None:
    browser = site.browser()
    newest = browser.say("Which jobs are open?")
    site.wait_until_idle()
    [conversation] = site.rows(Conversation)
    shown = "".join(str(event) for event in browser.history(newest + 1))
    assert conversation.id not in shown + browser.token
    assert conversation.id.removeprefix("web:") not in shown + browser.token


def test_sending_the_same_again_runs_nothing(site: Site, assistant: AssistantDouble) -> None:
    browser = site.browser()
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: browser.say("Hello?", "the-same-id"), range(8)))
    site.wait_until_idle()
    assert set(numbers) == {1}
    assert len(site.rows(InboxRow)) == len(assistant.received) == 1
    assert [e.data["from"] for e in browser.history(2)] == ["me", "assistant"]


def test_the_same_id_of_another_session_is_another_message(site: Site) -> None:
    for browser in (site.browser(), site.browser()):
        browser.say("Hello?", "the-same-id")
    assert len(site.rows(InboxRow)) == 2


def test_messages_keep_their_order(site: Site, assistant: AssistantDouble) -> None:
    browser = site.browser()
    said = [f"Question {number}" for number in range(6)]
    for text in said:
        browser.say(text)
    with browser.stream() as stream:
        stream.wait_for(lambda events: len(stream.texts("assistant")) == 6)
    assert stream.texts("me") == said
    assert stream.texts("assistant") == [f"About: {text}" for text in said]
    assert [request["text"] for request in assistant.received] == said
    numbers = [event.number for event in stream.events if event.number is not None]
    assert numbers == list(range(1, 13))


def test_history_after_a_reload_shows_what_is_stored(site: Site) -> None:
    browser = site.browser()
    browser.say(f"I am Robin, {EMAIL}, {OTHER_PHONE}")
    site.wait_until_idle()
    asked, _, told = browser.history(3)
    assert asked.data["text"] == "I am [name], [email], [phone]"
    assert "from your message before saving it, so neither" in told.data["text"]
    stored = "".join(str(event.payload) for event in site.rows(WidgetEvent))
    assert EMAIL not in stored


def test_a_stream_resumes_after_the_last_event(site: Site) -> None:
    browser = site.browser()
    for text in ("One?", "Two?"):
        browser.say(text)
        site.wait_until_idle()
    with browser.stream(after=2) as stream:
        stream.event("message", text="About: Two?")
        assert [e.number for e in stream.events if e.number] == [3, 4]
    with browser.stream(after=4) as stream:
        browser.say("Three?")
        stream.event("message", text="About: Three?")
        assert [e.number for e in stream.events if e.number] == [5, 6]


def test_two_tabs_see_the_same(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as one, browser.stream() as other:
        browser.say("Hello?")
        for stream in (one, other):
            stream.event("message", text="About: Hello?")
            assert [e.number for e in stream.events if e.number] == [1, 2]


def test_choices_are_pressed_and_only_where_they_were_offered(
    site: Site, assistant: AssistantDouble
) -> None:
    button = {"title": "How to apply", "meaning": {"intent": "careers/how_to_apply"}}
    message = {"text": "One of these?", "buttons": [button], "metadata": {"audience": "both"}}
    assistant.answer = lambda body: reply(messages=[message], decision="clarify")
    browser = site.browser()
    with browser.stream() as stream:
        browser.say("apply")
        [choice] = stream.event("message", text="One of these?").data["choices"]
        assert choice["text"] == "How to apply"
        assert browser.press(choice).status_code == 202
        stream.event("message", text="How to apply", **{"from": "me"})
        site.wait_for(lambda: len(assistant.received) == 2)
    assert assistant.received[1]["choice"] == choice["id"]
    refused = site.browser().press(choice)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "choice_unknown")
    assert refused.json()["error"]["message"].startswith("That button has expired.")


def test_what_names_no_audience_is_not_said(site: Site, assistant: AssistantDouble) -> None:
    assistant.answer = lambda body: reply("A secret", audience=None)
    browser = site.browser()
    with browser.stream() as stream:
        browser.say("What is secret?")
        stream.event("form")
        assert "A secret" not in "".join(stream.texts("assistant"))
    assistant.answer = lambda body: reply("For employees only", audience="employee")
    browser.say("And now?")
    site.wait_until_idle()
    shown = "".join(str(e) for e in site.rows(WidgetEvent)[-1].payload.values())
    assert "For employees only" not in shown


def test_who_waits_long_hears_of_it_and_then_gets_the_answer(
    site: Site, assistant: AssistantDouble
) -> None:
    assistant.answer = lambda body: (503, {"error": "no_model"})
    browser = site.browser()
    with browser.stream() as stream:
        browser.say("Are you there?")
        site.wait_for(lambda: assistant.received)
        site.clock.shift += type(site.clock.shift)(seconds=5)
        stream.event("message", text="Still looking, one moment…")
        assert stream.events[-1].data == {"on": True} or stream.event("typing", on=True)
        assistant.answer = lambda body: reply("Here I am.", audience="both")
        stream.event("message", text="Here I am.")
        stream.event("typing", on=False)
    assert stream.texts("assistant") == ["Still looking, one moment…", "Here I am."]


def test_links_come_apart_from_the_text(site: Site, assistant: AssistantDouble) -> None:
    answer = "See [our jobs](https://jobs.example/x), **today**."
    assistant.answer = lambda body: reply(answer, audience="both")
    browser = site.browser()
    browser.say("jobs")
    site.wait_until_idle()
    data = browser.history(2)[1].data
    assert data["text"] == "See our jobs, today."
    assert data["links"] == [{"text": "our jobs", "url": "https://jobs.example/x"}]


def test_a_stream_says_at_once_that_it_is_open(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        stream.wait_for(lambda events: stream.comments[:1] == [": open"])


def test_an_answer_is_shown_by_the_transaction_that_ends_its_turn(site: Site) -> None:
    browser = site.browser()
    with browser.stream() as stream:
        browser.say("Which jobs are open?")
        stream.event("message", text="About: Which jobs are open?")
    [turn], [answer] = site.rows(InboxRow), site.rows(OutboxRow)
    # Nobody had to take it out of the outbox first.
    assert (answer.status, answer.attempts) == ("sent", 0)
    assert (turn.status, turn.finished_at <= answer.finished_at) == ("answered", True)
