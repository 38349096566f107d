"""Whatever an outsider says, sends or forges: no word marked internal comes back.

Every internal text carries a canary (tests/privacy/canary.py). A few hundred cases each run.
With HRBOT_TEST_FULL=1 it is fifty thousand that begin where understanding ends: an action,
with anything understood and remembered, to the gateway's exit. Understanding itself costs most
of a turn, so three thousand conversations go all the way; each gate alone gets ten thousand.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck, given
from hypothesis import settings as cases
from hypothesis import strategies as st
from sqlalchemy import event, select
from threadpoolctl import threadpool_limits

from bot.db.models import OutboxRow, Program
from bot.faq.book import PLACEHOLDER, read_yaml
from bot.gateway.feedback import Feedback
from bot.gateway.outbox import _may_leave
from bot.gateway.prompts import load_prompts
from bot.gateway.replies import is_visible
from bot.prepare import prepare_database
from bot.privacy.audience import AUDIENCES, CANDIDATE, EMPLOYEE, may_see, narrowest, reader_from
from bot.programs import replies
from bot.programs.eligibility import JobFacts
from bot.programs.eligibility_replies import first_reply
from bot.settings import ROOT, load_settings
from bot.tensorflow_standin import keep_out_unless_needed
from tests.e2e.stack import trained_model

from .canary import CANARY, Wall, canaried_book, canary_catalogue
from .forging import BOOK, INTERNAL, INTERNAL_PROGRAMS, audiences, meanings, texts

if TYPE_CHECKING:
    from .outsider import House

FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
TODAY = date(2026, 11, 23)
FILLED_IN = {
    key: "x"
    for variants in BOOK.responses.values()
    for variant in variants
    for key in PLACEHOLDER.findall(variant.text)
}
ACTIONS = read_yaml(ROOT / "domain.yml")["actions"]
PROGRAM_IDS = [program["id"] for program in INTERNAL_PROGRAMS]
CALM = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
}
WHATEVER_IS_UNDERSTOOD = cases(max_examples=50_000 if FULL else 100, **CALM)
WITH_THE_ASSISTANT = cases(max_examples=3_000 if FULL else 60, **CALM)
AT_A_GATE = cases(max_examples=10_000 if FULL else 100, **CALM)
IN_THE_CATALOGUE = cases(max_examples=5_000 if FULL else 60, **CALM)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give the assistant with canaries in all that is internal."""
    folder = tmp_path_factory.mktemp("wall")
    none = folder / "none.env"
    model = trained_model(load_settings({}, none))
    keep_out_unless_needed(model)
    # Only now: with it comes Rasa, and TensorFlow if nobody keeps it out.
    from .outsider import House

    settings = load_settings({"HRBOT_VAR_DIR": str(folder)}, none)
    prepare_database(settings)
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr("bot.faq.nlg.load_book", lambda *_: canaried_book())
        found = House(settings, model)
        event.listen(found.database.engine, "connect", _without_waiting_for_the_disk)
        found.database.dispose()
        with found.database.write() as session:
            canary_catalogue(session)
        # Many threads for small products cost more than they save.
        with threadpool_limits(1):
            yield found
        found.close()
    structlog.configure(**before)


@pytest.fixture(scope="module")
def wall(house: House) -> Wall:
    with house.database.read() as session:
        return Wall(BOOK, session.scalars(select(Program)).all())


def _fine(*_: Any) -> bool:
    return True


def _without_waiting_for_the_disk(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


# What is to be proved can fail


def test_an_employee_does_see_the_canary(house: House, wall: Wall) -> None:
    visitor = house.visitor(EMPLOYEE, "slack")
    said, payload = visitor.says(EMPLOYEE, text="when is payday")
    assert wall.holes(said)
    assert wall.holes(payload)
    said, _ = visitor.says(EMPLOYEE, text="tuition assistance program details")
    assert wall.holes(said)


def test_the_wall_has_much_behind_it(wall: Wall) -> None:
    assert len(wall.topics) > 50
    assert len(wall.titles) > 50
    assert len(wall.programs) > 20
    assert wall.holes([{"buttons": [{"title": next(iter(wall.titles))}]}])
    assert wall.holes({"meaning": {"intent": next(iter(wall.topics))}})
    assert wall.holes({"entities": {"program": next(iter(wall.programs))}})
    assert wall.holes([{"text": "You are welcome."}]) == []


# The decision

readers = audiences()


@given(readers, readers)
@AT_A_GATE
def test_only_the_exact_word_opens(reader: Any, audience: Any) -> None:
    if may_see(reader, audience):
        assert audience in ("both", CANDIDATE) or (reader, audience) == (EMPLOYEE, EMPLOYEE)
    assert not (may_see(reader, EMPLOYEE) and reader != EMPLOYEE)
    assert not (may_see(reader, audience) and audience not in AUDIENCES)


@given(st.dictionaries(st.sampled_from(["audience", "Audience", "person", "place"]), readers))
@AT_A_GATE
def test_metadata_makes_an_employee_of_nobody_else(metadata: dict[str, Any]) -> None:
    assert (reader_from(metadata) == EMPLOYEE) == (metadata.get("audience") == EMPLOYEE)
    assert reader_from([metadata]) == CANDIDATE


@given(st.lists(readers, max_size=4))
@AT_A_GATE
def test_a_whole_is_as_internal_as_its_most_internal_part(parts: list[Any]) -> None:
    whole = narrowest(parts)
    assert may_see(CANDIDATE, whole) == (
        bool(parts) and all(p in ("both", CANDIDATE) for p in parts)
    )


# The answer book, prompts, suggestions, what is near


@pytest.mark.parametrize("reader", [CANDIDATE, "Employee", "", "both"])
def test_no_response_says_anything_internal(house: House, wall: Wall, reader: str) -> None:
    for name in house.book.responses:
        answer = house.book.say(name, reader, FILLED_IN, {})
        if answer is not None:
            assert wall.holes([answer.text, answer.buttons, answer.metadata["audience"]]) == [], (
                name
            )
            assert CANARY not in json.dumps(answer.metadata, default=str), name


def test_prompts_and_categories_name_nothing_internal(wall: Wall) -> None:
    prompts = load_prompts(ROOT / "data", BOOK)
    for month in range(1, 13):
        offered = list(prompts.current(CANDIDATE, date(2027, month, 15)))
        assert {p.topic for p in offered} & wall.topics == set()
    for name, _ in prompts.categories_for(CANDIDATE):
        assert {topic for topic, _ in prompts.topics_of(name, CANDIDATE)} & wall.topics == set()
    assert not any(is_visible(BOOK, topic, CANDIDATE) for topic in INTERNAL)


@given(st.lists(st.sampled_from(INTERNAL) | st.text(max_size=9), min_size=1, max_size=5))
@AT_A_GATE
def test_what_comes_near_an_answer_is_nothing_internal(
    house: House, wall: Wall, near: list[str]
) -> None:
    feedback = Feedback(house.database, None, house.replies, None, None)  # type: ignore[arg-type]
    answer = _Answered([{"label": topic, "topic": topic, "confidence": 0.9} for topic in near])
    assert wall.holes(list(feedback._near(answer, CANDIDATE))) == []


class _Answered:
    def __init__(self, candidates: list[dict[str, Any]]) -> None:
        self.candidates, self.topic, self.topics = candidates, None, []


# The catalogue

ids = st.lists(st.sampled_from(PROGRAM_IDS), max_size=4)


@given(texts(), ids, st.sampled_from(INTERNAL))
@IN_THE_CATALOGUE
def test_the_catalogue_tells_an_outsider_nothing_internal(
    house: House, wall: Wall, text: str, listed: list[str], topic: str
) -> None:
    with house.database.read() as session:
        said = [
            replies.reply_to_search(session, text, CANDIDATE),
            replies.reply_with_details(session, text, CANDIDATE, TODAY),
            replies.page_reply(session, listed, CANDIDATE),
            replies.reply_about_topic(session, topic, CANDIDATE),
            replies.deadlines_reply(session, CANDIDATE, TODAY, text),
            replies.deadlines_reply(session, CANDIDATE, TODAY, "", listed),
            replies.more_deadlines_reply(session, listed, CANDIDATE, TODAY, TODAY),
            first_reply(session, None, JobFacts(), CANDIDATE, TODAY),
        ]
        button = replies.button_for_topic(session, topic, CANDIDATE)
    for reply in said:
        assert wall.holes([reply.text, [b.title for b in reply.buttons], reply.programs]) == []
        assert not set(PROGRAM_IDS) & _named_in(reply.buttons), reply.buttons
        assert may_see(CANDIDATE, reply.audience)
    assert button is None or not set(PROGRAM_IDS) & _named_in([button])


def _named_in(buttons: Any) -> set[str]:
    meanings = [json.loads(button.payload) for button in buttons]
    return {value for m in meanings for value in (m.get("entities") or {}).values()}


# From an action to the exit, with a tracker in which anything may stand


@given(
    action=st.sampled_from(ACTIONS),
    text=texts(),
    meaning=meanings(),
    programs=ids,
    topics=st.lists(st.sampled_from(INTERNAL), max_size=3),
    audience=audiences().filter(lambda a: a != EMPLOYEE),
)
@WHATEVER_IS_UNDERSTOOD
def test_an_outsider_hears_nothing_internal_whatever_is_understood_and_remembered(
    house: House, wall: Wall, action: str, **forged: Any
) -> None:
    visitor = house.visitor()
    messages = []
    for response in house.act(action, _tracker(visitor.conversation, **forged)):
        buttons = [{**b, "payload": json.loads(b["payload"])} for b in response["buttons"]]
        shown = {k: v for k, v in response.items() if k not in ("response", "template")}
        assert wall.holes({**shown, "buttons": buttons}, forged["text"]) == [], (action, response)
        messages += _spoken(house, response, buttons)
    for message in messages:
        assert wall.holes(message["text"], forged["text"]) == []
    topics = forged["topics"]
    understood = {"decision": "answer", "kind": "faq", "topic": None, "topics": topics}
    payload = house.leaves(visitor.conversation, "turn:x", {**understood, "messages": messages})
    assert wall.holes(payload, forged["text"]) == []


def _spoken(
    house: House, response: dict[str, Any], buttons: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return what an action's response becomes, as the channel hands it to the gateway."""
    text, metadata = response["text"], response.get("metadata") or {}
    if response["response"]:
        answer = house.book.say(response["response"], CANDIDATE, FILLED_IN, response)
        if answer is None:
            return []
        text, metadata = answer.text, answer.metadata
    meant = [{"title": b["title"], "meaning": b["payload"]} for b in buttons]
    return [{"text": text, "buttons": meant, "metadata": metadata}] if text else []


def _tracker(
    conversation: str, text: str, meaning: dict, programs: list, topics: list, audience: Any
) -> dict[str, Any]:
    metadata = {"audience": audience, "choice": True, "place": "private"}
    entities = [{"entity": k, "value": v} for k, v in (meaning.get("entities") or {}).items()]
    guesses = [{"topic": t, "label": t, "confidence": 0.5, "title": "x"} for t in topics]
    parsed = {
        "text": text,
        "intent": {"name": meaning["intent"], "confidence": 0.5},
        "entities": entities,
        "decision": {"kind": "faq", "topics": topics, "candidates": guesses},
        "message_id": "turn-2",
        "metadata": metadata,
    }
    earlier = {**parsed, "message_id": "turn-1", "intent": {"name": "clarify"}, "entities": []}
    heard = {
        "event": "bot",
        "text": f"Dental is {CANARY}",
        "data": {"buttons": [{"title": CANARY, "payload": json.dumps(meaning)}]},
        "metadata": {"utter_action": "utter_clarify", "metadata": {"audience": EMPLOYEE}},
    }
    slots = {
        "program": programs[0] if programs else None,
        "programs_shown": programs,
        "programs_rest": programs,
        "rest_from": None,
    }
    user = {"event": "user", "text": text, "metadata": metadata}
    return {
        "sender_id": conversation,
        "slots": slots,
        "latest_message": parsed,
        "events": [
            {**user, "parse_data": earlier, "message_id": "turn-1"},
            heard,
            {**user, "parse_data": parsed, "message_id": "turn-2"},
        ],
        "active_loop": {},
    }


# The gateway's exit


@given(st.lists(readers, max_size=3), st.booleans())
@IN_THE_CATALOGUE
def test_nothing_leaves_whose_audience_is_not_public(
    house: House, said_for: list[Any], is_web: bool
) -> None:
    visitor = house.visitor(CANDIDATE, "web" if is_web else "slack")
    messages = [
        {"text": CANARY if audience not in ("both", CANDIDATE) else "fine", "buttons": []}
        | ({"metadata": {"audience": audience}} if audience is not None else {})
        for audience in said_for
    ]
    reply = {"messages": messages, "decision": "answer", "kind": "faq", "topic": None}
    assert CANARY not in json.dumps(house.leaves(visitor.conversation, "turn:x", reply))
    with house.database.read() as session:
        for audience in said_for:
            row = OutboxRow(conversation_id=visitor.conversation, audience=audience)
            assert _may_leave(session, row) == (audience in ("both", CANDIDATE))


# All of it: the trained assistant, turn after turn

turns = st.one_of(
    texts().map(lambda text: ("says", text)),
    texts().map(lambda text: ("says", text)),
    st.integers(0, 20).map(lambda number: ("clicks", number)),
    st.integers(0, 20).map(lambda number: ("types a title", number)),
    meanings().map(lambda meaning: ("has a button", meaning)),
    st.just(("clicks another's", None)),
    texts().map(lambda text: ("was an employee", text)),
)


@given(st.lists(turns, min_size=1, max_size=4), st.sampled_from(["web", "slack"]))
@WITH_THE_ASSISTANT
def test_the_assistant_tells_an_outsider_nothing_internal(
    house: House, wall: Wall, said: list[tuple[str, Any]], kind: str
) -> None:
    visitor = house.visitor(CANDIDATE, kind)
    for what, detail in said:
        if what == "was an employee":
            # In Slack, where they ask decides; what was said before must not come back.
            visitor.says(EMPLOYEE, text=detail)
            continue
        body = _body(house, visitor, what, detail)
        messages, payload = visitor.says(CANDIDATE, **body)
        if messages is None:
            assert what in ("clicks another's", "clicks")
            continue
        own = body.get("text", "")
        assert wall.holes(messages, own) == [], (said, messages)
        assert wall.holes(payload, own) == [], (said, payload)
    visitor.leaves_for_good()


def _body(house: House, visitor: Any, what: str, detail: Any) -> dict[str, Any]:
    if what == "clicks" and visitor.choices:
        return {"choice": visitor.choices[detail % len(visitor.choices)]}
    if what == "types a title" and visitor.titles:
        return {"text": visitor.titles[detail % len(visitor.titles)]}
    if what == "has a button":
        return {"choice": visitor.is_given(detail, "Tell me")}
    if what == "clicks another's":
        return {"choice": house.visitor(EMPLOYEE, "slack").is_given({"intent": INTERNAL[0]}, "x")}
    return {"text": detail if isinstance(detail, str) else "more"}
